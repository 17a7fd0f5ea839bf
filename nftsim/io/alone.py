"""A file that one process alone writes: a job may outlive what started it and meet another.

Beside a file in the making stands ``FILE.lock``, which says who makes it: process and machine. It
is locked as long as that process lives, so that the lock of a dead one is free, however it died.
Where several machines share the files, their locks may not reach each other. So whoever makes a
file also touches its lock now and then, and one that another machine holds is free once it has not
been touched for a while.
"""

from __future__ import annotations

import json
import logging
import os
import platform
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil

from nftsim.errors import NftsimError

log = logging.getLogger(__name__)

#: Seconds after which the holder touches its lock again, after which another machine takes it for
#: dead, and between two looks of who waits.
BEAT, PATIENCE, LOOK = 10.0, 120.0, 0.2


@dataclass(frozen=True)
class Holder:
    """Who holds a lock.

    Attributes
    ----------
    host, pid
        Machine and number of the process.
    since
        When the process was started [s since 1970].
    """

    host: str
    pid: int
    since: float

    @classmethod
    def ourselves(cls) -> Holder:
        """Return this process."""
        return cls(platform.node(), os.getpid(), psutil.Process().create_time())

    @classmethod
    def read(cls, path: Path) -> Holder | None:
        """Return who wrote their name into a lock; None if nobody did."""
        try:
            found = json.loads(path.read_bytes())
            return cls(str(found["host"]), int(found["pid"]), float(found["since"]))
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def here(self) -> bool:
        """Tell whether it is a process of this machine."""
        return self.host == platform.node()

    def lives(self) -> bool:
        """Tell whether this process of this machine lives."""
        try:
            process = psutil.Process(self.pid)
            same = abs(process.create_time() - self.since) < 1
            # one that has ended may be listed until its parent has taken note
            return same and process.status() != psutil.STATUS_ZOMBIE
        except psutil.Error:
            return False

    def __str__(self) -> str:
        """Return process and machine."""
        return f"process {self.pid} on {self.host}"


class Lock:
    """The right to make a file.

    Parameters
    ----------
    target
        The file.
    """

    def __init__(self, target: Path) -> None:
        self.target = target
        self.path = target.with_name(target.name + ".lock")
        self._file: int | None = None
        self._beaten = 0.0

    @property
    def held(self) -> bool:
        """Whether we have it, and nobody has taken it from us."""
        return self._file is not None and _same(self.path, self._file)

    def acquire(self, wait: Callable[[str], None] | None = None) -> None:
        """Take the lock.

        Parameters
        ----------
        wait
            What to do when another process has it: None: raise an error. Else wait until it is
            free; called now and then, with words on who has it.

        Raises
        ------
        NftsimError
            If another process has it and `wait` is None.
        OSError
            If it cannot be made.
        """
        while (other := self._tried()) is not None:
            if wait is None:
                raise NftsimError(
                    f"{self.target}: is being written by another process ({other}); wait for it or "
                    "stop it, or choose another name for the output"
                )
            wait(other)
            time.sleep(LOOK)

    def _tried(self) -> str | None:
        """Take the lock if it is free; return who has it if it is not."""
        replaced = False
        while True:
            file = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o666)
            try:
                locked = _locked(file)
                holder = Holder.read(self.path)
                if locked is False:
                    return str(holder or "which has not said who it is")
                # whoever had it may have removed it before we had it
                if not _same(self.path, file):
                    continue
                if holder is not None and not (locked and holder.here()):
                    if self._lives(holder, file):
                        return str(holder)
                    log.warning("%s: %s is gone and is replaced", self.target, holder)
                    # a lock of our own, so that one who is back after all knows that it lost it
                    self.path.unlink(missing_ok=True)
                    replaced = True
                    continue
                self._sign(file)
                if replaced or not locked:  # then somebody else may have done the same
                    time.sleep(LOOK)
                    now = Holder.read(self.path)
                    if now != Holder.ourselves() or not _same(self.path, file):
                        return str(now or "which has not said who it is")
                self._file = file
                return None
            finally:
                if self._file != file:
                    os.close(file)

    def _lives(self, holder: Holder, file: int) -> bool:
        if holder.here():
            return holder.lives()
        touched = os.fstat(file).st_mtime
        try:
            # by the clock of the file system
            with tempfile.TemporaryFile(dir=self.path.parent) as fresh:
                now = os.fstat(fresh.fileno()).st_mtime
        except OSError:
            now = time.time()
        return now - touched < PATIENCE

    def _sign(self, file: int) -> None:
        try:
            os.ftruncate(file, 0)
            os.pwrite(file, json.dumps(asdict(Holder.ourselves())).encode(), 0)
        except OSError:  # no room, so nothing can be made here
            self.path.unlink(missing_ok=True)
            raise
        self._beaten = time.monotonic()

    def beat(self) -> None:
        """Give a sign of life, if one is due.

        Raises
        ------
        NftsimError
            If another process has taken the lock.
        """
        if self._file is not None and time.monotonic() - self._beaten > BEAT:
            self.require()
            # one that cannot be given now is due again; if others miss it, we shall see
            with suppress(OSError):
                os.utime(self._file)
                self._beaten = time.monotonic()

    def require(self) -> None:
        """Make sure that the lock is still ours, before something is written.

        Raises
        ------
        NftsimError
            If another process has taken it, as this one gave no sign of life for long.
        """
        if self._file is None or self.held:
            return
        raise NftsimError(
            f"{self.target}: has been taken over by {Holder.read(self.path) or 'another process'}, "
            "as this process gave no sign of life; it stops"
        )

    def release(self) -> None:
        """Give the lock back, and remove it."""
        if self._file is None:
            return
        if self.held:
            self.path.unlink(missing_ok=True)
        os.close(self._file)
        self._file = None


def _locked(file: int) -> bool | None:
    """Lock an open file; return whether that was possible, None where files cannot be locked."""
    try:
        import fcntl
    except ImportError:  # not on Windows
        return None
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:  # some network file systems cannot
        return None
    return True


def _same(path: Path, file: int) -> bool:
    try:
        there, ours = path.stat(), os.fstat(file)
    except OSError:
        return False
    return (there.st_dev, there.st_ino) == (ours.st_dev, ours.st_ino)
