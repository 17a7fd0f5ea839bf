"""Stability: which fixed points are stable, against deviations of every mode."""

from __future__ import annotations

import logging

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from nftsim.errors import NftsimError
from nftsim.model import library, load_model
from nftsim.model.overrides import override
from nftsim.theory.characteristic import count_right, newton, rightmost_roots
from nftsim.theory.chebyshev import eigenvalues
from nftsim.theory.delays import DelayModel, one_of
from nftsim.theory.fixed_points import steady_states
from nftsim.theory.response import linearise
from nftsim.theory.stability import stability
from tests.theory.delayed_loops import (
    SHEET,
    linear_network,
    loop,
    loop_roots,
)
from tests.theory.small_models import network

Complex = NDArray[np.complex128]


def test_unstable_roots_and_dominant_of_a_loop() -> None:
    model = loop(-30.0, 0.05, 100.0, grid=SHEET)
    known = loop_roots(-30.0, 0.05, 100.0)
    found = stability(model, steady_states(model).fixed_points[0])
    assert found.stable is False
    assert found.dominant is not None
    assert found.dominant.value == pytest.approx(complex(known[0].real, abs(known[0].imag)))
    assert found.dominant.frequency == pytest.approx(abs(known[0].imag) / (2 * np.pi))
    # no space in it: every mode has the same roots
    counts = {count for _, count in found.unstable}
    assert counts == {int((known.real > 0).sum())}
    assert [k for k, _ in found.unstable][:2] == [0.0, pytest.approx(2 * np.pi / 0.5)]


#: Which fixed points are stable, lowest first, and against what.
LIBRARY = {
    "bg-corticothalamic": [True, False, True],
    "e-erps": [True],
    "ei": [True],
    "eirs-aerp": [True, False, True],
    "eirs-bursting": [False, False, True],
    "eirs-eyes-closed": [True, False, False],
    "eirs-spindle": [True, False, True],
    "eirs-wake": [True, False, True],
    "emirs": [True, False, True],
    "tms-bcm": [True],
    "tms-cadp": [True],
}


@pytest.mark.parametrize("name", library())
def test_library_models(name: str) -> None:
    states = steady_states(load_model(name))
    assert [s.stable for s in states.stabilities if s] == LIBRARY[name]
    for found in states.stabilities:
        assert found is not None
        assert found.dominant is not None
        assert found.dominant_k0 is not None
        assert found.dominant.growth >= found.dominant_k0.growth - 1e-6
        assert bool(found.unstable) == (found.dominant.growth > 0)
        assert [k for k, _ in found.unstable] == sorted(k for k, _ in found.unstable)


STRENGTH = st.one_of(st.just(0.0), st.floats(-20, 20).map(lambda x: round(x, 3)))


@given(
    strengths=st.lists(STRENGTH, min_size=4, max_size=4),
    taus=st.lists(st.sampled_from([0.0, 0.004, 0.03, 0.07]), min_size=6, max_size=6),
    kinds=st.lists(st.sampled_from(["Map", "Wave", "Harmonic"]), min_size=6, max_size=6),
    rates=st.lists(st.integers(20, 200), min_size=6, max_size=6),
)
@settings(max_examples=25, deadline=None)
def test_counts_and_roots_agree_in_any_network(
    strengths: list[float], taus: list[float], kinds: list[str], rates: list[int]
) -> None:
    model = linear_network(strengths, taus, kinds, rates, 220)
    if model is None:
        return
    point = steady_states(model).lowest
    found = stability(model, point)
    linear = linearise(model, point, "grid")
    delays, laplacian = DelayModel(linear), one_of(linear.modes(0).laplacian)
    counts, growths = count_right(delays, laplacian, 0.0), []
    for mode, count in enumerate(counts):
        system = delays.system(laplacian[mode])
        roots = newton(system, eigenvalues(system, 60)[:100])
        growths.append(roots.real.max(initial=-np.inf))
        if np.abs(roots.real).min(initial=1) > 1e-3:
            assert count == (roots.real > 0).sum()
    assert found.dominant is not None
    assert found.dominant.growth >= max(growths) - 1e-4 * (1 + abs(max(growths)))


