"""What a Snakemake that was killed has left: its lock on the folder, and names of runs."""

from __future__ import annotations

import fcntl
import os
import platform
import shutil
import sys
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
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:  # another one is at work
            fcntl.flock(file, fcntl.LOCK_SH)
        else:
            if os.pread(file, 256, 0).decode() in ("", platform.node()):
                _clear()
            os.ftruncate(file, 0)
            os.pwrite(file, platform.node().encode(), 0)
            fcntl.flock(file, fcntl.LOCK_SH)
        _alive.append(file)
    except OSError:  # a folder that is not ours, or files that cannot be locked
        return


def _clear() -> None:
    locks = FOLDER / "locks"
    if locks.is_dir() and any(locks.iterdir()):
        shutil.rmtree(locks)
        shutil.rmtree(FOLDER / "scripts", ignore_errors=True)
        print("A Snakemake that worked here was killed; its lock is removed.", file=sys.stderr)
    # it may have been killed when all was done but this
    if (FOLDER / "incomplete").is_dir():
        tidy()
