"""Finding all roots: by a resolved scan in one dimension, and from many starts in several."""

from __future__ import annotations

import warnings
from collections.abc import Sequence

import numpy as np
from scipy import optimize

from nftsim.theory.equations import Array, Equations
from nftsim.theory.reduction import MILLIVOLT, Reduction

#: Points of the first scan, four times as many where the potential has no bounds, and the largest
#: change of a rate between neighbouring points of the refined one, in units of Qmax; without one,
#: of its orders of magnitude in the first scan.
POINTS = 4001
RESOLUTION = 1 / 256
#: Starting points of the hybrid method in several dimensions: beside a scan that sees everything,
#: without one, where roots are known to be missing; and of Broyden's, which is ten times slower.
FEW_STARTS, MANY_STARTS, MOST_STARTS, BROYDEN_STARTS = 24, 400, 6000, 12


def scan_roots(reduction: Reduction) -> Array:
    """Return every root that a scan over one potential brackets.

    The scan is refined until no rate changes by more than `RESOLUTION` between neighbours. Between
    them, a residual that turns back towards zero is followed to its extremum, so that a close
    pair of roots is not missed.

    Returns
    -------
    ndarray
        Rates, shape (roots, P) [s⁻¹].
    """
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        x = _with_extrema(reduction, _resolved(reduction))
        value = reduction(x).value
        crossing = np.signbit(value[:-1]) != np.signbit(value[1:])
        crossing &= np.isfinite(value[:-1]) & np.isfinite(value[1:])
        left, right = x[:-1][crossing], x[1:][crossing]
        if len(left) == 0:
            return np.empty((0, len(reduction.equations)))
        return reduction(_newton(reduction, left, right)).rates.T


def _resolved(reduction: Reduction) -> Array:
    """Return scan points, closer together where a rate changes or leaves its range."""
    x = reduction.points(POINTS if reduction.bounded else 4 * POINTS)
    first = np.nan_to_num(reduction(x).terms, posinf=0.0, neginf=0.0)
    span = np.maximum(np.ptp(first, axis=1, keepdims=True), 1.0)
    while True:
        found = reduction(x)
        ends = np.isnan(found.value)
        coarse = (np.abs(np.diff(found.terms)) > RESOLUTION * span).any(axis=0)
        coarse |= ends[:-1] != ends[1:]
        # where a rate jumps, halving ends
        coarse &= np.diff(x) > 1e-13 * (MILLIVOLT + np.abs(x[1:]))
        if not coarse.any():
            return x
        x = np.sort(np.concatenate([x, 0.5 * (x[:-1] + x[1:])[coarse]]))


def _with_extrema(reduction: Reduction, x: Array) -> Array:
    """Add a point where the residual turns back towards zero between two scan points.

    It is the extremum, or a point beyond zero if the way there meets one.
    """
    found = reduction(x)
    # growing away from zero: positive; approaching it: negative
    growth = found.value * found.slope
    same = np.signbit(found.value[:-1]) == np.signbit(found.value[1:])
    turning = same & (growth[:-1] < 0) & (growth[1:] > 0)
    left, right = x[:-1][turning], x[1:][turning]
    side = np.signbit(found.value[:-1][turning])
    for _ in range(60):
        middle = 0.5 * (left + right)
        here = reduction(middle)
        beyond = np.signbit(here.value) != side
        approaching = here.value * here.slope < 0
        left = np.where(approaching | beyond, middle, left)
        right = np.where(approaching & ~beyond, right, middle)
    return np.unique(np.concatenate([x, left]))


def _newton(reduction: Reduction, left: Array, right: Array) -> Array:
    """Refine brackets by Newton's method, bisecting where a step would leave the bracket."""
    rising = reduction(right).value > 0
    x = 0.5 * (left + right)
    for _ in range(200):
        found = reduction(x)
        above = (found.value > 0) == rising
        left, right = np.where(above, left, x), np.where(above, x, right)
        step = x - found.value / found.slope
        inside = (step > left) & (step < right)
        fresh = np.where(inside, step, 0.5 * (left + right))
        if np.all(np.abs(fresh - x) <= 4 * np.spacing(np.abs(x))):
            return fresh
        x = fresh
    return x


def start_roots(equations: Equations, starts: int) -> Array:
    """Return the points that scipy's hybrid and Broyden methods reach from many starts.

    The starts fill the range of rates evenly, by an additive recurrence whose steps are powers of
    1/g with g^(P+1) = g + 1 (for P = 1 the golden ratio). Every other one starts at the potentials
    that give these rates, where the responses are steep; the rest at the potentials that these
    rates cause, where most of the populations are silent or saturated.

    Returns
    -------
    ndarray
        Rates, shape (found, P) [s⁻¹], repeated ones included.
    """
    found = []
    for number, start in enumerate(_starts(equations, starts)):
        for method in ("hybr", "broyden1") if number < BROYDEN_STARTS else ("hybr",):
            v = _solve(equations, start, method)
            if v is not None:
                found.append(equations.rates(v))
    return np.array(found).reshape(-1, len(equations))


