"""Reduction of the fixed-point equations, piece by piece."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pytest
from numpy.typing import NDArray

from nftsim.components.base import Setting
from nftsim.components.firing import Firing, Linear, Sigmoid
from nftsim.model import load_model
from nftsim.theory.equations import Equations, eliminate_linear, merge
from nftsim.theory.fixed_points import steady_states
from nftsim.theory.mean_field import model_equations
from nftsim.theory.reduction import Step, reduce
from nftsim.theory.roots import degree, distinct, polish, scan_roots, start_roots
from tests.theory.small_models import network

Array = NDArray[np.float64]
SIGMOID = Sigmoid(theta=0.013, sigma=0.0038, qmax=340.0)


@dataclass(frozen=True, kw_only=True)
class Square(Firing):
    """A response without bounds, Q = V² in (10 mV)²; of the tests only."""

    def rate(self, v: Array) -> Array:
        return np.asarray((v / 0.01) ** 2)

    def slope(self, v: Array) -> Array:
        return np.asarray(2 * v / 0.01**2)

    def inverse(self, q: Array) -> Array:
        return np.where(q < 0, np.nan, 0.01 * np.sqrt(np.abs(q)))

    def coefficients(self, setting: Setting) -> tuple[Array, ...]:
        del setting
        return ()


def test_populations_that_answer_alike_are_merged() -> None:
    full = model_equations(load_model("eirs-wake"))
    merged, group = merge(full)
    assert group.tolist() == [0, 0, 1, 2]
    assert merged.nu[0, 0] == full.nu[0, 0] + full.nu[0, 1]
    assert len(merge(model_equations(load_model("emirs")))[0]) == 3


def test_merging_goes_on_while_it_makes_others_alike() -> None:
    # 2 listens to 0 and 3 to 1, which are the same; then 2 and 3 are the same too
    nu = np.array([[0, 0, 1, 1], [0, 0, 1, 1], [2, 0, 0, 0], [0, 2, 0, 0]]) * 1e-4
    merged, group = merge(Equations((SIGMOID,) * 4, nu, np.zeros(4)))
    assert group.tolist() == [0, 0, 1, 1]
    assert merged.nu.tolist() == [[0, 2e-4], [2e-4, 0]]


@pytest.mark.parametrize("other", [{"theta": 0.014}, {"sigma": 0.004}, {"qmax": 300.0}])
def test_populations_with_other_thresholds_stay_apart(other: dict[str, float]) -> None:
    firing = (SIGMOID, replace(SIGMOID, **other))
    assert len(merge(Equations(firing, np.full((2, 2), 1e-4), np.zeros(2)))[0]) == 2


def test_eirs_reduces_without_inverse_responses() -> None:
    merged, _ = merge(model_equations(load_model("eirs-wake")))
    reduction = reduce(merged)
    assert reduction is not None
    assert reduction.inversions == 0
    # e scanned: s from the equation of e, r forward, and the equation of s is left
    assert (reduction.scanned, reduction.last) == (0, 2)
    assert reduction.steps == (Step(0, 2), Step(1, 1))


def test_fully_connected_populations_do_not_reduce() -> None:
    nu = np.arange(1.0, 10.0).reshape(3, 3)
    assert reduce(Equations((SIGMOID,) * 3, nu, np.zeros(3))) is None


def test_slope_of_the_residual() -> None:
    # 0 hears itself and 1, 1 hears 0 and 2, 2 hears all: the response of 1 must be inverted
    nu = np.array([[2e-5, 1e-4, 0], [3e-5, 0, -1e-4], [1e-4, -1e-4, 1e-5]])
    reduction = reduce(Equations((SIGMOID,) * 3, nu, np.array([0.0, 0.03, 0.01])))
    assert reduction is not None
    assert reduction.steps == (Step(0, 1), Step(1, 2))
    x, h = np.linspace(*reduction.interval, 2001), 1e-8
    with np.errstate(all="ignore"):
        slope = reduction(x).slope
        numeric = (reduction(x + h).value - reduction(x - h).value) / (2 * h)
    known = np.isfinite(numeric) & np.isfinite(slope)
    assert known.sum() > 1900
    error = np.abs(numeric / slope - 1)[known]
    assert np.quantile(error, 0.95) < 1e-5


def test_scan_and_starts_find_the_same_roots() -> None:
    merged, _ = merge(model_equations(load_model("eirs-eyes-closed")))
    reduction = reduce(merged)
    assert reduction is not None
    scanned = scan_roots(reduction)
    polished = [polish(merged, q) for q in start_roots(merged, 24)]
    reached = [p[0] for p in polished if p is not None and p[2] < 1e-12]
    alone = [reached[i] for i in distinct(reached, merged.scales)]
    assert len(scanned) == len(alone) == 3
    assert np.sort(scanned, axis=0) == pytest.approx(np.sort(alone, axis=0), rel=1e-8)


def test_a_missing_root_shows_in_the_degree() -> None:
    merged, _ = merge(model_equations(load_model("eirs-eyes-closed")))
    reduction = reduce(merged)
    assert reduction is not None
    roots = list(scan_roots(reduction))
    assert degree(merged, roots) == 1
    for i in range(3):
        assert degree(merged, roots[:i] + roots[i + 1 :]) != 1


def test_linear_populations_are_solved_for() -> None:
    nu = np.array([[1e-4, 2e-4, 0], [3e-4, 1e-4, 1e-4], [0, 5e-4, 2e-4]])
    line, drive = Linear(a=1000.0, b=3.0), np.array([1e-3, 2e-3, -1e-3])
    equations = Equations((SIGMOID, line, line), nu, drive)
    reduced = eliminate_linear(equations)
    assert len(reduced.rest) == 1
    q = reduced.expand(np.array([12.0]))
    assert q[0] == 12.0
    assert q[1:] == pytest.approx(1000 * (nu @ q + drive)[1:] + 3, rel=1e-13)
    assert reduced.rest.voltages(q[:1]) == pytest.approx((nu @ q + drive)[:1], rel=1e-13)


def test_response_without_bounds() -> None:
    # V = ν (V/V0)² + d: a quadratic equation
    model = network([[1e-3]], onto=[2e-3])
    population = replace(model.populations[0], firing=Square())
    model = replace(model, populations=(population, *model.populations[1:]))
    roots = np.sort(np.roots([1e-3 / 0.01**2, -1, 2e-3]))
    found = [p.voltages[0] for p in steady_states(model).fixed_points]
    assert found == pytest.approx(roots.tolist(), rel=1e-12)
