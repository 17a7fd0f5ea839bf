"""Spindles under noise of growing strength: the harmonic that linear theory lacks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import NullFormatter, StrMethodFormatter
from numpy.typing import NDArray

from analysis.figures.style import COLOURS, COLUMN, PURE, figure, styled
from analysis.predicted import Prediction
from analysis.spectrum import Spectrum, read_spectrum

Array = NDArray[np.float64]

#: Range of frequencies shown [Hz], and half the width of the bands of peak and harmonic [Hz].
SHOWN, HALF = (2.0, 60.0), 1.5
#: Colours and widths, so that lines differ without colour too: the stronger the noise, the wider.
_COLOURS = ("sky", "blue", "orange", "red", "purple", "green")
_WIDTHS = (0.7, 1.1, 1.6, 2.2, 2.8, 3.4)


@dataclass(frozen=True)
class Step:
    """One strength of the noise.

    Attributes
    ----------
    noise
        Its strength, as a multiple of the weakest step's.
    frequency
        Shape (n,) [Hz].
    power, expected
        Simulated, and by linear theory as the same estimate would see it, shape (n,) [unit of the
        trace squared per Hz].
    """

    noise: float
    frequency: Array
    power: Array
    expected: Array

    def ratio(self, f: float) -> float:
        """Return simulated over analytic power in a band around a frequency."""
        near = np.abs(self.frequency - f) <= HALF
        return float(self.power[near].sum() / self.expected[near].sum())


def steps(spectra: Sequence[str | Path], theories: Sequence[Prediction]) -> list[Step]:
    """Return the steps, the weakest noise first.

    Parameters
    ----------
    spectra
        Files of the simulated spectra.
    theories
        What linear theory says of each: proportional to the noise squared.
    """
    found = [_step(read_spectrum(path), one) for path, one in zip(spectra, theories, strict=True)]
    found.sort(key=lambda one: float(one.expected.sum()))
    weakest = found[0].expected
    return [replace(one, noise=float(np.sqrt(np.median(one.expected / weakest)))) for one in found]


def _step(measured: Spectrum, theory: Prediction) -> Step:
    f = measured.frequency
    shown = (f >= SHOWN[0]) & (f <= SHOWN[1])
    interval = 0.5 / float(f.max())
    seen = theory.seen("scheme", f[shown], segment=measured.segment, interval=interval)
    return Step(1.0, f[shown], measured.power[shown], seen)


def peak(found: Sequence[Step]) -> float:
    """Return the frequency of the spindle peak in theory [Hz]."""
    first = found[0]
    inside = (first.frequency >= 5) & (first.frequency <= 30)
    return float(first.frequency[inside][np.argmax(first.expected[inside])])


@styled
def draw(found: Sequence[Step]) -> Figure:
    """Draw spectra over the square of the noise, which in theory are all the same.

    Parameters
    ----------
    found
        What `steps` returns.

    Returns
    -------
    Figure
    """
    fig = figure(COLUMN, 12.0)
    upper, lower = fig.subplots(2, 1, sharex=True, height_ratios=(2.0, 1.0))
    for name, width, one in zip(_COLOURS, _WIDTHS, found, strict=False):
        look = {"color": COLOURS[name], "linewidth": width, "label": f"noise × {one.noise:.3g}"}
        upper.plot(one.frequency, one.power / one.noise**2, **look)
        lower.plot(one.frequency, one.power / one.expected, **look)
    upper.plot(
        found[0].frequency,
        found[0].expected,
        color=COLOURS["black"],
        linestyle=(0, (4, 2)),
        linewidth=0.9,
        label="linear theory",
    )
    for axes in (upper, lower):
        for multiple in (1, 2, 3):
            at_peak = multiple * peak(found)
            axes.axvline(at_peak, color=COLOURS["grey"], linewidth=0.5, linestyle=":", zorder=0)
    lower.axhline(1, color=COLOURS["black"], linewidth=0.6)
    upper.set_yscale("log")
    lower.set_yscale("log")
    lower.set_yticks([t for t in (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50) if _within(lower, t)])
    lower.yaxis.set_major_formatter(StrMethodFormatter("{x:g}"))
    lower.yaxis.set_minor_formatter(NullFormatter())
    lower.set_xlim(*SHOWN)
    lower.set_xlabel("Frequency (Hz)")
    upper.set_ylabel(
        "Power density of $\\phi_{ee}$\nover (noise / weakest)$^2$ (s$^{-2}$ Hz$^{-1}$)"
    )
    lower.set_ylabel(f"Simulated / analytic\n({PURE})")
    upper.legend(loc="upper right", title="noise × 1: the weakest")
    fig.align_ylabels([upper, lower])
    return fig


def _within(axes: Axes, value: float) -> bool:
    low, high = axes.get_ylim()
    return low <= value <= high


def caption(found: Sequence[Step]) -> str:
    """Return the caption, with the numbers.

    Parameters
    ----------
    found
        As in `draw`.

    Returns
    -------
    str
    """
    f = peak(found)
    texts = "; ".join(
        f"× {one.noise:.3g}: {one.ratio(f):.2f} and {one.ratio(2 * f):.2f}" for one in found
    )
    return (
        "Sleep spindles with noise raised in steps, after Abeysuriya, Rennie & Robinson 2014. "
        "Above: power of φ_ee over the square of the noise's amplitude, simulated (solid, the "
        "wider the stronger the noise) and by linear theory (dashed), in which it does not depend "
        "on the noise; the weakest noise is "
        f"1. Below: simulated over analytic power. Dotted: the spindle frequency, {f:.1f} Hz, and "
        "its multiples. The nonlinear firing response makes a harmonic at twice the frequency, "
        "which linear theory lacks and which grows with the noise. Ratio within "
        f"{HALF:g} Hz of the spindle frequency and of twice it: {texts}."
    )
