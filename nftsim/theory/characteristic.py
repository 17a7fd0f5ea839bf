"""Roots of the characteristic function of one mode: how many, where, and made precise.

The function is det(1 − ρ (ν L Γ e^{−sτ} + f)) with its poles cleared (see `nftsim.theory.delays`).
"""

from __future__ import annotations

import logging
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from nftsim.theory.chebyshev import eigenvalues
from nftsim.theory.contour import Function, turns
from nftsim.theory.delays import DelayModel, DelaySystem, pick
from nftsim.theory.equations import Array, Indices
from nftsim.theory.modes import Laplacian
from nftsim.theory.response import LinearModel

log = logging.getLogger(__name__)
Complex = NDArray[np.complex128]

#: Points on the past of each delayed rate, until the roots found are as many as are counted.
POINTS = (16, 32, 64, 128)
#: How far a root may be from a guess, as a share of 1 s⁻¹ + |s|.
NEAR = 1e-3
#: How many eigenvalues are tried besides those wanted, as some are none of the delay system.
GUESSES = 16
#: Roots further right than another by less than this share of 1 s⁻¹ + |Re s| count as level.
LEVEL = 1e-6
#: A gap between roots in which a line may lie, as a share of 1 s⁻¹ + |Re s|.
CLEAR = 0.02
#: First steps along a line, as a share of 1/τ for the longest delay, and how many at most.
STEP, STEPS = 0.5, 4000


def rightmost_roots(linear: LinearModel, laplacian: Laplacian, count: int = 6) -> Complex:
    """Return the rightmost roots of one mode, both of a conjugate pair, rightmost first.

    Parameters
    ----------
    linear
        The linear response of the equations, in a treatment other than ``scheme``.
    laplacian
        The mode, e.g. ``np.zeros(())`` for k = 0.
    count
        How many at least, if there are so many; multiple ones count several times.

    Returns
    -------
    ndarray
        Shape (roots,) [s⁻¹].
    """
    return rightmost(DelayModel(linear), laplacian, count)


def count_right(delays: DelayModel, laplacian: Laplacian, left: float) -> Indices:
    """Return how many roots of each mode lie right of Re s = left, by the argument principle.

    Parameters
    ----------
    delays
        The model.
    laplacian
        Modes, shape (M,).
    left
        The line [s⁻¹]. Where a root lies on it, a line a little further right counts.

    Returns
    -------
    ndarray
        Shape (M,).
    """
    poles = delays.poles(laplacian)

    def half(rest: Indices, line: float) -> Array:
        some = pick(laplacian, rest)
        first = first_points(delays, delays.radius(some, line), poles[rest], line)
        return turns(characteristic(delays.linear, some), line, first)

    return counted(half, poles, left)


def counted(half: Callable[[Indices, float], Array], poles: Complex, left: float) -> Indices:
    """Return the number of roots of each mode right of a line, shape (M,).

    Parameters
    ----------
    half
        Half turns of the function with poles, of some modes, along a line (see
        `nftsim.theory.contour.turns`); NaN where a root lies on it.
    poles
        Of each mode, shape (M, n) [s⁻¹].
    left
        The line [s⁻¹]; it is moved a little to the right where a root lies on it.
    """
    counts = np.zeros(len(poles), dtype=np.intp)
    rest = np.arange(len(poles))
    while len(rest):
        turned = half(rest, left)
        known = np.isfinite(turned)
        right = (poles[rest].real > left).sum(axis=1)
        counts[rest[known]] = np.round(turned[known]).astype(np.intp) + right[known]
        rest = rest[~known]
        left += LEVEL * (1 + abs(left))
    return counts


def characteristic(linear: LinearModel, laplacian: Laplacian) -> Function:
    """Return det(1 − ρ (ν L Γ e^{−sτ} + f)) of several modes, poles and all."""

    def function(s: Complex, mode: Indices) -> Complex:
        return np.asarray(np.linalg.det(linear.response(s, pick(laplacian, mode))))

    return function


def first_points(delays: DelayModel, radius: float, poles: Complex, left: float) -> Array:
    """Return the points with which to begin along a line, shape (modes, n) [s⁻¹].

    Parameters
    ----------
    delays
        The model, for its delays.
    radius
        The last point [s⁻¹].
    poles
        Of each mode, shape (modes, n) [s⁻¹].
    left
        The line [s⁻¹].
    """
    step = min(radius / 32, STEP / delays.longest if delays.longest else radius / 32)
    even = np.linspace(0.0, radius, min(STEPS, int(np.ceil(radius / step)) + 1))
    # near a pole closer to the line than a step, the function may turn within one
    distance = np.abs(poles.real - left)
    near = distance < even[1]
    around = np.abs(poles.imag)[..., None] + distance[..., None] * np.array([-4, -1, 0, 1, 4])
    around = np.where(near[..., None], around, 0.0).reshape(len(poles), -1)
    both = np.concatenate([np.tile(even, (len(poles), 1)), np.clip(around, 0.0, radius)], axis=1)
    return np.sort(both, axis=1)


