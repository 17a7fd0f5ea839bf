"""Spectrogram by complex Morlet wavelets (Torrence & Compo 1998).

The wavelet ψ(t/s) = π^{−1/4} exp(i c t/s) exp(−t²/2s²) has scale s [s] and c/2π cycles to a
standard deviation. In the frequency domain it is a Gaussian of standard deviation 1/(2π s) [Hz].
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import fft, signal

from analysis.field import Array, as_series, require_interval
from nftsim.errors import NftsimError

SCALINGS = ("amplitude", "density", "energy")


@dataclass(frozen=True)
class Scalogram:
    """A wavelet transform.

    Attributes
    ----------
    frequency
        Shape (f,) [Hz].
    time
        From 0, shape (t,) [s].
    coefficients
        Complex, shape (…, f, t). ``amplitude``: the modulus is the amplitude of a sine at that
        frequency. ``density``: its square is the one-sided power spectral density of white noise
        [unit² Hz⁻¹]. ``energy``: wavelets of unit energy a sample, as ``nf`` has.
    scale
        s of each frequency [s], shape (f,).
    scaling
        Which of the three.
    """

    frequency: Array
    time: Array
    coefficients: np.ndarray[tuple[int, ...], np.dtype[np.complex128]]
    scale: Array
    scaling: str

    @property
    def power(self) -> Array:
        """Squared modulus, shape (…, f, t)."""
        return np.abs(self.coefficients) ** 2

    @property
    def edge(self) -> Array:
        """Time from either end within which the ends are felt, √2 s, shape (f,) [s]."""
        return np.sqrt(2.0) * self.scale

    def to_frame(self) -> pd.DataFrame:
        """Return a table with a row a frequency and time, of one series."""
        if self.coefficients.ndim != 2:
            raise NftsimError(
                f"wavelets: a table is of one series, and not {self.coefficients.shape[:-2]}; "
                "transform one"
            )
        f, t = np.meshgrid(self.frequency, self.time, indexing="ij")
        values = {"frequency": f, "time": t, "power": self.power}
        return pd.DataFrame({name: v.ravel() for name, v in values.items()})


def morlet(
    series: Array,
    interval: float,
    frequencies: ArrayLike,
    *,
    cycles: float = 7.0,
    scaling: str = "amplitude",
    padded: bool = True,
) -> Scalogram:
    """Transform series by Morlet wavelets.

    Parameters
    ----------
    series
        Real, shape (…, time). The mean is taken off.
    interval
        Time between samples [s].
    frequencies
        Where to look [Hz].
    cycles
        c: more resolves frequencies better, and times worse.
    scaling
        ``amplitude`` and ``density`` have s = c/(2π f). ``energy`` has
        s = (c + √(2 + c²))/(4π f), whose power is greatest at the frequency of a sine, and the
        factor √(2π s/Δt): both as Torrence & Compo (1998, table 1 and equation 6).
    padded
        Whether zeros keep the end of a series from meeting its beginning; ``nf`` has none.

    Returns
    -------
    Scalogram

    Raises
    ------
    NftsimError
        If a frequency is not between 0 and the Nyquist frequency, or has wavelets longer than the
        series.
    """
    x = as_series(series, "morlet", "…, time")
    require_interval(interval, "morlet")
    f = np.atleast_1d(np.asarray(frequencies, float))
    nyquist = 0.5 / interval
    if scaling not in SCALINGS:
        raise NftsimError(f"wavelets: scaling '{scaling}'; allowed: {', '.join(SCALINGS)}")
    if cycles <= 0:
        raise NftsimError(f"wavelets: cycles {cycles:g}; the number must be above 0")
    if not f.size or not ((f > 0) & (f <= nyquist)).all():
        raise NftsimError(
            f"wavelets: frequencies must be above 0 and at most {nyquist:g} Hz, half the sampling "
            "rate"
        )
    if scaling == "energy":
        scale = (cycles + np.sqrt(2 + cycles**2)) / (4 * np.pi * f)
    else:
        scale = cycles / (2 * np.pi * f)
    count = x.shape[-1]
    longest = 2 * np.sqrt(2.0) * scale.max()
    if count * interval < longest:
        raise NftsimError(
            f"wavelets: at {f.min():g} Hz a wavelet of {cycles:g} cycles needs {longest:.3g} s, "
            f"and the record has {count * interval:g} s. Start at "
            f"{f.min() * longest / count / interval:.3g} Hz or more, ask for fewer cycles, or run "
            "for longer."
        )
    length = count
    if padded:
        length = fft.next_fast_len(count + int(np.ceil(5 * scale.max() / interval)))
    spectrum = fft.fft(signal.detrend(x, type="constant"), length)
    omega = 2 * np.pi * fft.fftfreq(length, interval)
    result = np.empty((*x.shape[:-1], len(f), count), complex)
    for i, s in enumerate(scale):
        gaussian = np.where(omega > 0, np.exp(-0.5 * (s * omega - cycles) ** 2), 0.0)
        gain = _gain(scaling, float(s), interval)
        result[..., i, :] = gain * fft.ifft(spectrum * gaussian)[..., :count]
    return Scalogram(f, interval * np.arange(count, dtype=float), result, scale, scaling)


def _gain(scaling: str, scale: float, interval: float) -> float:
    if scaling == "energy":
        return float(np.pi**-0.25 * np.sqrt(2 * np.pi * scale / interval))
    # a sine has half its amplitude at each of ±f; white noise of density P has the power
    # 2 P ∫ exp(−(2π s f)²) df = P/(s √π) behind the doubled Gaussian
    return 2.0 if scaling == "amplitude" else float(2.0 * np.sqrt(scale * np.sqrt(np.pi)))
