"""All fixed points of bounded responses, certified: boxes without a root, and boxes with one.

The unknowns are few potentials from which all rates follow. A box of them is split until bounds on
the residuals show that it holds no root, or one and no other (Krawczyk's test; Neumaier 1990,
chapter 5). With one unknown this says that the residual, or its slope, is nowhere zero. The bounds
count rounding in, so that the list is complete when no box is left.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nftsim.theory.enclosures import Enclosures
from nftsim.theory.equations import Array, Equations
from nftsim.theory.intervals import Interval, rounded
from nftsim.theory.reduction import Elimination, eliminate

#: Boxes are looked at a little larger, so that a root on a side is inside one of them.
LARGER = 0.1
#: And by this share of the domain and of the potential, however small they are.
CLEAR = 1e-11
#: Boxes that are not settled when they are this small, as a share of these, are given up.
SMALLEST = 1e-13
#: Most boxes at a time, and in all.
WIDEST, MOST = 20_000, 300_000
#: Roots whose place is known to this share of these will do.
PRECISE = 1e-9
#: Pieces of the domain to begin with, and rounds in which boxes with a root are made small.
FIRST, ROUNDS = 256, 60
#: A rate follows from a potential if Qmax changes it by more than this [V].
FELT = 1e-6
#: Most unknowns that are tried, and ways to choose them.
UNKNOWNS, WAYS = 6, 3


@dataclass(frozen=True)
class Certified:
    """Fixed points from boxes.

    Attributes
    ----------
    roots
        Rates, shape (roots, P) [s⁻¹], to a precision near rounding.
    complete
        Whether these are all.
    """

    roots: Array
    complete: bool


def certified_roots(equations: Equations) -> Certified | None:
    """Find all roots of coupled populations; None if their responses allow no bounds."""
    if not equations.bounded.all() or any(f.steepest is None for f in equations.firing):
        return None
    best: Certified | None = None
    for plan in itertools.islice(_plans(equations), WAYS):
        found = _Search(Enclosures(equations, plan)).result()
        if found.complete:
            return found
        if best is None or len(found.roots) > len(best.roots):
            best = found
    return best


def _plans(equations: Equations) -> Iterator[Elimination]:
    """Yield ways to eliminate, one for each number of unknowns, the fewest first.

    Inverting responses would make do with fewer, but their slopes are too large near the bounds.
    """
    places = range(len(equations))
    for count in range(1, min(len(equations), UNKNOWNS) + 1):
        ways = itertools.combinations(places, count)
        plans = (eliminate(equations, scanned, inverting=False) for scanned in ways)
        first = next((p for p in plans if p is not None and _sound(equations, p)), None)
        if first is not None:
            yield first


def _sound(equations: Equations, plan: Elimination) -> bool:
    """Tell whether rates that follow from potentials are felt there at all."""
    felt = np.abs(equations.nu) * equations.scales
    return all(
        s.population == s.unknown or felt[s.population, s.unknown] > FELT for s in plan.steps
    )


class _Search:
    """Branch and prune over boxes of k potentials."""

    def __init__(self, enclosures: Enclosures) -> None:
        self.enclosures = enclosures
        self.domain = enclosures.domain
        self.alone: list[Interval] = []  # boxes with one root each, and where in them it must be
        self.where: list[Interval] = []

    def result(self) -> Certified:
        """Search everything."""
        boxes, seen, complete = self._first(), 0, True
        with np.errstate(all="ignore"):
            while len(boxes.low):
                seen += len(boxes.low)
                if len(boxes.low) > WIDEST or seen > MOST:
                    complete = False
                    break
                boxes, given_up = self._round(boxes)
                complete &= not given_up
            roots, known = self._refined()
            complete &= known
        rates = [self.enclosures.rates_at(x) for x in roots]
        shape = len(rates), len(self.enclosures.equations)
        return Certified(np.array(rates).reshape(shape), complete)

    def _scale(self, boxes: Interval) -> Array:
        return self.domain.width + boxes.size

    def _first(self) -> Interval:
        k = self.domain.low.shape[1]
        count = max(2, round(FIRST ** (1 / k)))
        edges = np.linspace(self.domain.low[0], self.domain.high[0], count + 1).T
        low = np.meshgrid(*(e[:-1] for e in edges), indexing="ij")
        high = np.meshgrid(*(e[1:] for e in edges), indexing="ij")
        return Interval(*(np.stack(ends, axis=-1).reshape(-1, k) for ends in (low, high)))

    def _round(self, boxes: Interval) -> tuple[Interval, bool]:
        """Return what must be looked at again, and whether something was given up."""
        larger = boxes.widened(LARGER * boxes.width + CLEAR * self._scale(boxes))
        tested = _test(self.enclosures, larger)
        for i in np.flatnonzero(tested.one):
            self.alone.append(larger[i])
            self.where.append(tested.where[i])
        rest = tested.where.meet(boxes)  # at what is beyond, the neighbours look
        open_ = ~(tested.none | tested.one | (rest.width < 0).any(axis=1))
        small = (boxes.width <= SMALLEST * self._scale(boxes)).all(axis=1)
        again = open_ & ~small
        return _halved(rest[again], tested.smear[again]), bool((open_ & small).any())

    def _refined(self) -> tuple[list[Array], bool]:
        """Return the roots, each of shape (k,) [V], and whether it is known which are the same."""
        if not self.where:
            return [], True
        where = Interval(*(np.stack([getattr(w, e) for w in self.where]) for e in ("low", "high")))
        for _ in range(ROUNDS):
            fresh = _test(self.enclosures, where).where.meet(where)
            if not (fresh.width < 0.95 * where.width).any():
                break
            where = fresh
        roots: list[int] = []
        known = bool((where.width <= PRECISE * self._scale(where)).all())
        for i in range(len(self.where)):
            # one root, seen from two boxes that overlap
            if any(_inside(where[i], self.alone[j]) for j in roots):
                continue
            known &= all((where[i].meet(where[j]).width < 0).any() for j in roots)
            roots.append(i)
        return [where.middle[i] for i in roots], known


@dataclass(frozen=True)
class _Tested:
    """What Krawczyk's test says of boxes: where roots must be, and how much sides blur that."""

    where: Interval
    smear: Array
    none: NDArray[np.bool_]
    one: NDArray[np.bool_]


