"""Running the command line within the test process, in a folder of its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from nftsim.cli import main

from ..model.conftest import SMALL


@dataclass
class Result:
    """What a command did: exit code, output, error lines, files that it left, and said it wrote."""

    code: int
    out: str
    err: list[str]
    files: set[str]
    wrote: list[str] = field(default_factory=list)

    def refused(self) -> str:
        """Return the one line of a refusal, after checking that it is one and left nothing."""
        assert self.code == 2, (self.code, self.err)
        assert self.out == ""
        assert self.files == set()
        assert not self.wrote
        (line,) = self.err
        assert line.isprintable()
        return line


Command = Callable[..., Result]
Edited = Callable[..., str]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working directory with a small model in it, ``small.conf``."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "small.conf").write_text(SMALL)
    return tmp_path


@pytest.fixture
def nftsim(folder: Path, capsys: pytest.CaptureFixture[str]) -> Command:
    """Return a function that runs ``nftsim`` with arguments."""

    def run(*arguments: object) -> Result:
        before = set(folder.rglob("*"))
        try:
            code = main([str(a) for a in arguments])
        except SystemExit as exit_:  # argparse ends so
            code = int(exit_.code or 0)
        captured = capsys.readouterr()
        new = {str(p.relative_to(folder)) for p in set(folder.rglob("*")) - before}
        said: dict[bool, list[str]] = {True: [], False: []}
        for line in captured.err.splitlines():
            said[line.startswith("wrote ")].append(line)
        return Result(code, captured.out, said[False], new, said[True])

    return run


@pytest.fixture
def edited(folder: Path) -> Edited:
    """Return a function that changes ``small.conf`` by (old, new) pairs."""

    def edit(*pairs: tuple[str, str]) -> str:
        text = SMALL
        for old, new in pairs:
            assert old in text, old
            text = text.replace(old, new)
        (folder / "small.conf").write_text(text)
        return "small.conf"

    return edit