def test_counts_are_those_of_the_roots_mode_by_mode() -> None:
    model = load_model("eirs-eyes-closed")
    point = steady_states(model).fixed_points[2]
    linear = linearise(model, point, "grid")
    laplacian = one_of(linear.modes(0).laplacian)
    counts = count_right(DelayModel(linear), laplacian, 0.0)
    for mode, count in enumerate(counts):
        roots = rightmost_roots(linear, laplacian[mode], 6)
        assert count == (roots.real > 0).sum()
    found = stability(model, point)
    assert [n for _, n in found.unstable] == counts[counts > 0].tolist()
    # the most unstable wavenumber: (1, 1) on a sheet of 0.5 m
    assert found.dominant is not None
    assert found.dominant.k == pytest.approx(np.sqrt(2) * 2 * np.pi / 0.5)


def test_continuous_wavenumbers_are_asked_for() -> None:
    model = load_model("eirs-spindle")
    point = steady_states(model).fixed_points[0]
    grid, continuous = (
        stability(model, point, wavenumbers=w).dominant for w in ("grid", "continuous")
    )
    assert grid is not None
    assert continuous is not None
    assert grid.value != continuous.value
    assert grid.value == pytest.approx(continuous.value, rel=1e-2)
    with pytest.raises(NftsimError, match="Allowed: grid, continuous"):
        stability(model, point, wavenumbers="scheme")


def test_strengths_between_nodes_leave_the_uniform_mode(caplog: pytest.LogCaptureFixture) -> None:
    model = network([[2e-4]], parts={"Coupling 1": "Matrix - nu: 5e-5"}, grid="Nodes: 4")
    with caplog.at_level(logging.WARNING, logger="nftsim"):
        (found,) = steady_states(model).stabilities
    assert found is not None
    assert found.stable is None
    assert found.stable_k0
    assert "uniform deviations (k = 0) only" in caplog.text
    plain = network([[2e-4]])
    (whole,) = steady_states(plain).stabilities
    assert whole is not None
    assert found.dominant == whole.dominant


def test_what_grows_uniformly_is_unstable_whatever_else() -> None:
    model = network(
        [[8e-5]], parts={"Coupling 1": "Matrix - nu: 2e-5"}, grid="Nodes: 4", onto=[0.0]
    )
    states = steady_states(model)
    assert [s.stable for s in states.stabilities if s] == [None, False, None]
    assert states.choice == 0


def test_parameters_that_vary_leave_stability_open(caplog: pytest.LogCaptureFixture) -> None:
    model = override(
        load_model("ei"), {"nodes": 4, "longside": 2, "propagator.1.tau": (0, 1e-3) * 2}
    )
    with caplog.at_level(logging.WARNING, logger="nftsim"):
        states = steady_states(model)
        assert states.stabilities == [None]
        table = states.to_dict()["fixed_points"][0]
    assert table["stable"] is None
    assert table["dominant"] is None
    assert "stability is not known" in caplog.text
    assert states.chosen is states.lowest


def test_what_changes_in_time_is_held(caplog: pytest.LogCaptureFixture) -> None:
    parts = {
        "Coupling 1": "Ramp - nu: 2e-4 1e-4 timepoints: 1 2",
        "Dendrite 1": "Ramp - alpha: 80 beta: 500 alpha2: 90 beta2: 90 t1: 1 t2: 2 t3: 3 t4: 4",
    }
    model = network([[2e-4]], parts=parts)
    with caplog.at_level(logging.WARNING, logger="nftsim"):
        (found,) = steady_states(model).stabilities
    assert found is not None
    assert found.held == ("Coupling 1 (Ramp)", "Dendrite 1 (Ramp)")
    assert "stability is that of the start" in caplog.text
    (plain,) = steady_states(network([[2e-4]])).stabilities
    assert plain is not None
    assert found.dominant == plain.dominant


def test_without_loops_components_decay_by_themselves() -> None:
    model = network([[0.0]], parts={"Dendrite 1": "alpha: 20 beta: 500"})
    found = stability(model, steady_states(model).lowest)
    assert found.stable
    assert found.unstable == ()


def test_the_lowest_stable_one_is_chosen(caplog: pytest.LogCaptureFixture) -> None:
    states = steady_states(load_model("eirs-bursting"))
    with caplog.at_level(logging.WARNING, logger="nftsim"):
        assert states.chosen is states.fixed_points[2]
    assert "number 3" in caplog.text
    assert states.numbered(1) is states.lowest
    assert states.numbered() is states.chosen
    with pytest.raises(NftsimError, match="fixed points 1 to 3"):
        states.numbered(4)


def test_if_none_is_stable_the_lowest_is_chosen(caplog: pytest.LogCaptureFixture) -> None:
    states = steady_states(loop(-30.0, 0.05, 100.0))
    with caplog.at_level(logging.WARNING, logger="nftsim"):
        assert states.chosen is states.lowest
    assert "no fixed point is stable" in caplog.text
