"""Couplings: P_ab at step n+1 from φ_ab at step n, and the strengths they keep."""

from __future__ import annotations

import math
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from nftsim.components import couplings
from nftsim.components.base import NodeValue, Setting
from nftsim.reference.grid import Array, Shape, per_node, shape_of


class Post(NamedTuple):
    """The postsynaptic population at the step before: V [V] and glutamate [mol/l], (y, x)."""

    v: Array
    glutamate: Array


class Strength(Protocol):
    """A coupling at work."""

    def start(self, rate: Array) -> Array:
        """Return what it makes of the initial rate."""

    def first(self) -> float:
        """Return the strength of which NFTsim makes V_ab(0) at every node."""

    def excites(self) -> NDArray[np.bool_]:
        """Tell at which nodes it releases glutamate."""

    def step(self, phi: Array, post: Post) -> Array:
        """Return P_ab."""

    def traces(self) -> dict[str, Array]:
        """Return its outputs by name."""


class MapStrength:
    """P = ν φ at each node."""

    def __init__(self, item: couplings.Map, setting: Setting) -> None:
        self._nu = per_node(item.nu, shape_of(setting))

    def start(self, rate: Array) -> Array:
        """Return ν Q."""
        return self._nu * rate

    def first(self) -> float:
        """Return the first strength."""
        return float(self._nu.flat[0])

    def excites(self) -> NDArray[np.bool_]:
        """Tell where ν > 0."""
        return self._nu > 0

    def step(self, phi: Array, post: Post) -> Array:
        """Return ν φ."""
        del post
        return self._nu * phi

    def traces(self) -> dict[str, Array]:
        """Return ν."""
        return {"nu": self._nu.copy()}


class MatrixStrength:
    """P_j = Σ_i ν_ji φ_i."""

    def __init__(self, item: couplings.Matrix, setting: Setting) -> None:
        self._shape = shape_of(setting)
        self._nu = matrix(item.nu, setting.nodes)

    def start(self, rate: Array) -> Array:
        """Return Σ_i ν_ji Q_i."""
        return gathered(from_y_x(self._nu, self._shape), rate)

    def first(self) -> float:
        """Return the first strength."""
        return float(self._nu[0, 0])

    def excites(self) -> NDArray[np.bool_]:
        """Tell whether the first strength is positive."""
        return np.full(self._shape, self.first() > 0)

    def step(self, phi: Array, post: Post) -> Array:
        """Return Σ_i ν_ji φ_i."""
        del post
        return self.start(phi)

    def traces(self) -> dict[str, Array]:
        """Return ν, shape (from, y, x)."""
        return {"nu": from_y_x(self._nu, self._shape)}


class TimedStrength:
    """A strength that all nodes share and that changes with a clock which adds up Δt."""

    def __init__(self, item: Any, setting: Setting) -> None:
        self.item, self.setting = item, setting
        self.t, self.nu = 0.0, 0.0

    def start(self, rate: Array) -> Array:
        """Return ν(0) Q."""
        return self.nu * rate

    def first(self) -> float:
        """Return ν(0)."""
        return self.nu

    def excites(self) -> NDArray[np.bool_]:
        """Tell whether the first number of the file is positive."""
        return np.full(shape_of(self.setting), self.nu > 0)

    def step(self, phi: Array, post: Post) -> Array:
        """Move the clock on; return ν φ."""
        del post
        self.t += self.setting.deltat
        self.move()
        return self.nu * phi

    def move(self) -> None:
        """Set ν at the new time."""
        raise NotImplementedError

    def traces(self) -> dict[str, Array]:
        """Return ν."""
        return {"nu": np.full(shape_of(self.setting), self.nu)}


class RampStrength(TimedStrength):
    """ν goes through its values in straight lines."""

    def __init__(self, item: couplings.Ramp, setting: Setting) -> None:
        super().__init__(item, setting)
        self.nu = item.nu[0]

    def move(self) -> None:
        """Set ν to where its line is; NFTsim adds a step of the line in which t lies."""
        nu, times = self.item.nu, self.item.timepoints
        for j in range(1, len(times)):
            if times[j - 1] <= self.t < times[j]:
                slope = (nu[j] - nu[j - 1]) / (times[j] - times[j - 1])
                if self.setting.compat:
                    self.nu += slope * self.setting.deltat
                else:
                    self.nu = nu[j - 1] + slope * (self.t - times[j - 1])
        if self.t >= times[-1] and not self.setting.compat:
            self.nu = nu[-1]


class DiffArctanStrength(TimedStrength):
    """ν = ν_min + (ν_max − ν_min)(d − d_min)/(d_max − d_min)."""

    def __init__(self, item: couplings.DiffArctan, setting: Setting) -> None:
        super().__init__(item, setting)
        seconds = [self._profile(float(s)) for s in range(math.ceil(setting.time))]
        self._low, self._high = min(seconds), max(seconds)
        self.move()

    def excites(self) -> NDArray[np.bool_]:
        """Tell whether ν_min is positive."""
        return np.full(shape_of(self.setting), self.item.nu_min > 0)

    def move(self) -> None:
        """Follow the profile."""
        share = (self._profile(self.t) - self._low) / (self._high - self._low)
        self.nu = self.item.nu_min + (self.item.nu_max - self.item.nu_min) * share

    def _profile(self, t: float) -> float:
        item = self.item
        rise, fall = (t - item.t_half_up) / item.delta, (t - item.t_half_down) / item.delta
        return math.atan(rise) - math.atan(fall)


def matrix(nu: NodeValue, nodes: int) -> Array:
    """Return ν (to, from), as it is written: row by row, or one number for all."""
    return (
        np.broadcast_to(np.reshape(nu, (nodes, nodes) if np.ndim(nu) else ()), (nodes, nodes)) * 1.0
    )


def from_y_x(pairs: Array, shape: Shape) -> Array:
    """Return ν (to, from) as (from, y, x)."""
    return pairs.T.reshape(-1, *shape).copy()


def gathered(nu: Array, field: Array) -> Array:
    """Return Σ_i ν_i(y, x) field_i."""
    return np.asarray(np.sum(nu * field.reshape(-1, 1, 1), axis=0))
