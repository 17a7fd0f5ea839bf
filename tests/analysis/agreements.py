"""Simulations beside theory, in memory: scores, shells of wavenumbers, growing noise."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy import signal

from analysis.predicted import frequencies
from analysis.prediction import effective_modes
from analysis.significance import Significance, significance
from analysis.spectra import field_spectrum
from analysis.spectrum import Spectrum
from analysis.welch import expected_welch
from nftsim.api import simulate
from nftsim.model import Model, Trace
from nftsim.theory.fixed_points import FixedPoint, steady_states
from nftsim.theory.linear import alias_shifts, spectrum
from nftsim.theory.modes import WAVENUMBERS
from nftsim.theory.noise import noise_density
from nftsim.theory.response import angular, linearise

Array = NDArray[np.float64]

#: Left out at the start [s], and length of Welch's segments [s].
LEAD_IN, SEGMENT = 10.0, 4.0
#: Range of the tests [Hz]: up to this share of the sampling rate.
LOWEST, SHARE = 1.0, 0.45


@dataclass(frozen=True)
class Noisy:
    """A model at its fixed point, with all that theory needs."""

    model: Model
    point: FixedPoint

    @classmethod
    def at_rest(cls, model: Model) -> Noisy:
        """Return a model that starts at its fixed point, and what follows a lead-in of it."""
        point = steady_states(model).chosen
        output = replace(model.output, start=LEAD_IN)
        return cls(replace(model.with_rates(point.rates), output=output), point)

    @property
    def trace(self) -> Trace:
        """The one that is written."""
        return self.model.output.traces[0]

    @property
    def interval(self) -> float:
        """Between samples [s]."""
        assert self.model.output.interval is not None
        return self.model.output.interval

    @property
    def range(self) -> tuple[float, float]:
        """Of frequencies that are tested [Hz]."""
        return LOWEST, SHARE / self.interval

    def field(self, seed: int, duration: float) -> Array:
        """Return the trace of a run, shape (time, y, x)."""
        run = simulate(self.model, seed=seed, duration=duration + LEAD_IN)
        return run[str(self.trace)]

    def measured(self, seed: int, duration: float) -> Spectrum:
        """Return the spectrum of a run."""
        extent = self.model.extent(self.model.sheet_of(self.trace))
        return field_spectrum(
            self.field(seed, duration), self.interval, extent, segment=SEGMENT, k0=None
        )

    def scored(self, measured: Spectrum, treatment: str = "scheme") -> Significance:
        """Return the deviation from theory in one treatment."""
        f = frequencies(0.05, self.interval)
        options = {"k0": None, "interval": self.interval}
        power = spectrum(
            self.model, self.point, self.trace, f, wavenumbers=treatment, **options  # type: ignore[arg-type]
        )  # fmt: skip
        modes = effective_modes(self.model, self.point, str(self.trace), f, **options)  # type: ignore[arg-type]
        at = measured.frequency
        expected = expected_welch(at, f, power, segment=SEGMENT, interval=self.interval)
        low, high = self.range
        return significance(measured, expected, np.interp(at, f, modes), f_min=low, f_max=high)

    def shells(
        self, edges: list[float], seed: int, duration: float
    ) -> dict[str, list[Significance]]:
        """Return deviations of the modes whose true kΔx lies between two edges, by treatment."""
        field = self.field(seed, duration)
        modes = np.fft.fft2(field, axes=(1, 2)) / field[0].size
        at, power = signal.welch(
            modes.reshape(len(field), -1),
            fs=1 / self.interval,
            nperseg=round(SEGMENT / self.interval),
            detrend="constant",
            return_onesided=False,
            axis=0,
        )
        count = len(at) // 2 + 1  # f and −f of k and −k are the same
        power = power[:count] + power[-np.arange(count)]
        at = np.abs(at[:count])
        py, px = (2 * np.pi * np.fft.fftfreq(n) for n in self.model.shape)
        k = np.hypot(py[:, None], px[None, :]).ravel()
        segments = len(field) // (round(SEGMENT / self.interval) // 2) - 1
        found: dict[str, list[Significance]] = {}
        for kind in WAVENUMBERS:
            f, theory = self.by_mode(kind)
            found[kind] = []
            for low, high in pairwise(edges):
                inside = (k >= low) & (k < high)
                p = theory[:, inside]
                total, squares = p.sum(axis=1), (p**2).sum(axis=1)
                mean = expected_welch(at, f, total, segment=SEGMENT, interval=self.interval)
                independent = np.interp(at, f, total**2 / squares)
                shell = power[:, inside].sum(axis=1)
                spectrum = _spectrum(at, shell, segments, self.interval)
                found[kind].append(significance(spectrum, mean, independent, f_min=20, f_max=45))
        return found

    def by_mode(self, treatment: str) -> tuple[Array, Array]:
        """Return frequencies [Hz], and theory of every mode there, shapes (n,) and (n, modes)."""
        f = frequencies(0.25, self.interval)
        linear = linearise(self.model, self.point, treatment)
        modes = linear.modes(self.model.sheet_of(self.trace), None)
        density = noise_density(self.model).reshape(-1, self.model.nodes)[:, modes.kept]
        power = np.zeros((len(f), self.model.nodes))
        aliases = alias_shifts(self.model, self.interval) if linear.stepped else []
        for shift in [0.0, *(x for both in aliases for x in both)]:
            s = angular(np.abs(f + shift))[:, None]
            square = np.abs(linear.transfer(self.trace, s, modes.laplacian)[:, modes.group]) ** 2
            power[:, modes.kept] += np.einsum("fki,ik->fk", square, density)
        return f, power


def _spectrum(at: Array, power: Array, segments: int, interval: float) -> Spectrum:
    nothing = np.full(at.size, np.nan)
    count = np.array([float(segments)])
    return Spectrum(
        at, power, nothing, nothing, nothing, power[None], count, interval, SEGMENT
    )  # fmt: skip
