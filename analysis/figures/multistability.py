"""Fixed points of models along a synaptic strength: branches, folds, and where cycles begin."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullFormatter

from analysis.figures.style import COLOURS, PAGE, figure, panel_letter, styled
from analysis.files import read_json

#: Lowest rate shown [s⁻¹].
LOWEST = 1.0
#: Kind of event → marker, colour, name.
MARKS = {
    "fold": ("o", COLOURS["black"], "fold"),
    "branch point": ("s", COLOURS["purple"], "branch point"),
    "hopf": ("^", COLOURS["orange"], "Hopf point"),
    "zero": ("D", COLOURS["green"], "instability in space"),
}

Branches = dict[str, Any]


def read(path: str | Path) -> Branches:
    """Return the branches in a JSON file, as `Branches.to_dict` gives them, with ``name``."""
    found: Branches = read_json(path)
    return found


@styled
def draw(models: Sequence[Branches]) -> Figure:
    """Draw one panel for each model: the rate of its first population.

    Parameters
    ----------
    models
        What `read` gives.

    Returns
    -------
    Figure
    """
    fig = figure(PAGE, 8.0)
    panels = fig.subplots(1, len(models), sharey=True, squeeze=False)[0]
    for index, (axes, found) in enumerate(zip(panels, models, strict=True)):
        for branch in found["branches"]:
            _branch(axes, branch)
        if found["present"] is not None:
            axes.axvline(
                1e3 * found["present"],
                color=COLOURS["black"],
                linewidth=0.8,
                linestyle=":",
                zorder=1,
            )
        axes.set_title(f"{panel_letter(index)}  {found['name']}", loc="left", weight="bold")
        axes.set_xlabel(r"Strength $\nu_{se}$ (mV s)")
        axes.set_xlim(1e3 * found["from"], 1e3 * found["to"])
    panels[0].set_yscale("log")
    panels[0].set_ylim(LOWEST, 500)
    panels[0].yaxis.set_major_locator(LogLocator(numticks=5))
    panels[0].yaxis.set_minor_formatter(NullFormatter())
    panels[0].set_ylabel(r"Rate of excitatory neurons $Q_e$ (s$^{-1}$)")
    _legend(fig, panels[0], models)
    return fig


def _branch(axes: Axes, branch: dict[str, Any]) -> None:
    x, y = 1e3 * np.array(branch["values"]), np.array(branch["Q"])[:, 0]
    stable = np.array([s is not False for s in branch["stable"]])
    for wanted, style, colour, width in (
        (True, "-", COLOURS["blue"], 1.6),
        (False, (0, (3, 1.5)), COLOURS["red"], 1.0),
    ):
        shown = stable == wanted
        # to the points beside, so that no gaps are left
        reach = shown.copy()
        if not wanted:
            reach[1:] |= shown[:-1]
            reach[:-1] |= shown[1:]
        axes.plot(
            np.where(reach, x, np.nan),
            np.where(reach, y, np.nan),
            linestyle=style,
            color=colour,
            linewidth=width,
            zorder=3 if wanted else 2,
        )
    for event in branch["events"]:
        if shown_event(event):
            marker, colour, _ = MARKS[event["kind"]]
            axes.plot(
                1e3 * event["value"],
                event["Q"][0],
                marker,
                color=colour,
                markerfacecolor="white",
                markersize=4,
                zorder=4,
                clip_on=False,
            )


def shown_event(event: dict[str, Any]) -> bool:
    """Tell whether an event is marked: all but Hopf points where the state is unstable already."""
    return event["kind"] not in ("hopf", "zero") or bool(event["decides"])


def _legend(fig: Figure, axes: Axes, models: Sequence[Branches]) -> None:
    axes.plot([], [], "-", color=COLOURS["blue"], linewidth=1.6, label="stable")
    axes.plot([], [], linestyle=(0, (3, 1.5)), color=COLOURS["red"], label="unstable")
    kinds = {e["kind"] for m in models for b in m["branches"] for e in b["events"]}
    for kind, (marker, colour, name) in MARKS.items():
        if kind in kinds:
            axes.plot(
                [], [], marker, color=colour, markerfacecolor="white", markersize=4, label=name
            )
    axes.plot([], [], ":", color=COLOURS["black"], linewidth=0.8, label="strength in the model")
    # below, where it hides no branch
    fig.legend(loc="outside lower center", ncols=7)


def caption(models: Sequence[Branches]) -> str:
    """Return the caption, with the numbers.

    Parameters
    ----------
    models
        As in `draw`.

    Returns
    -------
    str
    """
    texts = [f"{panel_letter(i)} {_described(found)}" for i, found in enumerate(models)]
    sure = all(found["complete"] for found in models)
    return (
        "Fixed points along the strength of the connection from the cortex to the relay nuclei, "
        "ν_se, by pseudo-arclength continuation; after Sanz-Leon & Robinson 2017. Solid: stable, "
        "dashed: unstable, against deviations of every wavenumber of the grid. Circles: folds; "
        "triangles: Hopf points at which a state becomes stable or unstable; dotted: the strength "
        f"in the model. {'; '.join(texts)}. "
        + (
            "At every sampled strength the list of fixed points is certainly complete."
            if sure
            else "The list of fixed points is not certainly complete."
        )
    )


def _described(found: Branches) -> str:
    words = []
    for branch in found["branches"]:
        for event in branch["events"]:
            if not shown_event(event):
                continue
            text = f"{MARKS[event['kind']][2]} at {1e3 * event['value']:.4g} mV s"
            if event["kind"] == "hopf":
                text += f" ({event['frequency']:.1f} Hz)"
            words.append(text)
    return f"{found['name']}: {', '.join(words) or 'no events'}; {_most(found)}"


def _most(found: Branches) -> str:
    """Return the largest number of fixed points at one strength, and of stable ones, in words."""
    at = np.linspace(found["from"], found["to"], 2001)[1:-1]
    count, stable = np.zeros((2, len(at)), dtype=int)
    for branch in found["branches"]:
        values = np.array(branch["values"])
        both = np.array([s is not False for s in branch["stable"]])
        for i in range(len(values) - 1):
            inside = (at >= min(values[i : i + 2])) & (at < max(values[i : i + 2]))
            count += inside
            stable += inside & both[i] & both[i + 1]
    return f"up to {count.max()} fixed points, {stable.max()} of them stable"
