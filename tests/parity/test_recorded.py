"""NFTsim's own test cases: the drop-in command gives what its authors recorded, as text."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.parity.recorded import CASES, worst_of_recorded

TOLERANCE = 1e-9


def test_every_recorded_case_is_compared(reference: Path) -> None:
    folder = reference / "nftsim-tests"
    assert sorted(f.stem for f in folder.glob("*.output")) == CASES
    assert len(CASES) == 14


@pytest.mark.parametrize("case", CASES)
def test_recorded_output_of_nftsim(case: str, reference: Path, tmp_path: Path) -> None:
    worst, column = worst_of_recorded(case, reference, tmp_path)
    print(f"{case}: {worst:.2g} ({column})")
    assert worst < TOLERANCE
