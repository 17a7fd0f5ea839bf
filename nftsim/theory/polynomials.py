"""Fixed points of populations whose responses are all polynomials, by algebra."""

from __future__ import annotations

import numpy as np
from numpy.polynomial import Polynomial

from nftsim.components import firing
from nftsim.theory.equations import Array, Equations
from nftsim.theory.reduction import Reduction


def polynomial_roots(reduction: Reduction) -> Array:
    """Return the roots of the one equation that is left, if it is a polynomial.

    With n populations it has at most the product of their degrees, and algebra finds all of its
    roots, however close. Of complex ones the real part is returned: the caller refines roots and
    drops what are none.

    Returns
    -------
    ndarray
        Rates, shape (roots, P) [s⁻¹]; none where a response is not a polynomial or is inverted.
    """
    e = reduction.equations
    if reduction.inversions or not all(isinstance(f, firing.Polynomial) for f in e.firing):
        return np.empty((0, len(e)))
    scanned, last = reduction.scanned, reduction.last
    x = Polynomial([0.0, 1.0])
    q = [Polynomial([0.0])] * len(e)
    q[scanned] = _rate(e, scanned, x)
    for step in reduction.steps:
        a, b = step.population, step.unknown
        v = _potential(e, a, q)  # without the unknown rate, which is still 0
        q[b] = _rate(e, a, v) if a == b else (x - v) / e.nu[a, b]
    v = _potential(e, last, q)
    residual = v - x if last == scanned else _rate(e, last, v) - q[last]
    coefficients = np.trim_zeros(residual.coef, "b")
    if len(coefficients) < 2 or not np.isfinite(coefficients).all():
        return np.empty((0, len(e)))
    return reduction(Polynomial(coefficients).roots().real).rates.T


def _rate(equations: Equations, a: int, v: Polynomial) -> Polynomial:
    response = equations.firing[a]
    assert isinstance(response, firing.Polynomial)
    powers = [float(np.asarray(p)) for p in response.powers]
    return Polynomial(powers)(v)


def _potential(equations: Equations, a: int, q: list[Polynomial]) -> Polynomial:
    terms = [nu * rate for nu, rate in zip(equations.nu[a].tolist(), q, strict=True)]
    return sum(terms, Polynomial([float(equations.drive[a])]))
