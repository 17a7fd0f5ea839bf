"""What goes wrong on clusters, done on purpose: who runs, and ending it."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path

import psutil

from tests.slurm.cluster import ask


@dataclass(frozen=True)
class Running:
    """The script of a rule as a process, and the job of SLURM that it belongs to."""

    rule: str
    job: str
    process: psutil.Process


def scripts(folder: Path) -> list[Running]:
    """Return the scripts of rules that run in a folder, as jobs of SLURM."""
    found = []
    for process in psutil.process_iter():
        try:
            place = next((w for w in process.cmdline() if "/.snakemake/scripts/" in w), None)
            job = process.environ().get("SLURM_JOB_ID")
            if place and job and Path(place).is_relative_to(folder):
                found.append(Running(place.split(".")[-2], job, process))
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            continue
    return found


def caught(
    workflow: subprocess.Popen[bytes],
    folder: Path,
    rule: str,
    seconds: float,
    besides: Collection[str] = (),
) -> Running:
    """Return a script of a rule as soon as one runs, of another job than those of before.

    Raises
    ------
    TimeoutError
        If there is none in time, or the workflow has ended.
    """
    end = time.monotonic() + seconds
    while time.monotonic() < end and workflow.poll() is None:
        for running in scripts(folder):
            if running.rule == rule and running.job not in besides:
                return running
        time.sleep(0.2)
    if workflow.poll() is not None:
        raise TimeoutError(f"the workflow has ended, and no {rule} has been seen")
    raise TimeoutError(f"no {rule} runs within {seconds:g} s: {ask('squeue')}")


def until(ready: Callable[[], bool], seconds: float, what: str) -> None:
    """Wait until something is so.

    Raises
    ------
    TimeoutError
        If it does not come to be so in time.
    """
    end = time.monotonic() + seconds
    while not ready():
        if time.monotonic() > end:
            raise TimeoutError(f"{what}, not within {seconds:g} s")
        time.sleep(0.2)
