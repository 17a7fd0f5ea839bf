"""What a stimulus is, and the plainest ones: a constant rate and a sine wave.

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
