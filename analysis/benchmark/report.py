"""From the single runs to tables and figures, in a folder of results."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

import pandas as pd

from analysis.benchmark import figures, tables
from analysis.benchmark.disk import disk_table
from analysis.benchmark.fit import fits
from analysis.benchmark.machine import Machine
from analysis.benchmark.roofline import roofline
from analysis.benchmark.summary import summarise
from analysis.benchmark.targets import targets
from analysis.benchmark.timing import COLUMNS
from analysis.figures.style import save
from analysis.files import atomic
from nftsim.errors import NftsimError

#: Heads of the tables as people read them.
TABLE5_HEADS = [
    "system", "nodes", "program", "simulated (s)", "16 s, nothing written (s)",
    "16 s, three fields (s)", "run/simulated time", "memory (MB)", "output (MB)", "repeats",
    "spread (%)",
]  # fmt: skip


def read_runs(folder: Path) -> pd.DataFrame:
    """Return the runs measured so far; none if there is no file.

    Raises
    ------
    NftsimError
        If the file is of another version.
    """
    path = folder / "runs.csv"
    if not path.is_file():
        return pd.DataFrame(columns=list(COLUMNS))
    runs = pd.read_csv(path, keep_default_na=False, na_values=[""])
    if list(runs.columns) != list(COLUMNS):
        raise NftsimError(f"{path}: has other columns than this version writes; remove it")
    return runs


def write_csv(table: pd.DataFrame, path: Path) -> None:
    """Write a table, whole or not at all."""
    with atomic(path) as part:
        table.to_csv(part, index=False, float_format="%.6g")


def write_machine(folder: Path, machine: Machine, disk: Mapping[str, float]) -> None:
    """Write what the machine is and can do."""
    with atomic(folder / "machine.json") as part:
        part.write_text(json.dumps({**asdict(machine), "disk": disk}, indent=2) + "\n")


def read_machine(folder: Path) -> tuple[Machine, dict[str, float]] | None:
    """Return what `write_machine` wrote, if it did."""
    path = folder / "machine.json"
    if not path.is_file():
        return None
    found = json.loads(path.read_text())
    disk = found.pop("disk")
    return Machine(**found), disk


def report(folder: Path) -> pd.DataFrame:
    """Write every table and figure that the measurements in a folder allow.

    Parameters
    ----------
    folder
        With ``runs.csv`` and ``machine.json``.

    Returns
    -------
    DataFrame
        The table of targets.
    """
    runs, known = read_runs(folder), read_machine(folder)
    summary = summarise(runs)
    write_csv(summary, folder / "summary.csv")
    write_csv(fits(runs), folder / "fits.csv")
    five = tables.table5(summary)
    write_csv(five, folder / "table5.csv")
    for suffix, text in (
        ("md", tables.markdown(five, TABLE5_HEADS) + "\n"),
        ("rst", tables.rst(five, "Benchmarks for different grid sizes", TABLE5_HEADS)),
    ):
        with atomic(folder / f"table5.{suffix}") as part:
            part.write_text(text)
    roof = pd.DataFrame(columns=["model", "nodes", "floor_ns", "over_floor", "over_fused"])
    if known is not None:
        machine, disk = known
        roof = roofline(summary, machine)
        write_csv(roof, folder / "roofline.csv")
        write_csv(disk_table(summary, disk), folder / "disk.csv")
        save(figures.roofline(roof, machine), folder / "roofline")
    save(figures.against_nodes(summary, roof), folder / "time-against-nodes")
    save(figures.growth(summary), folder / "growth")
    found = targets(runs, roof)
    write_csv(found, folder / "targets.csv")
    return found
