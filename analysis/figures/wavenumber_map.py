"""Power of a field over wavenumber and frequency, with the dispersion of the model's waves."""

from __future__ import annotations

import numpy as np
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure
from matplotlib.patheffects import withStroke
from numpy.typing import NDArray

from analysis.figures.quantities import quantity
from analysis.figures.shown import Drawn, Part
from analysis.figures.snapshots import ALIKE
from analysis.figures.style import COLUMN, SEQUENTIAL, figure, styled, with_unit
from analysis.wavenumbers import WavenumberSpectrum, wavenumber_spectrum
from nftsim.errors import NftsimError
from nftsim.io.hdf5 import open_run
from nftsim.model import Model
from nftsim.theory.dispersion import dispersion

#: Highest frequency shown if nothing else is said [Hz].
HIGHEST = 50.0
#: Longest segment if nothing else is said [s], and how many a record is cut into at least.
SEGMENT, PIECES = 4.0, 4
#: Samples that a segment has at least.
FEWEST = 8
#: Ratio of the largest power to the least that the colours tell apart.
SPAN = 1e5
#: Branches of the dispersion relation, and points along them; what is slower stands still [Hz].
BRANCHES, POINTS, STILL = 4, 200, 1e-6

#: Wavenumber [rad m⁻¹] and frequency [Hz] of a branch.
Branch = tuple[NDArray[np.float64], NDArray[np.float64]]


def draw_run(part: Part, *, segment: float | None = None) -> Drawn:
    """Draw the map of a run.

    Parameters
    ----------
    part
        What to draw, at all nodes (default band: up to 50 Hz).
    segment
        Length of Welch's segments [s] (default: a quarter of the record, up to 4 s).

    Returns
    -------
    Drawn

    Raises
    ------
    NftsimError
        If the trace is not there at all nodes of a torus, the sheet is a single node, or the record
        is too short.
    """
    field = part.field()
    grid = field.grid()
    if grid[0].size == 1:
        raise NftsimError(
            f"{part.path}: the sheet is a single node, which has no wavenumber but 0. Plot --kind "
            "spectrum."
        )
    if np.ptp(grid, axis=(1, 2)).max() <= ALIKE * np.abs(grid).max():
        raise NftsimError(
            f"{part.path}: {field.name} is the same at all nodes, and has no wavenumber but 0. "
            "Plot --kind spectrum."
        )
    record = len(field.time) * field.interval
    length = segment or max(min(SEGMENT, record / PIECES), FEWEST * field.interval)
    found = wavenumber_spectrum(field, segment=length)
    apart = float(found.frequency[1])
    notes: tuple[str, ...] = ()
    if segment is None and length < SEGMENT * (1 - 1e-9):
        notes = (
            f"the record of {record:.4g} s is cut into segments of {1 / apart:.3g} s, shorter than "
            f"the usual {SEGMENT:g} s, so that frequencies are {apart:.3g} Hz apart; run for "
            f"{PIECES * SEGMENT:g} s, or say --segment",
        )
    low, high = part.band or (0.0, min(HIGHEST, 0.5 / field.interval))
    with open_run(part.path) as run:
        branches = waves(run.model, field.name, float(found.wavenumber.max()))
    what = f"{quantity(field.name)}\nsegments of {1 / apart:.3g} s"
    return Drawn(draw(found, what, (low, high), branches), notes)


def waves(model: Model, trace: str, highest: float) -> list[Branch]:
    """Return the least damped branches of a model's waves that oscillate; none without theory.

    Parameters
    ----------
    model, trace
        The waves are those of the sheet that the trace lives on.
    highest
        Wavenumber at which they end [rad m⁻¹].
    """
    k = np.linspace(0, highest, POINTS)
    try:
        (which,) = model.parse_trace(trace)
        if model.extent(model.sheet_of(which)) != model.extent(model.neural[0]):
            return []
        frequency = dispersion(model, k, count=BRANCHES).frequency
    except (NftsimError, IndexError):
        return []
    found = []
    for row in frequency.T:
        moving = row > STILL
        # where it begins to oscillate, at 0 Hz, belongs to it
        beside = np.convolve(moving, (True, True, True), mode="same") > 0
        if moving.any():
            found.append((k, np.where(beside, row, np.nan)))
    return found


@styled
def draw(
    found: WavenumberSpectrum,
    what: str,
    band: tuple[float, float],
    branches: list[Branch] | tuple[Branch, ...] = (),
) -> Figure:
    """Draw power over wavenumber and frequency.

    Parameters
    ----------
    found
        The power.
    what
        Of what.
    band
        Lowest and highest frequency shown [Hz].
    branches
        Lines to draw over it.

    Returns
    -------
    Figure
    """
    shown = (found.frequency >= band[0]) & (found.frequency <= band[1])
    if shown.sum() < 2:
        raise NftsimError(
            f"k-omega map: {shown.sum()} frequencies from {band[0]:g} to {band[1]:g} Hz, "
            f"{found.frequency[1]:.3g} Hz apart. Ask for a wider --band, or a longer --segment."
        )
    power = found.power[:, shown]
    # a drift of the whole sheet is no wave, and would outshine them; and the mean of every segment
    # is taken off
    moving = power[np.ix_(found.wavenumber != 0, found.frequency[shown] > 0)]
    top = float(moving.max())
    if not top > 0:
        raise NftsimError(f"k-omega map: {what} does not change in time, and has no waves")
    (dim,) = np.nonzero(power.max(axis=1) >= top / SPAN)
    highest = float(found.wavenumber[min(dim.max() + 1, len(found.wavenumber) - 1)])
    fig = figure(COLUMN, 9.5)
    axes = fig.subplots()
    image = axes.pcolormesh(
        _edges(found.wavenumber),
        _edges(found.frequency[shown]),
        np.maximum(power, top / SPAN).T,
        cmap=SEQUENTIAL,
        norm=LogNorm(top / SPAN, top),
        rasterized=True,
    )
    edge = withStroke(linewidth=2.4, foreground="black")  # seen on every colour
    for index, (k, frequency) in enumerate(branches):
        label = "linear theory, waves that fade slowest" if index == 0 else None
        axes.plot(k, frequency, color="white", path_effects=[edge], label=label)
    if branches:
        axes.legend(loc="lower right", bbox_to_anchor=(1, 1), borderaxespad=0.2)
    along = f"Wavenumber along {found.direction}" if found.direction else "Wavenumber"
    axes.set(xlabel=f"{along} (rad m⁻¹)", ylabel="Frequency (Hz)")
    axes.set_ylim(max(band[0], 0), min(band[1], found.frequency[-1]))
    axes.set_xlim(min(0.0, float(found.wavenumber[0])), highest)
    axes.set_title(what, loc="left")
    bar = fig.colorbar(image, ax=axes, extend="both")
    bar.set_label(with_unit("Power density", found.units), labelpad=5)
    return fig


def _edges(middles: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the borders of cells around their middles."""
    half = np.diff(middles) / 2
    return np.concatenate([[middles[0] - half[0]], middles[:-1] + half, [middles[-1] + half[-1]]])
