"""Checkpoints: what a run needs to go on after it was cut off, in a file beside its output.

Beside ``FILE`` stand, while it is being made: ``FILE.lock``, who makes it (see `nftsim.io.alone`);
``FILE.part``, what has been written of it;
``FILE.checkpoint``, the state of the run at the last checkpoint and how long the part was then; and
``FILE.journal-N``, what has been replaced in the part since the N-th (see `nftsim.io.journal`). The
checkpoint is written under another name and renamed, so that at any moment there is a whole one, or
none, and it says which journal belongs to it.
"""

from __future__ import annotations

import io
import json
import logging
import os
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nftsim.io.alone import Lock
from nftsim.io.durable import sync_names
from nftsim.io.journal import Journal, restore

log = logging.getLogger(__name__)

#: What reading a damaged checkpoint may raise.
DAMAGE = (
    *(OSError, EOFError, ValueError, KeyError, TypeError, AttributeError, RuntimeError),
    *(OverflowError, MemoryError, zipfile.BadZipFile),
)


@dataclass(frozen=True)
class Saved:
    """A checkpoint as read.

    Attributes
    ----------
    run
        Which run it is of: a digest.
    number
        How many there have been.
    length
        Length of the part [bytes].
    facts
        Numbers and words of the run and its writer.
    arrays
        Arrays of the run and its writer.
    """

    run: str
    number: int
    length: int
    facts: dict[str, Any] = field(default_factory=dict)
    arrays: dict[str, NDArray[Any]] = field(default_factory=dict)


@dataclass
class Place:
    """The files of a run in the making.

    Attributes
    ----------
    target
        The file of the run.
    going_on
        The checkpoint from which it goes on, if any.
    lock
        The right to make it.
    """

    target: Path
    going_on: Saved | None = None
    lock: Lock = field(init=False)

    def __post_init__(self) -> None:
        self.lock = Lock(self.target)

    def _beside(self, suffix: str) -> Path:
        return self.target.with_name(self.target.name + suffix)

    @property
    def part(self) -> Path:
        """What has been written of the file."""
        return self._beside(".part")

    @property
    def checkpoint(self) -> Path:
        """The last checkpoint."""
        return self._beside(".checkpoint")

    def journal(self, saved: Saved) -> Journal:
        """Return the journal that is kept from a checkpoint on."""
        return Journal(self._journal(saved.number), saved.length)

    def _journal(self, number: int) -> Path:
        return self._beside(f".journal-{number}")

    def save(self, saved: Saved) -> None:
        """Put a checkpoint in the place of the one before.

        Raises
        ------
        OSError
            If it cannot be written; the one before stays.
        """
        about = {"run": saved.run, "number": saved.number, "length": saved.length}
        words = json.dumps({**about, "facts": saved.facts}).encode()
        fresh = self._beside(".checkpoint.part")
        try:
            with fresh.open("wb") as file:
                arrays: Any = {**saved.arrays, "about": np.frombuffer(words, dtype=np.uint8)}
                np.savez(file, **arrays)
                file.flush()
                os.fsync(file.fileno())
            self._journal(saved.number).unlink(missing_ok=True)
            fresh.replace(self.checkpoint)
            sync_names(self.target.parent)
        except BaseException:
            fresh.unlink(missing_ok=True)
            raise
        self._journal(saved.number - 1).unlink(missing_ok=True)

    def saved(self) -> Saved | None:
        """Return the last checkpoint; None if there is none, or none that can be gone on from."""
        try:
            content = io.BytesIO(self.checkpoint.read_bytes())
            if any(part.compress_type for part in zipfile.ZipFile(content).infolist()):
                raise ValueError("it is packed")  # we never do: it may grow without end
            with np.load(content, allow_pickle=False) as file:
                arrays: Mapping[str, NDArray[Any]] = {name: file[name] for name in file.files}
            about = json.loads(arrays["about"].tobytes())
            rest = {name: values for name, values in arrays.items() if name != "about"}
            saved = Saved(about["run"], about["number"], about["length"], about["facts"], rest)
            if not (isinstance(saved.facts, dict) and saved.number >= 0 <= saved.length):
                raise ValueError("its contents are not those of a checkpoint")
            return saved
        except FileNotFoundError:
            return None
        except DAMAGE as error:
            log.warning("%s is damaged (%s) and not used", self.checkpoint, error)
            return None

    def holds(self, saved: Saved) -> bool:
        """Tell whether the part is there, as long as it was at a checkpoint or longer."""
        try:
            return self.part.stat().st_size >= saved.length
        except OSError:
            return False

    def restore(self, saved: Saved) -> None:
        """Make the part what it was at a checkpoint.

        Raises
        ------
        OSError
            If it is not there any more, or cannot be written.
        """
        restore(self.part, self._journal(saved.number), saved.length)

    def clear(self) -> None:
        """Remove the checkpoint and the journals."""
        if self.checkpoint.exists():
            self.checkpoint.unlink()
            # as long as it is there, the part must be what it says, with the help of its journal
            sync_names(self.target.parent)
        for path in self.target.parent.glob(f"{_escaped(self.target.name)}.journal-*"):
            path.unlink(missing_ok=True)
        self._beside(".checkpoint.part").unlink(missing_ok=True)


def _escaped(name: str) -> str:
    """Return a name as a pattern that matches it alone."""
    return "".join(f"[{c}]" if c in "*?[" else c for c in name)