def few(equations: Equations) -> Array:
    """Return a few starting potentials, shape (n, P) [V]."""
    return _starts(equations, FEW_STARTS)


def _starts(equations: Equations, count: int) -> Array:
    """Return at most `count` starting potentials, shape (n, P) [V]."""
    populations = len(equations)
    g = optimize.brentq(lambda x: x ** (populations + 1) - x - 1, 1.0, 2.0)
    steps = g ** -np.arange(1.0, populations + 1)
    even = np.mod(0.5 + np.arange(1, count + 1)[:, None] * steps, 1.0)
    low, high = equations.bounds.T
    bounded = equations.bounded
    low, high = np.where(bounded, low, -100.0), np.where(bounded, high, 100.0)
    rates = low + (high - low) * even
    v = rates @ equations.nu.T + equations.drive
    steep = [f.inverse(rates[::2, i]) for i, f in enumerate(equations.firing)]
    known = np.stack(steep, axis=1)
    v[::2] = np.where(np.isfinite(known), known, v[::2])  # polynomials have no inverse
    return v[np.isfinite(v).all(axis=1)]


def _solve(equations: Equations, start: Array, method: str) -> Array | None:
    # potentials are of the order of millivolts; scipy's solvers want unknowns of order 1
    def residual(u: Array) -> Array:
        v = u * MILLIVOLT
        return (v - equations.voltages(equations.rates(v))) / MILLIVOLT

    def jacobian(u: Array) -> Array:
        return np.eye(len(u)) - equations.nu * equations.slopes(u * MILLIVOLT)

    options = {"maxiter": 60} if method == "broyden1" else {}
    extra = {"jac": jacobian} if method == "hybr" else {}
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            result = optimize.root(
                residual, start / MILLIVOLT, method=method, options=options, **extra
            )
        except (ValueError, ArithmeticError, np.linalg.LinAlgError):
            return None  # Broyden's update broke down from this start
    return np.asarray(result.x) * MILLIVOLT if np.isfinite(result.x).all() else None


def polish(equations: Equations, q: Array) -> tuple[Array, Array, float] | None:
    """Refine one root by Newton's method on all equations, to rounding.

    Returns
    -------
    rates, voltages
        Shape (P,) [s⁻¹] and [V].
    residual
        max |Q_a − S_a(V_a)| in units of each response's scale, or of Q_a where that is larger;
        None in place of all three if the iteration leaves the finite numbers.
    """
    v = equations.voltages(q)
    best: tuple[Array, Array, float] | None = None
    with np.errstate(all="ignore"):
        for _ in range(50):
            q = equations.rates(v)
            full = equations.voltages(q)
            scales = np.maximum(equations.scales, np.abs(q))
            residual = float(np.max(np.abs(q - equations.rates(full)) / scales))
            if not np.isfinite(residual) or (best is not None and residual >= best[2]):
                break
            best = (q, full, residual)
            jacobian = np.eye(len(v)) - equations.nu * equations.slopes(v)
            try:
                v = v - np.linalg.solve(jacobian, v - full)
            except np.linalg.LinAlgError:
                break
    return best


def degree(equations: Equations, roots: Sequence[Array]) -> int:
    """Return the sum of the indices sign det(1 − ν ρ) of roots.

    With bounded, continuous responses Q → S(ν Q + d) maps a box of rates into itself, and the
    indices of all its fixed points together make 1 (Brouwer's degree). Any other sum shows that
    roots are missing.
    """
    with np.errstate(all="ignore"):
        slopes = [equations.slopes(equations.voltages(q)) for q in roots]
    eye = np.eye(len(equations))
    return int(sum(np.sign(np.linalg.det(eye - equations.nu * rho)) for rho in slopes))


def distinct(roots: Sequence[Array], scales: Array, tolerance: float = 1e-7) -> list[int]:
    """Return the indices of roots that differ from all earlier ones by more than rounding.

    Parameters
    ----------
    roots
        Rates, each of shape (P,) [s⁻¹].
    scales
        Rates to which the tolerance is relative, where the root is not larger, shape (P,) [s⁻¹].
    tolerance
        Largest relative difference of equal roots.
    """
    kept: list[int] = []
    for i, root in enumerate(roots):
        unit = np.maximum(scales, np.abs(root))
        if all(np.max(np.abs(root - roots[k]) / unit) > tolerance for k in kept):
            kept.append(i)
    return kept
