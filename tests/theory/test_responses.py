"""Fixed points with every firing response, complete where there are several."""

from __future__ import annotations

import logging

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.polynomial import Polynomial
from scipy.special import expit

from nftsim.components import Firing
from nftsim.theory.fixed_points import steady_states
from nftsim.theory.mean_field import model_equations
from nftsim.theory.reduction import reduce
from nftsim.theory.roots import scan_roots
from tests.theory.small_models import SIGMOID, network

#: (V − 1 mV) etc. in the units of the responses: one population in mean field.
CASES = {
    "Sigmoid": SIGMOID,
    "Linear": "Linear a: 900 b: 2",
    "Quadratic": "Quadratic a: 9000 b: 700 c: 3",
    "Cubic": "Cubic a: -8e5 b: 9000 c: 700 d: 3",
    "Bursting": (
        "Bursting Sigma: 0.0033 Qmax: 80 Htilde: 0.1 Xtilde: 0.04 gX: 4 gH: 9.5 ic: 0.17 "
        "taux: 0.15 tauh: 0.6 ax: 0.003 mu: 16"
    ),
    "GlutamateResponse": f"GlutamateResponse Lambda: 1e-4 tGlu: 0.03 Function: {SIGMOID}",
}


def rate(keyword: str, v: float, q: float) -> float:
    """The responses written out; of bursting neurons with the threshold at the rate q."""
    if keyword in ("Sigmoid", "GlutamateResponse"):
        return float(340 * expit((v - 0.013) / 0.0038))
    if keyword == "Bursting":
        x = max(0.003 * q, 0)
        ib = -4 * (-0.066 - 0.14) / 3
        ia = ib - 9.5 * (-0.066 + 0.095)
        theta = (0.17 - 3 * ib * x + (ib - ia) * 3 * x) / 16
        return float(80 * expit((v - theta) / 0.0033))
    powers = {"Linear": [2, 900], "Quadratic": [3, 700, 9e3], "Cubic": [3, 700, 9e3, -8e5]}
    return float(Polynomial(powers[keyword])(v))


def test_every_response_has_a_case() -> None:
    assert set(CASES) == set(Firing.registry)


@pytest.mark.parametrize("keyword", CASES)
def test_state_obeys_the_equations(keyword: str) -> None:
    model = network([[2e-4]], firing=[CASES[keyword]], onto=[8e-3])
    found = steady_states(model).fixed_points
    assert found
    for point in found:
        (q,), (v,) = point.rates, point.voltages
        assert v == pytest.approx(2e-4 * q + 8e-3, rel=1e-12)
        assert q == pytest.approx(rate(keyword, v, q), rel=1e-10)
        assert point.residual < 1e-13


def test_glutamate_changes_no_state() -> None:
    plain, with_glutamate = (
        steady_states(network([[4e-4]], firing=[f], onto=[-1e-2])).fixed_points
        for f in (SIGMOID, CASES["GlutamateResponse"])
    )
    assert len(plain) == 3
    assert [p.rates[0] for p in plain] == [p.rates[0] for p in with_glutamate]


def response_with(roots: list[float], nu: float, drive: float, curvature: float) -> Polynomial:
    """S such that V − ν S(V) − d = curvature · Π (V − V_i)."""
    product = Polynomial.fromroots(roots)
    return (Polynomial([-drive, 1.0]) - curvature * product) / nu


@given(
    start=st.floats(-0.1, 0.1),
    gaps=st.lists(st.floats(1e-2, 0.1), min_size=1, max_size=2),
    curvature=st.sampled_from([-1.0, 1.0]),
    nu=st.sampled_from([1e-4, -1e-3]),
)
@settings(max_examples=60, deadline=None)
def test_polynomial_with_known_states(
    start: float, gaps: list[float], curvature: float, nu: float
) -> None:
    roots = (start + np.cumsum([0.0, *gaps])).tolist()
    scale = curvature / min(gaps) ** (len(roots) - 1)
    powers = response_with(roots, nu, 5e-3, scale).coef.tolist()
    names = "abcd"[: len(powers)]
    text = " ".join(f"{n}: {p!r}" for n, p in zip(names, reversed(powers), strict=True))
    kind = "Quadratic" if len(roots) == 2 else "Cubic"
    model = network([[nu]], firing=[f"{kind} {text}"], onto=[5e-3])
    found = sorted(p.voltages[0] for p in steady_states(model).fixed_points)
    assert found == pytest.approx(roots, rel=1e-6, abs=1e-8)


