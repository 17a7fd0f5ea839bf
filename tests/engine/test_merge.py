"""What is mathematically the same is computed once, and nothing else is."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import nftsim
from nftsim.cli import main
from nftsim.engine.compile import compile_plan
from nftsim.engine.describe import describe
from nftsim.engine.simulate import run
from nftsim.engine.state import initial_state
from nftsim.io.run import Collector, Run
from nftsim.model import Model, library, load_model
from tests.engine.machinery import rows_of

STEPS = 1000
TOLERANCE = 1e-12


def _watched(name: str) -> Model:
    """A model of the library, shortened, with every trace but single dendrites'."""
    model = load_model(name)
    traces = [str(t) for t in model.all_traces() if t.kind != "dendrite"]
    changes: dict[str, Any] = {
        "time": STEPS * model.deltat,
        "output.start": 0,
        "output.interval": 10 * model.deltat,
        "output.traces": " ".join(traces),
    }
    return load_model(name, changes)


@pytest.mark.parametrize("compat", [False, True])
@pytest.mark.parametrize("name", sorted(library()))
def test_on_equals_off(name: str, compat: bool) -> None:
    model = _watched(name)
    rows = []
    for merge in (False, True):
        rng = "nftsim" if compat else "counter"
        plan = compile_plan(model, rng=rng, compat=compat, merge=merge)
        rows.append(rows_of(plan, initial_state(plan), STEPS))
    apart, together = rows
    assert apart.keys() == together.keys()
    assert apart
    for trace, values in apart.items():
        scale = np.abs(values).max()
        assert np.abs(values - together[trace]).max() <= TOLERANCE * scale, trace


def test_what_is_merged_in_the_corticothalamic_model() -> None:
    model = load_model("eirs-wake")
    plan = compile_plan(model)
    assert len(plan.ops) == 6
    assert len(compile_plan(model, merge=False).ops) == 23
    lines = list(describe(plan))
    assert "population 2 is computed as population 1" in lines
    assert "propagator 7 is computed as propagator 1, 425 steps later" in lines
    assert "dendrites 9, 10, 11 are summed" in lines


@pytest.mark.parametrize(
    ("changes", "gone"),
    [
        ({"population.2.firing.theta": 0.013}, "population 2"),
        ({"population.2.q": 7}, "population 2"),
        ({"coupling.4.nu": 1e-3}, "population 2"),
        ({"propagator.7.gamma": 100}, "propagator 7"),
        ({"propagator.7.phi": 7}, "propagator 7"),
        ({"dendrite.9.alpha": 80}, "dendrites 9"),
        ({"output.traces": "dendrite.9.v"}, "dendrites 9"),
        ({"output.traces": "dendrite.4.v"}, "dendrites 1"),
    ],
)
def test_what_differs_is_not_merged(changes: Mapping[str, Any], gone: str) -> None:
    lines = list(describe(compile_plan(load_model("eirs-wake", changes))))
    assert not any(line.startswith(f"{gone}") for line in lines if "step" not in line[:6])


def test_a_field_that_is_not_at_rest_is_not_read_late() -> None:
    changes = {"nodes": 144, "population.1.q": np.linspace(5, 6, 144)}
    changes["population.2.q"] = changes["population.1.q"]
    plan = compile_plan(load_model("eirs-wake", changes))
    assert not any(axon.on_field for axon in plan.axons)


def test_check_prints_the_plan(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "eirs-wake", "--plan"]) == 0
    out = capsys.readouterr().out
    assert "a step: 6 operations (3 soma, 1 draw, 1 noisy, 1 wave)" in out


# going on from a run with another plan ----------------------------------------------------------


def _run(model: Model, **options: Any) -> Run:
    kept: list[Collector] = []

    def collect(resolved: Model, rows: int, about: Mapping[str, Any]) -> Collector:
        kept.append(Collector(resolved, rows, about))
        return kept[0]

    run(model, collect, **options)
    return kept[0].run


BASE = {
    "output.start": 0,
    "output.interval": 1e-3,
    "output.traces": "pop.1.q pop.2.q pop.3.v propagator.7.phi propagator.4.phi",
}


@pytest.mark.parametrize("nodes", [1, 144])
@pytest.mark.parametrize(("first", "second"), [(True, True), (False, False), (False, True)])
def test_a_run_goes_on_whatever_was_merged(nodes: int, first: bool, second: bool) -> None:
    half = load_model("eirs-wake", {**BASE, "nodes": nodes, "time": 0.06})
    whole = _run(load_model("eirs-wake", {**BASE, "nodes": nodes, "time": 0.12}), merge=second)
    rest = _run(half, initial=_run(half, merge=first), merge=second)
    for name, values in rest.items():
        expected = whole[name][len(rest.time) :]
        scale = 0 if first == second else 1e-12 * np.abs(expected).max()
        assert np.abs(values - expected).max() <= scale, name


def test_a_merged_run_says_what_it_did_not_keep(caplog: pytest.LogCaptureFixture) -> None:
    half = load_model("eirs-wake", {**BASE, "nodes": 1, "time": 0.1})
    with caplog.at_level(logging.WARNING, logger="nftsim"):
        _run(half, initial=_run(half), merge=False)
    assert any("run it with --no-merge" in r.getMessage() for r in caplog.records)


def test_the_command_line_can_leave_it(tmp_path: Path) -> None:
    found = []
    for words in ([], ["--no-merge"]):
        path = tmp_path / f"{len(words)}.h5"
        start = ["--set=output.start=0", "--set=nodes=144", "--duration=0.1", "--seed=5"]
        assert main(["run", "eirs-wake", "-o", str(path), *start, *words]) == 0
        found.append(nftsim.read_run(path))
    a, b = (run_["propagator.1.phi"] for run_ in found)
    assert 0 < np.abs(a - b).max() < 1e-12 * np.abs(a).max()
    assert [run_.attrs["merged"] for run_ in found] == [1, 0]
