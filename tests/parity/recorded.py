"""Reading what NFTsim recorded, and runs beside it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nftsim.io.hdf5 import RunFile, open_run

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Recording:
    """NFTsim's text output: times of its rows, and its columns by trace and node (from 1)."""

    time: Array
    columns: dict[tuple[str, int], Array]


def read_recording(path: Path) -> Recording:
    """Read a text output: after a row of ='s, names, nodes, and rows that begin with the time."""
    lines = path.read_text(encoding="latin-1").splitlines()
    start = max(i for i, line in enumerate(lines) if line.startswith("====="))
    names, nodes, *rows = [line.split() for line in lines[start + 1 :] if line.strip()]
    table = np.array([[float(word) for word in row] for row in rows])
    keys = [(name.lower(), int(node)) for name, node in zip(names[1:], nodes, strict=True)]
    return Recording(table[:, 0], dict(zip(keys, table[:, 1:].T, strict=True)))


def column(run: RunFile, name: str, node: int) -> Array:
    """Return a trace of a run at one node (from 1)."""
    values = run.trace(name)
    if values.ndim == 3:
        return values.reshape(len(values), -1)[:, node - 1]
    nodes = run.dataset(name).file["node"][:].tolist()
    return values[:, nodes.index(node)]


def worst_column(path: Path, recording: Recording) -> float:
    """Return the largest difference of a run, relative to each column's largest magnitude."""
    worst = 0.0
    with open_run(path) as run:
        np.testing.assert_allclose(run.time, recording.time, rtol=0, atol=1e-12)
        assert set(run.traces) == {name for name, _ in recording.columns}
        for (name, node), values in recording.columns.items():
            ours, scale = column(run, name, node), np.abs(values).max()
            if scale == 0:
                np.testing.assert_array_equal(ours, 0)
            else:
                worst = max(worst, np.abs(ours - values).max() / scale)
    return float(worst)
