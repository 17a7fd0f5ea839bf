"""External input: the rate of a population that is prescribed rather than computed.

Any number of stimuli superimpose. Each has a clock t that starts at −onset and grows by Δt a step;
it is active for 0 ≤ t < duration, on the nodes listed (default: all). Levels may differ from node
to node; then waveforms do too.
"""

from __future__ import annotations

import math
from abc import abstractmethod
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from nftsim.components.base import (
    Array,
    Component,
    Field,
    NodeValue,
    Setting,
    array,
    parameter,
)


@dataclass(frozen=True, kw_only=True)
class Stimulus(Component):
    """Base: when and where the stimulus acts."""

    role: ClassVar[str] = "stimulus"
    #: Whether it draws random deviates.
    noise: ClassVar[bool] = False
    outputs: ClassVar[tuple[Field, ...]] = (Field("q", "Q", "s⁻¹", "rate of the stimulus", "Q"),)

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
    def start(self) -> NodeValue | None:
        """Rate before t = 0 [s⁻¹], if the stimulus says one: its mean."""
        return None

    @property
    def background(self) -> NodeValue:
        """Lasting mean rate [s⁻¹], which fixed points and warm-ups assume; 0 for transients."""
        return 0.0

    @property
    def spatial(self) -> bool:
        """Whether its waveform differs from node to node."""
        return bool(self.varying)

    def active(self, t: Array) -> NDArray[np.bool_]:
        """Tell when the stimulus acts, by its own clock t [s]."""
        return (t >= 0) & (t < self.duration)

    def onsets(self, until: float) -> tuple[float, ...]:
        """Return when it begins, and begins again, in 0 ≤ t < `until` [s].

        What is there from the start is no event.
        """
        return (self.onset,) if 0 < self.onset < until and self.duration > 0 else ()

    def _repeated(self, period: float, count: float, until: float) -> tuple[float, ...]:
        """Return onsets of `count` repetitions that far apart [s], while the stimulus lasts."""
        end = min(until - self.onset, self.duration)
        if end <= 0:
            return ()
        number = math.ceil(min(count, end / period)) if period < math.inf else min(count, 1)
        times = (self.onset + i * period if i else self.onset for i in range(int(number)))
        return tuple(t for t in times if 0 <= t < until)

    @abstractmethod
    def waveform(self, t: Array, step: float = 0.0) -> Array:
        """Return the deterministic rate [s⁻¹] by the stimulus's own clock t [s] while active.

        Shape of `t`; where the stimulus is `spatial`, `t` is (step, 1) and the rate (step, node).
        """


@dataclass(frozen=True, kw_only=True)
class Steady(Stimulus):
    """What stimuli with a mean share."""

    mean: NodeValue = parameter("Mean", "Q̄", "s⁻¹", "mean rate", form="per-node")

    @property
    def start(self) -> NodeValue:
        """The mean."""
        return self.mean

    @property
    def background(self) -> NodeValue:
        """Return the mean; 0 if it does not last."""
        return self.mean if math.isinf(self.duration) else 0.0

    def waveform(self, t: Array, step: float = 0.0) -> Array:
        """Return the mean: a random part is drawn by the engine."""
        return np.zeros(t.shape) + array(self.mean)


@dataclass(frozen=True, kw_only=True)
class Const(Steady):
    """Constant rate."""

    keyword: ClassVar[str] = "Const"
    equation: ClassVar[str] = "Q = mean"
    source: ClassVar[str] = "NFTsim 1.1 manual"


@dataclass(frozen=True, kw_only=True)
class Sine(Stimulus):
    """Sine wave."""

    keyword: ClassVar[str] = "Sine"
    equation: ClassVar[str] = "Q = A sin(2π f t)"
    source: ClassVar[str] = "NFTsim 1.1 manual"

    amplitude: NodeValue = parameter("Amplitude", "A", "s⁻¹", "amplitude", form="per-node")
    frequency: float = parameter("Frequency", "f", "Hz", "frequency")

    def waveform(self, t: Array, step: float = 0.0) -> Array:
        """Return A sin(2π f t)."""
        return np.asarray(array(self.amplitude) * np.sin(2.0 * np.pi * t * self.frequency))


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


@dataclass(frozen=True, kw_only=True)
class White(Steady):
    """Gaussian white noise, independent at every node and step."""

    keyword: ClassVar[str] = "White"
    equation: ClassVar[str] = "Q = mean + σ ξ, σ² = (2π)³ ASD²/(Δt Δx²); one node: 2π ASD²/Δt"
    source: ClassVar[str] = "NFTsim 1.1 manual; Abeysuriya et al. 2014"
    noise: ClassVar[bool] = True
    #: Whether all nodes share one deviate.
    coherent: ClassVar[bool] = False
    alternatives: ClassVar[tuple[tuple[str, ...], ...]] = (("StdDev", "ASD"),)

    stddev: NodeValue | None = parameter(
        "StdDev",
        "σ",
        "s⁻¹",
        "standard deviation per node and step",
        default=None,
        low=0.0,
        form="per-node",
    )
    asd: NodeValue | None = parameter(
        "ASD",
        "ASD",
        "s⁻¹ Hz^{−1/2}",
        "amplitude spectral density",
        default=None,
        low=0.0,
        form="per-node",
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
    def spatial(self) -> bool:
        """Whether the mean differs from node to node."""
        return "mean" in self.varying

    def problems(self, setting: Setting) -> list[tuple[str, str]]:
        """Check that the strength of the noise is given."""
        if self.stddev is None and self.asd is None:
            return [("mean", "needs 'ASD: <s^-1 Hz^-1/2>' or 'StdDev: <s^-1>'")]
        if self.stddev is not None and self.asd is not None:
            return [("asd", "has ASD and StdDev, of which one follows from the other; keep one")]
        self.deviation(setting)  # it may overflow
        return []

    def deviation(self, setting: Setting, *, sheet: bool = False) -> Array:
        """Return σ [s⁻¹] per node and step, so that the spectrum depends on neither Δt nor Δx.

        A single node is a point, unless it is to count as a `sheet`.
        """
        if self.stddev is not None:
            return array(self.stddev)
        if setting.nodes == 1 and not sheet:
            return np.asarray(math.sqrt(2 * math.pi / setting.deltat) * array(self.asd))
        factor = math.sqrt((2 * math.pi) ** 3 / setting.deltat) / setting.spacing
        return np.asarray(factor * array(self.asd))


@dataclass(frozen=True, kw_only=True)
class WhiteCoherent(White):
    """Gaussian white noise, the same at all nodes."""

    keyword: ClassVar[str] = "WhiteCoherent"
    equation: ClassVar[str] = "as White, with one ξ for all nodes"
    source: ClassVar[str] = "NFTsim 1.1 manual"
    coherent: ClassVar[bool] = True
