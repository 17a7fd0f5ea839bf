"""Figure 9: schematics of neural field models, drawn from their connection matrices."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Circle, FancyArrowPatch
from matplotlib.path import Path as Curve
from numpy.typing import NDArray

from analysis.figures.style import COLOURS, PAGE, figure, panel_letter, styled
from nftsim.model import Connection, Model

#: What a population's name contains, in order of preference, and its symbol in the literature.
_SYMBOLS = (
    (("medium", "mid-range", "mid range"), "m"),
    (("excit", "pyramid"), "e"),
    (("inhib",), "i"),
    (("retic",), "r"),
    (("relay", "specific"), "s"),
)
#: Where the populations stand: the cortex above the thalamus.
_PLACES = {"m": (0.0, 4.6), "e": (-1.8, 2.6), "i": (1.8, 2.6), "r": (-1.8, 0.0), "s": (1.8, 0.0)}
_RADIUS = 0.36
_EXTERNAL_STEP = 1.5

Point = NDArray[np.float64]


def symbols(model: Model) -> list[str]:
    """Return the letter of each population, from its name.

    Parameters
    ----------
    model
        The model.

    Returns
    -------
    list of str
        ``e m i r s``, else an abbreviation in its name, such as GPi, else its initial; an external
        input is ``n`` (non-specific) if it drives a thalamus, else ``s`` (subcortical), as in
        Sanz-Leon et al. 2018.
    """
    neural = {i: _symbol(model.populations[i].name) for i in model.neural}
    external = "n" if "s" in neural.values() else "s"
    return [neural.get(i, external) for i in range(len(model.populations))]


def _symbol(name: str) -> str:
    for words, letter in _SYMBOLS:
        if any(word in name.lower() for word in words):
            return letter
    found = re.search(r"\b([A-Z][A-Za-z]?[A-Z0-9][a-z]?|[A-Z]{2}[a-z])\b", name)
    return found[1] if found else name.strip()[:1].lower()


def _places(model: Model, letters: Sequence[str]) -> list[Point]:
    """Put neural populations at their standing place and each input below what it drives."""
    if _ringed(model, letters):
        return _ring(model)
    places: dict[int, Point] = {}
    spare = 0
    for index in model.neural:
        if letters[index] in _PLACES:
            places[index] = np.array(_PLACES[letters[index]])
        else:
            places[index] = np.array([3.6, 2.6 - 1.6 * spare])
            spare += 1
    for index in range(len(model.populations)):
        if index not in places:
            targets = [places[c.post] for c in model.connections if c.pre == index]
            middle = np.mean(targets, axis=0) if targets else np.zeros(2)
            places[index] = middle - np.array([0.0, _EXTERNAL_STEP])
    return [places[i] for i in range(len(model.populations))]


def _ringed(model: Model, letters: Sequence[str]) -> bool:
    """Tell whether a model has too many populations without a standing place of their own."""
    own = [letters[i] for i in model.neural]
    return len(set(own)) < len(own) or sum(letter not in _PLACES for letter in own) > 1


def _ring(model: Model) -> list[Point]:
    """Put neural populations on a circle, clockwise from the top left, and each input outside."""
    count = len(model.neural)
    angles = {n: np.pi * (0.75 - 2 * i / count) for i, n in enumerate(model.neural)}
    radius = max(2.2, 0.5 * count)
    places = {n: radius * np.array([np.cos(a), np.sin(a)]) for n, a in angles.items()}
    for index in range(len(model.populations)):
        if index not in places:
            first = next((c.post for c in model.connections if c.pre == index), model.neural[0])
            angle = angles.get(first, 0.0) - 0.22
            places[index] = (radius + _EXTERNAL_STEP) * np.array([np.cos(angle), np.sin(angle)])
    return [places[i] for i in range(len(model.populations))]


def strength(connection: Connection) -> float:
    """Return the mean synaptic strength ν of a connection [V s], 0 if it has none of its own."""
    return float(np.mean(getattr(connection.coupling, "nu", 0.0)))


@styled
def draw(models: Sequence[Model]) -> Figure:
    """Draw the models side by side.

    Parameters
    ----------
    models
        The models, from (a) on.

    Returns
    -------
    Figure
    """
    layouts = [(model, symbols(model)) for model in models]
    spans = [_span(_places(model, letters)) for model, letters in layouts]
    columns = min(2, len(models))
    rows = -(-len(models) // columns)
    width = max(upper[0] - lower[0] for lower, upper in spans)
    heights = [
        max(upper[1] - lower[1] for lower, upper in spans[first : first + columns])
        for first in range(0, len(models), columns)
    ]
    scale = PAGE / 2 / width  # cm
    fig = figure(PAGE / 2 * columns, scale * sum(heights) + 0.7 * rows)
    grid = fig.add_gridspec(rows, columns, height_ratios=heights)
    for index, (model, letters) in enumerate(layouts):
        axes = fig.add_subplot(grid[divmod(index, columns)])
        lower, upper = spans[index]
        # One scale for all: the same width, and the height of the row.
        margin = (width - (upper[0] - lower[0])) / 2
        axes.set_xlim(lower[0] - margin, upper[0] + margin)
        axes.set_ylim(upper[1] - heights[index // columns], upper[1])
        _schematic(axes, model, letters)
        title = "".join(letters[i] for i in model.neural).upper()
        letter = f"{panel_letter(index)}  " if len(models) > 1 else ""
        title = model.name if _ringed(model, letters) else _ordered(title)
        axes.set_title(f"{letter}{title}", loc="left", weight="bold")
    return fig


def _ordered(title: str) -> str:
    """Letters in the order in which the literature names the models: E, M, I, R, S."""
    order = "EMIRS"
    return "".join(sorted(title, key=lambda c: order.find(c) if c in order else len(order)))


def _span(places: Sequence[Point]) -> tuple[Point, Point]:
    lowest, highest = np.min(places, axis=0), np.max(places, axis=0)
    # loops stand above and beside their population; two in a row would be drawn far too large
    side = max(1.15, 2.2 - (highest[0] - lowest[0]) / 2)
    return lowest - np.array([side, 0.8]), highest + np.array([side, 1.05])


def _schematic(axes: Axes, model: Model, letters: Sequence[str]) -> None:
    places = _places(model, letters)
    axes.set_aspect("equal")
    axes.axis("off")
    both_ways = {(c.pre, c.post) for c in model.connections}
    ringed = _ringed(model, letters)
    between = "," if max(map(len, letters)) > 1 else ""
    neural = [places[i] for i in model.neural]
    centre = np.mean(neural, axis=0)
    for connection in model.connections:
        start, end = places[connection.pre], places[connection.post]
        nu = strength(connection)
        colour = COLOURS["grey"] if nu == 0 else COLOURS["blue" if nu < 0 else "black"]
        dashes = (0, (3.5, 2)) if nu < 0 else "-"
        pair = f"{letters[connection.post]}{between}{letters[connection.pre]}"
        label = rf"$\phi_{{{pair}}}$"
        if connection.pre == connection.post:
            path, where = _loop(start, start - centre)
        else:
            # Arrows there and back part; an oblique one keeps clear of those it runs along.
            paired = (connection.post, connection.pre) in both_ways
            bent = paired or bool(np.all(start != end))
            # Labels stand where few curves cross, as found by looking.
            spread = 0.05 * (connection.index % 3 - 1)
            at = (
                (0.3 if paired else 0.42) + spread
                if ringed
                else 0.5
                if paired
                else 0.62
                if bent
                else 0.33
            )
            inward = 0.12 * (centre - (start + end) / 2) if ringed else 0.0 * centre
            path, where = _arc(start, end, (0.07 * paired if ringed else 0.1 * bent), at, inward)
        axes.add_patch(
            FancyArrowPatch(
                path=path,
                arrowstyle="-|>,head_length=4,head_width=2",
                linestyle=dashes,
                color=colour,
                linewidth=1.0,
                mutation_scale=1.0,
                zorder=1,
            )
        )
        axes.text(
            where[0],
            where[1],
            label,
            ha="center",
            va="center",
            fontsize=6 if between else 7.5,
            zorder=3,
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.6},
        )
    for index, (place, letter) in enumerate(zip(places, letters, strict=True)):
        face = "white" if index in model.neural else "#E4E4E4"
        axes.add_patch(
            Circle((place[0], place[1]), _RADIUS, facecolor=face, edgecolor="black", zorder=4)
        )
        axes.text(
            place[0],
            place[1],
            letter,
            ha="center",
            va="center",
            fontsize=10 if len(letter) == 1 else 7,
            style="italic",
            zorder=5,
        )


def _arc(start: Point, end: Point, bend: float, t: float, drawn: Point) -> tuple[Curve, Point]:
    """Curve from one circle to another, bent to its left, and its point at t from 0 to 1.

    `drawn` moves its middle besides.
    """
    along = end - start
    normal = np.array([-along[1], along[0]])
    control = (start + end) / 2 + 2 * bend * normal + 2 * drawn
    first = start + _RADIUS * _unit(control - start)
    last = end + (_RADIUS + 0.04) * _unit(control - end)
    where = (1 - t) ** 2 * first + 2 * t * (1 - t) * control + t**2 * last
    return Curve([first, control, last], [Curve.MOVETO, Curve.CURVE3, Curve.CURVE3]), where


def _loop(place: Point, outward: Point) -> tuple[Curve, Point]:
    """Curve from a circle back to itself on its outer side, and the place of its label."""
    direction = np.arctan2(outward[1], outward[0]) if np.any(outward) else np.pi / 2
    sides = [direction + turn * np.radians(32) for turn in (1, -1)]
    first, last = (place + _RADIUS * np.array([np.cos(a), np.sin(a)]) for a in sides)
    reach = 1.25
    controls = [
        place + reach * np.array([np.cos(a), np.sin(a)])
        for a in (direction + np.radians(38), direction - np.radians(38))
    ]
    codes = [Curve.MOVETO, Curve.CURVE4, Curve.CURVE4, Curve.CURVE4]
    top = place + 0.9 * np.array([np.cos(direction), np.sin(direction)])
    return Curve([first, *controls, last], codes), top


def _unit(vector: Point) -> Point:
    return vector / np.hypot(*vector)


def caption(models: Sequence[Model]) -> str:
    """Return the caption, with the numbers.

    Parameters
    ----------
    models
        As in `draw`.

    Returns
    -------
    str
    """
    listed = "; ".join(
        f"{panel_letter(i)} {m.name}: "
        f"{len(m.neural)} neural population{'s' * (len(m.neural) != 1)}, "
        f"{len(m.connections)} connections, "
        f"{sum(strength(c) < 0 for c in m.connections)} of them inhibitory"
        for i, m in enumerate(models)
    )
    absent = any(strength(c) == 0 for m in models for c in m.connections)
    return (
        "Populations (circles; grey: external input) and connections, drawn from the connection "
        "matrices of the models. φ_ab is the field that arrives at population a from population b; "
        "e excitatory, m mid-range, i inhibitory, r reticular, s specific relay or subcortical, n "
        f"non-specific. Solid: excitatory; dashed blue: inhibitory, by the sign of its strength in "
        f"the model, whatever its population is called. {listed}."
        + (" Grey arrows: connections whose strength is set to zero." if absent else "")
    )
