"""From a `Model` back to ``.conf`` text that reads as an equal model."""

from __future__ import annotations

import math
import re
from typing import Any

import numpy as np

from nftsim.components.base import Component
from nftsim.components.firing import Firing
from nftsim.components.slow import GlutamateResponse
from nftsim.errors import require_kind
from nftsim.model.keys import TOPOLOGIES
from nftsim.model.model import Model, Population

#: A word that needs no double quotes.
_PLAIN = re.compile(r'(?!-\Z)[^\s:"]+\Z')


def to_conf(model: Model) -> str:
    """Return the ``.conf`` text of a model."""
    require_kind(model, Model, "a model")
    size = f"Nodes: {model.nodes}"
    if model.longside is not None:
        size += f" Longside nodes: {model.longside}"
    lines = [model.header] if model.header else []
    if model.topology != TOPOLOGIES[0]:
        size += f" Topology: {model.topology}"
    lines += ["", f"Time: {model.time!r} Deltat: {model.deltat!r}", size, ""]
    lines += _matrix(model)
    for i, population in enumerate(model.populations):
        lines += _population(model, i, population)
    lines.append("")
    for role in ("propagator", "coupling"):
        for c in model.connections:
            lines.append(f"{role.capitalize()} {c.index}: {_component(getattr(c, role))}")
        lines.append("")
    return "\n".join(lines + _output(model)) + "\n"


def _matrix(model: Model) -> list[str]:
    n = len(model.populations)
    table = [[0] * n for _ in range(n)]
    for c in model.connections:
        table[c.post][c.pre] = c.index
    rows = ["Connection matrix:", "From: " + " ".join(str(i + 1) for i in range(n))]
    return rows + [f"To {i + 1}: " + " ".join(map(str, row)) for i, row in enumerate(table)]


def _population(model: Model, index: int, population: Population) -> list[str]:
    lines = ["", f"Population {index + 1}: {population.name}".rstrip()]
    lines.append(f"Length: {population.length!r}")
    if population.firing is not None:
        lines.append(f"Q: {_value(population.q)}")
        lines.append(f"Firing: {_firing(population.firing)}")
        for c in model.inputs_of[index]:
            lines.append(f" Dendrite {c.index}: {_component(c.dendrite)}")
    else:
        if len(population.stimuli) > 1:
            lines.append(f"Stimulus: Superimpose: {len(population.stimuli)}")
        lines += [f" Stimulus: {_component(s)}" for s in population.stimuli]
    return lines


def _firing(firing: Firing) -> str:
    if isinstance(firing, GlutamateResponse):
        return f"{_component(firing)} {_firing(firing.function)}"
    # NFTsim names a response without memory after 'Function:', another directly
    return _component(firing) if firing.memory else f"Function: {firing.keyword} {_values(firing)}"


def _component(item: Component) -> str:
    return f"{item.keyword} - {_values(item)}" if item.keyword else _values(item)


def _values(item: Component) -> str:
    words = []
    for name, declared in item.parameters().items():
        value = getattr(item, name)
        if declared.optional and (value in (None, (), "") or value == math.inf):
            continue
        words.append(f"{declared.keyword}: {_value(value)}")
    return " ".join(words)


def _value(value: Any) -> str:
    if isinstance(value, tuple):
        return " ".join(map(_number, value))
    if isinstance(value, str):
        return value if _PLAIN.match(value) else f'"{value}"'
    return _number(value)


def _number(value: Any) -> str:
    """Return a number such that it is read as the same one; numpy's own form is none to us."""
    return repr(value.item() if isinstance(value, np.generic) else value)


def _output(model: Model) -> list[str]:
    out = model.output
    nodes = "All" if out.nodes is None else " ".join(map(str, out.nodes))
    head = f"Output: Node: {nodes} Start: {out.start!r}"
    if out.interval is not None:
        head += f" Interval: {out.interval!r}"
    lines = [head]
    for title, kind in (
        ("Population", "pop"),
        ("Dendrite", "dendrite"),
        ("Propagator", "propagator"),
        ("Coupling", "coupling"),
    ):
        wanted = [f"{t.index}.{t.quantity}" for t in out.traces if t.kind == kind]
        lines.append(f"{title}: {' '.join(wanted)}".rstrip())
    return lines
