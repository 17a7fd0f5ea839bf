"""Loading models: from a file, or by name from the library that comes with the package."""

from __future__ import annotations

import re
from collections.abc import Mapping
from importlib import resources
from os import PathLike
from pathlib import Path

from nftsim.errors import ModelError, NftsimError, require_kind, suggestion
from nftsim.model.checks import check
from nftsim.model.duration import lasting
from nftsim.model.keys import GLOBAL
from nftsim.model.model import Model
from nftsim.model.overrides import override
from nftsim.model.parser import read_model

#: A model is a page or two of text; what is larger than this is something else.
LARGEST_FILE = 64 * 1024 * 1024
#: Where the table of NFTsim's text output begins, below the text of its model.
_TABLE = re.compile(rb"^=====+\r?\n[ \t]*\r?\n[ \t]*Time[ \t]", re.MULTILINE)


def library() -> dict[str, Path]:
    """Return the models of the library: name → file."""
    folder = Path(str(resources.files("nftsim") / "models"))
    return {path.stem: path for path in sorted(folder.glob("*.conf"))}


def load_model(
    name: str | Path, overrides: Mapping[str, object] | None = None, *, compat: bool = False
) -> Model:
    """Read a model, change it, and check that it can run.

    Parameters
    ----------
    name
        A ``.conf`` file, or the name of a model of the library (see `library`).
    overrides
        Dotted path → value (see `nftsim.model.overrides`).
    compat
        Follow NFTsim where it rounds what we refuse.

    Raises
    ------
    NftsimError
        If there is no such model, or it is not a model that can run.
    """
    return load_lasting(name, overrides, None, compat=compat)


def load_lasting(
    name: str | Path,
    overrides: Mapping[str, object] | None,
    duration: float | None,
    *,
    place: str = "",
    compat: bool = False,
) -> Model:
    """Read a model as `load_model` does, and check that it can run for so long.

    Parameters
    ----------
    name, overrides, compat
        As of `load_model`.
    duration, place
        As of `nftsim.model.duration.lasting`; None: the model's own length.
    """
    require_kind(name, (str, PathLike), "a model: a .conf file, or a name from the library")
    if overrides is not None:
        require_kind(overrides, Mapping, "overrides as a mapping, path to value")
    path = Path(name)
    known = library()
    if str(name) in known and not _is_file(path):
        path = known[str(name)]
    if not _is_file(path):
        what = "is a directory" if path.is_dir() else "is neither a file nor a library model"
        hint = suggestion(path.name, _models_in(path.parent)) or suggestion(path.stem, known)
        raise NftsimError(f"{name}: {what}. Library models: {', '.join(known)}.{hint}")
    model = override(read_unchecked(path), overrides or {})
    return _checked(model if duration is None else lasting(model, duration, place), compat)


def read_unchecked(path: Path) -> Model:
    """Read a model from a file, and check nothing but its form."""
    return read_model(_read(path), str(path), path.stem)


def with_changes(
    model: Model, overrides: Mapping[str, object] | None = None, *, compat: bool = False
) -> Model:
    """Change a model that has been read, and check that it can run (see `load_model`)."""
    return _checked(override(model, overrides or {}), compat)


def _checked(changed: Model, compat: bool) -> Model:
    try:
        return check(changed, compat=compat)
    except ModelError as error:
        raise _with_overrides(error, changed) from None


def parse_model(text: str, name: str = "model") -> Model:
    """Return the model of a ``.conf`` text, unchecked; `name` stands for the file in messages."""
    require_kind(text, str, "the text of a model")
    return read_model(text, name, name)


def _with_overrides(error: ModelError, model: Model) -> ModelError:
    """Return an error about a line of the file with the overrides of grid and time beside it."""
    mark = f"{model.name}, override "
    places = [model.places.get(name, "") for name in GLOBAL]
    changes = [place.removeprefix(mark) for place in places if place.startswith(mark)]
    if not changes or error.place.startswith(mark):
        return error
    message = str(error).removeprefix(f"{error.place}: ")
    return ModelError(error.place, f"{message} (with {', '.join(changes)} set)")


def _models_in(folder: Path) -> list[str]:
    """Return the names of the ``.conf`` files of a folder."""
    try:
        return sorted(path.name for path in folder.glob("*.conf"))
    except OSError:
        return []


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError as error:
        raise NftsimError(f"{path}: cannot be read: {error.strerror}") from error


def _read(path: Path) -> str:
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise NftsimError(f"{path}:1: larger than {LARGEST_FILE >> 20} MiB; not a model file")
        data = path.read_bytes()
    except OSError as error:
        raise NftsimError(f"{path}: cannot be read: {error.strerror}") from error
    if data.startswith(b"\x89HDF"):
        raise NftsimError(
            f"{path}:1: is an HDF5 file, no model; if it is a run, 'nftsim convert {path} -o "
            f"{path.stem}.conf' takes its model out of it"
        )
    if _TABLE.search(data):
        raise NftsimError(
            f"{path}: is the text output of a run, no model; 'nftsim convert {path} -o "
            f"{path.stem}.conf' takes its model out of it"
        )
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("latin-1")  # older NFTsim files carry accented names in their header