def _test(enclosures: Enclosures, boxes: Interval) -> _Tested:
    found = enclosures(boxes)
    centre = Interval.point(boxes.middle)
    k = boxes.low.shape[1]
    middle = np.where(np.isfinite(found.slope.middle), found.slope.middle, 0.0)
    middle[np.linalg.det(middle) == 0] = np.eye(k)
    inverse = Interval.point(np.linalg.inv(middle))
    rest = Interval.point(np.eye(k)) - rounded(_product(inverse, found.slope))
    step = rounded((inverse * found.middle[:, None]).sum())
    spread = rounded((rest * (boxes - centre)[:, None]).sum())
    where = rounded(centre - step + spread)
    known = np.isfinite(where.low) & np.isfinite(where.high)
    where = Interval(np.where(known, where.low, -np.inf), np.where(known, where.high, np.inf))
    inside = ((where.low > boxes.low) & (where.high < boxes.high)).all(axis=1)
    regular = rest.size.sum(axis=2).max(axis=1) < 1
    none = ~found.possible | ~found.value.holds(0.0).all(axis=1)
    none |= (where.meet(boxes).width < 0).any(axis=1)
    smear = (rest.size * boxes.width[:, None]).max(axis=1)
    return _Tested(where, smear, none, inside & regular & ~none)


def _inside(one: Interval, other: Interval) -> bool:
    return bool(((other.low <= one.low) & (one.high <= other.high)).all())


def _product(one: Interval, other: Interval) -> Interval:
    """Return matrix products, shape (n, k, k)."""
    both = one[..., None] * other[..., None, :, :]
    return Interval(both.low.sum(axis=-2), both.high.sum(axis=-2))


def _halved(boxes: Interval, smear: Array) -> Interval:
    """Cut every box in two, across the side whose width blurs the residuals most."""
    side = np.argmax(np.where(np.isfinite(smear), smear, boxes.width), axis=1)
    rows = np.arange(len(side))
    middle = boxes.middle[rows, side]
    low, high = boxes.low.copy(), boxes.high.copy()
    high[rows, side] = low[rows, side] = middle
    return Interval(np.concatenate([boxes.low, low]), np.concatenate([high, boxes.high]))
