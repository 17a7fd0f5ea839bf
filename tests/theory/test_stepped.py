"""Stability of the steps of a simulation, of every mode and every root."""

from __future__ import annotations

import logging
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from nftsim.components.dendrites import Dendrite
from nftsim.components.firing import Firing
from nftsim.components.propagators import Propagator
from nftsim.model import load_model
from nftsim.theory.delays import DelayModel, one_of, pick
from nftsim.theory.fixed_points import steady_states
from nftsim.theory.response import LinearModel, linearise
from nftsim.theory.stability import stability
from nftsim.theory.stepped import Steps
from tests.theory.delayed_loops import SHEET, linear_network, some_points
from tests.theory.growth import measured_rates
from tests.theory.small_models import network
from tests.theory.step_map import step_roots
from tests.theory.test_scheme import DENDRITES, FIRING, PROPAGATORS

Complex = NDArray[np.complex128]


def steps_of(linear: LinearModel) -> Steps:
    return Steps(DelayModel(linear))


def roots_of_polynomial(steps: Steps, mode: int) -> Complex:
    """All roots ζ of one mode: with poles and delays cleared, the determinant is a polynomial.

    Its coefficients are those of a Fourier series round a circle.
    """
    linear = steps.linear
    laplacian = pick(linear.modes(0).laplacian, mode)
    poles = np.exp(steps.poles(pick(laplacian, None))[0] * linear.model.deltat)
    late, count = 24, 128  # delays and ζ⁻¹ make at most ζ^−late; count is more than the degree
    z = 1.02 * np.exp(2j * np.pi * np.arange(count) / count)
    s = np.log(z) / linear.model.deltat
    value = np.linalg.det(linear.response(s, pick(laplacian, None)))
    value = value * np.prod(z[:, None] - poles, axis=1) * z**late
    coefficients = np.fft.fft(value) / count / 1.02 ** np.arange(count)
    degree = late + len(poles)
    # a pole that were left out, or were none, would make a series without end
    assert np.abs(coefficients[degree + 1 :]).max() < 1e-9 * np.abs(coefficients).max()
    return np.asarray(np.roots(coefficients[degree::-1].real))


CASES = [
    *((dendrite, "Map", "Sigmoid") for dendrite in Dendrite.registry),
    *(("", propagator, "Sigmoid") for propagator in Propagator.registry),
    *(("", "Wave", firing) for firing in Firing.registry),
]


@pytest.mark.parametrize(("dendrite", "propagator", "firing"), CASES)
def test_poles_of_steps_leave_a_polynomial(dendrite: str, propagator: str, firing: str) -> None:
    model = network(
        [[2e-4, -1e-4], [3e-4, 0]],
        firing=[FIRING[firing]] * 2,
        propagator=PROPAGATORS[propagator],
        parts={f"Dendrite {i}": DENDRITES[dendrite] for i in range(1, 6)},
        grid=SHEET,
    )
    steps = steps_of(some_points(replace(model, deltat=2e-3)))
    laplacian = steps.linear.modes(0).laplacian
    lines = 0
    for mode in (0, -1):
        roots = roots_of_polynomial(steps, mode)
        growth = np.log(np.abs(roots[np.abs(roots) > 0.1])) / 2e-3
        for line in (0.0, -50.0, -200.0):
            if np.abs(growth - line).min() > 1:
                counted = steps.count_outside(pick(pick(laplacian, mode), None), line)
                assert counted == (growth > line).sum()
                lines += 1
    assert lines


