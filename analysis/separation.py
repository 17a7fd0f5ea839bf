"""Pairs of nodes on the torus, by how far they are apart."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from analysis.field import Field
from analysis.modes import Array
from nftsim.errors import NftsimError


def separations(
    field: Field, width: float | None
) -> tuple[NDArray[np.int64], Array, NDArray[np.int64]]:
    """Sort the displacements on a sheet into bins of distance, the shortest way round.

    Parameters
    ----------
    field
        On a torus.
    width
        Of a bin [m] (default: the larger spacing of nodes). The first bin is distance 0 alone; bin
        i is centred on i times the width.

    Returns
    -------
    bins
        Bin of each displacement, shape (y, x).
    distance
        Mean distance in each bin that is not empty [m].
    pairs
        Number of ordered pairs of nodes in each.

    Raises
    ------
    NftsimError
        If the width is not positive.
    """
    (ny, nx), (ly, lx) = field.shape, field.extent
    dy, dx = ly / ny, lx / nx
    steps = [step for step, count in ((dy, ny), (dx, nx)) if count > 1]
    wide = max(steps, default=1.0) if width is None else width
    if wide <= 0:
        raise NftsimError(f"distances: bins of {wide:g} m; the width must be above 0")
    along = [np.minimum(np.arange(n), n - np.arange(n)) for n in (ny, nx)]
    distance = np.hypot(along[0][:, None] * dy, along[1][None, :] * dx)
    bins = np.maximum(np.floor(distance / wide + 0.5).astype(np.int64), distance > 0)
    _, bins = np.unique(bins, return_inverse=True)
    bins = bins.reshape(ny, nx)
    counts = np.bincount(bins.ravel())
    return bins, np.bincount(bins.ravel(), distance.ravel()) / counts, counts * ny * nx


def by_distance(values: Array, bins: NDArray[np.int64]) -> Array:
    """Return the mean in each bin of values of displacements (…, y, x): shape (bin, …)."""
    flat = values.reshape(-1, bins.size)
    counts = np.bincount(bins.ravel())
    total = np.zeros((len(counts), len(flat)))
    np.add.at(total, bins.ravel(), flat.T)
    return (total / counts[:, None]).reshape(len(counts), *values.shape[:-2])
