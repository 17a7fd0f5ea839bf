"""What the pages tell a newcomer to type works, and prints what they say."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import nftsim
from nftsim.cli import main


def blocks(page: Path, language: str) -> list[str]:
    """Return the examples of a page that are in a language."""
    text = page.read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```", text, flags=re.DOTALL | re.MULTILINE)


def shell(commands: str, folder: Path) -> str:
    """Run commands as in a shell with the environment activated; return what they print."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", commands],
        cwd=folder,
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{commands}\n{done.stderr}"
    other = [line for line in done.stderr.splitlines() if "come round the sheet" not in line]
    assert not any("warning" in line for line in other)
    return done.stdout


@pytest.fixture
def clone(root: Path, tmp_path: Path) -> Path:
    """A folder that has the models where a clone has them."""
    (tmp_path / "nftsim").mkdir()
    (tmp_path / "nftsim" / "models").symlink_to(root / "nftsim" / "models")
    return tmp_path


@pytest.mark.slow
def test_a_newcomer_gets_a_movie_of_the_model(root: Path, clone: Path) -> None:
    page = root / "docs" / "first-model.md"
    printed = "".join(shell(commands, clone) for commands in blocks(page, "sh"))
    told = blocks(page, "text")
    assert told[1] in printed  # what info prints
    assert told[4] in printed  # what steady prints
    model = (clone / "my-model.conf").read_text()
    for lines in told[2:4]:  # the edit by hand is that of sed
        for line in lines.splitlines():
            assert " ".join(line.split()) in " ".join(model.split())
    movie, run = clone / "my-movie.gif", nftsim.read_run(clone / "my-run.h5")
    assert movie.read_bytes()[:6] in (b"GIF87a", b"GIF89a")
    assert movie.stat().st_size > 1e5
    assert (clone / "my-run.html").stat().st_size > 1e6
    phi = run["propagator.1.phi"]
    assert phi[0].std() < 1e-9 * phi.mean() < phi[60].std()  # only the pulses move anything
    stronger = nftsim.read_run(clone / "stronger.h5")
    assert stronger.model.connection(1).propagator.gamma == 60


def test_the_mistake_that_the_page_suggests_is_answered(clone: Path) -> None:
    text = (clone / "nftsim/models/e-erps.conf").read_text()
    (clone / "bad.conf").write_text(re.sub(r"(Coupling 1: .*nu:) 0", r"\1 -0,001", text))
    with pytest.raises(nftsim.NftsimError, match=r"bad.conf:52: Coupling 1"):
        nftsim.load_model(clone / "bad.conf")


def test_the_examples_of_the_viewer(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    shell("nftsim run e-erps -o run.h5 --duration 0.0625", tmp_path)
    (commands,) = blocks(root / "docs" / "viewer.md", "sh")
    shell(commands, tmp_path)
    first = (tmp_path / "run.html").stat().st_size
    (tmp_path / "run.html").unlink()
    scope: dict[str, Any] = {}
    for example in blocks(root / "docs" / "viewer.md", "python"):
        exec(compile(example, "viewer.md", "exec", dont_inherit=True), scope)
    assert (tmp_path / "run.html").stat().st_size == pytest.approx(first, abs=20)


#: Commands of a page → what makes them small enough for a test.
SMALLER = {
    "nftsim run": " --duration 0.125 --set output.start=0 --set nodes=144",
    "nftsim spectrum eirs": " --set nodes=144",
    "nftsim respond": "",
    "nftsim branches": " --samples 3 --no-stability",
    "nftsim map": "",
}


@pytest.mark.slow
def test_the_commands_of_the_theory(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    commands = [
        line.partition("  #")[0].strip()
        for block in blocks(root / "docs" / "theory.md", "sh")
        for line in block.splitlines()
        if line.startswith("nftsim ")
    ]
    assert len(commands) >= 12
    for command in commands:
        start = next((key for key in SMALLER if command.startswith(key)), "")
        words = shlex.split(command.replace(" 25 --y", " 5 --y") + SMALLER.get(start, ""))
        assert main(words[1:]) == 0, command
        assert capsys.readouterr().out or "run" in words, command


@pytest.mark.slow
def test_the_readme(root: Path, clone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    examples = blocks(root / "README.md", "sh")
    (own,) = [block for block in examples if "cp nftsim/models" in block]
    # a smaller sheet does as well
    shell(own.replace("--duration 2 ", "--duration 0.5 --set nodes=144 "), clone)
    monkeypatch.chdir(clone)
    scope: dict[str, Any] = {}
    for example in blocks(root / "README.md", "python"):
        exec(compile(example, "README.md", "exec", dont_inherit=True), scope)
    assert scope["phi"].shape == (100, 12, 12)
    assert scope["point"].rates[0] == pytest.approx(7.59159, abs=1e-4)
    (experiment,) = [b for b in blocks(root / "README.md", "yaml") if "my-model" in b]
    (clone / "mine.yaml").write_text(experiment)
    (ask,) = [block for block in examples if "mine.yaml" in block]
    planned = shell(
        f"{ask.strip()} --snakefile {root / 'Snakefile'} --dry-run --quiet rules 2>&1", clone
    )
    assert "compare" in planned
