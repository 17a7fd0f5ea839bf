"""Periodograms without a taper, with the scaling of the Matlab module ``+nf``.

For agreement with it, and for what is periodic in the record. Without a taper strong frequencies
leak into weak ones: `analysis.multitaper` and `analysis.spectra` do better on noise.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import fft, signal

from analysis.density import Density, density_units, mode_density, one_sided
from analysis.field import Array, Field, Source, as_field, as_series, require_interval
from analysis.segments import segments as divide
from nftsim.errors import NftsimError


@dataclass(frozen=True)
class SpatialSpectrum:
    """Power of a field over frequencies, and over wavenumbers or nodes.

    Attributes
    ----------
    frequency
        Shape (f,) [Hz].
    power
        Sum over the modes, one-sided, shape (f,) [`units`].
    kx, ky
        Angular wavenumbers in ascending order, shapes (kx,), (ky,) [rad m⁻¹].
    modes
        Density over kx and ky too, shape (f, ky, kx) [unit² Hz⁻¹ (rad m⁻¹)⁻²], of the waves
        exp(i (k·r + ωt)), which travel against k; `power` is its sum times Δkx Δky.
    x, y
        Positions of nodes [m].
    nodes
        Density over the sheet after the filter, shape (f, y, x) [unit² Hz⁻¹ m⁻²]; its sum times
        Δx Δy is `power`.
    units
        Unit of the field squared, Hz⁻¹.
    """

    frequency: Array
    power: Array
    kx: Array
    ky: Array
    modes: Array
    x: Array
    y: Array
    nodes: Array
    units: str

    def to_frame(self) -> pd.DataFrame:
        """Return a table of `power` with a row a frequency."""
        return pd.DataFrame({"frequency": self.frequency, "power": self.power})


def fourier(series: Array, interval: float, samples: int | None = None) -> tuple[Array, Array]:
    """Fourier components of real series at f ≥ 0, as ``nf.rfft``'s.

    Parameters
    ----------
    series
        Shape (time, …).
    interval
        Time between rows [s].
    samples
        Length to which zeros are appended (default: none are).

    Returns
    -------
    frequency
        Shape (f,) [Hz].
    components
        c_f = Σ_t x_t exp(−2πi f t) / samples, shape (f, …), in the unit of the series.
    """
    series = as_series(series, "fourier", "time, …")
    require_interval(interval, "fourier")
    count = len(series) if samples is None else samples
    return fft.rfftfreq(count, interval), fft.rfft(series, count, axis=0, norm="forward")


def periodogram(
    field: Source | Array,
    *,
    interval: float | None = None,
    segments: int = 8,
    window: str | None = None,
    detrend: str | None = None,
) -> Density:
    """Power spectrum averaged over nodes and half-overlapping segments, as ``nf.spectrum``'s.

    Parameters
    ----------
    field
        Field at all nodes or some; a run or its file, whose first field is taken; or, with
        `interval`, an array (time,), (time, node) or (time, y, x).
    interval
        Time between the rows of an array [s].
    segments
        How many; as many samples as fit, an even number, are in each.
    window
        Taper, a name that `scipy.signal.get_window` knows (default: none). Its loss of power is
        made good, which ``nf.spectrum`` does not do.
    detrend
        ``"constant"`` or ``"linear"``: what is removed from each segment (default: nothing).

    Returns
    -------
    Density
        Its sum times Δf is the mean square of the segments.

    Raises
    ------
    NftsimError
        If the record is too short for the segments.
    """
    field = as_field(field, "periodogram", interval, arrays=True)
    pieces = divide(len(field.values), segments, overlap=0.5, even=True, equal=True)
    series = field.series()
    total = np.zeros(0)
    for rows in pieces:
        frequency, power = signal.periodogram(
            series[rows],
            1 / field.interval,
            _window(window, field),
            detrend=detrend or False,
            axis=0,
        )
        total = power.mean(axis=1) + (total if total.size else 0.0)
    return Density(frequency, total / len(pieces), density_units(field.units))


def spatial_periodogram(
    field: Source,
    *,
    k0: float | None = 10.0,
    kmax: int | None = None,
    segments: int = 8,
    window: str | None = None,
) -> SpatialSpectrum:
    """Power spectrum summed over spatial modes, as ``nf.spatial_spectrum``'s.

    Parameters
    ----------
    field
        A field of all nodes; or a run or its file, whose first field is taken.
    k0
        Volume conduction exp(−k²/k0²) on power [rad m⁻¹]; None for none.
    kmax
        Modes with more than this many waves along either axis are left out (default: none are).
    segments
        Half-overlapping segments of time, as many even samples as fit in each.
    window
        Taper, a name that `scipy.signal.get_window` knows (default: none).

    Returns
    -------
    SpatialSpectrum

    Raises
    ------
    NftsimError
        If only some nodes are there, the sheet is no torus, or the record is too short.
    """
    field = as_field(field, "spatial periodogram")
    data = field.torus()
    pieces = divide(len(data), segments, overlap=0.5, even=True, equal=True)
    ny, nx = field.shape
    ly, lx = field.extent
    my, mx = fft.fftfreq(ny, 1 / ny)[:, None], fft.fftfreq(nx, 1 / nx)[None, :]
    ky, kx = 2 * np.pi * my / ly, 2 * np.pi * mx / lx
    gain = np.ones((ny, nx)) if k0 is None else np.exp(-(ky**2 + kx**2) / (2 * k0**2))
    if kmax is not None:
        gain = gain * ((np.abs(my) <= kmax) & (np.abs(mx) <= kmax))
    taper = _window(window, field)
    filtered = fft.ifft2(gain * fft.fft2(data, axes=(1, 2)), axes=(1, 2)).real
    frequency, modes = mode_density(filtered, field.interval, pieces, window=taper, detrend=False)
    nodes = np.zeros_like(modes)
    for rows in pieces:
        two_sided = signal.periodogram(
            filtered[rows],
            1 / field.interval,
            taper,
            detrend=False,
            return_onesided=False,
            axis=0,
        )
        nodes += one_sided(*two_sided)[1] / len(pieces)
    cell = (2 * np.pi / ly) * (2 * np.pi / lx)
    return SpatialSpectrum(
        frequency=frequency,
        power=modes.sum(axis=(1, 2)),
        kx=fft.fftshift(kx[0]),
        ky=fft.fftshift(ky[:, 0]),
        modes=fft.fftshift(modes, axes=(1, 2)) / cell,
        x=(np.arange(nx) + 0.5) * lx / nx,
        y=(np.arange(ny) + 0.5) * ly / ny,
        nodes=nodes / (ly * lx),
        units=density_units(field.units),
    )


def _window(window: str | None, field: Field) -> str:
    try:
        signal.get_window(window or "boxcar", 8)
    except ValueError as error:
        raise NftsimError(
            f"{field.source}: '{window}' is not a taper of scipy.signal.get_window. "
            "Take hann, hamming or blackman, or leave it out."
        ) from error
    return window or "boxcar"
