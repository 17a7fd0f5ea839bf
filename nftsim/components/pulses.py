"""Stimuli that come as pulses: trains of them, and protocols of magnetic stimulation."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from nftsim.components.base import Array, NodeValue, Setting, array, parameter
from nftsim.components.stimulus import Stimulus


@dataclass(frozen=True, kw_only=True)
class PulseTrain(Stimulus):
    """What the trains of pulses share: amplitude, width, repetition."""

    amplitude: NodeValue = parameter("Amplitude", "A", "s⁻¹", "height of a pulse", form="per-node")
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

    def onsets(self, until: float) -> tuple[float, ...]:
        """Return when pulses begin in 0 ≤ t < `until` [s]."""
        return self._repeated(self.interval, self.pulses, until)

    def problems(self, setting: Setting) -> list[tuple[str, str]]:
        """Check that a train of several pulses says how far they are apart."""
        if self.pulses > 1 and math.isinf(self.interval):
            return [("pulses", "several Pulses need 'Period: <s>' or 'Frequency: <Hz>'")]
        return []


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
        return np.where(on, array(self.amplitude), 0.0)


@dataclass(frozen=True, kw_only=True)
class PulseSine(Stimulus):
    """Train of pieces of a sine wave."""

    keyword: ClassVar[str] = "PulseSine"
    equation: ClassVar[str] = (
        "Q = A sin(2π (mod(t, T)/w − phase/360)) while mod(t, T) < w and t/T < n"
    )
    source: ClassVar[str] = "NFTsim 1.1 manual"

    amplitude: NodeValue = parameter("Amplitude", "A", "s⁻¹", "amplitude", form="per-node")
    width: float = parameter(
        "Width", "w", "s", "length of a piece, one period of the sine", low=0.0, strict=True
    )
    period: float = parameter(
        "Period", "T", "s", "time between pieces", default=1.0, low=0.0, strict=True
    )
    phase: float = parameter("Phase", "phase", "°", "phase", default=0.0)
    pulses: float = parameter("Pulses", "n", "", "number of pieces", default=1.0)

    def onsets(self, until: float) -> tuple[float, ...]:
        """Return when pieces begin in 0 ≤ t < `until` [s]."""
        return self._repeated(self.period, self.pulses, until)

    def waveform(self, t: Array, step: float = 0.0) -> Array:
        """Return the sine within a piece, else 0."""
        since = np.fmod(t, self.period)
        on = (since < self.width) & (t / self.period < self.pulses)
        sine = np.sin(2.0 * np.pi * (since / self.width - self.phase / 360.0))
        return np.where(on, array(self.amplitude) * sine, 0.0)


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

    @property
    def _whole(self) -> int | float:
        """How many pulses there are: those that the duration has whole periods for."""
        lasting = self.duration / self.interval if self.interval < math.inf else math.inf
        found = min(self.pulses, lasting)
        return math.floor(found) if found < math.inf else found

    def onsets(self, until: float) -> tuple[float, ...]:
        """Return when pulses have half risen, in 0 ≤ t < `until` [s]."""
        return self._repeated(self.interval, self._whole, until)

    def active(self, t: Array) -> NDArray[np.bool_]:
        """Tell when the stimulus acts: from t = 0 to onset + duration."""
        return (t >= 0) & (t < self.duration + self.onset)

    def waveform(self, t: Array, step: float = 0.0) -> Array:
        """Return the sum of the two pulses nearest to t; `step` is Δt [s], the default flank."""
        sigma = self.sigma if self.sigma is not None else max(self.width / 16.0, step)
        period, count = self.interval, self._whole
        later = np.maximum(np.ceil((t - self.onset - self.width / 2) / period), 1.0)
        total = np.zeros(np.broadcast_shapes(t.shape, np.shape(self.amplitude)))
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
            return np.asarray(array(self.amplitude) / (rise * fall))


@dataclass(frozen=True, kw_only=True)
class PAS(Stimulus):
    """Paired associative stimulation: the response to a nerve's stimulation, and a TMS pulse."""

    keyword: ClassVar[str] = "PAS"
    equation: ClassVar[str] = (
        "Q = −h_N sin(π (t−s)/w_N) for w_N from s, then h_P sin(…) for w_P; plus h_T for w_T from "
        "s + w_N/2 + ISI; s = max(−ISI, 0)"
    )
    source: ClassVar[str] = "NFTsim 1.1"

    isi: float = parameter("ISI", "ISI", "s", "from the middle of N20 to TMS; may be negative")
    n20_width: float = parameter("N20 width", "w_N", "s", "width of N20", low=0.0, strict=True)
    n20_height: NodeValue = parameter("N20 height", "h_N", "s⁻¹", "depth of N20", form="per-node")
    p25_width: float = parameter("P25 width", "w_P", "s", "width of P25", low=0.0, strict=True)
    p25_height: NodeValue = parameter("P25 height", "h_P", "s⁻¹", "height of P25", form="per-node")
    tms_width: float = parameter("TMS width", "w_T", "s", "width of the TMS pulse", low=0.0)
    tms_height: NodeValue = parameter(
        "TMS height", "h_T", "s⁻¹", "height of the TMS pulse", form="per-node"
    )

    @property
    def clock_start(self) -> float:
        """−onset, and −ISI later if the TMS pulse comes first: the pulse is then at the onset."""
        return -self.onset - min(self.isi, 0.0)

    def onsets(self, until: float) -> tuple[float, ...]:
        """Return the onset: of N20, or of the TMS pulse where that comes first."""
        return self._repeated(math.inf, 1, until)

    def waveform(self, t: Array, step: float = 0.0) -> Array:
        """Return N20, P25 and the TMS pulse."""
        start = max(-self.isi, 0.0)
        turn = start + self.n20_width
        n20 = -array(self.n20_height) * np.sin(np.pi * (t - start) / self.n20_width)
        p25 = array(self.p25_height) * np.sin(np.pi * (t - start - self.n20_width) / self.p25_width)
        evoked = np.where((start <= t) & (t < turn), n20, 0.0)
        evoked = np.where((turn <= t) & (t < turn + self.p25_width), p25, evoked)
        pulse = start + self.n20_width / 2 + self.isi
        tms = np.where((pulse <= t) & (t < pulse + self.tms_width), array(self.tms_height), 0.0)
        return np.asarray(evoked + tms)


