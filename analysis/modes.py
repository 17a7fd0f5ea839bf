"""Spatial Fourier modes of a field on the torus, and their power in segments of time.

A real field is the sum of its modes, φ(r, t) = Σ_k c_k(t) exp(i k·r), and by Parseval's theorem
its mean square over the nodes is Σ_k |c_k|². Modes k and −k are complex conjugates, so one half
of the plane suffices; the other half is accounted for by a multiplicity of 2.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import fft, signal

#: Modes that volume conduction weakens below this are never computed.
NEGLIGIBLE = 1e-12

Array = NDArray[np.float64]


@dataclass(frozen=True)
class ModeBasis:
    """The half-plane of modes of one sheet that a spectrum needs.

    Attributes
    ----------
    selected
        Boolean mask over the output of `scipy.fft.rfft2`, shape (ny, nx // 2 + 1).
    wavenumber
        |k| of the selected modes [m⁻¹], shape (n_modes,).
    conduction
        Volume conduction F(k) on power, shape (n_modes,).
    multiplicity
        2 where the mode also stands for its conjugate outside the half-plane, else 1.
    self_conjugate
        True for modes that are real (k = 0 and the corners of the Nyquist lines).
    """

    selected: NDArray[np.bool_]
    wavenumber: Array
    conduction: Array
    multiplicity: Array
    self_conjugate: NDArray[np.bool_]


def mode_basis(
    shape: tuple[int, int], extent: tuple[float, float], k0: float | None = None
) -> ModeBasis:
    """Choose the modes k = 2π (m/Lx, n/Ly) of a torus.

    Parameters
    ----------
    shape
        Nodes (ny, nx).
    extent
        Sheet (Ly, Lx) [m].
    k0
        Cut-off of volume conduction F = exp(−k²/k0²) on power [m⁻¹] (Robinson et al. 2001);
        None for F = 1. Modes with F below 1e-12 are left out.

    Returns
    -------
    ModeBasis
    """
    ny, nx = shape
    ky = 2 * np.pi * fft.fftfreq(ny, extent[0] / ny)[:, None]
    kx = 2 * np.pi * fft.rfftfreq(nx, extent[1] / nx)[None, :]
    squared = ky**2 + kx**2
    conduction = np.ones_like(squared) if k0 is None else np.exp(-squared / k0**2)
    columns, rows = np.arange(nx // 2 + 1), np.arange(ny)
    own_column = (columns == 0) | (2 * columns == nx)
    own_row = (rows == 0) | (2 * rows == ny)
    multiplicity = np.broadcast_to(np.where(own_column, 1.0, 2.0), squared.shape)
    selected = conduction >= NEGLIGIBLE
    return ModeBasis(
        selected=selected,
        wavenumber=np.sqrt(squared[selected]),
        conduction=conduction[selected],
        multiplicity=multiplicity[selected],
        self_conjugate=(own_row[:, None] & own_column[None, :])[selected],
    )


def mode_amplitudes(field: Array, basis: ModeBasis) -> Array:
    """Project a field on its modes.

    Parameters
    ----------
    field
        Shape (time, ny, nx).
    basis
        Modes of the same sheet.

    Returns
    -------
    ndarray
        Real and imaginary parts of c_k, shape (2, n_modes, time), in the unit of the field.
    """
    nodes = field.shape[1] * field.shape[2]
    modes = fft.rfft2(field, axes=(1, 2))[:, basis.selected].T / nodes
    return np.stack([modes.real, modes.imag])


def segment_powers(
    amplitudes: Array, interval: float, samples: int
) -> Iterator[tuple[Array, Array]]:
    """Periodogram of every mode in each half-overlapping Hann segment, the steps of Welch (1967).

    Parameters
    ----------
    amplitudes
        Shape (2, n_modes, time), from `mode_amplitudes`.
    interval
        Sampling interval [s].
    samples
        Samples per segment, even.

    Yields
    ------
    frequency
        Shape (n_freq,) [Hz].
    power
        |c_k|² per hertz, one-sided: f and −f together, shape (n_modes, n_freq) [unit² Hz⁻¹].
    """
    for first in range(0, amplitudes.shape[-1] - samples + 1, samples // 2):
        frequency, power = signal.periodogram(
            amplitudes[..., first : first + samples],
            fs=1 / interval,
            window="hann",
            detrend="constant",
            scaling="density",
        )
        yield frequency, power[0] + power[1]
