"""``nftsim study``: one command from a model to a verdict, and what it refuses."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import re
import struct
import termios
from io import StringIO
from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml

from analysis.agreement import BANDS
from analysis.study import running, settings
from nftsim.cli import main
from nftsim.model import load_model, to_conf
from nftsim.theory.fixed_points import steady_states
from tests.theory.delayed_loops import loop
from workflow.lib.settings import checked

#: Models of the library without noise.
SILENT = ("emirs", "e-erps")
QUICK = ("--duration", "1.5", "--warmup", "0.5", "--seeds", "1-2", "--cores", "2")


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.mark.slow
def test_one_command_says_everything_and_goes_on(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], root: Path
) -> None:
    text = (root / "nftsim/models/eirs-wake.conf").read_text().replace("1e-04", "5e-04")
    (tmp_path / "my model.conf").write_text(text)
    command = ["study", "my model.conf", "-o", "out", *QUICK]
    assert main(command) == 0
    out = capsys.readouterr().out
    assert out.startswith("3 fixed points (certainly all); rates Q [s^-1]:\n  1  Excitatory 7.59")
    assert "stable; deviations decay by" in out
    assert "propagator.1.phi: 2 runs of 1.5 s, each after 0.5 s of warm-up, on 12 x 12 nodes" in out
    assert "\nverdict: insufficient\n" in out
    assert "too little data for a verdict" in out
    place = tmp_path / "out/results/my-model"
    figure, runs, log = out.splitlines()[-3:]
    assert figure.startswith("figure: out/results/my-model/agreement.png (and .pdf)")
    assert runs.startswith("runs: out/results/my-model/1/main.h5 and those of the other seeds")
    assert log.startswith("log: out/study.log")
    assert out.count("insufficient\n") == len(BANDS) + 1
    assert json.loads((place / "comparison.json").read_text())["verdict"] == "insufficient"
    assert len(json.loads((place / "steady.json").read_text())["fixed_points"]) == 3
    runs = [place / seed / "main.h5" for seed in ("1", "2")]
    made = [path.stat().st_mtime_ns for path in [*runs, place / "comparison.json"]]
    # again: nothing is made anew, and the same is said
    assert main(command) == 0
    assert capsys.readouterr().out == out
    assert "Nothing to be done" in (tmp_path / "out" / running.LOG).read_text()
    assert [path.stat().st_mtime_ns for path in [*runs, place / "comparison.json"]] == made


@pytest.mark.parametrize(
    ("text", "word"),
    [
        (
            "Select jobs\nwarmup x 1: not settled. Longer.\nRuleException:\nbad\n",
            "not settled. Longer.",
        ),
        ("warmup_x_1: seed 1: it left\nRuleException:\nbad\n", "seed 1: it left"),
        ("Traceback\n  x\nKeyError: 'y'\nRuleException:\nbad\n", "KeyError: 'y'"),
        ("config.yaml: nothing\n\n", "config.yaml: nothing"),
        ("", "nothing was said"),
    ],
)
def test_of_a_failure_the_word_of_the_job_is_told(text: str, word: str) -> None:
    assert running._last_word(text) == word


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["eirs-wace", "-o", "x"], "Did you mean 'eirs-wake'?"),
        (["eirs-wake", "-o", "no/x"], "no/x: the folder no does not exist; create it first"),
        (["eirs-wake", "-o", "file"], "file: is a file; name a folder for the study"),
        (["eirs-wake", "-o", "full"], "full: is neither empty nor the folder of a study"),
        (
            ["eirs-wake", "-o", "x", "--at", "4"],
            "--at 4: eirs-wake has no such fixed point; give 1",
        ),
        (
            ["eirs-wake", "-o", "x", "--at", "0"],
            "--at 0: eirs-wake has no such fixed point; give 1",
        ),
        (["eirs-wake", "-o", "x", "--trace", "pop.1.qq"], "Did you mean 'pop.1.q'?"),
        (["eirs-wake", "-o", "x", "--duration", "0"], "--duration 0: give a finite time > 0"),
        (["eirs-wake", "-o", "x", "--duration", "1e-3"], "--duration 0.001: is shorter than"),
        (["eirs-wake", "-o", "x", "--warmup", "nan"], "--warmup nan: give a finite time > 0"),
        (["eirs-wake", "-o", "x", "--seeds", "1,x"], "--seeds 1,x: give different whole numbers"),
        (["eirs-wake", "-o", "x", "--seeds", "2,2"], "--seeds 2,2: give different whole numbers"),
        (["eirs-wake", "-o", "x", "--seeds", "4-1"], "--seeds 4-1: give different whole numbers"),
        (["eirs-wake", "-o", "x", "--seeds", "1-3,2"], "or ranges of them, with commas between"),
        (["eirs-wake", "-o", "x", "--seeds", "0-999999999999"], "--seeds 0-999999999999: give"),
        (["eirs-wake", "-o", "x", "--cores", "0"], "--cores 0: give a whole number from 1"),
        (["eirs-wake", "-o", "x", "--set", "output.start=1"], "--set output.start: a study"),
        (["eirs-wake", "-o", "x", "--set", "coupling.1.mu=1"], "has no 'mu'"),
    ],
)
def test_bad_input_is_one_line_and_leaves_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], words: str
) -> None:
    (tmp_path / "file").write_text("mine")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "config.yaml").write_text("mine: 1\n")
    before = sorted(tmp_path.rglob("*"))
    assert main(["study", *arguments]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    (line,) = said.err.splitlines()
    assert words in line
    assert sorted(tmp_path.rglob("*")) == before


def test_a_model_that_stays_at_no_fixed_point_is_refused_after_its_points(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "loop.conf").write_text(to_conf(loop(-30.0, 0.05, 100.0)))
    assert main(["study", "loop.conf", "-o", "x"]) == 2
    said = capsys.readouterr()
    assert said.out.startswith("1 fixed point (certainly all)")
    assert "unstable; deviations grow by" in said.out
    assert "no simulation stays at a fixed point" in said.err.splitlines()[-1]
    assert not (tmp_path / "x").exists()


SATURATED = ["eirs-wake", "--set", "coupling.9.nu=0.0029"]


@pytest.mark.parametrize(("model", "hertz"), [(SATURATED, "20.7"), (["eirs-bursting"], "2.75")])
def test_a_saturated_point_is_no_subject_and_nothing_is_simulated(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], model: list[str], hertz: str
) -> None:
    assert main(["study", *model, "-o", "x"]) == 2
    said = capsys.readouterr()
    assert "the study is around" not in said.out
    warning, line = said.err.splitlines()
    assert "--at 1 takes the lowest" in warning
    assert "no verdict: the only stable fixed point (3 of 3, " in line
    assert f"around the lowest one the model oscillates at {hertz} Hz" in line
    assert not (tmp_path / "x").exists()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("at", "word"), [("1", "fixed point 1 is unstable"), ("3", "is saturated")]
)
def test_a_point_that_is_asked_for_is_simulated_and_told_of_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], at: str, word: str
) -> None:
    quick = ["--set", "nodes=144", "--duration", "0.5", "--warmup", "0.5"]
    assert main(["study", *SATURATED, *quick, "-o", "x", "--at", at]) == 0
    said = capsys.readouterr()
    (note,) = [line for line in said.out.splitlines() if line.startswith("note: ")]
    assert "no verdict, as there is nothing to compare with" in note
    assert word in note
    lines = said.err.splitlines()
    assert len(set(lines)) == len(lines)
    assert not any("--at 1" in line or "did not start so" in line for line in lines)
    steady = json.loads((tmp_path / "x/results/eirs-wake/steady.json").read_text())
    assert steady["chosen"] == int(at)


@pytest.mark.parametrize(
    ("model", "trace", "more"),
    [
        ("eirs-wake", "propagator.1.phi", {}),
        ("eirs-wake", "pop.1.v", {"nodes": 169}),
        ("eirs-eyes-closed", "propagator.1.phi", {}),
        ("emirs", "propagator.1.phi", {}),
        ("e-erps", "propagator.1.phi", {}),
    ],
)
def test_the_configuration_of_a_study_is_one_that_the_workflow_takes(
    tmp_path: Path, model: str, trace: str, more: dict[str, object]
) -> None:
    options = SimpleNamespace(
        model=model,
        set=[f"{k}={v}" for k, v in more.items()],
        duration=None,
        warmup=None,
        seeds=None,
        at=None,
    )
    loaded, changes = settings.loaded(options)
    asked = settings.trace_of(loaded, None if trace == "propagator.1.phi" else trace)
    assert asked == trace
    study = settings.planned(options, loaded, changes, asked, steady_states(loaded), 0, tmp_path)
    study.write(tmp_path)
    config = yaml.safe_load((tmp_path / settings.CONFIG).read_text())
    found = checked(config)["experiments"][model]
    assert found["traces"] == [trace]
    assert (found["comparison"] is None) == (not study.compared) == (model in SILENT)
    assert (found["grid"] == {"nodes": 144}) == (not more and model == "eirs-wake")
    if model in SILENT:
        (note,) = study.notes
        assert f"no verdict, as there is nothing to compare with: {model}: no stimulus" in note


@pytest.mark.parametrize("columns", [0, 80])
def test_on_a_terminal_it_shows_how_far_it_is(
    columns: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours, theirs = pty.openpty()
    fcntl.ioctl(ours, termios.TIOCSWINSZ, struct.pack("HHHH", 24 if columns else 0, columns, 0, 0))
    said = "rule simulate:\n3 of 7 steps (43%) done\nsimulate x 1: odd\n"
    with os.fdopen(theirs, "w") as stream:
        monkeypatch.setattr("sys.stderr", stream)
        done = SimpleNamespace(poll=lambda: 0)
        for quiet in (True, False):
            followed = running._followed(done, StringIO(said), quiet=quiet)  # type: ignore[arg-type]
            assert list(followed) == ["odd"]
            stream.write("|end|")
            stream.flush()
    text = os.read(ours, 65536).decode()
    os.close(ours)
    silent, shown, _ = text.split("|end|")
    assert silent == ""
    lines = shown.strip("\r").split("\r")
    assert any(re.match(r"simulation:  43%\|.*\| 3 of 7 steps, 00:00$", line) for line in lines)
    assert max(map(len, lines)) <= 80


def test_a_folder_is_of_one_model_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = settings.MADE + "\nexperiments: {{eirs-wake: {{model: {}}}}}\n"
    for held in ("ei", "../my/eirs-wake.conf"):
        (tmp_path / "x").mkdir(exist_ok=True)
        (tmp_path / "x" / settings.CONFIG).write_text(text.format(held))
        assert main(["study", "eirs-wake", "-o", "x"]) == 2
        said = capsys.readouterr()
        assert said.out == ""
        (line,) = said.err.splitlines()
        assert line.startswith(f"x: holds the study of the model {held} (named from there)")
        assert "name another folder" in line
        assert (tmp_path / "x" / settings.CONFIG).read_text() == text.format(held)
    # of the same model, or where nothing can be made of it, it goes on
    settings.require_own(tmp_path / "x", "../my/eirs-wake.conf")
    for whole in ("{", "1", "experiments: {a: 1}"):
        (tmp_path / "x" / settings.CONFIG).write_text(whole)
        settings.require_own(tmp_path / "x", "eirs-wake")


def test_noise_at_the_level_of_rounding_leaves_nothing_to_compare_with() -> None:
    states = steady_states(load_model("eirs-wake", {"population.5.stimulus.1.asd": 1e-18}))
    said = settings._no_theory(states, 0, "propagator.1.phi", 5e-3)
    assert "which is no more than rounding" in said
    states = steady_states(load_model("eirs-wake"))
    assert settings._no_theory(states, 0, "propagator.1.phi", 5e-3) == ""


def test_a_sheet_is_not_made_coarser_than_its_waves_allow(tmp_path: Path) -> None:
    model = load_model("eirs-wake", {"propagator.1.range": 0.06, "propagator.4.range": 0.06})
    changes = {"propagator.1.range": "0.06", "propagator.4.range": "0.06"}
    grid, coarse, (note,) = settings._grid(model, changes, "eirs-wake")
    assert grid == {"nodes": 17**2}
    assert coarse.shape == (17, 17)
    assert "--set nodes=900 takes the model's own 30 x 30" in note


def test_without_the_workflow_it_says_what_to_do(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running.analysis, "__file__", str(tmp_path / "site/analysis/__init__.py"))
    assert main(["study", "eirs-wake", "-o", "x"]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "the workflow is not installed" in line
    assert "clone the repository, and there: pip install -e ." in line
