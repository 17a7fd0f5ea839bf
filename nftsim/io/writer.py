"""Writing runs: rows go to ``FILE.part`` as they come; the file takes its name when it is whole.

At a checkpoint the part is a whole HDF5 file, and what a later write replaces in it is kept beside
it (see `nftsim.io.checkpoint`).
"""

from __future__ import annotations

import math
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

from nftsim.errors import NftsimError, SimulationError, shown
from nftsim.io.checkpoint import Place, Saved
from nftsim.io.contained import seal
from nftsim.io.durable import summed, sync_names
from nftsim.io.hdf5 import FORMAT, FORMAT_VERSION
from nftsim.io.layout import Axis, attributes, axes, dimensions
from nftsim.io.run import End
from nftsim.io.sink import Sink
from nftsim.io.waiting import Waiting
from nftsim.model import Model, Trace
from nftsim.provenance import provenance

Array = NDArray[np.float64]

#: Bytes of a chunk of a dataset, about what reads and writes well; and the most that rows of one
#: trace may take while they wait for a chunk to be full.
CHUNK_BYTES = 256 * 1024
WAITING_BYTES = 16 * 1024 * 1024
#: Filters that every HDF5 library can undo.
COMPRESSIONS = ("gzip", "lzf")


def require_compression(compress: object) -> None:
    """Refuse a filter that is not known.

    Raises
    ------
    NftsimError
        Saying which there are.
    """
    if compress is not None and not (isinstance(compress, str) and compress in COMPRESSIONS):
        raise NftsimError(
            f"compress '{shown(compress)}' is not known; give {' or '.join(COMPRESSIONS)}, or None"
        )


