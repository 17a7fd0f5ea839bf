"""What figures of a measured spectrum beside theory share."""

from __future__ import annotations

import textwrap
from pathlib import Path

from matplotlib.figure import Figure

from analysis.comparison import Comparison, read_comparison
from analysis.figures.style import COLOURS, COLUMN, figure, legend_above, log_frequencies
from analysis.spectrum import Spectrum, read_spectrum
from analysis.wording import conducted


def read(
    spectrum: Spectrum | str | Path, comparison: Comparison | str | Path
) -> tuple[Spectrum, Comparison]:
    """Return a spectrum and its agreement with theory, read from their files if need be."""
    measured = spectrum if isinstance(spectrum, Spectrum) else read_spectrum(spectrum)
    result = comparison if isinstance(comparison, Comparison) else read_comparison(comparison)
    return measured, result


def of_what(measured: Spectrum, name: str) -> str:
    """Return the head of a caption: of what the spectra above are."""
    filtered = conducted(measured.meta.get("k0"))
    return f"Above: power spectrum of {name}, summed over the modes of the sheet, {filtered}"


def alone(measured: Spectrum, result: Comparison, heading: str, density: str) -> Figure:
    """Draw a spectrum that there is nothing to compare with, and why.

    Parameters
    ----------
    measured, result
        The spectrum, and the comparison with the reason.
    heading
        Of what it is.
    density
        Label of the power.
    """
    low = max(min(b.f_lo for b in result.bands), 1 / measured.segment)
    high = max(b.f_hi for b in result.bands)
    shown = (measured.frequency >= low) & (measured.frequency <= high)
    at, lower, upper = measured.frequency[shown], measured.lower[shown], measured.upper[shown]
    fig = figure(COLUMN, 8.5)
    axes = fig.subplots()
    sky, label = COLOURS["sky"], "95% confidence interval"
    axes.fill_between(at, lower, upper, color=sky, alpha=0.5, linewidth=0, label=label)
    axes.plot(at, measured.power[shown], color=COLOURS["blue"], linewidth=1.4, label="simulated")
    axes.set_yscale("log")
    axes.set_ylabel(density)
    legend_above(axes, heading, columns=2)
    fig.suptitle(textwrap.fill(f"No verdict: {result.reason}", 90), fontsize="medium")
    log_frequencies(axes.xaxis, low, high)
    return fig
