"""What a sweep has computed: a line of JSON for each member, kept as soon as it is there.

Snakemake deletes the output of a job that is run again or has failed; this file it does not know.
So a job finds what an earlier one has done, and computes only the rest.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

from nftsim.errors import NftsimError
from nftsim.io.alone import Lock

Record = dict[str, Any]


def read(folder: Path) -> dict[str, Record]:
    """Return the records of all files of a folder by the ``id`` of their member.

    A line that was cut off, as by a power failure, is no record.
    """
    found = {}
    for path in sorted(folder.glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
            try:
                record = json.loads(line)
                found[str(record["id"])] = record
            except (ValueError, KeyError, TypeError):
                continue
    return found


class Journal:
    """A file that records are added to, by one process at a time; a context manager.

    Another one waits: it may be a job that has outlived the Snakemake that started it, and what it
    computes need not be computed again.

    Parameters
    ----------
    path
        The file; its folder is made.
    wait
        Called now and then while it waits, with words on who is at work.
    """

    def __init__(self, path: Path, wait: Callable[[str], None]) -> None:
        self.path, self._wait = path, wait
        self._lock = Lock(path)

    def add(self, records: Iterable[Mapping[str, Any]]) -> None:
        """Put records on the disk.

        Raises
        ------
        NftsimError
            If another process has taken the file over, or it cannot be written.
        """
        self._lock.require()
        lines = "".join(json.dumps(record) + "\n" for record in records)
        try:
            with self.path.open("ab") as file:
                # after a line that was cut off
                file.write(b"" if self._ends_well() else b"\n")
                file.write(lines.encode())
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise NftsimError(f"{self.path}: cannot be written: {error.strerror}") from error

    def beat(self) -> None:
        """Show that this process is alive; to be called now and then."""
        self._lock.beat()

    def _ends_well(self) -> bool:
        with self.path.open("rb") as file:
            if file.seek(0, os.SEEK_END) == 0:
                return True
            file.seek(-1, os.SEEK_END)
            return file.read(1) == b"\n"

    def __enter__(self) -> Journal:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._lock.acquire(self._wait)
        except OSError as error:
            raise NftsimError(f"{self.path}: cannot be written: {error.strerror}") from error
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._lock.release()
