"""Figure 5: populations as grids of the same nodes and different lengths, from a model."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import ConnectionPatch, Rectangle

from analysis.figures.style import COLOURS, PAGE, figure, styled
from nftsim.errors import NftsimError
from nftsim.model import Model, parse_model

#: The example of Sanz-Leon et al. 2018: 4 × 3 nodes, one population ten times as long as the other.
EXAMPLE = """Two populations of different length on a grid of 4 by 3 nodes.
Time: 1 Deltat: 1e-4
Nodes: 12 Longside nodes: 4
Connection matrix:
From: 1 2
To 1: 0 1
To 2: 2 0
Population 1: Large
 Length: 0.8 Q: 10
 Firing: Function: Sigmoid Theta: 0.01 Sigma: 0.003 Qmax: 300
 Dendrite 1: alpha: 80 beta: 800
Population 2: Small
 Length: 0.08 Q: 10
 Firing: Function: Sigmoid Theta: 0.01 Sigma: 0.003 Qmax: 300
 Dendrite 2: alpha: 80 beta: 800
Propagator 1: Map -
Propagator 2: Map -
Coupling 1: Map - nu: 1e-4
Coupling 2: Map - nu: 1e-4
Output: Node: All Start: 0 Interval: 1e-3
Population: 1
Dendrite:
Propagator:
Coupling:
"""
#: More nodes than this along a side cannot be numbered legibly.
MOST = 12
_SHADE = "#CFE6F5"


def example() -> Model:
    """Return the model of the paper's example."""
    return parse_model(EXAMPLE, "two-grids")


@styled
def draw(model: Model | None = None) -> Figure:
    """Draw the grids of the first and of the shortest population, and which nodes belong together.

    Parameters
    ----------
    model
        What to draw (default: the example of the paper).

    Returns
    -------
    Figure

    Raises
    ------
    NftsimError
        If its grid is too fine to be numbered.
    """
    model = example() if model is None else model
    ny, nx = model.shape
    if max(ny, nx) > MOST:
        raise NftsimError(
            f"{model.name}: a grid of {nx} x {ny} nodes cannot be numbered legibly; up to {MOST} "
            "along a side can. Change nodes and longside."
        )
    large, small = _two(model)
    # the smaller sheet at a size at which its nodes can still be numbered, and said so
    ratio = model.populations[small].length / model.populations[large].length
    shown = ratio if ratio > 0.45 else 0.5
    fig = figure(PAGE, 1.6 + 8.6 * min(1.3, ny / nx))
    left, right = fig.subplots(1, 2, width_ratios=(1, shown))
    marked = sorted({1, (ny - 1) * nx + 1, min(ny * nx, (ny - 1) * nx + 3)})
    _grid(left, model, large, marked, side=1)
    _grid(right, model, small, marked, side=-1)
    for node in marked:
        fig.add_artist(
            ConnectionPatch(
                _centre(model, large, node), _centre(model, small, node), "data", "data",
                axesA=left, axesB=right, color=COLOURS["red"], linestyle=(0, (1, 1.5)),
                linewidth=0.9, zorder=5,
            )
        )  # fmt: skip
    return fig


def _two(model: Model) -> tuple[int, int]:
    """Return the longest population and the shortest other one (from 0)."""
    lengths = [p.length for p in model.populations]
    large = int(np.argmax(lengths))
    others = [i for i in range(len(lengths)) if i != large] or [large]
    return large, min(others, key=lambda i: lengths[i])


def _centre(model: Model, population: int, node: int) -> tuple[float, float]:
    """Return (x, y) of the middle of a node (from 1) [m]."""
    y, x = divmod(node - 1, model.shape[1])
    dx = model.spacing(population)
    return (x + 0.5) * dx, (y + 0.5) * dx


def _grid(axes: Axes, model: Model, population: int, marked: list[int], side: int) -> None:
    """Draw a grid; `side`: 1 to name points above them, -1 below, clear of the dotted lines."""
    ny, nx = model.shape
    dx = model.spacing(population)
    ly, lx = model.extent(population)
    index = population + 1
    axes.set_aspect("equal")
    for node in range(1, nx * ny + 1):
        x, y = _centre(model, population, node)
        axes.add_patch(
            Rectangle(
                (x - dx / 2, y - dx / 2), dx, dx,
                facecolor=_SHADE if node in marked else "white",
                edgecolor=COLOURS["grey"], linewidth=0.6,
            )
        )  # fmt: skip
        axes.text(x + 0.36 * dx, y + 0.36 * dx, f"{node}", ha="right", va="top", fontsize=8)
        if node in marked:
            axes.plot(x, y, "o", color=COLOURS["red"], markersize=3.5, zorder=6)
            axes.annotate(
                rf"$r_{{{node}}}$",
                (x, y),
                xytext=(-4, 4 * side),
                textcoords="offset points",
                ha="right",
                va="bottom" if side > 0 else "top",
                color=COLOURS["red"],
                fontsize=9,
                zorder=7,
                bbox={"facecolor": _SHADE, "edgecolor": "none", "pad": 0.3},
            )
    axes.add_patch(
        Rectangle((0, 0), lx, ly, fill=False, linestyle=(0, (4, 2)), linewidth=1.6, zorder=4)
    )
    axes.set(xlim=(-0.02 * lx, 1.02 * lx), ylim=(-0.02 * ly, 1.02 * ly))
    axes.set_xticks(dx * np.arange(nx + 1))
    axes.set_yticks(dx * np.arange(ny + 1))
    axes.spines[:].set_visible(False)
    axes.set(xlabel="x (m)", ylabel="y (m)")
    axes.set_title(
        f"Population {index}: $\\Delta x_{index} = \\Delta y_{index}$ = {dx:g} m\n"
        f"$L_{{x{index}}}$ = {lx:g} m, $L_{{y{index}}}$ = {ly:g} m",
        loc="left",
    )


def caption(model: Model | None = None) -> str:
    """Return the caption, with the numbers."""
    model = example() if model is None else model
    ny, nx = model.shape
    large, small = _two(model)
    first, second = (
        f"({', '.join(f'{v:g}' for v in _centre(model, i, 1))}) m" for i in (large, small)
    )
    return (
        f"Two populations on grids of {nx} × {ny} nodes, numbered along x first. Every population "
        "has the same nodes, whatever its length; a node of one belongs to that of the same number "
        "in another (dotted). A point r_n is in the middle of its node: r_1 is at "
        f"{first} in population {large + 1}, and at {second} in population {small + 1}, "
        "which is drawn enlarged if it is much smaller. Dashed borders: opposite ones are joined, "
        "so that the sheet is a torus."
    )
