"""External input: the rate of a population that is prescribed rather than computed.

Any number of stimuli superimpose. Each has a clock t that starts at −onset and grows by Δt a step;
it is active for 0 ≤ t < duration, on the nodes listed (default: all).
"""

from __future__ import annotations

import math
from abc import abstractmethod
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from nftsim.components.base import Component, Field, Setting, parameter

Array = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Stimulus(Component):
    """Base: when and where the stimulus acts."""

    role: ClassVar[str] = "stimulus"
    #: Whether every node and step draws its own random deviate.
    noise: ClassVar[bool] = False
    outputs: ClassVar[tuple[Field, ...]] = (Field("q", "Q", "s⁻¹", "rate of the stimulus"),)

    onset: float = parameter("Onset", "t_on", "s", "start of the stimulus", default=0.0)
    duration: float = parameter(
        "Duration", "D", "s", "how long it lasts; left out: for ever", default=math.inf, low=0.0
    )
    node: tuple[int, ...] = parameter(
        "Node", "", "", "nodes it acts on, from 1; left out: all", default=(), form="nodes"
    )

    @property
    def clock_start(self) -> float:
        """Reading of the stimulus's clock at t = 0 [s]."""
        return -self.onset

    @property
    def background(self) -> float:
        """Lasting mean rate [s⁻¹], which fixed points and warm-ups assume; 0 for transients."""
        return 0.0

    def active(self, t: Array) -> NDArray[np.bool_]:
        """Tell when the stimulus acts, by its own clock t [s]."""
        return (t >= 0) & (t < self.duration)

    @abstractmethod
    def waveform(self, t: Array, step: float = 0.0) -> Array:
        """Return the deterministic rate [s⁻¹] by the stimulus's own clock t [s] while active."""


@dataclass(frozen=True, kw_only=True)
class Const(Stimulus):
    """Constant rate."""

    keyword: ClassVar[str] = "Const"
    equation: ClassVar[str] = "Q = mean"
    source: ClassVar[str] = "NFTsim 1.1 manual"

    mean: float = parameter("Mean", "Q̄", "s⁻¹", "rate")

    @property
    def background(self) -> float:
        """Return the mean; 0 if it does not last."""
        return self.mean if math.isinf(self.duration) else 0.0

    def waveform(self, t: Array, step: float = 0.0) -> Array:
        """Return the mean."""
        return np.full(t.shape, self.mean)


@dataclass(frozen=True, kw_only=True)
class Sine(Stimulus):
    """Sine wave."""

    keyword: ClassVar[str] = "Sine"
    equation: ClassVar[str] = "Q = A sin(2π f t)"
    source: ClassVar[str] = "NFTsim 1.1 manual"

    amplitude: float = parameter("Amplitude", "A", "s⁻¹", "amplitude")
    frequency: float = parameter("Frequency", "f", "Hz", "frequency")

    def waveform(self, t: Array, step: float = 0.0) -> Array:
        """Return A sin(2π f t)."""
        return np.asarray(self.amplitude * np.sin(2.0 * np.pi * t * self.frequency))


@dataclass(frozen=True, kw_only=True)
class PulseTrain(Stimulus):
    """What the trains of pulses share: amplitude, width, repetition."""

    amplitude: float = parameter("Amplitude", "A", "s⁻¹", "height of a pulse")
    width: float = parameter("Width", "w", "s", "width of a pulse", low=0.0)
    period: float | None = parameter(
        "Period", "T", "s", "time between pulses", default=None, low=0.0, strict=True
    )
    frequency: float | None = parameter(
        "Frequency", "f", "Hz", "1/T, if no Period is given", default=None, low=0.0, strict=True
    )
    pulses: float = parameter("Pulses", "n", "", "number of pulses", default=1.0)

    @property
    def interval(self) -> float:
        """Time between pulses [s]: Period before Frequency, else never again."""
        if self.period is not None:
            return self.period
        return 1.0 / self.frequency if self.frequency is not None else math.inf


@dataclass(frozen=True, kw_only=True)
class PulseRect(PulseTrain):
    """Train of rectangular pulses."""

    keyword: ClassVar[str] = "PulseRect"
    equation: ClassVar[str] = "Q = A while mod(t, T) ≤ w and t/T < n"
    source: ClassVar[str] = "NFTsim 1.1 manual"

    def waveform(self, t: Array, step: float = 0.0) -> Array:
        """Return A within a pulse, else 0."""
        period = self.interval
        on = (np.fmod(t, period) <= self.width) & (t / period < self.pulses)
        return np.where(on, self.amplitude, 0.0)


