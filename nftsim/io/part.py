"""Files that are whole once they have their name: written as ``FILE.part``, then renamed."""

from __future__ import annotations

import os
from collections.abc import Mapping
from io import FileIO
from pathlib import Path
from typing import Any, BinaryIO

from nftsim.errors import NftsimError
from nftsim.io.checkpoint import Place, Saved
from nftsim.io.durable import sync_names


class Part:
    """Takes bytes for a file, or for a stream, which is written to directly.

    Parameters
    ----------
    target
        The file or stream.
    place
        Where the file is made and what it goes on from, if its lock is held already.

    Raises
    ------
    NftsimError
        If the file cannot be made or written, or another process is writing it.
    """

    def __init__(self, target: Path | BinaryIO, place: Place | None = None) -> None:
        self._path = target if isinstance(target, Path) else None
        self._number, self._locked = 0, place is None
        if isinstance(target, Path):
            self._place = place or Place(target)
            try:
                if self._locked:
                    self._place.lock.acquire()
                saved = self._place.going_on
                self._number = saved.number if saved else 0
                if saved is None:
                    self._place.clear()  # before the part of another run is overwritten
                number = os.open(self._place.part, os.O_RDWR | os.O_CREAT, 0o666)
                self._file: Any = FileIO(number, "r+b")
                if saved is not None:
                    self._place.restore(saved)
                else:
                    self._file.truncate(0)
                self._file.seek(0, os.SEEK_END)
            except OSError as error:
                if self._locked:
                    self._place.lock.release()
                raise NftsimError(
                    f"{target}: cannot be written: {error.strerror or error}; choose another place "
                    "for the output"
                ) from error
        else:
            self._file = target

    def write(self, data: bytes) -> None:
        """Append bytes."""
        try:
            if self._path is None:
                self._file.write(data)
                return
            self._place.lock.require()
            view = memoryview(data)
            while view:
                view = view[self._file.write(view) :]
        except BrokenPipeError:  # the reader of a stream has seen enough
            raise
        except OSError as error:
            raise self._failure(error) from error

    def checkpoint(self, run: str, facts: Mapping[str, Any], arrays: Mapping[str, Any]) -> None:
        """Keep what is needed to go on from here; what is written later is cut off for that."""
        self._place.lock.require()
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
                self._place.lock.require()
                os.fsync(self._file.fileno())
                self._file.close()
                self._place.part.replace(self._path)
                sync_names(self._path.parent)
                self._place.clear()
                self._release()
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
            if self._place.lock.held and (diverged or not self._number):
                self._place.part.unlink(missing_ok=True)
                self._place.clear()
            self._release()

    def _release(self) -> None:
        if self._locked:
            self._place.lock.release()

    def _failure(self, error: OSError) -> NftsimError:
        return NftsimError(
            f"{self._path or 'output'}: writing failed: {error.strerror or error}; make room, or "
            "choose another place"
        )
