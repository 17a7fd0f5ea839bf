"""A model with one of its parameters left open, and its fixed-point equations along it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from nftsim.components.base import Component
from nftsim.components.stimuli import Stimulus
from nftsim.errors import ModelError, NftsimError
from nftsim.model import Model
from nftsim.model.keys import GLOBAL, POPULATION, label
from nftsim.model.overrides import override
from nftsim.notices import quiet
from nftsim.theory.equations import Array, Equations
from nftsim.theory.mean_field import model_equations, warn_of_changes

#: Told how much of the work is done, from 0 to 1.
Progress = Callable[[float], None]
#: Equations whose strengths and inputs at the middle are the mean of those at the ends to this
#: share go in a straight line.
STRAIGHT = 1e-13
#: Differences by which other parameters are differentiated, as a share of the range.
DIFFERENCE = 1e-6
#: Paths that say what is computed and written rather than what the model is.
RUN = {**dict.fromkeys(GLOBAL, "is of the run and its grid"), "topology": "is of the grid"}
#: Initial values, by their attribute.
INITIAL = frozenset({"q", "phi", "v", "htilde", "xtilde"})
#: Forms of parameters that are not one number.
FORMS = frozenset({"integer", "list", "nodes", "word", "file"})
MOVING = (
    "give a number of a coupling, propagator, dendrite or firing response, a population's length, "
    "or the mean of a stimulus, e.g. coupling.1.nu"
)


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
        If the path names nothing, or nothing that moves a fixed point or its roots; if the range is
        none. A `ModelError` has the path as its place.
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
        for path in self.paths:
            require_moving(model, path, low)
        ends = [self.equations_of(self.model(value)) for value in (low, high)]
        warn_of_changes(model)
        with quiet("nftsim.theory"):
            middle = self.equations_of(self.model(0.5 * (low + high)))
        self._ends = (ends[0], ends[1]) if _straight(ends[0], middle, ends[1]) else None

    def changes(self, value: float) -> Mapping[str, object]:
        """Return the overrides that set the parameter."""
        return dict.fromkeys(self.paths, float(value))

    def model(self, value: float) -> Model:
        """Return the model at a value of the parameter."""
        return changed(self.base, self.changes(value))

    @property
    def present(self) -> float | None:
        """The value in the model itself; None if it is not one number."""
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
        with quiet("nftsim.theory"):
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


def changed(model: Model, changes: Mapping[str, object]) -> Model:
    """Return the model with values replaced; the place of an error is the path that is wrong."""
    for path, value in changes.items():
        try:
            model = override(model, {path: value})
        except ModelError as error:
            raise ModelError(path, str(error).removeprefix(f"{error.place}: ")) from None
    return model


def same_path(path: str) -> str:
    """Return a path in the one spelling that stands for all of its spellings."""
    steps = path.strip().lower().split(".")
    if steps[2:3] == ["stimulus"] and len(steps) == 4:
        steps.insert(3, "1")
    return ".".join(str(int(step)) if step.isdecimal() else step for step in steps)


def require_moving(model: Model, path: str, value: float) -> None:
    """Refuse a path that names nothing, or nothing that moves a fixed point or its roots.

    Parameters
    ----------
    value
        One that it is to take, which must be allowed.

    Raises
    ------
    ModelError
        With the path as its place.
    """
    head, *rest = same_path(path).split(".")
    why = RUN.get(head, "") if not rest else "is of the output" if head == "output" else ""
    if not why:
        changed(model, {path: value})
        item, attribute = _found(model, path)
        if attribute in INITIAL:
            why = "is an initial value"
        elif isinstance(item, Stimulus) and attribute != "mean":
            owner = label(same_path(path).rpartition(".")[0], item.keyword)
            why = f"is of {owner}, of which the mean alone matters"
        elif isinstance(item, Component) and item.parameters()[attribute].form in FORMS:
            why = "is not one number"
    if why:
        raise ModelError(path, f"it {why}, and moves no fixed point; {MOVING}")


def _found(model: Model, path: str) -> tuple[Any, str]:
    """Return the object that holds what a path names, and the attribute that this is."""
    head, number, *rest = same_path(path).split(".")
    index = int(number) - 1
    item: Any = model.connections[index] if head != "population" else model.populations[index]
    if head != "population":
        item = getattr(item, head)
    elif rest[0] == "stimulus":
        item = item.stimuli[int(rest[1]) - 1]
    elif rest[0] == "firing":
        item = item.firing
        inner = getattr(item, "function", None)
        item = inner if inner is not None and inner.attribute(rest[-1]) is not None else item
    attribute = item.attribute(rest[-1]) if isinstance(item, Component) else rest[-1]
    return item, attribute or ""


def value_at(model: Model, path: str) -> float | None:
    """Return the number that a dotted path names; None if it is not one number of a component."""
    item, attribute = _found(model, path)
    value = getattr(item, attribute, None)
    return float(value) if isinstance(value, int | float) else None


def unit_at(model: Model, path: str) -> str:
    """Return the unit of what a dotted path of a model names; empty: a pure number, or a word."""
    head, *rest = same_path(path).split(".")
    if not rest:
        return GLOBAL[head].unit if head in GLOBAL else ""
    item, attribute = _found(model, path)
    if isinstance(item, Component):
        return item.parameters()[attribute].unit
    return POPULATION[attribute.capitalize()].unit


def _straight(first: Equations, middle: Equations, last: Equations) -> bool:
    if not first.firing == middle.firing == last.firing:
        return False
    pairs = ((first.nu, middle.nu, last.nu), (first.drive, middle.drive, last.drive))
    return all(
        np.allclose(0.5 * (a + c), b, rtol=0, atol=STRAIGHT * float(np.abs([a, c]).max(initial=0)))
        for a, b, c in pairs
    )
