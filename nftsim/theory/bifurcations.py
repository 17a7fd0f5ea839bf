"""What happens along a branch of fixed points: folds, crossing branches, changes of stability."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from scipy.optimize import brentq

from nftsim.theory.branch_data import Event, StateBranch
from nftsim.theory.continuation import UNIT, Branch, Curve, Point
from nftsim.theory.equations import Array, Indices
from nftsim.theory.family import Family, Progress
from nftsim.theory.mean_field import feedbacks
from nftsim.theory.spread import Spread

#: Shares of a step: below the first a root is followed to the axis; below the second, where that
#: fails, a change counts as located.
NEAR, LOCATED = 1 / 4, 1e-7
#: The share of the work that points are; to locate what changes between them is the rest.
POINTS = 0.85


@dataclass(frozen=True)
class _Place:
    """A point of a step between neighbours, its place there, and the growing roots of each mode."""

    at: Point
    place: float
    counts: Indices

    @property
    def label(self) -> tuple[bool, int]:
        """What a change of is an event: stability, and the growing roots of k = 0."""
        return bool(self.counts.any()), int(self.counts[0])


class Judge:
    """Tells what happens along a curve.

    Parameters
    ----------
    family, curve
        What is judged.
    spread
        Counts growing roots; None to look for folds alone.
    progress
        Told how much is done whenever roots were counted, which on a large sheet takes a while.
    """

    def __init__(
        self, family: Family, curve: Curve, spread: Spread | None, progress: Progress
    ) -> None:
        self.family, self.curve, self.spread = family, curve, spread
        self.branch = Branch(family)
        self.progress, self.share = progress, 0.0

    def result(self) -> StateBranch:
        """Judge every point, and locate what changes between them."""
        points, counts = self.curve.points, []
        for i, point in enumerate(points):
            self.share = POINTS * i / len(points)
            counts.append(self._counts(point))
        events = list(self._turns())
        known = [c for c in counts if c is not None]
        if len(known) == len(points):
            events += self._changes(known)
        values = np.array([self.branch.value(p.x) for p in points])
        rates = np.array([self._rates(p) for p in points])
        own = np.array([feedbacks(self.family.model(float(v))) for v in values])
        voltages = np.array([p.x[:-1] * UNIT for p in points]) - own * rates
        unstable = np.array([-1 if c is None else c.sum() for c in counts], dtype=np.intp)
        events.sort(key=lambda pair: pair[0])
        placed = [event for _, event in events]
        return StateBranch(values, rates, voltages, unstable, self.curve.closed, placed)

    def _rates(self, point: Point) -> Array:
        return self.family.equations(self.branch.value(point.x)).rates(point.x[:-1] * UNIT)

    def _counts(self, point: Point) -> Indices | None:
        if self.spread is None:
            return None
        self.progress(self.share)
        return self.spread.counts(*self._state(point))

    def _turns(self) -> Iterator[tuple[float, Event]]:
        """Yield folds, and points where branches cross, each with its place among the points."""

        def turning(point: Point) -> float:
            return float(point.tangent[-1])

        def singular(point: Point) -> float:
            return self.branch.determinant(point.x)

        points = self.curve.points
        for i, (here, there) in enumerate(itertools.pairwise(points)):
            kinds = (("fold", turning), ("branch point", singular))
            for kind, function in kinds:
                if function(here) * function(there) < 0:
                    at = self.branch.located(here, there, function)
                    if at is not None:
                        yield i + 0.5, Event(kind, self.branch.value(at.x), self._rates(at))
                    break

    def _changes(self, counts: list[Indices]) -> Iterator[tuple[float, Event]]:
        """Yield where the stability changes, or the number of growing roots of k = 0."""
        places = [
            _Place(p, float(i), c)
            for i, (p, c) in enumerate(zip(self.curve.points, counts, strict=True))
        ]
        changed = [(a, b) for a, b in itertools.pairwise(places) if a.label != b.label]
        for i, (here, there) in enumerate(changed):
            self.share = POINTS + (1 - POINTS) * i / len(changed)
            yield from self._within(here, there)

    def _within(self, here: _Place, there: _Place) -> Iterator[tuple[float, Event]]:
        """Halve a step until it has one change that can be located."""
        if here.label == there.label:
            return
        width = there.place - here.place
        changed = there.counts - here.counts
        modes = np.flatnonzero(changed)
        if width <= NEAR and len(modes) == 1 and abs(changed[modes[0]]) == 1 and modes[0] == 0:
            return  # a real root of k = 0: a fold or a branch point, which is known already
        if width <= NEAR and len(modes) == 1 and abs(changed[modes[0]]) <= 2:
            event = self._crossing(here.at, there.at, int(modes[0]))
            if event is not None:
                yield here.place, replace(event, decides=here.label[0] != there.label[0])
                return
        if width <= LOCATED:
            event = self._described(there.at, modes)
            yield here.place, replace(event, decides=here.label[0] != there.label[0])
            return
        at = self.branch.between(here.at, there.at, 0.5)
        counts = None if at is None else self._counts(at)
        if at is None or counts is None:
            return
        middle = _Place(at, here.place + width / 2, counts)
        yield from self._within(here, middle)
        yield from self._within(middle, there)

    def _crossing(self, here: Point, there: Point, mode: int) -> Event | None:
        """Return the event where a root of one mode crosses the axis; None if it is lost."""
        assert self.spread is not None
        for root in self.spread.roots(*self._state(there), mode):
            self.progress(self.share)
            followed = {0.0: self.spread.near(*self._state(here), mode, root), 1.0: root}
            first = followed[0.0]
            if first is None or first.real * root.real >= 0:
                continue

            def growth(part: float, known: dict[float, complex | None] = followed) -> float:
                if known.get(part) is None:
                    nearest = min(
                        (p for p in known if known[p] is not None), key=lambda p: abs(p - part)
                    )
                    guess = known[nearest]
                    at = self.branch.between(here, there, part)
                    if at is None or guess is None:
                        return np.nan
                    assert self.spread is not None
                    known[part] = self.spread.near(*self._state(at), mode, guess)
                found = known[part]
                return np.nan if found is None else found.real

            try:
                part = float(brentq(growth, 0.0, 1.0, xtol=1e-10))
            except (ValueError, RuntimeError):
                continue
            at = self.branch.between(here, there, part)
            if at is None or not np.isfinite(growth(part)) or abs(growth(part)) > 1e-3:
                continue
            frequency = abs(complex(followed[part] or 0).imag) / (2 * np.pi)
            return self._event(at, mode, frequency)
        return None

    def _described(self, at: Point, modes: Indices) -> Event:
        """Return the event of a change that was located by halving."""
        assert self.spread is not None
        roots = [(m, r) for m in modes for r in self.spread.roots(*self._state(at), int(m))[:1]]
        mode, root = min(roots, key=lambda pair: abs(pair[1].real))
        return self._event(at, int(mode), abs(root.imag) / (2 * np.pi))

    def _event(self, at: Point, mode: int, frequency: float) -> Event:
        assert self.spread is not None
        value = self.branch.value(at.x)
        kind = "hopf" if frequency > 1e-3 else "zero"
        return Event(kind, value, self._rates(at), self.spread.wavenumber(mode), frequency)

    def _state(self, point: Point) -> tuple[float, Array]:
        return self.branch.value(point.x), point.x[:-1] * UNIT
