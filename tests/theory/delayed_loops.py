"""Populations in loops with delays, whose roots are known in closed form, for the tests."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.special import lambertw

from nftsim.model import Model
from nftsim.theory.fixed_points import steady_states
from nftsim.theory.frozen import frozen
from nftsim.theory.response import LinearModel, linearise
from tests.theory.small_models import network

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


def linear_network(
    strengths: list[float], taus: list[float], kinds: list[str], rates: list[int], slowest: int
) -> Model | None:
    """Two linear populations and their inputs, propagators damped at `slowest` less their rate.

    None where they are not connected or close to having no fixed point.
    """
    parts = {}
    for i, (tau, kind, rate) in enumerate(zip(taus, kinds, rates, strict=True), start=1):
        damped = "" if kind == "Map" else f"Range: 0.15 gamma: {slowest - rate}"
        parts[f"Propagator {i}"] = f"{kind} - Tau: {tau} {damped}"
        parts[f"Dendrite {i}"] = f"alpha: {rate} beta: {3 * rate}"
    weights = [strengths[:2], strengths[2:]]
    if not np.any(weights) or np.linalg.cond(np.eye(2) - weights) > 1e3:
        return None
    used = 2 + np.count_nonzero(weights)
    parts = {k: v for k, v in parts.items() if int(k.split()[1]) <= used}
    return network(weights, firing=["Linear a: 1 b: 5"] * 2, parts=parts, grid=SHEET)
