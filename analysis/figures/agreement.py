"""One experiment beside linear theory: spectra, ratios, and scores."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import NullFormatter, StrMethodFormatter
from numpy.typing import NDArray

from analysis.comparison import Comparison, read_comparison
from analysis.figures.style import COLOURS, COLUMN, PURE, figure, styled
from analysis.predicted import Prediction
from analysis.spectrum import Spectrum, read_spectrum
from analysis.wording import in_words, probability

Array = NDArray[np.float64]

#: Treatment → colour, dashes, label.
_CURVES = {
    "continuous": (COLOURS["orange"], "-", "theory: equations"),
    "grid": (COLOURS["green"], (0, (5, 1.5)), "theory: on the grid"),
    "scheme": (COLOURS["black"], (0, (2, 1.5)), "theory: steps of the simulation"),
}
_CHANCE = COLOURS["sky"]
#: Last part of a trace's name → unit of its power density.
_UNITS = {"v": "V$^2$ Hz$^{-1}$"}


@styled
def draw(
    spectrum: Spectrum | str | Path, comparison: Comparison | str | Path, prediction: Prediction
) -> Figure:
    """Draw spectra, their ratios to theory, and z-scores, over frequency.

    Parameters
    ----------
    spectrum
        Measured spectrum, or its file.
    comparison
        Its agreement with theory, or its JSON file.
    prediction
        The theory.

    Returns
    -------
    Figure
    """
    measured = spectrum if isinstance(spectrum, Spectrum) else read_spectrum(spectrum)
    result = comparison if isinstance(comparison, Comparison) else read_comparison(comparison)
    low = max(min(b.f_lo for b in result.bands), 1 / measured.segment)
    high = max(b.f_hi for b in result.bands)
    shown = (measured.frequency >= low) & (measured.frequency <= high)
    at = measured.frequency[shown]
    seen = {
        kind: prediction.seen(kind, at, segment=measured.segment, interval=measured.interval)
        for kind in _CURVES
    }
    fig = figure(COLUMN, 14.0)
    spectra, ratios, scores = fig.subplots(3, 1, sharex=True, height_ratios=(2.0, 1.2, 1.0))
    _spectra(spectra, measured, shown, seen)
    _ratios(ratios, measured, shown, seen)
    _scores(scores, result)
    scores.set_xscale("log")
    scores.set_xlim(low, high)
    scores.set_xticks([f for f in (0.5, 1, 2, 5, 10, 20, 45, 90) if low <= f <= high])
    scores.xaxis.set_major_formatter(StrMethodFormatter("{x:g}"))
    scores.xaxis.set_minor_formatter(NullFormatter())
    scores.set_xlabel("Frequency (Hz)")
    fig.align_ylabels([spectra, ratios, scores])
    return fig


def _spectra(
    axes: Axes, measured: Spectrum, shown: NDArray[np.bool_], seen: dict[str, Array]
) -> None:
    at = measured.frequency[shown]
    lower, upper = measured.lower[shown], measured.upper[shown]
    axes.fill_between(
        at, lower, upper, color=_CHANCE, alpha=0.5, linewidth=0, label="95% confidence interval"
    )
    axes.plot(at, measured.power[shown], color=COLOURS["blue"], linewidth=1.4, label="simulated")
    for kind, (colour, dashes, label) in _CURVES.items():
        axes.plot(at, seen[kind], color=colour, linestyle=dashes, linewidth=0.9, label=label)
    axes.set_yscale("log")
    unit = _UNITS.get(str(measured.meta.get("trace", "")).rpartition(".")[2], "s$^{-2}$ Hz$^{-1}$")
    axes.set_ylabel(f"Power density ({unit})")
    axes.legend(loc="lower left", handlelength=2.2)


def _ratios(
    axes: Axes, measured: Spectrum, shown: NDArray[np.bool_], seen: dict[str, Array]
) -> None:
    at, scheme = measured.frequency[shown], seen["scheme"]
    scatter = np.sqrt(2 / measured.dof[shown])
    axes.fill_between(at, 1 - 2 * scatter, 1 + 2 * scatter, color=_CHANCE, alpha=0.35, linewidth=0)
    axes.plot(at, measured.power[shown] / scheme, color=COLOURS["blue"], linewidth=0.7)
    for kind in ("continuous", "grid", "scheme"):
        colour, dashes, _ = _CURVES[kind]
        axes.plot(at, seen[kind] / scheme, color=colour, linestyle=dashes, linewidth=1.0)
    every = [*(power / scheme for power in seen.values()), measured.power[shown] / scheme]
    every += [1 - 2 * scatter, 1 + 2 * scatter]
    low, high = (float(f(np.concatenate(every))) for f in (np.nanmin, np.nanmax))
    room = 0.1 * (high - low)
    axes.set_ylim(low - room, high + room)
    axes.set_ylabel(f"Ratio to theory of\nsteps ({PURE})")


def _scores(axes: Axes, result: Comparison) -> None:
    axes.axhline(0, color=COLOURS["black"], linewidth=0.6)
    axes.set_ylabel("$z$ (standard\ndeviations)")
    text = f"{result.verdict}{' data' * (result.verdict == 'insufficient')}"
    found = result.scores
    if found is not None:
        axes.axhspan(-2, 2, color=_CHANCE, alpha=0.35, linewidth=0)
        axes.plot(found.frequency, found.z, ".", color=COLOURS["blue"], markersize=2.5)
        low, high = min(-3.5, *found.z), max(3.5, *found.z)
        # room for the words above
        axes.set_ylim(low - 0.1 * (high - low), high + 0.3 * (high - low))
        text += f"; χ²: {probability(found.p)}, in groups {probability(found.p_groups)}"
    axes.text(0.01, 0.97, text, transform=axes.transAxes, va="top", weight="bold")


def caption(spectrum: Spectrum | str | Path, comparison: Comparison | str | Path) -> str:
    """Return the caption, with biases, scores and verdict in words.

    Parameters
    ----------
    spectrum, comparison
        As in `draw`.

    Returns
    -------
    str
    """
    measured = spectrum if isinstance(spectrum, Spectrum) else read_spectrum(spectrum)
    result = comparison if isinstance(comparison, Comparison) else read_comparison(comparison)
    trace, k0 = measured.meta.get("trace", "the trace"), measured.meta.get("k0")
    filtered = f"volume conduction with k0 = {k0:g} m⁻¹" if k0 else "no volume conduction"
    return (
        f"Above: power spectrum of {trace}, summed over the modes of the sheet, {filtered}: "
        "simulated, with its 95% confidence interval, and by linear theory at the fixed point, all "
        "seen through the same Welch estimator: of the equations, with the grid's Laplacian, and "
        "of the simulation's steps, exactly. Middle: the same over the last; shaded: two standard "
        "deviations of chance. Below: deviation of the simulated spectrum from the theory of the "
        f"steps in units of chance. {in_words(result)}"
    )
