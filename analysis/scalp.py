"""What electrodes on the scalp see of a field: time series behind volume conduction.

Skull and scalp let a wave of wavenumber k through with the power F = exp(−k²/k0²) (Robinson et al.
2001), so that its amplitude is multiplied by exp(−k²/2k0²). The filtered modes are summed at the
sites, which may lie between nodes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from scipy import fft

from analysis.field import Array, Field, Source, as_field
from nftsim.errors import NftsimError

#: Rows transformed at a time, so that a long record is never held twice.
CHUNK = 2048


def scalp(
    field: Source,
    *,
    k0: float | None = 10.0,
    sites: Mapping[str, tuple[float, float]] | Sequence[tuple[float, float]] | None = None,
) -> Field:
    """Filter a field in space, and take it at sites.

    Parameters
    ----------
    field
        A field of all nodes; or a run or its file, whose first field is taken.
    k0
        Cut-off of volume conduction [rad m⁻¹]; None for none.
    sites
        Positions (y, x) on the sheet [m], with or without names (default: all nodes).

    Returns
    -------
    Field
        In the unit of the field: (time, y, x), or (time, site) in the order of `sites`.

    Raises
    ------
    NftsimError
        If only some nodes are there, the sheet is no torus, k0 is not positive, or a site is not on
        the sheet.
    """
    field = as_field(field, "scalp")
    data = field.torus()
    if k0 is not None and k0 <= 0:
        raise NftsimError(f"{field.source}: scalp: k0 = {k0:g} rad/m; it must be above 0, or none")
    (ny, nx), (ly, lx) = field.shape, field.extent
    ky, kx = 2 * np.pi * fft.fftfreq(ny, ly / ny), 2 * np.pi * fft.rfftfreq(nx, lx / nx)
    squared = ky[:, None] ** 2 + kx[None, :] ** 2
    gain = np.ones_like(squared) if k0 is None else np.exp(-squared / (2 * k0**2))
    name = f"{field.name} behind volume conduction" if k0 is not None else field.name
    chunks = (data[i : i + CHUNK] for i in range(0, len(data), CHUNK))
    modes = (gain * fft.rfft2(chunk, axes=(1, 2), norm="forward") for chunk in chunks)
    if sites is None:
        parts = [fft.irfft2(m, (ny, nx), axes=(1, 2), norm="forward") for m in modes]
        return replace(field, values=np.concatenate(parts), long_name=name)
    places = _places(field, sites)
    named = isinstance(sites, Mapping)
    labels = list(sites) if named else [f"site {i + 1}" for i in range(len(places))]
    wave_y, wave_x = _waves(places, ky, kx, field)
    parts = [np.einsum("tyx,sy,sx->ts", m, wave_y, wave_x, optimize=True).real for m in modes]
    return replace(
        field,
        values=np.concatenate(parts),
        long_name=name,
        nodes=np.zeros(len(places), np.int64),
        places=places,
        sites=tuple(map(str, labels)),
    )


def _places(
    field: Field, sites: Mapping[str, tuple[float, float]] | Sequence[tuple[float, float]]
) -> Array:
    named = isinstance(sites, Mapping)
    places = np.array(list(sites.values()) if isinstance(sites, Mapping) else list(sites), float)
    if places.ndim != 2 or places.shape[1] != 2:
        raise NftsimError(f"{field.source}: scalp: give each site as (y, x) in metres")
    outside = ((places < 0) | (places > np.array(field.extent))).any(axis=1)
    if outside.any():
        first = int(outside.argmax())
        label = list(sites)[first] if named else f"site {first + 1}"
        raise NftsimError(
            f"{field.source}: scalp: {label} at y = {places[first, 0]:g}, "
            f"x = {places[first, 1]:g} m is not on the sheet of {field.extent[0]:g} by "
            f"{field.extent[1]:g} m"
        )
    return places


def _waves(
    places: Array, ky: Array, kx: Array, field: Field
) -> tuple[np.ndarray[tuple[int, int], np.dtype[np.complex128]], ...]:
    """Return exp(i ky y) and exp(i kx x) at sites, with the modes that stand for two doubled.

    Positions count from the middle of the first node, where the phases of the transform are zero.
    A wave of the Nyquist wavenumber is a cosine: nothing is known of its phase.
    """
    (ny, nx), (ly, lx) = field.shape, field.extent
    y = places[:, :1] - 0.5 * ly / ny
    x = places[:, 1:] - 0.5 * lx / nx
    wave_y, wave_x = np.exp(1j * y * ky), np.exp(1j * x * kx)
    if ny % 2 == 0:
        wave_y[:, ny // 2] = wave_y[:, ny // 2].real
    if nx % 2 == 0:
        wave_x[:, -1] = wave_x[:, -1].real
    wave_x[:, 1 : (nx + 1) // 2] *= 2
    return wave_y, wave_x
