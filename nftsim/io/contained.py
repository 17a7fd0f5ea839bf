"""What lies in an HDF5 file itself, and is what it claims to be; files may come from strangers.

An HDF5 file can name other files, and then reading it reads those: by links, by datasets that are
put together from others, or whose numbers lie outside. It can also claim to hold more numbers than
any memory does. Nothing that a run holds needs any of it, so all of it is refused.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

from nftsim.errors import NftsimError
from nftsim.memory import memory

#: What h5py raises about a file that is damaged, or that is not what we expect.
DAMAGE = (
    *(OSError, KeyError, TypeError, ValueError, AttributeError, IndexError),
    *(RuntimeError, OverflowError, MemoryError),
)
#: Filters that HDF5 and h5py bring along; for another one HDF5 looks for a library to load.
FILTERS = frozenset(
    {h5py.h5z.FILTER_DEFLATE, h5py.h5z.FILTER_SHUFFLE, h5py.h5z.FILTER_FLETCHER32, 32000}
)
#: How many times smaller a filter makes numbers at most (deflate: 1032), and bytes that pass
#: without a look.
RATIO, LITTLE = 1100, 1 << 20
#: The attribute of a file that has the checksum of `words_sum`.
WORDS = "words_sum"
#: The attribute with the names of the words that it is of.
NAMES = "words"


@contextmanager
def readable(path: str | Path, remedy: str = "delete it and run it again") -> Iterator[None]:
    """Turn what h5py says of a damaged file into one line.

    Raises
    ------
    NftsimError
        Naming the file, and what to do.
    """
    try:
        yield
    except DAMAGE as error:
        cause = " ".join(str(error).split()) or type(error).__name__
        raise NftsimError(f"{path}: is damaged or not whole: {cause}; {remedy}") from error


def member(group: h5py.Group, name: str) -> h5py.Group | h5py.Dataset:
    """Return a member of a group that lies in the file, in no other one.

    Raises
    ------
    KeyError
        If there is none.
    ValueError
        If it is a link to elsewhere.
    """
    for step in filter(None, name.split("/")):
        link = group.get(step, getlink=True) if isinstance(group, h5py.Group) else None
        if link is None:
            raise KeyError(f"it has no '{name}'")
        if not isinstance(link, h5py.HardLink):
            raise ValueError(f"'{name}' is a link to elsewhere")
        group = group[step]
    return group


def members(group: h5py.Group) -> dict[str, h5py.Dataset]:
    """Return the datasets directly in a group, by name; links to elsewhere are not followed."""
    return {name: item for name, item in _own(group) if isinstance(item, h5py.Dataset)}


def groups(group: h5py.Group) -> list[h5py.Group]:
    """Return the groups directly in a group; links to elsewhere are not followed."""
    return [item for _, item in _own(group) if isinstance(item, h5py.Group)]


def _own(group: h5py.Group) -> Iterator[tuple[str, Any]]:
    for name in group:
        if isinstance(group.get(name, getlink=True), h5py.HardLink):
            yield name, group[name]


def dataset(group: h5py.Group, name: str, kinds: str = "f") -> h5py.Dataset:
    """Return a dataset of numbers that lie in the file.

    Parameters
    ----------
    group, name
        Where it is.
    kinds
        Kinds of numbers that are taken, as numpy has them.

    Raises
    ------
    KeyError, TypeError, ValueError
        If it is not there, not of numbers, put together from elsewhere, or larger than it can be.
    """
    found = member(group, name)
    if not isinstance(found, h5py.Dataset):
        raise TypeError(f"'{name}' is a group")
    if found.dtype.kind not in kinds or found.shape is None:
        raise TypeError(f"'{name}' holds {found.dtype}, not numbers")
    if found.is_virtual or found.external:
        raise ValueError(f"'{name}' is made of other files")
    layout = found.id.get_create_plist()
    filters = [layout.get_filter(i)[0] for i in range(layout.get_nfilters())]
    if not FILTERS.issuperset(filters):
        raise ValueError(f"'{name}' is packed by a filter that is not known")
    _require_size(found, name, packed=bool(filters))
    return found


def _require_size(found: h5py.Dataset, name: str, *, packed: bool) -> None:
    """Refuse a dataset that claims to hold more than the file does, or the machine can."""
    claimed, there = int(found.nbytes), int(found.id.get_storage_size())
    if claimed > LITTLE and claimed > (RATIO if packed else 1) * there:
        raise ValueError(f"'{name}' has {claimed} bytes by its shape, and {there} in the file")
    present = memory()
    if claimed > present.size:
        raise ValueError(f"'{name}' has {claimed / 2**30:.3g} GiB, and {present}")


def numbers(group: h5py.Group, name: str, kinds: str = "f") -> NDArray[Any]:
    """Return the numbers of a `dataset`."""
    return np.asarray(dataset(group, name, kinds)[...])


def attributes(owner: h5py.Group | h5py.Dataset) -> dict[str, Any]:
    """Return the attributes that are one word or number; others are left out."""
    found = {}
    for name in owner.attrs:
        kind = owner.attrs.get_id(name)
        if kind.shape == () and kind.dtype.kind in "biufOS":
            value = owner.attrs[name]
            if isinstance(value, str | bytes | int | float | np.generic):
                found[name] = value
    return found


def _words(file: h5py.File) -> dict[str, dict[str, Any]]:
    """Return what a file (under "") and its datasets say of themselves, less its seal."""
    said = {name: attributes(item) for name, item in members(file).items()}
    return said | {"": {k: v for k, v in attributes(file).items() if k not in (NAMES, WORDS)}}


def seal(file: h5py.File) -> None:
    """Note in a file which words it has, and their checksum; the last thing that is written."""
    said = _words(file)
    names = json.dumps({name: sorted(about) for name, about in sorted(said.items())})
    file.attrs.update({NAMES: names, WORDS: _sum(said, names)})


def words_sum(file: h5py.File) -> int:
    """Return a checksum of what a file and its datasets say of themselves.

    HDF5 has one for all of its parts but for words of any length, such as the text of the model.
    Words that came after the file was sealed, such as its owner's notes, do not count.
    """
    return _sum(_words(file), attributes(file).get(NAMES))


def _sum(said: Mapping[str, Mapping[str, Any]], names: Any) -> int:
    try:
        counted = said if names is None else json.loads(names)
        plain = {
            name: {key: str(said.get(name, {}).get(key)) for key in sorted(keys)}
            for name, keys in sorted(counted.items())
        }
    except (AttributeError, TypeError) as error:
        raise ValueError("its list of words is none") from error
    return zlib.crc32(json.dumps([names, plain]).encode())
