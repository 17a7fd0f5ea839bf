"""Spectrogram: power of a series over time and frequency, by Morlet wavelets."""

from __future__ import annotations

import numpy as np
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure

from analysis.density import density_units
from analysis.field import Field
from analysis.figures.quantities import quantity
from analysis.figures.series import middle
from analysis.figures.shown import Part
from analysis.figures.style import (
    COLOURS,
    COLUMN,
    SEQUENTIAL,
    clock,
    figure,
    log_frequencies,
    power_of_ten,
    styled,
    with_unit,
)
from analysis.wavelets import morlet
from nftsim.errors import NftsimError

#: Radians of a wavelet to a standard deviation: about 1.1 cycles.
CYCLES = 7.0
#: Highest frequency shown if nothing else is said [Hz].
HIGHEST = 50.0
#: Rows; and columns beyond which a picture gains nothing.
ROWS, COLUMNS = 120, 1500
#: Ratio of the largest power to the least that the colours tell apart.
SPAN = 1e4


def draw_run(part: Part, node: int | None = None) -> Figure:
    """Draw the spectrogram of a node of a run.

    Parameters
    ----------
    part
        What to draw (default band: what the record resolves, up to 50 Hz).
    node
        Its number from 1 (default: that in the middle, or the first one that is there).

    Returns
    -------
    Figure

    Raises
    ------
    NftsimError
        If there is no such trace or node, or the record is too short.
    """
    if node is None:
        with_all = part.field()
        node = middle(with_all) if with_all.values.ndim == 3 else int(with_all.nodes[0])
    return draw(part.field([node]), part.band)


@styled
def draw(field: Field, band: tuple[float, float] | None = None) -> Figure:
    """Draw a series and its spectrogram.

    Parameters
    ----------
    field
        Of one node.
    band
        Lowest and highest frequency [Hz].

    Returns
    -------
    Figure
    """
    record = len(field.time) * field.interval
    low, high = band or (None, None)
    # wavelets √2 s long at either end
    least = 1.01 * 2 * np.sqrt(2) * CYCLES / (2 * np.pi * record)
    low = max(least, 0.5) if low is None else low
    high = min(HIGHEST, 0.45 / field.interval) if high is None else high
    if not 0 < low < high:
        raise NftsimError(
            f"{field.source}: a spectrogram of {record:g} s has wavelets from {least:.3g} Hz on, "
            f"and rows every {field.interval:g} s show up to {0.45 / field.interval:.3g} Hz. Take "
            "a longer part, run for longer, or write more often."
        )
    values = field.series()[:, 0]
    found = morlet(
        values, field.interval, np.geomspace(low, high, ROWS), cycles=CYCLES, scaling="density"
    )
    power, frequency = found.power, found.frequency
    if not power.max() > 0:
        raise NftsimError(f"{field.source}: {field.name} does not change, and has no spectrogram")
    thin = max(1, len(field.time) // COLUMNS)
    fig = figure(COLUMN, 10.5)
    upper, lower = fig.subplots(2, 1, sharex=True, height_ratios=(1, 2.2))
    scale, unit = clock(field.time[-1])
    time = scale * field.time
    deviation = values - values.mean()
    exponent = power_of_ten(float(np.abs(deviation).max()))
    upper.plot(time, deviation / 10.0**exponent, color=COLOURS["black"], linewidth=0.6)
    upper.set_ylabel(with_unit("Deviation from\nits mean", field.units, exponent))
    image = lower.pcolormesh(
        time[::thin],
        frequency,
        power[:, ::thin],
        cmap=SEQUENTIAL,
        norm=LogNorm(float(power.max()) / SPAN, float(power.max())),
        shading="nearest",
        rasterized=True,
    )
    first = 0.0 if time[0] < 0.02 * time[-1] else time[0]
    width = scale * found.edge
    for edge, inner in ((first, time[0] + width), (time[-1], time[-1] - width)):
        lower.fill_betweenx(frequency, edge, inner, facecolor="white", alpha=0.6, edgecolor="none")
    log_frequencies(lower.yaxis, low, high)
    lower.set_xlabel(f"Time ({unit})")
    lower.set_xlim(first, time[-1])
    bar = fig.colorbar(image, ax=lower, extend="min")
    bar.set_label(with_unit("Power density", density_units(field.units)), labelpad=5)
    upper.set_title(f"{quantity(field.name)}, node {field.nodes[0]}", loc="left")
    fig.align_ylabels([upper, lower])
    return fig
