"""Temporal power spectra of a field, summed over its spatial modes, with confidence intervals.

    P(f) = Σ_k F(k) P_k(f),    F = exp(−k²/k0²)

P_k is Welch's estimate (Hann taper, half-overlapping segments, the mean of each segment removed)
for mode k, one-sided and in absolute units: a firing-rate field in s⁻¹ has P in s⁻² Hz⁻¹. With
F = 1 the sum equals the mean over the nodes of their single Welch spectra. Always tapered: without
a taper the strong low frequencies leak into the weak high ones.

Nothing is assumed about correlations in time: consecutive segments are grouped into blocks, and
the scatter among the blocks of all seeds gives the standard errors used by `analysis.agreement`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from analysis.drive import events
from analysis.modes import Array, ModeBasis, mode_amplitudes, mode_basis, segment_powers
from analysis.spectrum import Spectrum, read_spectrum, write_spectrum
from nftsim.errors import NftsimError
from nftsim.io.hdf5 import open_run

__all__ = ["Spectrum", "field_spectrum", "read_spectrum", "spectrum_of_runs", "write_spectrum"]

#: Squared correlation of Hann-tapered neighbours at 50% overlap (Welch 1967): (1/6)².
OVERLAP_CORRELATION = 1 / 36
#: Fewer samples than this have no spectrum worth the name.
MIN_SAMPLES = 8
#: Samples transformed at a time, so that a long record is never held twice.
CHUNK = 2048


class _Estimate:
    """Running sums of one spectrum while runs are added one by one."""

    def __init__(self, basis: ModeBasis, interval: float, samples: int, per_block: int) -> None:
        self.basis = basis
        self.interval = interval
        self.samples = samples
        self.per_block = per_block
        self.frequency: Array = np.asarray(np.fft.rfftfreq(samples, interval), np.float64)
        self.mode_power = np.zeros((basis.wavenumber.size, self.frequency.size))
        self.blocks: list[Array] = []
        self.segments: list[int] = []
        self.independent = 0.0

    def add(self, amplitudes: Array) -> None:
        """Add a record of mode amplitudes (2, n_modes, time)."""
        weight = self.basis.multiplicity * self.basis.conduction
        totals = []
        for _, power in segment_powers(amplitudes, self.interval, self.samples):
            self.mode_power += power
            totals.append(weight @ power)
        if not totals:
            return
        count = len(totals)
        self.independent += count / (1 + 2 * (count - 1) / count * OVERLAP_CORRELATION)
        # The last block takes the remainder in, so that no segment is lost.
        for group in np.array_split(np.array(totals), max(1, count // self.per_block)):
            self.blocks.append(group.mean(axis=0))
            self.segments.append(len(group))

    def result(self, meta: dict[str, Any]) -> Spectrum:
        """Average what was added; not a number throughout if nothing was."""
        blocks = np.array(self.blocks).reshape(-1, self.frequency.size)
        segments = np.array(self.segments, dtype=float)
        if not self.blocks:
            unknown = np.full(self.frequency.size, np.nan)
            power = lower = upper = dof = unknown
        else:
            power = segments @ blocks / segments.sum()
            dof = self._degrees_of_freedom(int(segments.sum()))
            lower = power * dof / stats.chi2.ppf(0.975, dof)
            upper = power * dof / stats.chi2.ppf(0.025, dof)
        return Spectrum(
            frequency=self.frequency,
            power=power,
            lower=lower,
            upper=upper,
            dof=dof,
            blocks=blocks,
            segments=segments,
            interval=self.interval,
            segment=self.samples * self.interval,
            meta=meta,
        )

    def _degrees_of_freedom(self, count: int) -> Array:
        """2 × modes × segments, where unequal modes count as (Σ F P)² / Σ (F P)².

        The square of an estimate is larger, on average, than the square of the truth, by the
        relative variance 2/dof of the mode's own chi-square distribution; it is divided out.
        """
        basis = self.basis
        power = basis.conduction[:, None] * self.mode_power / count
        excess = 1 + np.where(basis.self_conjugate, 1.0, 0.5) / self.independent
        squares = (basis.multiplicity / excess) @ power**2
        total = basis.multiplicity @ power
        with np.errstate(divide="ignore", invalid="ignore"):
            modes = np.where(squares > 0, total**2 / squares, 1.0)
        # the square of a measured total is too large on average, by its own variance
        modes = modes - 1 / self.independent
        dof = 2 * self.independent * np.maximum(modes, 0.5)
        # At zero and at the Nyquist frequency a real series has one component, not two.
        dof[[0, -1]] /= 2
        return dof


def _segment_samples(available: int, interval: float, segment: float) -> tuple[int, list[str]]:
    """Return samples per segment (even), shortened for a shorter record; and the warning."""
    wanted = max(2 * round(segment / interval / 2), MIN_SAMPLES)
    if available >= wanted:
        return wanted, []
    length = f"the record of {available * interval:g} s is shorter than a segment of {segment:g} s"
    shorter = available // 2 * 2
    if shorter < MIN_SAMPLES:
        return wanted, [f"{length} and too short for any spectrum"]
    return shorter, [f"{length}; the segment was shortened to {shorter * interval:g} s"]


def field_spectrum(
    data: Array,
    interval: float,
    extent: tuple[float, float],
    *,
    segment: float = 4.0,
    k0: float | None = 10.0,
    segments_per_block: int = 5,
) -> Spectrum:
    """Spectrum of one field held in memory.

    Parameters
    ----------
    data
        Shape (time, ny, nx).
    interval
        Sampling interval [s].
    extent
        Sheet (Ly, Lx) [m].
    segment
        Length of a Welch segment [s]; the resolution is its inverse.
    k0
        Volume conduction [m⁻¹]; None for none.
    segments_per_block
        Consecutive segments averaged into one block.

    Returns
    -------
    Spectrum
        With zero blocks, and not a number throughout, if there are fewer than 8 samples.
    """
    samples, warnings = _segment_samples(len(data), interval, segment)
    basis = mode_basis((data.shape[1], data.shape[2]), extent, k0)
    estimate = _Estimate(basis, interval, samples, segments_per_block)
    estimate.add(_amplitudes((data[i : i + CHUNK] for i in range(0, len(data), CHUNK)), basis))
    return estimate.result({"k0": k0, "warnings": warnings})


def _amplitudes(chunks: Iterable[Array], basis: ModeBasis) -> Array:
    parts = [mode_amplitudes(chunk, basis) for chunk in chunks]
    return np.concatenate(parts, axis=-1) if parts else np.zeros((2, basis.wavenumber.size, 0))


def spectrum_of_runs(
    paths: Sequence[str | Path],
    trace: str = "propagator.1.phi",
    *,
    segment: float = 4.0,
    k0: float | None = 10.0,
    segments_per_block: int = 5,
    start: float = 0.0,
) -> Spectrum:
    """Spectrum of a trace, averaged over runs that differ in their seed only.

    Runs are read one after the other, in chunks; every segment has the same weight.

    Parameters
    ----------
    paths
        HDF5 run files in which all nodes of the trace were saved.
    trace
        Name of the trace.
    segment, k0, segments_per_block
        As in `field_spectrum`.
    start
        Samples before this time are left out [s].

    Returns
    -------
    Spectrum
        A record too short for the segment shortens it, with a sentence in ``meta["warnings"]``;
        ``meta["events"]`` is what acts besides noise (see `analysis.drive.events`).

    Raises
    ------
    NftsimError
        If there is no run, a file is not a complete run, lacks the trace or has it at selected
        nodes only, or if the runs differ in grid or sampling.
    """
    if not paths:
        raise NftsimError("spectrum: no run given. Name at least one run file.")
    layouts = {}
    available = []
    acting: list[str] = []
    for path in paths:
        with open_run(path) as run:
            shape = run.trace(trace, 0, 1).shape[1:]
            if len(shape) != 2:
                raise NftsimError(
                    f"{path}: {trace} was saved at {shape[0]} selected node(s); "
                    "a spectrum over modes needs all of them. Set output.node to 'all'."
                )
            layouts[(shape, tuple(run.extent(trace)), round(run.interval, 12))] = path
            kept = run.time[_kept(run.time, start, run.interval)]
            available.append(len(kept))
            if len(kept):
                acting += events(run.model, float(kept[0]), float(kept[-1]))
    if len(layouts) > 1:
        first, second = list(layouts.values())[:2]
        raise NftsimError(
            f"spectrum: {first} and {second} differ in nodes, extent or output interval. "
            "Average only runs of one experiment."
        )
    shape, extent, interval = next(iter(layouts))
    samples, warnings = _segment_samples(min(available), interval, segment)
    basis = mode_basis((shape[0], shape[1]), (extent[0], extent[1]), k0)
    estimate = _Estimate(basis, interval, samples, segments_per_block)
    for path, count in zip(paths, available, strict=True):
        with open_run(path) as run:
            stop = run.time.size
            starts = range(stop - count, stop, CHUNK)
            chunks = (run.trace(trace, i, min(i + CHUNK, stop)) for i in starts)
            estimate.add(_amplitudes(chunks, basis))
    meta = {
        "trace": trace,
        "k0": k0,
        "start": start,
        "nodes": int(shape[0] * shape[1]),
        "runs": len(paths),
        "duration": float(sum(available) * interval),
        "events": list(dict.fromkeys(acting)),
        "warnings": warnings,
    }
    return estimate.result(meta)


def _kept(time: Array, start: float, interval: float) -> NDArray[np.bool_]:
    return time >= start - 1e-6 * interval
