"""What a run holds, whatever it is kept in: axes, shapes and units of its traces."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nftsim.model import Model, Trace

#: What a run file says it is, and the newest version of that.
FORMAT = "nftsim-run"
FORMAT_VERSION = 2


@dataclass(frozen=True)
class Axis:
    """A coordinate: name, values, unit and what it is."""

    name: str
    values: NDArray[Any]
    unit: str
    text: str


def axes(model: Model) -> dict[str, Axis]:
    """Return the coordinates of a model's output besides time, by name.

    They are ``y`` and ``x`` [m], of the largest sheet, if all nodes are written, else ``node``;
    and ``from``, if a trace has a value for every pair of nodes.
    """
    found = []
    if model.output.nodes is None:
        dx = max(model.spacing(i) for i in range(len(model.populations)))
        for name, count in zip("yx", model.shape, strict=True):
            found.append(Axis(name, (np.arange(count) + 0.5) * dx, "m", f"position along {name}"))
    else:
        found.append(Axis("node", np.array(model.output.nodes), "1", "node, counted from 1"))
    if any(model.field_of(t).matrix for t in model.output.traces):
        every = np.arange(1, model.nodes + 1)
        found.append(Axis("from", every, "1", "node that acts on others, counted from 1"))
    return {axis.name: axis for axis in found}


def sizes(model: Model) -> dict[str, int]:
    """Return the lengths of the axes that a model's output may have, but for time, by name."""
    ny, nx = model.shape
    return {"y": ny, "x": nx, "node": len(model.output.nodes or ()), "from": model.nodes}


def dimensions(model: Model, trace: Trace) -> tuple[str, ...]:
    """Return the names of a trace's axes, time first: those of `axes`.

    A value that all nodes share has time alone.
    """
    field = model.field_of(trace)
    if field.single:
        return ("time",)
    space = ("y", "x") if model.output.nodes is None else ("node",)
    return ("time", "from", *space) if field.matrix else ("time", *space)


def attributes(model: Model, trace: Trace) -> dict[str, Any]:
    """Return what is said of a trace: ``units``, ``long_name``, and its sheet's ``Ly``, ``Lx``."""
    field, sheet = model.field_of(trace), model.sheet_of(trace)
    ly, lx = model.extent(sheet)
    return {
        "units": field.unit,
        "long_name": field.text,
        "sheet": sheet + 1,
        "Ly": ly,
        "Lx": lx,
    }
