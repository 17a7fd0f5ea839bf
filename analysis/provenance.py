"""What results of this package say of their making (see `nftsim.origin`)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from analysis.files import atomic
from nftsim.origin import KEY, origin
from nftsim.provenance import code_digest

#: Packages whose versions may change a table or a figure, besides those of a run.
PACKAGES = ("matplotlib", "pandas")


def made(
    inputs: Iterable[Any] = (), settings: Mapping[str, Any] | None = None, **code: str
) -> dict[str, Any]:
    """Return what a result says of its making, for the writers' argument of this name.

    Parameters
    ----------
    inputs
        Files that it was made of, or what `nftsim.origin.described` says of them.
    settings
        What was asked for.
    **code
        Digests of code besides those of `nftsim` and of this package.
    """
    digests = {"analysis_digest": code_digest(Path(__file__).parent), **code}
    return origin(inputs, settings, code=digests, packages=PACKAGES)


def write_made(path: str | Path, made: Mapping[str, Any]) -> None:
    """Write the JSON file that says where the table of its name, in CSV, comes from."""
    with atomic(path) as part:
        part.write_text(json.dumps({KEY: made}, indent=2) + "\n", encoding="utf-8")
