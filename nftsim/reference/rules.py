"""What each component does in one step: one entry per component, by role and class.

Fields are float64 (y, x). Propagators and dendrites keep a state and have `step`; the other rules
are functions.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from nftsim.components import couplings, dendrites, firing, propagators, stimuli
from nftsim.components.base import Component, NodeValue, Setting

Array = NDArray[np.float64]


def per_node(value: NodeValue, shape: tuple[int, int]) -> Array:
    """Return a value, one or one per node, as a field of its own."""
    return np.broadcast_to(np.reshape(value, shape if np.ndim(value) else ()), shape).copy()


def _rk4(slope: Callable[[Array], Array], y: Array, step: float) -> Array:
    """Advance y' = slope(y) by the classical four stages of Runge and Kutta."""
    k1 = slope(y)
    k2 = slope(y + step / 2 * k1)
    k3 = slope(y + step / 2 * k2)
    k4 = slope(y + step * k3)
    return y + step / 6 * (k1 + 2 * k2 + 2 * k3 + k4)


# propagators ------------------------------------------------------------------------------------


class Field(Protocol):
    """A propagator at work."""

    def step(self, new: Array, now: Array, old: Array) -> Array:
        """Return φ at step n+1 from the delayed rates at steps n+1, n and n−1."""


class MapField:
    """φ_ab = Q_b(t − τ)."""

    def __init__(self, item: Any, setting: Setting, phi: Array) -> None:
        del item, setting, phi

    def step(self, new: Array, now: Array, old: Array) -> Array:
        """Return the delayed rate."""
        del now, old
        return new.copy()


class HarmonicField:
    """φ'' = γ² (Q − φ) − 2γ φ', with Q held over the step."""

    def __init__(self, item: Any, setting: Setting, phi: Array) -> None:
        self._gamma, self._dt = _damping(item), setting.deltat
        self._y = np.array([phi, np.zeros_like(phi)])

    def step(self, new: Array, now: Array, old: Array) -> Array:
        """Advance by RK4; the rates of earlier steps do not matter."""
        del now, old
        gamma = self._gamma

        def slope(y: Array) -> Array:
            return np.array([y[1], gamma**2 * (new - y[0]) - 2 * gamma * y[1]])

        self._y = _rk4(slope, self._y, self._dt)
        return self._y[0].copy()


class WaveField:
    """The explicit scheme of Sanz-Leon et al. (2018), Eq 32: the five-point stencil on a torus."""

    def __init__(self, item: Any, setting: Setting, phi: Array) -> None:
        self._gamma_dt = _damping(item) * setting.deltat
        self._p2 = (self._gamma_dt * item.range / setting.spacing) ** 2
        self._phi, self._before = phi, phi

    def step(self, new: Array, now: Array, old: Array) -> Array:
        """Advance φ."""
        p2, decay = self._p2, math.exp(-self._gamma_dt)
        drive = (10 - 4 * p2) * now + p2 * _neighbours(now) + new / decay + decay * old
        phi = (2 - 4 * p2) * self._phi + p2 * _neighbours(self._phi) - decay * self._before
        fresh = decay * (phi + self._gamma_dt**2 / 12 * drive)
        self._phi, self._before = fresh, self._phi
        return fresh.copy()


def _wave(item: Any, setting: Setting, phi: Array) -> Field:
    # on a single node there is nothing to propagate to
    rule = WaveField if setting.nodes > 1 else HarmonicField
    return rule(item, setting, phi)


def _damping(item: Any) -> float:
    return float(item.gamma if item.gamma is not None else item.velocity / item.range)


def _neighbours(a: Array) -> Array:
    return np.roll(a, 1, 0) + np.roll(a, -1, 0) + np.roll(a, 1, 1) + np.roll(a, -1, 1)


# couplings, dendrites, firing -------------------------------------------------------------------


def _strength(item: couplings.Map, shape: tuple[int, int]) -> Array:
    return per_node(item.nu, shape)


class SecondOrderPotential:
    """V'' = αβ (P − V) − (α + β) V', with P held over the step."""

    def __init__(self, item: Any, setting: Setting, v: Array) -> None:
        self._alpha, self._beta, self._dt = item.alpha, item.beta, setting.deltat
        self._y = np.array([v, np.zeros_like(v)])

    def step(self, p: Array) -> Array:
        """Return V at step n+1 from P at step n."""
        a, b = self._alpha, self._beta

        def slope(y: Array) -> Array:
            return np.array([y[1], a * b * (p - y[0]) - (a + b) * y[1]])

        self._y = _rk4(slope, self._y, self._dt)
        return self._y[0].copy()


def _sigmoid(item: firing.Sigmoid, v: Array) -> Array:
    return np.asarray(item.qmax / (1 + np.exp(-(v - item.theta) / item.sigma)))


def _linear(item: firing.Linear, v: Array) -> Array:
    return item.a * v + item.b


# stimuli: the rate while active, by the stimulus's own clock t [s]; dt [s] -----------------------


def _mean(item: Any, t: float, dt: float) -> float:
    del t, dt
    return float(item.mean)


def _sine(item: stimuli.Sine, t: float, dt: float) -> float:
    del dt
    return item.amplitude * math.sin(2 * math.pi * t * item.frequency)


def _rectangles(item: stimuli.PulseRect, t: float, dt: float) -> float:
    del dt
    period = _period(item)
    on = math.fmod(t, period) <= item.width and t / period < item.pulses
    return item.amplitude if on else 0.0


def _sigmoids(item: stimuli.PulseSigmoid, t: float, dt: float) -> float:
    sigma = max(item.width / 16, dt) if item.sigma is None else item.sigma
    period = _period(item)
    pulses = min(item.pulses, item.duration / period if math.isfinite(period) else math.inf)
    nearest = max(math.ceil((t - item.onset - item.width / 2) / period), 1)
    total = 0.0
    for i in (nearest - 1, nearest):
        if i < math.floor(pulses):
            start = item.onset + (i * period if i else 0.0)
            # logarithms of the two flanks; logaddexp cannot overflow
            rise = np.logaddexp(0.0, -math.pi / math.sqrt(3) * (t - start) / sigma)
            fall = np.logaddexp(0.0, -math.pi / math.sqrt(3) * (start + item.width - t) / sigma)
            total += item.amplitude * math.exp(-rise - fall)
    return total


def _period(item: stimuli.PulseTrain) -> float:
    if item.period is not None:
        return item.period
    return math.inf if item.frequency is None else 1 / item.frequency


#: Role → component → rule.
RULES: dict[str, dict[type[Component], Any]] = {
    "propagator": {
        propagators.Map: MapField,
        propagators.Harmonic: HarmonicField,
        propagators.Wave: _wave,
    },
    "coupling": {couplings.Map: _strength},
    "dendrite": {dendrites.SecondOrder: SecondOrderPotential},
    "firing": {firing.Sigmoid: _sigmoid, firing.Linear: _linear},
    "stimulus": {
        stimuli.Const: _mean,
        stimuli.Sine: _sine,
        stimuli.PulseRect: _rectangles,
        stimuli.PulseSigmoid: _sigmoids,
        stimuli.White: _mean,
    },
}
