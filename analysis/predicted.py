"""What linear theory predicts of a measured spectrum: its mean in three treatments, its scatter."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from analysis.welch import expected_welch

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Prediction:
    """What theory says of a trace, at frequencies of its own.

    Attributes
    ----------
    frequency
        Shape (n,) [Hz].
    curves
        Treatment (``continuous``, ``grid``, ``scheme``) → one-sided power spectral density.
    modes
        Effective number of independent modes, (Σ_k p_k)² / Σ_k p_k² over all modes of the torus, in
        the treatment ``scheme``, shape (n,); not a number where it is not known.
    reason
        Why there is nothing to compare a simulation with (see `analysis.comparable`); else empty.
    """

    frequency: Array
    curves: Mapping[str, Array]
    modes: Array
    reason: str = ""

    def seen(self, curve: str, at: ArrayLike, *, segment: float, interval: float) -> Array:
        """Return the mean of a Welch estimate at multiples of 1/`segment`, shape of `at`.

        Parameters
        ----------
        curve
            One of `curves`.
        at
            Frequencies of the estimate [Hz].
        segment, interval
            Of the estimate [s].
        """
        power = self.curves[curve]
        return expected_welch(at, self.frequency, power, segment=segment, interval=interval)


def frequencies(resolution: float, interval: float) -> Array:
    """Return the multiples of `resolution` up to the Nyquist frequency [Hz].

    Parameters
    ----------
    resolution
        Spacing, and the lowest frequency [Hz].
    interval
        Between samples of the simulation [s].
    """
    count = int(0.5 / interval / resolution * (1 + 1e-12))
    return resolution * np.arange(1, count + 1, dtype=np.float64)
