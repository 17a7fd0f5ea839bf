"""Firing responses: Q_a at step n+1 from V_a at step n+1, and what they keep beside it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

import numpy as np

from nftsim.components import slow
from nftsim.components.base import Setting
from nftsim.reference.grid import Array, per_node, rk4, shape_of

# Zhao & Robinson (2015): effective potential, reversal potentials of X and of potassium [V]
V_EFF, V_X, V_K = -0.066, 0.14, -0.095


class Response(Protocol):
    """A firing response at work."""

    def step(self, v: Array, released: Array) -> Array:
        """Return Q from V and the summed fields of the inputs that release glutamate."""

    def traces(self) -> dict[str, Array]:
        """Return outputs other than Q and V, by name."""


class Static:
    """A response without memory."""

    def __init__(self, item: Any, setting: Setting) -> None:
        self.item, self.shape = item, shape_of(setting)

    def step(self, v: Array, released: Array) -> Array:
        """Return the rate at V."""
        del released
        return self.rate(v)

    def rate(self, v: Array) -> Array:
        """Return Q at V."""
        raise NotImplementedError

    def traces(self) -> dict[str, Array]:
        """Return nothing."""
        return {}

    def get(self, name: str) -> Array:
        """Return a parameter as a field."""
        return per_node(getattr(self.item, name), self.shape)


class SigmoidResponse(Static):
    """Q = Qmax / (1 + exp(−(V − θ)/σ'))."""

    def rate(self, v: Array) -> Array:
        """Return Q at V."""
        return sigmoid(v, self.get("theta"), self.get("sigma"), self.get("qmax"))


class LinearResponse(Static):
    """Q = a V + b."""

    def rate(self, v: Array) -> Array:
        """Return Q at V."""
        return self.get("a") * v + self.get("b")


class QuadraticResponse(Static):
    """Q = a V² + b V + c."""

    def rate(self, v: Array) -> Array:
        """Return Q at V."""
        return self.get("a") * v**2 + self.get("b") * v + self.get("c")


class CubicResponse(Static):
    """Q = a V³ + b V² + c V + d."""

    def rate(self, v: Array) -> Array:
        """Return Q at V."""
        return self.get("a") * v**3 + self.get("b") * v**2 + self.get("c") * v + self.get("d")


class BurstingResponse(Static):
    """Two slow currents X and H move the threshold (Zhao & Robinson 2015)."""

    def __init__(self, item: slow.Bursting, setting: Setting) -> None:
        super().__init__(item, setting)
        self._slow = np.array([self.get("xtilde"), self.get("htilde")])
        self._dt, self._steps = setting.deltat, 0
        self._gx, self._gh = item.gx, item.gh

    def step(self, v: Array, released: Array) -> Array:
        """Advance X and H with the rate at the old threshold; return the rate at the new one."""
        del released
        item: slow.Bursting = self.item
        self._steps += 1
        t = self._steps * self._dt
        self._gx = _there_and_back(t, item.gx, item.gx2, (item.tx1, item.tx2, item.tx3, item.tx4))
        self._gh = _there_and_back(t, item.gh, item.gh2, (item.th1, item.th2, item.th3, item.th4))
        towards = np.maximum(self.get("ax") * self._rate_at(v), 0)
        taux, tauh = self.get("taux"), self.get("tauh")

        def slope(s: Array) -> Array:
            return np.array([(towards - s[0]) / taux, (3 * s[0] - s[1]) / tauh])

        self._slow = rk4(slope, self._slow, self._dt)
        return self._rate_at(v)

    def _threshold(self) -> Array:
        x, h = self._slow
        ib = -self._gx * (V_EFF - V_X) / 3
        ia = ib - self._gh * (V_EFF - V_K)
        return np.asarray((self.get("ic") - 3 * ib * x + (ib - ia) * h) / self.get("mu"))

    def _rate_at(self, v: Array) -> Array:
        return sigmoid(v, self._threshold(), self.get("sigma"), self.get("qmax"))

    def traces(self) -> dict[str, Array]:
        """Return the slow currents, the threshold and the conductances."""
        x, h = self._slow
        return {
            "xtilde": x.copy(),
            "htilde": h.copy(),
            "modtheta": self._threshold(),
            "gx": np.full(self.shape, self._gx),
            "gh": np.full(self.shape, self._gh),
        }


class GlutamateResponse(Static):
    """Another response, beside g' = Λ Σ_exc φ − g/t_glu, g(0) = 0."""

    def __init__(
        self,
        item: slow.GlutamateResponse,
        setting: Setting,
        rule_of: Callable[[Any, Setting], Response],
    ) -> None:
        super().__init__(item, setting)
        self.glutamate = np.zeros(self.shape)
        self._inner, self._dt = rule_of(item.function, setting), setting.deltat

    def step(self, v: Array, released: Array) -> Array:
        """Advance glutamate; return the rate of the response inside."""
        frozen = self.get("lam") == 0
        time = np.where(frozen, 1.0, self.get("tglu"))

        def slope(g: Array) -> Array:
            change = self.get("lam") * released - g / time
            # a step must not make it negative
            return np.where(g + change * self._dt < 0, -g, change)

        self.glutamate = np.where(frozen, self.glutamate, rk4(slope, self.glutamate, self._dt))
        return self._inner.step(v, released)

    def traces(self) -> dict[str, Array]:
        """Return glutamate."""
        return {"glu": self.glutamate.copy()}


def sigmoid(v: Array, theta: Array, sigma: Array, qmax: Array) -> Array:
    """Return Qmax / (1 + exp(−(V − θ)/σ'))."""
    return np.asarray(qmax / (1 + np.exp(-(v - theta) / sigma)))


def _there_and_back(
    t: float, low: float, high: float | None, times: tuple[float, float, float, float]
) -> float:
    """Return a value that goes from `low` to `high` between t₁ and t₂, back from t₃ to t₄."""
    t1, t2, t3, t4 = times
    if high is None or t <= t1 or t > t4:
        return low
    if t <= t2:
        return low + (high - low) * (t - t1) / (t2 - t1)
    if t <= t3:
        return high
    return high - (high - low) * (t - t3) / (t4 - t3)
