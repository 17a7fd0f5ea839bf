"""Certified fixed points: none missing, and said to be all only where they are."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import expit

from nftsim.components.couplings import Matrix
from nftsim.components.firing import Quadratic, Sigmoid
from nftsim.errors import ModelError, NftsimError
from nftsim.model import Model, library, load_model
from nftsim.theory.certified import certified_roots
from nftsim.theory.deflation import deflated_roots
from nftsim.theory.enclosures import Enclosures
from nftsim.theory.equations import Equations, merge
from nftsim.theory.fixed_points import all_roots, steady_states
from nftsim.theory.intervals import Interval
from nftsim.theory.mean_field import model_equations
from nftsim.theory.reduction import eliminate
from nftsim.theory.roots import few
from tests.theory.small_models import SIGMOID, network

Array = NDArray[np.float64]
RESPONSE = Sigmoid(theta=0.013, sigma=0.0038, qmax=340.0)


@pytest.mark.parametrize("name", library())
def test_states_of_the_library_are_complete(name: str) -> None:
    found = steady_states(load_model(name))
    assert found.complete
    assert found.to_dict()["complete"] is True


def test_states_of_nftsims_models_are_complete(reference: Path) -> None:
    complete = 0
    for file in sorted((reference / "nftsim-configs").rglob("*.conf")):
        try:
            model = load_model(str(file))
        except ModelError:  # what other tests show
            continue
        if not model.neural:
            continue
        try:
            found = steady_states(model)
        except NftsimError:
            assert varies(model), file
            continue
        assert found.complete, file
        complete += 1
    assert complete >= 25


def varies(model: Model) -> bool:
    """Whether a model has no uniform state: a Matrix whose rows differ, or a list of numbers."""
    return any(isinstance(c.coupling, Matrix) or c.coupling.varying for c in model.connections)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("eirs-corticothalamic", (5.248361501, 15.396019758, 8.789733377)),
        ("Published/Abeysuriya_2014/figure_1", (7.591590424, 19.853079391, 5.055301962)),
        ("Published/Abeysuriya_2014/figure_2", (8.458982355, 27.835079120, 0.534828660)),
    ],
)
def test_lowest_states_of_nftsims_models(
    name: str, expected: tuple[float, ...], reference: Path
) -> None:
    model = load_model(str(reference / "nftsim-configs" / f"{name}.conf"))
    e, _, r, s = steady_states(model).lowest.rates
    assert [e, r, s] == pytest.approx(expected, abs=1e-8)


def test_lowest_state_of_ei(reference: Path) -> None:
    model = load_model(str(reference / "nftsim-configs" / "ei-cortical.conf"))
    (point,) = steady_states(model).fixed_points
    # both obey the same equation
    own = brentq(lambda q: 340 * expit((7.5e-4 - 3e-4 * q - 0.013) / 0.0038) - q, 0, 340)
    assert point.rates == pytest.approx([own, own], abs=1e-8)
    assert own == pytest.approx(7.38854, abs=3e-4)


def fold(nu: float) -> tuple[float, float]:
    """Potential and drive [V] where V = ν S(V) + d has a double root, on the lower branch."""
    root = np.sqrt(1 - 4 * 0.0038 / (nu * 340))
    z = np.log((1 - root) / (1 + root))
    v = 0.013 + 0.0038 * z
    return float(v), float(v - nu * 340 * expit(z))


@pytest.mark.parametrize("distance", [1e-4, 1e-6, 1e-8, 1e-10, 1e-12])
@pytest.mark.parametrize("count", [1, 2])
def test_close_pairs_are_told_apart(distance: float, count: int) -> None:
    # with two populations that answer each other's mean, the same equation in two unknowns
    nu = 1e-3
    v, drive = fold(nu)
    weights = np.full((count, count), nu / count)
    firing = (RESPONSE, replace(RESPONSE, qmax=340.0))[:count]
    for side, expected in ((-1, 3), (1, 1)):
        found = certified_roots(Equations(firing, weights, np.full(count, drive + side * distance)))
        assert found is not None
        assert found.complete
        assert len(found.roots) == expected
    below = certified_roots(Equations(firing, weights, np.full(count, drive - distance)))
    assert below is not None
    low, middle = np.sort(below.roots[:, 0])[:2]
    # of a parabola at its bottom
    curvature = nu * RESPONSE.slope(np.array(v)) * (1 - 2 * expit((v - 0.013) / 0.0038)) / 0.0038
    apart = 2 * np.sqrt(2 * distance / curvature) * RESPONSE.slope(np.array(v))
    assert middle - low == pytest.approx(float(apart), rel=0.05)


@pytest.mark.parametrize("tiny", [7e-206, -7e-206, 1e-12])
def test_connections_that_are_hardly_felt(tiny: float) -> None:
    nu = np.array([[0.0, tiny], [5e-4, -0.002]])
    found = all_roots(Equations((RESPONSE, RESPONSE), nu, np.zeros(2)))
    assert found.complete
    assert len(found.roots) == 1


def test_a_double_root_is_not_called_complete() -> None:
    _, drive = fold(1e-3)
    found = all_roots(Equations((RESPONSE,), np.array([[1e-3]]), np.array([drive])))
    assert not found.complete
    assert max(r.rates[0] for r in found.roots) > 300


def test_unbounded_responses_are_not_certified() -> None:
    parabola = Quadratic(a=1e5, b=0.0, c=1.0)
    found = all_roots(Equations((parabola,), np.array([[1e-3]]), np.zeros(1)))
    assert len(found.roots) == 2
    assert not found.complete


def test_linear_networks_are_complete() -> None:
    assert steady_states(network([[2e-4]], firing=["Linear a: 1000 b: 1"])).complete


def crossings(equations: Equations, points: int = 400_001) -> int:
    """Number of roots of two populations by brute force, of which 0 hears 1."""
    v = np.linspace(-1.5, 1.5, points)
    first = equations.firing[0].rate(v)
    other = (v - equations.nu[0, 0] * first - equations.drive[0]) / equations.nu[0, 1]
    onto = equations.nu[1, 0] * first + equations.nu[1, 1] * other + equations.drive[1]
    residual = equations.firing[1].rate(onto) - other
    return int((np.signbit(residual[1:]) != np.signbit(residual[:-1])).sum())


def test_two_populations_against_a_fine_scan() -> None:
    rng = np.random.default_rng(5)
    counts = []
    for _ in range(60):
        firing = (RESPONSE, replace(RESPONSE, qmax=rng.uniform(50, 400)))
        nu = rng.uniform(-2e-3, 2e-3, (2, 2))
        e = Equations(firing, nu, rng.uniform(-5e-3, 5e-3, 2))
        found = all_roots(e)
        assert found.complete
        assert len(found.roots) == crossings(e)
        counts.append(len(found.roots))
    assert max(counts) >= 5


def test_corticothalamic_models_against_a_fine_scan() -> None:
    rng = np.random.default_rng(8)
    base = load_model("eirs-wake")
    merged, _ = merge(model_equations(base))
    v = np.linspace(-0.8, 1.6, 1_000_001)
    seen = set()
    for _ in range(25):
        e = replace(merged, nu=merged.nu * rng.uniform(0.2, 3.0, merged.nu.shape))
        cortex = e.firing[0].rate(v)
        relay = (v - e.nu[0, 0] * cortex - e.drive[0]) / e.nu[0, 2]
        reticular = e.firing[1].rate(e.nu[1, 0] * cortex + e.nu[1, 2] * relay)
        residual = e.firing[2].rate(e.nu[2, 0] * cortex + e.nu[2, 1] * reticular + e.drive[2])
        residual -= relay
        expected = int((np.signbit(residual[1:]) != np.signbit(residual[:-1])).sum())
        found = all_roots(e)
        assert found.complete
        assert len(found.roots) == expected
        seen.add(expected)
    assert len(seen) > 1


@pytest.mark.parametrize("scanned", [(0,), (0, 1), (0, 1, 2)])
def test_bounds_hold_what_they_bound(scanned: tuple[int, ...]) -> None:
    merged, _ = merge(model_equations(load_model("eirs-spindle")))
    plan = eliminate(merged, scanned, inverting=False)
    assert plan is not None
    of = Enclosures(merged, plan)
    rng = np.random.default_rng(1)
    k = len(scanned)
    centre = rng.uniform(-0.02, 0.04, (200, k))
    reach = 10.0 ** rng.uniform(-9, -2, (200, 1))
    whole = of(Interval(centre - reach, centre + reach))
    for _ in range(20):
        points = of(Interval.point(centre + reach * rng.uniform(-1, 1, (200, k))))
        for inner, outer in ((points.value, whole.value), (points.slope, whole.slope)):
            middle = inner.middle
            assert (outer.low <= middle).all()
            assert (middle <= outer.high).all()


def test_roots_push_newtons_method_away() -> None:
    nu = np.array([[3e-4, 1e-4, 2e-4], [1.5e-4, 3e-4, 1e-4], [2.5e-4, 1e-4, 3e-4]])
    e = Equations((RESPONSE,) * 3, nu, np.array([-1e-2, -1.2e-2, -1.1e-2]))
    certified = certified_roots(e)
    assert certified is not None
    assert len(certified.roots) == 3
    for i in range(3):
        others = deflated_roots(e, [certified.roots[i]], few(e)[:6])
        found = np.array([*others, certified.roots[i]])
        for root in certified.roots:
            assert np.abs(found - root).max(axis=1).min() < 1e-6


def test_three_coupled_populations_are_complete() -> None:
    nu = [[3e-4, 1e-4, 2e-4], [1.5e-4, 3e-4, 1e-4], [2.5e-4, 1e-4, 3e-4]]
    found = steady_states(network(nu, onto=[-1e-2, -1.2e-2, -1.1e-2], firing=[SIGMOID] * 3))
    assert found.complete
    assert len(found.fixed_points) == 3
