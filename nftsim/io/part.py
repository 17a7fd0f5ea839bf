"""Files that are whole once they have their name: written as ``FILE.part``, then renamed."""

from __future__ import annotations

import os
from pathlib import Path
from typing import BinaryIO

from nftsim.errors import NftsimError


class Part:
    """Takes bytes for a file, or for a stream, which is written to directly.

    Raises
    ------
    NftsimError
        If the file cannot be made or written.
    """

    def __init__(self, target: Path | BinaryIO) -> None:
        self._path = target if isinstance(target, Path) else None
        if isinstance(target, Path):
            self._part = target.with_name(target.name + ".part")
            try:
                self._file: BinaryIO = self._part.open("wb")
            except OSError as error:
                raise NftsimError(
                    f"{target}: cannot be written: {error.strerror}; choose another place for the "
                    "output"
                ) from error
        else:
            self._file = target

    def write(self, data: bytes) -> None:
        """Append bytes."""
        try:
            self._file.write(data)
        except BrokenPipeError:  # the reader of a stream has seen enough
            raise
        except OSError as error:
            raise self._failure(error) from error

    def finish(self) -> None:
        """See to it that all is on the disk, and give the file its name."""
        try:
            self._file.flush()
            if self._path is not None:
                os.fsync(self._file.fileno())
                self._file.close()
                self._part.replace(self._path)
        except BrokenPipeError:
            raise
        except OSError as error:
            raise self._failure(error) from error

    def discard(self) -> None:
        """Remove what is unfinished; does nothing after `finish`."""
        if self._path is None or self._file.closed:
            return
        try:
            self._file.close()
        except OSError:  # what could not be flushed is thrown away anyhow
            pass
        finally:
            self._part.unlink(missing_ok=True)

    def _failure(self, error: OSError) -> NftsimError:
        return NftsimError(
            f"{self._path or 'output'}: writing failed: {error.strerror}; make room, or choose "
            "another place"
        )
