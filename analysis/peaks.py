"""Peaks of a spectrum, and the slope of what lies under them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import signal

from analysis.field import Array, as_series
from nftsim.errors import NftsimError


@dataclass(frozen=True)
class Peak:
    """A peak of a spectrum.

    Attributes
    ----------
    frequency
        [Hz], of a parabola through log power at the highest point and its neighbours.
    power
        Of the top of that parabola, in the unit of the spectrum.
    prominence
        Height over the higher of the valleys beside it [dB].
    width
        Where it has fallen by half its prominence in decibels [Hz].
    """

    frequency: float
    power: float
    prominence: float
    width: float


@dataclass(frozen=True)
class Slope:
    """A power law P = level · f^(−exponent).

    Attributes
    ----------
    exponent
        Above 0 where power falls.
    error
        Standard error of the exponent, from the scatter around the line, as if frequencies were
        independent.
    level
        Power at 1 Hz, in the unit of the spectrum.
    """

    exponent: float
    error: float
    level: float

    def at(self, frequency: ArrayLike) -> Array:
        """Return the law's power at frequencies [Hz] above 0."""
        return np.asarray(self.level * np.asarray(frequency, float) ** -self.exponent)


def peaks(
    frequency: ArrayLike,
    power: ArrayLike,
    *,
    low: float = 0.0,
    high: float = np.inf,
    prominence: float = 3.0,
    over: Slope | None = None,
) -> list[Peak]:
    """Find the peaks of a spectrum, the most prominent first.

    Parameters
    ----------
    frequency
        Evenly spaced, shape (f,) [Hz].
    power
        Density above 0, shape (f,).
    low, high
        Where to look [Hz].
    prominence
        Smallest one that counts [dB]. Well above the scatter of the spectrum, which is 4.3 dB times
        √(2/dof) for estimates with so many degrees of freedom.
    over
        A law; peaks, and their prominence, are then those of the ratio to it.

    Returns
    -------
    list of Peak

    Raises
    ------
    NftsimError
        If fewer than 3 frequencies are in the range.
    """
    f, p = _range(frequency, power, low, high, 3, "peaks")
    decibels = 10 * np.log10(p if over is None else p / over.at(f))
    at, found = signal.find_peaks(decibels, prominence=prominence, width=0)
    step = f[1] - f[0]
    results = []
    for i, height, width in zip(at, found["prominences"], found["widths"], strict=True):
        before, here, after = decibels[i - 1 : i + 2]
        bend = before - 2 * here + after
        shift = 0.5 * (before - after) / bend if bend < 0 else 0.0
        top = here - 0.25 * (before - after) * shift
        where = float(f[i] + shift * step)
        base = 1.0 if over is None else float(over.at(where))
        results.append(Peak(where, base * 10 ** (top / 10), float(height), float(width * step)))
    return sorted(results, key=lambda peak: -peak.prominence)


def slope(
    frequency: ArrayLike,
    power: ArrayLike,
    low: float,
    high: float,
    *,
    without: Sequence[tuple[float, float]] = (),
) -> Slope:
    """Fit a power law to a spectrum.

    Least squares of log power over log frequency, in which every octave weighs the same.

    Parameters
    ----------
    frequency
        Shape (f,) [Hz].
    power
        Density above 0, shape (f,).
    low, high
        Range of the fit [Hz]; `low` is above 0.
    without
        Ranges to leave out, such as those of peaks [Hz].

    Returns
    -------
    Slope

    Raises
    ------
    NftsimError
        If fewer than 4 frequencies are left.
    """
    if low <= 0:
        raise NftsimError(f"slope: from {low:g} Hz; a power law has no value at 0 Hz, start above")
    f, p = _range(frequency, power, low, high, 4, "slope")
    kept = np.ones(len(f), bool)
    for first, last in without:
        kept &= (f < first) | (f > last)
    if kept.sum() < 4:
        raise NftsimError(
            f"slope: {kept.sum()} frequencies are left from {low:g} to {high:g} Hz; a fit takes 4. "
            "Leave out less, or use longer segments."
        )
    x, y = np.log(f[kept]), np.log(p[kept])
    weight = 1 / f[kept]
    centred = x - np.average(x, weights=weight)
    rise = (weight * centred) / (weight @ centred**2)  # the slope is rise @ y
    fall = float(rise @ y)
    level = np.average(y, weights=weight) - fall * np.average(x, weights=weight)
    # log power scatters alike at every frequency, whatever it weighs
    scatter = np.sum((y - level - fall * x) ** 2) / (len(x) - 2)
    return Slope(-fall, float(np.sqrt(scatter * (rise @ rise))), float(np.exp(level)))


def _range(
    frequency: ArrayLike, power: ArrayLike, low: float, high: float, least: int, what: str
) -> tuple[Array, Array]:
    f, p = as_series(frequency, what, "f,"), as_series(power, what, "f,")
    if f.ndim != 1 or f.shape != p.shape:
        raise NftsimError(f"{what}: {f.shape} frequencies and {p.shape} powers; give one for each")
    inside = (f >= low) & (f <= high)
    f, p = f[inside], p[inside]
    if len(f) < least:
        raise NftsimError(
            f"{what}: {len(f)} frequencies from {low:g} to {high:g} Hz; it takes {least} or more. "
            "Widen the range, or use longer segments."
        )
    if not (p > 0).all():
        raise NftsimError(
            f"{what}: power is not above 0 everywhere from {low:g} to {high:g} Hz, and its "
            "logarithm is taken. Leave such frequencies out (of a trace that never varies, all)."
        )
    return f, p
