"""Comparing what a file holds with what running again gives, sample by sample."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

#: Time (None in the end state), place in its row, and both values of a sample.
Place = tuple[float | None, int, float, float]


@dataclass(frozen=True)
class Difference:
    """A sample that differs.

    Attributes
    ----------
    trace
        Its name; of the end state ``state/NAME``.
    time
        Its time [s]; None in the end state.
    node
        Its node, from 1; None where all share a value.
    origin
        Where each pair of nodes has a value, the node that acts, from 1.
    filed, rerun
        Both values.
    relative
        |difference| over the largest magnitude of the trace.
    """

    trace: str
    time: float | None
    node: int | None
    origin: int | None
    filed: float
    rerun: float
    relative: float

    def __str__(self) -> str:
        """Say where it is, and both values."""
        node = "" if self.node is None else f" at node {self.node}"
        origin = "" if self.origin is None else f" from node {self.origin}"
        time = "" if self.time is None else f" at t = {self.time:.10g} s"
        return (
            f"{self.trace}{node}{origin}{time} is {self.filed!r} in the file and {self.rerun!r} "
            f"run again, off by {self.relative:.2g} of its largest magnitude"
        )


@dataclass
class Compared:
    """What is known of one trace so far: a place is (time, place in the row, filed, rerun).

    Attributes
    ----------
    name
        Of the trace.
    nodes
        Of each value of a row, from 1; None where all share a value.
    matrix
        Whether each pair of nodes has a value.
    values, differing
        How many were compared, and how many differ in a bit.
    scale
        Largest magnitude.
    worst, largest, earliest
        Largest |difference|, its place, and that of the first difference.
    """

    name: str
    nodes: tuple[int, ...] | None
    matrix: bool = False
    values: int = 0
    differing: int = 0
    scale: float = 0.0
    worst: float = 0.0
    largest: Place | None = None
    earliest: Place | None = None

    def add(self, time: NDArray[np.float64] | None, filed: Any, rerun: Any) -> None:
        """Compare rows; both of shape (row, …)."""
        filed = np.ascontiguousarray(filed).reshape(len(filed), -1)
        rerun = np.ascontiguousarray(rerun, dtype=filed.dtype).reshape(len(filed), -1)
        self.values += filed.size
        if not filed.size:
            return
        self.scale = max(self.scale, _largest(filed), _largest(rerun))
        kind = np.dtype(f"i{filed.dtype.itemsize}")
        differ = filed.view(kind) != rerun.view(kind)
        if not differ.any():
            return
        self.differing += int(differ.sum())
        with np.errstate(all="ignore"):
            off = np.abs(filed.astype(float) - rerun)
        off[~np.isfinite(off) & differ] = math.inf
        off[~differ] = 0.0

        def at(flat: int) -> Place:
            row, place = divmod(flat, filed.shape[1])
            when = None if time is None else float(time[row])
            return when, place, float(filed[row, place]), float(rerun[row, place])

        if self.earliest is None:
            self.earliest = at(int(np.argmax(differ)))
        top = int(np.argmax(off))
        if self.largest is None or off.flat[top] > self.worst:
            self.worst, self.largest = float(off.flat[top]), at(top)

    @property
    def relative(self) -> float:
        """Largest difference over the largest magnitude."""
        return self._relative(self.worst)

    def _relative(self, off: float) -> float:
        return off / self.scale if off and self.scale else (math.inf if off else 0.0)

    def difference(self, which: Place) -> Difference:
        """Return one of the samples that differ, in full."""
        time, place, filed, rerun = which
        off = abs(filed - rerun)
        node, origin = self._node(place)
        relative = self._relative(off) if math.isfinite(off) else math.inf
        return Difference(self.name, time, node, origin, filed, rerun, relative)

    def _node(self, place: int) -> tuple[int | None, int | None]:
        if self.nodes is None:
            return None, None
        origin, at = divmod(place, len(self.nodes))
        return self.nodes[at], origin + 1 if self.matrix else None


def _largest(values: NDArray[Any]) -> float:
    """Return the largest finite magnitude."""
    top = float(np.abs(values).max())
    return top if math.isfinite(top) else float(np.abs(values[np.isfinite(values)]).max(initial=0))
