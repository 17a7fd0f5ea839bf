"""Reading runs: one HDF5 file each, which explains itself (see ``docs/file-format.md``)."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

import h5py
import numpy as np
from numpy.typing import NDArray

from nftsim.errors import NftsimError, suggestion
from nftsim.model import Model, parse_model

if TYPE_CHECKING:
    import xarray

FORMAT = "nftsim-run"
FORMAT_VERSION = 2


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
        if not self.path.is_file():
            raise NftsimError(f"{path}: no such file; expected a run written by 'nftsim run'")
        try:
            self._file = h5py.File(self.path, "r")
        except OSError as error:
            with self.path.open("rb") as file:
                start = file.read(4)
            if start not in (b"\x89HDF", b""):
                raise NftsimError(
                    f"{path}: not an HDF5 file; text output has no end state, and 'nftsim convert' "
                    "makes HDF5 of it to be read"
                ) from error
            raise NftsimError(
                f"{path}: not a readable HDF5 file (truncated, or another format): {error}"
            ) from error
        try:
            self._check()
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            self._file.close()
            raise NftsimError(f"{path}: not a whole run file: {error}; run it again") from error
        except BaseException:
            self._file.close()
            raise

    def _check(self) -> None:
        self.attrs: dict[str, Any] = dict(self._file.attrs)
        if self.attrs.get("format") != FORMAT:
            raise NftsimError(f"{self.path}: HDF5, but not a run: it lacks format = '{FORMAT}'")
        if int(self.attrs.get("format_version", 0)) > FORMAT_VERSION:
            raise NftsimError(f"{self.path}: written by a newer version; update nftsim to read it")
        if int(self.attrs.get("complete", 0)) != 1:
            raise NftsimError(f"{self.path}: the run did not finish; run it again")
        self.time: NDArray[np.float64] = self._file["time"][:]
        self.traces: list[str] = [
            name
            for name, item in self._file.items()
            if isinstance(item, h5py.Dataset)
            and "long_name" in item.attrs
            and "sheet" in item.attrs
        ]

    @property
    def interval(self) -> float:
        """Time between rows [s]."""
        return float(self.attrs["interval"])

    @property
    def model(self) -> Model:
        """The model that was run, as resolved then."""
        return parse_model(str(self.attrs["model"]), f"{self.path}:model")

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
        values: NDArray[np.float64] = self.dataset(name)[start:stop].astype(float, copy=False)
        return values

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
            group = self._file["state"]
            saved = {
                name: item[:]
                for name, item in group.items()
                if isinstance(item, h5py.Dataset) and name != "generators"
            }
            return saved, int(group.attrs["clock"]), group["generators"][:]
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise NftsimError(
                f"{self.path}: has no end state to start from: {error}; run it again"
            ) from error

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


def open_run(path: str | Path) -> RunFile:
    """Open a run file for reading (see `RunFile`)."""
    return RunFile(path)
