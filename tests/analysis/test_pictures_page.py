"""The commands and the code of docs/pictures.md run, and its pictures are there and small."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from analysis import plot
from nftsim.cli import main
from nftsim.engine.simulate import run_to_file
from nftsim.model import load_model


@pytest.fixture
def page(root: Path) -> str:
    return (root / "docs" / "pictures.md").read_text(encoding="utf-8")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with smaller ones of the runs that the page draws."""
    monkeypatch.chdir(tmp_path)
    run_to_file(load_model("e-erps", {"output.interval": 2.0**-10}), tmp_path / "erp.h5")
    wake = {"nodes": 400, "time": 16.0, "output.start": 0}
    run_to_file(load_model("eirs-wake", wake), tmp_path / "wake.h5")
    return tmp_path


def test_pictures_are_there_and_small(root: Path, page: str) -> None:
    named = re.findall(r"!\[.+?\]\((.+?)\)", page, flags=re.DOTALL)
    assert len(named) >= 13
    for name in named:
        assert 5e3 < (root / "docs" / name).stat().st_size < 4e5, name
    kinds = {Path(name).stem.removeprefix("plot-") for name in named}
    assert set(plot.KINDS) <= kinds


def test_what_the_page_says_runs(folder: Path, page: str) -> None:
    commands = [" ".join(c.split()) for c in re.findall(r"`(nftsim plot [^`]*--kind[^`]*)`", page)]
    assert len(commands) >= 9
    for command in commands:
        assert main(command.split()[1:]) == 0, command
    scope: dict[str, Any] = {}
    (example,) = re.findall(r"^```python\n(.*?)^```", page, flags=re.DOTALL | re.MULTILINE)
    exec(compile(example, "pictures.md", "exec", dont_inherit=True), scope)
    assert {"two-nodes.pdf", "stencil.svg", "erp.gif"} <= {p.name for p in folder.iterdir()}
