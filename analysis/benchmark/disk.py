"""How fast every field is written, beside what the disk takes."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

import pandas as pd

from analysis.benchmark.process import run

#: Bytes that `dd` writes at most.
_MOST = 512 * 2**20


def disk_speed(folder: Path, size: int) -> dict[str, float]:
    """Return MB/s of `dd` into a folder: into the system's cache, and on to the disk.

    Parameters
    ----------
    folder
        On the disk in question.
    size
        Bytes to write; a multiple of a MiB is taken, 512 of them at most.
    """
    if shutil.which("dd") is None:
        return {}
    target = folder / "dd.bin"
    blocks = max(1, min(size, _MOST) // 2**20)
    command = ["dd", "if=/dev/zero", f"of={target}", "bs=1M", f"count={blocks}"]
    speeds = {}
    for name, more in (("dd, into the cache", []), ("dd, on to the disk", ["conv=fdatasync"])):
        start = time.perf_counter()
        run([*command, *more])
        speeds[name] = blocks * 2**20 / 1e6 / (time.perf_counter() - start)
        target.unlink()
    return speeds


def disk_table(summary: pd.DataFrame, speeds: dict[str, float]) -> pd.DataFrame:
    """Return MB/s of ours, while it also computes and for the writing alone, and of `dd`.

    Parameters
    ----------
    summary
        As `analysis.benchmark.summary.summarise` makes it.
    speeds
        From `disk_speed`.
    """
    at = summary[summary.suite == "disk"].set_index("output")
    rows = []
    if {"none", "all"} <= set(at.index):
        per_step = (at.run_s / at.steps).to_dict()
        megabytes = float(at.file_kb["all"]) * 1024 / 1e6
        extra = (per_step["all"] - per_step["none"]) * float(at.steps["all"])
        nodes = int(at.nodes["all"])
        name = f"EIRS, {nodes} nodes, all fields of all nodes at 512 Hz, HDF5"
        rows.append((f"{name}, the run", megabytes / float(at.run_s["all"])))
        rows.append((f"{name}, what writing adds", megabytes / max(extra, 1e-9)))
    rows += speeds.items()
    return pd.DataFrame(rows, columns=["what", "MB_per_s"])
