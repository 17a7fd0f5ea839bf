"""A folder to be in, and a small run in it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from nftsim.cli import main
from nftsim.engine.simulate import run_to_file
from nftsim.model import parse_model
from tests.adversarial.checking import LONGEST, little_memory
from tests.adversarial.small import SMALL

Refused = Callable[..., str]


@pytest.fixture(scope="session")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A whole run in HDF5, with a sheet and what all nodes share."""
    path = tmp_path_factory.mktemp("whole") / "whole.h5"
    run_to_file(parse_model(SMALL, "small"), path)
    return path


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working directory with ``small.conf`` in it."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "small.conf").write_text(SMALL)
    return tmp_path


@pytest.fixture
def refused(folder: Path, capfd: pytest.CaptureFixture[str]) -> Refused:
    """Return a function that runs a command, which must be refused in one line, and gives that."""

    def run(*arguments: str) -> str:
        before = set(folder.rglob("*"))
        with little_memory():
            assert main(list(arguments)) == 2
        out, err = capfd.readouterr()
        assert out == ""
        (line,) = err.splitlines()
        assert line.isprintable()
        assert len(line) < 700
        assert set(folder.rglob("*")) == before
        return line

    return run


__all__ = ["LONGEST"]
