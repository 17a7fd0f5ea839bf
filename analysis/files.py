"""Files that are whole whenever they have their final name."""

from __future__ import annotations

import json
import os
import platform
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from glob import escape
from pathlib import Path
from typing import Any

import psutil

from nftsim.errors import NftsimError
from nftsim.io.durable import rename

#: Temporary files of other machines that are older than this [s] are of processes that are gone.
OLD = 86400.0


@contextmanager
def atomic(path: str | Path) -> Iterator[Path]:
    """Yield a temporary name to write to; rename it to `path` when the block succeeds.

    The temporary file is beside `path` and its name says which process writes it, so that two that
    do so at once do not disturb each other. What a process that was killed has left is removed. The
    file is on the disk before it has its name, so that it is whole also after a loss of power.

    Parameters
    ----------
    path
        Final name; its folder is created when absent.

    Yields
    ------
    Path
        The temporary name. It is removed when the block raises.

    Raises
    ------
    NftsimError
        If the folder or the file cannot be written.
    """
    final = Path(path)
    part = final.with_name(f"{final.name}.{platform.node()}-{os.getpid()}.part")
    try:
        final.parent.mkdir(parents=True, exist_ok=True)
        try:
            yield part
            rename(part, final)
        finally:
            part.unlink(missing_ok=True)
            remove_stale(final)
    except OSError as error:
        raise NftsimError(
            f"{final}: cannot be written ({error.strerror or error}). "
            "Choose a folder that exists, is writable and has space left."
        ) from error


def remove_stale(final: Path) -> None:
    """Remove the temporary files of a file that processes which are gone have left."""
    for part in final.parent.glob(f"{escape(final.name)}.*-*.part"):
        named = re.fullmatch(r"\.(.*)-(\d+)\.part", part.name[len(final.name) :])
        if named is None:
            continue
        try:
            if named[1] == platform.node():
                gone = not psutil.pid_exists(int(named[2]))
            else:
                gone = time.time() - part.stat().st_mtime > OLD
        except OSError:
            continue
        if gone:
            part.unlink(missing_ok=True)


def read_json(path: str | Path) -> Any:
    """Return what a JSON file holds.

    Raises
    ------
    NftsimError
        If it is not there, or not whole.
    """
    try:
        return json.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise NftsimError(
            f"{path}: cannot be read ({error}); delete it and make it again"
        ) from error
