"""Bursting neurons against their equations, linearised by finite differences."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.special import expit

from nftsim.errors import NftsimError
from nftsim.model import Model, Trace, load_model
from nftsim.theory.fixed_points import FixedPoint, steady_states
from nftsim.theory.response import angular, linearise
from tests.theory.small_models import network

Array = NDArray[np.float64]
NU, ONTO, GAMMA, ALPHA, BETA = 2e-4, 3e-3, 90.0, 80.0, 500.0
SIGMA, QMAX, IC, MU, AX, TAUX, TAUH = 0.0033, 80.0, 0.17, 16.0, 0.003, 0.15, 0.6
GX, GH = 4.0, 9.5
BURSTING = (
    f"Bursting Sigma: {SIGMA} Qmax: {QMAX} Htilde: 0 Xtilde: 0 gX: {GX} gH: {GH} ic: {IC} "
    f"taux: {TAUX} tauh: {TAUH} ax: {AX} mu: {MU}"
)


def model(firing: str = BURSTING) -> Model:
    return network(
        [[NU]],
        firing=[firing],
        onto=[ONTO],
        stimulus="White - Mean: 1 StdDev: 1",
        propagator=f"Harmonic - Tau: 0 gamma: {GAMMA}",
    )


@dataclass
class Written:
    """The same model as a system of first order: φ, φ', V and V' twice (self, input), X, H."""

    def rate(self, y: Array) -> float:
        x, h = y[8:]
        ib = -GX * (-0.066 - 0.14) / 3
        ia = ib - GH * (-0.066 + 0.095)
        theta = (IC - 3 * ib * x + (ib - ia) * h) / MU
        return float(QMAX * expit((y[2] + y[6] - theta) / SIGMA))

    def __call__(self, y: Array, input_rate: float) -> Array:
        q = self.rate(y)
        d = np.empty(10)
        for i, (source, nu) in enumerate(((q, NU), (input_rate, ONTO))):
            phi, phi1, v, v1 = y[4 * i : 4 * i + 4]
            d[4 * i : 4 * i + 4] = [
                phi1,
                GAMMA**2 * (source - phi) - 2 * GAMMA * phi1,
                v1,
                ALPHA * BETA * (nu * phi - v) - (ALPHA + BETA) * v1,
            ]
        d[8] = (max(AX * q, 0) - y[8]) / TAUX
        d[9] = (3 * y[8] - y[9]) / TAUH
        return d

    def state(self, point: FixedPoint) -> Array:
        q = point.rates[0]
        return np.array([q, 0, NU * q, 0, 1, 0, ONTO, 0, AX * q, 3 * AX * q])

    def transfer(self, y: Array, s: complex) -> complex:
        """Response of the rate to the input rate: c (s − A)⁻¹ b, by central differences."""
        steps = 1e-6 * np.maximum(np.abs(y), 1e-3)
        jacobian, reading = np.empty((10, 10)), np.empty(10)
        for i, h in enumerate(steps):
            up, down = y.copy(), y.copy()
            up[i] += h
            down[i] -= h
            jacobian[:, i] = (self(up, 1.0) - self(down, 1.0)) / (2 * h)
            reading[i] = (self.rate(up) - self.rate(down)) / (2 * h)
        drive = (self(y, 1.001) - self(y, 0.999)) / 0.002
        return complex(reading @ np.linalg.solve(s * np.eye(10) - jacobian, drive))


def test_fixed_point_is_one_of_the_equations() -> None:
    written = Written()
    for point in steady_states(model()).fixed_points:
        y = written.state(point)
        assert written.rate(y) == pytest.approx(point.rates[0], rel=1e-12)
        assert np.abs(written(y, 1.0)).max() < 1e-8
        assert point.voltages[0] == pytest.approx(NU * point.rates[0] + ONTO, rel=1e-13)


def test_all_fixed_points_are_found() -> None:
    q = np.linspace(0, QMAX, 1_000_001)
    ib = GX * 0.206 / 3
    ia = ib - GH * 0.029
    theta = (IC - 3 * ib * AX * q + (ib - ia) * 3 * AX * q) / MU
    residual = QMAX * expit((NU * q + ONTO - theta) / SIGMA) - q
    expected = q[1:][np.signbit(residual[1:]) != np.signbit(residual[:-1])]
    found = [p.rates[0] for p in steady_states(model()).fixed_points]
    assert len(found) == 3
    assert found == pytest.approx(expected.tolist(), abs=2e-4)


@pytest.mark.parametrize("f", [0.0, 0.2, 1.0, 7.0, 40.0])
def test_linear_response_is_that_of_the_equations(f: float) -> None:
    written = Written()
    for point in steady_states(model()).fixed_points:
        linear = linearise(model(), point)
        found = linear.transfer(Trace("pop", 1, "q"), angular([f]), np.zeros(1))[0, 0]
        expected = written.transfer(written.state(point), -2j * np.pi * f)
        assert found == pytest.approx(expected, rel=1e-6)


def test_slow_currents_matter_at_low_frequency_only() -> None:
    # without conductances the response is a sigmoid around i_c/μ
    still = model(BURSTING.replace(f"gX: {GX} gH: {GH}", "gX: 0 gH: 0"))
    plain = model(f"Sigmoid Theta: {IC / MU!r} Sigma: {SIGMA} Qmax: {QMAX}")
    trace, none = Trace("pop", 1, "q"), np.zeros(1)
    responses = [
        linearise(m, steady_states(m).lowest).transfer(trace, angular([0.1, 30.0]), none)[:, 0]
        for m in (still, plain)
    ]
    assert responses[0] == pytest.approx(responses[1], rel=1e-12)
    moving = linearise(model(), steady_states(model()).lowest)
    low, high = moving.transfer(trace, angular([0.1, 300.0]), none)[:, 0]
    # the sigmoid at the same point, its threshold held
    loops = moving.potentials(angular([0.1, 300.0]), none)
    held = moving.slopes[0] * loops[:, 0, 1] / (1 - moving.slopes[0] * loops[:, 0, 0])
    assert abs(high / held[1] - 1) < 5e-3
    assert abs(low / held[0] - 1) > 0.1


def test_soma_potential_has_no_share_of_the_threshold() -> None:
    point = steady_states(model()).lowest
    linear = linearise(model(), point)
    s, none = angular([2.0, 11.0]), np.zeros(1)
    v, first, second = (
        linear.transfer(t, s, none)
        for t in (Trace("pop", 1, "v"), Trace("dendrite", 1, "v"), Trace("dendrite", 2, "v"))
    )
    assert v == pytest.approx(first + second, rel=1e-12)


def test_library_model_starts_at_its_lowest_state() -> None:
    found = load_model("eirs-bursting")
    rates = steady_states(found).lowest.rates
    started = [found.populations[i].q for i in found.neural]
    assert rates == pytest.approx(started, rel=1e-6)


@pytest.mark.parametrize(
    "ramp", ["gX2: 5 tx1: 1 tx2: 2 tx3: 3 tx4: 4", "gH2: 5 th2: 1 th3: 1 th4: 2"]
)
def test_conductances_that_ramp(ramp: str, caplog: pytest.LogCaptureFixture) -> None:
    changing: Any = model(f"{BURSTING} {ramp}")
    with caplog.at_level("WARNING", logger="nftsim"):
        point = steady_states(changing).lowest
    assert "Population 1, firing (Bursting): its conductances change in time" in caplog.text
    assert point.rates == steady_states(model()).lowest.rates
    message = r"Population 1, firing \(Bursting\) has no linear theory: .* leave gX2 and gH2 out"
    with pytest.raises(NftsimError, match=message):
        linearise(changing, point)
    equal = model(f"{BURSTING} gX2: {GX} tx1: 1 tx2: 2 tx3: 3 tx4: 4")
    linearise(equal, point)  # a ramp to the same value is none
