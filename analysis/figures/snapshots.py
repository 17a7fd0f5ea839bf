"""Plan views of a field at several times, on one scale."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from numpy.typing import NDArray

from analysis.figures.fig07_frames import Frames, frames
from analysis.figures.quantities import quantity
from analysis.figures.style import (
    DIVERGING,
    PAGE,
    figure,
    panel_letter,
    power_of_ten,
    signed,
    styled,
    with_unit,
)
from nftsim.errors import NftsimError
from nftsim.io.hdf5 import open_run

#: How many frames are shown where no times are named.
COUNT = 6
#: Samples looked at to find when something happens: where the largest deviation is at least this
#: share of the largest of all.
LOOKS, QUIET = 200, 0.1
#: Deviations up to this share of the field are rounding.
ALIKE = 1e-9
#: Share of the values, over all frames, that the colours tell apart; sites of stimuli stand far
#: above the waves that they send out.
TOLD_APART = 0.98
#: Height up to which the label of the colours takes two lines [cm].
LOW = 8.0


def eventful(
    path: str | Path, trace: str, start: float | None = None, stop: float | None = None
) -> list[float]:
    """Return times of frames spread over the part of a run in which a field varies over space [s].

    Parameters
    ----------
    path, start, stop
        As of `evenly`.
    trace
        Name of the trace.
    """
    times = evenly(path, start, stop, LOOKS)
    largest = np.abs(read(path, trace, times).deviation).max(axis=(1, 2))
    (busy,) = np.nonzero(largest >= QUIET * largest.max())
    return evenly(path, times[busy[0]], times[busy[-1]])


def evenly(
    path: str | Path, start: float | None = None, stop: float | None = None, count: int = COUNT
) -> list[float]:
    """Return times spread over a run [s], the last one its end.

    Parameters
    ----------
    path
        HDF5 run file.
    start, stop
        Where to begin and to end [s] (default: where the run does).
    count
        How many; fewer if there are not as many samples.

    Raises
    ------
    NftsimError
        If the file is no run, or has no sample from `start` to `stop`.
    """
    with open_run(path) as run:
        low = -np.inf if start is None else start - 1e-6 * run.interval
        high = np.inf if stop is None else stop + 1e-6 * run.interval
        inside = run.time[(run.time >= low) & (run.time <= high)]
        if not len(inside):
            raise NftsimError(
                f"{path}: no sample from {low:g} to {high:g} s. Its times are {run.time[0]:g} to "
                f"{run.time[-1]:g} s."
            )
    count = min(count, len(inside))
    if count > 1 and start is None:  # nothing has happened at the first sample
        chosen = np.linspace(0, len(inside) - 1, count + 1)[1:]
    else:
        chosen = np.linspace(0, len(inside) - 1, count)
    return [float(t) for t in inside[np.rint(chosen).astype(int)]]


def read(path: str | Path, trace: str, times: Sequence[float]) -> Frames:
    """Read frames that a picture can show.

    Raises
    ------
    NftsimError
        If the trace is not there on the whole sheet, the sheet is a single node, the trace is the
        same at all nodes, or a time is not within the run.
    """
    with open_run(path) as run:
        first, last = run.time[0] - run.interval, run.time[-1] + run.interval
        for time in times:
            if not first <= time <= last:
                raise NftsimError(
                    f"{path}: no frame at {time:g} s. Its times are {run.time[0]:g} to "
                    f"{run.time[-1]:g} s."
                )
    data = frames(path, trace, times)
    if data.deviation[0].size == 1:
        raise NftsimError(
            f"{path}: the sheet is a single node, of which there is no picture in space. Plot "
            "--kind series."
        )
    if np.abs(data.deviation).max() <= ALIKE * data.level:
        raise NftsimError(
            f"{path}: {trace} is the same at all nodes, so that a picture in space shows nothing. "
            "Plot --kind series."
        )
    return data


@styled
def draw(data: Frames, trace: str) -> Figure:
    """Draw plan views on one scale.

    Parameters
    ----------
    data
        The frames.
    trace
        Name of what they show.

    Returns
    -------
    Figure
    """
    count = len(data.time)
    columns = min(3, count)
    rows = -(-count // columns)
    ly, lx = data.extent
    width = 0.88 * PAGE / 3 * columns
    tall = min(1.6, max(0.25, ly / lx))
    fig = figure(width + 1.6, max(5.5, rows * (tall * (width / columns - 1.4) + 1.6)))
    panels = fig.subplots(rows, columns, squeeze=False, sharex=True, sharey=True).ravel()
    scaled, exponent, limit = scale(data.deviation)
    titles = data.titles()
    for index, axes in enumerate(panels):
        if index >= count:
            axes.set_visible(False)
            continue
        image = plan(axes, scaled[index], data.extent, limit)
        letter = f"{panel_letter(index)}  " if count > 1 else ""
        axes.set_title(f"{letter}{titles[index]}", loc="left")
        axes.label_outer()
    beyond = bool(np.abs(scaled).max() > limit * (1 + 1e-12))
    bar = fig.colorbar(image, ax=panels.tolist(), extend="both" if beyond else "neither", aspect=30)
    gap = " " if fig.get_figheight() > LOW / 2.54 else "\n"
    bar.set_label(with_unit(f"Deviation of{gap}{quantity(trace)}", data.unit, exponent))
    return fig


def scale(deviation: NDArray[np.float64]) -> tuple[NDArray[np.float64], int, float]:
    """Return deviations over a power of ten, its exponent, and the end of the scale of colours."""
    limit = float(np.quantile(np.abs(deviation), TOLD_APART)) or float(np.abs(deviation).max())
    exponent = power_of_ten(limit)
    return deviation / 10.0**exponent, exponent, (limit or 1.0) / 10.0**exponent


def plan(
    axes: Axes, values: NDArray[np.float64], extent: tuple[float, float], limit: float
) -> AxesImage:
    """Draw a plan view, red positive and blue negative, with its axes in cm."""
    ly, lx = (100 * length for length in extent)
    image = axes.imshow(
        values,
        DIVERGING,
        vmin=-limit,
        vmax=limit,
        origin="lower",
        extent=(0, lx, 0, ly),
        interpolation="nearest",
        aspect="equal" if 0.1 < ly / lx < 10 else "auto",
    )
    axes.spines[:].set_visible(True)
    axes.locator_params(nbins=4)
    axes.set(xlabel="x (cm)", ylabel="y (cm)")
    return image


def caption(data: Frames, trace: str) -> str:
    """Return the caption, with the numbers."""
    peaks = np.abs(data.deviation).max(axis=(1, 2))
    listed = "; ".join(
        f"{panel_letter(i)} {title}, largest {signed(p, '.2g')} {data.unit}"
        for i, (title, p) in enumerate(zip(data.titles(), peaks, strict=True))
    )
    return (
        f"Plan views of {quantity(trace)} as deviation from its mean over space at that time, red "
        f"positive and blue negative, on one scale that ends where {100 * TOLD_APART:g}% of the "
        f"values do. {listed}."
    )