@pytest.mark.parametrize("others", [[], [0.003], [0.05], [0.019]])
def test_close_pair_of_states(others: list[float]) -> None:
    roots = sorted([*others, 0.02, 0.02 + 1e-5])
    powers = response_with(roots, 1e-4, 5e-3, 50.0 ** (len(roots) - 1)).coef.tolist()
    text = " ".join(f"{n}: {p!r}" for n, p in zip("abcd", reversed(powers), strict=False))
    kind = "Quadratic" if len(roots) == 2 else "Cubic"
    model = network([[1e-4]], firing=[f"{kind} {text}"], onto=[5e-3])
    found = sorted(p.voltages[0] for p in steady_states(model).fixed_points)
    assert found == pytest.approx(roots, abs=1e-8)
    reduction = reduce(model_equations(model))
    assert reduction is not None
    assert len(scan_roots(reduction)) >= 2  # the pair, by the scan alone


def test_states_of_any_size_are_found() -> None:
    # V = 1e-4 (V² + V + 1): one root is a tenth of a millivolt, the other ten kilovolts
    model = network([[1e-4]], firing=["Quadratic a: 1 b: 1 c: 1"], onto=[0])
    found = [p.voltages[0] for p in steady_states(model).fixed_points]
    assert found == pytest.approx(np.sort(np.roots([1e-4, 1e-4 - 1, 1e-4])).tolist(), rel=1e-10)


def test_parabola_without_a_state_is_refused() -> None:
    model = network([[1e-4]], firing=["Quadratic a: 1e6 b: 0 c: 200"], onto=[0])
    with pytest.raises(Exception, match="no fixed point found"):
        steady_states(model)


def test_two_cubics_have_up_to_nine_states() -> None:
    # x → 2x³ − x or so, twice over: 0, ±1 and more, in units of 10 mV and 10 s⁻¹
    unit = 0.01
    cubic = [0.0, -2.4 / unit * 10, 0.0, 3.2 / unit**3 * 10]  # V [V] → Q [s⁻¹]
    nu = 1e-3
    text = f"Cubic a: {cubic[3]!r} b: 0 c: {cubic[1]!r} d: 0"
    model = network([[0, nu], [nu, 0]], firing=[text, text], onto=[0, 1e-5])
    once = Polynomial(cubic)
    twice = nu * once(nu * once + 1e-5) - Polynomial([0, 1])  # by the potential of the first
    roots = twice.roots()
    expected = np.sort(roots[np.abs(roots.imag) < 1e-9].real)
    found = sorted(p.voltages[0] for p in steady_states(model).fixed_points)
    assert len(expected) == 9
    assert found == pytest.approx(expected.tolist(), rel=1e-7, abs=1e-9)


@pytest.mark.parametrize("drive", [-2e-3, 4e-3, 9e-3])
def test_parabola_and_sigmoid(drive: float) -> None:
    parabola = Polynomial([2.0, -300.0, 4e5])
    model = network(
        [[1e-4, 3e-4], [1e-4, 0]],
        firing=[SIGMOID, "Quadratic a: 4e5 b: -300 c: 2"],
        onto=[drive, -9e-3],
    )
    q = np.linspace(0, 340, 2_000_001)
    v = 1e-4 * q + 3e-4 * parabola(1e-4 * q - 9e-3) + drive
    residual = 340 * expit((v - 0.013) / 0.0038) - q
    expected = q[1:][np.signbit(residual[1:]) != np.signbit(residual[:-1])]
    found = [p.rates[0] for p in steady_states(model).fixed_points]
    assert found == pytest.approx(expected.tolist(), abs=2e-4)


def test_many_polynomials_may_have_more_states(caplog: pytest.LogCaptureFixture) -> None:
    # from no single potential do the rates follow
    nu = [[1e-5, 2e-5, 3e-5], [2e-5, 1e-5, 1e-5], [3e-5, 1e-5, 2e-5]]
    model = network(nu, firing=["Quadratic a: 1e4 b: 100 c: 3"] * 3)
    with caplog.at_level(logging.WARNING, logger="nftsim"):
        found = steady_states(model).fixed_points
    assert all(p.residual < 1e-13 for p in found)
    assert "may not be all" in caplog.text
