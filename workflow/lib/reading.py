"""Looking through a configuration file before anybody loads it.

A few lines of YAML can stand for more values than fit into memory, or never end; and Snakemake runs
the Python in a file that says ``__use_yte__``. Snakemake loads what `--configfile` names before any
code of ours runs, so files from strangers are looked through first:
``python -m workflow.lib.reading FILE``.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from nftsim.errors import NftsimError

#: Bytes of a file, values in it with all aliases written out, characters of one, and how deep they
#: may be nested.
LARGEST, MOST, LONGEST, DEEPEST = 1 << 20, 100_000, 4000, 40
#: With this key, Snakemake runs the expressions in a file.
PROGRAM = "__use_yte__"
_DEEP = f"is nested deeper than {DEEPEST} levels; no setting is"
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def require_harmless(*paths: str | Path) -> None:
    """Refuse configuration files that hold more than a configuration; absent ones are passed over.

    Raises
    ------
    NftsimError
        Naming the first such file, and what is wrong.
    """
    for path in map(Path, paths):
        if path.exists():
            _look_through(path, _text(path))


def require_harmless_or_exit(*paths: str | Path) -> None:
    """Do as `require_harmless`, but print what is wrong and exit with 2."""
    try:
        require_harmless(*paths)
    except NftsimError as error:
        print(error, file=sys.stderr)
        sys.exit(error.exit_code)


def _text(path: Path) -> str:
    try:
        if not path.is_file():
            raise NftsimError(f"{path}: is no file; name a YAML file")
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
        if len(content) > LARGEST:
            raise NftsimError(f"{path}: is larger than {LARGEST >> 20} MiB; no configuration is")
        return content.decode("utf-8")
    except OSError as error:
        raise NftsimError(f"{path}: cannot be read: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise NftsimError(f"{path}:{line}: is not UTF-8 text; save it as such") from error


def _look_through(path: Path, text: str) -> None:
    try:
        json.loads(text)
    except RecursionError:
        raise NftsimError(f"{path}:1: {_DEEP}") from None
    except ValueError:
        pass
    else:
        return  # Snakemake takes it for JSON, too, which has no aliases
    try:
        _count(path, text)
        loaded = yaml.load(text, _LOADER)
    except (yaml.YAMLError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        place = f"{path}:{mark.line + 1}" if mark else f"{path}:1"
        what = " ".join(str(getattr(error, "problem", None) or error).split())
        if "nesting depth" in what:  # newer parsers have a limit of their own
            raise NftsimError(f"{place}: {_DEEP}") from None
        raise NftsimError(f"{place}: is not valid YAML: {what}") from error
    if not isinstance(loaded, dict):
        raise NftsimError(f"{path}:1: is no list of settings; write 'experiments:' and so on")


def _count(path: Path, text: str) -> None:
    """Count the values with all aliases written out, without writing them out."""
    sizes: dict[str, int] = {}
    opened: list[tuple[str | None, int]] = [(None, 0)]
    for event in yaml.parse(text, Loader=_LOADER):
        place = f"{path}:{event.start_mark.line + 1}"
        size = 0
        if isinstance(event, yaml.AliasEvent):
            if event.anchor not in sizes:
                raise NftsimError(f"{place}: *{event.anchor} stands within itself, or for nothing")
            size = sizes[event.anchor]
        elif isinstance(event, yaml.ScalarEvent):
            if event.value == PROGRAM:
                raise NftsimError(
                    f"{place}: '{PROGRAM}' would have Snakemake run what the file says as Python; "
                    "write the values themselves"
                )
            if len(event.value) > LONGEST:
                raise NftsimError(f"{place}: has a value of {len(event.value)} characters")
            size = 1
            sizes |= {event.anchor: 1} if event.anchor else {}
        elif isinstance(event, yaml.CollectionStartEvent):
            opened.append((event.anchor, 1))
            if len(opened) > DEEPEST:
                raise NftsimError(f"{place}: {_DEEP}")
        elif isinstance(event, yaml.CollectionEndEvent):
            anchor, size = opened.pop()
            sizes |= {anchor: size} if anchor else {}
        above, before = opened[-1]
        opened[-1] = (above, before + size)
        if before + size > MOST:
            raise NftsimError(
                f"{place}: with its aliases written out it is more than {MOST} values; write less"
            )


def main(paths: Sequence[str]) -> None:
    """Look through the files that are named, all of which must be there."""
    for path in paths:
        if not Path(path).exists():
            print(f"{path}: no such file", file=sys.stderr)
            sys.exit(2)
    require_harmless_or_exit(*paths)


if __name__ == "__main__":
    main(sys.argv[1:])
