"""What NFTsim gets wrong we get as a copy of it does whose defects are mended: see ``source``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.parity.tables import read_table, worst_of_text

CASES: dict[str, dict[str, Any]] = read_table("mended.json")["cases"]
TOLERANCE = 1e-9


@pytest.mark.parametrize("case", CASES)
def test_numbers_of_mended_nftsim(case: str, tmp_path: Path) -> None:
    worst, column = worst_of_text(CASES[case], tmp_path)
    print(f"{case}: {worst:.2g} ({column})")
    assert worst <= TOLERANCE
