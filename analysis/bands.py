"""Power in bands of frequency."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from analysis.field import as_series
from nftsim.errors import NftsimError

#: The usual bands of the EEG [Hz].
BANDS: Mapping[str, tuple[float, float]] = {
    "delta": (1.0, 4.0),
    "theta": (4.0, 8.0),
    "alpha": (8.0, 13.0),
    "beta": (13.0, 30.0),
    "gamma": (30.0, 45.0),
}


def band_power(
    frequency: ArrayLike,
    power: ArrayLike,
    bands: Mapping[str, Sequence[float]] = BANDS,
) -> pd.DataFrame:
    """Integrate a power spectral density over bands.

    Between frequencies the density is taken to go in a straight line.

    Parameters
    ----------
    frequency
        Ascending, shape (f,) [Hz].
    power
        One-sided density, shape (f,) [unit² Hz⁻¹].
    bands
        Name → (low, high) [Hz].

    Returns
    -------
    DataFrame
        A row a band: ``band``, ``low``, ``high`` [Hz], ``power`` [unit²], and ``share`` of what all
        frequencies given have.

    Raises
    ------
    NftsimError
        If a band is empty, goes beyond the frequencies, or is narrower than their spacing.
    """
    f, p = as_series(frequency, "band power", "f,"), as_series(power, "band power", "f,")
    if f.ndim != 1 or f.shape != p.shape or f.size < 2 or not (np.diff(f) > 0).all():
        raise NftsimError(
            "band power: give ascending frequencies, and a power for each of them; "
            f"shapes are {f.shape} and {p.shape}"
        )
    total = float(np.trapezoid(p, f))
    rows = []
    for name, (low, high) in bands.items():
        if not f[0] <= low < high <= f[-1]:
            raise NftsimError(
                f"band power: {name} is {low:g} to {high:g} Hz, and the spectrum {f[0]:g} to "
                f"{f[-1]:g} Hz. Take bands within it, or write output more often."
            )
        inside = f[(f > low) & (f < high)]
        if not inside.size:
            raise NftsimError(
                f"band power: no frequency of the spectrum is in {name}, {low:g} to {high:g} Hz. "
                f"Use segments of {2 / (high - low):.3g} s or more."
            )
        edges = np.concatenate(([low], inside, [high]))
        value = float(np.trapezoid(np.interp(edges, f, p), edges))
        rows.append((name, low, high, value, value / total if total > 0 else np.nan))
    return pd.DataFrame(rows, columns=["band", "low", "high", "power", "share"])
