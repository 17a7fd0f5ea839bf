"""Measuring: programs in turn, each in a process of its own, and the command."""

import json
import sys
from dataclasses import replace

import pytest

from analysis.benchmark import cases, machine, process, report
from analysis.benchmark.__main__ import main
from analysis.benchmark.cases import QUICK, Case, Extent
from analysis.benchmark.models import (
    DELTAT,
    SYSTEMS,
    conf,
)
from analysis.benchmark.timing import COLUMNS, Bench
from nftsim.errors import NftsimError
from tests.analysis.made_up_benchmark import PEAKS


def test_groups_put_programs_in_turn():
    groups = list(cases.sheets(QUICK, theirs=True))
    assert len(groups) == len(QUICK.nodes) * len(SYSTEMS)
    assert [c.program for c in groups[0]] == ["ours", "NFTsim"] * 2
    assert [c.output for c in groups[0]] == ["none", "none", "three", "three"]
    assert all(c.program == "ours" for g in cases.sheets(QUICK, theirs=False) for c in g)
    counts = [c.threads for c in next(cases.threads(Extent()))]
    assert counts[:2] == [1, 2]
    assert {c.merge for c in next(cases.merging(QUICK))} == {True, False}
    assert {c.members for g in cases.ensembles(Extent()) for c in g} >= {1, 64}


def test_a_program_is_measured():
    used = process.run([sys.executable, "-c", "x = bytearray(50_000_000); print(len(x), end='')"])
    assert used.output == "50000000"
    assert used.wall > 0
    assert used.user > 0
    with pytest.raises(NftsimError, match="exit code 3"):
        process.run([sys.executable, "-c", "raise SystemExit(3)"])
    with pytest.raises(NftsimError, match="cannot be started"):
        process.run(["/nowhere/nothing"])


def test_a_run_of_ours_is_measured_in_its_own_process(tmp_path, monkeypatch, root):
    monkeypatch.setenv("PYTHONPATH", str(root))
    extent = replace(QUICK, repeats=1, seconds=0.0)
    text = conf("E", 144, 64, output="three")
    case = Case("sheets", "E", text, "three", "ours", "write", 64, 144)
    row = next(Bench(tmp_path, None, extent).group([case]))
    assert list(row) == list(COLUMNS)
    assert row["values"] == 3 * 144 * 2
    assert row["file_kb"] > row["values"] * 8 / 1024
    assert row["wall_s"] > 0
    # the process that runs it, its compiled kernels and their compiler
    assert 50_000 < row["max_rss_kb"] < 2_000_000
    assert row["waves"] == 1
    assert row["scaled"] == pytest.approx(64 * DELTAT / 16)


@pytest.mark.slow
def test_the_command_measures_and_reports(tmp_path, monkeypatch, root, capsys):
    monkeypatch.setenv("PYTHONPATH", str(root))
    monkeypatch.delenv("NFTSIM_CPP", raising=False)
    monkeypatch.setattr(machine, "measure", lambda: PEAKS)
    out = tmp_path / "out"
    code = main(["--quick", "--only", "sheets", "--nodes", "144", "--repeats", "1",
                 "--out", str(out)])  # fmt: skip
    assert code == 0
    assert "not measured" in capsys.readouterr().out
    runs = report.read_runs(out)
    assert list(runs.columns) == list(COLUMNS)
    assert len(runs) == 2 * len(SYSTEMS)
    assert json.loads((out / "machine.json").read_text())["flops"] == PEAKS.flops
    # a suite that is measured later joins what is there
    assert main(["--quick", "--only", "delays", "--nodes", "1024", "--out", str(out)]) == 0
    assert set(report.read_runs(out).suite) == {"sheets", "delays"}


@pytest.mark.parametrize("given", [["--only", "sheet"], ["--nodes", "10"], ["--nodes", "x"]])
def test_mistakes_in_arguments_are_answered(given, capsys):
    with pytest.raises(SystemExit) as error:
        main(given)
    assert error.value.code == 2
    assert given[1] in capsys.readouterr().err


def test_a_missing_nftsim_is_named(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("NFTSIM_CPP", "/nowhere/nftsim")
    assert main(["--quick", "--out", str(tmp_path)]) == 2
    assert "NFTSIM_CPP=/nowhere/nftsim" in capsys.readouterr().err
