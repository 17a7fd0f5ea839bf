"""Where files may be written: in a folder that takes them, and never over anything but a run."""

from __future__ import annotations

import os
from pathlib import Path

from nftsim.errors import NftsimError
from nftsim.io.recognise import Kind, kind_of


def require_place(path: Path, *, runs: bool = True) -> None:
    """Refuse a place that cannot take a file.

    Parameters
    ----------
    path
        The file to write.
    runs
        Whether a run, in HDF5 or as text, or an empty file may be replaced there.

    Raises
    ------
    NftsimError
        If the folder is not there or not writable, or the file exists and may not be replaced.
    """
    require_folder(path)
    if path.exists() and not (runs and _is_run(path)):
        what = " and is not a run" if runs else ""
        raise NftsimError(
            f"{path}: exists{what}; it is left alone: choose another name or delete it"
        )


def require_folder(path: Path) -> None:
    """Refuse a file whose folder is not there or cannot be written to, or that is a folder.

    Raises
    ------
    NftsimError
        In one line.
    """
    folder = path.parent
    try:
        if path.is_dir():
            raise NftsimError(f"{path}: is a directory; name a file for the output")
        if not folder.is_dir():
            raise NftsimError(f"{path}: the folder {folder} does not exist; create it first")
    except OSError as error:  # a name that is too long, or a folder that may not be looked into
        raise NftsimError(
            f"{path}: cannot be written: {error.strerror or error}; choose another place"
        ) from error
    if not os.access(folder, os.W_OK):
        raise NftsimError(f"{path}: the folder {folder} is not writable; choose another place")


def _is_run(path: Path) -> bool:
    """Tell whether a file is a run, or empty."""
    try:
        return kind_of(path) in (Kind.RUN, Kind.TEXT, Kind.EMPTY)
    except NftsimError:
        return False
