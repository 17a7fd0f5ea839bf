"""Gains and transfer functions against closed forms."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nftsim.errors import NftsimError
from nftsim.model import Model, Trace, load_model
from nftsim.model.overrides import override
from nftsim.theory.fixed_points import FixedPoint, steady_states
from nftsim.theory.linear import gains
from nftsim.theory.response import LinearModel, angular, linearise
from tests.theory.small_models import loop_gains, network

#: G_ee, G_ei, G_ese, G_esre, G_srs and X, Y, Z as given by an independent calculation.
GAINS = {
    "eirs-eyes-closed": ([2.074, -4.110, 5.994, -1.671, -0.647], [0.4059, 0.5135, 0.0571]),
    "eirs-wake": ([2.631, -4.532, 8.018, -4.507, -0.589], [0.4755, 0.3994, 0.0519]),
    "eirs-spindle": ([6.646, -7.034, 1.328, -0.957, -5.300], [0.8272, 0.0073, 0.8341]),
}
NOISE = "White - Mean: 1 ASD: 1e-5"
NONE = np.zeros(1)


def at(f: float) -> np.ndarray:
    return angular([f])


def lowest(model: Model) -> LinearModel:
    return linearise(model, steady_states(model).lowest)


@pytest.mark.parametrize("name", GAINS)
def test_loop_gains_of_eirs(name: str) -> None:
    model = load_model(name)
    g = loop_gains(model, steady_states(model).lowest)
    expected, xyz = GAINS[name]
    assert [g[k] for k in ("ee", "ei", "ese", "esre", "srs")] == pytest.approx(expected, abs=5e-4)
    dendrite = model.connections[0].dendrite
    alpha, beta = dendrite.alpha, dendrite.beta  # type: ignore[attr-defined]
    x = g["ee"] / (1 - g["ei"])
    y = (g["ese"] + g["esre"]) / ((1 - g["srs"]) * (1 - g["ei"]))
    z = -g["srs"] * alpha * beta / (alpha + beta) ** 2
    assert [x, y, z] == pytest.approx(xyz, abs=5e-5)


def test_gains_name_every_connection() -> None:
    model = load_model("emirs")
    g = gains(model, steady_states(model).lowest)
    assert set(g) == {(c.post + 1, c.pre + 1) for c in model.connections}
    # ρ = Q (1 − Q/Qmax)/σ'
    q = steady_states(model).lowest.rates[3]
    assert g[4, 6] == pytest.approx(q * (1 - q / 340) / 0.0038 * 0.00015, rel=1e-12)


@pytest.mark.parametrize("name", GAINS)
def test_determinant_of_eirs_factorises(name: str) -> None:
    model = load_model(name)
    point = steady_states(model).lowest
    linear, g = linearise(model, point), loop_gains(model, point)
    s = np.array([3.0 - 40j, -5.0 - 70j, 1.0 + 0j])  # anywhere in the plane, for stability
    k2 = 150.0
    low = model.connections[0].dendrite.transfer(s)
    wave = model.connections[0].propagator.transfer(s, np.array(k2))
    tau = model.connections[2].propagator.tau
    thalamic = 1 - low**2 * g["srs"]
    loop = low**2 * g["ese"] + low**3 * g["esre"]
    # e and i answer alike, so i adds nothing but its place in the e-i loop
    expected = thalamic * (1 - low * g["ei"] - low * g["ee"] * wave) - loop * wave * np.exp(
        -2 * s * tau
    )
    found = np.linalg.det(linear.response(s, k2 * model.spacing(0) ** 2 * np.ones(3)))
    assert found == pytest.approx(expected, rel=1e-10)


def test_one_population_by_hand() -> None:
    model = network([[2e-4]], stimulus=NOISE, propagator="Harmonic - Tau: 0.01 gamma: 90")
    point = steady_states(model).lowest
    q = point.rates[0]
    rho = q * (1 - q / 340) / 0.0038
    w = 2 * np.pi * 13.0
    low = 1 / ((1 - 1j * w / 80) * (1 - 1j * w / 500))
    field = np.exp(1j * w * 0.01) / (1 - 1j * w / 90) ** 2
    closed = 1 / (1 - rho * 2e-4 * low * field)
    expected = {
        "pop.1.q": rho * 1e-3 * low * field * closed,
        "pop.1.v": 1e-3 * low * field * closed,
        "pop.2.q": 1,
        "propagator.1.phi": field * rho * 1e-3 * low * field * closed,
        "propagator.2.phi": field,
        "dendrite.1.v": 2e-4 * low * field * rho * 1e-3 * low * field * closed,
        "dendrite.2.v": 1e-3 * low * field,
    }
    linear = linearise(model, point)
    for name, value in expected.items():
        (trace,) = model.parse_trace(name)
        assert linear.transfer(trace, at(13.0), NONE)[0, 0] == pytest.approx(value, rel=1e-12)


def test_delay_turns_the_phase_forward() -> None:
    # Fourier sign e^{-iωt}: a delay is e^{+iωτ}
    trace = Trace("propagator", 1, "phi")
    for kind in ("Map - Tau: {}", "Harmonic - gamma: 100 Tau: {}"):
        early, late = (
            lowest(network([[0]], stimulus=NOISE, propagator=kind.format(t))) for t in (0, 0.02)
        )
        ratio = late.transfer(trace, at(7.0), NONE) / early.transfer(trace, at(7.0), NONE)
        assert ratio[0, 0] == pytest.approx(np.exp(2j * np.pi * 7.0 * 0.02), rel=1e-12)


@pytest.mark.parametrize("name", ["eirs-wake", "eirs-spindle"])
def test_soma_potential_is_the_sum_over_dendrites(name: str) -> None:
    model = load_model(name)
    linear = lowest(model)
    s, u = angular(np.array([2.0, 11.0]))[:, None], np.array([[0.0, 0.3, 1.1]])
    for post in range(4):
        parts = [
            linear.transfer(Trace("dendrite", c.index, "v"), s, u) for c in model.inputs_of[post]
        ]
        v = linear.transfer(Trace("pop", post + 1, "v"), s, u)
        assert v == pytest.approx(sum(parts), rel=1e-12)
        q = linear.transfer(Trace("pop", post + 1, "q"), s, u)
        assert q == pytest.approx(linear.slopes[post] * v, rel=1e-12)


def test_each_wave_sees_the_wavenumber_of_its_own_sheet() -> None:
    # mode (1, 0) has another wavelength on the input's sheet (0.3 m) than on the cortex (0.5 m)
    model = network(
        [[2e-4]],
        stimulus=NOISE,
        grid="Nodes: 256",
        lengths=[0.5, 0.3],
        propagator="Wave - Tau: 0 Range: 0.1 gamma: 50",
    )
    linear = lowest(model)
    u = np.array([(2 * np.pi / 16) ** 2])
    for index, length in ((1, 0.5), (2, 0.3)):
        arrival = linear.arrival(model.connection(index), at(5.0), u)
        k2r2 = (2 * np.pi / length * 0.1) ** 2
        expected = 1 / ((1 - 2j * np.pi * 5 / 50) ** 2 + k2r2)
        assert arrival[0] == pytest.approx(expected, rel=1e-12)


def test_wave_on_one_node_is_harmonic() -> None:
    wave, harmonic = (
        lowest(network([[1e-4]], stimulus=NOISE, propagator=p))
        for p in ("Wave - Tau: 0 Range: 0.1 gamma: 50", "Harmonic - Tau: 0 gamma: 50")
    )
    trace = Trace("pop", 1, "q")
    assert wave.transfer(trace, at(9.0), NONE) == pytest.approx(
        harmonic.transfer(trace, at(9.0), NONE), rel=1e-14
    )


@given(
    nu=st.lists(st.floats(-1e-3, 1e-3), min_size=9, max_size=9),
    onto=st.lists(st.floats(1e-4, 1e-3), min_size=3, max_size=3),
)
@settings(max_examples=20, deadline=None)
def test_response_at_zero_frequency_is_the_shift_of_the_fixed_point(
    nu: list[float], onto: list[float]
) -> None:
    # a slowly changing input moves the steady state: T(0) is its derivative by the input
    weights = [nu[:3], nu[3:6], nu[6:]]
    slopes = [900.0, 1200.0, 400.0]
    firing = [f"Linear a: {a} b: 5" for a in slopes]
    matrix = np.eye(3) - np.array(slopes)[:, None] * np.array(weights)
    if np.linalg.cond(matrix) > 1e6:
        return
    model = network(weights, firing=firing, onto=onto, stimulus=NOISE)
    point = steady_states(model).lowest
    moved = steady_states(override(model, {"population.4.stimulus.mean": 2.0})).lowest
    linear = linearise(model, point)
    for a in range(3):
        found = linear.transfer(Trace("pop", a + 1, "q"), at(0.0), NONE)[0, 0]
        assert found == pytest.approx(moved.rates[a] - point.rates[a], rel=1e-6, abs=1e-9)


def test_sigmoid_shift_of_the_fixed_point() -> None:
    model = load_model("eirs-eyes-closed")
    step = 1e-6
    low, high = (
        steady_states(override(model, {"population.5.stimulus.mean": 1 + d})).lowest.rates
        for d in (-step, step)
    )
    linear = lowest(model)
    for a in range(4):
        found = linear.transfer(Trace("pop", a + 1, "q"), at(0.0), NONE)[0, 0]
        assert found == pytest.approx((high[a] - low[a]) / (2 * step), rel=1e-6)


def test_fixed_point_of_another_model_is_refused() -> None:
    with pytest.raises(NftsimError, match="4 neural populations, but the fixed point has 1"):
        linearise(load_model("eirs-wake"), FixedPoint(np.ones(1), np.ones(1), 0.0))
