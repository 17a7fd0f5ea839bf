"""Synaptic coupling: from the arriving field φ_ab to the weighted input P_ab."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, ClassVar

import numpy as np

from nftsim.components.base import (
    Array,
    Component,
    Field,
    NodeValue,
    Setting,
    accumulate,
    array,
    parameter,
    ticks,
)

NU = Field("nu", "ν_ab", "V s", "synaptic strength")


@dataclass(frozen=True, kw_only=True)
class Coupling(Component):
    """Base of couplings."""

    role: ClassVar[str] = "coupling"
    #: Name of the kernel step; empty: the strength is constant, and the dendrite multiplies by it.
    step: ClassVar[str] = ""
    #: Why there is no linear response; empty: there is one.
    nonlinear: ClassVar[str] = ""
    #: Whether it reads the glutamate of the postsynaptic population.
    glutamate: ClassVar[bool] = False
    outputs: ClassVar[tuple[Field, ...]] = (NU,)

    @property
    @abstractmethod
    def first(self) -> float:
        """The first number after ``nu:`` in the file [V s]."""

    @abstractmethod
    def start(self, setting: Setting) -> NodeValue:
        """Return the strength at t = 0 that a uniform field meets at each node [V s]."""

    def potential(self, rate: Array, setting: Setting, *, compat: bool = False) -> Array:
        """Return ν_ab Q_b at t = 0 for rates of shape () or (node,) [V].

        NFTsim (`compat`) takes the first number after ``nu:`` for every node.
        """
        strength = array(self.first if compat else self.start(setting))
        with np.errstate(over="ignore", invalid="ignore"):  # the run will say that it diverged
            return np.asarray(strength * rate)

    def excitatory(self, *, compat: bool = False) -> Array:
        """Return 1 where it releases glutamate, () or (node,): its first number is positive."""
        del compat
        return np.asarray(float(self.first > 0))

    def coefficients(self, setting: Setting) -> tuple[Array, ...]:
        """Return the constants of one step, a number each or one per node."""
        return ()


@dataclass(frozen=True, kw_only=True)
class Map(Coupling):
    """Constant strength, one number or one per node."""

    keyword: ClassVar[str] = "Map"
    equation: ClassVar[str] = "P_ab = ν_ab φ_ab"
    source: ClassVar[str] = "Sanz-Leon et al. 2018, Eqs 2-3"

    nu: NodeValue = parameter("nu", "ν_ab", "V s", "synaptic strength", form="per-node")

    @property
    def first(self) -> float:
        """The first number after ``nu:``."""
        return float(array(self.nu).flat[0])

    def start(self, setting: Setting) -> NodeValue:
        """Return ν."""
        return self.nu

    def excitatory(self, *, compat: bool = False) -> Array:
        """Return 1 where ν > 0; NFTsim (`compat`) leaves out strengths that vary over the nodes."""
        nu = array(self.nu)
        return np.zeros(()) if compat and nu.ndim else np.asarray((nu > 0).astype(float))


@dataclass(frozen=True, kw_only=True)
class Matrix(Coupling):
    """Constant strength for every pair of nodes."""

    keyword: ClassVar[str] = "Matrix"
    equation: ClassVar[str] = "P_j = Σ_i ν_ji φ_i"
    source: ClassVar[str] = "NFTsim 1.1"
    step: ClassVar[str] = "matrix"
    nonlinear: ClassVar[str] = "it couples the spatial modes to each other"
    outputs: ClassVar[tuple[Field, ...]] = (
        Field("nu", "ν_ji", "V s", "synaptic strength from node i to node j", matrix=True),
    )

    nu: NodeValue = parameter(
        "nu",
        "ν_ji",
        "V s",
        "synaptic strengths, row by row (to node j), column by column (from node i), or one number",
        form="matrix",
    )

    @property
    def first(self) -> float:
        """The first number after ``nu:``."""
        return float(array(self.nu).flat[0])

    def strengths(self, nodes: int) -> Array:
        """Return ν, shape (from, to) [V s]."""
        return pairs(self.nu, nodes)

    def initial(self, setting: Setting) -> dict[str, Any]:
        """Return the strengths, shape (from, to)."""
        return {"nu": self.strengths(setting.nodes)}

    def start(self, setting: Setting) -> NodeValue:
        """Return Σ_i ν_ji."""
        return tuple(self.strengths(setting.nodes).sum(axis=0).tolist())

    def potential(self, rate: Array, setting: Setting, *, compat: bool = False) -> Array:
        """Return Σ_i ν_ji Q_i at t = 0 (see `Coupling.potential`)."""
        if compat:
            return super().potential(rate, setting, compat=True)
        return onto(self.strengths(setting.nodes), rate)


@dataclass(frozen=True, kw_only=True)
class Ramp(Coupling):
    """Strength that goes through given values in straight lines."""

    keyword: ClassVar[str] = "Ramp"
    equation: ClassVar[str] = (
        "ν(t) through (t_j, ν_j) in straight lines, constant before the first and after the last"
    )
    source: ClassVar[str] = "NFTsim 1.1"
    step: ClassVar[str] = "timed strength"
    nonlinear: ClassVar[str] = "its strength changes in time"

    nu: tuple[float, ...] = parameter(
        "nu", "ν_j", "V s", "strengths at the time points", form="list"
    )
    timepoints: tuple[float, ...] = parameter(
        "timepoints", "t_j", "s", "when the strength has these values", form="list"
    )

    @property
    def first(self) -> float:
        """The first strength."""
        return self.nu[0]

    def start(self, setting: Setting) -> NodeValue:
        """Return the first strength."""
        return self.nu[0]

    def initial(self, setting: Setting) -> dict[str, Any]:
        """Return the first strength."""
        return {"nu": self.nu[0]}

    def problems(self, setting: Setting) -> list[tuple[str, str]]:
        """Check that there is a time for each value, and that times increase."""
        if len(self.nu) != len(self.timepoints):
            return [
                (
                    "timepoints",
                    f"has {len(self.timepoints)} timepoints for {len(self.nu)} values of nu; give "
                    "one time for each value",
                )
            ]
        for earlier, later in pairwise(self.timepoints):
            if later <= earlier:
                return [
                    ("timepoints", f"{later:g} s stands after {earlier:g} s; timepoints must grow")
                ]
        return []

    def rest(self, setting: Setting) -> Array:
        """Return the first strength."""
        return np.array([self.nu[0]])

    def timeline(self, carried: Array, steps: int, setting: Setting) -> Array:
        """Return ν at each of the next steps.

        NFTsim (`setting.compat`) adds a line's slope times Δt at each step from a time within it,
        which is one step ahead of the line, and never goes back to the values at the time points.
        """
        t = ticks(carried, steps, setting.deltat)
        if not setting.compat:
            return np.asarray(np.interp(t, self.timepoints, self.nu))[None, :]
        line = np.searchsorted(self.timepoints, t, side="right")
        slopes = np.zeros(len(self.nu) + 1)
        slopes[1:-1] = setting.deltat * (np.diff(self.nu) / np.diff(self.timepoints))
        values = accumulate(float(carried[1]), slopes[line])
        carried[1] = values[-1]
        return values[None, :]


@dataclass(frozen=True, kw_only=True)
class DiffArctan(Coupling):
    """Strength that goes smoothly from ν_min to ν_max and back."""

    keyword: ClassVar[str] = "DiffArctan"
    equation: ClassVar[str] = (
        "ν = ν_min + (ν_max − ν_min) (d(t) − d_min)/(d_max − d_min), "
        "d(t) = atan((t − t_up)/δ) − atan((t − t_down)/δ), extrema over the run's whole seconds"
    )
    source: ClassVar[str] = "NFTsim 1.1"
    step: ClassVar[str] = "timed strength"
    nonlinear: ClassVar[str] = "its strength changes in time"

    nu_min: float = parameter("nu_min", "ν_min", "V s", "strength before and after")
    nu_max: float = parameter("nu_max", "ν_max", "V s", "strength between")
    delta: float = parameter("delta", "δ", "s", "how long a change takes", low=0.0, strict=True)
    t_half_up: float = parameter("t_half_up", "t_up", "s", "middle of the rise")
    t_half_down: float = parameter("t_half_down", "t_down", "s", "middle of the fall")

    @property
    def first(self) -> float:
        """ν_min."""
        return self.nu_min

    def start(self, setting: Setting) -> NodeValue:
        """Return ν(0)."""
        return float(self._strength(np.zeros(1), setting)[0])

    def potential(self, rate: Array, setting: Setting, *, compat: bool = False) -> Array:
        """Return ν(0) Q_b: what NFTsim starts from belongs to another connection."""
        del compat
        return super().potential(rate, setting)

    def initial(self, setting: Setting) -> dict[str, Any]:
        """Return ν(0)."""
        return {"nu": self.start(setting)}

    def problems(self, setting: Setting) -> list[tuple[str, str]]:
        """Check the order of times, and that the run is long enough to have extrema."""
        if self.t_half_down <= self.t_half_up:
            return [
                (
                    "t_half_down",
                    f"t_half_down = {self.t_half_down:g} s must be > t_half_up = "
                    f"{self.t_half_up:g} s",
                )
            ]
        low, high = self._extrema(setting)
        if not high > low:
            return [
                (
                    "nu_max",
                    "its profile is scaled by its extrema over the whole seconds 0, 1, … before "
                    f"the end of the run at {setting.time:g} s, and they are equal; use a longer "
                    "Time",
                )
            ]
        return []

    def rest(self, setting: Setting) -> Array:
        """Return ν(0)."""
        return self._strength(np.zeros(1), setting)

    def timeline(self, carried: Array, steps: int, setting: Setting) -> Array:
        """Return ν at each of the next steps."""
        return self._strength(ticks(carried, steps, setting.deltat), setting)[None, :]

    def _strength(self, t: Array, setting: Setting) -> Array:
        low, high = self._extrema(setting)
        share = (self._profile(t) - low) / (high - low)
        return np.asarray(self.nu_min + (self.nu_max - self.nu_min) * share)

    def _extrema(self, setting: Setting) -> tuple[float, float]:
        last = max(np.ceil(setting.time) - 1.0, 0.0)
        # it rises to the middle between its times and falls from there on
        middle = np.floor(0.5 * self.t_half_up + 0.5 * self.t_half_down)
        values = self._profile(np.clip([0.0, middle, middle + 1.0, last], 0.0, last))
        return float(values.min()), float(values.max())

    def _profile(self, t: Array) -> Array:
        with np.errstate(over="ignore", invalid="ignore"):  # the arctangent of infinity is a number
            rise, fall = (t - self.t_half_up) / self.delta, (t - self.t_half_down) / self.delta
            return np.asarray(np.arctan(rise) - np.arctan(fall))


def pairs(nu: NodeValue, nodes: int) -> Array:
    """Return strengths written row by row (to), column by column (from), as (from, to)."""
    square = array(nu).reshape((nodes, nodes) if isinstance(nu, tuple) else ())
    return np.ascontiguousarray(np.broadcast_to(square, (nodes, nodes)).T)


def onto(strengths: Array, rate: Array) -> Array:
    """Return Σ_i ν_ij Q_i for strengths of shape (from, to) and rates of shape () or (node,)."""
    with np.errstate(over="ignore", invalid="ignore"):  # the run will say that it diverged
        return np.asarray(np.broadcast_to(rate, len(strengths)) @ strengths)
