"""Figure 10: analytic against simulated EEG spectrum, and how well they agree."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from analysis.comparison import Comparison
from analysis.figures.measured import alone, of_what, read
from analysis.figures.style import COLOURS, COLUMN, PURE, figure, log_frequencies, styled
from analysis.spectrum import Spectrum
from analysis.wording import conducted, in_words, without_events

DENSITY = r"Power density of $\phi_{ee}$ (s$^{-2}$ Hz$^{-1}$)"
#: Range shown [Hz].
SHOWN = (0.25, 45.0)
_VERDICT_COLOURS = {
    "agree": COLOURS["green"],
    "disagree": COLOURS["red"],
    "insufficient": "#666666",
    "none": "#666666",
}

#: Marker and face (None: filled), so that verdicts differ without colour too.
_MARKERS = {"agree": ("o", None), "disagree": ("X", None), "insufficient": ("o", "white")}


@styled
def draw(
    spectrum: Spectrum | str | Path,
    comparison: Comparison | str | Path,
    frequency: ArrayLike,
    theory: ArrayLike,
    continuous: ArrayLike | None = None,
) -> Figure:
    """Draw the spectra, and below them the ratio in each band.

    Parameters
    ----------
    spectrum
        Measured spectrum, or its file.
    comparison
        Its agreement with that theory, or its JSON file.
    frequency
        Where the theory is given [Hz].
    theory
        Analytic spectrum of the simulation's steps there [s⁻² Hz⁻¹].
    continuous
        The same of the model's equations, drawn thin.

    Returns
    -------
    Figure
    """
    measured, result = read(spectrum, comparison)
    if result.verdict == "none":  # the picture of what was measured, and why no more
        return alone(measured, result, conducted(measured.meta.get("k0")), DENSITY)
    fig = figure(COLUMN, 12.0)
    upper, lower = fig.subplots(2, 1, sharex=True, height_ratios=(2.0, 1.0))
    _spectra(upper, measured, np.asarray(frequency, float), theory, continuous)
    _ratios(lower, result)
    log_frequencies(lower.xaxis, *SHOWN)
    fig.align_ylabels([upper, lower])
    return fig


def _spectra(
    axes: Axes,
    measured: Spectrum,
    frequency: np.ndarray,
    theory: ArrayLike,
    continuous: ArrayLike | None,
) -> None:
    shown = (measured.frequency >= SHOWN[0]) & (measured.frequency <= SHOWN[1])
    at = measured.frequency[shown]
    colour = COLOURS["blue"]
    axes.fill_between(
        at,
        measured.lower[shown],
        measured.upper[shown],
        color=COLOURS["sky"],
        alpha=0.5,
        linewidth=0,
        label="95% confidence interval",
    )
    axes.plot(at, measured.power[shown], color=colour, linewidth=1.6, label="simulated")
    inside = (frequency >= SHOWN[0]) & (frequency <= SHOWN[1])
    if continuous is not None:
        axes.plot(
            frequency[inside],
            np.asarray(continuous, float)[inside],
            color=COLOURS["orange"],
            linewidth=0.7,
            label="analytic, of the equations",
        )
    axes.plot(
        frequency[inside],
        np.asarray(theory, float)[inside],
        color=COLOURS["black"],
        linestyle=(0, (4, 2)),
        linewidth=0.9,
        label="analytic, of the steps",
    )
    axes.set_yscale("log")
    axes.set_ylabel(DENSITY)
    axes.legend(loc="lower left")


def _ratios(axes: Axes, result: Comparison) -> None:
    tolerance = float(result.meta.get("tolerance", math.nan))
    axes.axhline(1, color=COLOURS["black"], linewidth=0.6)
    if math.isfinite(tolerance):
        axes.axhspan(1 - tolerance, 1 + tolerance, color="#E4E4E4", linewidth=0, zorder=0)
    known = [b for b in result.bands if math.isfinite(b.ratio)]
    for band in known:
        colour = _VERDICT_COLOURS[band.verdict]
        middle = math.sqrt(band.f_lo * band.f_hi)
        error = 2 * band.sem if math.isfinite(band.sem) else 0.0
        axes.hlines(band.ratio, band.f_lo, band.f_hi, color=colour, linewidth=1.1)
        marker, face = _MARKERS[band.verdict]
        axes.errorbar(
            middle,
            band.ratio,
            error,
            color=colour,
            marker=marker,
            markersize=4,
            markerfacecolor=face or colour,
            capsize=2,
        )
    reach = [abs(b.ratio - 1) + (2 * b.sem if math.isfinite(b.sem) else 0) for b in known]
    # Room above the highest error bar for the numbers.
    half = max([0.06, *(1.1 * r for r in reach)])
    axes.set_ylim(1 - half, 1 + 1.75 * half)
    for band in known:
        middle = math.sqrt(band.f_lo * band.f_hi)
        # the standard errors are in the caption: beside each other they have no room
        axes.text(
            middle,
            1 + 1.7 * half,
            f"{band.ratio:.3f}" if math.isfinite(band.sem) else f"{band.ratio:.3f}\n± ?",
            ha="center",
            va="top",
            fontsize=7.5,
            color=_VERDICT_COLOURS[band.verdict],
        )
    axes.text(
        0.01,
        0.97,
        f"{result.verdict}",
        transform=axes.transAxes,
        va="top",
        weight="bold",
        color=_VERDICT_COLOURS[result.verdict],
    )
    axes.set_ylabel(f"Simulated / analytic\n({PURE})")


def caption(spectrum: Spectrum | str | Path, comparison: Comparison | str | Path) -> str:
    """Return the caption, with the numbers.

    Parameters
    ----------
    spectrum, comparison
        As in `draw`.

    Returns
    -------
    str
    """
    measured, result = read(spectrum, comparison)
    if result.verdict == "none":
        return f"{of_what(measured, 'φ_ee')}: simulated. {in_words(result)}"
    bands = "; ".join(
        f"{b.band} {b.ratio:.3f} ± {b.sem:.3f} ({b.verdict})"
        if math.isfinite(b.sem)
        else f"{b.band} unknown ({b.verdict})"
        for b in result.bands
    )
    notes = [*measured.meta.get("warnings", []), without_events(measured.meta.get("events", []))]
    warnings = " ".join(f"Note: {note}." for note in dict.fromkeys(notes) if note)
    runs = int(measured.meta.get("runs", 1))
    return (
        f"{of_what(measured, 'φ_ee')}: simulated (solid, with its 95% confidence interval) and "
        "analytic at the fixed point (dashed: of the simulation's steps). "
        f"Welch's method, {int(measured.segments.sum())} Hann "
        f"segments of {measured.segment:g} s from {runs} run{'s' * (runs != 1)}. Segments "
        "of finite length blur the measured spectrum, and removing their mean lowers it at the "
        "lowest frequencies; the ratios allow for both. "
        "Below: mean ratio in each band ± 2 standard errors; shaded: tolerance of "
        f"{100 * float(result.meta.get('tolerance', math.nan)):g}%. "
        f"Ratio ± standard error: {bands}. "
        f"Root-mean-square error over 0.1–45 Hz: {result.rmse:.2g} s⁻² Hz⁻¹, "
        f"{100 * result.rmse_relative:.1f}% of the analytic spectrum. "
        f"{in_words(result)} {warnings}"
    ).strip()
