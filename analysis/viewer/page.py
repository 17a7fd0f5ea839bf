"""The page itself: the template with the data of a run put in."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from importlib import resources
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np

from analysis.files import atomic
from analysis.viewer.pack import pack
from analysis.viewer.shown import require_page, shown_names, shown_rows
from nftsim.errors import NftsimError
from nftsim.io.hdf5 import open_run

#: Size of a page that is not exceeded [MB].
SIZE = 10.0
#: Colours of the field: even steps in lightness, for all common kinds of colour vision.
MAP = "cividis"
#: Room for what is neither samples nor spectra [bytes].
_REST = 100_000
#: Bytes of text for one byte of data.
_BASE64 = 4 / 3
#: What the program says of itself in a run file, as the page shows it.
_PROVENANCE = (
    "seed", "dt", "steps", "interval", "nftsim_version", "packages", "source_digest", "started"
)  # fmt: skip


def viewer(
    run: str | Path,
    path: str | Path,
    *,
    trace: str | Sequence[str] | None = None,
    start: float | None = None,
    stop: float | None = None,
    size: float = SIZE,
) -> Path:
    """Write a page that shows a run: the field as an animation, and series and spectrum of a node.

    Parameters
    ----------
    run
        An HDF5 run file.
    path
        The file to write, whose name ends in .html.
    trace
        Name or names of what is shown (default: every trace but those of pairs of nodes).
    start, stop
        First and last time shown [s] (default: the whole run); the fewer rows, the fewer are
        left out.
    size
        Size that the page must not exceed [MB].

    Returns
    -------
    Path
        The file written.

    Raises
    ------
    NftsimError
        If the name does not end in .html, the run cannot be read, has no such trace or no rows in
        that time, or the size is too small.
    """
    final = Path(path)
    require_page(final)
    with open_run(run) as file:
        names = shown_names(file, trace)
        window = shown_rows(file, start, stop)
        numbers = 8 * len(file.model.output.nodes or [])
        budget = ((size * 1e6 - _REST) / len(names) - numbers) / _BASE64
        if budget < 1e5:
            raise NftsimError(
                f"a page of {size:g} MB cannot show {len(names)} traces; allow more, or name fewer"
            )
        content = {
            "title": next(iter(file.model.header.strip().splitlines()), Path(run).name),
            "file": Path(run).name,
            "size": size,
            "rows": window.rows,
            "of": len(file.time),
            "saved": file.interval,
            "about": {key: str(file.attrs[key]) for key in _PROVENANCE if key in file.attrs},
            "map": _colours(),
            "traces": [pack(file, name, window, budget) for name in names],
        }
    template = resources.files("analysis.viewer").joinpath("template.html")
    # "</" would end the script that holds the data
    data = json.dumps(content, ensure_ascii=False, allow_nan=False).replace("</", "<\\/")
    with atomic(final) as part:
        part.write_text(
            template.read_text(encoding="utf-8").replace("/*DATA*/null", data, 1), encoding="utf-8"
        )
    return final


def _colours() -> str:
    """Return 256 colours of the map, three bytes each, in base64."""
    table: Any = mpl.colormaps[MAP](np.linspace(0, 1, 256), bytes=True)[:, :3]
    return base64.b64encode(np.ascontiguousarray(table).tobytes()).decode("ascii")
