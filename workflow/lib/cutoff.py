"""What a Snakemake that was killed has left: its lock on the folder, and names of runs."""

from __future__ import annotations

import fcntl
import os
import platform
import shutil
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

from workflow.lib.publishing import tidy

FOLDER = Path(".snakemake")
#: The open file by whose lock others see that this process lives.
_alive: list[int] = []


def take_over(workflow: Any) -> None:
    """Remove the lock of a Snakemake that is gone, if it is sure to be gone.

    Every Snakemake keeps a file locked for as long as it lives; the system frees it at its death.
    If nobody has it, a lock on the folder is a dead one's. That is known of this machine only: if
    another machine was the last to work here, the lock is left alone.

    Parameters
    ----------
    workflow
        The workflow that is about to begin; the jobs of another do nothing here.
    """
    if not workflow.is_main_process:
        return
    try:
        FOLDER.mkdir(exist_ok=True)
        file = os.open(FOLDER / "alive", os.O_RDWR | os.O_CREAT, 0o666)
    except OSError:  # a folder that is not ours
        return
    _alive.append(file)
    # also if something fails: whoever comes next waits for those who do not share the lock
    with suppress(OSError):  # files that cannot be locked
        try:
            with suppress(OSError):  # files of others
                _alone(file)
        finally:
            fcntl.flock(file, fcntl.LOCK_SH)


def _alone(file: int) -> None:
    """Look after the folder, if no other Snakemake of this machine is at work in it."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return
    # a machine that has lost power may have left zeros
    last = os.pread(file, 256, 0).decode(errors="replace").strip("\0")
    if last in ("", platform.node()):
        _clear()
    elif _locked():
        return  # it stays the other machine's until its lock is gone
    os.ftruncate(file, 0)
    os.pwrite(file, platform.node().encode(), 0)


def _locked() -> bool:
    locks = FOLDER / "locks"
    return locks.is_dir() and any(locks.iterdir())


def _clear() -> None:
    if _locked():
        shutil.rmtree(FOLDER / "locks")
        shutil.rmtree(FOLDER / "scripts", ignore_errors=True)
        print("A Snakemake that worked here was killed; its lock is removed.", file=sys.stderr)
    # it may have been killed when all was done but this
    if (FOLDER / "incomplete").is_dir():
        tidy()
