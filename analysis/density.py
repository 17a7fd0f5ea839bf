"""Power spectral densities, their units, and averages over pieces of a record."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import fft, signal

from analysis.modes import Array


@dataclass(frozen=True)
class Density:
    """A one-sided power spectral density.

    Attributes
    ----------
    frequency
        Shape (f,) [Hz].
    power
        Shape (f,) [`units`]. Frequencies f and −f are added up, except at 0 and at the Nyquist
        frequency, which have no other: the sum times Δf is the mean square.
    units
        Unit of the field squared, Hz⁻¹.
    lower, upper
        Ends of the confidence interval of `power`; None where there is none.
    dof
        Effective degrees of freedom at each frequency; None where they are not known.
    """

    frequency: Array
    power: Array
    units: str
    lower: Array | None = None
    upper: Array | None = None
    dof: Array | None = None

    def to_frame(self) -> pd.DataFrame:
        """Return a table with a row a frequency."""
        columns = {"frequency": self.frequency, "power": self.power}
        more = {"lower": self.lower, "upper": self.upper, "dof": self.dof}
        return pd.DataFrame(columns | {name: v for name, v in more.items() if v is not None})


def density_units(units: str, per: str = "Hz⁻¹") -> str:
    """Return the unit of a density of what has these units: ``s⁻¹`` → ``s⁻² Hz⁻¹``."""
    if units in ("", "1"):
        return per
    if units == "s⁻¹":
        return f"s⁻² {per}"
    return f"{units}² {per}" if units.isalpha() else f"({units})² {per}"


def half_overlapping(samples: int, length: int) -> list[slice]:
    """Return Welch's pieces: each begins in the middle of the one before."""
    return [slice(i, i + length) for i in range(0, samples - length + 1, max(length // 2, 1))]


def one_sided(frequency: Array, power: Array) -> tuple[Array, Array]:
    """Return the half f ≥ 0 of a two-sided density, doubled where −f is another frequency.

    Parameters
    ----------
    frequency
        In the order of `numpy.fft.fftfreq`, shape (n,).
    power
        Shape (n, …).

    Returns
    -------
    frequency, power
        Shape (n // 2 + 1, …).
    """
    count = len(frequency)
    half = power[: count // 2 + 1].copy()
    half[1 : (count + 1) // 2] *= 2
    return np.abs(frequency[: count // 2 + 1]), half


def mode_density(
    data: Array,
    interval: float,
    pieces: list[slice],
    *,
    window: str = "hann",
    detrend: str | bool = "constant",
) -> tuple[Array, Array]:
    """Return the power of every spatial Fourier mode, averaged over pieces of time.

    Parameters
    ----------
    data
        Shape (time, y, x).
    interval
        Time between rows [s].
    pieces
        Rows of each piece, all as long.
    window
        Taper, a name that `scipy.signal.get_window` knows.
    detrend
        As of `scipy.signal.periodogram`.

    Returns
    -------
    frequency
        Shape (f,) [Hz].
    power
        Density |c_k|² of the waves exp(i (k·r + ωt)), shape (f, ky, kx) with the modes in the order
        of `numpy.fft.fftfreq` [unit² Hz⁻¹]. Doubled, as only ω ≥ 0 is listed; the sum over the
        modes is the mean of the nodes' densities.
    """
    total, frequency = None, np.zeros(0)
    for rows in pieces:
        modes = fft.fft2(data[rows], axes=(1, 2), norm="forward")
        frequency, power = signal.periodogram(
            modes, 1 / interval, window, detrend=detrend, return_onesided=False, axis=0
        )
        total = power if total is None else total + power
    assert total is not None
    return one_sided(frequency, np.asarray(total, float) / len(pieces))
