"""How fast a trace can vary: what dendrites and axons let through on the way from the noise.

Each of them has a transfer function (`nftsim.components`). Along a path from a noise to a trace
they multiply, and what is left of white noise tells which share of the variance is fast. Of several
paths the one of fewest connections counts, and among those the one that lets through most. Feedback
is left out: it is what the whole linear theory is for.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from nftsim.components.base import Component, array
from nftsim.model.model import Connection, Model, Trace

Array = NDArray[np.float64]
C = TypeVar("C", bound=Component)
#: Frequencies, and spatial modes of equal weight.
FREQUENCIES, MODES = 256, 24


@dataclass(frozen=True)
class Low:
    """A spectral density in arbitrary units.

    Attributes
    ----------
    frequency
        Shape (n,) [Hz], from 0 to that of the time step.
    density
        Summed over spatial modes, shape (n,).
    """

    frequency: Array
    density: Array

    def above(self, frequency: float) -> float:
        """Return the share of the variance above a frequency [Hz]."""
        parts = 0.5 * (self.density[1:] + self.density[:-1]) * np.diff(self.frequency)
        below = np.concatenate([[0.0], np.cumsum(parts)])
        if not below[-1] > 0:
            return 0.0
        return float(1 - np.interp(frequency, self.frequency, below) / below[-1])

    def interval(self, share: float, deltat: float) -> float:
        """Return the largest multiple of Δt at which rows show all but a share [s]."""
        steps = 1
        while self.above(0.5 / ((steps + 1) * deltat)) <= share:
            steps += 1
        return steps * deltat


def low_of(model: Model, trace: Trace) -> Low | None:
    """Return how the variance of a trace is spread over frequencies, noise being white.

    None if no noise reaches it, or it is white itself.
    """
    frequency, modes = _grid(model)
    reach = _reached(model, frequency, modes)
    if trace.kind == "pop":
        power = reach[trace.index - 1] if model.populations[trace.index - 1].neural else None
    elif trace.kind in ("propagator", "dendrite"):
        c = model.connection(trace.index)
        power = reach[c.pre]
        if power is not None:
            power = power * _squared(model, c, frequency, modes, dendrite=trace.kind == "dendrite")
    else:
        power = None
    if power is None:
        return None
    density = power.sum(axis=1)
    return None if np.ptp(density) < 1e-9 * density.max() else Low(frequency, density)


def _grid(model: Model) -> tuple[Array, Array]:
    """Return frequencies [Hz], dense where they are low, and k² of modes of equal weight [m⁻²]."""
    top = 0.5 / model.deltat
    frequency = np.concatenate([[0.0], np.geomspace(1e-4 * top, top, FREQUENCIES - 1)])
    if model.nodes == 1:
        return frequency, np.zeros(1)
    count = min(model.nodes, MODES)
    # a disc of the area of the square of all modes, (2π/Δx)²
    spacing = min(model.spacing(c.pre) for c in model.connections)
    return frequency, 4 * np.pi / spacing**2 * (np.arange(count) + 0.5) / count


def _reached(model: Model, frequency: Array, modes: Array) -> list[Array | None]:
    """Return |H|² from the noise to the rate of each population, shape (frequency, mode)."""
    found: list[Array | None] = [None] * len(model.populations)
    for i, population in enumerate(model.populations):
        noises = [s for s in population.stimuli if s.noise]
        if noises:
            flat = np.ones((frequency.size, modes.size))
            if all(getattr(s, "coherent", False) for s in noises):
                flat[:, 1:] = 0.0  # one mode alone, which is near enough the uniform one
            found[i] = flat
    top = frequency[-1] / 10
    for _ in model.populations:
        fresh: dict[int, Array] = {}
        for c in model.connections:
            power = found[c.pre]
            if power is None or found[c.post] is not None or not _acts(c):
                continue
            power = power * _squared(model, c, frequency, modes, dendrite=True)
            best = fresh.get(c.post)
            if best is None or _above(power, frequency, top) > _above(best, frequency, top):
                fresh[c.post] = power
        if not fresh:
            break
        for post, power in fresh.items():
            found[post] = power
    return found


def _above(power: Array, frequency: Array, limit: float) -> float:
    return Low(frequency, power.sum(axis=1)).above(limit)


def _acts(c: Connection) -> bool:
    """Tell whether a connection has a strength other than zero."""
    strength = getattr(c.coupling, "nu", None)
    return strength is None or bool(np.any(array(strength) != 0))


def _squared(
    model: Model, c: Connection, frequency: Array, modes: Array, *, dendrite: bool
) -> Array:
    """Return |Γ|², or |Γ L|² with the dendrite, shape (frequency, mode)."""
    s = np.asarray(-2j * math.pi * frequency[:, None], dtype=np.complex128)
    axon = _even(c.propagator.on(model.nodes))
    whole = axon.transfer(s, modes[None, :])
    if dendrite:
        whole = np.asarray(whole * _even(c.dendrite).transfer(s))
    return np.abs(np.broadcast_to(whole, (frequency.size, modes.size))) ** 2


def _even(item: C) -> C:
    """Return a component with the largest of each parameter that varies over the nodes."""
    top = {name: float(np.max(array(getattr(item, name)))) for name in item.varying}
    return replace(item, **top) if top else item


def lows(model: Model) -> Iterator[tuple[Trace, Low]]:
    """Yield the traces of a model's output that noise reaches, and how their variance is spread."""
    known: dict[tuple[str, int], Low | None] = {}
    for trace in model.output.traces:
        key = (trace.kind, trace.index)
        if key not in known:
            known[key] = low_of(model, trace)
        if (low := known[key]) is not None:
            yield trace, low
