"""A file that one process alone writes: a job may outlive what started it and meet another."""

from __future__ import annotations

import os
from io import FileIO
from pathlib import Path

from nftsim.errors import NftsimError


def open_alone(path: Path) -> FileIO:
    """Open a file for reading and writing, or make it, and keep other processes from doing so.

    The file is locked until it is closed, also if the process is killed. Where the file system
    cannot lock, it is opened all the same.

    Raises
    ------
    NftsimError
        If another process is writing it.
    OSError
        If it cannot be opened.
    """
    while True:
        file = FileIO(os.open(path, os.O_RDWR | os.O_CREAT, 0o666), "r+b")
        try:
            _lock(file)
        except BlockingIOError:
            file.close()
            raise NftsimError(
                f"{path}: is being written by another process; wait for it or stop it, or choose "
                "another name for the output"
            ) from None
        # whoever had it may have given it another name, or removed it, before we had the lock
        if _same(path, file):
            return file
        file.close()


def _lock(file: FileIO) -> None:
    try:
        import fcntl
    except ImportError:  # not on Windows, where open files cannot be replaced anyhow
        return
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise
    except OSError:  # some network file systems cannot
        return


def _same(path: Path, file: FileIO) -> bool:
    try:
        there, ours = path.stat(), os.fstat(file.fileno())
    except FileNotFoundError:
        return False
    return (there.st_dev, there.st_ino) == (ours.st_dev, ours.st_ino)
