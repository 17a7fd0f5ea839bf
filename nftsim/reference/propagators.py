"""Propagators: φ_ab at step n+1 from the delayed rates at steps n+1, n and n−1."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np

from nftsim.components.base import Setting
from nftsim.reference.grid import Array, Shape, diagonal, nearest, per_node, shape_of
from nftsim.reference.second_order import held_step, linear_step


class Field(Protocol):
    """A propagator at work."""

    def step(self, new: Array, now: Array, old: Array) -> Array:
        """Return φ at step n+1 from the delayed rates at steps n+1, n and n−1, each (y, x)."""


class MapField:
    """φ_ab = Q_b(t − τ)."""

    def __init__(self, item: Any, setting: Setting, phi: Array, sphere: bool = False) -> None:
        del item, setting, phi, sphere

    def step(self, new: Array, now: Array, old: Array) -> Array:
        """Return the delayed rate."""
        del now, old
        return new.copy()


class HarmonicField:
    """φ'' = γ² (Q − φ) − 2γ φ', with Q held over the step."""

    def __init__(self, item: Any, setting: Setting, phi: Array, sphere: bool = False) -> None:
        del sphere
        self._gamma, self._dt = _damping(item, shape_of(setting)), setting.deltat
        self._y = np.array([phi, np.zeros_like(phi)])

    def step(self, new: Array, now: Array, old: Array) -> Array:
        """Advance by RK4; the rates of earlier steps do not matter."""
        del now, old
        self._y = held_step(self._y, new, self._gamma, self._gamma, self._dt)
        return self._y[0].copy()


class HarmonicIntegralField:
    """The same equation, solved exactly for a rate that is a straight line over the step."""

    def __init__(self, item: Any, setting: Setting, phi: Array, sphere: bool = False) -> None:
        del sphere
        self._gamma, self._dt = _damping(item, shape_of(setting)), setting.deltat
        self._y = np.array([phi, np.zeros_like(phi)])
        # the line of the first step starts at φ(0), whatever the rate was
        self._before = phi.copy()

    def step(self, new: Array, now: Array, old: Array) -> Array:
        """Advance along the line from the rate of the last call to the new one."""
        del now, old
        gamma = self._gamma
        self._y = linear_step(self._y, self._before, new, gamma, gamma, self._dt)
        self._before = new.copy()
        return self._y[0].copy()


class WaveField:
    """The explicit scheme of Sanz-Leon et al. (2018), Eq 32: the five-point stencil."""

    def __init__(self, item: Any, setting: Setting, phi: Array, sphere: bool = False) -> None:
        self._sphere, shape = sphere, shape_of(setting)
        self._gamma_dt = _damping(item, shape) * setting.deltat
        self._p2 = (self._gamma_dt * per_node(item.range, shape) / setting.spacing) ** 2
        self._phi, self._before = phi.copy(), phi.copy()

    def step(self, new: Array, now: Array, old: Array) -> Array:
        """Advance φ."""
        decay = np.exp(-self._gamma_dt)
        drive = 8 * now + self._spread(now) + new / decay + decay * old
        phi = self._spread(self._phi) - decay * self._before
        fresh = decay * (phi + self._gamma_dt**2 / 12 * drive)
        self._phi, self._before = fresh, self._phi
        return fresh.copy()

    def _spread(self, a: Array) -> Array:
        """Return (2 − 4p²) a + p² Σ₄ a."""
        return (2 - 4 * self._p2) * a + self._p2 * nearest(a, self._sphere)


class WaveLegacyField(WaveField):
    """The nine-point stencil."""

    def _spread(self, a: Array) -> Array:
        """Return (2 − 3p²) a + p²/2 (Σ₄ + Σ_diag/2) a."""
        return (2 - 3 * self._p2) * a + self._p2 / 2 * (
            nearest(a, self._sphere) + diagonal(a, self._sphere) / 2
        )


def wave(item: Any, setting: Setting, phi: Array, sphere: bool = False) -> Field:
    """Return the wave; on a single node, where there is nothing to propagate to, the harmonic."""
    rule = WaveField if setting.nodes > 1 else HarmonicField
    return rule(item, setting, phi, sphere)


def wave_legacy(item: Any, setting: Setting, phi: Array, sphere: bool = False) -> Field:
    """Return the nine-point wave; on a single node the harmonic."""
    rule = WaveLegacyField if setting.nodes > 1 else HarmonicField
    return rule(item, setting, phi, sphere)


def _damping(item: Any, shape: Shape) -> Array:
    if item.gamma is not None:
        return per_node(item.gamma, shape)
    return per_node(item.velocity, shape) / per_node(item.range, shape)
