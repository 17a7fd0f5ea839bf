"""Reading what NFTsim recorded, and comparing our text output and runs with it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nftsim.cli import main
from nftsim.io.hdf5 import RunFile

Array = NDArray[np.float64]

#: NFTsim's test cases, whose output its authors recorded.
CASES = [
    "coupling-map",
    "coupling-ramp",
    "coupling-ramp-zero",
    "e-cortical",
    "e-cortical-legacy",
    "e-erps",
    "eirs-aerp",
    "eirs-coupling-ramp",
    "eirs-dendrite-integral",
    "eirs-eyes-closed",
    "eirs-spindles",
    "stimulus-white-no-grid",
    "stimulus-white-rectangular-grid",
    "stimulus-white-square-grid",
]


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


def worst_column(ours: Recording, theirs: Recording) -> tuple[float, str]:
    """Compare all columns and rows of two text outputs.

    Returns
    -------
    worst
        The largest difference, relative to the column's largest magnitude; a column of zeros must
        be zero. Infinite where ours is no number.
    column
        Name and node of the column where that is.
    """
    np.testing.assert_allclose(ours.time, theirs.time, rtol=0, atol=1e-12)
    assert list(ours.columns) == list(theirs.columns)
    found = []
    for (name, node), values in theirs.columns.items():
        difference = float(np.abs(ours.columns[name, node] - values).max())
        scale = float(np.abs(values).max())
        relative = difference / scale if scale else math.inf if difference else 0.0
        found.append((math.inf if math.isnan(relative) else relative, f"{name} at node {node}"))
    return max(found)


def worst_of_recorded(case: str, reference: Path, folder: Path) -> tuple[float, str]:
    """Run one of NFTsim's test cases as its users would, and compare (see `worst_column`)."""
    cases, output = reference / "nftsim-tests", folder / "run.output"
    assert main(["-i", str(cases / f"{case}.conf"), "-o", str(output)]) == 0
    return worst_column(read_recording(output), read_recording(cases / f"{case}.output"))