def chunk_shape(rows: int, space: tuple[int, ...], item: int = 8) -> tuple[int, ...]:
    """Return the chunks of a trace: reading one node's series or one frame takes as many of them.

    Parameters
    ----------
    rows, space
        Times, and the shape in space.
    item
        Bytes of a number.
    """
    nodes = int(np.prod(space))
    values = CHUNK_BYTES // item
    times = math.sqrt(values * rows / nodes)
    times = min(max(times, values / nodes), WAITING_BYTES / (item * nodes), rows)
    chunk, left = [_even(rows, int(times))], max(values // max(int(times), 1), 1)
    # whole lines first, then several of them
    for length in reversed(space):
        chunk.insert(1, _even(length, left))
        left //= chunk[1]
    return tuple(chunk)


def _even(length: int, most: int) -> int:
    """Return the length of parts, at most so long, whose last one is not much shorter."""
    parts = -(-length // max(1, min(most, length)))
    return -(-length // parts)


class RunWriter:
    """Takes the rows of a run and puts them into an HDF5 file; a context manager.

    On leaving without `finish`, by an error or Ctrl-C, the part file is removed, unless there has
    been a checkpoint; if a field diverged, in any case.

    Parameters
    ----------
    path
        The file.
    model
        What is run, as resolved.
    rows
        How many rows will come.
    about
        What the file says of the run, as attributes; they count before those on its making.
    compress
        ``gzip`` or ``lzf``; None: not at all.
    single
        Whether numbers are kept in single precision.
    place
        Where the file is made and what it goes on from, if its lock is held already.

    Raises
    ------
    NftsimError
        If the file cannot be made, or another process is writing it.
    """

    def __init__(
        self,
        path: Path,
        model: Model,
        rows: int,
        about: Mapping[str, Any],
        *,
        compress: str | None = None,
        single: bool = False,
        place: Place | None = None,
    ) -> None:
        # checksums, so that what has been damaged is not taken for data
        self._filters: dict[str, Any] = {"fletcher32": True}
        if compress:
            self._filters |= {"compression": compress, "shuffle": True}
        self._type = np.dtype("f4" if single else "f8")
        self.path = path
        self.place = place or Place(path)
        self.part = self.place.part
        self.model = model
        self._number, self._finished = 0, False
        self._told: dict[str, Any] = {}
        self._names = ["time", *map(str, model.output.traces)]
        self._waiting: list[Waiting] = []
        self._locked = place is None
        saved = self.place.going_on
        try:
            if self._locked:
                self.place.lock.acquire()
            if saved is None:
                self.place.clear()  # before the part of another run is overwritten
            self._sink = Sink(self.part, keep=saved is not None)
        except OSError as error:
            self._release()
            reason = os.strerror(error.errno) if error.errno else str(error)
            raise NftsimError(
                f"{path}: cannot be written: {reason}; choose another place for the output"
            ) from error
        if saved is not None:
            self._go_on(saved)
            return
        self._file = self._opened("w")
        ours = {"format": FORMAT, "format_version": FORMAT_VERSION, "complete": 0}
        self._file.attrs.update({**provenance(), **about, **ours})
        self._create(rows)
        self._anew()

    def _opened(self, mode: str) -> h5py.File:
        return h5py.File(self._sink, mode, libver=("v110", "v114"))

    def _anew(self) -> None:
        """Close the file and open it again.

        HDF5 then forgets where there is room left in it. As that happens at every checkpoint, it
        is also done at the beginning and before the end, so that checkpoints do not change where
        things are in the file.
        """
        self._file.close()
        self._file = self._opened("r+")

    def _go_on(self, saved: Saved) -> None:
        # only now, as no other process can be writing it
        try:
            self.place.restore(saved)
        except OSError as error:
            self._sink.close()
            self._release()
            raise NftsimError(
                f"{self.path}: its checkpoint cannot be used: {error.strerror or error}; start "
                "anew (--fresh)"
            ) from error
        self._sink.protect(self.place.journal(saved))
        self._file = self._opened("r+")
        self._number = saved.number
        self._waiting = [
            Waiting(*self._extent(name), row, saved.arrays[f"waiting_{i}"])
            for i, (name, row) in enumerate(zip(self._names, saved.facts["rows"], strict=True))
        ]

    def _extent(self, name: str) -> tuple[int, int]:
        """Return the rows of a chunk of a dataset, and of all of it."""
        item = self._file[name]
        return (item.chunks or item.shape)[0], item.shape[0]

    def checkpoint(self, run: str, facts: Mapping[str, Any], arrays: Mapping[str, Any]) -> None:
        """Keep what is needed to go on from here.

        Parameters
        ----------
        run
            A digest that says which run this is.
        facts, arrays
            What to keep beside the part.

        Raises
        ------
        NftsimError
            If it cannot be written; the checkpoint before stays.
        """
        self.place.lock.require()
        self._file.close()
        length = self._sink.settle()
        self._require_written()
        own = {f"waiting_{i}": waiting.rows for i, waiting in enumerate(self._waiting)}
        ours = {**facts, "rows": [waiting.row for waiting in self._waiting]}
        saved = Saved(run, self._number + 1, length, ours, {**arrays, **own})
        try:
            self.place.save(saved)
        except OSError as error:
            raise self._failure(error) from error
        self._number = saved.number
        self._sink.protect(self.place.journal(saved))
        self._file = self._opened("r+")

    def _create(self, rows: int) -> None:
        scales = {"time": self._scale(Axis("time", np.zeros(rows), "s", "time"))}
        scales |= {name: self._scale(axis) for name, axis in axes(self.model).items()}
        for trace in self.model.output.traces:
            self._dataset(trace, [scales[name] for name in dimensions(self.model, trace)])
        self._waiting = [Waiting(*self._extent(name)) for name in self._names]

    def _scale(self, axis: Axis) -> h5py.Dataset:
        item = self._whole(self._file, axis.name, axis.values)
        item.attrs.update({"units": axis.unit, "long_name": axis.text})
        item.make_scale(axis.name)
        return item

    def _dataset(self, trace: Trace, scales: Sequence[h5py.Dataset]) -> None:
        shape = tuple(len(scale) for scale in scales)
        chunks = chunk_shape(shape[0], shape[1:], self._type.itemsize) if shape[0] else None
        item = self._file.create_dataset(
            str(trace), shape, dtype=self._type, chunks=chunks, **(self._filters if chunks else {})
        )
        item.attrs.update(attributes(self.model, trace))
        for axis, scale in enumerate(scales):
            item.dims[axis].attach_scale(scale)

    def write(self, time: Array, values: Sequence[Array]) -> None:
        """Append rows.

        Parameters
        ----------
        time
            Their times [s], shape (row,).
        values
            For each trace of the model's output an array of shape (row, node); (row,) where all
            nodes share a value; (row, from, node) where each pair of nodes has one.

        Raises
        ------
        NftsimError
            If they cannot be written.
        """
        self.place.lock.require()
        for name, waiting, rows in zip(self._names, self._waiting, [time, *values], strict=True):
            waiting.take(self._file, name, rows)
        self._require_written()

    def tell(self, about: Mapping[str, Any]) -> None:
        """Take what the run says of itself at its end: more attributes."""
        self._told = dict(about)

    def finish(self, end: End | None = None) -> None:
        """Write the end state, if there is one, and give the file its name."""
        self.place.lock.require()
        self._anew()
        if end is not None:
            saved, clock, generators = end
            group = self._file.create_group("state")
            group.attrs["clock"] = clock
            for name in saved:  # each is a copy that may be large: one at a time
                self._whole(group, name, saved[name])
            self._whole(group, "generators", generators)
        self._file.attrs.update({**self._told, "complete": 1})
        seal(self._file)
        self._file.close()
        self._sink.close()
        self._require_written()
        self.place.lock.require()  # it may have taken long
        try:
            self.part.replace(self.path)
        except OSError as error:
            raise self._failure(error) from error
        self._finished = True
        sync_names(self.path.parent)
        self.place.clear()

    def _whole(self, group: h5py.Group, name: str, values: NDArray[Any]) -> h5py.Dataset:
        """Make a dataset of values that are there already."""
        return group.create_dataset(name, data=values, **summed(values))

    def _require_written(self) -> None:
        if self._sink.error is not None:
            raise self._failure(self._sink.error) from self._sink.error

    def _failure(self, error: OSError) -> NftsimError:
        go_on = "the same command then goes on" if self._number else "choose another place"
        reason = error.strerror or str(error)
        return NftsimError(f"{self.path}: writing failed: {reason}; make room, or {go_on}")

    def __enter__(self) -> RunWriter:
        return self

    def __exit__(self, kind: type[BaseException] | None, *exc: object) -> None:
        if not self.place.lock.held:
            self._sink.abandon()  # closing would write what HDF5 still holds
        if self._file:
            self._file.close()
        self._sink.close()
        diverged = kind is not None and issubclass(kind, SimulationError)
        if not self._finished and self.place.lock.held and (diverged or not self._number):
            self.part.unlink(missing_ok=True)
            self.place.clear()
        self._release()

    def _release(self) -> None:
        if self._locked:
            self.place.lock.release()
