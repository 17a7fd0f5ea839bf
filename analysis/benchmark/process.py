"""Running a program and measuring it: wall time, CPU time, peak memory."""

from __future__ import annotations

import os
import subprocess
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from nftsim.errors import NftsimError

#: How often the memory of a running program is looked at [s].
_PERIOD = 0.02


@dataclass(frozen=True)
class Usage:
    """What a finished program took.

    Attributes
    ----------
    wall, user, system
        Seconds.
    peak
        Peak resident memory [kB]; 0 where the system does not say.
    output
        What it printed.
    """

    wall: float
    user: float
    system: float
    peak: int
    output: str


def run(command: Sequence[str], *, env: Mapping[str, str] | None = None) -> Usage:
    """Run a program to its end.

    Parameters
    ----------
    command
        Program and arguments.
    env
        Environment variables beside the present ones.

    Raises
    ------
    NftsimError
        If it cannot be started or fails; with the last of what it said.
    """
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
        start = time.perf_counter()
        try:
            child = subprocess.Popen(
                command,
                stdout=out,
                stderr=err,
                stdin=subprocess.DEVNULL,
                env={**_environment(), **(env or {})},
            )
        except OSError as error:
            raise NftsimError(f"{command[0]}: cannot be started: {error.strerror}") from error
        watch = _Watch(child.pid)
        _, status, used = os.wait4(child.pid, 0)
        wall = time.perf_counter() - start
        child.returncode = os.waitstatus_to_exitcode(status)
        peak = watch.stop()
        out.seek(0)
        err.seek(0)
        said = out.read()
        if child.returncode:
            last = (err.read().strip() or said.strip() or "nothing was said").splitlines()[-1]
            raise NftsimError(f"{' '.join(command[:6])} …: exit code {child.returncode}: {last}")
    return Usage(wall, used.ru_utime, used.ru_stime, peak, said)


def _environment() -> dict[str, str]:
    """Return the environment as users have it: what was imported once is not compiled anew."""
    return {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}


def peak_memory(pid: int | str = "self") -> int:
    """Return the peak resident memory of a process so far [kB]; 0 where Linux is not there to ask.

    The kernel's ru_maxrss would count the parent's memory too, as a child starts as its copy.
    """
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("VmHWM:")), 0)


class _Watch:
    """Looks at the memory of a process until told to stop."""

    def __init__(self, pid: int) -> None:
        self._pid, self._peak, self._ended = pid, 0, threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def _look(self) -> None:
        # what a child shows before it becomes its program is the parent's; it only shows it at once
        while not self._ended.wait(_PERIOD):
            self._peak = peak_memory(self._pid) or self._peak

    def stop(self) -> int:
        self._ended.set()
        self._thread.join()
        return self._peak
