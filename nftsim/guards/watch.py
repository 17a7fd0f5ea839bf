"""What is kept of a run while it is made: extremes, and means of stretches of the output."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nftsim.model.model import Model, Trace

Array = NDArray[np.float64]
#: Stretches of the output of which means are kept.
STRETCHES = 64


class Watch:
    """Looks at the rows of a run as they come; no number of it depends on how they are cut.

    Parameters
    ----------
    model
        What is run.
    rows
        How many rows will come.
    goes_on
        Whether another run's end is its start.

    Attributes
    ----------
    low, high
        Smallest and largest value of each trace that is watched: rates, fields and potentials.
    counts
        Rows of each stretch so far, shape (stretch,).
    rates
        At the end of the run, mean rate over the nodes and largest rate of each population [s⁻¹]:
        index from 0 → (mean, largest).
    """

    def __init__(self, model: Model, rows: int, *, goes_on: bool = False) -> None:
        self.model, self.rows, self.goes_on = model, rows, goes_on
        self.traces = [t for t in dict.fromkeys(model.output.traces) if _watched(model, t)]
        self.low = {str(t): np.inf for t in self.traces}
        self.high = {str(t): -np.inf for t in self.traces}
        self._sums = {str(t): np.zeros(STRETCHES) for t in self.traces}
        self.counts = np.zeros(STRETCHES, dtype=np.int64)
        self.rates: dict[int, tuple[float, float]] = {}
        self._row = 0

    def add(self, values: Iterable[tuple[Trace, Array]]) -> None:
        """Take rows: each trace with its values, shape (row, node) or (row,)."""
        count, at = 0, np.empty(0, dtype=np.int64)
        for trace, rows in values:
            name = str(trace)
            if name not in self._sums or not len(rows):
                continue
            if not count:
                count = len(rows)
                at = (self._row + np.arange(count)) * STRETCHES // self.rows
                np.add.at(self.counts, at, 1)
            nodes = np.ascontiguousarray(rows).reshape(count, -1)
            self.low[name] = min(self.low[name], float(nodes.min()))
            self.high[name] = max(self.high[name], float(nodes.max()))
            with np.errstate(over="ignore", invalid="ignore"):
                np.add.at(self._sums[name], at, nodes.mean(axis=1))
        self._row += count

    def means(self, name: str) -> Array:
        """Return the mean over the nodes and the rows of each stretch; NaN where there is none."""
        with np.errstate(invalid="ignore"):
            return np.asarray(self._sums[name] / np.where(self.counts, self.counts, np.nan))

    def saved(self) -> dict[str, Any]:
        """Return what a checkpoint keeps of it, as plain data."""
        return {
            "row": self._row,
            "low": self.low,
            "high": self.high,
            "sums": {name: values.tolist() for name, values in self._sums.items()},
            "counts": self.counts.tolist(),
        }

    def restore(self, saved: Mapping[str, Any]) -> None:
        """Go on from what a checkpoint has kept."""
        self._row = saved["row"]
        self.low, self.high = dict(saved["low"]), dict(saved["high"])
        self._sums = {name: np.array(values) for name, values in saved["sums"].items()}
        self.counts = np.array(saved["counts"], dtype=np.int64)


def _watched(model: Model, trace: Trace) -> bool:
    declared = model.field_of(trace)
    if declared.matrix or trace.origin is not None:
        return False
    if trace.kind == "pop" and not model.populations[trace.index - 1].neural:
        return False
    return (trace.kind, trace.quantity) in {
        ("pop", "q"),
        ("pop", "v"),
        ("propagator", "phi"),
        ("dendrite", "v"),
    }
