"""Eigenvalues of delay equations from a matrix: the past on Chebyshev points.

The past of each delayed rate, a function on [−τ, 0] that only moves, becomes its values at the
Chebyshev points of that interval; its slope is that of the polynomial through them. The rightmost
eigenvalues of the matrix converge faster than any power of the number of points (Breda, Maset &
Vermiglio 2005).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import BarycentricInterpolator

from nftsim.theory.delays import DelaySystem
from nftsim.theory.equations import Array

Complex = NDArray[np.complex128]


def chebyshev(count: int) -> tuple[Array, Array]:
    """Return Chebyshev points from 1 to −1, and the matrix that differentiates on them.

    Returns
    -------
    points, matrix
        Shapes (count + 1,) and (count + 1, count + 1).
    """
    points = np.cos(np.pi * np.arange(count + 1) / count)
    weights = (-1.0) ** np.arange(count + 1)
    weights[[0, -1]] *= 0.5
    distance = points[:, None] - points[None, :] + np.eye(count + 1)
    matrix = weights[None, :] / weights[:, None] / distance
    np.fill_diagonal(matrix, 0.0)
    # rows of a derivative add up to 0: that of a constant
    np.fill_diagonal(matrix, -matrix.sum(axis=1))
    return points, matrix


def discretised(system: DelaySystem, points: int) -> Array:
    """Return the matrix x' = M x, x being the states and the past of each delayed rate.

    Parameters
    ----------
    system
        The delay equations.
    points
        How many points the past of each rate has.

    Returns
    -------
    ndarray
        Shape (n + points × delayed rates, the same) [s⁻¹].
    """
    size = len(system.now)
    past = sorted({term.rate for term in system.delayed})
    longest = {r: max(t.tau for t in system.delayed if t.rate == r) for r in past}
    x, slope = chebyshev(points)
    matrix = np.zeros((size + points * len(past), size + points * len(past)))
    matrix[:size, :size] = system.now
    for i, rate in enumerate(past):
        place = slice(size + i * points, size + (i + 1) * points)
        faster = 2 / longest[rate] * slope[1:]
        # the first point is the present, which follows from the states
        matrix[place, :size] = np.outer(faster[:, 0], system.rates[rate])
        matrix[place, place] = faster[:, 1:]
        for term in (t for t in system.delayed if t.rate == rate):
            where = 1 - 2 * term.tau / longest[rate]
            weights = BarycentricInterpolator(x, np.eye(points + 1))(where)
            matrix[:size, :size] += weights[0] * np.outer(term.onto, system.rates[rate])
            matrix[:size, place] += np.outer(term.onto, weights[1:])
    return matrix


def eigenvalues(system: DelaySystem, points: int) -> Complex:
    """Return the eigenvalues of `discretised`, from the rightmost to the left [s⁻¹]."""
    found = np.linalg.eigvals(discretised(system, points)).astype(complex)
    return np.asarray(found[np.argsort(-found.real)])
