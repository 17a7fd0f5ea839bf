"""Newton's method that known roots push away, so that each start may find several."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from nftsim.theory.equations import Array, Equations

#: Potentials by which distances from known roots are measured [V].
UNIT = 1e-2
#: Steps of one attempt, the change that ends it, and the longest step, in units of `UNIT`.
STEPS, SMALL, LONGEST = 100, 1e-11, 50.0
#: Squared distance from a known root at which an attempt ends, in units of `UNIT`.
NEAR = 1e-24
#: Starts, as shares of the way from the smallest to the largest potentials of known roots.
SHARES = (-0.5, -0.1, 0.25, 0.5, 0.75, 1.1, 1.5)


def deflated_roots(equations: Equations, known: Sequence[Array], starts: Array) -> list[Array]:
    """Return roots beside the known ones.

    Newton's method solves M(V) F(V) = 0 in place of F(V) = V − ν S(V) − d = 0, where
    M = Π (1 + 1/r_i²), r_i the distance from a known root, is infinite at these (Brown & Gearhart
    1971). Its step is Newton's own times a number. Each start is used until it finds nothing new.

    Parameters
    ----------
    equations
        Any equations.
    known
        Rates of known roots, each of shape (P,) [s⁻¹].
    starts
        Potentials to begin at, shape (n, P) [V].
    """
    places = [equations.voltages(q) for q in known]
    found: list[Array] = []
    with np.errstate(all="ignore"):
        for start in [*_between(places), *starts]:
            while (v := _newton(equations, start, places)) is not None:
                places.append(v)
                found.append(equations.rates(v))
    return found


def _between(places: Sequence[Array]) -> list[Array]:
    """Return points on the line through known roots, where others may be."""
    if not places:
        return []
    low, high = np.min(places, axis=0), np.max(places, axis=0)
    return [low + share * (high - low) for share in SHARES]


def _newton(equations: Equations, start: Array, known: Sequence[Array]) -> Array | None:
    v = start.copy()
    eye = np.eye(len(v))
    for _ in range(STEPS):
        residual = v - equations.voltages(equations.rates(v))
        try:
            step = -np.linalg.solve(eye - equations.nu * equations.slopes(v), residual)
        except np.linalg.LinAlgError:
            return None
        push = 0.0  # the slope of log M along the step
        for root in known:
            away = (v - root) / UNIT
            square = float(away @ away)
            if square < NEAR:
                return None  # pushed away by nothing that can be computed with
            push += -2 * float(away @ step) / UNIT / (square * (1 + square))
        step = step / (1 - push)
        length = float(np.max(np.abs(step))) / UNIT
        if not np.isfinite(length):
            return None
        v = v + step * min(1.0, LONGEST / length if length else 1.0)
        if length < SMALL * (1 + float(np.max(np.abs(v))) / UNIT):
            return v
    return None
