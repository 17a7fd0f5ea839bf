"""Time series of a run: around sites, as in Fig 8 of the paper, or node by node."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from analysis.drive import stimuli
from analysis.field import Field, read_field
from analysis.figures.fig08_timeseries import Lanes, Site, amplitude, lanes, stimulus_sites
from analysis.figures.quantities import quantity
from analysis.figures.snapshots import ALIKE
from analysis.figures.style import (
    COLOURS,
    COLUMN,
    clock,
    figure,
    legend_above,
    panel_letter,
    power_of_ten,
    styled,
    with_unit,
)
from nftsim.errors import NftsimError
from nftsim.io.hdf5 import open_run
from nftsim.model import Model

#: Curves in one panel, each with a colour and dashes of its own.
MOST = 8
#: Dashed lines at the beginnings of stimuli.
MOST_BEGINNINGS = 20
_COLOURS = [
    COLOURS[n] for n in ("blue", "red", "green", "black", "orange", "sky", "purple", "grey")
]
_DASHES = ("-", (0, (5, 1.5)), (0, (1.5, 1)), (0, (6, 1.5, 1.5, 1.5)))


def draw_run(
    path: str | Path,
    traces: Sequence[str] = (),
    nodes: Sequence[int] = (),
    *,
    start: float | None = None,
    stop: float | None = None,
) -> Figure:
    """Draw time series of a run.

    Parameters
    ----------
    path
        HDF5 run file.
    traces
        Their names, a panel each (default: the first field of a propagator, else the first trace).
    nodes
        Numbers from 1 of the nodes to draw (default: if all nodes of a single trace are there, one
        for each stimulus that acts on some nodes only, else that in the middle, each among its
        neighbours along x; otherwise the first `MOST` that are there).
    start, stop
        Times of the first and last sample [s].

    Returns
    -------
    Figure

    Raises
    ------
    NftsimError
        If the file is no run, lacks a trace or node, or has no two samples.
    """
    if len(nodes) > MOST:
        raise NftsimError(
            f"{len(nodes)} nodes in one panel cannot be told apart; name up to {MOST}"
        )
    fields = [
        read_field(path, trace, start=start, stop=stop, nodes=nodes or None)
        for trace in traces or (None,)
    ]
    if len(fields[0].time) < 2:
        raise NftsimError(f"{path}: one sample has no time series; take a longer part of the run")
    (first, *others) = fields
    with open_run(path) as run:
        begun = beginnings(run.model, first.time)
        if not others and not nodes and first.values.ndim == 3 and first.shape[1] > 1:
            try:
                sites = stimulus_sites(run.model)
            except NftsimError:  # it has none
                sites = [Site(middle(first))]
            around = around_sites(first, sites, begun)
            if around is not None:
                return around
        named = [run.model.parse_trace(field.name)[0] for field in fields]
        shared = [run.model.field_of(trace).single for trace in named]
    return by_node(fields, begun, shared)


def beginnings(model: Model, time: NDArray[np.float64]) -> list[tuple[float, str]]:
    """Return when the stimuli of a model begin within these times [s], and their colours.

    None if there are more than `MOST_BEGINNINGS`, which would hide the series.
    """
    colours = {}
    for _, stimulus in stimuli(model):
        sign = amplitude(stimulus, stimulus.node)
        for onset in stimulus.onsets(float(time[-1])):
            if onset >= time[0]:
                colours[onset] = Site(0, onset, sign, (0,)).colour
    return sorted(colours.items()) if len(colours) <= MOST_BEGINNINGS else []


def middle(field: Field) -> int:
    """Return the number, from 1, of the node in the middle of a sheet."""
    ny, nx = field.shape
    return ny // 2 * nx + nx // 2 + 1


def around_sites(
    field: Field, sites: Sequence[Site], begun: Sequence[tuple[float, str]] = ()
) -> Figure | None:
    """Draw a field at sites and beside them, or return None if it is the same everywhere."""
    grid = field.grid()
    deviation = grid - grid.mean(axis=(1, 2), keepdims=True)
    if np.ptp(deviation) <= ALIKE * np.abs(grid).max():
        return None
    nx = grid.shape[2]
    reach = min(8, (nx - 1) // 2)
    return lanes(
        Lanes(
            field.time,
            deviation,
            list(sites),
            field.extent[1] / nx,
            field.units,
            quantity(field.name),
            tuple(begun),
        ),
        reach,
    )


@styled
def by_node(
    fields: Sequence[Field],
    begun: Sequence[tuple[float, str]] = (),
    shared: Sequence[bool] = (),
) -> Figure:
    """Draw a panel for each field with a curve for each node, up to `MOST`.

    Parameters
    ----------
    fields
        With the same times.
    begun
        When stimuli begin [s], and the colour of each.
    shared
        Whether each field is a value that all nodes share (default: none is).

    Returns
    -------
    Figure
    """
    fig = figure(COLUMN, 1.4 + 4.6 * len(fields))
    panels = fig.subplots(len(fields), 1, sharex=True, squeeze=False)[:, 0]
    scale, unit = clock(fields[0].time[-1])
    for index, (axes, field) in enumerate(zip(panels, fields, strict=True)):
        values = field.series()
        spread = float(np.ptp(values, axis=1).max())
        alike = values.shape[1] > 1 and spread <= ALIKE * np.abs(values).max()
        alike = alike or any(shared[index : index + 1])
        exponent = power_of_ten(float(np.abs(values).max()))
        for i in range(1 if alike else min(MOST, values.shape[1])):
            axes.plot(
                scale * field.time,
                values[:, i] / 10.0**exponent,
                color=_COLOURS[i],
                linestyle=_DASHES[i % len(_DASHES)],
                label="all nodes" if alike else f"node {field.nodes[i]}",
            )
        for number, (onset, colour) in enumerate(begun):
            axes.axvline(
                scale * onset,
                color=colour,
                linestyle="--",
                linewidth=0.9,
                zorder=1,
                label="stimulus begins" if number == 0 else None,
            )
        axes.set_ylabel(with_unit(quantity(field.name), field.units, exponent))
        axes.ticklabel_format(axis="y", useOffset=False)
        axes.margins(x=0)
        letter = f"{panel_letter(index)}  " if len(fields) > 1 else ""
        more = values.shape[1] - MOST
        some = f", the first {MOST} of {more + MOST} nodes" if more > 0 and not alike else ""
        legend_above(axes, f"{letter}{quantity(field.name)}{some}", columns=4)
    panels[-1].set_xlabel(f"Time ({unit})")
    return fig
