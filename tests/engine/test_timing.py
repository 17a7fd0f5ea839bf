"""How long a run takes is foretold from some of its steps, on the machine that it will run on."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from nftsim.cli import main
from nftsim.engine import native, timing
from nftsim.engine.compile import compile_plan
from nftsim.engine.limits import estimated_time
from nftsim.engine.simulate import run_to_file
from nftsim.engine.timing import step_time
from nftsim.model import load_model

compiled = pytest.mark.skipif(native.interpreted(), reason="the compiler is off")


@compiled
@pytest.mark.parametrize("nodes", [1, 900])
def test_the_time_of_a_run_is_foretold(nodes: int, tmp_path: Path) -> None:
    seconds = {1: 100, 900: 3}[nodes]
    model = load_model("eirs-wake", {"nodes": nodes, "time": seconds, "output.start": 0})
    native.warm()
    run_to_file(model, tmp_path / "first.h5", duration=0.1)
    start = time.thread_time()
    run_to_file(model, tmp_path / "run.h5", checkpoint=0)
    taken = time.thread_time() - start
    plan = compile_plan(model)
    assert 0.5 < estimated_time(plan, step=step_time(plan)) / taken < 1.5


@compiled
def test_timing_takes_a_moment_and_is_left_out_where_it_would_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    native.warm()
    plan = compile_plan(load_model("eirs-wake"))
    start = time.thread_time()
    assert step_time(plan)
    assert time.thread_time() - start < 0.3
    # a model that diverges at once says so when it is run
    wild = {"nodes": 1, "population.1.firing.qmax": 1e308, "coupling.1.nu": 1e308}
    assert step_time(compile_plan(load_model("eirs-wake", wild))) is None
    monkeypatch.setattr(timing, "LARGEST", plan.memory() - 1)
    assert step_time(plan) is None
    monkeypatch.undo()
    monkeypatch.setattr(native, "compiled", lambda: False)
    assert step_time(plan) is None


@compiled
def test_check_says_whether_it_was_timed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    native.warm()
    assert main(["check", "eirs-wake"]) == 0
    assert "us, as timed here on one core" in capsys.readouterr().out
    monkeypatch.setattr(native, "compiled", lambda: False)
    assert main(["check", "eirs-wake"]) == 0
    assert "on one fast core, others take up to three times as long" in capsys.readouterr().out
