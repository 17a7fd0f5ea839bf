"""What a sweep has measured: lines along one parameter, or maps over two."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from itertools import takewhile
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from analysis.figures.quantities import quantity
from analysis.figures.style import (
    COLOURS,
    COLUMN,
    SEQUENTIAL,
    figure,
    power_of_ten,
    signed,
    styled,
    with_unit,
)

#: What became of a member that was not measured, in words, and its mark.
NOT_RUN = {
    "unstable": ("no stable fixed point", "x"),
    "no fixed point": ("no such fixed point", "+"),
    "refused": ("values that the model refuses", "1"),
    "diverged": ("fields that grew beyond all bounds", "*"),
}
#: What is to be known of one that was.
DOUBTFUL = {"left": "a warm-up away from its fixed point", "unsettled": "a warm-up not settled"}
#: Status of a member at a fixed point that is saturated, in words, and its marker on the line.
SATURATED, FULL, SQUARE = "saturated", "a saturated fixed point", "s"
#: Colours of lines that differ in another parameter; of more lines, from a scale.
LINES = ("blue", "red", "green", "orange", "purple", "sky")
#: Lines that a legend names, at most.
NAMED = 12
#: Kinds of lines of measures that share a panel.
STYLES: tuple[Any, ...] = ("-", (0, (4, 2)), (0, (1, 1.5)), (0, (6, 2, 1, 2)))
#: Letters of a line of a label.
WIDTH = 24
#: Values along x up to which each has a dot.
DOTS = 60

Labels = Mapping[str, tuple[str, str]]


@styled
def draw(
    found: pd.DataFrame,
    *,
    x: str,
    y: str | None,
    panels: Sequence[Sequence[str]],
    log: Sequence[str],
    labels: Labels,
    **_: Any,
) -> Figure:
    """Draw measures of a sweep.

    Parameters
    ----------
    found
        The table of the sweep.
    x, y
        Columns of the parameters along the axes; without y lines are drawn, with it maps.
    panels
        Columns of the measures of each panel; of a map one.
    log
        Axes with a logarithmic scale, of ``x``, ``y`` and ``colour``.
    labels
        Column → what it is called, and its unit; of all parameters, too.

    Returns
    -------
    Figure
    """
    if y is not None:
        return _maps(found, x, y, [panel[0] for panel in panels], log, labels)
    fig = figure(COLUMN, 1.4 + 4.4 * len(panels))
    every = fig.subplots(len(panels), 1, sharex=True, squeeze=False)[:, 0]
    numbers = pd.api.types.is_numeric_dtype(found[x])
    place = {value: i for i, value in enumerate(dict.fromkeys(found[x]))}
    exponent = _exponent(found[x]) if numbers and "x" not in log else 0
    at = found[x] / 10.0**exponent if numbers else found[x].map(place)
    others = list(_others(found, x, labels))
    states = _states(found)
    marks: dict[str, str] = {}
    for axes, panel in zip(every, panels, strict=True):
        shift = _exponent(found[panel].abs().max()) if "y" not in log else 0
        for number, (_name, rows) in enumerate(others):
            colour = _colour(number, len(others))
            for measure, kind in zip(panel, STYLES, strict=False):
                values = found[measure][rows] / 10.0**shift
                _line(axes, at[rows], values, states[rows], colour, kind)
            for status, where in at[rows].groupby(found["status"][rows]):
                _mark(axes, status, where.unique(), number, colour)
                marks[str(status)] = colour if len(others) == 1 else COLOURS["black"]
        text, unit = labels[panel[0]]
        text = text[:1].upper() + text[1:] if len(panel) == 1 else _shared(panel, labels)
        axes.set_ylabel(_wrapped(with_unit(text, unit, shift).strip()))
        if "y" in log:
            axes.set_yscale("log")
        axes.margins(y=0.12)
        if len(panel) > 1:
            shown = [Line2D([], [], color=COLOURS["black"], linestyle=k) for k in STYLES]
            axes.legend(shown[: len(panel)], [labels[name][0] for name in panel], loc="best")
    every[-1].set_xlabel(with_unit(*labels[x], exponent) if numbers else labels[x][0])
    if "x" in log:
        every[-1].set_xscale("log")
    if not numbers:
        every[-1].set_xticks(list(place.values()), list(place))
    _legend(fig, others, marks)
    fig.align_ylabels(list(every))
    return fig


def _shared(panel: Sequence[str], labels: Labels) -> str:
    """Return the words with which the labels of all measures of a panel begin."""
    every = zip(*[labels[name][0].split() for name in panel], strict=False)
    words = [some[0] for some in takewhile(lambda some: len(set(some)) == 1, every)]
    return " ".join(words).capitalize()


def _others(found: pd.DataFrame, x: str, labels: Labels) -> Iterator[tuple[str, pd.Series]]:
    """Yield name and rows of each line: one for each experiment and value of other parameters."""
    columns = list(found.columns)
    keys = ["experiment", *columns[1 : columns.index("seed")]]
    keys = [key for key in keys if key != x and found[key].nunique() > 1]
    if not keys:
        yield "", pd.Series(True, found.index)
        return
    for values, rows in found.groupby(keys, sort=False):
        parts = [
            str(value) if key == "experiment" else f"{labels[key][0]} = {_short(value)}"
            for key, value in zip(keys, values, strict=True)
        ]
        yield ", ".join(parts), found.index.to_series().isin(rows.index)


def _short(value: Any) -> str:
    return signed(value, ".4g") if isinstance(value, float) else str(value)


def _colour(number: int, count: int) -> str:
    if count <= len(LINES):
        return COLOURS[LINES[number]]
    return mpl.colors.to_hex(mpl.colormaps[SEQUENTIAL](0.92 * number / (count - 1)))


def _states(found: pd.DataFrame) -> pd.Series:
    """Return for each row a word for the fixed point that it starts from."""
    full = np.where(found["status"] == SATURATED, f" {SATURATED}", "")
    return found["steady.number"].astype(str) + full


def _line(
    axes: Axes, at: pd.Series, values: pd.Series, states: pd.Series, colour: str, kind: Any
) -> None:
    """Draw the mean over seeds, and from the smallest to the largest of them.

    The line breaks where the fixed point is another one: nothing is between the two.
    """
    rows = pd.DataFrame({"value": values, "state": states}).groupby(at)
    found = rows["value"].agg(["mean", "min", "max", "count"])
    state = rows["state"].first()
    for _, part in found.groupby((state != state.shift()).cumsum()):
        dots: dict[str, Any] = {}
        if state[part.index[0]].endswith(SATURATED):
            dots = {"marker": SQUARE, "markersize": 3.5, "mew": 0.8, "markerfacecolor": "white"}
        elif len(found) <= DOTS or len(part) == 1:
            dots = {"marker": "o", "markersize": 2.2}
        axes.plot(part.index, part["mean"], color=colour, linestyle=kind, **dots)
        if part["count"].max() > 1:
            axes.fill_between(
                part.index, part["min"], part["max"], color=colour, alpha=0.22, linewidth=0
            )


def _mark(axes: Axes, status: str, where: Any, number: int, colour: str) -> None:
    """Mark at the foot of a panel what was not run, and above it what is doubtful."""
    across = axes.get_xaxis_transform()
    if status in NOT_RUN:
        look: dict[str, Any] = {"marker": NOT_RUN[status][1], "markersize": 4, "mew": 0.8}
    elif status in DOUBTFUL:
        look = {"marker": "o", "markersize": 3, "mew": 0.7, "markerfacecolor": "white"}
    else:
        return
    heights = np.full(len(where), 0.03 + 0.03 * number)
    axes.plot(where, heights, linestyle="none", color=colour, transform=across, **look)


def _legend(fig: Figure, others: Sequence[tuple[str, Any]], marks: Mapping[str, str]) -> None:
    handles: list[Line2D] = []
    step = -(-len(others) // NAMED)
    for number, (name, _) in enumerate(others):
        if name and number % step == 0:
            colour = _colour(number, len(others))
            handles.append(Line2D([], [], color=colour, label=name))
    for status, colour in marks.items():
        look: dict[str, Any] = {"linestyle": "none", "color": colour, "markersize": 4}
        if status in NOT_RUN:
            text, mark = NOT_RUN[status]
            handles.append(Line2D([], [], marker=mark, label=text, **look))
        elif status == SATURATED:
            look |= {"marker": SQUARE, "markerfacecolor": "white"}
            handles.append(Line2D([], [], label=FULL, **look))
        elif status in DOUBTFUL:
            text = DOUBTFUL[status]
            handles.append(Line2D([], [], marker="o", markerfacecolor="white", label=text, **look))
    if handles:
        fig.legend(handles=handles, loc="outside upper center", ncols=min(3, len(handles)))


def _maps(
    found: pd.DataFrame,
    x: str,
    y: str,
    measures: Sequence[str],
    log: Sequence[str],
    labels: Labels,
) -> Figure:
    columns = 1 if len(measures) == 1 else 2
    rows = -(-len(measures) // columns)
    fig = figure(COLUMN, 1.2 + (7.6 if columns == 1 else 5.4) * rows)
    every = fig.subplots(rows, columns, squeeze=False, sharex=True, sharey=True)
    across, up = (0 if a in log else _exponent(found[c]) for a, c in (("x", x), ("y", y)))
    for axes, measure in zip(every.flat, measures, strict=False):
        grid = found.pivot_table(index=y, columns=x, values=measure, dropna=False)
        shift = 0 if "colour" in log else _exponent(grid.max(axis=None))
        values = np.ma.masked_invalid(grid.to_numpy(float) / 10.0**shift)
        norm = {"norm": LogNorm()} if "colour" in log else {}
        axes.set_facecolor("#DDDDDD")
        drawn = axes.pcolormesh(
            grid.columns / 10.0**across, grid.index / 10.0**up, values,
            cmap=SEQUENTIAL, shading="nearest", rasterized=True, **norm,
        )  # fmt: skip
        text, unit = labels[measure]
        text = text[:1].upper() + text[1:]
        fig.colorbar(drawn, ax=axes, label=_wrapped(with_unit(text, unit, shift)))
        for scale, name in (("x", axes.set_xscale), ("y", axes.set_yscale)):
            if scale in log:
                name("log")
    for axes in every.flat[len(measures) :]:
        axes.set_visible(False)
    for axes in every.flat[max(0, len(measures) - columns) : len(measures)]:
        axes.tick_params(labelbottom=True)
        axes.set_xlabel(with_unit(*labels[x], across))
    for axes in every[:, 0]:
        axes.set_ylabel(with_unit(*labels[y], up))
    return fig


def _exponent(values: Any) -> int:
    return power_of_ten(float(np.nanmax(np.abs(values))) if np.any(pd.notna(values)) else 0.0)


def _wrapped(label: str) -> str:
    """Return a long label in several lines, the unit in the last."""
    text, bracket, unit = label.partition(" (")
    lines = textwrap.wrap(text, WIDTH) if "$" not in text else [text]
    return "\n".join([*lines, f"({unit}"]) if bracket and len(label) > WIDTH else label


def caption(
    found: pd.DataFrame,
    *,
    name: str,
    x: str,
    y: str | None,
    panels: Sequence[Sequence[str]],
    labels: Labels,
    **_: Any,
) -> str:
    """Return the caption, with what was run and what came of it.

    Parameters
    ----------
    found, x, y, panels, labels
        As of `draw`.
    name
        Of the sweep.

    Returns
    -------
    str
    """
    seeds = found["seed"].nunique()
    models = ", ".join(dict.fromkeys(found["experiment"].astype(str)))
    names = [name for panel in panels for name in panel]
    traces = {name.rpartition(".")[0] for name in names} - {"steady"}
    what = ", ".join(labels[name][0] for name in names)
    what += f" (of {quantity(traces.pop())})" if len(traces) == 1 else ""
    along = labels[x][0] if y is None else f"{labels[x][0]} and {labels[y][0]}"
    text = f"Sweep {name}: {what}, against {along}, of {models}. {len(found)} runs"
    if seeds > 1:
        text += f" with {seeds} seeds: mean" + (
            ", and shaded from the smallest to the largest. " if y is None else ". "
        )
    else:
        text += ". "
    counts = found["status"].value_counts()
    words = {status: text for status, (text, _) in NOT_RUN.items()} | DOUBTFUL
    words[SATURATED] = FULL
    said = [f"{n} with {words[status]}" for status, n in counts.items() if status in words]
    if said:
        text += f"{'Marked' if y is None else 'Among them'}: {', '.join(said)}. "
    if y is not None:
        text += "Grey: no value. "
    elif found["steady.number"].nunique() > 1 or (found["status"] == SATURATED).any():
        text += "Lines break where the fixed point is another one, or saturated. "
    warned = found["warnings"].dropna() if "warnings" in found else pd.Series(dtype=str)
    if (warned := warned[warned != ""]).size:
        guards = sorted({guard for words in warned for guard in words.split("; ")})
        text += f"With warnings of guards: {warned.size} ({', '.join(guards)}). "
    return text.strip()
