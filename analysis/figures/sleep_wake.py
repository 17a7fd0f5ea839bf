"""Sleep and wake in the plane of loop strengths X and Y: states, and where stability ends."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.colors import LinearSegmentedColormap, LogNorm
from matplotlib.figure import Figure

from analysis.figures.style import COLOURS, PAGE, PURE, SEQUENTIAL, figure, panel_letter, styled
from nftsim.errors import NftsimError
from nftsim.model import load_model
from nftsim.theory.arousal import Arousal, Boundary
from nftsim.theory.fixed_points import steady_states
from nftsim.theory.loop_gains import loop_gains
from nftsim.theory.stability import stability

#: Strengths X at which the boundary is computed, and the range shown.
X = np.linspace(0.0, 0.999, 400)
SHOWN_X, SHOWN_Y = (0.0, 1.0), (-1.0, 1.0)
#: Range of the colours [Hz]; slower ones, as where X + Y = 1, are grey.
FREQUENCIES = (2.0, 40.0)
#: The darker part of the usual colours: yellow lines are hardly seen on white.
DARK = LinearSegmentedColormap.from_list(
    "dark", mpl.colormaps[SEQUENTIAL](np.linspace(0, 0.75, 256))
)
#: Line styles of the strengths Z, the smallest first.
STYLES = ("solid", (0, (5, 1.5)), (0, (2.5, 1.5)), (0, (1, 1.2)))


@dataclass(frozen=True)
class State:
    """A state of arousal: loop strengths at the lowest fixed point of a model of the library.

    Attributes
    ----------
    name
        Of the model.
    x, y, z
        Loop strengths.
    growth, frequency
        Of the deviation that decays most slowly, of any wavenumber [s⁻¹] and [Hz].
    """

    name: str
    x: float
    y: float
    z: float
    growth: float
    frequency: float


def state(path: str | Path) -> State:
    """Return the state of a corticothalamic model.

    Raises
    ------
    NftsimError
        If it is none, so that X, Y and Z do not exist.
    """
    model = load_model(path)
    lowest = steady_states(model).lowest
    found = loop_gains(model, lowest)
    if found is None or found.z is None:
        raise NftsimError(f"{path}: is no corticothalamic model, so it has no X, Y and Z")
    root = stability(model, lowest).dominant
    assert root is not None
    return State(model.name, found.x, found.y, found.z, root.growth, root.frequency)


@dataclass(frozen=True)
class Panel:
    """States that share one picture, and whose rates its boundaries have."""

    name: str
    arousal: Arousal
    states: list[State]


def panel(rates: str | Path, states: Sequence[str | Path]) -> Panel:
    """Return a panel: boundaries by the rates and delays of one model, and states of some."""
    model = load_model(rates)
    return Panel(model.name, Arousal.of(model), [state(path) for path in states])


@styled
def draw(panels: Sequence[Panel], z: Sequence[float]) -> Figure:
    """Draw states, and the boundary of stability for some Z.

    Parameters
    ----------
    panels
        Side by side.
    z
        Strengths Z, growing; at most as many as there are line styles.

    Returns
    -------
    Figure
    """
    fig = figure(PAGE, 9.5)
    places = fig.subplots(1, len(panels), sharex=True, sharey=True, squeeze=False)[0]
    for index, (axes, one) in enumerate(zip(places, panels, strict=True)):
        for value, style in zip(z, STYLES, strict=False):
            for end in one.arousal.boundaries(X, value):
                lines = _line(axes, end, style)
        axes.axhline(0, color=COLOURS["grey"], linewidth=0.4, zorder=0)
        for number, each in enumerate(one.states):
            _mark(axes, each, above=number == 0)
        a = one.arousal
        axes.set_title(
            f"{panel_letter(index)}  α = {a.alpha:.3g}, β = {a.beta:.3g} s⁻¹", loc="left"
        )
        axes.set_xlabel(f"$X$, loops within the cortex ({PURE})")
    places[0].set_xlim(*SHOWN_X)
    places[0].set_ylim(*SHOWN_Y)
    places[0].set_ylabel(f"$Y$, loops through the thalamus ({PURE})")
    for value, style in zip(z, STYLES, strict=False):
        places[0].plot([], [], color="black", linestyle=style, label=f"boundary, $Z$ = {value:g}")
    places[0].plot([], [], color=COLOURS["grey"], linewidth=1.4, label="boundary, no oscillation")
    for stable in (True, False):
        face = COLOURS["red"] if stable else "white"
        label = "stable state of a model" if stable else "unstable state of a model"
        places[0].plot([], [], "o", color=COLOURS["red"], markerfacecolor=face, markersize=5,
                       label=label)  # fmt: skip
    fig.legend(loc="outside lower center", ncols=4)
    bar = fig.colorbar(lines, ax=list(places), ticks=[2, 3, 5, 10, 20, 40], format="%g")
    bar.ax.minorticks_off()
    bar.set_label("Frequency on the boundary (Hz)")
    return fig


def _line(axes: Axes, end: Boundary, style: object) -> LineCollection:
    points = np.column_stack([end.x, end.y])
    segments = np.stack([points[:-1], points[1:]], axis=1)
    frequency = 0.5 * (end.frequency[:-1] + end.frequency[1:])
    # a jump from one instability to another is no line
    near = np.abs(np.diff(end.y)) < 0.2
    cycling = near & (frequency >= FREQUENCIES[0])
    slow = near & (frequency < FREQUENCIES[0])
    axes.plot(
        np.where(slow, end.x[:-1], np.nan),
        np.where(slow, end.y[:-1], np.nan),
        color=COLOURS["grey"],
        linewidth=1.4,
    )
    drawn = _joined(segments, frequency, cycling, style)
    axes.add_collection(drawn)
    return drawn


def _joined(
    segments: np.ndarray, frequency: np.ndarray, shown: np.ndarray, style: object
) -> LineCollection:
    # dashes restart with each segment, so several are joined to one
    pieces, colours = [], []
    step = 50
    for i in range(0, len(segments), step):
        part = np.arange(i, min(i + step, len(segments)))
        part = part[shown[part]]
        if len(part):
            pieces.append(np.vstack([segments[part][:, 0], segments[part[-1]][1:]]))
            colours.append(float(frequency[part].mean()))
    norm = LogNorm(*FREQUENCIES)
    drawn = LineCollection(pieces, cmap=DARK, norm=norm, linewidths=1.6, linestyles=[style])
    drawn.set_array(np.array(colours))
    return drawn


def _mark(axes: Axes, one: State, *, above: bool) -> None:
    face = COLOURS["red"] if one.growth < 0 else "white"
    axes.plot(one.x, one.y, "o", color=COLOURS["red"], markerfacecolor=face, markersize=5, zorder=4)
    axes.annotate(
        f"{one.name}\n$Z$ = {one.z:.2f}",
        (one.x, one.y),
        xytext=(-7, -5 if above else -3),
        textcoords="offset points",
        ha="right",
        va="bottom" if above else "top",
        fontsize=7.5,
        linespacing=1.0,
    )


def caption(panels: Sequence[Panel], z: Sequence[float]) -> str:
    """Return the caption, with the numbers.

    Parameters
    ----------
    panels, z
        As in `draw`.

    Returns
    -------
    str
    """
    places = "; ".join(
        f"{s.name}: X = {s.x:.4f}, Y = {s.y:.4f}, Z = {s.z:.4f}, {s.growth:.2f} s⁻¹ at "
        f"{s.frequency:.1f} Hz"
        for one in panels
        for s in one.states
    )
    rates = "; ".join(
        f"{panel_letter(i)} {one.name}, α = {one.arousal.alpha:.4g}, β = {one.arousal.beta:.4g}, "
        f"γ = {one.arousal.gamma:.4g} s⁻¹, delay {1e3 * one.arousal.delay:.3g} ms"
        for i, one in enumerate(panels)
    )
    shown = ", ".join(f"{value:g}" for value in z)
    return (
        "States of the corticothalamic system by the strengths of its loops: within the cortex "
        "(X), through the thalamus (Y) and within it (Z), after Robinson, Rennie & Rowe 2002. "
        f"Lines: where linear stability ends, above and below Y = 0, for Z = {shown}, by the "
        "equation for X, Y and Z alone; coloured by the frequency of the oscillation that begins "
        f"there, grey where there is none (X + Y = 1). Rates and delays are those of: {rates}. "
        "Dots: the lowest fixed points of models of the library, filled if stable; their growth "
        f"rates, by the full equations and of any wavenumber: {places}. The equation for X, Y "
        "and Z is an approximation, and near its lines the full equations may decide otherwise."
    )