@given(
    strengths=st.lists(st.floats(-20, 20).map(lambda x: round(x, 2)), min_size=4, max_size=4),
    taus=st.lists(st.sampled_from([0.0, 0.001, 0.004, 0.009]), min_size=6, max_size=6),
    kinds=st.lists(st.sampled_from(["Map", "Wave", "Harmonic"]), min_size=6, max_size=6),
    rates=st.lists(st.integers(20, 150), min_size=6, max_size=6),
)
@settings(max_examples=25, deadline=None)
def test_counts_and_the_rightmost_root_in_any_network(
    strengths: list[float], taus: list[float], kinds: list[str], rates: list[int]
) -> None:
    model = linear_network(strengths, taus, kinds, rates, 170)
    if model is None:
        return
    model = replace(model, deltat=1e-3)  # coarse
    point = steady_states(model).lowest
    steps = steps_of(linearise(model, point, "grid"))
    laplacian = one_of(steps.linear.modes(0).laplacian)
    roots = [step_roots(steps.linear, float(lap)) for lap in laplacian]
    for line in (0.0, -10.0):
        counts = steps.count_outside(laplacian, line)
        for count, known in zip(counts, roots, strict=True):
            if np.abs(known.real - line).min() > 1e-3:
                assert count == (known.real > line).sum()
    found = stability(model, point)
    assert found.stable_stepped == (not found.unstable_stepped)
    if found.stepped is not None:  # it is near one of the equations' roots
        rightmost = max(known[0].real for known in roots)
        assert found.stepped.growth == pytest.approx(rightmost, abs=1e-3, rel=1e-5)


def test_another_root_may_grow_in_steps_alone(caplog: pytest.LogCaptureFixture) -> None:
    # one population hardly decays, another is at the edge of an oscillation
    parts = {
        "Propagator 3": "Wave - Tau: 0.004 Range: 0.15 gamma: 120",
        "Dendrite 3": "alpha: 100 beta: 400",
    }
    model = network(
        [[0.997, 0], [0, -3.05]], firing=["Linear a: 1 b: 5"] * 2, parts=parts, grid=SHEET
    )
    model = replace(model, deltat=5e-4)
    states = steady_states(model)
    found = states.stability(0)
    assert found is not None
    assert found.stable
    assert found.dominant is not None
    assert found.dominant.growth == pytest.approx(-0.207, abs=1e-3)
    assert found.dominant.frequency == 0
    assert found.stable_stepped is False
    assert found.stepped is not None
    assert found.unstable_stepped == ((0.0, 2),)
    rate = measured_rates(model, states.lowest, 3.0)[0]
    assert found.stepped.growth == pytest.approx(0.335, abs=1e-3)
    assert found.stepped.growth == pytest.approx(rate.real, rel=1e-3)
    assert found.stepped.value.imag == pytest.approx(abs(rate.imag), rel=1e-5)
    with caplog.at_level(logging.WARNING, logger="nftsim"):
        states.numbered()
    assert "stable by the equations, but not in steps of Deltat" in caplog.text
    # with steps of half the length it is stable in both
    assert stability(replace(model, deltat=2.5e-4), states.lowest).stable_stepped


def test_another_wavenumber_may_grow_in_steps_alone() -> None:
    model = load_model("eirs-eyes-closed")
    point = steady_states(model).fixed_points[2]
    found = stability(model, point)
    equations, steps = (dict(counts) for counts in (found.unstable, found.unstable_stepped))
    more = 2 * np.pi * np.sqrt(5) / 0.5
    assert list(steps)[:-1] == list(equations)
    assert list(steps)[-1] == pytest.approx(more)
    assert measured_rates(model, point, 1.6, (1, 2))[0].real > 0.1


def test_poles_that_loops_leave_alone_are_roots_of_steps() -> None:
    model = load_model("eirs-spindle")  # the upper state is saturated
    point = steady_states(model).fixed_points[2]
    found = stability(model, point)
    assert found.stepped is not None
    assert found.stepped.growth == pytest.approx(-45.0, rel=1e-6)


def test_continuous_wavenumbers_leave_steps_their_grid() -> None:
    model = load_model("eirs-eyes-closed")
    point = steady_states(model).fixed_points[2]
    grid, continuous = (stability(model, point, wavenumbers=w) for w in ("grid", "continuous"))
    assert continuous.dominant != grid.dominant
    assert continuous.stepped == grid.stepped
    assert continuous.unstable_stepped == grid.unstable_stepped


def test_where_modes_are_not_known_steps_are_not() -> None:
    model = network([[2e-4]], parts={"Coupling 1": "Matrix - nu: 5e-5"}, grid="Nodes: 4")
    (found,) = steady_states(model).stabilities
    assert found is not None
    assert found.stable_stepped is None
