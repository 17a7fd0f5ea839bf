"""What reading a file ensures, asked of every model: one made in Python may lack it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields
from typing import Any

import numpy as np

from nftsim.components.base import Component, Parameter
from nftsim.errors import ModelError
from nftsim.model.keys import GLOBAL, OUTPUT, POPULATION, label
from nftsim.model.model import Model

#: Forms of parameters whose values are no numbers, or checked with the grid.
_OTHER = frozenset({"word", "file", "nodes"})


def require_structure(model: Model) -> None:
    """Refuse a model whose parts do not fit together.

    Raises
    ------
    ModelError
        If a population is neither neurons nor an input, or connections are misnumbered, join what
        there is not, or lead into an input.
    """
    count = len(model.populations)
    for i, population in enumerate(model.populations, start=1):
        place = model.place(f"population.{i}")
        if population.neural == bool(population.stimuli):
            raise ModelError(place, f"Population {i} needs either a firing response or stimuli")
        driven = any(c.post == i - 1 for c in model.connections)
        if driven != population.neural:
            what = "has no input; add a connection onto it"
            if driven:
                what = "has stimuli, so no inputs; give them to a population of their own"
            raise ModelError(place, f"Population {i} {what}")
    pairs: set[tuple[int, int]] = set()
    for i, c in enumerate(model.connections, start=1):
        place = model.place(f"propagator.{i}")
        if c.index != i:
            raise ModelError(place, f"connection {i} has index {c.index}; number them from 1")
        if not (0 <= c.pre < count and 0 <= c.post < count):
            raise ModelError(
                place,
                f"connection {i} goes from {c.pre} to {c.post}; give indices of populations, from "
                f"0 to {count - 1}",
            )
        if (c.pre, c.post) in pairs:
            raise ModelError(
                place,
                f"connection {i} is the second from population {c.pre + 1} to {c.post + 1}; keep "
                "one",
            )
        pairs.add((c.pre, c.post))


def require_numbers(model: Model, components: Iterable[tuple[str, Component]]) -> None:
    """Refuse values that are no numbers, or not within their bounds.

    Parameters
    ----------
    model
        The model.
    components
        Its components with their dotted paths.

    Raises
    ------
    ModelError
        At the first of them.
    """
    for name, declared in GLOBAL.items():
        _require(getattr(model, name), declared, model.place(name), "Model")
    for i, population in enumerate(model.populations, start=1):
        path = f"population.{i}"
        length, rate = POPULATION["Length"], POPULATION["Q"]
        _require(population.length, length, model.place(f"{path}.length"), label(path))
        if population.neural:
            _require(population.q, rate, model.place(f"{path}.q"), label(path))
    for path, item in components:
        defaults = {f.name: f.default for f in fields(item)}
        for name, declared in item.parameters().items():
            value = getattr(item, name)
            if declared.form not in _OTHER and value != defaults[name]:
                place = model.place(f"{path}.{declared.path}")
                _require(value, declared, place, label(path, item.keyword))
    for name in ("start", "interval"):
        declared = OUTPUT[name.capitalize()]
        _require(getattr(model.output, name), declared, model.place(f"output.{name}"), "Output")


def require_nodes(nodes: Iterable[int], count: int, place: str, name: str) -> None:
    """Refuse node indices (from 1) that are not on the grid.

    Raises
    ------
    ModelError
        Naming the first.
    """
    for node in nodes:
        if not 1 <= node <= count:
            raise ModelError(place, f"{name}: node {node} does not exist; nodes are 1 to {count}")


def _require(value: Any, declared: Parameter, place: str, owner: str) -> None:
    name = f"{owner}: {declared.keyword}"
    if value is None and (declared.optional or declared.form == "steady"):
        return
    try:
        if value is None or isinstance(value, str | bytes):
            raise TypeError
        numbers = np.asarray(value, dtype=float)
    except (TypeError, ValueError):
        found = f"{value!r}"[:40]
        raise ModelError(
            place, f"{name}: expected {declared.allowed}, found {found}; give numbers"
        ) from None
    if numbers.ndim and not declared.many:
        raise ModelError(place, f"{name} takes one value, found {numbers.size}; give one")
    if declared.form == "integer" and numbers != np.floor(numbers):
        raise ModelError(place, f"{name}: expected a whole number, found {value}; give one")
    low = numbers > declared.low if declared.strict else numbers >= declared.low
    wrong = numbers[~(low & np.isfinite(numbers))]
    if wrong.size:
        raise ModelError(
            place, f"{name} = {wrong.flat[0]:g} is out of bounds; give {declared.allowed}"
        )
