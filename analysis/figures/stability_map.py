"""How many fixed points a model has over two strengths, and how many of them are stable."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.colors import BoundaryNorm, ListedColormap
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from scipy import ndimage

from analysis.figures.style import COLOURS, COLUMN, figure, styled
from analysis.files import read_json

#: Colours of the kinds of places, in the order of their numbers of fixed points and stable ones;
#: the first differ in lightness too.
_COLOURS = ("#EDEDED", "#A6D8F5", "#E69F00", "#0072B2", "#CC79A7", "#009E73", "#D55E00", "#F0E442")

#: Share of the map that words need to either side.
ROOM = 0.1

Map = dict[str, Any]


def read(path: str | Path) -> Map:
    """Return the map in a JSON file, as `StabilityMap.to_dict` gives it, with ``name``."""
    found: Map = read_json(path)
    return found


def kinds(found: Map) -> tuple[np.ndarray, list[tuple[int, int]]]:
    """Return the kind of each place, shape (y, x), and what the kinds are.

    Returns
    -------
    ndarray
        Index of the kind.
    list
        Of each kind the number of fixed points, and of stable ones.
    """
    stable = [[-1 if n is None else n for n in row] for row in found["stable"]]
    pairs = np.stack([np.array(found["fixed_points"]), np.array(stable)], axis=-1)
    unique, index = np.unique(pairs.reshape(-1, 2), axis=0, return_inverse=True)
    return index.reshape(pairs.shape[:2]), [(int(n), int(s)) for n, s in unique]


@styled
def draw(found: Map, labels: tuple[str, str]) -> Figure:
    """Draw the map.

    Parameters
    ----------
    found
        What `read` gives.
    labels
        Of the axes; both strengths are drawn in thousandths.

    Returns
    -------
    Figure
    """
    index, names = kinds(found)
    fig = figure(COLUMN, 9.0)
    axes = fig.subplots()
    colours = ListedColormap(_COLOURS[: len(names)])
    x, y = 1e3 * np.array(found["x"]), 1e3 * np.array(found["y"])
    norm = BoundaryNorm(np.arange(len(names) + 1) - 0.5, len(names))
    axes.pcolormesh(x, y, index, cmap=colours, norm=norm, shading="nearest", rasterized=True)
    for kind, pair in enumerate(names):
        place = _middle(index == kind)
        if place is not None:
            axes.text(x[place[1]], y[place[0]], _named(*pair), ha="center", va="center")
    present = found["present"]
    if None not in present:
        values = 1e3 * np.array(present)
        axes.plot(*values, "+", color=COLOURS["black"], markersize=9, mew=1.5)
    axes.set_xlabel(labels[0])
    axes.set_ylabel(labels[1])
    handles: list[Artist] = [
        Patch(color=_COLOURS[i], label=_named(*pair))
        for i, pair in enumerate(names[: len(_COLOURS)])
    ]
    if None not in present:
        handles.append(
            Line2D([], [], color=COLOURS["black"], marker="+", markersize=9, mew=1.5,
                   linestyle="none", label="the model itself")
        )  # fmt: skip
    fig.legend(handles=handles, loc="outside right upper", title="fixed points")
    return fig


def _middle(inside: np.ndarray) -> tuple[int, int] | None:
    """Return the place (row, column) that is deepest inside a region, if words fit there."""
    depth = ndimage.distance_transform_edt(
        np.pad(inside, 1), sampling=(1 / inside.shape[0], 1 / inside.shape[1])
    )[1:-1, 1:-1]
    row, column = np.unravel_index(depth.argmax(), depth.shape)
    return (int(row), int(column)) if depth.max() > ROOM else None


def _named(count: int, stable: int) -> str:
    return f"{count}" if stable < 0 else f"{count}, {stable} stable"


def caption(found: Map) -> str:
    """Return the caption, with the numbers.

    Parameters
    ----------
    found
        As in `draw`.

    Returns
    -------
    str
    """
    index, names = kinds(found)
    shares = np.bincount(index.ravel(), minlength=len(names)) / index.size
    texts = "; ".join(
        f"{_named(*pair)}: {100 * share:.1f}%" for pair, share in zip(names, shares, strict=True)
    )
    sure = np.array(found["complete"]).all()
    x, y = found["parameters"]
    return (
        f"Fixed points of {found['name']} over {x} and {y}, at {index.shape[1]} × "
        f"{index.shape[0]} pairs of values, and how many are stable against all deviations of the "
        f"grid. Share of the map: {texts}. Cross: the model's own values. "
        + (
            "Every list of fixed points is certainly complete."
            if sure
            else "Not every list of fixed points is certainly complete."
        )
    )
