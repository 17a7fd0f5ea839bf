"""Which part of a run is wanted: trace, rows and nodes; refused in one line if it is not there."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nftsim.errors import NftsimError, suggestion
from nftsim.io.hdf5 import RunFile, open_run
from nftsim.io.layout import dimensions
from nftsim.io.run import Run
from nftsim.model import Model

Array = NDArray[np.float64]


def require_field(
    path: str | Path,
    trace: str | None = None,
    *,
    start: float | None = None,
    stop: float | None = None,
    nodes: Sequence[int] | None = None,
) -> str:
    """Return the name of the trace that `read_field` would read of an HDF5 file, without reading.

    Raises
    ------
    NftsimError
        As `analysis.field.read_field`, but for what only the values show.
    """
    with open_run(path) as run:
        name = chosen(run.traces, trace)
        run.dataset(name)  # or a word on what there is
        selected(run, run.model, name, (start, stop), nodes, str(path))
        return name


def chosen(names: Iterable[str], trace: str | None) -> str:
    """Return the trace that is asked for in lower case, else the first field of a propagator.

    Raises
    ------
    NftsimError
        If there is no trace at all.
    """
    known = list(names)
    if trace is not None:
        return trace.lower()
    if not known:
        raise NftsimError("the run holds no trace; set output.traces of its model")
    return next((name for name in known if name.startswith("propagator.")), known[0])


def rows(run: Run | RunFile, span: tuple[float | None, float | None], source: str) -> slice:
    """Return the rows between two times [s].

    Raises
    ------
    NftsimError
        If there is none.
    """
    (start, stop), time, slack = span, run.time, 1e-6 * run.interval
    first = 0 if start is None else int(np.searchsorted(time, start - slack))
    last = len(time) if stop is None else int(np.searchsorted(time, stop + slack, "right"))
    if last <= first:
        there = f"{time[0]:g} to {time[-1]:g} s" if len(time) else "none"
        raise NftsimError(
            f"{source}: no rows from {'the start' if start is None else f'{start:g} s'} to "
            f"{'the end' if stop is None else f'{stop:g} s'}. Its times are {there}."
        )
    return slice(first, last)


def selected(
    run: Run | RunFile,
    model: Model,
    name: str,
    span: tuple[float | None, float | None],
    nodes: Sequence[int] | None,
    source: str,
) -> tuple[slice, NDArray[np.int64], NDArray[np.int64] | None]:
    """Return the rows, the nodes that are there, and which of these are wanted (None: all).

    Raises
    ------
    NftsimError
        If a row or a node is not there, or the trace has a value for every pair of nodes.
    """
    axes = dimensions(model, model.parse_trace(name)[0])
    if "from" in axes:
        raise NftsimError(
            f"{source}: {name} has a value for every pair of nodes, which is no field on the "
            "sheet. Have one node's alone written: --set output.traces="
            f"{name}.1 for those from node 1."
        )
    if axes == ("time",):
        present = np.array([1])
    elif model.output.nodes is None:
        present = np.arange(1, model.nodes + 1)
    else:
        present = np.array(model.output.nodes)
    columns = None if nodes is None else _columns(nodes, present, source, name)
    return rows(run, span, source), present, columns


def _columns(
    nodes: Sequence[int], present: NDArray[np.int64], source: str, name: str
) -> NDArray[np.int64]:
    column = {int(node): i for i, node in enumerate(present)}
    missing = [str(n) for n in nodes if int(n) not in column]
    if missing:
        here = [str(n) for n in present]
        listed = ", ".join(here) if len(here) < 8 else f"{here[0]}, {here[1]}, … {here[-1]}"
        hint = suggestion(missing[0], here) if len(here) < 8 else ""
        raise NftsimError(
            f"{source}: {name} is not there at node {', '.join(missing)}. Nodes: {listed}.{hint}"
        )
    if not len(nodes):
        raise NftsimError(f"{source}: no node given; leave nodes out to read them all")
    return np.array([column[int(n)] for n in nodes])


def place(column: int, shape: tuple[int, ...]) -> tuple[int, ...]:
    """Return the indices of a column of nodes in a dataset (time, y, x) or (time, node)."""
    return tuple(int(i) for i in np.unravel_index(column, shape[1:])) if len(shape) > 1 else ()


def places(nodes: NDArray[np.int64], shape: tuple[int, int], extent: tuple[float, float]) -> Array:
    """Return the positions (y, x) of nodes, from 1, on a sheet [m]: of the middle of each."""
    y, x = np.divmod(nodes - 1, shape[1])
    return np.stack([(y + 0.5) * extent[0] / shape[0], (x + 0.5) * extent[1] / shape[1]], axis=1)
