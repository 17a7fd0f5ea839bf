"""Counting roots by the argument principle: how often a function turns around 0 along a line."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nftsim.errors import NftsimError
from nftsim.theory.equations import Array

Complex = NDArray[np.complex128]
Counts = NDArray[np.intp]
Ends = NDArray[Any]
#: A function at points s of the modes of these indices; both of shape (n,), as its result.
Function = Callable[[Complex, Counts], Complex]

#: Largest change from point to point, relative to the smaller of the two values.
CHANGE = 0.5
#: Halvings of a first interval after which the function is taken to vanish on the line.
HALVINGS = 45
#: Most intervals that are followed at once.
MOST = 5_000_000
#: Points at which the function is computed at once.
BLOCK = 50_000


def turns(function: Function, left: float, first: Array) -> Array:
    """Return by how many half turns the argument of functions grows along a line, from its end.

    Each function is real on the real axis and takes conjugate values at conjugate points. The line
    is s = `left` + iω, from the last point of `first` down to ω = 0; the argument at the last point
    counts as between −π and π. With a half circle at whose edge the argument is that small, the
    result is the number of zeros minus the number of poles right of the line.

    Parameters
    ----------
    function
        Values of the functions (see `Function`).
    left
        Real part of the line [s⁻¹].
    first
        Points ω to begin with, of each function, rising from 0, shape (modes, n) [s⁻¹].

    Returns
    -------
    ndarray
        Shape (modes,), whole numbers to rounding; NaN where a function is 0 on the line.

    Notes
    -----
    Intervals are halved until the function changes by at most `CHANGE` of its size between the
    ends and the middle, so that no turn and no close pair of zeros is passed over.
    """

    def values(omega: Array, mode: Counts) -> Complex:
        blocks = [slice(i, i + BLOCK) for i in range(0, len(omega), BLOCK)]
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            found = [function(np.asarray(left + 1j * omega[b]), mode[b]) for b in blocks]
        return np.concatenate(found) if found else np.empty(0, complex)

    modes = len(first)
    every = np.arange(modes)
    start = values(first.ravel(), np.repeat(every, first.shape[1])).reshape(first.shape)
    total = np.angle(start[:, -1])
    apart = (np.diff(first) > 0).ravel()  # points may be given twice
    mode = np.repeat(every, first.shape[1] - 1)[apart]
    low, high = first[:, :-1].ravel()[apart], first[:, 1:].ravel()[apart]
    at_low, at_high = start[:, :-1].ravel()[apart], start[:, 1:].ravel()[apart]
    for _ in range(HALVINGS):
        middle = 0.5 * (low + high)
        at_middle = values(middle, mode)
        sizes = np.abs(np.stack([at_low, at_middle, at_high]))
        steps = np.abs(np.stack([at_middle - at_low, at_high - at_middle]))
        good = steps.max(axis=0) <= CHANGE * sizes.min(axis=0)  # false if not a number
        good &= sizes.min(axis=0) > 0
        with np.errstate(all="ignore"):
            turned = np.angle(at_low / at_middle) + np.angle(at_middle / at_high)
        total += np.bincount(mode[good], weights=turned[good], minlength=modes)
        rest = ~good
        low, high = _halves(low[rest], middle[rest], high[rest])
        at_low, at_high = _halves(at_low[rest], at_middle[rest], at_high[rest])
        mode = np.concatenate([mode[rest], mode[rest]])
        if len(mode) == 0:
            break
        if len(mode) > MOST:
            raise NftsimError(
                "stability: the characteristic function turns too often to be followed; are delays "
                "very long, or strengths very large?"
            )
    total[np.unique(mode)] = np.nan
    return np.asarray(total / np.pi)


def _halves(
    low: NDArray[Any], middle: NDArray[Any], high: NDArray[Any]
) -> tuple[NDArray[Any], ...]:
    return np.concatenate([low, middle]), np.concatenate([middle, high])
