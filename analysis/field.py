"""One trace of a run, with all that analysing it takes: times, nodes, lengths and units."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from analysis.model_of import model_of as model_of  # for import from here, too
from analysis.selection import chosen, place, places, selected
from analysis.selection import require_field as require_field
from nftsim.errors import NftsimError
from nftsim.io.convert import read_run
from nftsim.io.hdf5 import RunFile, open_run
from nftsim.io.layout import attributes
from nftsim.io.recognise import Kind, kind_of
from nftsim.io.run import Run

if TYPE_CHECKING:
    import pandas as pd

Array = NDArray[np.float64]


@dataclass(frozen=True, repr=False)
class Field:
    """Samples of one quantity on a sheet.

    Attributes
    ----------
    name
        Of the trace, such as ``propagator.1.phi``.
    values
        Shape (time, y, x) if all nodes are there, else (time, node).
    time
        Times of the rows [s].
    interval
        Time between them [s].
    extent
        (Ly, Lx) of the sheet that the trace lives on [m].
    units, long_name
        Unit, and what it is.
    shape
        Nodes (ny, nx) of the sheet, whether they are there or not.
    nodes
        Their numbers, from 1 and along x first, in the order of the columns of `series`; of sites
        between nodes, 0.
    places
        Their positions (y, x) [m], shape (node, 2): of the middle of each.
    topology
        ``Torus`` or ``Sphere``.
    source
        Where it was read, for messages.
    sites
        Names of the columns of `series`, where they are sites and not nodes.
    """

    name: str
    values: Array
    time: Array
    interval: float
    extent: tuple[float, float]
    units: str
    long_name: str
    shape: tuple[int, int]
    nodes: NDArray[np.int64]
    places: Array
    topology: str = "Torus"
    source: str = "field"
    sites: tuple[str, ...] = ()

    def __repr__(self) -> str:
        """Return what it is, without the numbers."""
        if self.values.ndim == 3:
            where = f"{self.shape[0]} x {self.shape[1]} nodes (y, x)"
        else:
            here = self.values.shape[1]
            where = f"{here} {'site' if self.sites else 'node'}{'' if here == 1 else 's'}"
        times = (
            f"{len(self.time)} times, {self.time[0]:g} to {self.time[-1]:g} s"
            if len(self.time)
            else "no times"
        )
        return f"<Field {self.name} [{self.units}] of {self.source}: {times}, {where}>"

    def to_frame(self) -> pd.DataFrame:
        """Return a table with a row a time: ``time`` and a column for each node, or site."""
        import pandas as pd  # slow to import

        names = self.sites or [f"node {n}" for n in self.nodes]
        table = pd.DataFrame(self.series(), columns=list(names))
        table.insert(0, "time", self.time)
        return table

    def grid(self) -> Array:
        """Return the values as (time, y, x).

        Raises
        ------
        NftsimError
            If only some nodes are there.
        """
        if self.values.ndim != 3:
            raise NftsimError(
                f"{self.source}: {self.name} is there at {self.values.shape[1]} of "
                f"{self.shape[0] * self.shape[1]} nodes; this needs all of them. Run with "
                "--set output.node=all, and read without choosing nodes."
            )
        return self.values

    def torus(self) -> Array:
        """Return the values as (time, y, x), if plane waves fit round the sheet.

        Raises
        ------
        NftsimError
            If only some nodes are there, or the sheet is not a torus.
        """
        if self.topology != "Torus":
            raise NftsimError(
                f"{self.source}: the topology is {self.topology}; plane waves need a Torus"
            )
        return self.grid()

    def require_lengths(self, what: str) -> None:
        """Refuse an array that was not given the lengths of its sheet.

        Raises
        ------
        NftsimError
            If they are not known.
        """
        if not np.isfinite(self.extent).all():
            raise NftsimError(
                f"{self.source}: {what} needs the lengths of the sheet, which an array does not "
                "have; make a field of it: analysis.field.make_field(values, interval, extent)"
            )

    def series(self) -> Array:
        """Return the values as (time, node)."""
        return self.values.reshape(len(self.values), -1)


def make_field(
    values: Array,
    interval: float,
    extent: tuple[float, float],
    *,
    name: str = "field",
    units: str = "1",
    start: float = 0.0,
) -> Field:
    """Make a field of an array (time, y, x).

    Parameters
    ----------
    values
        Shape (time, y, x).
    interval
        Time between rows [s].
    extent
        Sheet (Ly, Lx) [m].
    name, units
        What it is, and its unit.
    start
        Time of the first row [s].

    Returns
    -------
    Field
    """
    require_interval(interval, name)
    values = np.asarray(values, float)
    if values.ndim != 3:
        raise NftsimError(f"{name}: shape {values.shape}; a field has the axes (time, y, x)")
    shape = (values.shape[1], values.shape[2])
    every = np.arange(1, shape[0] * shape[1] + 1)
    time: Array = start + interval * np.arange(len(values), dtype=float)
    middles = places(every, shape, extent)
    return Field(name, values, time, interval, extent, units, name, shape, every, middles)


def read_field(
    source: str | Path | Run,
    trace: str | None = None,
    *,
    start: float | None = None,
    stop: float | None = None,
    nodes: Sequence[int] | None = None,
) -> Field:
    """Read a trace, or a part of it.

    Of an HDF5 file only that part is read.

    Parameters
    ----------
    source
        A run file (HDF5), NFTsim's text output, or a run in memory.
    trace
        Name of the trace, in any case (default: the first field of a propagator, else the first
        trace).
    start, stop
        Times of the first and the last row [s] (default: all of them).
    nodes
        Numbers of nodes from 1, in the order wanted (default: all that are there).

    Returns
    -------
    Field

    Raises
    ------
    NftsimError
        If the file is not a whole run, lacks the trace, a node or the times, or if the trace has a
        value for every pair of nodes.
    """
    if isinstance(source, Run):
        return _in_memory(source, "the run", trace, (start, stop), nodes)
    path = Path(source)
    if kind_of(path) is Kind.TEXT:
        return _in_memory(read_run(path), str(path), trace, (start, stop), nodes)
    with open_run(path) as run:
        name = chosen(run.traces, trace)
        data = run.dataset(name)
        try:
            return _field(run, name, data, dict(data.attrs), (start, stop), nodes, str(path))
        except (OSError, KeyError, ValueError) as error:
            raise NftsimError(
                f"{path}: {name} cannot be read: {error}. The file is damaged; run it again."
            ) from error


#: What functions of a field take: one, or a run or its file, whose first field it then is.
Source = Field | Run | str | Path


def as_field(
    source: object, what: str, interval: float | None = None, *, arrays: bool = False
) -> Field:
    """Return what a function is given as a field.

    Parameters
    ----------
    source
        A field; a run or its file, of which the first field of a propagator is read; or, with an
        `interval`, an array of shape (time,), (time, node) or (time, y, x).
    what
        The function, for messages.
    interval
        Time between the rows of an array [s].
    arrays
        Whether the function takes arrays.

    Returns
    -------
    Field
        Of an array without lengths: `extent` is not a number.

    Raises
    ------
    NftsimError
        If it is none of these, or an interval is given besides a field that has one.
    """
    if isinstance(source, Field | Run | str | Path):
        if interval is not None:
            raise NftsimError(f"{what}: a field has an interval of its own; leave 'interval' out")
        return source if isinstance(source, Field) else read_field(source)
    try:
        values = np.asarray(source, float)
    except (TypeError, ValueError):
        values = np.empty(0)
    kind = "an array" if values.ndim else type(source).__name__
    if values.ndim not in (1, 2, 3) or not values.size:
        raise NftsimError(
            f"{what}: takes a field (read_field), a run, or the name of its file, not {kind}"
        )
    if interval is None:
        raise NftsimError(
            f"{what}: an array of shape {values.shape} says nothing of times and lengths; "
            f"{'give its interval [s], or ' if arrays else ''}make a field of it: "
            "analysis.field.make_field(values, interval, extent)"
        )
    unknown = (np.nan, np.nan)
    if values.ndim == 3:
        return make_field(values, interval, unknown, name="array")
    columns = values.reshape(len(values), -1)
    grid = make_field(columns[:, None, :], interval, unknown, name="array")
    return replace(grid, values=columns)


def as_series(series: object, what: str, shape: str) -> Array:
    """Return numbers of a function that takes series and the interval between them.

    Parameters
    ----------
    series
        What is given.
    what
        The function, for messages.
    shape
        Shape that it takes, for messages.

    Raises
    ------
    NftsimError
        If it is a field, a run or the name of a file, or no numbers.
    """
    if isinstance(series, Run | str | Path):
        raise NftsimError(
            f"{what}: takes an array ({shape}) and its interval; read the run first: field = "
            "read_field(…), then field.series() (time, node) and field.interval"
        )
    if isinstance(series, Field):
        raise NftsimError(
            f"{what}: takes an array ({shape}) and its interval; of this field take "
            "field.series(), whose axes are (time, node), and field.interval"
        )
    try:
        return np.asarray(series, float)
    except (TypeError, ValueError) as error:
        raise NftsimError(f"{what}: takes an array ({shape}) of numbers: {error}") from None


def require_interval(interval: float, what: str) -> None:
    """Refuse a time between rows that is not a number above 0.

    Raises
    ------
    NftsimError
        If it is not.
    """
    if not (np.isfinite(interval) and interval > 0):
        raise NftsimError(f"{what}: interval {interval:g} s; the time between rows is above 0")


def _in_memory(
    run: Run,
    source: str,
    trace: str | None,
    span: tuple[float | None, float | None],
    nodes: Sequence[int] | None,
) -> Field:
    name = chosen(list(run), trace)
    values = run[name]
    about = attributes(run.model, run.model.parse_trace(name)[0])
    return _field(run, name, values, about, span, nodes, source)


def _field(
    run: Run | RunFile,
    name: str,
    data: Any,
    about: Mapping[str, Any],
    span: tuple[float | None, float | None],
    nodes: Sequence[int] | None,
    source: str,
) -> Field:
    model = run.model
    rows, present, columns = selected(run, model, name, span, nodes, source)
    shape = model.shape
    if columns is None:
        values = np.asarray(data[rows], float)
        values = values if values.ndim > 1 else values[:, None]
    else:
        present = present[columns]
        values = np.empty((rows.stop - rows.start, len(columns)))
        for i, column in enumerate(columns):
            values[:, i] = data[(rows, *place(int(column), data.shape))]
    extent = (float(about["Ly"]), float(about["Lx"]))
    return Field(
        name=name,
        values=values,
        time=np.asarray(run.time[rows], float),
        interval=run.interval,
        extent=extent,
        units=str(about["units"]),
        long_name=str(about["long_name"]),
        shape=shape,
        nodes=present,
        places=places(present, shape, extent),
        topology=model.topology,
        source=source,
    )
