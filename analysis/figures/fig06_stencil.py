"""Figure 6: the five-point stencil on the grid, and how the torus closes on itself."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, Rectangle
from numpy.typing import NDArray

from analysis.figures.style import COLOURS, PAGE, figure, panel_letter, styled

#: Offsets (y, x) of the neighbours of a node, y upwards.
NEIGHBOURS = {"n": (1, 0), "s": (-1, 0), "e": (0, 1), "w": (0, -1)}
_GHOST = "#CFE6F5"
#: What marks a copy: along y, along x, along both.
_PRIMES = {(True, False): "′", (False, True): "″", (True, True): "‴"}


def wrapped(nx: int, ny: int) -> NDArray[np.int64]:
    """Return the numbers of the nodes on a torus with a border of copies, shape (ny + 2, nx + 2).

    Parameters
    ----------
    nx, ny
        Nodes along x and y.
    """
    nodes = np.arange(1, nx * ny + 1).reshape(ny, nx)
    return np.pad(nodes, 1, mode="wrap")


def label(row: int, column: int, nx: int, ny: int) -> str:
    """Return what stands in a cell of the bordered grid: its node's number, primed if a copy."""
    number = wrapped(nx, ny)[row, column]
    copied = (row in (0, ny + 1), column in (0, nx + 1))
    return f"{number}{_PRIMES.get(copied, '')}"


@styled
def draw(nx: int = 4, ny: int = 4, centre: int = 6, edge: int = 4) -> Figure:
    """Draw the stencil of an inner node on the bordered grid, and that of a node on the border.

    Parameters
    ----------
    nx, ny
        Nodes along x and y.
    centre
        The inner node, from 1.
    edge
        The other one, whose neighbours are drawn where they are in the array.

    Returns
    -------
    Figure
    """
    fig = figure(PAGE, 1.2 + 0.46 * PAGE * (ny + 2.2) / (nx + 2.2))
    left, right = fig.subplots(1, 2)
    _bordered(left, nx, ny, centre)
    left.set_title(f"{panel_letter(0)} copies around the grid; node {centre}", loc="left")
    _indexed(right, nx, ny, edge)
    right.set_title(f"{panel_letter(1)} the same by wrapped indices; node {edge}", loc="left")
    for axes in (left, right):
        axes.set(xlim=(-1.15, nx + 1.15), ylim=(-1.15, ny + 1.15), aspect="equal")
        axes.spines[:].set_visible(False)
        axes.set_xticks(np.arange(nx) + 0.5, [str(i) for i in range(nx)])
        axes.set_yticks(np.arange(ny) + 0.5, [str(i) for i in range(ny)])
        axes.tick_params(length=0)
        axes.set(xlabel="Index along x (nodes)", ylabel="Index along y (nodes)")
    return fig


def _cell(axes: Axes, x: int, y: int, text: str, face: str, edge: str = "grey") -> None:
    axes.add_patch(Rectangle((x, y), 1, 1, facecolor=face, edgecolor=COLOURS[edge], linewidth=0.6))
    axes.text(x + 0.9, y + 0.88, text, ha="right", va="top", fontsize=8)


def _bordered(axes: Axes, nx: int, ny: int, centre: int) -> None:
    """Draw the grid with its border of copies."""
    for row in range(ny + 2):
        for column in range(nx + 2):
            inside = 1 <= row <= ny and 1 <= column <= nx
            _cell(
                axes, column - 1, row - 1, label(row, column, nx, ny), "white" if inside else _GHOST
            )
    axes.add_patch(Rectangle((0, 0), nx, ny, fill=False, linewidth=1.4, zorder=3))
    y, x = divmod(centre - 1, nx)
    _stencil(axes, x, y, {name: (x + dx, y + dy) for name, (dy, dx) in NEIGHBOURS.items()})


def _indexed(axes: Axes, nx: int, ny: int, edge: int) -> None:
    """Draw the grid alone, with the neighbours of a node where they are found."""
    for number in range(1, nx * ny + 1):
        y, x = divmod(number - 1, nx)
        _cell(axes, x, y, f"{number}", "white")
    axes.add_patch(
        Rectangle((0, 0), nx, ny, fill=False, linewidth=1.4, linestyle=(0, (4, 2)), zorder=3)
    )
    y, x = divmod(edge - 1, nx)
    found = {n: ((x + dx) % nx, (y + dy) % ny) for n, (dy, dx) in NEIGHBOURS.items()}
    _stencil(axes, x, y, found)


def _stencil(axes: Axes, x: int, y: int, places: dict[str, tuple[int, int]]) -> None:
    """Mark a node and its neighbours; what is far away is reached over the border."""
    _mark(axes, x, y, "c", COLOURS["red"])
    for name, (column, row) in places.items():
        dy, dx = NEIGHBOURS[name]
        _mark(axes, column, row, name, COLOURS["blue"])
        start = (x + 0.5 + 0.25 * dx, y + 0.5 + 0.25 * dy)
        if (column, row) == (x + dx, y + dy):
            _line(axes, start, (x + 0.5 + 0.75 * dx, y + 0.5 + 0.75 * dy))
        else:  # out over the border here, and in from the other side
            _line(axes, start, (x + 0.5 + 0.95 * dx, y + 0.5 + 0.95 * dy), "-|>")
            _line(
                axes,
                (column + 0.5 - 0.95 * dx, row + 0.5 - 0.95 * dy),
                (column + 0.5 - 0.25 * dx, row + 0.5 - 0.25 * dy),
                "-|>",
            )


def _mark(axes: Axes, x: int, y: int, text: str, colour: str) -> None:
    axes.text(
        x + 0.5, y + 0.5, text, ha="center", va="center", color="white", fontsize=8, zorder=6,
        bbox={"boxstyle": "circle,pad=0.25", "facecolor": colour, "edgecolor": "none"},
    )  # fmt: skip


def _line(
    axes: Axes, start: tuple[float, float], end: tuple[float, float], style: str = "-"
) -> None:
    axes.add_patch(
        FancyArrowPatch(
            start, end, arrowstyle=style, mutation_scale=7, linewidth=1.2, shrinkA=0, shrinkB=0,
            color=COLOURS["blue"], zorder=5,
        )
    )  # fmt: skip


def caption(nx: int = 4, ny: int = 4, centre: int = 6, edge: int = 4) -> str:
    """Return the caption, with the numbers."""
    y, x = divmod(edge - 1, nx)
    found = {n: (y + dy) % ny * nx + (x + dx) % nx + 1 for n, (dy, dx) in NEIGHBOURS.items()}
    listed = ", ".join(f"{name} {number}" for name, number in found.items())
    return (
        f"A grid of {nx} × {ny} nodes, numbered along x first, and the five-point stencil: a node "
        "c and its neighbours n, s, e, w. (a) With a border of copies (blue), as NFTsim keeps it: "
        "one prime marks a copy along y, two along x, and three along both, which five points do "
        f"not need. The stencil of node {centre}. (b) Without copies, as it is here: indices wrap "
        f"around. The neighbours of node {edge} are {listed}."
    )
