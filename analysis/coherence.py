"""Coherence: how fixed phases are, frequency by frequency, over distance and between two series."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import fft, signal

from analysis.density import half_overlapping, mode_density
from analysis.field import Array, Source, as_field, as_series, require_interval
from analysis.segments import piece
from analysis.separation import by_distance, separations
from nftsim.errors import NftsimError

#: Squared correlation of Hann-tapered neighbours at 50% overlap (Welch 1967): (1/6)².
OVERLAP = 1 / 36


@dataclass(frozen=True)
class DistanceCoherence:
    """Coherence of pairs of nodes by distance.

    Attributes
    ----------
    frequency
        Shape (f,) [Hz].
    distance
        Mean of each bin [m], shape (d,).
    coherence
        Magnitude squared, from 0 to 1, shape (d, f).
    pairs
        Ordered pairs of nodes in each bin, shape (d,).
    """

    frequency: Array
    distance: Array
    coherence: Array
    pairs: NDArray[np.int64]

    def to_frame(self) -> pd.DataFrame:
        """Return a table with a row a distance and frequency."""
        d, f = np.meshgrid(self.distance, self.frequency, indexing="ij")
        values = {"distance": d, "frequency": f, "coherence": self.coherence}
        return pd.DataFrame({name: v.ravel() for name, v in values.items()})


@dataclass(frozen=True)
class PairCoherence:
    """Coherence of two series.

    Attributes
    ----------
    frequency
        Shape (f,) [Hz].
    coherence
        Magnitude squared, from 0 to 1, shape (f,).
    phase
        By how much the first comes later than the second [rad], shape (f,).
    level
        What coherence of independent series exceeds with probability 1 − `confidence`.
    confidence
        Of `level`.
    """

    frequency: Array
    coherence: Array
    phase: Array
    level: float
    confidence: float

    def to_frame(self) -> pd.DataFrame:
        """Return a table with a row a frequency."""
        return pd.DataFrame(
            {"frequency": self.frequency, "coherence": self.coherence, "phase": self.phase}
        )


def coherence_over_distance(
    field: Source, *, segment: float = 1.0, width: float | None = None
) -> DistanceCoherence:
    """Magnitude-squared coherence of nodes by how far they are apart, on the torus.

    The cross-spectra of all pairs with one displacement are averaged, as are those of half-
    overlapping Hann-tapered segments, and divided by the mean spectrum of the nodes; the squared
    magnitudes are averaged over the displacements of a bin. All nodes are thus taken to have one
    spectrum. Few pairs and segments leave a bias of about one over their number.

    Parameters
    ----------
    field
        A field of all nodes; or a run or its file, whose first field is taken.
    segment
        Length of the segments [s]; the resolution is its inverse.
    width
        Of a bin of distance [m] (default: the larger spacing of nodes).

    Returns
    -------
    DistanceCoherence

    Raises
    ------
    NftsimError
        If only some nodes are there, the sheet is no torus, or the record is too short.
    """
    field = as_field(field, "coherence over distance")
    data = field.torus()
    bins, distance, pairs = separations(field, width)
    length = piece(len(data), field.interval, segment, f"{field.source}: coherence")
    pieces = half_overlapping(len(data), length)
    frequency, power = mode_density(data, field.interval, pieces)
    cross = fft.ifft2(power, axes=(1, 2), norm="forward")
    level = cross[:, :1, :1].real
    with np.errstate(divide="ignore", invalid="ignore"):
        coherence = np.abs(cross / level) ** 2
    return DistanceCoherence(frequency, distance, by_distance(coherence, bins), pairs)


def coherence_between(
    first: Array,
    second: Array,
    interval: float,
    *,
    segment: float = 1.0,
    confidence: float = 0.95,
) -> PairCoherence:
    """Coherence and phase of two series, from half-overlapping Hann-tapered segments.

    Parameters
    ----------
    first, second
        Shape (time,).
    interval
        Time between rows [s].
    segment
        Length of the segments [s]; the resolution is its inverse.
    confidence
        Of the level that chance seldom exceeds.

    Returns
    -------
    PairCoherence

    Raises
    ------
    NftsimError
        If the series differ in length, or are too short for two segments.
    """
    first, second = (as_series(x, "coherence_between", "time,") for x in (first, second))
    require_interval(interval, "coherence_between")
    if np.shape(first) != np.shape(second) or np.ndim(first) != 1:
        raise NftsimError(
            f"coherence: series of shapes {np.shape(first)} and {np.shape(second)}; "
            "give two of as many times, one number a time"
        )
    length = piece(len(first), interval, segment, "coherence")
    count = len(half_overlapping(len(first), length))
    if count < 2:
        raise NftsimError(
            f"coherence: {len(first) * interval:g} s are one segment of {segment:g} s, whose "
            f"coherence is 1 whatever it holds. Ask for segments of "
            f"{len(first) * interval / 4:.3g} s or less."
        )
    options = {"fs": 1 / interval, "window": "hann", "nperseg": length}
    frequency, cross = signal.csd(first, second, **options)
    _, power = signal.welch(first, **options)
    _, other = signal.welch(second, **options)
    with np.errstate(divide="ignore", invalid="ignore"):
        coherence = np.abs(cross) ** 2 / (power * other)
    independent = count / (1 + 2 * (count - 1) / count * OVERLAP)
    level = 1 - (1 - confidence) ** (1 / (independent - 1))
    return PairCoherence(frequency, coherence, np.angle(cross), level, confidence)
