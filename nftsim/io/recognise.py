"""What a file is, by what it holds, and the one line for whoever needs a run and has another."""

from __future__ import annotations

import re
from collections.abc import Callable
from enum import Enum
from pathlib import Path

import h5py

from nftsim.errors import NftsimError, suggestion
from nftsim.io.contained import DAMAGE, attributes
from nftsim.io.layout import FORMAT
from nftsim.io.recording import is_text_run
from nftsim.model import library

#: What an HDF5 file begins with.
SIGNATURE = b"\x89HDF\r\n\x1a\n"
#: Bytes read to tell what a file is.
GLANCE = 64 * 1024
#: Runs of a folder that a message names.
NAMED = 3
#: How names of runs end.
RUN_SUFFIXES = (".h5", ".hdf5", ".output", ".txt")
#: What may be given where either is taken.
RUN_OR_MODEL = "a run, a model (.conf), or a name from 'nftsim list models'"
#: What HDF5 says of a file that is cut off: the bytes that are there, and those there should be.
_CUT = re.compile(r"truncated file: eof = (\d+),.*stored_eof = (\d+)")


class Kind(Enum):
    """What a path leads to."""

    MISSING = "nothing"
    FOLDER = "a folder"
    EMPTY = "an empty file"
    RUN = "a run in HDF5, whole or not"
    FOREIGN = "HDF5, but not a run"
    DAMAGED = "HDF5 that cannot be opened"
    TEXT = "NFTsim's text output"
    MODEL = "the text of a model"
    OTHER = "something else"


def kind_of(path: str | Path) -> Kind:
    """Tell what a path leads to; a file by what it holds, not by its name.

    Raises
    ------
    NftsimError
        If it cannot be read.
    """
    path = Path(path)
    try:
        if path.is_dir():
            return Kind.FOLDER
        if not path.is_file():
            return Kind.MISSING
        with path.open("rb") as file:
            start = file.read(GLANCE)
    except OSError as error:
        raise NftsimError(f"{path}: cannot be read: {error.strerror or error}") from error
    if not start:
        return Kind.EMPTY
    if start.startswith(SIGNATURE[:4]) or h5py.is_hdf5(path):
        return _of_hdf5(path)
    if is_text_run(path):
        return Kind.TEXT
    lines = start.removeprefix(b"\xef\xbb\xbf").splitlines()
    named = path.suffix.lower() == ".conf"
    return Kind.MODEL if named or any(re.match(rb"\s*Time\s*:", x) for x in lines) else Kind.OTHER


def _of_hdf5(path: Path) -> Kind:
    try:
        with h5py.File(path, "r") as file:
            return Kind.RUN if attributes(file).get("format") == FORMAT else Kind.FOREIGN
    except DAMAGE:
        return Kind.DAMAGED


def means_model(name: str, kind: Kind) -> bool:
    """Tell whether a name that may be of a run or of a model is to be read as a model's.

    So is one that leads nowhere, unless it ends as runs do: `nftsim.model.load_model` says which
    model may be meant.
    """
    if kind is Kind.MISSING and Path(name).suffix.lower() not in RUN_SUFFIXES:
        return True
    return kind is Kind.MODEL or (kind in (Kind.MISSING, Kind.FOLDER) and name in library())


def no_run(path: str | Path, wanted: str = "a run, written by 'nftsim run'") -> NftsimError:
    """Return the error for a path that leads to no run in HDF5: what it is, and what to do.

    Parameters
    ----------
    path
        What was given.
    wanted
        What is needed.
    """
    path = Path(path)
    says: dict[Kind, Callable[[Path, str], str]] = {
        Kind.MISSING: _missing,
        Kind.FOLDER: _folder,
        Kind.EMPTY: lambda path, _: (
            f"{path}: is empty: what should have written it was cut off, or never began; run it "
            "again"
        ),
        Kind.FOREIGN: _foreign,
        Kind.DAMAGED: _damaged,
        Kind.TEXT: lambda path, wanted: (
            f"{path}: is NFTsim's text output; this takes {wanted}, in HDF5: nftsim convert {path} "
            f"-o {path.with_suffix('.h5')}"
        ),
        Kind.MODEL: lambda path, wanted: (
            f"{path}: is a model, and this takes {wanted}: nftsim run {path} -o {path.stem}.h5"
        ),
    }
    say = says.get(kind_of(path))
    return NftsimError(
        say(path, wanted)
        if say
        else f"{path}: is neither a run (HDF5, or NFTsim's text) nor a model; this takes {wanted}"
    )


def _missing(path: Path, wanted: str) -> str:
    if path.with_name(f"{path.name}.checkpoint").is_file():
        return (
            f"{path}: is not finished; the command that began it goes on from its last checkpoint"
        )
    if str(path) in library():
        return (
            f"{path}: no such file; it is a model of the library, and this takes {wanted}: nftsim "
            f"run {path} -o {path}.h5"
        )
    folder = path.parent
    if not folder.is_dir():
        return f"{path}: no such file, and no folder {folder}; this takes {wanted}"
    there = _runs_in(folder)
    whole = f"{path.name}.h5"
    near = f" Did you mean '{whole}'?" if whole in there else suggestion(path.name, there, 0.7)
    return f"{path}: no such file; this takes {wanted}.{near}"


def _folder(path: Path, wanted: str) -> str:
    names = _runs_in(path)
    listed = ", ".join(names[:NAMED]) + (", …" if len(names) > NAMED else "")
    inside = f"; in it are {listed}" if names else ""
    return f"{path}: is a folder, and this takes {wanted}: name a file{inside}"


def _runs_in(folder: Path) -> list[str]:
    """Return the names in a folder that look like those of runs."""
    try:
        return sorted(p.name for p in folder.iterdir() if p.suffix.lower() in (".h5", ".hdf5"))
    except OSError:
        return []


def _foreign(path: Path, wanted: str) -> str:
    with h5py.File(path, "r") as file:
        format_ = attributes(file).get("format")
    says = f"it says format = '{format_}'" if isinstance(format_, str) else "it names no format"
    return f"{path}: is HDF5, but not a run: {says}; this takes {wanted}"


def _damaged(path: Path, wanted: str) -> str:
    del wanted
    try:
        with h5py.File(path, "r") as file:
            attributes(file)
    except DAMAGE as error:
        if found := _CUT.search(str(error)):
            return (
                f"{path}: is truncated: it has {found[1]} of its {found[2]} bytes; copy it again, "
                "or run it again"
            )
        why = str(error).removeprefix("Unable to synchronously open file ").strip("()")
        return f"{path}: is HDF5 that is damaged ({why}); copy it again, or run it again"
    return f"{path}: could not be opened a moment ago; try again"
