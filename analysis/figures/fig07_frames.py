"""Figure 7: frames of the axonal field φ_ee of `e-erps`, two pulses spreading on the torus."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, StrMethodFormatter
from numpy.typing import NDArray

from analysis.figures.style import (
    DIVERGING,
    PAGE,
    clock,
    decimals,
    figure,
    panel_letter,
    signed,
    styled,
)
from nftsim.errors import NftsimError
from nftsim.io.hdf5 import open_run
from nftsim.model import Model

#: Times of the published frames [s].
TIMES = (0.042, 0.052, 0.062, 0.077, 0.086, 0.104)
#: The shorter side of a sheet is drawn at least this share of the longer one.
NARROWEST = 0.3


@dataclass(frozen=True)
class Frames:
    """Fields at some times.

    Attributes
    ----------
    time
        Shape (n,) [s].
    deviation
        From the mean over space at that time, shape (n, ny, nx) [`unit`].
    extent
        (Ly, Lx) of the sheet [m].
    unit
        Of the field.
    level
        Largest magnitude of the field itself [`unit`].
    interval
        Between samples of the run [s].
    """

    time: NDArray[np.float64]
    deviation: NDArray[np.float64]
    extent: tuple[float, float]
    unit: str = "s⁻¹"
    level: float = 0.0
    interval: float = 1e-3

    def titles(self) -> list[str]:
        """Return ``t = 42.0 ms`` of each frame: what says which sample it is."""
        scale, unit = clock(self.time[-1])
        digits = decimals((scale * self.time).tolist(), scale * self.interval)
        return [f"t = {scale * time:.{digits}f} {unit}" for time in self.time]


def unit_of(model: Model, trace: str) -> str:
    """Return the unit of a trace of a model."""
    (found,) = model.parse_trace(trace)
    return model.field_of(found).unit


def frames(run_path: str | Path, trace: str, times: Sequence[float]) -> Frames:
    """Read the saved samples nearest to some times.

    Parameters
    ----------
    run_path
        HDF5 run file with all nodes of the trace.
    trace
        Name of the trace.
    times
        Times wanted [s].

    Returns
    -------
    Frames

    Raises
    ------
    NftsimError
        If the file is no run, or lacks the trace on the whole sheet.
    """
    with open_run(run_path) as run:
        shape = run.trace(trace, 0, 1).shape[1:]
        if len(shape) != 2:
            raise NftsimError(
                f"{run_path}: {trace} is not there at all nodes of the sheet, which a picture of "
                "it needs. Run the model with --set output.node=all, or plot --kind series."
            )
        nearest = [int(np.abs(run.time - t).argmin()) for t in times]
        fields = np.concatenate([run.trace(trace, i, i + 1) for i in nearest])
        extent = run.extent(trace)
        time = run.time[nearest]
        unit, interval = unit_of(run.model, trace), run.interval
    deviation = fields - fields.mean(axis=(1, 2), keepdims=True)
    level = float(np.abs(fields).max())
    return Frames(time, deviation, (extent[0], extent[1]), unit, level, interval)


@styled
def draw(
    run_path: str | Path, trace: str = "propagator.1.phi", times: Sequence[float] = TIMES
) -> Figure:
    """Draw a surface and, inset, a plan view for each frame.

    Parameters
    ----------
    run_path
        HDF5 run file with all nodes of the trace.
    trace
        Name of the trace.
    times
        Times of the frames [s]; the nearest saved sample is shown.

    Returns
    -------
    Figure
    """
    return surfaces(frames(run_path, trace, times))


@styled
def surfaces(data: Frames) -> Figure:
    """Draw a surface and, inset, a plan view for each frame.

    Parameters
    ----------
    data
        The frames.

    Returns
    -------
    Figure
    """
    columns = min(2, len(data.time))
    rows = -(-len(data.time) // columns)
    fig = figure(0.5 * PAGE * columns, 5.6 * rows, constrained=False)
    for index, (title, deviation) in enumerate(zip(data.titles(), data.deviation, strict=True)):
        row, column = divmod(index, columns)
        left, bottom = column / columns, 1 - (row + 1) / rows
        _panel(fig, deviation, data, (left, bottom, 1 / columns, 1 / rows))
        letter = f"{panel_letter(index)}  " if len(data.time) > 1 else ""
        fig.text(
            left + 0.02 / columns, bottom + 0.97 / rows, f"{letter}{title}", va="top", weight="bold"
        )
    return fig


def _panel(
    fig: Figure,
    deviation: NDArray[np.float64],
    data: Frames,
    place: tuple[float, float, float, float],
) -> None:
    """Draw one frame in the part (left, bottom, width, height) of the figure."""
    left, bottom, width, height = place
    ny, nx = deviation.shape
    size = 100 * np.array(data.extent)  # cm
    middles = ((ny, size[0]), (nx, size[1]))
    y, x = np.meshgrid(*(length * (np.arange(n) + 0.5) / n for n, length in middles), indexing="ij")
    exponent = int(np.floor(np.log10(np.abs(deviation).max() or 1.0)))
    scaled = deviation / 10.0**exponent
    limit = float(np.abs(scaled).max()) or 1.0
    norm = Normalize(-limit, limit)

    box = (left + 0.005 * width, bottom + 0.03 * height, 0.7 * width, 0.96 * height)
    axes: Any = fig.add_axes(box, projection="3d")
    # Thousands of facets: as pixels within the vector file.
    axes.plot_surface(
        x,
        y,
        scaled,
        cmap=DIVERGING,
        norm=norm,
        rcount=ny,
        ccount=nx,
        linewidth=0,
        antialiased=False,
        rasterized=True,
    )
    axes.view_init(elev=32, azim=-60)
    sides = _sides(*size)
    axes.set_box_aspect((sides[1], sides[0], 0.6), zoom=0.97 - 0.25 * (1 - sides[1]))
    axes.set(xlim=(0, size[1]), ylim=(0, size[0]), zlim=(-limit, limit))
    axes.set_xlabel("x (cm)", labelpad=-6)
    axes.set_ylabel("y (cm)", labelpad=-6 + 9 * (1 - sides[1]))
    axes.tick_params(pad=-3, labelsize=7)
    axes.set_zticks([-limit, 0, limit], labels=[])
    _ticks(axes, sides, 4)
    if sides[1] < 0.6:  # the ends of x and y meet
        axes.yaxis.get_major_locator().set_params(prune="lower")

    plan = fig.add_axes((left + 0.77 * width, bottom + 0.46 * height, 0.2 * width, 0.36 * height))
    edges = (0, size[1], 0, size[0])
    image = plan.imshow(
        scaled,
        origin="lower",
        extent=edges,
        cmap=DIVERGING,
        norm=norm,
        interpolation="nearest",
        aspect=size[1] / size[0] * sides[0] / sides[1],
    )
    plan.set(xlabel="x (cm)", ylabel="y (cm)")
    _ticks(plan, sides, 2)
    plan.spines[:].set_visible(True)

    bar = fig.add_axes((left + 0.77 * width, bottom + 0.2 * height, 0.2 * width, 0.025 * height))
    fig.colorbar(image, cax=bar, orientation="horizontal", ticks=[-limit, 0, limit], format=_label)
    bar.set_title(rf"deviation ($10^{{{exponent}}}$ {data.unit})", fontsize=7, pad=2)


def _sides(ly: float, lx: float) -> tuple[float, float]:
    """Return how long the sides along y and x are drawn: the longer 1, the other not tiny."""
    longer = max(ly, lx)
    return max(ly / longer, NARROWEST), max(lx / longer, NARROWEST)


def _ticks(axes: Any, sides: tuple[float, float], most: int) -> None:
    """Set ticks in round numbers of cm, as many as there is room for."""
    for axis, side in zip((axes.yaxis, axes.xaxis), sides, strict=True):
        room = max(1, round(most * min(1.0, 1.5 * side)))
        axis.set_major_locator(MaxNLocator(room, steps=[1, 2, 2.5, 5, 10]))
        axis.set_major_formatter(StrMethodFormatter("{x:g}"))


def _label(value: float, _position: int) -> str:
    return signed(value, ".2g")


def caption(
    run_path: str | Path, trace: str = "propagator.1.phi", times: Sequence[float] = TIMES
) -> str:
    """Return the caption, with the numbers.

    Parameters
    ----------
    run_path, trace, times
        As in `draw`.

    Returns
    -------
    str
    """
    data = frames(run_path, trace, times)
    peaks = np.abs(data.deviation).max(axis=(1, 2))
    listed = "; ".join(
        f"{panel_letter(i)} {1e3 * t:.2f} ms, ±{peak:.2g} s⁻¹"
        for i, (t, peak) in enumerate(zip(data.time, peaks, strict=True))
    )
    return (
        "Axonal field φ_ee of e-erps on a torus, driven by a positive and then a negative pulse at "
        "two nodes. Surface and plan view of the deviation from the mean over space at that time, "
        "red positive and blue negative. Each frame is the saved sample nearest to the published "
        f"time and has its own symmetric scale: {listed}."
    )
