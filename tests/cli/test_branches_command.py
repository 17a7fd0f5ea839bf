"""``nftsim branches`` and ``nftsim map``."""

from __future__ import annotations

import io
import json
import threading
from time import sleep

import pandas as pd
import pytest

from nftsim.cli import main
from nftsim.commands.branches import told

BRANCHES = ["branches", "eirs-wake", "--set", "nodes=1", "--parameter", "coupling.9.nu"]
RANGE = ["--from", "0.002", "--to", "0.003"]
MAP = ["map", "eirs-wake", "--set", "nodes=1"]
AXES = ["--x", "coupling.9.nu", "1e-3", "3e-3", "3", "--y", "coupling.10.nu", "-2e-3", "-1e-3", "2"]


def test_branches_as_text(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*BRANCHES, *RANGE]) == 0
    shown = capsys.readouterr().out
    assert "coupling.9.nu from 0.002 to 0.003: 3 branches" in shown
    assert "hopf" in shown
    (hopf,) = [line for line in shown.splitlines() if "10.137 Hz" in line]
    assert hopf.endswith("; stability changes here")
    assert "certain: they hold every fixed point at 9 values" in shown


def test_branches_as_json_and_csv(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*BRANCHES, *RANGE, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["complete"] is True
    assert found["present"] == pytest.approx(2.661985519e-3)
    first = found["branches"][0]
    assert set(first) == {"values", "Q", "V", "stable", "unstable_roots", "closed", "events"}
    assert len(first["values"]) == len(first["Q"]) == len(first["stable"])
    assert main([*BRANCHES, *RANGE, "--csv", "--no-stability"]) == 0
    table = pd.read_csv(io.StringIO(capsys.readouterr().out))
    assert list(table) == ["branch", "parameter", "Q.1", "Q.2", "Q.3", "Q.4", "unstable_roots"]
    assert set(table["branch"]) == {1, 2, 3}
    assert (table["unstable_roots"] == -1).all()


def test_map(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*MAP, *AXES, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["fixed_points"] == [[1, 1, 3], [1, 3, 3]]
    assert all(all(row) for row in found["complete"])
    assert main([*MAP, *AXES]) == 0
    shown = capsys.readouterr().out
    assert "fixed points:" in shown
    assert "133" in shown


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("nodes", "is of the run and its grid"),
        ("longside", "is of the run and its grid"),
        ("time", "is of the run and its grid"),
        ("deltat", "is of the run and its grid"),
        ("topology", "is of the grid"),
        ("output.interval", "is of the output"),
        ("population.1.q", "is an initial value"),
        ("propagator.1.phi", "is an initial value"),
        ("dendrite.1.v", "is an initial value"),
        ("population.5.stimulus.1.asd", "(White), of which the mean alone matters"),
        ("population.5.stimulus.onset", "(White), of which the mean alone matters"),
        ("coupling.9.nu, time", "is of the run and its grid"),
    ],
)
def test_what_moves_no_fixed_point_is_refused(
    path: str, why: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*BRANCHES[:-1], path, *RANGE]) == 2
    shown = capsys.readouterr()
    (line,) = shown.err.strip().splitlines()
    assert line.startswith(f"--parameter {path.split(', ')[-1]}: it ")
    assert f"{why}, and moves no fixed point; give a number of a coupling" in line


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([*BRANCHES, "--from", "1", "--to", "0"], "the smaller one first"),
        ([*BRANCHES, "--from", "1", "--to", "1"], "--from 1 --to 1: give finite numbers"),
        ([*BRANCHES, "--from", "0", "--to", "nan"], "--from 0 --to nan: give finite numbers"),
        ([*BRANCHES, *RANGE, "--samples", "1"], "from 2 to 1000"),
        (
            [*BRANCHES[:-1], "coupling.9.mu", *RANGE],
            "--parameter coupling.9.mu: Coupling 9 (Map) has no",
        ),
        ([*MAP, "--x", "coupling.9.mu", "0", "1", "3", *AXES[5:]], "--x coupling.9.mu: Coupling 9"),
        ([*MAP, *AXES[:5], "--y", "coupling.9.nu", "0", "1", "3"], "is along x and y"),
        ([*MAP, "--x", "nodes", "1", "9", "3", *AXES[5:]], "--x nodes: it is of the run and its"),
        ([*MAP, *AXES[:4], "some", *AXES[5:]], "how many values"),
        ([*MAP, *AXES[:4], "1", *AXES[5:]], "2 to 1000 values"),
    ],
)
def test_bad_input_is_one_line(
    words: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(words) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert said in shown.err
    assert len(shown.err.strip().splitlines()) == 1


def test_progress_is_shown_on_a_terminal_alone(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nftsim.commands.branches.FIRST", 0.01)
    monkeypatch.setattr("nftsim.commands.branches.EVERY", 0.01)
    with told() as progress:
        progress(0.5)
        sleep(0.05)
    assert capsys.readouterr().err == ""
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    with told() as progress:
        progress(0.5)
        sleep(0.5)  # nothing is told any more, but the time goes on
    shown = capsys.readouterr().err
    assert " 50%" in shown
    assert shown.count("\r") > 3
    assert shown.endswith("\r")  # it is wiped out


def test_a_refusal_ends_what_shows_progress(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    before = threading.active_count()
    assert main([*BRANCHES[:-1], "nodes", *RANGE]) == 2
    assert threading.active_count() == before
