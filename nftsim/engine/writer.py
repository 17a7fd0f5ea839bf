"""Writing runs: rows go to ``FILE.part`` as they come; the file takes its name when it is whole."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

from nftsim.engine.advance import Chunk, output_nodes
from nftsim.engine.plan import Plan
from nftsim.engine.sink import Sink
from nftsim.engine.state import State, histories
from nftsim.errors import NftsimError
from nftsim.io.hdf5 import FORMAT, FORMAT_VERSION
from nftsim.model.model import Trace
from nftsim.provenance import provenance

#: Bytes of a chunk of a dataset: about what reads and writes well.
CHUNK_BYTES = 256 * 1024


@dataclass(frozen=True)
class Clock:
    """How steps become times: t = origin + Δt (step − first)."""

    deltat: float
    origin: float = 0.0
    first: int = 0

    def time(self, steps: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return times [s]."""
        return np.asarray(self.origin + self.deltat * (steps - self.first), dtype=np.float64)


class RunWriter:
    """Takes the rows of a run and puts them into an HDF5 file; a context manager.

    On leaving without `finish`, by an error or Ctrl-C, the part file is removed.
    """

    def __init__(
        self, path: Path, plan: Plan, rows: int, clock: Clock, about: dict[str, Any]
    ) -> None:
        self.path = path
        self.part = path.with_name(path.name + ".part")
        self.plan = plan
        self.clock = clock
        self._row = 0
        try:
            self._sink = Sink(self.part)
        except OSError as error:
            reason = os.strerror(error.errno) if error.errno else str(error)
            raise NftsimError(
                f"{path}: cannot be written: {reason}; choose another place for the output"
            ) from error
        self._file = h5py.File(self._sink, "w", libver=("v110", "v114"))
        self._file.attrs.update({"format": FORMAT, "format_version": FORMAT_VERSION, "complete": 0})
        self._file.attrs.update({**provenance(), **about})
        self._create(rows)

    def _create(self, rows: int) -> None:
        model = self.plan.model
        time = self._scale("time", np.zeros(rows), "s", "time")
        grid = model.output.nodes is None
        if grid:
            largest = max(range(len(model.populations)), key=lambda i: model.populations[i].length)
            dx = model.spacing(largest)
            ny, nx = model.shape
            y = self._scale("y", (np.arange(ny) + 0.5) * dx, "m", "position along y")
            x = self._scale("x", (np.arange(nx) + 0.5) * dx, "m", "position along x")
            shape: tuple[int, ...] = (ny, nx)
            scales = [time, y, x]
        else:
            nodes = output_nodes(self.plan) + 1
            shape = (nodes.size,)
            scales = [time, self._scale("node", nodes, "1", "node, counted from 1")]
        for trace in model.output.traces:
            self._dataset(trace, (rows, *shape), scales)

    def _scale(self, name: str, values: NDArray[Any], unit: str, text: str) -> h5py.Dataset:
        item = self._file.create_dataset(name, data=values)
        item.attrs.update({"units": unit, "long_name": text})
        item.make_scale(name)
        return item

    def _dataset(self, trace: Trace, shape: tuple[int, ...], scales: list[h5py.Dataset]) -> None:
        model = self.plan.model
        declared = next(
            f for f in model.fields_of(trace.kind, trace.index) if f.name == trace.quantity
        )
        per_row = 8 * int(np.prod(shape[1:]))
        length = max(1, min(shape[0], CHUNK_BYTES // per_row))
        item = self._file.create_dataset(
            str(trace),
            shape,
            dtype="f8",
            chunks=(length, *shape[1:]) if shape[0] else None,
        )
        sheet = model.sheet_of(trace)
        ly, lx = model.extent(sheet)
        item.attrs.update(
            {
                "units": declared.unit,
                "long_name": declared.text,
                "sheet": sheet + 1,
                "Ly": ly,
                "Lx": lx,
            }
        )
        for axis, scale in enumerate(scales):
            item.dims[axis].attach_scale(scale)

    def write(self, chunk: Chunk) -> None:
        """Append the rows of a chunk."""
        stop = self._row + len(chunk.rows)
        if stop == self._row:
            return
        self._file["time"][self._row : stop] = self.clock.time(chunk.steps)
        for index, trace in enumerate(self.plan.model.output.traces):
            item = self._file[str(trace)]
            item[self._row : stop] = chunk.rows[:, index].reshape(-1, *item.shape[1:])
        self._require_written()
        self._row = stop

    def finish(self, state: State) -> None:
        """Write the end state, and give the file its name."""
        group = self._file.create_group("state")
        group.attrs["clock"] = state.clock
        for name, values in histories(self.plan, state).items():
            group.create_dataset(name, data=values)
        group.create_dataset("generators", data=state.generators)
        self._file.attrs["complete"] = 1
        self._file.close()
        self._sink.close()
        self._require_written()
        self.part.replace(self.path)

    def _require_written(self) -> None:
        if self._sink.error is not None:
            reason = self._sink.error.strerror
            raise NftsimError(
                f"{self.path}: writing failed: {reason}; make room, or choose another place"
            ) from self._sink.error

    def __enter__(self) -> RunWriter:
        return self

    def __exit__(self, *exc: object) -> None:
        if self._file:
            self._file.close()
        self._sink.close()
        self.part.unlink(missing_ok=True)
