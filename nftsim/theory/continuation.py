"""Following a branch of fixed points along a parameter, round its folds.

Pseudo-arclength continuation (Keller 1977): along the tangent of the branch in potentials and
parameter together, then back to it by Newton's method, at right angles to the tangent.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq

from nftsim.theory.equations import Array
from nftsim.theory.family import Family

#: Potentials by which lengths are measured [V]; the parameter is measured by its range.
UNIT = 1e-2
#: First, shortest and longest step; and the most in potentials and in the parameter.
FIRST, SHORTEST, LONGEST_V, LONGEST_P = 1e-3, 1e-10, 2.0, 0.01
#: Newton's iterations; the change at which they end; the most by which they may correct a step,
#: as a share of it; the least cosine between tangents.
ITERATIONS, SMALL, CORRECTION, COSINE = 8, 1e-12, 0.3, 0.98
#: Most points of a branch.
MOST = 20_000


@dataclass(frozen=True)
class Point:
    """A place on a branch: potentials [UNIT] and the parameter, from 0 to 1; and the tangent."""

    x: Array
    tangent: Array

    @property
    def share(self) -> float:
        """The parameter, from 0 at the low end of its range to 1."""
        return float(self.x[-1])


@dataclass(frozen=True)
class Curve:
    """A branch from one end of the range to another, or closed in itself."""

    points: list[Point]
    closed: bool


class Branch:
    """The equations of a family, in the variables of the continuation."""

    def __init__(self, family: Family) -> None:
        self.family = family

    def value(self, x: Array) -> float:
        """Return the parameter at a point."""
        span = self.family.high - self.family.low
        return self.family.low + float(x[-1]) * span

    def place(self, voltages: Array, value: float) -> Array:
        """Return the variables for potentials [V] and a value of the parameter."""
        span = self.family.high - self.family.low
        return np.append(voltages / UNIT, (value - self.family.low) / span)

    def residual(self, x: Array) -> tuple[Array, Array]:
        """Return F(x), shape (P,), and its Jacobian, shape (P, P + 1)."""
        value, v = self.value(x), x[:-1] * UNIT
        e = self.family.equations(value)
        rates, slopes = e.rates(v), e.slopes(v)
        onto = self.family.change(value, v) * (self.family.high - self.family.low) / UNIT
        jacobian = np.column_stack([np.eye(len(v)) - e.nu * slopes, -onto])
        return x[:-1] - e.voltages(rates) / UNIT, jacobian

    def determinant(self, x: Array) -> float:
        """Return det(1 − ν ρ), which is 0 at folds and where branches meet."""
        return float(np.linalg.det(self.residual(x)[1][:, :-1]))

    def tangent(self, x: Array, like: Array) -> Array:
        """Return the direction of the branch, of length 1, on the side of another."""
        jacobian = self.residual(x)[1]
        along = np.linalg.svd(jacobian)[2][-1]
        return np.asarray(along if along @ like >= 0 else -along)

    def corrected(self, guess: Array, normal: Array) -> Array | None:
        """Return the point of the branch in the plane through `guess`, or None."""
        x = guess.copy()
        for _ in range(ITERATIONS):
            residual, jacobian = self.residual(x)
            system = np.vstack([jacobian, normal])
            try:
                step = np.linalg.solve(system, np.append(-residual, -normal @ (x - guess)))
            except np.linalg.LinAlgError:
                return None
            x = x + step
            if not np.isfinite(x).all():
                return None
            if np.max(np.abs(step)) < SMALL * (1 + np.max(np.abs(x))):
                return x
        return None

    def advanced(self, point: Point, length: float) -> Point | None:
        """Return the point a step along the tangent, back on the branch; None if it is not."""
        x = self.corrected(point.x + length * point.tangent, point.tangent)
        if x is None or np.linalg.norm(x - point.x - length * point.tangent) > CORRECTION * length:
            return None
        tangent = self.tangent(x, point.tangent)
        return Point(x, tangent) if tangent @ point.tangent > COSINE else None

    def at(self, start: Array, share: float) -> Array | None:
        """Return the fixed point nearest to a point, at a given value of the parameter."""
        normal = np.zeros(len(start))
        normal[-1] = 1.0
        guess = start.copy()
        guess[-1] = share
        return self.corrected(guess, normal)

    def followed(self, start: Array, direction: float) -> Curve:
        """Follow a branch from one of its points to an end of the range, or all the way round.

        Parameters
        ----------
        start
            A fixed point.
        direction
            +1 if the parameter is to grow at first, −1 if it is to fall.
        """
        like = np.zeros(len(start))
        like[-1] = direction
        points = [Point(start, self.tangent(start, like))]
        length = FIRST
        while len(points) < MOST:
            here = points[-1]
            length = min(length, _longest(here.tangent))
            fresh = self.advanced(here, length)
            if fresh is None:
                length /= 2
                if length < SHORTEST:
                    break
                continue
            if not 0.0 <= fresh.share <= 1.0:
                last = self._end(here, fresh)
                points += [last] if last is not None else []
                break
            if len(points) > 2 and _passes(points[0].x, here, fresh):
                points.append(points[0])
                return Curve(points, True)
            points.append(fresh)
            length *= 1.5
        return Curve(points, False)

    def _end(self, here: Point, fresh: Point) -> Point | None:
        """Return the point of a step where it leaves the range of the parameter."""
        end = 0.0 if fresh.share < 0.0 else 1.0
        part = (end - here.share) / (fresh.share - here.share)
        x = self.at(here.x + part * (fresh.x - here.x), end)
        if x is None or np.linalg.norm(x - here.x) > 3 * np.linalg.norm(fresh.x - here.x):
            return None
        return Point(x, self.tangent(x, here.tangent))

    def located(
        self, here: Point, there: Point, function: Callable[[Point], float]
    ) -> Point | None:
        """Return the point between two neighbours where a function of points changes sign."""

        def along(part: float) -> float:
            return function(self._near(here, there, part))

        if not along(0.0) * along(1.0) < 0:
            return None
        return self._near(here, there, float(brentq(along, 0.0, 1.0, xtol=1e-13, rtol=1e-14)))

    def _near(self, here: Point, there: Point, part: float) -> Point:
        """Return the point between two neighbours, or one close to it where branches cross.

        There, Newton's method may not come back to the branch.
        """
        found = self.between(here, there, part)
        if found is not None:
            return found
        x = here.x + part * (there.x - here.x)
        return Point(x, self.tangent(x, here.tangent))

    def between(self, here: Point, there: Point, part: float) -> Point | None:
        """Return a point between two neighbours, a share of the way from the first."""
        if part in (0.0, 1.0):
            return there if part else here
        whole = float((there.x - here.x) @ here.tangent)
        guess = here.x + part * (there.x - here.x)
        guess = guess + (part * whole - (guess - here.x) @ here.tangent) * here.tangent
        x = self.corrected(guess, here.tangent)
        return None if x is None else Point(x, self.tangent(x, here.tangent))


def _longest(tangent: Array) -> float:
    """Return the longest step allowed along a tangent."""
    by_potential = LONGEST_V / max(float(np.max(np.abs(tangent[:-1]))), 1e-12)
    by_parameter = LONGEST_P / max(abs(float(tangent[-1])), 1e-12)
    return min(by_potential, by_parameter)


def _passes(start: Array, here: Point, there: Point) -> bool:
    """Tell whether a step leads past the start of the curve, closely."""
    step = there.x - here.x
    length = float(np.linalg.norm(step))
    along = float((start - here.x) @ step) / length**2
    if not 0.0 < along <= 1.0:
        return False
    aside = float(np.linalg.norm(start - here.x - along * step))
    return aside < 0.1 * length
