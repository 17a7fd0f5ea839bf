"""The examples of `nftsim plot --help` run."""

from __future__ import annotations

from pathlib import Path

import pytest

from analysis import plot
from nftsim.cli import main
from nftsim.engine.simulate import run_to_file
from nftsim.model import load_model


@pytest.fixture(scope="module")
def wake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The run that the examples draw."""
    path = tmp_path_factory.mktemp("wake") / "wake.h5"
    run_to_file(load_model("eirs-wake", {"nodes": 400, "time": 2.0, "output.start": 0}), path)
    return path


@pytest.mark.parametrize("line", plot.EXAMPLES.strip().splitlines())
def test_an_example_runs(
    line: str, wake: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("wake.h5").symlink_to(wake)
    assert main(line.split()[1:]) == 0
    assert len([p for p in tmp_path.iterdir() if p.name != "wake.h5"]) == 1
