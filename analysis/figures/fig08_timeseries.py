"""Figure 8: time series of φ_ee of `e-erps` at both stimulated nodes and beside them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray
from scipy import stats

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
from nftsim.errors import NftsimError
from nftsim.io.hdf5 import open_run
from nftsim.model import Model


@dataclass(frozen=True)
class Site:
    """A stimulated node (from 1), its onset [s] and amplitude [s⁻¹]; 0 where nothing acts."""

    node: int
    onset: float = 0.0
    amplitude: float = 0.0

    @property
    def colour(self) -> str:
        """Red for a positive stimulus, blue for a negative one, and black for none."""
        if self.amplitude == 0:
            return COLOURS["black"]
        return POSITIVE if self.amplitude > 0 else NEGATIVE

    @property
    def kind(self) -> str:
        """Sign of the stimulus, in words."""
        return "positive" if self.amplitude > 0 else "negative"


def stimulus_sites(model: Model) -> list[Site]:
    """Return the sites of all pulses of a model that act on a single node.

    Parameters
    ----------
    model
        The model.

    Returns
    -------
    list of Site
        In the order of the model file.

    Raises
    ------
    NftsimError
        If there is none.
    """
    stimuli = [s for population in model.populations for s in population.stimuli]
    sites = [
        Site(s.node[0], s.onset, float(s.amplitude))
        for s in stimuli
        if len(s.node) == 1 and hasattr(s, "amplitude")
    ]
    if not sites:
        raise NftsimError(
            f"{model.name}: no stimulus has an amplitude and a single node to draw series around. "
            "Give its stimulus population a pulse with 'Node: <one number>'."
        )
    return sites


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
    return Lanes(time, deviation, sites, spacing)


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
    fig = figure(PAGE if count > 1 else COLUMN, 10.5)
    panels = fig.subplots(1, count, sharex=True, squeeze=False)[0]
    for index, (axes, site) in enumerate(zip(panels, series.sites, strict=True)):
        _panel(axes, series, site, reach)
        letter = f"{panel_letter(index)}  " if count > 1 else ""
        acts = f"{site.kind} stimulus, " if site.amplitude else ""
        axes.set_title(f"{letter}{acts}node {site.node}", loc="left", weight="bold")
    return fig


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
            axes.plot(time, values, color=COLOURS["grey"], linewidth=0.7)
    axes.plot(time, series.around(site, 0), color=site.colour, linewidth=1.3, zorder=3)
    for other in (s for s in series.sites if s.amplitude):
        axes.axvline(
            scale * other.onset, color=other.colour, linestyle="--", linewidth=0.9, zorder=1
        )
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
        f"{panel_letter(i)} node {s.node}, stimulated {s.kind}ly ({s.amplitude:+g} s⁻¹ from "
        f"{1e3 * s.onset:g} ms), where the deviation peaks at "
        f"{_extreme(series.around(s, 0)):+.2g} s⁻¹"
        for i, s in enumerate(series.sites)
    )
    return (
        f"Axonal field φ_ee of e-erps at the stimulated nodes (colour) and up to {reach} nodes "
        f"away on either side along x (grey), {1e3 * series.spacing:.2f} mm apart, as deviation "
        f"from the mean over space, shifted vertically by distance. {listed}. Dashed lines: onsets "
        "of the positive (red) and negative (blue) stimulus."
    )


def _extreme(values: NDArray[np.float64]) -> float:
    return float(values[np.abs(values).argmax()])