@dataclass(frozen=True, kw_only=True)
class PulseSigmoid(PulseTrain):
    """Train of pulses with sigmoidal flanks; half-rise at the onset."""

    keyword: ClassVar[str] = "PulseSigmoid"
    equation: ClassVar[str] = "Q = Σ_i A / [(1 + e^{−c(t−o_i)/σ})(1 + e^{−c(o_i+w−t)/σ})], c = π/√3"
    source: ClassVar[str] = "NFTsim 1.1 manual"

    sigma: float | None = parameter(
        "Sigma",
        "σ",
        "s",
        "width of a flank; left out: max(w/16, Δt)",
        default=None,
        low=0.0,
        strict=True,
    )

    # The rise begins before onset, so this clock runs from 0 and the window moves by the onset.
    @property
    def clock_start(self) -> float:
        """0: the first flank begins before onset."""
        return 0.0

    def active(self, t: Array) -> NDArray[np.bool_]:
        """Tell when the stimulus acts: from t = 0 to onset + duration."""
        return (t >= 0) & (t < self.duration + self.onset)

    def problems(self, setting: Setting) -> list[tuple[str, str]]:
        """Check that a train of several pulses says how far they are apart."""
        if self.pulses > 1 and math.isinf(self.interval):
            return [("pulses", "several Pulses need 'Period: <s>' or 'Frequency: <Hz>'")]
        return []

    def waveform(self, t: Array, step: float = 0.0) -> Array:
        """Return the sum of the two pulses nearest to t; `step` is Δt [s], the default flank."""
        sigma = self.sigma if self.sigma is not None else max(self.width / 16.0, step)
        period = self.interval
        count = math.floor(
            min(self.pulses, self.duration / period if period < math.inf else math.inf)
        )
        later = np.maximum(np.ceil((t - self.onset - self.width / 2) / period), 1.0)
        total = np.zeros(t.shape)
        for index in (later - 1, later):
            # the first pulse starts at onset even if the period is infinite, where 0·∞ is NaN
            later_by = np.multiply(index, period, where=index > 0, out=np.zeros(t.shape))
            start = self.onset + later_by
            total += np.where(index < count, self._pulse(t - start, sigma), 0.0)
        return total

    def _pulse(self, t: Array, sigma: float) -> Array:
        c = np.pi / math.sqrt(3.0)
        with np.errstate(over="ignore", invalid="ignore"):
            rise = 1.0 + np.exp(-c * t / sigma)
            fall = 1.0 + np.exp(-c * (self.width - t) / sigma)
            return np.asarray(self.amplitude / (rise * fall))


@dataclass(frozen=True, kw_only=True)
class White(Stimulus):
    """Gaussian white noise, independent at every node and step."""

    keyword: ClassVar[str] = "White"
    equation: ClassVar[str] = "Q = mean + σ ξ, σ² = (2π)³ ASD²/(Δt Δx²); one node: 2π ASD²/Δt"
    source: ClassVar[str] = "NFTsim 1.1 manual; Abeysuriya et al. 2014"
    noise: ClassVar[bool] = True
    alternatives: ClassVar[tuple[tuple[str, ...], ...]] = (("StdDev", "ASD"),)

    mean: float = parameter("Mean", "Q̄", "s⁻¹", "mean rate")
    stddev: float | None = parameter(
        "StdDev", "σ", "s⁻¹", "standard deviation per node and step", default=None, low=0.0
    )
    asd: float | None = parameter(
        "ASD", "ASD", "s⁻¹ Hz^{−1/2}", "amplitude spectral density", default=None, low=0.0
    )
    ranseed: int | None = parameter(
        "Ranseed",
        "",
        "",
        "seed of its own for --rng nftsim",
        default=None,
        low=0.0,
        form="integer",
    )

    @property
    def background(self) -> float:
        """Return the mean; 0 if it does not last."""
        return self.mean if math.isinf(self.duration) else 0.0

    def problems(self, setting: Setting) -> list[tuple[str, str]]:
        """Check that the strength of the noise is given."""
        if self.stddev is None and self.asd is None:
            return [("mean", "needs 'ASD: <s^-1 Hz^-1/2>' or 'StdDev: <s^-1>'")]
        if self.stddev is not None and self.asd is not None:
            return [("asd", "has ASD and StdDev, of which one follows from the other; keep one")]
        return []

    def deviation(self, setting: Setting) -> float:
        """Return σ [s⁻¹] per node and step, so that the spectrum depends on neither Δt nor Δx."""
        if self.stddev is not None:
            return self.stddev
        assert self.asd is not None
        if setting.nodes == 1:
            return math.sqrt(2 * math.pi / setting.deltat) * self.asd
        return math.sqrt((2 * math.pi) ** 3 / setting.deltat) * self.asd / setting.spacing

    def waveform(self, t: Array, step: float = 0.0) -> Array:
        """Return the mean: the random part is drawn by the engine."""
        return np.full(t.shape, self.mean)
