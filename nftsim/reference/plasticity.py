"""Plastic couplings: strengths that calcium moves, at each node or for every pair of nodes."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from nftsim.components import plasticity
from nftsim.components.base import Setting
from nftsim.reference.couplings import Post, from_y_x, gathered, matrix
from nftsim.reference.grid import Array, first_of, per_node, rk4, shape_of

#: How fast the plastic rates switch with calcium [l/mol].
CALCIUM_SLOPE = 4e7


class PlasticStrength:
    """Calcium-dependent plasticity (Fung & Robinson 2013), at each node.

    The state is (Ca, ν̃, ν, ν', g); each is (y, x), or (from, y, x) for every pair of nodes.
    """

    #: Whether NMDA receptors are plastic too.
    sliding = False

    def __init__(self, item: plasticity.CaDP, setting: Setting) -> None:
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
        return from_y_x(pairs, self.shape)

    def reference(self) -> Array:
        """Return the first strength, for all pairs."""
        return np.full(self.shape, self.first())

    def start(self, rate: Array) -> Array:
        """Return Σ_i ν_ij Q_i."""
        return gathered(self.nu0, rate)

    def excites(self) -> NDArray[np.bool_]:
        """Tell whether the first strength is positive."""
        return np.full(self.shape, self.first() > 0)

    def step(self, phi: Array, post: Post) -> Array:
        """Change the strengths over a step; return Σ_i ν_ij φ_i with the new ones."""
        self.advance(post.v, post.glutamate.reshape(-1, 1, 1))
        return gathered(self.state[2], phi)


def _logistic(u: Array, b: Array | float) -> Array:
    with np.errstate(over="ignore"):  # far below, 1/∞ = 0
        return np.asarray(1 / (1 + np.exp(-b * u)))
