"""What NFTsim gets wrong we get as a copy of it does whose defects are mended: see ``source``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from nftsim.model import load_model
from tests.parity.tables import read_table, recorded, worst_number

CASES: dict[str, dict[str, Any]] = read_table("mended.json")["cases"]
TOLERANCE = 1e-9


@pytest.mark.parametrize("case", CASES)
def test_numbers_of_mended_nftsim(case: str, tmp_path: Path) -> None:
    file = tmp_path / "case.conf"
    file.write_text(CASES[case]["conf"], encoding="utf-8")
    run = recorded(load_model(file, compat=True), tmp_path / "run.output")
    worst, column = worst_number(run, CASES[case]["columns"])
    print(f"{case}: {worst:.2g} ({column})")
    assert worst <= TOLERANCE
