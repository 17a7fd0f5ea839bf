"""Stability: against roots known in closed form, identities, and growth in simulations."""

from __future__ import annotations

import logging
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.special import lambertw

from nftsim.components.dendrites import Dendrite
from nftsim.components.firing import Firing
from nftsim.components.propagators import Propagator
from nftsim.errors import NftsimError
from nftsim.model import Model, library, load_model
from nftsim.model.overrides import override
from nftsim.theory.characteristic import count_right, nearby_root, newton, rightmost_roots
from nftsim.theory.chebyshev import chebyshev, eigenvalues
from nftsim.theory.contour import turns
from nftsim.theory.delays import Delayed, DelayModel, DelaySystem, one_of
from nftsim.theory.fixed_points import steady_states
from nftsim.theory.frozen import frozen, on_one_node
from nftsim.theory.response import LinearModel, linearise
from nftsim.theory.stability import stability
from tests.theory.growth import measured_rates
from tests.theory.small_models import network
from tests.theory.test_scheme import DENDRITES, FIRING, PROPAGATORS

Complex = NDArray[np.complex128]

UNIFORM = np.zeros(())
SHEET = "Nodes: 64"


def lambert_roots(a: float, b: complex, tau: float) -> Complex:
    """The rightmost roots of s = a + b e^{−sτ}."""
    branches = np.arange(-30, 31)
    return np.asarray(a + lambertw(b * tau * np.exp(-a * tau), branches) / tau)


def loop(gain: float, tau: float, rate: float, grid: str = "Nodes: 1") -> Model:
    """One population that acts on itself through a delay and a dendrite with one rate."""
    return network(
        [[gain]],
        firing=["Linear a: 1 b: 5"],
        propagator=f"Map - Tau: {tau!r}",
        parts={"Dendrite 1": f"alpha: {rate!r} beta: {rate!r}"},
        grid=grid,
    )


def loop_roots(gain: float, tau: float, rate: float) -> Complex:
    """(1 + s/α)² = G e^{−sτ}: two equations of first order with delay τ/2."""
    half = np.sqrt(complex(gain))
    found = [lambert_roots(-rate, sign * half * rate, tau / 2) for sign in (1, -1)]
    roots = np.concatenate(found)
    return roots[np.argsort(-roots.real)]


def check_roots(found: Complex, known: Complex, within: float) -> None:
    """Check that roots are the first ones of those known, up to the order of equal real parts."""
    rightmost = np.sort(known.real)[::-1][: len(found)]
    assert np.sort(found.real)[::-1] == pytest.approx(rightmost, rel=within, abs=within)
    distance = np.abs(found[:, None] - known[None, :]).min(axis=1)
    assert (distance <= within * (1 + np.abs(found))).all()


def around(model: Model) -> LinearModel:
    return linearise(model, steady_states(model).fixed_points[0])


def some_points(model: Model) -> LinearModel:
    point = steady_states(model).fixed_points[0]
    return linearise(frozen(model)[0], point, "grid")


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
    parts = {}
    for i, (tau, kind, rate) in enumerate(zip(taus, kinds, rates, strict=True), start=1):
        damped = "" if kind == "Map" else f"Range: 0.15 gamma: {220 - rate}"
        parts[f"Propagator {i}"] = f"{kind} - Tau: {tau} {damped}"
        parts[f"Dendrite {i}"] = f"alpha: {rate} beta: {3 * rate}"
    weights = [strengths[:2], strengths[2:]]
    if not np.any(weights) or np.linalg.cond(np.eye(2) - weights) > 1e3:
        return
    used = 2 + np.count_nonzero(weights)
    parts = {k: v for k, v in parts.items() if int(k.split()[1]) <= used}
    model = network(weights, firing=["Linear a: 1 b: 5"] * 2, parts=parts, grid=SHEET)
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


#: Fixed point (from 0), length of the run [s].
GROWTHS = [
    ("bg-corticothalamic", 0, 0.8),
    ("bg-corticothalamic", 1, 0.8),
    ("ei", 0, 0.5),
    ("eirs-aerp", 0, 1.5),
    ("eirs-bursting", 0, 3.0),
    ("eirs-eyes-closed", 0, 3.0),
    ("eirs-eyes-closed", 1, 3.0),
    ("eirs-eyes-closed", 2, 3.0),
    ("eirs-spindle", 0, 1.4),
    ("eirs-wake", 0, 3.0),
    ("emirs", 0, 1.8),
    ("emirs", 1, 0.7),
    ("emirs", 2, 0.4),
]


@pytest.mark.parametrize(("name", "index", "duration"), GROWTHS)
def test_growth_of_uniform_deviations(name: str, index: int, duration: float) -> None:
    model = on_one_node(load_model(name))
    point = steady_states(model).fixed_points[index]
    found = stability(model, point)
    (measured, *_) = measured_rates(model, point, duration)
    assert found.stepped is not None
    assert found.dominant is not None
    expected = found.stepped.value
    assert measured.real == pytest.approx(expected.real, rel=1e-3)
    assert abs(measured.imag) == pytest.approx(expected.imag, abs=1e-2)
    # the equations themselves: steps shift an oscillation by up to some ω²Δt/2
    shift = 0.02 * abs(expected.real) + abs(expected) ** 2 * model.deltat / 2
    assert found.dominant.value == pytest.approx(expected, abs=shift)


@pytest.mark.parametrize("wave", [(0, 1), (1, 1), (2, 1)])
def test_growth_of_waves(wave: tuple[int, int]) -> None:
    model = load_model("eirs-eyes-closed")
    point = steady_states(model).fixed_points[2]
    ny, nx = model.shape
    turn = 2 * np.pi * np.array(wave) / (ny, nx)
    laplacian = np.asarray(4 - 2 * np.cos(turn).sum())
    (root, *_) = rightmost_roots(linearise(model, point, "grid"), laplacian, 1)
    stepped = nearby_root(linearise(model, point, "scheme"), laplacian, complex(root))
    assert stepped is not None
    (measured, *_) = measured_rates(model, point, 1.6, wave)
    assert measured.real == pytest.approx(stepped.real, rel=5e-3)
    assert abs(measured.imag) == pytest.approx(abs(stepped.imag), rel=1e-4)


def test_smaller_steps_come_to_the_equations() -> None:
    model = on_one_node(load_model("eirs-bursting"))
    point = steady_states(model).fixed_points[0]
    errors = []
    for deltat in (2.0**-13, 2.0**-14, 2.0**-15):
        found = stability(replace(model, deltat=deltat), point)
        assert found.stepped is not None
        assert found.dominant is not None
        errors.append(abs(found.stepped.value - found.dominant.value))
    assert errors[0] / errors[1] == pytest.approx(2, rel=0.05)
    assert errors[1] / errors[2] == pytest.approx(2, rel=0.05)


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
