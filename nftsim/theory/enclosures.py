"""What residuals and their slopes may be over boxes of a few potentials."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nftsim.theory import intervals
from nftsim.theory.equations import Array, Equations
from nftsim.theory.intervals import ROUNDING, TINY, Interval, rounded
from nftsim.theory.reduction import Elimination

#: Ranges of potentials are narrowed this often, and then widened by a share and by [V].
NARROWINGS, SHARE, MARGIN = 50, 0.05, 1e-6


@dataclass(frozen=True)
class Enclosure:
    """Bounds over boxes of k potentials, n boxes at once.

    Attributes
    ----------
    value, slope
        Of the k residuals, shapes (n, k) and (n, k, k): residual, potential.
    middle
        The residuals at the centres of the boxes, shape (n, k).
    possible
        Whether all rates may be what their responses can give; where not there is no root,
        shape (n,).
    """

    value: Interval
    slope: Interval
    middle: Interval
    possible: NDArray[np.bool_]


@dataclass(frozen=True)
class Variable:
    """A quantity and its slope by each of the k potentials, shapes (n,) and (n, k)."""

    value: Interval
    slope: Interval


class Enclosures:
    """Bounds on the residuals that an elimination leaves.

    Parameters
    ----------
    equations
        Their responses have bounds and one steepest potential each.
    elimination
        How all rates follow from k potentials, without inverting a response.
    """

    def __init__(self, equations: Equations, elimination: Elimination) -> None:
        self.equations = equations
        self.elimination = elimination
        self.potentials, self.rates = ranges(equations)

    @property
    def domain(self) -> Interval:
        """Where roots may be, shape (1, k) [V]."""
        return self.potentials[list(self.elimination.scanned)][None]

    def __call__(self, box: Interval) -> Enclosure:
        """Return bounds over boxes, shape (n, k) [V]."""
        centre = _Evaluation(self, Interval.point(box.middle), None)
        middle, _ = centre.residuals()
        here = _Evaluation(self, box, centre)
        value, slope = here.residuals()
        return Enclosure(value, slope, middle, here.possible)

    def rates_at(self, x: Array) -> Array:
        """Return the rates of all populations at one point of the k potentials, shape (P,)."""
        e, plan = self.equations, self.elimination
        q = np.zeros(len(e))
        for a, own in zip(plan.scanned, x, strict=True):
            q[a] = e.firing[a].rate(own)
        for step in plan.steps:
            a, b = step.population, step.unknown
            v = e.nu[a] @ q + e.drive[a]  # the unknown rate is still 0
            own = x[plan.scanned.index(a)] if a in plan.scanned else 0.0
            q[b] = e.firing[a].rate(v) if a == b else (own - v) / e.nu[a, b]
        return q


def ranges(equations: Equations) -> tuple[Interval, Interval]:
    """Return wider ranges than potentials [V] and rates [s⁻¹] of any root have, shapes (P,)."""
    e = equations
    q = Interval(*e.bounds.T)
    for _ in range(NARROWINGS):
        terms = Interval.point(e.nu) * q
        margin = ROUNDING * (terms.size.sum(axis=1) + np.abs(e.drive))
        v = (terms.sum() + Interval.point(e.drive)).widened(margin)
        fresh = [intervals.rate(f, v[a]) for a, f in enumerate(e.firing)]
        q = q.meet(Interval(*(np.stack(ends) for ends in _split(fresh))))
    v = v.widened(SHARE * v.width + MARGIN)
    found = [intervals.rate(f, v[a]) for a, f in enumerate(e.firing)]
    return v, Interval(*(np.stack(ends) for ends in _split(found)))


def _split(items: list[Interval]) -> tuple[list[Array], list[Array]]:
    return [i.low for i in items], [i.high for i in items]


class _Evaluation:
    """One pass over the steps of an elimination."""

    def __init__(self, of: Enclosures, box: Interval, centre: _Evaluation | None) -> None:
        self.of, self.box, self.centre = of, box, centre
        self.reach = None if centre is None else box - Interval.point(box.middle)
        count, k = box.low.shape
        self.possible = np.ones(count, dtype=bool)
        self.found: list[Interval] = []  # in the order of their making, as in the centre
        e, plan = of.equations, of.elimination
        zero, flat = np.zeros(count), np.zeros((count, k))
        nothing = Variable(Interval.point(zero), Interval.point(flat))
        self.q = [nothing] * len(e)
        self.x: dict[int, Variable] = {}
        for j, a in enumerate(plan.scanned):
            own = flat.copy()
            own[:, j] = 1.0
            self.x[a] = Variable(box[:, j], Interval.point(own))
            self.q[a] = self._fired(a, self.x[a])
        for step in plan.steps:
            a, b = step.population, step.unknown
            v = self._input(a)
            if a == b:
                self._require(v.value, of.potentials[a])
                self.q[a] = self._fired(a, v)
            else:
                self.q[b] = self._solved(b, self._difference(self.x[a], v), e.nu[a, b])

    def residuals(self) -> tuple[Interval, Interval]:
        """Return what remains of the equations that are left, and its slopes."""
        values, slopes = [], []
        for a in self.of.elimination.left:
            v = self._input(a)
            self._require(v.value, self.of.potentials[a])
            if a in self.x:
                rest = self._difference(v, self.x[a])
            else:
                rest = self._difference(self._fired(a, v), self.q[a])
            values.append(rest.value)
            slopes.append(rest.slope)
        value, slope = (
            Interval(*(np.stack(ends, axis=1) for ends in _split(found)))
            for found in (values, slopes)
        )
        return value, slope

    def _require(self, value: Interval, allowed: Interval) -> None:
        both = value.meet(allowed)
        self.possible &= both.low <= both.high

    def _input(self, a: int) -> Variable:
        """Return the potential from all rates known; those unknown are still 0."""
        e = self.of.equations
        value, slope = Interval.point(e.drive[a]), Interval.point(np.zeros(1))
        size, steep = np.abs(e.drive[a]), np.zeros(1)
        for b in np.flatnonzero(e.nu[a]):
            more = self.q[b].value * e.nu[a, b]
            turn = self.q[b].slope * e.nu[a, b]
            value, slope = value + more, slope + turn
            size, steep = size + more.size, steep + turn.size
        value = value.widened(ROUNDING * size + TINY)
        return self._kept(value, slope.widened(ROUNDING * steep + TINY), len(self.possible))

    def _difference(self, one: Variable, other: Variable) -> Variable:
        value = (one.value - other.value).widened(
            ROUNDING * (one.value.size + other.value.size) + TINY
        )
        slope = (one.slope - other.slope).widened(
            ROUNDING * (one.slope.size + other.slope.size) + TINY
        )
        return self._kept(value, slope, len(self.possible))

    def _kept(self, value: Interval, slope: Interval, count: int) -> Variable:
        """Return a quantity with what the mean value theorem adds to its bounds."""
        value = Interval(*(np.broadcast_to(end, (count,)) for end in (value.low, value.high)))
        if self.centre is not None and self.reach is not None:
            around = rounded((slope * self.reach).sum() + self.centre.found[len(self.found)])
            value = value.meet(around)
        self.found.append(value)
        shape = self.box.low.shape
        return Variable(
            value, Interval(*(np.broadcast_to(end, shape) for end in (slope.low, slope.high)))
        )

    def _solved(self, b: int, rest: Variable, nu: float) -> Variable:
        value = rounded(rest.value * (1 / nu))
        self._require(value, self.of.rates[b])
        return Variable(value, rounded(rest.slope * (1 / nu)))

    def _fired(self, a: int, v: Variable) -> Variable:
        firing = self.of.equations.firing[a]
        steep = intervals.slope(firing, v.value)
        return Variable(intervals.rate(firing, v.value), _times(v.slope, steep))


def _times(slope: Interval, factor: Interval) -> Interval:
    """Return slopes of shape (n, k) times factors of shape (n,)."""
    return rounded(slope * Interval(factor.low[:, None], factor.high[:, None]))
