"""Reading runs: one HDF5 file each, which explains itself (see ``docs/file-format.md``)."""

from __future__ import annotations

import math
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

import h5py
import numpy as np
from numpy.typing import NDArray

from nftsim.errors import NftsimError, suggestion
from nftsim.io.contained import (
    DAMAGE,
    WORDS,
    attributes,
    dataset,
    groups,
    member,
    members,
    numbers,
    readable,
    words_sum,
)
from nftsim.io.layout import FORMAT as FORMAT  # for import from here, too
from nftsim.io.layout import FORMAT_VERSION as FORMAT_VERSION
from nftsim.io.layout import dimensions, sizes
from nftsim.io.recognise import no_run
from nftsim.model import Model, parse_model
from nftsim.model.checks import require_sound

if TYPE_CHECKING:
    import xarray

#: Steps that a clock may have made: what a run may have, many times over.
LATEST = 1 << 60


class RunFile:
    """A finished run, open for reading; a context manager.

    Attributes
    ----------
    time
        Times of the rows [s], shape (row,).
    traces
        Names of what was written.
    attrs
        What the file says of itself: model, seed, dt, provenance.

    Raises
    ------
    NftsimError
        If there is no such file, or it is not a whole run file.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        try:
            self._file = h5py.File(self.path, "r")
        except OSError as error:
            raise no_run(path) from error
        try:
            self._check()
        except DAMAGE as error:
            self._file.close()
            raise NftsimError(
                f"{path}: not a whole run file: {_plain(error)}; run it again"
            ) from error
        except BaseException:
            self._file.close()
            raise

    def _check(self) -> None:
        self.attrs: dict[str, Any] = attributes(self._file)
        if self.attrs.get("format") != FORMAT:
            raise no_run(self.path)
        if int(self.attrs.get("format_version", 0)) > FORMAT_VERSION:
            raise NftsimError(f"{self.path}: written by a newer version; update nftsim to read it")
        if int(self.attrs.get("complete", 0)) != 1:
            raise NftsimError(f"{self.path}: the run did not finish; run it again")
        if WORDS in self.attrs and self.attrs[WORDS] != words_sum(self._file):
            raise ValueError("what it says of itself is not what was written")
        self.time: NDArray[np.float64] = numbers(self._file, "time")
        if self.time.ndim != 1 or not np.isfinite(self.time).all():
            raise ValueError("its times are no list of numbers")
        if not 0 < self.interval < math.inf:
            raise ValueError(f"its rows are {self.interval:g} s apart")
        self.traces: list[str] = [
            name
            for name, item in members(self._file).items()
            if "long_name" in item.attrs and "sheet" in item.attrs
        ]
        self._require_shapes()

    def _require_shapes(self) -> None:
        """Require that every trace is what the model of the file says."""
        model = self.model
        lengths = {**sizes(model), "time": len(self.time)}
        for name in self.traces:
            item = dataset(self._file, name)
            found = [t for t in model.all_traces() if str(t) == name]
            found = found or [t for t in model.output.traces if str(t) == name]
            if not found:
                raise ValueError(f"its model has no '{name}'")
            wanted = tuple(lengths[axis] for axis in dimensions(model, found[0]))
            if item.shape != wanted:
                raise ValueError(f"'{name}' has shape {item.shape}, and its model {wanted}")
            about = attributes(item)
            for key, kind in (("long_name", str), ("units", str), ("Ly", float), ("Lx", float)):
                if not isinstance(about.get(key), kind):
                    raise ValueError(f"'{name}' does not say its {key}")

    @property
    def interval(self) -> float:
        """Time between rows [s]."""
        return float(self.attrs["interval"])

    @property
    def model(self) -> Model:
        """The model that was run, as resolved then."""
        with readable(self.path):
            model = parse_model(str(self.attrs["model"]), f"{self.path}:model")
            require_sound(model)
            return model

    def dataset(self, name: str) -> h5py.Dataset:
        """Return the dataset of a trace; any case is accepted."""
        key = name.lower()
        if key not in self.traces:
            known = ", ".join(self.traces) or "none"
            raise NftsimError(
                f"{self.path}: no trace '{name}'. It has: {known}.{suggestion(key, self.traces)}"
            )
        return self._file[key]

    def trace(self, name: str, start: int = 0, stop: int | None = None) -> NDArray[np.float64]:
        """Return rows of a trace: shape (time, y, x), or (time, node) where nodes were chosen.

        What all nodes share is (time,); what each pair of nodes has, (time, from, y, x) or
        (time, from, node).
        """
        return np.asarray(self.rows(name, start, stop).astype(float, copy=False))

    def rows(self, name: str, start: int = 0, stop: int | None = None) -> NDArray[Any]:
        """Return rows of a trace as they are kept, in double or in single precision."""
        item = self.dataset(name)
        with readable(self.path):
            return np.asarray(item[start:stop])

    def read_through(self) -> None:
        """Read everything, as what has been damaged is found by the checksums of its parts.

        Raises
        ------
        NftsimError
            If something cannot be read.
        """
        with readable(self.path):
            places = [self._file, *groups(self._file)]
            for item in (item for group in places for item in members(group).values()):
                for part in item.iter_chunks() if item.chunks else [()]:
                    item[part]

    def extent(self, name: str) -> tuple[float, float]:
        """Return (Ly, Lx) of the sheet that a trace lives on [m]."""
        attrs = self.dataset(name).attrs
        return float(attrs["Ly"]), float(attrs["Lx"])

    def state(self) -> tuple[dict[str, NDArray[np.float64]], int, NDArray[np.uint64]]:
        """Return the end state: histories by name, clock, random generators."""
        if int(self.attrs["format_version"]) < FORMAT_VERSION:
            raise NftsimError(
                f"{self.path}: written by an older version, whose end states are kept otherwise; "
                "run it again"
            )
        try:
            group = member(self._file, "state")
        except (KeyError, ValueError) as error:
            raise NftsimError(
                f"{self.path}: has no end state to start from ({_plain(error)}), as no file made "
                "from text has; start from a file that 'nftsim run' wrote"
            ) from error
        with readable(self.path):
            clock = int(attributes(group)["clock"])
            names = [name for name in members(group) if name != "generators"]
            saved = {name: numbers(group, name).astype(float, copy=False) for name in names}
            generators = numbers(group, "generators", "u").astype(np.uint64, copy=False)
            odd = [n for n, v in saved.items() if v.ndim != 2 or not len(v)]
            if odd or not 0 <= clock < LATEST or generators.ndim != 2:
                raise ValueError(f"its end state is not one of a run: {odd[0] if odd else clock}")
            return saved, clock, generators

    def to_xarray(self) -> xarray.Dataset:
        """Return the run as an `xarray.Dataset` that reads values when they are asked for.

        As that of `nftsim.io.run.Run.to_xarray`, but it holds the file open, on its own: close it
        too, or use it in a ``with``.

        Raises
        ------
        NftsimError
            If xarray or h5netcdf is not installed.
        """
        try:
            import h5netcdf  # noqa: F401
            import xarray
        except ImportError as error:
            raise NftsimError(
                "to_xarray needs xarray and h5netcdf; run: pip install xarray h5netcdf"
            ) from error
        return xarray.open_dataset(self.path, engine="h5netcdf", decode_times=False)

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def __enter__(self) -> RunFile:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def _plain(error: Exception) -> str:
    """Return what an error says, without the quotes that a `KeyError` puts around it."""
    return str(error.args[0]) if error.args else type(error).__name__


def open_run(path: str | Path) -> RunFile:
    """Open a run file for reading (see `RunFile`)."""
    return RunFile(path)
