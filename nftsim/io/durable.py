"""What outlives a loss of power, and shows damage: data on the disk, and their checksums."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray


def sync(path: Path) -> None:
    """See to it that the content of a file is on the disk.

    Raises
    ------
    OSError
        If it cannot be written there.
    """
    number = os.open(path, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)


def sync_names(folder: Path) -> None:
    """See to it that the names in a folder are on the disk, where that can be done."""
    try:
        number = os.open(folder, os.O_RDONLY)
    except OSError:  # not every system opens folders
        return
    try:
        os.fsync(number)
    except OSError:
        pass
    finally:
        os.close(number)


def rename(part: Path, final: Path) -> None:
    """Give a file its final name, such that it is whole under that name also after a loss of power.

    Raises
    ------
    OSError
        If it cannot be written or renamed.
    """
    sync(part)
    part.replace(final)
    sync_names(final.parent)


def summed(values: NDArray[Any]) -> dict[str, Any]:
    """Return how HDF5 keeps values with checksums, by which damage to them is found in reading.

    Returns
    -------
    dict
        Arguments of `h5py.Group.create_dataset`; none for what cannot be kept in chunks.
    """
    return {"chunks": True, "fletcher32": True} if np.ndim(values) and np.size(values) else {}
