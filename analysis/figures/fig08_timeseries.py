"""Figure 8: time series of φ_ee of `e-erps` at both stimulated nodes and beside them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from numpy.typing import NDArray
from scipy import stats

from analysis.drive import stimuli
from analysis.figures.style import (
    COLOURS,
    COLUMN,
    NEGATIVE,
    PAGE,
    POSITIVE,
    clock,
    figure,
    panel_letter,
    signed,
    styled,
)
from nftsim.components.base import array
from nftsim.components.stimuli import Stimulus
from nftsim.errors import NftsimError
from nftsim.io.hdf5 import open_run
from nftsim.model import Model


@dataclass(frozen=True)
class Site:
    """A stimulated node, and what acts there; or any other node to look at.

    Attributes
    ----------
    node
        Its number, from 1.
    onset
        When the stimulus begins [s].
    amplitude
        Of the stimulus [s⁻¹]; 0 if it has none, or nothing acts.
    nodes
        All nodes that it acts on; empty if nothing acts.
    """

    node: int
    onset: float = 0.0
    amplitude: float = 0.0
    nodes: tuple[int, ...] = ()

    @property
    def colour(self) -> str:
        """Red for a positive stimulus, blue for a negative, purple for another, black for none."""
        if self.amplitude == 0:
            return COLOURS["purple" if self.nodes else "black"]
        return POSITIVE if self.amplitude > 0 else NEGATIVE

    @property
    def kind(self) -> str:
        """Sign of the stimulus, in words; empty if it has none."""
        if self.amplitude == 0:
            return ""
        return "positive" if self.amplitude > 0 else "negative"

    @property
    def title(self) -> str:
        """What acts, and where."""
        if not self.nodes:
            return f"node {self.node}"
        acts = f"{self.kind} stimulus".strip()
        many = len(self.nodes)
        return f"{acts}, {f'{many} nodes, here ' if many > 1 else ''}node {self.node}"


def stimulus_sites(model: Model) -> list[Site]:
    """Return the sites of all stimuli of a model that act on some of the nodes.

    Parameters
    ----------
    model
        The model.

    Returns
    -------
    list of Site
        In the order of the model file; where a stimulus acts on several nodes, the middle one by
        number is the site.

    Raises
    ------
    NftsimError
        If there is none.
    """
    sites = [
        Site(nodes[len(nodes) // 2], s.onset, amplitude(s, nodes), nodes)
        for _, s in stimuli(model)
        if 0 < len(nodes := tuple(sorted(set(s.node)))) < model.nodes
    ]
    if not sites:
        raise NftsimError(
            f"{model.name}: no stimulus acts on some nodes only, to draw series around. Give its "
            "stimulus population a pulse with 'Node: <numbers>'."
        )
    return sites


def amplitude(stimulus: Stimulus, nodes: tuple[int, ...]) -> float:
    """Return the amplitude of a stimulus, the largest at these nodes (none: at any); 0 without."""
    values = np.atleast_1d(array(getattr(stimulus, "amplitude", 0.0)))
    here = values[np.array(nodes) - 1] if nodes and len(values) > 1 else values
    return float(here[np.abs(here).argmax()])


@dataclass(frozen=True)
class Lanes:
    """What is drawn of a field around some sites.

    Attributes
    ----------
    time
        Shape (time,) [s].
    deviation
        From the mean over space, shape (time, y, x) [`unit`].
    sites
        One for each panel.
    events
        Times [s] at which something begins, and their colours.
    spacing
        Between nodes [m].
    unit
        Of the field.
    name
        What the field is called, for the scale.
    """

    time: NDArray[np.float64]
    deviation: NDArray[np.float64]
    sites: list[Site]
    spacing: float
    unit: str = "s⁻¹"
    name: str = r"$\phi_{ee}$"
    events: tuple[tuple[float, str], ...] = ()

    def node(self, site: Site, offset: int) -> int:
        """Return the number of the node `offset` along x from a site, over the seam if need be."""
        y, x = divmod(site.node - 1, self.deviation.shape[2])
        return y * self.deviation.shape[2] + (x + offset) % self.deviation.shape[2] + 1

    def around(self, site: Site, offset: int) -> NDArray[np.float64]:
        """Series `offset` nodes along x from a site, across the seam of the torus if need be."""
        y, x = divmod(site.node - 1, self.deviation.shape[2])
        return self.deviation[:, y, (x + offset) % self.deviation.shape[2]]


def _read(run_path: str | Path, trace: str) -> Lanes:
    with open_run(run_path) as run:
        field = run.trace(trace)
        spacing = run.extent(trace)[1] / field.shape[2]
        sites = stimulus_sites(run.model)
        time = np.asarray(run.time)
    # Every node drifts alike from the initial rate to the fixed point; the waves are what differs.
    deviation = field - field.mean(axis=(1, 2), keepdims=True)
    events = tuple((site.onset, site.colour) for site in sites)
    return Lanes(time, deviation, sites, spacing, events=events)


@styled
def draw(run_path: str | Path, trace: str = "propagator.1.phi", reach: int = 8) -> Figure:
    """Draw one panel for each stimulated node.

    Parameters
    ----------
    run_path
        HDF5 run file with all nodes of the trace; its model says where and when the stimuli act.
    trace
        Name of the trace.
    reach
        Neighbours shown on each side along x.

    Returns
    -------
    Figure
    """
    return lanes(_read(run_path, trace), reach)


@styled
def lanes(series: Lanes, reach: int = 8) -> Figure:
    """Draw one panel for each site.

    Parameters
    ----------
    series
        The field and the sites.
    reach
        Neighbours shown on each side along x.

    Returns
    -------
    Figure
    """
    count = len(series.sites)
    rows = -(-count // 2)
    fig = figure(PAGE if count > 1 else COLUMN, 11.2 * rows)
    panels = fig.subplots(rows, min(2, count), sharex=True, squeeze=False).ravel()
    for axes in panels[count:]:
        axes.set_visible(False)
    for index, (axes, site) in enumerate(zip(panels, series.sites, strict=False)):
        _panel(axes, series, site, reach)
        letter = f"{panel_letter(index)}  " if count > 1 else ""
        axes.set_title(f"{letter}{site.title}", loc="left", weight="bold")
    _legend(fig, series, reach)
    return fig


def _legend(fig: Figure, series: Lanes, reach: int) -> None:
    """Say below the panels what the colours are."""
    lines = {site.colour: f"{site.kind} stimulus".strip() for site in series.sites if site.nodes}
    lines = {colour: f"node of a {words}" for colour, words in lines.items()}
    if not lines:
        lines = {series.sites[0].colour: "node named above"}
    lines[COLOURS["grey"]] = f"up to {reach} nodes beside it along x"
    handles = [Line2D([], [], color=colour, label=words) for colour, words in lines.items()]
    colours = sorted({colour for _, colour in series.events})
    if colours:
        colour = colours[0] if len(colours) == 1 else COLOURS["black"]
        handles.append(
            Line2D([], [], color=colour, linestyle="--", linewidth=0.9, label="stimulus begins")
        )
    fig.legend(
        handles=handles,
        loc="outside lower center",
        ncols=2 if len(fig.axes) < 2 else 4,
        title="deviation from the mean over the sheet",
        title_fontsize="medium",
    )


def _panel(axes: Axes, series: Lanes, site: Site, reach: int) -> None:
    peak = float(np.abs(series.around(site, 0)).max()) or 1.0
    # Neighbours are nearly as large as their distance allows: a third of the peak keeps them apart,
    # but for noise, which is large all the time and not only for a while.
    usual = 1.48 * float(stats.median_abs_deviation(series.around(site, 0)))
    step = max(0.35 * peak, 4 * usual)
    scale, unit = clock(series.time[-1])
    time = scale * series.time
    for offset in range(-reach, reach + 1):
        if offset:
            values = series.around(site, offset) + offset * step
            too = series.node(site, offset) in site.nodes
            axes.plot(time, values, color=site.colour if too else COLOURS["grey"], linewidth=0.7)
    axes.plot(time, series.around(site, 0), color=site.colour, linewidth=1.3, zorder=3)
    for onset, colour in series.events:
        axes.axvline(scale * onset, color=colour, linestyle="--", linewidth=0.9, zorder=1)
    ticks = np.arange(-reach, reach + 1, max(1, reach // 4))
    labels = [signed(100 * series.spacing * t, "+.1f") if t else "0" for t in ticks]
    axes.set_yticks(ticks * step, labels=labels)
    axes.set(
        xlabel=f"Time ({unit})",
        ylabel="Distance along x (cm)",
        xlim=(time[0] if time[0] > 0.2 * time[-1] else min(0.0, time[0]), time[-1]),
    )
    _scale_bar(axes, peak, series.unit, series.name)


def _scale_bar(axes: Axes, peak: float, unit: str, name: str) -> None:
    """Draw a vertical bar of a round height, with its value."""
    exponent = int(np.floor(np.log10(peak)))
    height = 10.0**exponent * max(d for d in (1, 2, 5) if d * 10.0**exponent <= peak)
    lower, upper = axes.get_ylim()
    axes.set_ylim(lower, upper + 0.12 * (upper - lower))
    lower, upper = axes.get_ylim()
    start, end = axes.get_xlim()
    x, top = start + 0.66 * (end - start), upper - 0.02 * (upper - lower)
    axes.plot([x, x], [top - height, top], color=COLOURS["black"], linewidth=1.5)
    label = f"{name}\n" + rf"{height / 10.0**exponent:g}$\times$10$^{{{exponent}}}$ {unit}"
    axes.annotate(
        label, (x, top - height / 2), xytext=(4, 0), textcoords="offset points", va="center"
    )


def caption(run_path: str | Path, trace: str = "propagator.1.phi", reach: int = 8) -> str:
    """Return the caption, with the numbers.

    Parameters
    ----------
    run_path, trace, reach
        As in `draw`.

    Returns
    -------
    str
    """
    series = _read(run_path, trace)
    listed = "; ".join(
        f"{panel_letter(i)} node {s.node}, {_stimulated(s)}, where the deviation peaks at "
        f"{_extreme(series.around(s, 0)):+.2g} s⁻¹"
        for i, s in enumerate(series.sites)
    )
    return (
        f"Axonal field φ_ee of e-erps at the stimulated nodes (colour) and up to {reach} nodes "
        f"away on either side along x (grey), {1e3 * series.spacing:.2f} mm apart, as deviation "
        f"from the mean over space, shifted vertically by distance. {listed}. Dashed lines: onsets "
        "of the positive (red) and negative (blue) stimulus."
    )


def _stimulated(site: Site) -> str:
    """Return how and when a site is stimulated, in words."""
    beside = f" with {len(site.nodes) - 1} more" if len(site.nodes) > 1 else ""
    how = f" {site.kind}ly" if site.kind else ""
    strength = f"{site.amplitude:+g} s⁻¹ " if site.kind else ""
    return f"stimulated{beside}{how} ({strength}from {1e3 * site.onset:g} ms)"


def _extreme(values: NDArray[np.float64]) -> float:
    return float(values[np.abs(values).argmax()])
