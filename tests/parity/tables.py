"""Comparing a run's text output with the few rows of NFTsim's that are kept in ``tests/data``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from nftsim.engine.simulate import run_to_file
from nftsim.model import Model, load_model
from tests.parity.recorded import Recording, read_recording

DATA = Path(__file__).parents[1] / "data"


def read_table(name: str) -> dict[str, Any]:
    """Read a table of ``tests/data``: its source, and its cases by name."""
    table: dict[str, Any] = json.loads((DATA / name).read_text(encoding="utf-8"))
    return table


def recorded(model: Model, path: Path) -> Recording:
    """Run a model with NFTsim's habits to a text output, and read that."""
    run_to_file(model, path, compat=True)
    return read_recording(path)


def worst_number(recording: Recording, columns: list[dict[str, Any]]) -> tuple[float, str]:
    """Compare the rows and means of some columns with what NFTsim wrote.

    Parameters
    ----------
    recording
        Our output.
    columns
        What NFTsim wrote: trace, node, largest magnitude of the column, its mean, and some rows of
        (time, value).

    Returns
    -------
    worst
        The largest difference, relative to the column's largest magnitude; a column of zeros must
        be zero. Infinite where ours is no number.
    column
        Name and node of the column where that is.

    Raises
    ------
    KeyError
        If a column is missing.
    """
    assert columns
    found = []
    for column in columns:
        trace, node, scale = column["trace"], column["node"], column["largest"]
        ours = recording.columns[trace, node]
        pairs = [(ours.mean(), column["mean"])]
        for time, value in column["rows"]:
            row = int(np.argmin(np.abs(recording.time - time)))
            assert abs(recording.time[row] - time) <= 1e-12, f"there is no row at {time} s"
            pairs.append((ours[row], value))
        difference = max(abs(a - b) if np.isfinite(a) else np.inf for a, b in pairs)
        relative = difference / scale if scale else np.inf * bool(difference)
        found.append((float(np.nan_to_num(relative, posinf=np.inf)), f"{trace} at node {node}"))
    return max(found)


def worst_of_text(case: dict[str, Any], folder: Path) -> tuple[float, str]:
    """Run a case whose model is its text, and compare (see `worst_number`)."""
    file = folder / "case.conf"
    file.write_text(case["conf"], encoding="utf-8")
    run = recorded(load_model(file, compat=True), folder / "run.output")
    return worst_number(run, case["columns"])


def worst_of_file(
    name: str, case: dict[str, Any], reference: Path, folder: Path
) -> tuple[float, str]:
    """Run a case whose model is one that NFTsim ships, and compare (see `worst_number`)."""
    file = reference / "nftsim-configs" / f"{name}.conf"
    model = load_model(file, case["overrides"], compat=True)
    return worst_number(recorded(model, folder / "run.output"), case["columns"])
