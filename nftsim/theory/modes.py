"""The spatial modes of the torus, each with the eigenvalue that the Laplacian has there."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from nftsim.errors import NftsimError, number, require_kind, suggestion
from nftsim.theory.equations import Array, Indices

#: How a model is treated: as its equations say; with the Laplacian of the simulation's stencils in
#: place of theirs; or exactly as its steps compute it, in space and time.
WAVENUMBERS = ("continuous", "grid", "scheme")
#: Modes that volume conduction weakens below this share are left out.
NEGLIGIBLE = 1e-12


class Eigenvalues(NamedTuple):
    """Laplacian of modes for stencils with different diagonal neighbours.

    Attributes
    ----------
    nearest, diagonal
        −∇² from the four nearest, and from the four diagonal neighbours alone, in units of Δx⁻²,
        shape (M,) each.
    """

    nearest: Array
    diagonal: Array

    def of(self, weight: float) -> Array:
        """Return −∇² for diagonal neighbours of this weight, relative to the nearest, (M,)."""
        return (self.nearest + 2 * weight * self.diagonal) / (1 + 2 * weight)


#: −∇² of modes in units of the grid spacing; by stencil where a model has several.
Laplacian = Array | Eigenvalues


@dataclass(frozen=True)
class Modes:
    """Modes of a torus, those with the same Laplacian joined.

    Attributes
    ----------
    laplacian
        −∇² in units of the grid spacing: (Δx)² times the eigenvalue, shape (M,) [1]. Sheets of
        different length share the modes (m, n) of their common grid, and with them this number;
        a sheet's own k² is this over its own Δx². Where stencils differ, one of each kind.
    seen
        The spatial filter F of each mode that is not left out, shape (K,) [1].
    kept, group
        Places of these in the grid of modes, row by row in the order of `numpy.fft`, and which of
        the joined modes each belongs to, shape (K,).
    """

    laplacian: Laplacian
    seen: Array
    kept: Indices
    group: Indices

    def __len__(self) -> int:
        """Return M, how many are left when equal ones are joined."""
        return int(self.group.max()) + 1

    @property
    def weight(self) -> Array:
        """Sum of F over the joined modes, shape (M,) [1]."""
        return np.bincount(self.group, weights=self.seen).astype(float)

    def filtered(self, density: Array) -> Array:
        """Return the sum of F times a density over the joined modes, shape (M,).

        Parameters
        ----------
        density
            Of every mode of the grid, shape (ny, nx) or flat.
        """
        weighted = self.seen * density.ravel()[self.kept]
        return np.bincount(self.group, weights=weighted).astype(float)


def grid_modes(
    shape: tuple[int, int],
    spacing: float,
    k0: float | None = None,
    wavenumbers: str = "continuous",
    stencils: Collection[float] = (0.0,),
) -> Modes:
    """Return the modes k = 2π (m/Lx, n/Ly) of a torus.

    Parameters
    ----------
    shape
        Nodes (ny, nx).
    spacing
        Δx [m] of the sheet that is seen through volume conduction.
    k0
        Cut-off of volume conduction F = exp(−k²/k0²) on power [m⁻¹]; None for F = 1. The filter is
        a property of the head, not of the grid: it takes the true k whatever `wavenumbers` says.
    wavenumbers
        ``continuous`` (k²) or ``grid`` ((2 − 2 cos kxΔx)/Δx² and the same along y, where a stencil
        has no diagonal neighbours); ``scheme`` has the Laplacian of ``grid``.
    stencils
        Weights of diagonal neighbours that the model's stencils have (`Propagator.diagonal`).

    Raises
    ------
    NftsimError
        If `k0` is not positive or `wavenumbers` not one of these.
    """
    require_treatment(wavenumbers)
    k0 = None if k0 is None else number(k0, "a number k0 [m^-1], or None")
    if k0 is not None and not (np.isfinite(k0) and k0 > 0):
        raise NftsimError(f"k0 = {k0} is out of bounds; give a number > 0 [m^-1], or none")
    # phase advance per node along x and y; which sign a Nyquist mode gets does not matter
    py, px = (2 * np.pi * np.fft.fftfreq(n) for n in shape)
    true = py[:, None] ** 2 + px[None, :] ** 2
    # a single node may have no length at all; its only mode is k = 0
    seen = np.ones(true.shape)
    if k0 is not None and spacing > 0:
        seen = np.exp(-true / (k0 * spacing) ** 2)
    kept = np.flatnonzero(seen >= NEGLIGIBLE)
    if wavenumbers == "continuous":
        found = [true]
    else:
        cy, cx = np.cos(py)[:, None], np.cos(px)[None, :]
        both = Eigenvalues(4 - 2 * cy - 2 * cx, 2 - 2 * cy * cx)
        weights = sorted(set(stencils)) or [0.0]
        found = [both.of(weights[0])] if len(weights) == 1 else [*both]
    values = np.stack([v.ravel()[kept] for v in found])
    # equal up to the rounding of the cosines
    rounded = np.round(values, 12)
    _, first, group = np.unique(rounded, axis=1, return_index=True, return_inverse=True)
    joined = [v[first] for v in values]
    laplacian = Eigenvalues(*joined) if len(joined) > 1 else joined[0]
    return Modes(laplacian, seen.ravel()[kept], kept, group.reshape(-1))


def require_treatment(wavenumbers: str) -> None:
    """Refuse a treatment that there is not (see `WAVENUMBERS`)."""
    require_kind(wavenumbers, str, f"wavenumbers as a word ({', '.join(WAVENUMBERS)})")
    if wavenumbers not in WAVENUMBERS:
        raise NftsimError(
            f"wavenumbers '{wavenumbers}' is unknown. Allowed: {', '.join(WAVENUMBERS)}."
            + suggestion(wavenumbers, WAVENUMBERS)
        )
