"""Power spectra by Slepian's tapers (DPSS), with confidence intervals (Thomson 1982).

Each of K orthogonal tapers gives a nearly independent estimate of the power within ±W of a
frequency, with little leakage from beyond; their mean has 2K degrees of freedom for each series.
"""

from __future__ import annotations

import numpy as np
from scipy import signal, stats

from analysis.density import Density, density_units
from analysis.field import Array, Field, Source, as_field
from analysis.modes import ModeBasis, mode_amplitudes, mode_basis
from analysis.segments import piece
from nftsim.errors import NftsimError


def multitaper(
    field: Source | Array,
    *,
    interval: float | None = None,
    bandwidth: float = 1.0,
    k0: float | None = None,
    segment: float | None = None,
    confidence: float = 0.95,
) -> Density:
    """Power spectrum by the multitaper method.

    Parameters
    ----------
    field
        Field at all nodes or some; a run or its file, whose first field is taken; or, with
        `interval`, an array (time,), (time, node) or (time, y, x).
    interval
        Time between the rows of an array [s].
    bandwidth
        W, half of the band that an estimate averages over [Hz].
    k0
        Volume conduction exp(−k²/k0²) on power [rad m⁻¹], for which all nodes must be there; None
        for none.
    segment
        Length of the segments [s], which do not overlap (default: 4/W, or all of a shorter record).
        Each has K = ⌊2 W segment⌋ − 1 tapers: 7 if left out.
    confidence
        Of the interval.

    Returns
    -------
    Density
        Mean of the nodes' densities, one-sided. The interval is that of chi-square: with 2K degrees
        of freedom a segment for each of the modes that power is effectively in; where only some
        nodes are there, as if they were one. Within W of zero and of the Nyquist frequency there
        are half as many; near zero power is a little low, as the mean of the record is removed.

    Raises
    ------
    NftsimError
        If the record, or a segment, is too short for the bandwidth, or the bandwidth is too wide
        for the sampling, or an array has no interval.
    """
    field = as_field(field, "multitaper", interval, arrays=True)
    rows = len(field.values)
    record = rows * field.interval
    _check(field, bandwidth, record, confidence)
    even = rows // 2 * 2
    wanted = min(4 / bandwidth, even * field.interval) if segment is None else segment
    length = piece(even, field.interval, wanted, f"{field.source}: multitaper")
    half = bandwidth * length * field.interval
    count = int(2 * half + 1e-9) - 1
    if count < 1:
        raise NftsimError(
            f"{field.source}: multitaper: segments of {length * field.interval:g} s have no taper "
            f"of bandwidth {bandwidth:g} Hz. Ask for {1 / (length * field.interval):.3g} Hz or "
            "more, or for longer segments."
        )
    tapers = signal.windows.dpss(length, half, count)
    amplitudes, weight, basis = _series(field, k0)
    amplitudes = signal.detrend(amplitudes, type="constant")
    starts = range(0, rows - length + 1, length)
    power = np.zeros((len(weight), length // 2 + 1))
    frequency = np.zeros(0)
    for first in starts:
        part = amplitudes[..., first : first + length]
        for taper in tapers:
            frequency, found = signal.periodogram(part, 1 / field.interval, taper, detrend=False)
            power += found.sum(axis=0)
    estimates = count * len(starts)
    power /= estimates
    total = weight @ power
    dof = 2.0 * estimates * (1.0 if basis is None else _modes(power, basis, estimates))
    nyquist = 0.5 / field.interval
    edge = (frequency < bandwidth) | (frequency > nyquist - bandwidth)
    dof = np.where(edge, dof / 2, dof)
    tail = (1 - confidence) / 2
    return Density(
        frequency=frequency,
        power=total,
        units=density_units(field.units),
        lower=total * dof / stats.chi2.ppf(1 - tail, dof),
        upper=total * dof / stats.chi2.ppf(tail, dof),
        dof=dof,
    )


def _check(field: Field, bandwidth: float, record: float, confidence: float) -> None:
    if not 0 < confidence < 1:
        raise NftsimError(f"multitaper: confidence {confidence:g}; it is between 0 and 1")
    if not 0 < bandwidth < 0.25 / field.interval:
        raise NftsimError(
            f"{field.source}: multitaper: bandwidth {bandwidth:g} Hz; samples of "
            f"{field.interval:g} s allow more than 0 and less than {0.25 / field.interval:g} Hz"
        )
    if bandwidth * record < 1 - 1e-9:
        raise NftsimError(
            f"{field.source}: multitaper: a record of {record:g} s has no resolution of "
            f"{bandwidth:g} Hz. Ask for a bandwidth of {1 / record:.3g} Hz or more, or run for "
            f"{1 / bandwidth:g} s or longer."
        )


def _series(field: Field, k0: float | None) -> tuple[Array, Array, ModeBasis | None]:
    """Return series (part, series, time), the weight of each, and the modes that they are.

    Where only some nodes are there, or no plane waves fit round the sheet, series are the nodes'.
    """
    if k0 is None and (field.values.ndim < 3 or field.topology != "Torus"):
        series = field.series().T[None]
        return series, np.full(series.shape[1], 1 / series.shape[1]), None
    if k0 is not None:
        field.require_lengths("volume conduction (k0)")
    basis = mode_basis(field.shape, field.extent, k0)
    return mode_amplitudes(field.torus(), basis), basis.multiplicity * basis.conduction, basis


def _modes(power: Array, basis: ModeBasis, estimates: int) -> Array:
    """Return how many modes power is effectively in: (Σ P)² / Σ P².

    Squares of estimates are larger on average than those of the truth, by the relative variance of
    chi-square distributions; both squares are corrected for it.
    """
    power = basis.conduction[:, None] * power
    excess = 1 + np.where(basis.self_conjugate, 1.0, 0.5) / estimates
    squares = (basis.multiplicity / excess) @ power**2
    total = basis.multiplicity @ power
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(squares > 0, total**2 / squares, 1.0)
    return np.maximum(ratio - 1 / estimates, 0.5)
