"""``nftsim branches`` and ``nftsim map``."""

from __future__ import annotations

import io
import json

import pandas as pd
import pytest

from nftsim.cli import main

BRANCHES = ["branches", "eirs-wake", "--set", "nodes=1", "--parameter", "coupling.9.nu"]
RANGE = ["--from", "0.002", "--to", "0.003"]
MAP = ["map", "eirs-wake", "--set", "nodes=1"]
AXES = ["--x", "coupling.9.nu", "1e-3", "3e-3", "3", "--y", "coupling.10.nu", "-2e-3", "-1e-3", "2"]


def test_branches_as_text(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*BRANCHES, *RANGE]) == 0
    shown = capsys.readouterr().out
    assert "coupling.9.nu from 0.002 to 0.003: 3 branches" in shown
    assert "hopf" in shown
    assert "10.137 Hz" in shown


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
    ("words", "said"),
    [
        ([*BRANCHES, "--from", "1", "--to", "0"], "the smaller one first"),
        ([*BRANCHES, *RANGE, "--samples", "1"], "from 2 to 1000"),
        ([*BRANCHES[:-1], "coupling.9.mu", *RANGE], "Allowed: nu"),
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