def rightmost(delays: DelayModel, laplacian: Laplacian, count: int) -> Complex:
    """Return what `rightmost_roots` does, of a model whose delay equations are known."""
    system = delays.system(laplacian)
    mode = pick(laplacian, None)  # with an axis of modes
    if not system.delayed:  # a matrix has all its eigenvalues, to rounding
        return _plain(eigenvalues(system, 1)[: count + 1])
    for points in POINTS:
        guesses = _promising(system, eigenvalues(system, points))[: 2 * count + GUESSES]
        roots = newton(system, guesses)
        roots = roots[np.argsort(-roots.real)]
        if len(roots) > count:
            # a line in the first gap that keeps it clear of all roots, or in the widest one
            gaps = -np.diff(roots.real)[count - 1 :] / (1 + np.abs(roots.real[count:]))
            last = count - 1 + int(np.argmax(np.minimum(gaps, CLEAR)))
            line = 0.5 * (roots.real[last] + roots.real[last + 1])
            if count_right(delays, mode, line)[0] == last + 1:
                return roots[: last + 1]
    log.warning(
        "%s: the rightmost roots, near %.3g s^-1, are not as many as the argument principle counts",
        delays.linear.model.name,
        roots.real[0] if len(roots) else np.nan,
    )
    return roots[: count + 1] if len(roots) else eigenvalues(system, points)[: count + 1]


def _promising(system: DelaySystem, guesses: Complex) -> Complex:
    """Return the guesses from which Newton's method makes a small first step.

    The others are eigenvalues of the discretisation alone, its outermost ones.
    """
    longest = max((term.tau for term in system.delayed), default=0.0)
    guesses = guesses[-guesses.real * longest < 200]  # further left e^{−sτ} overflows
    step = np.abs(_step(system, _beside(guesses)))
    return np.asarray(guesses[step < NEAR * (1 + np.abs(guesses))])


def _beside(s: Complex) -> Complex:
    """Return points close to guesses: exactly at a double root a step is all rounding."""
    return np.asarray(s + 1e-6 * (1 + np.abs(s)))


def _step(system: DelaySystem, s: Complex) -> Complex:
    """Return by how much Newton's method corrects each of several guesses, shape (n,) [s⁻¹]."""
    with np.errstate(all="ignore"):
        try:
            ratio = np.linalg.solve(system.matrix(s), system.derivative(s))
        except np.linalg.LinAlgError:
            if len(s) == 1:  # exactly a root
                return np.zeros(1, dtype=complex)
            return np.concatenate([_step(system, one) for one in np.split(s, len(s))])
        return np.asarray(1 / np.trace(ratio, axis1=-2, axis2=-1))


def newton(system: DelaySystem, guesses: Complex) -> Complex:
    """Refine roots of det(s − A − Σ B R e^{−sτ}) by Newton's method, each by itself.

    Parameters
    ----------
    system
        Delay equations.
    guesses
        Shape (n,) [s⁻¹].

    Returns
    -------
    ndarray
        Roots near the guesses, in their order. Those from which it wanders off are no roots, as the
        outermost eigenvalues of a discretisation, and left out.
    """
    s, last = _beside(guesses), np.full(len(guesses), np.inf)
    for _ in range(12):
        step = _step(system, s)
        # steps towards a double root halve, until rounding leads them astray
        useful = np.abs(step) < 0.7 * last
        s, last = np.where(useful, s - step, s), np.where(useful, np.abs(step), 0.0)
        if np.all(last <= 1e-13 * (1 + np.abs(s))):
            break
    found = s[np.abs(s - guesses) < NEAR * (1 + np.abs(guesses))]
    return _plain(found)


def _plain(s: Complex) -> Complex:
    """Return roots without imaginary parts that are rounding, as next to a double root."""
    return np.where(np.abs(s.imag) < 1e-6 * (1 + np.abs(s)), s.real, s)


def nearby_root(linear: LinearModel, laplacian: Laplacian, guess: complex) -> complex | None:
    """Return the root of det(1 − ρ (ν L Γ e^{−sτ} + f)) near a guess, in any treatment.

    With the treatment ``scheme``, from a root of the equations: how a simulation's small deviations
    grow, step by step.

    Parameters
    ----------
    linear, laplacian
        The linear response, and one mode.
    guess
        Where to begin [s⁻¹].

    Returns
    -------
    complex or None
        The root [s⁻¹]; None if Newton's method finds none, as near a pole that is no root.
    """
    s = guess
    with np.errstate(all="ignore"):
        for _ in range(30):
            apart = 1e-5 * (1 + abs(s))
            around = np.array([s - apart, s, s + apart])
            below, here, above = np.linalg.det(linear.response(around, pick(laplacian, None)))
            step = 2 * apart * here / (above - below)
            if not np.isfinite(step):
                return None
            s -= step
            if abs(step) <= 1e-10 * (1 + abs(s)):
                return complex(s) if abs(s - guess) < 0.1 * (1 + abs(guess)) else None
    return None
