"""One experiment beside linear theory: spectra, ratios, and scores."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from analysis.comparison import Comparison
from analysis.figures.measured import alone, of_what, read
from analysis.figures.quantities import in_print, quantity
from analysis.figures.style import (
    COLOURS,
    COLUMN,
    PURE,
    figure,
    legend_above,
    log_frequencies,
    styled,
    with_unit,
)
from analysis.predicted import Prediction
from analysis.spectrum import Spectrum, density_unit
from analysis.wording import conducted, in_words, probability, without_events

Array = NDArray[np.float64]

#: Treatment → colour, dashes, label.
_CURVES = {
    "continuous": (COLOURS["orange"], "-", "theory: equations"),
    "grid": (COLOURS["green"], (0, (5, 1.5)), "theory: on the grid"),
    "scheme": (COLOURS["black"], (0, (2, 1.5)), "theory: steps of the simulation"),
}
_CHANCE = COLOURS["sky"]
#: Largest over smallest ratio from which their axis is logarithmic.
SPAN = 100.0


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
    measured, result = read(spectrum, comparison)
    if result.verdict == "none":
        return alone(measured, result, heading(measured), _density(measured))
    low = max(min(b.f_lo for b in result.bands), 1 / measured.segment)
    high = max(b.f_hi for b in result.bands)
    shown = (measured.frequency >= low) & (measured.frequency <= high)
    at = measured.frequency[shown]
    seen = {
        kind: prediction.seen(kind, at, segment=measured.segment, interval=measured.interval)
        for kind in _CURVES
    }
    scored = result.scores is not None
    fig = figure(COLUMN, 15.0 if scored else 11.5)
    heights = (2.0, 1.2, 1.0) if scored else (2.0, 1.2)
    panels = fig.subplots(len(heights), 1, sharex=True, height_ratios=heights)
    _spectra(panels[0], measured, shown, seen)
    _ratios(panels[1], measured, shown, seen)
    if scored:
        _scores(panels[2], result)
    else:
        panels[1].set_title(f"{verdict(result)}, and too few for scores", loc="left", weight="bold")
    log_frequencies(panels[-1].xaxis, low, high)
    fig.align_ylabels(panels)
    return fig


def verdict(result: Comparison) -> str:
    """Return the verdict, as it stands in a picture."""
    return f"{result.verdict}{' data' * (result.verdict == 'insufficient')}"


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
    axes.set_ylabel(_density(measured))
    legend_above(axes, heading(measured), columns=2)


def _density(measured: Spectrum) -> str:
    unit = density_unit(str(measured.meta.get("trace", "")))
    return with_unit("Power density", in_print(unit))


def heading(measured: Spectrum) -> str:
    """Return what a spectrum is of, and how it was measured, a line or more."""
    trace, k0 = str(measured.meta.get("trace", "field")), measured.meta.get("k0")
    lines = [f"{quantity(trace)}, {conducted(k0)}, segments of {measured.segment:g} s"]
    events = measured.meta.get("events")
    if events:
        lines.append(f"theory of the noise alone, without {' and '.join(events)}")
    return "\n".join(lines)


def _ratios(
    axes: Axes, measured: Spectrum, shown: NDArray[np.bool_], seen: dict[str, Array]
) -> None:
    at, scheme = measured.frequency[shown], seen["scheme"]
    scatter = np.sqrt(2 / measured.dof[shown])
    lowest, highest = np.maximum(1 - 2 * scatter, 0), 1 + 2 * scatter
    axes.fill_between(at, lowest, highest, color=_CHANCE, alpha=0.35, linewidth=0)
    axes.plot(at, measured.power[shown] / scheme, color=COLOURS["blue"], linewidth=0.7)
    for kind in ("continuous", "grid", "scheme"):
        colour, dashes, _ = _CURVES[kind]
        axes.plot(at, seen[kind] / scheme, color=colour, linestyle=dashes, linewidth=1.0)
    every = [*(power / scheme for power in seen.values()), measured.power[shown] / scheme]
    every += [lowest, highest]
    low, high = (float(f(np.concatenate(every))) for f in (np.nanmin, np.nanmax))
    room = 0.1 * (high - low)
    curves = np.concatenate(every[:-2])
    least = float(np.nanmin(curves[curves > 0], initial=1.0))
    if np.nanmax(curves) > SPAN * least:
        axes.set_yscale("log")
        axes.set_ylim(least / 1.5, 1.5 * high)
    else:
        axes.set_ylim(max(0.0, low - room), high + room)
    axes.set_ylabel(f"Ratio to theory of\nsteps ({PURE})")


def _scores(axes: Axes, result: Comparison) -> None:
    axes.axhline(0, color=COLOURS["black"], linewidth=0.6)
    axes.set_ylabel("$z$ (standard\ndeviations)")
    text = verdict(result)
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
    measured, result = read(spectrum, comparison)
    above = of_what(measured, str(measured.meta.get("trace", "the trace")))
    if result.verdict == "none":
        return f"{above}: simulated, with its 95% confidence interval. {in_words(result)}"
    left_out = without_events(measured.meta.get("events", []))
    below = (
        "Below: deviation of the simulated spectrum from the theory of the steps, in units of "
        "chance. "
        if result.scores is not None
        else ""
    )
    return (
        f"{above}: simulated, with its "
        "95% confidence interval, and by linear theory at the fixed point, all seen through the "
        "same Welch estimator: of the equations, with the grid's Laplacian, and of the "
        f"simulation's steps, exactly. {f'Here {left_out}. ' if left_out else ''}"
        "Middle: the same over the last; shaded: two standard deviations of chance. "
        f"{below}{in_words(result)}"
    )
