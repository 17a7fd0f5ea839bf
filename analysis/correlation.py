"""Cross-correlation of nodes over distance and time lag."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import fft

from analysis.field import Array, Source, as_field
from analysis.separation import by_distance, separations
from nftsim.errors import NftsimError


@dataclass(frozen=True)
class DistanceCorrelation:
    """Cross-correlation of pairs of nodes by distance and lag.

    Attributes
    ----------
    lag
        From 0 [s], shape (t,); negative lags are the same, as each pair is there both ways round.
    distance
        Mean of each bin [m], shape (d,).
    correlation
        Shape (d, t); 1 at distance 0 and lag 0.
    pairs
        Ordered pairs of nodes in each bin, shape (d,).
    """

    lag: Array
    distance: Array
    correlation: Array
    pairs: NDArray[np.int64]

    def to_frame(self) -> pd.DataFrame:
        """Return a table with a row a distance and lag."""
        d, t = np.meshgrid(self.distance, self.lag, indexing="ij")
        values = {"distance": d, "lag": t, "correlation": self.correlation}
        return pd.DataFrame({name: v.ravel() for name, v in values.items()})


def correlation_over_distance(
    field: Source, *, longest: float = 0.5, width: float | None = None
) -> DistanceCorrelation:
    """Correlation of nodes by how far they are apart, and by time lag, on the torus.

    Σ x(r + d, t + τ) x(r, t) over nodes and times, divided by the number of terms and by the mean
    square; x is what is left of the field when each node's mean is taken off.

    Parameters
    ----------
    field
        A field of all nodes; or a run or its file, whose first field is taken.
    longest
        Longest lag [s].
    width
        Of a bin of distance [m] (default: the larger spacing of nodes).

    Returns
    -------
    DistanceCorrelation

    Raises
    ------
    NftsimError
        If only some nodes are there, the sheet is no torus, the record is not longer than twice
        the longest lag, or the field does not vary.
    """
    field = as_field(field, "correlation over distance")
    data = field.torus()
    bins, distance, pairs = separations(field, width)
    rows, lags = len(data), round(longest / field.interval)
    if lags < 0 or 2 * lags >= rows:
        raise NftsimError(
            f"{field.source}: correlation: lags of up to {longest:g} s need a record of more than "
            f"twice that, and it has {rows * field.interval:g} s. "
            "Ask for shorter lags, or run for longer."
        )
    modes = fft.fft2(data - data.mean(axis=0), axes=(1, 2), norm="forward")
    padded = fft.next_fast_len(rows + lags)
    covariance = np.empty((lags + 1, *field.shape), complex)
    for y in range(field.shape[0]):  # a row of modes at a time: a record is long
        power = np.abs(fft.fft(modes[:, y], padded, axis=0)) ** 2
        covariance[:, y] = fft.ifft(power, axis=0)[: lags + 1]
    covariance /= (rows - np.arange(lags + 1))[:, None, None]
    pairwise = fft.ifft2(covariance, axes=(1, 2), norm="forward").real
    square = pairwise[0, 0, 0]
    if square <= 0:
        raise NftsimError(
            f"{field.source}: correlation: {field.name} does not vary in time, so that nothing is "
            "correlated"
        )
    lag = field.interval * np.arange(lags + 1, dtype=float)
    return DistanceCorrelation(lag, distance, by_distance(pairwise / square, bins), pairs)
