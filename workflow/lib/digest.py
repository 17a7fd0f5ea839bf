"""Digests of our own sources, so that a rule runs again when the code behind it has changed.

Snakemake follows a rule's script, not what the script imports.
"""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def source_digest(*modules: str, root: Path = ROOT) -> str:
    """Return a short digest of modules and of all modules of ours that they import.

    Parameters
    ----------
    *modules
        Dotted names, e.g. ``analysis.spectra``, or ``nftsim.engine``: a package stands for every
        module in it.
    root
        The folder that holds the packages.

    Raises
    ------
    FileNotFoundError
        If a name is neither a package nor a module: otherwise one that was renamed would silently
        stop counting.
    """
    digest = hashlib.sha256()
    for path in sorted(sources(*modules, root=root)):
        digest.update(path.relative_to(root).as_posix().encode() + b"\0")
        digest.update(path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def sources(*modules: str, root: Path = ROOT) -> set[Path]:
    """Return the files behind `source_digest`."""
    todo = [path for name in modules for path in _named(name, root)]
    found: set[Path] = set()
    while todo:
        path = todo.pop()
        if path not in found:
            found.add(path)
            todo.extend(_imported(path, root))
    return found


def _named(module: str, root: Path) -> list[Path]:
    place = root.joinpath(*module.split("."))
    files = sorted(place.rglob("*.py")) if place.is_dir() else [place.with_suffix(".py")]
    if not all(path.is_file() for path in files) or not files:
        raise FileNotFoundError(f"source_digest: neither a package nor a module: {module}")
    return files


@cache
def _imported(path: Path, root: Path) -> tuple[Path, ...]:
    """Return the files of ours that a file imports: modules, and the packages that hold them."""
    found = []
    for name in imported_names(path, root):
        parts = name.split(".")
        for count in range(1, len(parts) + 1):
            place = root.joinpath(*parts[:count])
            candidates = (place.with_suffix(".py"), place / "__init__.py")
            found += [file for file in candidates if file.is_file()]
    return tuple(found)


def imported_names(path: Path, root: Path) -> Iterator[str]:
    """Yield the full name of everything that a file imports; the last part may be an object."""
    package = path.relative_to(root).parts[:-1]
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) + 1 - node.level] if node.level else ()
            base = [*above, *filter(None, [node.module])]
            yield from (".".join([*base, alias.name]) for alias in node.names)
