"""Roots of the characteristic function: how many, and where, against what is known exactly."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from nftsim.components.dendrites import Dendrite
from nftsim.components.firing import Firing
from nftsim.components.propagators import Propagator
from nftsim.model import load_model
from nftsim.theory.characteristic import count_right, newton, rightmost_roots
from nftsim.theory.chebyshev import chebyshev, eigenvalues
from nftsim.theory.contour import turns
from nftsim.theory.delays import Delayed, DelayModel, DelaySystem, one_of
from tests.theory.delayed_loops import (
    SHEET,
    UNIFORM,
    around,
    check_roots,
    lambert_roots,
    loop,
    loop_roots,
    some_points,
)
from tests.theory.small_models import network
from tests.theory.test_scheme import DENDRITES, FIRING, PROPAGATORS

Complex = NDArray[np.complex128]


@pytest.mark.parametrize(
    ("a", "b", "tau"), [(-3.0, -8.0, 0.7), (1.0, -0.5, 2.0), (-1.0, 0.9, 5.0), (0.5, -30.0, 0.2)]
)
def test_scalar_delay_equation(a: float, b: float, tau: float) -> None:
    system = DelaySystem(np.array([[a]]), np.eye(1), (Delayed(0, np.array([b]), tau),))
    known = lambert_roots(a, b, tau)
    check_roots(newton(system, eigenvalues(system, 32)[:7]), known, 1e-10)

    def function(s: Complex, mode: NDArray[np.intp]) -> Complex:
        return np.asarray(1 - b * np.exp(-s * tau) / (s - a) + 0 * mode)

    for line in (0.4, 0.0, -0.4):
        first = np.linspace(0, 1e3 * abs(b) * np.exp(-line * tau), 50)[None, :]
        half = turns(function, line, first)[0]
        assert half + (a > line) == pytest.approx((known.real > line).sum(), abs=1e-9)


def test_discretisation_converges_faster_than_any_power() -> None:
    system = DelaySystem(np.array([[-3.0]]), np.eye(1), (Delayed(0, np.array([-8.0]), 0.7),))
    known = lambert_roots(-3.0, -8.0, 0.7)
    exact = known[np.argmax(known.real)]
    errors = [np.abs(eigenvalues(system, n) - exact).min() for n in (4, 8, 16)]
    assert errors[0] > 1e-4
    assert errors[1] < 1e-2 * errors[0]
    assert errors[2] < 1e-6 * errors[1]


def test_matrix_differentiates_polynomials() -> None:
    x, slope = chebyshev(6)
    assert slope @ x**5 == pytest.approx(5 * x**4, abs=1e-12)


@given(
    gain=st.floats(-40, 40).filter(lambda g: abs(g) > 0.01 and abs(g - 1) > 0.05),
    tau=st.floats(0.02, 0.2),
    rate=st.floats(20, 300),
)
@settings(max_examples=40, deadline=None)
def test_roots_of_a_loop_with_delay(gain: float, tau: float, rate: float) -> None:
    # the file has the delay in whole steps
    tau = max(1, round(tau / 1e-4)) * 1e-4
    linear, known = around(loop(gain, tau, rate)), loop_roots(gain, tau, rate)
    found = rightmost_roots(linear, UNIFORM, 5)
    check_roots(found, known, 1e-6)
    delays = DelayModel(linear)
    for line in (0.0, 0.3 * known.real[0] + 0.7 * known.real[6]):
        if np.abs(known.real - line).min() > 1e-3:
            count = count_right(delays, np.zeros(1), line)[0]
            assert count == (known.real > line).sum()


def test_a_root_on_the_line_counts_as_left_of_it() -> None:
    linear = around(loop(0.25, 0.05, 100.0))
    root = rightmost_roots(linear, UNIFORM, 1)[0].real
    assert count_right(DelayModel(linear), np.zeros(1), float(root))[0] == 0


CASES = [
    *((dendrite, "Map", "Sigmoid") for dendrite in Dendrite.registry),
    *(("", propagator, "Sigmoid") for propagator in Propagator.registry),
    *(("", "Wave", firing) for firing in Firing.registry),
]


@pytest.mark.parametrize(("dendrite", "propagator", "firing"), CASES)
def test_delay_equations_have_the_characteristic_function(
    dendrite: str, propagator: str, firing: str
) -> None:
    # every component has its equations twice: as a transfer function, and in time
    model = network(
        [[2e-4, -1e-4], [3e-4, 0]],
        firing=[FIRING[firing]] * 2,
        propagator=PROPAGATORS[propagator],
        parts={f"Dendrite {i}": DENDRITES[dendrite] for i in range(1, 6)},
        grid=SHEET,
    )
    linear = some_points(model)
    delays, laplacian = DelayModel(linear), linear.modes(0).laplacian
    s = np.array([3.0 + 40j, -15 + 7j, 120.0 - 300j])
    for mode in (0, -1):
        lap = np.asarray(one_of(laplacian)[mode])
        ratio = np.linalg.det(delays.system(lap).matrix(s)) / np.linalg.det(linear.response(s, lap))
        poles = delays.poles(lap[None])[0]
        assert ratio == pytest.approx(np.prod(s[:, None] - poles, axis=1), rel=1e-9)


@pytest.mark.parametrize("name", ["eirs-eyes-closed", "bg-corticothalamic", "eirs-bursting"])
def test_loops_are_weak_beyond_the_radius(name: str) -> None:
    linear = around(load_model(name))
    delays = DelayModel(linear)
    for left in (0.0, -20.0):
        radius = delays.radius(np.zeros(1), left)
        angle = np.linspace(-np.pi / 2, np.pi / 2, 201)
        s = radius * np.exp(1j * angle)
        s = s[s.real >= left]
        distance = np.abs(np.log(np.linalg.det(linear.response(s, np.zeros(1)))))
        assert distance.max() <= 1
