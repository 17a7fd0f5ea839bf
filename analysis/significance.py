"""How far a measured spectrum is from an expected one, in units of what chance does.

Welch's estimate of a Gaussian process is, at each frequency, close to chi-square: its mean is the
spectrum blurred by the window (`analysis.welch`), its degrees of freedom are

    ν(f) = 2 M(f) S / (1 + 2 (1 − 1/S) |ρ_1|²),    M = (Σ_k p_k)² / Σ_k p_k²,

for S half-overlapping segments and modes of power p_k, M of which are effectively independent; ρ_1
is the correlation of overlapping segments, 1/6 with a Hann window (Welch 1967). The cube root of a
chi-square variable is close to normal (Wilson & Hilferty 1931), which makes z-scores. The window
also correlates neighbouring frequencies: R = 1, 0.46, 0.04 at distances of 0, 1 and 2 bins. The
global test is therefore χ² = zᵀ R⁻¹ z, once over all frequencies, where a line or a narrow error
shows, and once over averages of neighbouring z, where a small error over many frequencies does.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import linalg, signal, stats

from analysis.comparison import LEVEL
from analysis.spectrum import Spectrum
from nftsim.errors import NftsimError

Array = NDArray[np.float64]

#: Distance in bins beyond which a Hann window correlates nothing.
REACH = 4
#: Neighbouring z-scores that are averaged into one for the second test.
GROUP = 8


@dataclass(frozen=True)
class Significance:
    """Deviation of a measured spectrum from an expected one.

    Attributes
    ----------
    frequency
        Frequencies that were tested, shape (n,) [Hz].
    ratio
        Measured over expected power there.
    dof
        Degrees of freedom of the measured power.
    z
        Scores, each normal with mean 0 and variance 1 if only chance is at work.
    chi2, p
        zᵀ R⁻¹ z over all frequencies, and the probability of a larger one, of n degrees of freedom.
    chi2_groups, groups, p_groups
        The same of averages over neighbouring frequencies, and their number.
    """

    frequency: Array
    ratio: Array
    dof: Array
    z: Array
    chi2: float
    p: float
    chi2_groups: float
    groups: int
    p_groups: float

    @property
    def consistent(self) -> bool:
        """Whether chance alone may explain the deviation: neither p is below 0.001."""
        return min(self.p, self.p_groups) >= LEVEL

    def excess(self, f_lo: float, f_hi: float) -> tuple[float, float]:
        """Return the mean of ratio − 1 over f_lo ≤ f < f_hi, and what chance makes of it.

        Returns
        -------
        tuple of float
            Mean and standard error; nan where there is no frequency.
        """
        inside = (self.frequency >= f_lo) & (self.frequency < f_hi)
        count = int(np.count_nonzero(inside))
        if count == 0:
            return np.nan, np.nan
        error = np.sqrt(2 / self.dof[inside])
        variance = error @ correlation_matrix(count) @ error / count**2
        return float(np.mean(self.ratio[inside]) - 1), float(np.sqrt(variance))


def overlap(samples: int, distance: int) -> Array:
    """Return |ρ|² of two segments' Fourier coefficients, by how many bins they are apart.

    Parameters
    ----------
    samples
        Per segment.
    distance
        Segments apart, each shifted by half a segment against the one before.

    Returns
    -------
    ndarray
        Shape (REACH + 1,), for a spectrum that is flat over a few bins.
    """
    window = signal.get_window("hann", samples)
    shift = distance * (samples // 2)
    product = np.zeros(samples)
    product[shift:] = window[shift:] * window[: samples - shift]
    found = np.abs(np.fft.fft(product)[: REACH + 1]) / np.sum(window**2)
    return np.asarray(found**2)


def estimate_correlation(segments: float = np.inf, samples: int = 512) -> tuple[float, Array]:
    """Return S times the relative variance of a Welch estimate, and R by distance in bins.

    Parameters
    ----------
    segments
        S, in one record.
    samples
        Per segment; of no consequence, if there are many.

    Returns
    -------
    variance
        For one mode and S segments, S times the squared relative standard deviation.
    correlation
        Between estimates 0, 1, … REACH bins apart.
    """
    joint = overlap(samples, 0) + 2 * (1 - 1 / segments) * overlap(samples, 1)
    return float(joint[0]), joint / joint[0]


def correlation_matrix(count: int, segments: float = np.inf) -> Array:
    """Return R of neighbouring frequencies, shape (count, count)."""
    column = np.zeros(count)
    near = estimate_correlation(segments)[1][:count]
    column[: len(near)] = near
    return np.asarray(linalg.toeplitz(column))


def significance(
    spectrum: Spectrum,
    expected: ArrayLike,
    modes: ArrayLike,
    *,
    f_min: float = 1.0,
    f_max: float = 45.0,
) -> Significance:
    """Test whether a measured spectrum is an estimate of the expected one.

    Parameters
    ----------
    spectrum
        Measured by `analysis.spectra`.
    expected
        Mean of the estimate at the spectrum's frequencies (see `analysis.welch.expected_welch`);
        nan where it is not tested.
    modes
        Effective number of independent modes there, M.
    f_min, f_max
        Range of the test [Hz]. The two lowest frequencies, which have lost the mean, and the two
        highest, are never in it.

    Returns
    -------
    Significance

    Raises
    ------
    NftsimError
        If there is no segment, or no frequency to test.
    """
    mean, independent = np.asarray(expected, float), np.asarray(modes, float)
    f = spectrum.frequency
    inside = (f >= f_min) & (f <= f_max) & np.isfinite(mean)
    inside[:2] = inside[-2:] = False
    count, total = int(np.count_nonzero(inside)), float(spectrum.segments.sum())
    if total < 1 or count < 2:
        raise NftsimError(
            f"comparison: {total:g} segments and {count} frequencies between {f_min:g} and "
            f"{f_max:g} Hz are too few for a test; run longer, or widen the range"
        )
    per_run = total / max(1, int(spectrum.meta.get("runs", 1)))
    variance = estimate_correlation(per_run)[0]
    dof = 2 * independent[inside] * total / variance
    ratio = spectrum.power[inside] / mean[inside]
    spread = 2 / (9 * dof)
    z = (np.cbrt(ratio) - (1 - spread)) / np.sqrt(spread)
    matrix = correlation_matrix(count, per_run)
    chi2 = _weighed(z, matrix)
    groups = max(1, count // GROUP)
    average = np.zeros((groups, count))
    for row, members in zip(average, np.array_split(np.arange(count), groups), strict=True):
        row[members] = 1 / len(members)
    joined = _weighed(average @ z, average @ matrix @ average.T)
    return Significance(
        frequency=f[inside],
        ratio=ratio,
        dof=dof,
        z=z,
        chi2=chi2,
        p=float(stats.chi2.sf(chi2, count)),
        chi2_groups=joined,
        groups=groups,
        p_groups=float(stats.chi2.sf(joined, groups)),
    )


def _weighed(values: Array, covariance: Array) -> float:
    """Return vᵀ C⁻¹ v."""
    return float(values @ linalg.solve(covariance, values, assume_a="pos"))
