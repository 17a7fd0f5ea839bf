"""Members of an ensemble are, bit for bit, the runs that they are alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

import nftsim
from nftsim import Run
from nftsim.errors import NftsimError, SimulationError

BASE = {
    "time": 0.05,
    "output.start": 0,
    "output.interval": 5e-3,
    "output.traces": "propagator.1.phi pop.4.q pop.3.v",
}
CHANGES: dict[str, Sequence[dict[str, Any]]] = {
    "strength": [{"coupling.1.nu": nu} for nu in (1e-3, 1.1e-3, 1.2e-3)],
    "strength of noise": [{"population.5.stimulus.asd": asd} for asd in (1e-5, 2e-5)],
    "mean of noise": [{"population.5.stimulus.mean": mean} for mean in (1, 2, 3)],
    "delay": [{"propagator.7.tau": tau} for tau in (0.03, 0.031, 0.03)],
    "what is merged": [{}, {"population.1.firing.theta": 0.0125}],
    "start": [{"population.1.q": q, "population.2.q": q} for q in (5, 6)],
    "a response of one population": [{"population.1.firing.qmax": q} for q in (300, 340, 360)],
    "where noise acts": [{"population.5.stimulus.node": "1"}, {}],
}


def _same(a: Run, b: Run) -> None:
    assert list(a) == list(b)
    for name in a:
        np.testing.assert_array_equal(a[name], b[name])
    (first, *_), (second, *_) = a.state(), b.state()
    assert first.keys() == second.keys()
    for name in first:
        np.testing.assert_array_equal(first[name], second[name])
    assert a.seed == b.seed
    assert a.model == b.model


@pytest.mark.parametrize("nodes", [1, 144])
@pytest.mark.parametrize("what", CHANGES)
def test_members_that_differ_in_parameters(nodes: int, what: str) -> None:
    model = nftsim.load_model("eirs-wake", {**BASE, "nodes": nodes})
    members = nftsim.simulate_ensemble(model, overrides=CHANGES[what], threads=2)
    assert len(members) == len(CHANGES[what])
    for changes, member in zip(CHANGES[what], members, strict=True):
        _same(member, nftsim.simulate(model, overrides=changes))


@pytest.mark.parametrize("nodes", [1, 144])
def test_members_that_differ_in_seed(nodes: int) -> None:
    model = nftsim.load_model("eirs-wake", {**BASE, "nodes": nodes})
    start = nftsim.simulate(model, seed=9)
    for initial in (None, start):
        members = nftsim.simulate_ensemble(model, seeds=[3, 1, 2], initial=initial)
        for seed, member in zip((3, 1, 2), members, strict=True):
            _same(member, nftsim.simulate(model, seed=seed, initial=initial))
    assert not np.array_equal(members[0]["pop.4.q"], members[1]["pop.4.q"])


@pytest.mark.parametrize("name", ["e-erps", "tms-bcm", "eirs-bursting", "eirs-aerp", "ei"])
def test_models_of_other_kinds(name: str) -> None:
    model = nftsim.load_model(name)
    short = {"time": 60 * model.deltat, "output.start": 0, "output.interval": 10 * model.deltat}
    model = nftsim.load_model(name, short)
    rate = f"population.{model.neural[0] + 1}.q"
    changes = [{rate: 6.0}, {}, {rate: 7.0}]
    for change, member in zip(
        changes, nftsim.simulate_ensemble(model, overrides=changes), strict=True
    ):
        _same(member, nftsim.simulate(model, overrides=change))


def test_plastic_matrices_run_one_by_one() -> None:
    model = nftsim.parse_model(
        """
Time: 0.01 Deltat: 1e-3
Nodes: 4
Connection matrix:
From: 1 2
To 1: 1 2
To 2: 0 0
Population 1: e
 Length: 0.5
 Q: 5
 Firing: GlutamateResponse - Lambda: 1e-4 tGlu: 0.03 Function: Linear a: 100 b: 5
  Dendrite 1: alpha: 83 beta: 300
  Dendrite 2: alpha: 83 beta: 300
Population 2: x
 Length: 0.5
 Stimulus: White - Mean: 1 StdDev: 1
Propagator 1: Map - Tau: 0.002
Propagator 2: Map - Tau: 0
Coupling 1: BCM-Spatial - nu: 1e-5 nu_max: 8e-5 Dth: .25e-6 Pth: .45e-6 xyth: 1e-4
  x: 2.3 y: 2 B: 30e3 glu_0: 200e-6 t_BCM: 7
Coupling 2: Map - nu: 1e-3
Output: Node: All
Coupling: 1.nu
Population: 1.q
"""
    )
    members = nftsim.simulate_ensemble(model, seeds=[1, 2])
    for seed, member in zip((1, 2), members, strict=True):
        _same(member, nftsim.simulate(model, seed=seed))


def test_a_member_that_diverges_is_named() -> None:
    model = nftsim.load_model("eirs-wake", {**BASE, "nodes": 144})
    changes = [{}, {"coupling.11.nu": 1e308}]
    with pytest.raises(SimulationError, match="population 4 .* member 2 is"):
        nftsim.simulate_ensemble(model, overrides=changes)


@pytest.mark.parametrize("given", [{}, {"seeds": [1, 2], "overrides": [{}]}])
def test_seeds_and_overrides_go_together(given: dict[str, Any]) -> None:
    with pytest.raises(NftsimError, match="give one or the other"):
        nftsim.simulate_ensemble("eirs-wake", **given)
