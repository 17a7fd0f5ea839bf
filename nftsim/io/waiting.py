"""Rows that wait until they fill a chunk of their dataset: chunks are written whole, and once."""

from __future__ import annotations

import h5py
import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


class Waiting:
    """The rows of one dataset of a run.

    Parameters
    ----------
    chunk
        Rows of a chunk.
    total
        Rows that will come.
    row
        Rows that have been written.
    rows
        Rows that wait already.
    """

    def __init__(self, chunk: int, total: int, row: int = 0, rows: Array | None = None) -> None:
        self.row = row
        self._chunk, self._total = max(chunk, 1), total
        self._count = 0 if rows is None else len(rows)
        self._room: Array | None = None
        if rows is not None and self._count:
            self._room = self._made(rows)
            self._room[: self._count] = rows

    @property
    def rows(self) -> Array:
        """What waits."""
        return np.empty(0) if self._room is None else self._room[: self._count]

    def take(self, file: h5py.File, name: str, rows: Array) -> None:
        """Take rows, and write what fills chunks into a dataset; at the end everything."""
        stop = self.row + self._count + len(rows)
        whole = stop if stop == self._total else stop - stop % self._chunk
        if whole > self.row:
            dataset = file[name]  # only now, as that takes as long as a step of a large sheet
            while self.row < whole:
                rows = self._write(dataset, rows, whole)
        if len(rows):
            if self._room is None:
                self._room = self._made(rows)
            self._room[self._count : self._count + len(rows)] = rows
            self._count += len(rows)

    def _write(self, dataset: h5py.Dataset, rows: Array, whole: int) -> Array:
        """Write what waits, made up to a chunk, else all that may be written; return the rest."""
        if self._count and self._room is not None:
            taken = min(self._chunk, whole - self.row) - self._count
            self._room[self._count : self._count + taken] = rows[:taken]
            written, self._count = self._room[: self._count + taken], 0
        else:
            taken = whole - self.row
            written = rows[:taken]
        stop = self.row + len(written)
        dataset[self.row : stop] = written.reshape(-1, *dataset.shape[1:])
        self.row = stop
        return rows[taken:]

    def _made(self, rows: Array) -> Array:
        return np.empty((min(self._chunk, self._total), *rows.shape[1:]), rows.dtype)
