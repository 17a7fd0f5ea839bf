"""Reducing the fixed-point equations to one unknown, the potential of one population."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nftsim.components.firing import Firing
from nftsim.theory.equations import Array, Equations

#: Potentials are looked for within this of zero where a response has no bounds [V]; below the
#: second, scan points are evenly spaced, beyond it by equal ratios.
UNBOUNDED = 1e9
MILLIVOLT = 1e-3


@dataclass(frozen=True)
class Step:
    """Use the equation of `population` to find the rate of `unknown`.

    Forward (`unknown` is the population itself): Q_a = S_a(Σ ν_ab Q_b + d_a).
    Backward: Q_b = (S_a⁻¹(Q_a) − the rest)/ν_ab.
    """

    population: int
    unknown: int


@dataclass(frozen=True)
class Residual:
    """The last equation along the scan.

    Attributes
    ----------
    value, slope
        Residual and its derivative by the scanned potential, shape (n,); NaN where a rate that
        must be inverted lies outside the range of its response.
    rates
        Of all populations, shape (P, n) [s⁻¹].
    terms
        What the residual is made of, in units of each response's scale and clipped to its range,
        shape (P + 1, n): where these change slowly, the scan resolves the residual. Of rates
        without bounds, which may span many orders of magnitude, the inverse hyperbolic sine.
    """

    value: Array
    slope: Array
    rates: Array
    terms: Array


@dataclass(frozen=True)
class Reduction:
    """Equations in one unknown: the potential of population `scanned`.

    `steps` find all other rates one after the other; the equation of `last` remains.
    """

    equations: Equations
    scanned: int
    steps: tuple[Step, ...]
    last: int

    @property
    def inversions(self) -> int:
        """How many responses are inverted, which fails where a rate is too close to its bounds."""
        return sum(s.population not in (s.unknown, self.scanned) for s in self.steps)

    @property
    def interval(self) -> tuple[float, float]:
        """Range of the scanned potential, with all rates within their bounds [V]."""
        low, high = self._inputs()
        low, high = (
            np.where(np.isinf(ends), np.sign(ends) * UNBOUNDED, ends).sum() for ends in (low, high)
        )
        margin = 1e-3 * (high - low) + 1e-9
        drive = self.equations.drive[self.scanned]
        return float(low + drive - margin), float(high + drive + margin)

    @property
    def bounded(self) -> bool:
        """Whether the scanned potential has bounds of its own."""
        return bool(np.isfinite(self._inputs()).all())

    def points(self, count: int) -> Array:
        """Return points that fill the interval, shape (count,) [V]."""
        low, high = self.interval
        if self.bounded:
            return np.linspace(low, high, count)
        first, last = np.arcsinh(np.array([low, high]) / MILLIVOLT).tolist()
        return np.asarray(MILLIVOLT * np.sinh(np.linspace(first, last, count)))

    def _inputs(self) -> Array:
        """Return the least and largest that each input adds to the potential, shape (2, inputs)."""
        weights = self.equations.nu[self.scanned]
        used = weights != 0
        return np.sort(weights[used, None] * self.equations.bounds[used], axis=1).T

    def __call__(self, x: Array) -> Residual:
        """Return the residual at scanned potentials `x`, shape (n,) [V]."""
        e = self.equations
        q, dq = np.zeros((2, len(e), len(x)))
        q[self.scanned] = e.firing[self.scanned].rate(x)
        dq[self.scanned] = e.firing[self.scanned].slope(x)
        for step in self.steps:
            a, b = step.population, step.unknown
            # unknown rates are still 0 in these sums
            v, dv = e.nu[a] @ q + e.drive[a], e.nu[a] @ dq
            if a == b:
                q[a], dq[a] = e.firing[a].rate(v), e.firing[a].slope(v) * dv
            else:
                own, down = self._potential(a, x, q, dq)
                q[b], dq[b] = (own - v) / e.nu[a, b], (down - dv) / e.nu[a, b]
        return self._last(x, q, dq)

    def _potential(self, a: int, x: Array, q: Array, dq: Array) -> tuple[Array, Array]:
        if a == self.scanned:
            return x, np.ones_like(x)
        v = self.equations.firing[a].inverse(q[a])
        return v, dq[a] / self.equations.firing[a].slope(v)

    def _last(self, x: Array, q: Array, dq: Array) -> Residual:
        e, a = self.equations, self.last
        v, dv = e.nu[a] @ q + e.drive[a], e.nu[a] @ dq
        rate = e.firing[a].rate(v)
        if a == self.scanned:
            # by potentials: rates far from threshold would agree whatever the potentials
            value, slope = v - x, dv - 1
        else:
            # by rates: this one was found backwards, and may be beyond what S can give
            value, slope = rate - q[a], e.firing[a].slope(v) * dv - dq[a]
        low, high = e.bounds.T[:, :, None]
        terms = np.vstack([np.clip(q, low, high), rate]) / np.append(e.scales, e.scales[a])[:, None]
        free = np.append(~e.bounded, ~e.bounded[a])
        terms[free] = np.arcsinh(terms[free])
        return Residual(value, slope, q, terms)


def reduce(equations: Equations) -> Reduction | None:
    """Find a population from whose potential all rates follow; None if there is none.

    All equations must be coupled to each other. Of several ways, the one with the fewest inverse
    responses is taken, since these have a limited range; of these, one whose potential has bounds.
    """
    found = [_eliminate(equations, x) for x in range(len(equations))]
    ways = [r for r in found if r is not None]
    return min(ways, key=lambda r: (r.inversions, not r.bounded), default=None)


def _eliminate(equations: Equations, scanned: int) -> Reduction | None:
    found = eliminate(equations, (scanned,))
    return None if found is None else Reduction(equations, scanned, found.steps, found.left[0])


@dataclass(frozen=True)
class Elimination:
    """All rates from a few potentials: those of `scanned`, by `steps`; `left` are not used yet."""

    scanned: tuple[int, ...]
    steps: tuple[Step, ...]
    left: tuple[int, ...]

    @property
    def inversions(self) -> int:
        """How many responses are inverted, beside those whose potential is given."""
        return sum(s.population not in (s.unknown, *self.scanned) for s in self.steps)


def eliminate(
    equations: Equations, scanned: tuple[int, ...], *, inverting: bool = True
) -> Elimination | None:
    """Find all rates from the potentials of some populations; None if these are not enough.

    Parameters
    ----------
    equations
        Of populations that are coupled to each other.
    scanned
        Whose potentials are given.
    inverting
        Whether the responses of others may be inverted.
    """
    inputs = equations.nu != 0
    known = np.zeros(len(equations), dtype=bool)
    known[list(scanned)] = True
    unused = set(range(len(equations)))
    steps: list[Step] = []
    invertible = np.array([inverting and _has_inverse(f) for f in equations.firing])
    invertible[list(scanned)] = True  # their potentials are given
    while not known.all():
        step = _next(inputs, known, unused, invertible)
        if step is None:
            return None
        known[step.unknown] = True
        unused.remove(step.population)
        steps.append(step)
    return Elimination(scanned, tuple(steps), tuple(sorted(unused)))


def _has_inverse(firing: Firing) -> bool:
    """Tell whether a rate of the response, from the middle of its range, has one potential."""
    low, high = firing.bounds
    middle = 0.5 * (low + high) if np.isfinite([low, high]).all() else 0.0
    return bool(np.isfinite(firing.inverse(np.array(middle))))


def _next(
    inputs: NDArray[np.bool_],
    known: NDArray[np.bool_],
    unused: set[int],
    invertible: NDArray[np.bool_],
) -> Step | None:
    missing = {a: np.flatnonzero(inputs[a] & ~known) for a in sorted(unused)}
    for a, unknown in missing.items():
        if not known[a] and len(unknown) == 0:
            return Step(a, a)
    for a, unknown in missing.items():
        if known[a] and invertible[a] and len(unknown) == 1:
            return Step(a, int(unknown[0]))
    return None
