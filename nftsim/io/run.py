"""A run in memory: what `nftsim.simulate` returns, and what files are read into."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from nftsim.errors import NftsimError, suggestion
from nftsim.io.layout import attributes, axes, dimensions
from nftsim.memory import memory
from nftsim.model import Model

if TYPE_CHECKING:
    import xarray

Array = NDArray[np.float64]
#: The end state of a run: histories by name, clock, random generators.
End = tuple[Mapping[str, NDArray[np.float64]], int, NDArray[np.uint64]]


class Run(Mapping[str, Array]):
    """The traces of a run, by name: ``run["propagator.1.phi"]``.

    A trace has shape (time, y, x); (time, node) where nodes were chosen; (time,) where all nodes
    share a value; (time, from, …) where there is a value for every pair of nodes. Any case of a
    name is accepted.

    Attributes
    ----------
    model
        The model that was run, as resolved.
    time
        Times of the rows [s], shape (row,).
    attrs
        What the run says of itself, as in a run file: seed, steps, dt and so on.
    end
        Its end state, from which another run can start; None if it was read from text.
    """

    def __init__(
        self,
        model: Model,
        time: Array,
        traces: Mapping[str, Array],
        attrs: Mapping[str, Any],
        end: End | None = None,
    ) -> None:
        self.model = model
        self.time = time
        self.attrs = dict(attrs)
        self._traces = dict(traces)
        self.end = end

    def __getitem__(self, name: str) -> Array:
        try:
            return self._traces[str(name).lower()]
        except KeyError:
            known = ", ".join(self._traces) or "none"
            hint = suggestion(str(name), self._traces)
            raise NoTraceError(f"the run has no trace '{name}'. It has: {known}.{hint}") from None

    def __iter__(self) -> Iterator[str]:
        return iter(self._traces)

    def __len__(self) -> int:
        return len(self._traces)

    def __repr__(self) -> str:
        return f"<Run of {self.model.name}: {len(self.time)} times of {', '.join(self)}>"

    @property
    def seed(self) -> int | None:
        """Seed of the noise; None where the model's own seeds (Ranseed) were used, or unknown."""
        found = self.attrs.get("seed")
        return None if found is None else int(found)

    @property
    def interval(self) -> float:
        """Time between rows [s]."""
        return float(self.attrs["interval"])

    def state(self) -> End:
        """Return the end state.

        Raises
        ------
        NftsimError
            If the run has none.
        """
        if self.end is None:
            raise NftsimError(
                "the run has no end state to start from, as text output has none; keep runs that "
                "are to go on in .h5 files"
            )
        return self.end

    def units(self, name: str) -> str:
        """Return the unit of a trace."""
        return str(attributes(self.model, self._trace(name))["units"])

    def _trace(self, name: str) -> Any:
        self[name]  # with a word on what there is
        return self.model.parse_trace(name)[0]

    def to_xarray(self) -> xarray.Dataset:
        """Return the run as an `xarray.Dataset`.

        Its coordinates are ``time`` [s] and ``y``, ``x`` [m], or ``node``, with units as
        attributes.

        Raises
        ------
        NftsimError
            If xarray is not installed.
        """
        try:
            import xarray
        except ImportError as error:
            raise NftsimError("to_xarray needs xarray; run: pip install xarray") from error
        coordinates: dict[str, Any] = {
            "time": ("time", self.time, {"units": "s", "long_name": "time"})
        }
        for a in axes(self.model).values():
            coordinates[a.name] = (a.name, a.values, {"units": a.unit, "long_name": a.text})
        variables = {}
        for name, values in self.items():
            trace = self._trace(name)
            variables[name] = (
                dimensions(self.model, trace),
                values,
                attributes(self.model, trace),
            )
        return xarray.Dataset(variables, coordinates, self.attrs)

    def save(self, path: str | Path) -> None:
        """Write the run to a file: HDF5, or NFTsim's text if the name ends in .output or .txt.

        Raises
        ------
        NftsimError
            If the file cannot be written, or holds something other than a run.
        """
        from nftsim.io.convert import save

        save(self, Path(path))


class NoTraceError(NftsimError, KeyError):
    """A name that is not that of a trace of the run."""

    def __str__(self) -> str:
        """Return the message as it is, where a `KeyError` would quote it."""
        return str(self.args[0])


class Collector:
    """Takes the rows of a run as they come, and keeps them in memory; a context manager.

    Parameters
    ----------
    model
        What is run, as resolved.
    rows
        How many rows will come.
    about
        What the run says of itself.

    Raises
    ------
    NftsimError
        If they are more than the machine can hold.
    """

    def __init__(self, model: Model, rows: int, about: Mapping[str, Any]) -> None:
        self._model, self._about = model, dict(about)
        sizes = {name: axis.values.size for name, axis in axes(model).items()} | {"time": rows}
        shapes = {
            str(t): tuple(sizes[d] for d in dimensions(model, t)) for t in model.output.traces
        }
        needed = 8 * sum(int(np.prod(shape)) for shape in shapes.values())
        present = memory()
        if needed > present.size:
            raise NftsimError(
                f"{model.name}: its output takes {needed / 2**30:.3g} GiB and {present}; run it to "
                "a file, or write less often or fewer nodes"
            )
        self._time = np.empty(rows)
        self._traces = {name: np.empty(shape) for name, shape in shapes.items()}
        self._row = 0
        self._end: End | None = None

    def write(self, time: Array, values: Sequence[Array]) -> None:
        """Append rows: an array for each trace, as `nftsim.io.text.TextWriter.write` takes them."""
        rows = slice(self._row, self._row + len(time))
        self._time[rows] = time
        for target, value in zip(self._traces.values(), values, strict=True):
            target[rows] = value.reshape(len(time), *target.shape[1:])
        self._row = rows.stop

    def tell(self, about: Mapping[str, Any]) -> None:
        """Take what the run says of itself at its end."""
        self._about |= about

    def finish(self, end: End | None = None) -> None:
        """Take the end state, and keep a copy."""
        self._end = None if end is None else (dict(end[0]), *end[1:])

    @property
    def run(self) -> Run:
        """The rows so far as a `Run`."""
        traces = {name: values[: self._row] for name, values in self._traces.items()}
        return Run(self._model, self._time[: self._row], traces, self._about, self._end)

    def __enter__(self) -> Collector:
        return self

    def __exit__(self, *exc: object) -> None:
        pass
