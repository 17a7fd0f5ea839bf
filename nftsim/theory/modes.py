"""The spatial modes of the torus, each with the eigenvalue that the Laplacian has there."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nftsim.errors import NftsimError, suggestion
from nftsim.theory.equations import Array, Indices

#: How the Laplacian of a mode is taken: −k² as in the equations, or as the five-point stencil does.
WAVENUMBERS = ("continuous", "grid")
#: Modes that volume conduction weakens below this share are left out.
NEGLIGIBLE = 1e-12


@dataclass(frozen=True)
class Modes:
    """Modes of a torus, those with the same Laplacian joined.

    Attributes
    ----------
    laplacian
        −∇² in units of the grid spacing: (Δx)² times the eigenvalue, shape (M,) [1]. Sheets of
        different length share the modes (m, n) of their common grid, and with them this number;
        a sheet's own k² is this over its own Δx².
    seen
        The spatial filter F of each mode that is not left out, shape (K,) [1].
    kept, group
        Places of these in the grid of modes, row by row in the order of `numpy.fft`, and which of
        the joined modes each belongs to, shape (K,).
    """

    laplacian: Array
    seen: Array
    kept: Indices
    group: Indices

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
        ``continuous`` (k²) or ``grid`` ((2 − 2 cos kxΔx)/Δx² and the same along y).

    Raises
    ------
    NftsimError
        If `k0` is not positive or `wavenumbers` not one of the two.
    """
    if wavenumbers not in WAVENUMBERS:
        raise NftsimError(
            f"wavenumbers '{wavenumbers}' is unknown. Allowed: {', '.join(WAVENUMBERS)}."
            + suggestion(wavenumbers, WAVENUMBERS)
        )
    if k0 is not None and not (np.isfinite(k0) and k0 > 0):
        raise NftsimError(f"k0 = {k0} is out of bounds; give a number > 0 [m^-1], or none")
    # phase advance per node along x and y; which sign a Nyquist mode gets does not matter
    py, px = (2 * np.pi * np.fft.fftfreq(n) for n in shape)
    true = py[:, None] ** 2 + px[None, :] ** 2
    stencil = (2 - 2 * np.cos(py))[:, None] + (2 - 2 * np.cos(px))[None, :]
    # a single node may have no length at all; its only mode is k = 0
    seen = np.ones(true.shape)
    if k0 is not None and spacing > 0:
        seen = np.exp(-true / (k0 * spacing) ** 2)
    eigenvalue = (true if wavenumbers == "continuous" else stencil).ravel()
    kept = np.flatnonzero(seen >= NEGLIGIBLE)
    # equal up to the rounding of the cosines
    rounded = np.round(eigenvalue[kept], 12)
    _, first, group = np.unique(rounded, return_index=True, return_inverse=True)
    return Modes(eigenvalue[kept][first], seen.ravel()[kept], kept, group)
