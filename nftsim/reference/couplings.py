"""Couplings: P_ab at step n+1 from φ_ab at step n, and the strengths they keep."""

from __future__ import annotations

import math
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from nftsim.components import couplings
from nftsim.components.base import NodeValue, Setting
from nftsim.reference.grid import Array, Shape, first_of, per_node, rk4, shape_of

#: How fast the plastic rates switch with calcium [l/mol].
CALCIUM_SLOPE = 4e7


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
        return _gathered(_from_y_x(self._nu, self._shape), rate)

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
        return {"nu": _from_y_x(self._nu, self._shape)}


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
    """ν goes through its values in straight lines, one step ahead of them."""

    def __init__(self, item: couplings.Ramp, setting: Setting) -> None:
        super().__init__(item, setting)
        self.nu = item.nu[0]

    def move(self) -> None:
        """Add the slope of the line in which t lies, if it lies in one."""
        nu, times = self.item.nu, self.item.timepoints
        for j in range(1, len(times)):
            if times[j - 1] <= self.t < times[j]:
                slope = (nu[j] - nu[j - 1]) / (times[j] - times[j - 1])
                self.nu += slope * self.setting.deltat


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


class PlasticStrength:
    """Calcium-dependent plasticity (Fung & Robinson 2013), at each node.

    The state is (Ca, ν̃, ν, ν', g); each is (y, x), or (from, y, x) for every pair of nodes.
    """

    #: Whether NMDA receptors are plastic too.
    sliding = False

    def __init__(self, item: couplings.CaDP, setting: Setting) -> None:
        self.item, self.setting, self.shape = item, setting, shape_of(setting)
        self.nu0 = self.start_strengths()
        self._low = self.get("xyth") * (self.get("nu_max") - self.reference()) / self.reference()
        calcium, still = np.full_like(self.nu0, 1e-8), np.zeros_like(self.nu0)
        g = np.broadcast_to(self.get("gnmda"), self.nu0.shape)
        self.state = np.array([calcium, self.nu0, self.nu0, still, g])
        self.binding = self.voltage = np.zeros_like(self.nu0)

    def start_strengths(self) -> Array:
        """Return ν(0)."""
        return self.get("nu")

    def reference(self) -> Array:
        """Return the strength in y_th."""
        return self.nu0

    def get(self, name: str) -> Array:
        """Return a parameter as a field."""
        return per_node(getattr(self.item, name), self.shape)

    def start(self, rate: Array) -> Array:
        """Return ν(0) Q."""
        return self.nu0 * rate

    def first(self) -> float:
        """Return the first strength."""
        return first_of(self.item.nu)

    def excites(self) -> NDArray[np.bool_]:
        """Tell where ν(0) > 0."""
        return self.nu0 > 0

    def step(self, phi: Array, post: Post) -> Array:
        """Change the strengths over a step; return P with the new ones."""
        self.advance(post.v, post.glutamate)
        return self.state[2] * phi

    def advance(self, v: Array, glutamate: Array) -> None:
        """Make a step of RK4; what glutamate, voltage and old calcium set is held."""
        b = _logistic(glutamate - self.get("glu_0"), self.get("slope"))
        h = (195e-3 - v) * _logistic(v - 45.5e-3, 62.0)
        above_d = _logistic(self.state[0] - self.get("dth"), CALCIUM_SLOPE)
        above_p = _logistic(self.state[0] - self.get("pth"), CALCIUM_SLOPE)
        up = self.get("xyth") + self.get("x") * above_p
        down = self._low + self.get("y") * (above_d - above_p)
        z, tca, largest, dt = (
            self.get("z"),
            self.get("tca"),
            self.get("nu_max"),
            self.setting.deltat,
        )

        def slope(s: Array) -> Array:
            calcium, target, nu, rate, g = s
            dca = g * b * h - calcium / tca
            # a step must not make it negative
            dca = np.where(calcium + dca * dt < 0, -calcium, dca)
            dtarget = up * (largest - target) - down * target
            return np.array(
                [
                    dca,
                    dtarget,
                    rate,
                    -2 * z * rate + z**2 * (target - nu),
                    self.slide(g, target, nu),
                ]
            )

        self.state = rk4(slope, self.state, dt)
        self.binding = np.broadcast_to(b, self.nu0.shape).copy()
        self.voltage = np.broadcast_to(h, self.nu0.shape).copy()

    def slide(self, g: Array, target: Array, nu: Array) -> Array:
        """Return g'."""
        if not self.sliding:
            return np.zeros_like(g)
        item: Any = self.item
        time, recovery = per_node(item.t_bcm, self.shape), per_node(item.t_rec, self.shape)
        silent = nu == 0
        ratio = target / np.where(silent, 1.0, nu)
        change = -g / time * (ratio - 1) + (self.get("gnmda") - g) / recovery
        return np.where(silent, 0.0, change)

    def traces(self) -> dict[str, Array]:
        """Return the state, B and H."""
        calcium, target, nu, _, g = self.state.copy()
        found = {"ca": calcium, "nutilde": target, "nu": nu, "b": self.binding, "h": self.voltage}
        return {**found, "gnmda": g} if self.sliding else found


class BCMStrength(PlasticStrength):
    """The same with g' = −(g/t_BCM)(ν̃/ν − 1) + (g₀ − g)/t_rec."""

    sliding = True


class BCMSpatialStrength(BCMStrength):
    """The same for every pair of nodes: glutamate of the one it comes from, V of the other."""

    def start_strengths(self) -> Array:
        """Return ν(0), shape (from, y, x)."""
        nodes = self.setting.nodes
        if np.ndim(self.item.nu):
            pairs = matrix(self.item.nu, nodes)
        else:
            pairs = np.full((nodes, nodes), 1e-8)
            np.fill_diagonal(pairs, self.item.nu)
        return _from_y_x(pairs, self.shape)

    def reference(self) -> Array:
        """Return the first strength, for all pairs."""
        return np.full(self.shape, self.first())

    def start(self, rate: Array) -> Array:
        """Return Σ_i ν_ij Q_i."""
        return _gathered(self.nu0, rate)

    def excites(self) -> NDArray[np.bool_]:
        """Tell whether the first strength is positive."""
        return np.full(self.shape, self.first() > 0)

    def step(self, phi: Array, post: Post) -> Array:
        """Change the strengths over a step; return Σ_i ν_ij φ_i with the new ones."""
        self.advance(post.v, post.glutamate.reshape(-1, 1, 1))
        return _gathered(self.state[2], phi)


def matrix(nu: NodeValue, nodes: int) -> Array:
    """Return ν (to, from), as it is written: row by row, or one number for all."""
    return (
        np.broadcast_to(np.reshape(nu, (nodes, nodes) if np.ndim(nu) else ()), (nodes, nodes)) * 1.0
    )


def _from_y_x(pairs: Array, shape: Shape) -> Array:
    """Return ν (to, from) as (from, y, x)."""
    return pairs.T.reshape(-1, *shape).copy()


def _gathered(nu: Array, field: Array) -> Array:
    """Return Σ_i ν_i(y, x) field_i."""
    return np.asarray(np.sum(nu * field.reshape(-1, 1, 1), axis=0))


def _logistic(u: Array, b: Array | float) -> Array:
    with np.errstate(over="ignore"):  # far below, 1/∞ = 0
        return np.asarray(1 / (1 + np.exp(-b * u)))
