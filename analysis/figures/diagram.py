"""Boxes and arrows."""

from __future__ import annotations

from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

from analysis.figures.style import COLOURS, figure

#: What connects populations, as grey as in the figures of the paper; what is within one.
BETWEEN, WITHIN = "#E0E0E0", "white"


@dataclass(frozen=True)
class Box:
    """A box around (x, y) [cm]; `head` is its title, `text` stands below."""

    x: float
    y: float
    width: float
    height: float
    head: str
    text: str = ""
    face: str = WITHIN
    round: bool = False


def canvas(width: float, height: float) -> tuple[Figure, Axes]:
    """Return a figure of this size [cm] with axes in cm from its lower left corner."""
    fig = figure(width, height, constrained=False)
    axes = fig.add_axes((0, 0, 1, 1))
    axes.set(xlim=(0, width), ylim=(0, height))
    axes.axis("off")
    return fig, axes


def draw_box(axes: Axes, box: Box) -> None:
    """Draw a box with its words."""
    style = "circle,pad=0" if box.round else "round,pad=0,rounding_size=0.12"
    axes.add_patch(
        FancyBboxPatch(
            (box.x - box.width / 2, box.y - box.height / 2), box.width, box.height,
            boxstyle=style, facecolor=box.face, edgecolor="black", linewidth=0.8, zorder=3,
        )
    )  # fmt: skip
    if not box.text:
        size = 11 if box.round else 8
        axes.text(
            box.x, box.y, box.head, ha="center", va="center", fontsize=size, zorder=4,
            weight="normal" if box.round else "bold",
        )  # fmt: skip
        return
    lines = box.text.count("\n") + 1
    top = box.y + (0.45 + 0.31 * lines) / 2  # so that the words stand in the middle
    axes.text(box.x, top, box.head, ha="center", va="top", fontsize=8, weight="bold", zorder=4)
    axes.text(box.x, top - 0.45, box.text, ha="center", va="top", fontsize=7.5, zorder=4)


def arrow(
    axes: Axes,
    start: tuple[float, float],
    end: tuple[float, float],
    label: str = "",
    *,
    bend: float = 0.0,
    above: float = 0.15,
) -> None:
    """Draw an arrow, with words above its middle."""
    axes.add_patch(
        FancyArrowPatch(
            start, end, arrowstyle="-|>", mutation_scale=9, linewidth=0.9, shrinkA=0, shrinkB=0,
            connectionstyle=f"arc3,rad={bend}", color=COLOURS["black"], zorder=2,
        )
    )  # fmt: skip
    if label:
        x, y = (start[0] + end[0]) / 2, (start[1] + end[1]) / 2
        axes.text(x, y + above, label, ha="center", va="bottom", fontsize=8.5, zorder=4)
