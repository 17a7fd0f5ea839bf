"""What a derived result says of its making, and how it is read back.

A run states it in its own attributes (`nftsim.provenance`). A result that is made of runs, models
or other results has one declaration instead, `origin`, which every writer puts into its file: in
HDF5 as the attribute ``provenance``, in JSON under the key of that name, in figures among their
metadata; a table in CSV has it in the JSON file of its name. There is no date in it: results that
are made again are the same to the byte.
"""

from __future__ import annotations

import hashlib
import html
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from importlib import metadata
from pathlib import Path
from typing import Any

import h5py

from nftsim.errors import NftsimError
from nftsim.io.contained import DAMAGE, attributes
from nftsim.provenance import making

#: The attribute, or the key, of a file that has it.
KEY = "provenance"
#: Formats of a figure → the field of its metadata that has it.
FIELDS = {"pdf": "Subject", "png": "Description", "svg": "Description"}
#: Bytes of a file that is looked through for it, at most.
LARGE = 256 << 20
#: Digits of a digest: no two files here will share them by chance.
DIGITS = 16
#: The words of PDF and SVG as matplotlib writes them.
_PDF = re.compile(rb"/Subject \(((?:[^\\()]|\\.)*)\)", re.DOTALL)
_SVG = re.compile(rb"<dc:description>(.*?)</dc:description>", re.DOTALL)


def origin(
    inputs: Iterable[Any] = (),
    settings: Mapping[str, Any] | None = None,
    *,
    code: Mapping[str, str] | None = None,
    packages: Iterable[str] = (),
) -> dict[str, Any]:
    """Return what a result says of its making, as plain data.

    Parameters
    ----------
    inputs
        Files that it was made of: runs, models, other results; or what `described` returns.
    settings
        What was asked for.
    code
        Digests of code besides that of this package.
    packages
        Names of packages that took part, besides those of a run.

    Returns
    -------
    dict
        As `nftsim.provenance.making`; ``settings``; and ``inputs``, a list of `described`.
    """
    made: dict[str, Any] = making()
    made |= code or {}
    more = [f"{name}={metadata.version(name)}" for name in packages]
    made["packages"] = " ".join([made["packages"], *more])
    made["settings"] = _plain(settings or {})
    made["inputs"] = [i if isinstance(i, dict) else described(i) for i in inputs]
    return made


def described(path: str | Path) -> dict[str, Any]:
    """Return what names an input: its file, and a digest that does not depend on when it was made.

    A run says itself which run it is, and its seed; of another file it is that of its bytes. Of a
    path that is absolute only the name is told, as what a result holds should not depend on the
    folder it was made in.
    """
    path = Path(path)
    told: dict[str, Any] = {"file": _shown(str(path))}
    try:
        if h5py.is_hdf5(path):
            with h5py.File(path, "r") as file:
                said = attributes(file)
            if "run" in said:
                told |= {key: _plain(said[key]) for key in ("run", "seed") if key in said}
                return told
        told["sha256"] = _sha256(path)
    except DAMAGE:  # whoever reads it says what is wrong with it
        return told
    return told


def of_text(name: str, text: str) -> dict[str, Any]:
    """Return what names an input that is a text, as that of a model."""
    return {"file": _shown(name), "sha256": hashlib.sha256(text.encode()).hexdigest()[:DIGITS]}


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:DIGITS]


def _shown(word: str) -> str:
    return Path(word).name if Path(word).is_absolute() else word


def _plain(value: Any) -> Any:
    """Return settings as JSON knows them, without absolute paths."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if hasattr(value, "item"):
        return value.item()
    if value is None or isinstance(value, bool | int | float):
        return value
    return _shown(str(value))


def to_text(made: Mapping[str, Any]) -> str:
    """Return an origin as it stands in a file: JSON, in one line of plain characters."""
    return json.dumps(made, sort_keys=True)


def origin_of(path: str | Path) -> dict[str, Any] | None:
    """Return what a file says of its making; None if it says nothing, or is of another kind.

    Parameters
    ----------
    path
        A result in HDF5 or JSON; a figure in PNG, PDF or SVG; a table in CSV, which has it in the
        JSON file of its name.

    Raises
    ------
    NftsimError
        If the file cannot be read.
    """
    path = Path(path)
    if path.suffix.lower() == ".csv":
        path = path.with_suffix(".json")
    try:
        if not path.is_file():
            return None
        if h5py.is_hdf5(path):
            with h5py.File(path, "r") as file:
                return _read(attributes(file).get(KEY))
        if path.stat().st_size > LARGE:
            return None
        content = path.read_bytes()
    except DAMAGE as error:
        raise NftsimError(f"{path}: cannot be read: {error}; make it again") from error
    if content.startswith(b"\x89PNG"):
        return _read(_png(content))
    if content.startswith(b"%PDF") and (found := _PDF.search(content)):
        return _read(re.sub(rb"\\(.)", rb"\1", found[1]))
    if found := _SVG.search(content):
        return _read(html.unescape(found[1].decode("utf-8", "replace")))
    whole = _read(content)
    made = None if whole is None else whole.get(KEY)
    return made if isinstance(made, dict) else None


def _read(text: Any) -> dict[str, Any] | None:
    """Return the mapping that JSON holds; None if it is none."""
    try:
        found = json.loads(text)
    except (TypeError, ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _png(content: bytes) -> str | None:
    """Return the description in a PNG file: a chunk ``tEXt`` before the picture."""
    at = 8
    while at + 8 <= len(content):
        length, kind = int.from_bytes(content[at : at + 4], "big"), content[at + 4 : at + 8]
        name, _, text = content[at + 8 : at + 8 + length].partition(b"\0")
        if kind == b"tEXt" and name == FIELDS["png"].encode():
            return text.decode("latin-1")
        at += length + 12
    return None


def lines(made: Mapping[str, Any]) -> Iterator[str]:
    """Yield the lines that say where a result comes from."""
    for name, value in made.items():
        if name not in ("settings", "inputs"):
            yield f"{name}: {value}"
    settings = made.get("settings")
    for name, value in settings.items() if isinstance(settings, dict) else ():
        yield f"setting {name}: {value if isinstance(value, str) else json.dumps(value)}"
    inputs = made.get("inputs")
    for one in inputs if isinstance(inputs, list) else ():
        if isinstance(one, dict):
            rest = ", ".join(f"{key} {one[key]}" for key in one if key != "file")
            yield f"from {one.get('file', '?')}" + (f" ({rest})" if rest else "")
