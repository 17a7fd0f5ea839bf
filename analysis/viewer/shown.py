"""What a page of the viewer shows of a run, and its name: told before what draws is imported."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import h5py
import numpy as np

from nftsim.errors import NftsimError
from nftsim.io.hdf5 import RunFile
from nftsim.io.place import require_folder

#: How names of pages end.
SUFFIXES = (".html", ".htm")


@dataclass(frozen=True)
class Window:
    """The rows of a run that are shown: from `start` to before `stop`."""

    start: int
    stop: int

    @property
    def rows(self) -> int:
        """How many there are."""
        return self.stop - self.start


def require_page(path: Path) -> None:
    """Refuse a name that is not that of a page, which no browser would open.

    Raises
    ------
    NftsimError
        If it does not end in .html, is a folder, or its folder takes no file.
    """
    if path.suffix.lower() not in SUFFIXES:
        raise NftsimError(
            f"{path}: what is written is a page in HTML; end its name in .html, e.g. "
            f"{path.stem}.html"
        )
    require_folder(path)


def axes_of(dataset: h5py.Dataset) -> tuple[str, ...]:
    """Return the names of the axes of a trace, e.g. ``("time", "y", "x")``."""
    return tuple(str(scale[0].name).lstrip("/") for scale in dataset.dims)


def shown_names(run: RunFile, asked: str | Sequence[str] | None) -> list[str]:
    """Return the names of the traces that are shown: those asked for, else all that can be.

    Raises
    ------
    NftsimError
        If there is none, or not that.
    """
    if asked is not None:
        names = [asked] if isinstance(asked, str) else list(asked)
        return list(dict.fromkeys(str(run.dataset(name).name).lstrip("/") for name in names))
    names = [name for name in run.traces if "from" not in axes_of(run.dataset(name))]
    if not names:
        raise NftsimError(
            f"{run.path}: has no trace that the viewer can show; save one of every node, "
            "e.g. --set output.traces=propagator.1.phi"
        )
    # what an electroencephalogram sees comes first
    return sorted(names, key=lambda name: not name.startswith("propagator."))


def shown_rows(run: RunFile, start: float | None, stop: float | None) -> Window:
    """Return the rows from a time to a time [s] (None: from the first, to the last).

    Raises
    ------
    NftsimError
        If there are none.
    """
    half = 0.5 * run.interval
    first = 0 if start is None else int(np.searchsorted(run.time, start - half))
    last = len(run.time) if stop is None else int(np.searchsorted(run.time, stop + half))
    if last <= first:
        raise NftsimError(
            f"{run.path}: has no rows from {_or(start, 'its start')} to {_or(stop, 'its end')}; "
            f"it has {run.time[0]:g} s to {run.time[-1]:g} s"
            if len(run.time)
            else f"{run.path}: has no rows"
        )
    return Window(first, last)


def _or(time: float | None, words: str) -> str:
    return words if time is None else f"{time:g} s"
