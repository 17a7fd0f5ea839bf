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
        self._parts = [] if rows is None or not len(rows) else [rows]

    @property
    def rows(self) -> Array:
        """What waits."""
        return np.concatenate(self._parts) if self._parts else np.empty(0)

    def take(self, file: h5py.File, name: str, rows: Array) -> None:
        """Take rows, and write what fills chunks into a dataset; at the end everything."""
        if len(rows):
            self._parts.append(rows.copy())
        stop = self.row + sum(len(part) for part in self._parts)
        whole = stop if stop == self._total else stop - stop % self._chunk
        if whole <= self.row:
            return
        waiting, count = self.rows, whole - self.row
        dataset = file[name]  # opened only now, as that takes as long as a step of a large sheet
        dataset[self.row : whole] = waiting[:count].reshape(-1, *dataset.shape[1:])
        self._parts = [waiting[count:].copy()] if len(waiting) > count else []
        self.row = whole
