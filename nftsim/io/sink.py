"""A file that remembers that writing failed, and how it was at the last checkpoint.

HDF5 cannot close a file that the disk has no room for, and takes the process down with it at exit.
So errors are kept here, what cannot be written any more is dropped, and the writer asks.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from io import FileIO
from pathlib import Path
from typing import Any

from nftsim.io.journal import Journal

#: Bytes after which the system is asked to begin bringing them to the disk.
STRETCH = 4 * 1024 * 1024


class Sink:
    """The part of a binary file's interface that h5py needs.

    Parameters
    ----------
    path
        The file; it is made, or emptied.
    keep
        Whether to leave in it what there is.

    Attributes
    ----------
    error
        The first error in writing; None while all is well.

    Raises
    ------
    OSError
        If the file cannot be created.
    """

    def __init__(self, path: Path, *, keep: bool = False) -> None:
        self._raw = FileIO(os.open(path, os.O_RDWR | os.O_CREAT, 0o666), "r+b")
        self._journal: Journal | None = None
        self._begun = 0
        self.error: OSError | None = None
        if not keep:
            self._raw.truncate(0)

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Move to a place."""
        return self._raw.seek(offset, whence)

    def tell(self) -> int:
        """Return the place."""
        return self._raw.tell()

    def read(self, size: int = -1) -> bytes:
        """Read; h5py knows a file by having this."""
        return self._raw.read(size) or b""

    def readinto(self, buffer: Any) -> int | None:
        """Read into a buffer."""
        return self._raw.readinto(buffer)

    def write(self, data: Any) -> int:
        """Write all of the data, unless writing has failed."""
        view = memoryview(data).cast("B")
        self._try(lambda: self._write_all(view))
        return len(view)

    def truncate(self, size: int | None = None) -> int:
        """Set the length."""
        self._try(lambda: self._truncate(size))
        return size or 0

    def flush(self) -> None:
        """Do nothing: there is no buffer."""

    def settle(self) -> int:
        """See to it that the data are on the disk, and return the length of the file."""
        self._try(lambda: os.fsync(self._raw.fileno()))
        return os.fstat(self._raw.fileno()).st_size

    def protect(self, journal: Journal) -> None:
        """Keep in a journal what is overwritten from now on."""
        self._journal = journal

    def abandon(self) -> None:
        """Drop what is yet to be written: the file is another's."""
        self.error = self.error or OSError("the file is another's")

    def close(self) -> None:
        """See to it that the data are on the disk, and close."""
        if not self._raw.closed:
            self.settle()
            try:
                self._raw.close()
            except OSError as error:  # some network file systems tell only now
                self.error = self.error or error

    def _write_all(self, view: memoryview) -> None:
        place = self._raw.tell()
        self._keep(place, place + len(view))
        while view:
            view = view[self._raw.write(view) :]
        if self._raw.tell() >= self._begun + STRETCH:
            self._begin(self._raw.tell())

    def _begin(self, stop: int) -> None:
        """Let the disk begin now, so that there is little to wait for in the end."""
        if hasattr(os, "posix_fadvise"):
            number, length = self._raw.fileno(), stop - self._begun
            with suppress(OSError):  # it is but a hint
                os.posix_fadvise(number, self._begun, length, os.POSIX_FADV_DONTNEED)
        self._begun = stop

    def _truncate(self, size: int | None) -> None:
        end = os.fstat(self._raw.fileno()).st_size
        self._keep(self._raw.tell() if size is None else size, end)
        self._raw.truncate(size)

    def _keep(self, start: int, stop: int) -> None:
        if self._journal is None:
            return
        missing = self._journal.missing(start, stop)
        if missing:
            number = self._raw.fileno()
            self._journal.keep([(a, os.pread(number, b - a, a)) for a, b in missing])

    def _try(self, action: Callable[[], Any]) -> None:
        if self.error is None:
            try:
                action()
            except OSError as error:
                self.error = error
