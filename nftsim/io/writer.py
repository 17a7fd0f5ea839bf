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

from nftsim.errors import NftsimError, SimulationError
from nftsim.io.checkpoint import Place, Saved
from nftsim.io.hdf5 import FORMAT, FORMAT_VERSION
from nftsim.io.layout import Axis, attributes, axes, dimensions
from nftsim.io.run import End
from nftsim.io.sink import Sink
from nftsim.model import Model, Trace
from nftsim.provenance import provenance

Array = NDArray[np.float64]

#: Bytes of a chunk of a dataset, about what reads and writes well; and the most that rows of one
#: trace may take while they wait for a chunk to be full.
CHUNK_BYTES = 256 * 1024
WAITING_BYTES = 16 * 1024 * 1024
#: Filters that every HDF5 library can undo.
COMPRESSIONS = ("gzip", "lzf")


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
    saved
        The checkpoint from which a run that was cut off goes on.

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
        saved: Saved | None = None,
    ) -> None:
        self._filters = {"compression": compress, "shuffle": True} if compress else {}
        self._type = np.dtype("f4" if single else "f8")
        self.path = path
        self.place = Place(path)
        self.part = self.place.part
        self.model = model
        self._row, self._number, self._finished = 0, 0, False
        self._waiting: list[tuple[Array, Sequence[Array]]] = []
        try:
            self._sink = Sink(self.part, keep=saved is not None)
        except OSError as error:
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

    def _opened(self, mode: str) -> h5py.File:
        return h5py.File(self._sink, mode, libver=("v110", "v114"))

    def _go_on(self, saved: Saved) -> None:
        # only now, as no other process can be writing it
        try:
            self.place.restore(saved)
        except OSError as error:
            self._sink.close()
            raise NftsimError(
                f"{self.path}: its checkpoint cannot be used: {error.strerror or error}; start "
                "anew (--fresh)"
            ) from error
        self._sink.protect(self.place.journal(saved))
        self._file = self._opened("r+")
        self._row, self._number = saved.facts["row"], saved.number
        chunks = (self._file[str(t)].chunks for t in self.model.output.traces)
        self._slab = max((c[0] for c in chunks if c), default=1)
        count = len(self.model.output.traces)
        waiting = saved.arrays
        if len(waiting["waiting_time"]):
            rows = [waiting[f"waiting_{i}"] for i in range(count)]
            self._waiting = [(waiting["waiting_time"], rows)]

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
        times, rows = self._together()
        self._file.close()
        length = self._sink.settle()
        self._require_written()
        own = {"waiting_time": times, **{f"waiting_{i}": r for i, r in enumerate(rows)}}
        ours = {**facts, "row": self._row}
        saved = Saved(run, self._number + 1, length, ours, {**arrays, **own})
        try:
            self.place.save(saved)
        except OSError as error:
            raise self._failure(error) from error
        self._number = saved.number
        self._sink.protect(self.place.journal(saved))
        self._file = self._opened("r+")

    def _together(self) -> tuple[Array, list[Array]]:
        """Return the times that wait, and the rows of each trace."""
        if not self._waiting:
            return np.empty(0), [np.empty(0) for _ in self.model.output.traces]
        times = np.concatenate([t for t, _ in self._waiting])
        traces = range(len(self.model.output.traces))
        return times, [np.concatenate([values[i] for _, values in self._waiting]) for i in traces]

    def _create(self, rows: int) -> None:
        self._slab = 1
        scales = {"time": self._scale(Axis("time", np.zeros(rows), "s", "time"))}
        scales |= {name: self._scale(axis) for name, axis in axes(self.model).items()}
        for trace in self.model.output.traces:
            self._dataset(trace, [scales[name] for name in dimensions(self.model, trace)])

    def _scale(self, axis: Axis) -> h5py.Dataset:
        item = self._file.create_dataset(axis.name, data=axis.values)
        item.attrs.update({"units": axis.unit, "long_name": axis.text})
        item.make_scale(axis.name)
        return item

    def _dataset(self, trace: Trace, scales: Sequence[h5py.Dataset]) -> None:
        shape = tuple(len(scale) for scale in scales)
        chunks = chunk_shape(shape[0], shape[1:], self._type.itemsize) if shape[0] else None
        # rows of all traces wait until those of the one with the longest chunks are full
        self._slab = max(self._slab, chunks[0] if chunks else 1)
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
        if len(time):
            self._waiting.append((time.copy(), [v.copy() for v in values]))
        if sum(len(t) for t, _ in self._waiting) >= self._slab:
            self._flush()

    def _flush(self) -> None:
        """Write the rows that wait, up to the end of a chunk; at the end all of them."""
        if not self._waiting:
            return
        times, all_rows = self._together()
        stop = self._row + len(times)
        whole = stop - stop % self._slab if stop < len(self._file["time"]) else stop
        count = whole - self._row
        rest: list[Array] = []
        self._file["time"][self._row : whole] = times[:count]
        for i, trace in enumerate(self.model.output.traces):
            rows = all_rows[i]
            item = self._file[str(trace)]
            item[self._row : whole] = rows[:count].reshape(-1, *item.shape[1:])
            rest.append(rows[count:])
        self._require_written()
        self._row, self._waiting = whole, [(times[count:], rest)] if len(times) > count else []

    def finish(self, end: End | None = None) -> None:
        """Write what waits and the end state, if there is one, and give the file its name."""
        self._flush()
        if end is not None:
            saved, clock, generators = end
            group = self._file.create_group("state")
            group.attrs["clock"] = clock
            for name, values in saved.items():
                group.create_dataset(name, data=values)
            group.create_dataset("generators", data=generators)
        self._file.attrs["complete"] = 1
        self._file.close()
        self._sink.close()
        self._require_written()
        self.part.replace(self.path)
        self._finished = True
        self.place.clear()

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
        if self._file:
            self._file.close()
        self._sink.close()
        diverged = kind is not None and issubclass(kind, SimulationError)
        if not self._finished and (diverged or not self._number):
            self.part.unlink(missing_ok=True)
            self.place.clear()
