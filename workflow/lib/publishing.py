"""Runs in the making, under names that Snakemake does not know, and how they get those it knows.

Snakemake deletes the outputs of a job that failed or was cut off, also those that are whole. So
runs are made in ``results/EXPERIMENT/making/SEED/``, with their checkpoints, and get their names,
as second ones, at the very end of the job. The first ones are removed when Snakemake is done and
has seen which jobs have succeeded: until then a job that it starts again finds its runs there.
"""

from __future__ import annotations

import os
from base64 import urlsafe_b64decode
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from nftsim.errors import NftsimError
from nftsim.io.checkpoint import Place
from nftsim.io.durable import sync_names

FOLDER = "making"


def making(run: str | Path) -> Path:
    """Return where a run ``results/EXPERIMENT/SEED/NAME.h5`` is made."""
    path = Path(run)
    return path.parent.parent / FOLDER / path.parent.name / path.name


def publish(made: Sequence[Path], runs: Sequence[str]) -> None:
    """Give runs that are made their names.

    Raises
    ------
    NftsimError
        If one cannot be written.
    """
    for path, run in zip(made, runs, strict=True):
        try:
            Path(run).unlink(missing_ok=True)
            os.utime(path)  # it counts as made by this job, after what it rests on
            try:
                os.link(path, run)
            except OSError:  # not every file system has second names
                path.replace(run)
            sync_names(Path(run).parent)
        except OSError as error:
            raise NftsimError(f"{run}: cannot be written: {error.strerror or error}") from error


def tidy(results: Path = Path("results"), notes: Path = Path(".snakemake/incomplete")) -> None:
    """Remove what is left of the making of runs that have their names.

    Parameters
    ----------
    results
        The folder of the results.
    notes
        Where Snakemake notes which files it will make again, as their jobs have not succeeded or it
        has not seen it; these are left alone.
    """
    doubtful = _noted(notes)
    for folder in results.glob(f"*/{FOLDER}/*"):
        seed = folder.parent.parent / folder.name
        for name in {path.name.partition(".h5")[0] + ".h5" for path in folder.glob("*.h5*")}:
            if (seed / name).exists() and str(seed / name) not in doubtful:
                _remove(folder / name)
        _remove_empty(folder)
    for folder in results.glob(f"*/{FOLDER}"):
        _remove_empty(folder)


def _noted(notes: Path) -> set[str]:
    """Return the files that are noted: their names are those of the notes, long ones in parts."""
    found = set()
    for path in notes.rglob("*"):
        code = "".join(part.removeprefix("@") for part in path.relative_to(notes).parts)
        try:
            found.add(urlsafe_b64decode(code).decode())
        except ValueError:  # the beginning of a long one, or something else
            continue
    return found


def _remove(made: Path) -> None:
    """Remove a run in the making and all that belongs to it, unless a process still makes it."""
    place = Place(made)
    try:
        place.lock.acquire()
    except (NftsimError, OSError):
        return
    try:
        with suppress(OSError):  # files of others
            for path in (place.target, place.part):
                path.unlink(missing_ok=True)
            place.clear()
    finally:
        place.lock.release()


def _remove_empty(folder: Path) -> None:
    try:
        folder.rmdir()
    except OSError:  # something is still being made there
        return
