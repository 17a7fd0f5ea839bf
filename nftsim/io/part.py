"""Files that are whole once they have their name: written as ``FILE.part``, then renamed."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO

from nftsim.errors import NftsimError
from nftsim.io.alone import open_alone
from nftsim.io.checkpoint import Place, Saved


class Part:
    """Takes bytes for a file, or for a stream, which is written to directly.

    Parameters
    ----------
    target
        The file or stream.
    saved
        The checkpoint from which a file that was cut off goes on.

    Raises
    ------
    NftsimError
        If the file cannot be made or written, or another process is writing it.
    """

    def __init__(self, target: Path | BinaryIO, saved: Saved | None = None) -> None:
        self._path = target if isinstance(target, Path) else None
        self._number = saved.number if saved else 0
        if isinstance(target, Path):
            self._place = Place(target)
            try:
                self._file: Any = open_alone(self._place.part)
                if saved is not None:
                    self._place.restore(saved)
                else:
                    self._file.truncate(0)
                self._file.seek(0, os.SEEK_END)
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
            if self._path is None:
                self._file.write(data)
                return
            view = memoryview(data)
            while view:
                view = view[self._file.write(view) :]
        except BrokenPipeError:  # the reader of a stream has seen enough
            raise
        except OSError as error:
            raise self._failure(error) from error

    def checkpoint(self, run: str, facts: Mapping[str, Any], arrays: Mapping[str, Any]) -> None:
        """Keep what is needed to go on from here; what is written later is cut off for that."""
        try:
            os.fsync(self._file.fileno())
            saved = Saved(run, self._number + 1, self._file.tell(), dict(facts), dict(arrays))
            self._place.save(saved)
        except OSError as error:
            raise self._failure(error) from error
        self._number = saved.number

    def finish(self) -> None:
        """See to it that all is on the disk, and give the file its name."""
        try:
            self._file.flush()
            if self._path is not None:
                os.fsync(self._file.fileno())
                self._file.close()
                self._place.part.replace(self._path)
                self._place.clear()
        except BrokenPipeError:
            raise
        except OSError as error:
            raise self._failure(error) from error

    def discard(self, *, diverged: bool = False) -> None:
        """Remove what is unfinished, unless there is a checkpoint; nothing after `finish`.

        Parameters
        ----------
        diverged
            Remove it in any case: going on would end the same way.
        """
        if self._path is None or self._file.closed:
            return
        try:
            self._file.close()
        except OSError:  # what could not be flushed is thrown away anyhow
            pass
        finally:
            if diverged or not self._number:
                self._place.part.unlink(missing_ok=True)
                self._place.clear()

    def _failure(self, error: OSError) -> NftsimError:
        return NftsimError(
            f"{self._path or 'output'}: writing failed: {error.strerror}; make room, or choose "
            "another place"
        )
