"""A field that is no longer finite stops the run, says where and when, and leaves nothing."""

from __future__ import annotations

import math
import re
from pathlib import Path

import numpy as np
import pytest

from nftsim.cli import main
from nftsim.engine.advance import require_finite
from nftsim.engine.compile import compile_plan
from nftsim.engine.simulate import run_to_file
from nftsim.engine.state import initial_state
from nftsim.errors import SimulationError
from nftsim.model import Model, load_model
from nftsim.reference import simulate
from tests.engine.machinery import rows_of, watched

CONF = """
Time: 1 Deltat: 1e-3
Nodes: 9
Connection matrix:
From: 1 2
To 1: 1 0
To 2: 2 0
Population 1: runaway
Length: 1
Q: 1
Firing: Function: Linear a: 1e6 b: 0
 Dendrite 1: alpha: 100 beta: 300
Population 2: bystander
Length: 1
Q: 1
Firing: Function: Sigmoid Theta: 0.013 Sigma: 0.004 Qmax: 300
 Dendrite 2: alpha: 100 beta: 300
Propagator 1: Map - Tau: 0
Propagator 2: Map - Tau: 0.01
Coupling 1: Map - nu: 0 0 0 0 1 0 0 0.1 0
Coupling 2: Map - nu: 1e-6
Output: Node: All
Population: 1.q
"""


@pytest.fixture
def runaway(tmp_path: Path) -> Path:
    file = tmp_path / "runaway.conf"
    file.write_text(CONF)
    return file


def _message(model: Model, chunk: int | None = None) -> str:
    plan = compile_plan(watched(model))
    with pytest.raises(SimulationError) as caught:
        rows_of(plan, initial_state(plan), model.steps, chunk=chunk)
    return str(caught.value)


def test_runaway_is_named(runaway: Path) -> None:
    model = load_model(runaway)
    with np.errstate(all="ignore"):
        expected = simulate(model, model.steps)
    finite = np.isfinite(expected["pop.1.q"]) & np.isfinite(expected["pop.1.v"])
    step = int(np.argmin(finite.all(axis=(1, 2)))) + 1
    assert 1 < step < model.steps
    message = _message(model)
    found = re.search(
        r"t = (\S+) s \(step (\d+)\): ([VQ]) of population (.*) at node (\d+)", message
    )
    assert found, message
    assert int(found[2]) == step
    assert float(found[1]) == pytest.approx(step * model.deltat)
    assert found[4] == "1 (runaway)"
    assert found[5] == "5"
    assert "\n" not in message


def test_the_step_does_not_depend_on_chunks(runaway: Path) -> None:
    model = load_model(runaway)
    assert _message(model, chunk=7) == _message(model)


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("rows", [1, None])
def test_what_is_not_finite_is_found_at_once(
    bad: float, rows: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A sigmoid would hide an infinite potential."""
    if rows:
        monkeypatch.setattr("nftsim.engine.plan.BLOCK_BYTES", rows)
    model = watched(load_model("eirs-wake", {"nodes": 144}))
    plan = compile_plan(model)
    state = initial_state(plan)
    rows_of(plan, state, 10)
    state.fields[plan.rings[plan.names.index("dendrite.10.v")][0], 100] = bad
    with pytest.raises(
        SimulationError, match=r"step 11\): V of population 4 \(\w+\) at node 101 is"
    ):
        rows_of(plan, state, 10)


def test_nothing_is_left(runaway: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = runaway.parent / "run.h5"
    with pytest.raises(SimulationError, match="diverged"):
        run_to_file(load_model(runaway), target)
    assert main(["run", str(runaway), "-o", str(target)]) == 1
    assert [p.name for p in runaway.parent.iterdir()] == ["runaway.conf"]
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert "population 1 (runaway) at node 5" in error


def test_a_file_that_was_there_is_kept(runaway: Path) -> None:
    target = runaway.parent / "run.h5"
    run_to_file(load_model(runaway), target, duration=0.01)
    earlier = target.read_bytes()
    with pytest.raises(SimulationError):
        run_to_file(load_model(runaway), target)
    assert target.read_bytes() == earlier


def test_a_field_that_overflows_in_the_last_step_is_found(runaway: Path) -> None:
    plan = compile_plan(load_model(runaway))
    state = initial_state(plan)
    require_finite(plan, state)
    base = plan.rings[plan.names.index("dendrite.2.v")][0]
    state.fields[base, 4] = np.inf
    with pytest.raises(SimulationError, match=r"dendrite\.2\.v is not finite"):
        require_finite(plan, state)
