"""A file that remembers that writing failed, instead of failing in the middle of HDF5.

HDF5 cannot close a file that the disk has no room for, and takes the process down with it at exit.
So errors are kept here, what cannot be written any more is dropped, and the writer asks.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any


class Sink:
    """The part of a binary file's interface that h5py needs.

    Attributes
    ----------
    error
        The first error in writing; None while all is well.

    Raises
    ------
    OSError
        If the file cannot be created.
    """

    def __init__(self, path: Path) -> None:
        self._raw = path.open("w+b", buffering=0)
        self.error: OSError | None = None

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
        self._try(lambda: self._raw.truncate(size))
        return size or 0

    def flush(self) -> None:
        """Do nothing: there is no buffer."""

    def close(self) -> None:
        """See to it that the data are on the disk, and close."""
        if not self._raw.closed:
            self._try(lambda: os.fsync(self._raw.fileno()))
            self._raw.close()

    def _write_all(self, view: memoryview) -> None:
        while view:
            view = view[self._raw.write(view) :]

    def _try(self, action: Callable[[], Any]) -> None:
        if self.error is None:
            try:
                action()
            except OSError as error:
                self.error = error
