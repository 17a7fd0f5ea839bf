"""Going back to how a file was: what stood where it is overwritten is kept beside it.

A run file in the making is whole at every checkpoint, and in between it is not: HDF5 changes what
it has written before. From a checkpoint on, the bytes that a write replaces go into the journal
first. If the run is cut off, the journal puts them back, and the file is the one of the checkpoint;
then a new journal begins.
"""

from __future__ import annotations

import os
import struct
import zlib
from pathlib import Path

from nftsim.io.durable import sync_names

#: Before each piece: its place in the file, its length and its checksum.
_HEAD = struct.Struct("<QQI")


class Journal:
    """What has been replaced in a file since a checkpoint, or since it was put back to that.

    Parameters
    ----------
    path
        Where to keep it; made when there is something to keep.
    length
        Length of the file at the checkpoint; what comes after it needs no keeping.
    """

    def __init__(self, path: Path, length: int) -> None:
        self.path, self.length = path, length
        self._kept: list[tuple[int, int]] = []

    def missing(self, start: int, stop: int) -> list[tuple[int, int]]:
        """Return the parts of a stretch of bytes that are to be kept before it is overwritten."""
        stop = min(stop, self.length)
        found = [(start, stop)] if start < stop else []
        for first, last in self._kept:
            rest: list[tuple[int, int]] = []
            for a, b in found:
                rest += [(x, y) for x, y in ((a, min(b, first)), (max(a, last), b)) if x < y]
            found = rest
        return found

    def keep(self, pieces: list[tuple[int, bytes]]) -> None:
        """Put pieces, each with its place, on the disk before anything takes their place.

        Raises
        ------
        OSError
            If there is no room for them.
        """
        with self.path.open("ab") as file:
            for place, piece in pieces:
                file.write(_HEAD.pack(place, len(piece), zlib.crc32(piece)) + piece)
            file.flush()
            os.fsync(file.fileno())
        if not self._kept:
            sync_names(self.path.parent)
        self._kept += [(place, place + len(piece)) for place, piece in pieces]


def restore(path: Path, journal: Path, length: int) -> None:
    """Make a file what it was at the checkpoint from which a journal was kept.

    A piece that was cut off was never overwritten in the file, and is left out. Doing it twice, or
    being cut off in it, does no harm. The journal has then done its work and is removed: pieces
    that came after one that was cut off would not be found.

    Parameters
    ----------
    path, journal
        The file, and its journal, which need not be there.
    length
        Length of the file at the checkpoint.

    Raises
    ------
    OSError
        If the file is not there, shorter than it was, or cannot be written.
    """
    with path.open("r+b") as file:
        if file.seek(0, os.SEEK_END) < length:
            raise OSError(f"{path} is shorter than it was at its checkpoint")
        # what was kept first is what stood there at the checkpoint
        for place, piece in reversed(_pieces(journal)):
            file.seek(place)
            file.write(piece)
        file.truncate(length)
        file.flush()
        os.fsync(file.fileno())
    journal.unlink(missing_ok=True)


def _pieces(journal: Path) -> list[tuple[int, bytes]]:
    try:
        content = journal.read_bytes()
    except FileNotFoundError:
        return []
    found, at = [], 0
    while at + _HEAD.size <= len(content):
        place, size, check = _HEAD.unpack_from(content, at)
        piece = content[at + _HEAD.size : at + _HEAD.size + size]
        if len(piece) < size or zlib.crc32(piece) != check:
            break
        found.append((place, piece))
        at += _HEAD.size + size
    return found
