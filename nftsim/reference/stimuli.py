"""Stimuli: the rate while active, (y, x), by the stimulus's own clock t [s]; dt is Δt [s]."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from nftsim.components import stimuli
from nftsim.components.data import Data, load_array
from nftsim.reference.grid import Array, Shape, per_node

#: How near to a sample a time must be to count as its own, in intervals between samples.
_NEAR = 1e-6


def mean(item: Any, t: float, dt: float, shape: Shape) -> Array:
    """Return the mean; noise is added elsewhere."""
    del t, dt
    return per_node(item.mean, shape)


def sine(item: stimuli.Sine, t: float, dt: float, shape: Shape) -> Array:
    """Return A sin(2π f t)."""
    del dt
    return per_node(item.amplitude, shape) * math.sin(2 * math.pi * t * item.frequency)


def rectangles(item: stimuli.PulseRect, t: float, dt: float, shape: Shape) -> Array:
    """Return A while mod(t, T) ≤ w and t/T < n."""
    del dt
    period = _period(item)
    on = math.fmod(t, period) <= item.width and t / period < item.pulses
    return per_node(item.amplitude, shape) * float(on)


def pieces(item: stimuli.PulseSine, t: float, dt: float, shape: Shape) -> Array:
    """Return A sin(2π (mod(t, T)/w − phase/360)) while mod(t, T) < w and t/T < n."""
    del dt
    since = math.fmod(t, item.period)
    if since >= item.width or t / item.period >= item.pulses:
        return np.zeros(shape)
    turn = since / item.width - item.phase / 360
    return per_node(item.amplitude, shape) * math.sin(2 * math.pi * turn)


def sigmoids(item: stimuli.PulseSigmoid, t: float, dt: float, shape: Shape) -> Array:
    """Return the two nearest pulses, each of two sigmoidal flanks."""
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
            total += math.exp(-rise - fall)
    return per_node(item.amplitude, shape) * total


def paired(item: stimuli.PAS, t: float, dt: float, shape: Shape) -> Array:
    """Return N20 and P25 of the nerve's stimulation, and the TMS pulse."""
    del dt
    total = np.zeros(shape)
    start = max(-item.isi, 0.0)
    turn = start + item.n20_width
    if start <= t < turn:
        depth = math.sin(math.pi * (t - start) / item.n20_width)
        total -= per_node(item.n20_height, shape) * depth
    if turn <= t < turn + item.p25_width:
        height = math.sin(math.pi * (t - turn) / item.p25_width)
        total += per_node(item.p25_height, shape) * height
    pulse = start + item.n20_width / 2 + item.isi
    if pulse <= t < pulse + item.tms_width:
        total += per_node(item.tms_height, shape)
    return total


def bursts(item: stimuli.Burst, t: float, dt: float, shape: Shape) -> Array:
    """Return A while a pulse of a burst of an active period lasts."""
    del dt
    on = (
        math.fmod(t, item.on + item.off) < item.on
        and math.fmod(t, 1 / item.oscillation) < item.bursts / item.frequency
        and math.fmod(t, 1 / item.frequency) < item.width
    )
    return per_node(item.amplitude, shape) * float(on)


def data(item: Data, t: float, dt: float, shape: Shape) -> Array:
    """Return A times what the file holds at t: 0 before its first sample and after its last."""
    del dt
    samples = load_array(item.file, item.dataset)
    position = t / item.interval
    if abs(position - round(position)) < _NEAR:
        position = round(position)
    if not 0 <= position <= len(samples) - 1:
        return np.zeros(shape)
    before = math.floor(position)
    row = samples[before]
    if item.interpolation == "linear" and position > before:
        row = row + (position - before) * (samples[before + 1] - row)
    return item.amplitude * np.broadcast_to(row.reshape(shape if row.ndim else ()), shape)


def _period(item: stimuli.PulseTrain) -> float:
    if item.period is not None:
        return item.period
    return math.inf if item.frequency is None else 1 / item.frequency
