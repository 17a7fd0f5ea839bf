"""What Welch's estimate of a known spectrum is expected to be.

A segment of finite length blurs the spectrum with the squared transform of its window, so that even
an infinitely long record does not return the spectrum itself. For a Hann segment of length T the
relative error is about P″/(6 T² P). Measured on the wake spectrum of the corticothalamic model
(k0 = 10 m⁻¹): 2.8% at 1–2 Hz, 0.5–0.7% at 2–12 Hz and 0.1% above for T = 4 s; 15%, 2–3% and 0.5%
for T = 2 s. That is not small against a tolerance of 3%, so theory and simulation are compared
after the same blur. The formula below is exact for a stationary process; for an autoregressive
one it was checked against the covariance matrix to 2e-8.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.interpolate import PchipInterpolator

#: Quadrature points per resolution element 1/T; the window needs 2 to be exact for white noise.
POINTS = 8


def expected_welch(
    at: ArrayLike,
    frequency: ArrayLike,
    theory: ArrayLike,
    *,
    segment: float,
    interval: float,
) -> NDArray[np.float64]:
    """Blur a spectrum as Welch's method with a Hann taper does, removal of the mean included.

    Parameters
    ----------
    at
        Frequencies of the estimate [Hz], multiples of 1 / `segment`, shape (n,).
    frequency
        Where the spectrum is given [Hz], strictly increasing. Between these its logarithm is
        interpolated; beyond them, up to the Nyquist frequency, the end values are held.
    theory
        One-sided power spectral density there, positive.
    segment
        Length of a segment [s].
    interval
        Sampling interval [s].

    Returns
    -------
    ndarray
        Expected estimate, shape (n,), in the unit of `theory`.
    """
    given, logarithm = np.asarray(frequency, float), np.log(np.asarray(theory, float))
    samples = round(segment / interval)
    step = 1 / (POINTS * segment)
    fine = step * (np.arange(round(0.5 / interval / step)) + 0.5)
    power = np.exp(PchipInterpolator(given, logarithm)(np.clip(fine, given[0], given[-1])))

    def sum_of_phases(offset: NDArray[np.float64]) -> NDArray[np.complex128]:
        """Σ_j exp(−2πi·offset·j·interval) over one segment."""
        turn = np.pi * interval * offset
        small = np.abs(np.sin(turn)) < 1e-12
        ratio = np.where(small, samples, np.sin(samples * turn) / np.where(small, 1, np.sin(turn)))
        return ratio * np.exp(-1j * (samples - 1) * turn)

    def hann(offset: NDArray[np.float64]) -> NDArray[np.complex128]:
        sides = sum_of_phases(offset - 1 / segment) + sum_of_phases(offset + 1 / segment)
        return sum_of_phases(offset) / 2 - sides / 4

    signed = np.concatenate([-fine[::-1], fine])
    density = np.concatenate([power[::-1], power]) / 2
    mean = sum_of_phases(-signed) / samples
    bins = np.atleast_1d(np.asarray(at, float))
    number = np.rint(bins * segment).astype(int)
    if not np.allclose(number, bins * segment, rtol=0, atol=1e-6):
        raise ValueError(f"frequencies must be multiples of {1 / segment:g} Hz")
    # All bins see the same window, shifted by whole points: it is computed once, on all offsets.
    offsets = np.arange(-len(fine), POINTS * number.max(initial=0) + len(fine)) + 0.5
    window = hann(step * offsets)
    squared, reverse = np.abs(window) ** 2, density[::-1].copy()
    two_sided = np.empty(len(bins))
    for index, n in enumerate(number):
        seen = slice(POINTS * n, POINTS * n + len(signed))
        if n > 1:  # the mean leaks no farther than the first bin
            two_sided[index] = squared[seen] @ reverse
        else:
            leaked = mean * hann(np.array(n / segment))
            two_sided[index] = np.sum(density * np.abs(window[seen][::-1] - leaked) ** 2)
    # The squared Hann window sums to 3/8 of its length.
    two_sided *= step * interval / (0.375 * samples)
    inner = (bins > 0) & (bins < 0.5 / interval * (1 - 1e-9))
    return np.where(inner, 2.0, 1.0) * two_sided
