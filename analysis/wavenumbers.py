"""Power over wavenumber and frequency: where waves of a field lie in the k–ω plane."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import fft

from analysis.density import density_units, half_overlapping, mode_density
from analysis.field import Array, Source, as_field
from analysis.segments import piece
from nftsim.errors import NftsimError


@dataclass(frozen=True)
class WavenumberSpectrum:
    """Power of a field over wavenumber and frequency.

    Attributes
    ----------
    frequency
        Shape (f,) [Hz].
    wavenumber
        Shape (k,) [rad m⁻¹]: the mean |k| of each ring; or along one direction, ascending, above 0
        for waves that travel towards larger x (or y).
    power
        Shape (k, f) [`units`]. One-sided in frequency.
    modes
        How many modes each row is of, shape (k,).
    direction
        ``x``, ``y``, or None for rings.
    units
        Unit of the field squared, Hz⁻¹, and (rad m⁻¹)⁻² in rings: the sum over rings of power times
        modes times Δkx Δky is the density in frequency. (rad m⁻¹)⁻¹ along a direction: the sum of
        power times Δk is.
    """

    frequency: Array
    wavenumber: Array
    power: Array
    modes: NDArray[np.int64]
    direction: str | None
    units: str

    def to_frame(self) -> pd.DataFrame:
        """Return a table with a row a wavenumber and frequency."""
        k, f = np.meshgrid(self.wavenumber, self.frequency, indexing="ij")
        values = {"wavenumber": k, "frequency": f, "power": self.power}
        return pd.DataFrame({name: v.ravel() for name, v in values.items()})


def wavenumber_spectrum(
    field: Source,
    *,
    direction: str | None = None,
    segment: float = 4.0,
    width: float | None = None,
) -> WavenumberSpectrum:
    """Power over wavenumber and frequency, by Welch's method in time.

    Parameters
    ----------
    field
        A field of all nodes; or a run or its file, whose first field is taken.
    direction
        ``"x"`` or ``"y"``: along it, with the sign of the direction of travel, summed over the
        other; None for the mean over rings of |k|.
    segment
        Length of the half-overlapping Hann-tapered segments [s].
    width
        Of a ring [rad m⁻¹] (default: the larger of 2π/Lx and 2π/Ly).

    Returns
    -------
    WavenumberSpectrum

    Raises
    ------
    NftsimError
        If only some nodes are there, the sheet is no torus, or the record is too short.
    """
    field = as_field(field, "wavenumber spectrum")
    data = field.torus()
    if direction not in (None, "x", "y"):
        raise NftsimError(f"wavenumber spectrum: direction '{direction}'; allowed: x, y, or none")
    length = piece(len(data), field.interval, segment, f"{field.source}: wavenumber spectrum")
    pieces = half_overlapping(len(data), length)
    frequency, power = mode_density(data, field.interval, pieces)
    (ny, nx), (ly, lx) = field.shape, field.extent
    ky, kx = 2 * np.pi * fft.fftfreq(ny, ly / ny), 2 * np.pi * fft.fftfreq(nx, lx / nx)
    if direction is not None:
        axis, k, other = (2, kx, ny) if direction == "x" else (1, ky, nx)
        # summed over the other axis; −k, since mode_density's waves travel against k
        along = np.roll(np.flip(power.sum(axis=3 - axis), 1), 1, axis=1)
        step = 2 * np.pi / (lx if direction == "x" else ly)
        return WavenumberSpectrum(
            frequency,
            fft.fftshift(k),
            fft.fftshift(along, axes=1).T / step,
            np.full(len(k), other),
            direction,
            density_units(field.units, "Hz⁻¹ (rad m⁻¹)⁻¹"),
        )
    steps = [2 * np.pi / length for count, length in ((ny, ly), (nx, lx)) if count > 1]
    ring = max(steps, default=1.0) if width is None else width
    if ring <= 0:
        raise NftsimError(f"wavenumber spectrum: rings of {ring:g} rad/m; give a width above 0")
    k = np.hypot(ky[:, None], kx[None, :]).ravel()
    _, index = np.unique(np.floor(k / ring + 0.5), return_inverse=True)
    modes = np.bincount(index)
    total = np.zeros((len(modes), len(frequency)))
    np.add.at(total, index, power.reshape(len(frequency), -1).T)
    cell = (2 * np.pi / ly) * (2 * np.pi / lx)
    return WavenumberSpectrum(
        frequency,
        np.bincount(index, k) / modes,
        total / (modes[:, None] * cell),
        modes,
        None,
        density_units(field.units, "Hz⁻¹ (rad m⁻¹)⁻²"),
    )
