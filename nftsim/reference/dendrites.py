"""Dendrites: V_ab at step n+1 from P_ab, which is made of φ_ab at step n."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np

from nftsim.components import dendrites
from nftsim.components.base import Setting
from nftsim.reference.grid import Array, per_node, shape_of
from nftsim.reference.second_order import held_step, linear_step


class Potential(Protocol):
    """A dendrite at work."""

    def step(self, p: Array) -> Array:
        """Return V_ab at step n+1."""

    def traces(self) -> dict[str, Array]:
        """Return its outputs by name."""


class SecondOrderPotential:
    """V'' = αβ (P − V) − (α + β) V', with P held over the step."""

    def __init__(self, item: Any, setting: Setting, v: Array) -> None:
        shape = shape_of(setting)
        self.alpha, self.beta = per_node(item.alpha, shape), per_node(item.beta, shape)
        self.y = np.array([v, np.zeros_like(v)])
        self.dt = setting.deltat

    def step(self, p: Array) -> Array:
        """Advance by RK4."""
        self.y = held_step(self.y, p, self.alpha, self.beta, self.dt)
        return self.y[0].copy()

    def traces(self) -> dict[str, Array]:
        """Return V."""
        return {"v": self.y[0].copy()}


class IntegralPotential(SecondOrderPotential):
    """The same equation, solved exactly for P along a straight line over the step."""

    def __init__(self, item: Any, setting: Setting, v: Array) -> None:
        super().__init__(item, setting, v)
        self._before = v.copy()

    def step(self, p: Array) -> Array:
        """Advance along the line from the P of the step before, which starts as V(0)."""
        self.y = linear_step(self.y, self._before, p, self.alpha, self.beta, self.dt)
        self._before = p.copy()
        return self.y[0].copy()


class RampPotential(SecondOrderPotential):
    """α and β go to α₂ and β₂ and back; outside of their ways they stay as they are."""

    def __init__(self, item: dendrites.Ramp, setting: Setting, v: Array) -> None:
        super().__init__(item, setting, v)
        self._item, self._t = item, 0.0

    def step(self, p: Array) -> Array:
        """Advance by RK4 with the rates of the new time."""
        item = self._item
        self._t += self.dt
        if item.t1 < self._t <= item.t2:
            way = (self._t - item.t1) / (item.t2 - item.t1)
        elif item.t3 < self._t <= item.t4:
            way = 1 - (self._t - item.t3) / (item.t4 - item.t3)
        else:
            return super().step(p)
        self.alpha[:] = item.alpha + way * (item.alpha2 - item.alpha)
        self.beta[:] = item.beta + way * (item.beta2 - item.beta)
        return super().step(p)

    def traces(self) -> dict[str, Array]:
        """Return V, and β, which is one number for all nodes."""
        return {**super().traces(), "beta": np.array(self.beta[0, 0])}
