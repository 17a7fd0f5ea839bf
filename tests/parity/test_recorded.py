"""NFTsim's own test cases: its models, run with its habits, give what its authors recorded."""

from __future__ import annotations

from pathlib import Path

import pytest

from nftsim.cli import main
from tests.parity.recorded import read_recording, worst_column

CASES = [
    "coupling-map",
    "e-cortical",
    "e-erps",
    "eirs-aerp",
    "eirs-eyes-closed",
    "eirs-spindles",
    "stimulus-white-no-grid",
    "stimulus-white-rectangular-grid",
    "stimulus-white-square-grid",
]
TOLERANCE = 1e-9


@pytest.mark.parametrize("case", CASES)
def test_recorded_output_of_nftsim(case: str, reference: Path, tmp_path: Path) -> None:
    folder, run = reference / "nftsim-tests", tmp_path / "run.h5"
    assert main(["run", str(folder / f"{case}.conf"), "-o", str(run), "--compat", "nftsim"]) == 0
    worst = worst_column(run, read_recording(folder / f"{case}.output"))
    print(f"{case}: {worst:.2g}")
    assert worst < TOLERANCE
