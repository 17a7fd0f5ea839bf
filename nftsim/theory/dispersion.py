"""Dispersion relation: the frequencies and damping of a model's own waves, along k."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import linear_sum_assignment

from nftsim.errors import NftsimError
from nftsim.model import Model
from nftsim.theory.characteristic import rightmost_roots
from nftsim.theory.cross import wave
from nftsim.theory.equations import Array
from nftsim.theory.fixed_points import FixedPoint
from nftsim.theory.linear import rest
from nftsim.theory.response import linearise
from nftsim.theory.sources import rate_of

Complex = NDArray[np.complex128]


@dataclass(frozen=True)
class Dispersion:
    """The rightmost roots of the characteristic function along k.

    Attributes
    ----------
    k
        Wavenumbers, shape (n,) [m⁻¹].
    roots
        s = growth rate + i angular frequency of each branch, rightmost first at the first k and
        followed from there, shape (n, branch) [s⁻¹]; NaN where a branch is lost. Of a conjugate
        pair the one with Im s ≥ 0.
    """

    k: Array
    roots: Complex

    @property
    def growth(self) -> Array:
        """Growth rates Re s, shape (n, branch) [s⁻¹]."""
        return np.asarray(self.roots.real)

    @property
    def frequency(self) -> Array:
        """Frequencies Im s/2π, shape (n, branch) [Hz]."""
        return np.asarray(self.roots.imag / (2 * np.pi))

    def to_frame(self) -> pd.DataFrame:
        """Return a table with one row per wavenumber and branch."""
        n, branches = self.roots.shape
        return pd.DataFrame(
            {
                "k": np.repeat(self.k, branches),
                "branch": np.tile(np.arange(1, branches + 1), n),
                "growth": self.growth.ravel(),
                "frequency": self.frequency.ravel(),
            }
        )


def dispersion(
    model: Model,
    k: ArrayLike,
    *,
    count: int = 3,
    wavenumbers: str = "continuous",
    fixed_point: FixedPoint | None = None,
) -> Dispersion:
    """Return the dispersion relation ω(k) of small deviations that nothing drives.

    Parameters
    ----------
    model
        A uniform model with neural populations.
    k
        Wavenumbers along x on the first neural sheet, shape (n,) [m⁻¹].
    count
        How many branches.
    wavenumbers
        ``continuous`` or ``grid`` (see `nftsim.theory.modes.WAVENUMBERS`).
    fixed_point
        The state around which the model is linearised (default: as in `linear_spectrum`).

    Notes
    -----
    With s = −iω the roots of det(1 − ρ (ν L Γ e^{−sτ} + f)) (see `nftsim.theory.stability`). From
    one k to the next branches are followed so that they move the least in all.
    """
    if wavenumbers == "scheme":
        raise NftsimError(
            "the dispersion relation is that of the equations; take the continuous or the grid "
            "wavenumbers"
        )
    if not model.neural:
        raise NftsimError(f"{model.name} has only inputs, and no waves of its own")
    along = np.asarray(k, dtype=float)
    if along.ndim != 1 or not len(along) or not np.isfinite(along).all():
        raise NftsimError("k must be a list of one or more finite numbers [m^-1]")
    linear = linearise(model, rest(model, fixed_point), wavenumbers)
    laplacian = wave(linear, rate_of(model.neural[0]), along)
    roots = np.full((len(along), count), np.nan + 0j)
    for i, eigenvalue in enumerate(laplacian):
        # both of each pair are found
        found = rightmost_roots(linear, np.asarray(eigenvalue), 2 * count + 2)
        found = found[found.imag >= -1e-9 * np.abs(found)]
        if i == 0:
            roots[0, : len(found[:count])] = found[:count]
            continue
        known = np.flatnonzero(~np.isnan(roots[i - 1]))
        moved = np.abs(found[:, None] - roots[i - 1, known])
        new, old = linear_sum_assignment(moved)
        roots[i, known[old]] = found[new]
    return Dispersion(along, roots)
