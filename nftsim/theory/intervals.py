"""Intervals that hold a quantity for certain, rounding included, and firing responses on them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from nftsim.components.firing import Firing
from nftsim.theory.equations import Array

#: Bounds are moved apart by this share of what they were computed from: some hundred roundings.
ROUNDING = 1e-13
#: And by this, where numbers are so small that a share of them is lost.
TINY = 1e-200


@dataclass(frozen=True)
class Interval:
    """Lower and upper bounds, arrays of one shape; infinite where nothing is known."""

    low: Array
    high: Array

    @classmethod
    def point(cls, value: Array) -> Interval:
        """Return intervals without width."""
        return cls(value, value)

    def __getitem__(self, index: Any) -> Interval:
        """Return some of the intervals."""
        return Interval(self.low[index], self.high[index])

    def __add__(self, other: Interval | float) -> Interval:
        """Return what sums may be."""
        low, high = _ends(other)
        return Interval(self.low + low, self.high + high)

    def __sub__(self, other: Interval) -> Interval:
        """Return what differences may be."""
        return Interval(self.low - other.high, self.high - other.low)

    def __mul__(self, other: Interval | Array | float) -> Interval:
        """Return what products may be."""
        ends = [a * b for a in (self.low, self.high) for b in _ends(other)]
        low, high = np.minimum.reduce(ends), np.maximum.reduce(ends)
        # zero times infinity
        return Interval(
            np.where(np.isnan(low), -np.inf, low), np.where(np.isnan(high), np.inf, high)
        )

    @property
    def size(self) -> Array:
        """Largest magnitude."""
        return np.maximum(np.abs(self.low), np.abs(self.high))

    @property
    def middle(self) -> Array:
        """Centre."""
        return np.asarray(0.5 * (self.low + self.high))

    @property
    def width(self) -> Array:
        """Distance of the bounds."""
        return np.asarray(self.high - self.low)

    def sum(self) -> Interval:
        """Return the sum over the last axis."""
        return Interval(self.low.sum(axis=-1), self.high.sum(axis=-1))

    def widened(self, by: Array | float) -> Interval:
        """Return bounds moved apart by a distance each."""
        return Interval(self.low - by, self.high + by)

    def meet(self, other: Interval) -> Interval:
        """Return what both hold; of two that exclude each other low > high."""
        return Interval(np.maximum(self.low, other.low), np.minimum(self.high, other.high))

    def holds(self, value: float) -> Any:
        """Tell which intervals hold a number."""
        return (self.low <= value) & (value <= self.high)


def _ends(value: Interval | Array | float) -> tuple[Any, Any]:
    return (value.low, value.high) if isinstance(value, Interval) else (value, value)


def rounded(interval: Interval) -> Interval:
    """Return bounds that make up for rounding in them."""
    return interval.widened(ROUNDING * interval.size + TINY)


def rate(firing: Firing, v: Interval) -> Interval:
    """Return what the rate of an increasing response may be [s⁻¹]."""
    return rounded(Interval(firing.rate(v.low), firing.rate(v.high)))


def slope(firing: Firing, v: Interval) -> Interval:
    """Return what the slope of a response that is steepest at one potential may be [V⁻¹ s⁻¹]."""
    ends = firing.slope(v.low), firing.slope(v.high)
    peak = firing.steepest
    assert peak is not None
    most = np.where(v.holds(peak), firing.slope(np.asarray(peak)), np.maximum(*ends))
    least = np.minimum(*ends)
    margin = ROUNDING * most + TINY
    return Interval(np.maximum(least - margin, 0.0), most + margin)
