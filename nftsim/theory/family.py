"""A model with one of its parameters left open, and its fixed-point equations along it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import numpy as np

from nftsim.components.base import Component
from nftsim.errors import NftsimError
from nftsim.model import Model
from nftsim.model.overrides import override
from nftsim.theory.equations import Array, Equations
from nftsim.theory.mean_field import model_equations, warn_of_changes

#: Told how much of the work is done, from 0 to 1.
Progress = Callable[[float], None]
#: Equations whose strengths and inputs at the middle are the mean of those at the ends to this
#: share go in a straight line.
STRAIGHT = 1e-13
#: Differences by which other parameters are differentiated, as a share of the range.
DIFFERENCE = 1e-6


@contextmanager
def quiet() -> Iterator[None]:
    """Hold back warnings of the theory, which else would come at every value of a parameter."""
    logger = logging.getLogger("nftsim.theory")
    before = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(before)


class Family:
    """Models that differ in one number, which may stand in several places.

    Parameters
    ----------
    model
        The others' like.
    parameter
        Dotted path (see `nftsim.model.overrides`), or several with commas between: they all take
        the value.
    low, high
        Range of the parameter.

    Raises
    ------
    NftsimError
        If the path names nothing, or not one number; if the range is none.
    """

    def __init__(self, model: Model, parameter: str, low: float, high: float) -> None:
        self.base, self.parameter = model, parameter
        self.paths = tuple(path.strip() for path in parameter.split(",") if path.strip())
        if not self.paths:
            raise NftsimError("parameter: names nothing; give a path, e.g. coupling.1.nu")
        if not (np.isfinite([low, high]).all() and low < high):
            raise NftsimError(
                f"{parameter}: the range {low:g} to {high:g} is none; give finite numbers, the "
                "smaller one first"
            )
        self.low, self.high = low, high
        ends = [self.equations_of(self.model(value)) for value in (low, high)]
        warn_of_changes(model)
        with quiet():
            middle = self.equations_of(self.model(0.5 * (low + high)))
        self._ends = (ends[0], ends[1]) if _straight(ends[0], middle, ends[1]) else None

    def changes(self, value: float) -> Mapping[str, object]:
        """Return the overrides that set the parameter."""
        return dict.fromkeys(self.paths, float(value))

    def model(self, value: float) -> Model:
        """Return the model at a value of the parameter."""
        return override(self.base, self.changes(value))

    @property
    def present(self) -> float | None:
        """The value in the model itself; None if it is not one number."""
        if any(path.count(".") < 2 for path in self.paths):
            return None
        found = {value_at(self.base, path) for path in self.paths}
        return found.pop() if len(found) == 1 else None

    def equations_of(self, model: Model) -> Equations:
        """Return the fixed-point equations of one of the models."""
        return model_equations(model)

    def equations(self, value: float) -> Equations:
        """Return the fixed-point equations at a value of the parameter."""
        if self._ends is not None:
            share = (value - self.low) / (self.high - self.low)
            first, last = self._ends
            return replace(
                first,
                nu=first.nu + share * (last.nu - first.nu),
                drive=first.drive + share * (last.drive - first.drive),
            )
        with quiet():
            return self.equations_of(self.model(value))

    def change(self, value: float, v: Array) -> Array:
        """Return d(ν S(V) + d)/dλ for the parameter λ at fixed potentials V, shape (P,)."""
        if self._ends is not None:
            first, last = self._ends
            span = self.high - self.low
            rates = first.rates(v)
            return ((last.nu - first.nu) @ rates + last.drive - first.drive) / span
        step = DIFFERENCE * (self.high - self.low)
        # within the range, beyond which the parameter may not be allowed
        low, high = max(value - step, self.low), min(value + step, self.high)
        values = []
        for at in (low, high):
            e = self.equations(at)
            values.append(e.voltages(e.rates(v)))
        return (values[1] - values[0]) / (high - low)


def value_at(model: Model, path: str) -> float | None:
    """Return the number that a dotted path names; None if it is not one number of a component."""
    head, number, *rest = path.strip().lower().split(".")
    index = int(number) - 1
    item: Any = model.connections[index] if head != "population" else model.populations[index]
    if head != "population":
        item = getattr(item, head)
    elif rest[0] == "stimulus":
        item = item.stimuli[int(rest[1]) - 1 if len(rest) == 3 else 0]
    elif rest[0] == "firing":
        item = item.firing
        inner = getattr(item, "function", None)
        item = inner if inner is not None and inner.attribute(rest[-1]) is not None else item
    attribute = item.attribute(rest[-1]) if isinstance(item, Component) else rest[-1]
    value = getattr(item, attribute or "", None)
    return float(value) if isinstance(value, int | float) else None


def _straight(first: Equations, middle: Equations, last: Equations) -> bool:
    if not first.firing == middle.firing == last.firing:
        return False
    pairs = ((first.nu, middle.nu, last.nu), (first.drive, middle.drive, last.drive))
    return all(
        np.allclose(0.5 * (a + c), b, rtol=0, atol=STRAIGHT * float(np.abs([a, c]).max(initial=0)))
        for a, b, c in pairs
    )