@dataclass(frozen=True, kw_only=True)
class Burst(Stimulus):
    """Bursts of rectangular pulses, as in theta-burst stimulation."""

    keyword: ClassVar[str] = "Burst"
    equation: ClassVar[str] = (
        "Q = A while mod(t, on+off) < on, mod(t, 1/f_o) < bursts/f and mod(t, 1/f) < w"
    )
    source: ClassVar[str] = "NFTsim 1.1"

    amplitude: NodeValue = parameter("Amplitude", "A", "s⁻¹", "height of a pulse", form="per-node")
    width: float = parameter("Width", "w", "s", "width of a pulse", low=0.0)
    bursts: float = parameter("Bursts", "bursts", "", "pulses in a burst", low=0.0)
    frequency: float = parameter(
        "Burst Frequency", "f", "Hz", "frequency of pulses in a burst", low=0.0, strict=True
    )
    oscillation: float = parameter(
        "Oscillation Frequency", "f_o", "Hz", "frequency of bursts", low=0.0, strict=True
    )
    on: float = parameter("On", "on", "s", "how long bursts come", low=0.0, strict=True)
    off: float = parameter("Off", "off", "s", "how long they pause", low=0.0)

    def onsets(self, until: float) -> tuple[float, ...]:
        """Return when each On begins, in 0 ≤ t < `until` [s].

        A burst begins then if on + off is a whole number of periods of bursts.
        """
        return self._repeated(self.on + self.off if self.off > 0 else math.inf, math.inf, until)

    def waveform(self, t: Array, step: float = 0.0) -> Array:
        """Return A within a pulse, else 0."""
        on = np.fmod(t, self.on + self.off) < self.on
        on &= np.fmod(t, 1 / self.oscillation) < self.bursts / self.frequency
        on &= np.fmod(t, 1 / self.frequency) < self.width
        return np.where(on, array(self.amplitude), 0.0)
