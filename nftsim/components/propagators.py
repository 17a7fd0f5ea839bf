"""Axonal propagation: from the firing rate Q_b of a population to the field φ_ab it sends on.

Transfer functions use the Laplace variable s = −iω and leave the delay τ to the caller: the field
is e^{−sτ} Γ(s, k²) Q. Those of the steps themselves, exact for what the kernels compute, use ζ, one
step forward, and leave the delay of d steps, ζ^{−d}, to the caller too. Coefficients of a step are
numbers, or arrays of one number per node where a parameter varies over the nodes.
"""

from __future__ import annotations

import math
from abc import abstractmethod
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from nftsim.components.base import Array, Component, Field, NodeValue, Setting, array, parameter
from nftsim.components.maps import (
    StateSpace,
    first_of,
    held_factor,
    held_map,
    held_transfer,
    linear_map,
    linear_transfer,
    memoryless,
    second_order,
)

Complex = NDArray[np.complex128]
#: Constants of a step: a number each, or one per node.
Coefficients = tuple[Array, ...]


@dataclass(frozen=True, kw_only=True)
class Propagator(Component):
    """Base: the initial field and the delay, which every propagator has."""

    role: ClassVar[str] = "propagator"
    #: Name of the kernel step; empty: the field is the delayed rate itself and needs none.
    step: ClassVar[str] = ""
    #: Order of accuracy in Δt (and in Δx with it); 0: exact.
    order: ClassVar[int] = 0
    #: Whether the field depends on the neighbours' rates: the transfer function on k.
    dispersive: ClassVar[bool] = False
    #: Weight of the four diagonal neighbours in the Laplacian, relative to the four nearest.
    diagonal: ClassVar[float] = 0.0
    outputs: ClassVar[tuple[Field, ...]] = (
        Field("phi", "φ", "s⁻¹", "axonal field arriving at the population"),
    )

    phi: NodeValue | None = parameter(
        "phi", "φ(0)", "s⁻¹", "initial field", default=None, form="steady"
    )
    tau: NodeValue = parameter(
        "Tau", "τ", "s", "axonal delay", default=0.0, low=0.0, form="per-node"
    )

    @abstractmethod
    def transfer(self, s: Complex, k2: NDArray[np.float64]) -> Complex:
        """Return Γ(s, k²) without the delay; arrays broadcast."""

    @abstractmethod
    def state_space(self, k2: NDArray[np.float64]) -> StateSpace:
        """Return the same response as equations in time, of each k² [m⁻²]."""

    @abstractmethod
    def coefficients(self, setting: Setting) -> Coefficients:
        """Return the constants of one step, which kernel and theory share."""

    @abstractmethod
    def discrete(self, z: Complex, laplacian: Array, setting: Setting) -> Complex:
        """Return the exact Γ of the steps, from the delayed rate to the field of the same step.

        Parameters
        ----------
        z
            ζ, one step forward.
        laplacian
            −∇² of a mode as this stencil has it (see `diagonal`), in units of Δx⁻²; they broadcast.
        setting
            Of the presynaptic sheet.
        """

    @abstractmethod
    def discrete_poles(self, laplacian: Array, setting: Setting) -> Complex:
        """Return by what steps multiply the field without input, shape (…, n) for n of them.

        Arguments are those of `discrete`, whose poles in ζ these are.
        """

    def at_rest(self, rate: Array, setting: Setting) -> Array:
        """Return the field that a step leaves as it is while the rate is constant and uniform."""
        return rate

    def on(self, nodes: int) -> Propagator:
        """Return the propagator that acts on a sheet of so many nodes."""
        return self


@dataclass(frozen=True, kw_only=True)
class Map(Propagator):
    """Delay without dispersion."""

    keyword: ClassVar[str] = "Map"
    equation: ClassVar[str] = "φ_ab(t) = Q_b(t − τ)"
    source: ClassVar[str] = "Sanz-Leon et al. 2018, Eqs 15-16 (local interaction)"

    def transfer(self, s: Complex, k2: NDArray[np.float64]) -> Complex:
        """Return 1."""
        return np.ones(np.broadcast_shapes(np.shape(s), np.shape(k2)), dtype=complex)

    def state_space(self, k2: NDArray[np.float64]) -> StateSpace:
        """Return the rate itself."""
        return memoryless(1.0)

    def coefficients(self, setting: Setting) -> Coefficients:
        """Return nothing: a map has no constants."""
        return ()

    def discrete(self, z: Complex, laplacian: Array, setting: Setting) -> Complex:
        """Return 1."""
        return np.ones(np.broadcast_shapes(np.shape(z), np.shape(laplacian)), dtype=complex)

    def discrete_poles(self, laplacian: Array, setting: Setting) -> Complex:
        """Return nothing: a map has no state."""
        return np.empty((*np.shape(laplacian), 0), dtype=complex)


@dataclass(frozen=True, kw_only=True)
class Damped(Propagator):
    """What waves and harmonics share: a range and a damping rate, or a velocity."""

    alternatives: ClassVar[tuple[tuple[str, ...], ...]] = (("gamma", "velocity"),)

    range: NodeValue | None = parameter(
        "Range",
        "r",
        "m",
        "characteristic axonal range",
        default=None,
        low=0.0,
        strict=True,
        form="per-node",
    )
    gamma: NodeValue | None = parameter(
        "gamma",
        "γ",
        "s⁻¹",
        "temporal damping rate",
        default=None,
        low=0.0,
        strict=True,
        form="per-node",
    )
    velocity: NodeValue | None = parameter(
        "velocity",
        "v",
        "m s⁻¹",
        "axonal velocity, γ = v/r",
        default=None,
        low=0.0,
        strict=True,
        form="per-node",
    )

    @property
    def damping(self) -> Array:
        """γ [s⁻¹], given or from v/r, shape () or (node,)."""
        if self.gamma is not None:
            return array(self.gamma)
        return np.asarray(array(self.velocity) / array(self.range))

    def problems(self, setting: Setting) -> list[tuple[str, str]]:
        """Check that the damping rate is known and resolved by the time step."""
        if self.gamma is None and self.velocity is None:
            return [("gamma", "needs gamma, or velocity with Range; add 'gamma: <s^-1>'")]
        if self.gamma is not None and self.velocity is not None:
            return [
                (
                    "velocity",
                    "has gamma and velocity, of which one follows from the other; "
                    "keep gamma = velocity/Range",
                )
            ]
        if self.gamma is None and self.range is None:
            return [("velocity", "velocity needs Range too (gamma = velocity/Range)")]
        fastest = float(np.max(self.damping))
        limit = 0.5 / fastest
        if setting.deltat > limit:
            return [
                (
                    "gamma",
                    f"gamma = {fastest:g} s^-1 is not resolved by Deltat = "
                    f"{setting.deltat:g} s; use Deltat <= 1/(2 gamma) = {limit:.4g} s",
                )
            ]
        return []


@dataclass(frozen=True, kw_only=True)
class Harmonic(Damped):
    """Damped oscillator: the wave equation without its Laplacian."""

    keyword: ClassVar[str] = "Harmonic"
    equation: ClassVar[str] = "(1/γ ∂/∂t + 1)² φ_ab = Q_b(t − τ)"
    source: ClassVar[str] = "Sanz-Leon et al. 2018, Eq 14"
    step: ClassVar[str] = "harmonic"
    order: ClassVar[int] = 4

    def transfer(self, s: Complex, k2: NDArray[np.float64]) -> Complex:
        """Return 1/(1 + s/γ)²."""
        one = np.ones(np.broadcast_shapes(np.shape(s), np.shape(k2)))
        return np.asarray(one / (1 + s / self.damping) ** 2)

    def state_space(self, k2: NDArray[np.float64]) -> StateSpace:
        """Return the equation for (φ, φ')."""
        damping = np.broadcast_to(self.damping, np.shape(k2))
        return first_of(*second_order(damping, damping))

    def coefficients(self, setting: Setting) -> Coefficients:
        """Return the affine map of one RK4 step for (φ, φ') with Q held (see `held_map`)."""
        return held_map(*second_order(self.damping, self.damping), setting.deltat)

    def discrete(self, z: Complex, laplacian: Array, setting: Setting) -> Complex:
        """Return that of the affine map, for which the new Q is held over the step."""
        one = np.ones(np.broadcast_shapes(np.shape(z), np.shape(laplacian)))
        return np.asarray(one * held_transfer(self.coefficients(setting), z))

    def discrete_poles(self, laplacian: Array, setting: Setting) -> Complex:
        """Return RK4's factor for −γ, twice."""
        factor = held_factor(np.asarray(-self.damping * setting.deltat, dtype=complex))
        return np.full((*np.shape(laplacian), 2), factor)


@dataclass(frozen=True, kw_only=True)
class HarmonicIntegral(Harmonic):
    """Damped oscillator, solved exactly for a rate that is a straight line over each step."""

    keyword: ClassVar[str] = "HarmonicIntegral"
    source: ClassVar[str] = "Sanz-Leon et al. 2018, Eq 14; NFTsim 1.1"
    step: ClassVar[str] = "harmonic integral"
    order: ClassVar[int] = 2

    def coefficients(self, setting: Setting) -> Coefficients:
        """Return the map of one step for (φ, φ') with Q linear (see `linear_map`)."""
        return linear_map(*second_order(self.damping, self.damping), setting.deltat)

    def discrete(self, z: Complex, laplacian: Array, setting: Setting) -> Complex:
        """Return that of the map, along a line from the old Q to the new one."""
        one = np.ones(np.broadcast_shapes(np.shape(z), np.shape(laplacian)))
        return np.asarray(one * linear_transfer(self.coefficients(setting), z))

    def discrete_poles(self, laplacian: Array, setting: Setting) -> Complex:
        """Return e^{−γΔt}, twice."""
        factor = np.exp(-self.damping * setting.deltat)
        return np.full((*np.shape(laplacian), 2), factor, dtype=complex)


@dataclass(frozen=True, kw_only=True)
class Wave(Damped):
    """Isotropic damped wave on the torus."""

    keyword: ClassVar[str] = "Wave"
    equation: ClassVar[str] = "((1/γ ∂/∂t + 1)² − r²∇²) φ_ab = Q_b(t − τ)"
    source: ClassVar[str] = "Sanz-Leon et al. 2018, Eqs 12-13 and 32"
    step: ClassVar[str] = "wave"
    order: ClassVar[int] = 2
    dispersive: ClassVar[bool] = True

    def problems(self, setting: Setting) -> list[tuple[str, str]]:
        """Check range, damping rate, and the Courant condition of the five-point stencil."""
        found = super().problems(setting)
        if found or setting.nodes == 1:
            return found
        if self.range is None:
            return [("range", "needs Range; add 'Range: <m>'")]
        dx, shortest = setting.spacing, float(np.min(self.range))
        if dx > shortest / 2:
            least = math.ceil(2 * dx * setting.longside / shortest)
            return [
                (
                    "range",
                    f"Range = {shortest:g} m is not resolved by the grid spacing {dx:.4g} m; "
                    f"the spacing must be <= Range/2: use at least {least:.10g} nodes along x",
                )
            ]
        courant = self.courant(setting)
        if courant > math.sqrt(0.5):
            limit = math.sqrt(0.5) * setting.deltat / courant
            return [
                (
                    "gamma",
                    f"violates the Courant condition: gamma Range Deltat/dx = {courant:.4g} "
                    f"exceeds 1/sqrt(2) = 0.7071; use Deltat <= {limit:.4g} s or fewer nodes",
                )
            ]
        return []

    def courant(self, setting: Setting) -> float:
        """Return the largest Courant number p = γ r Δt/Δx of the sheet."""
        speed = self.damping * array(self.range)
        return float(np.max(speed)) * setting.deltat / setting.spacing

    def transfer(self, s: Complex, k2: NDArray[np.float64]) -> Complex:
        """Return 1/((1 + s/γ)² + k²r²)."""
        return np.asarray(1 / ((1 + s / self.damping) ** 2 + k2 * array(self.range) ** 2))

    def state_space(self, k2: NDArray[np.float64]) -> StateSpace:
        """Return the equation for (φ, φ')."""
        damping = np.broadcast_to(self.damping, np.shape(k2))
        system, drive = second_order(damping, damping)
        system[..., 1, 0] -= damping**2 * k2 * array(self.range) ** 2
        return first_of(system, drive)

    def coefficients(self, setting: Setting) -> Coefficients:
        """Return what a step multiplies with: φⁿ, Σφⁿ, φⁿ⁻¹, Qⁿ, ΣQⁿ, Qⁿ⁺¹, Qⁿ⁻¹.

        Σ is the sum over the four nearest neighbours and, weighted, the four diagonal ones; of φⁿ⁻¹
        the product is taken away.
        """
        # E[(2−4p²)φⁿ + p²Σφⁿ − Eφⁿ⁻¹ + g{(10−4p²)Qⁿ + p²ΣQⁿ + Qⁿ⁺¹/E + E Qⁿ⁻¹}], multiplied out
        dimensionless = self.damping * setting.deltat
        e, g = np.exp(-dimensionless), dimensionless**2 / 12
        # the weights of all neighbours add up to 4 + 4 diagonal
        p2 = (dimensionless * array(self.range) / setting.spacing) ** 2 / (1 + 2 * self.diagonal)
        centre = (4.0 + 4.0 * self.diagonal) * p2
        return (
            e * (2.0 - centre),
            e * p2,
            e * e,
            e * g * (10.0 - centre),
            e * g * p2,
            g,
            e * e * g,
        )

    def discrete(self, z: Complex, laplacian: Array, setting: Setting) -> Complex:
        """Return that of the stencil, in which neighbours add up to 4 + 4d − (1 + 2d) (−∇²)."""
        c = self.coefficients(setting)
        around = 4 + 4 * self.diagonal - (1 + 2 * self.diagonal) * laplacian
        late = 1 / z
        drive = (c[3] + c[5] * z + c[6] * late) + c[4] * around
        return np.asarray(drive / ((z - c[0] + c[2] * late) - c[1] * around))

    def discrete_poles(self, laplacian: Array, setting: Setting) -> Complex:
        """Return e^{−γΔt} (h ± √(h² − 1)), h = 1 − p² (−∇²)/2."""
        h = 1 - np.asarray(laplacian) * self.courant(setting) ** 2 / 2
        apart = np.sqrt(h.astype(complex) ** 2 - 1)
        decay = np.exp(-self.damping * setting.deltat)
        return np.asarray(decay * np.stack([h + apart, h - apart], axis=-1))

    def at_rest(self, rate: Array, setting: Setting) -> Array:
        """Return the field at rest, which the scheme's error keeps off the rate by (γΔt)⁴/240.

        It is that of the rounded constants, so that steps leave it alone to rounding.
        """
        c = [np.asarray(v, dtype=np.longdouble) for v in self.coefficients(setting)]
        weights = 4 + 4 * self.diagonal
        with np.errstate(all="ignore"):  # constants that are not finite are refused elsewhere
            gain = (c[3] + weights * c[4] + c[5] + c[6]) / (1 - c[0] - weights * c[1] + c[2])
            return np.asarray(gain * rate, dtype=float)

    def on(self, nodes: int) -> Propagator:
        """Return a `Harmonic` for a single node, where the Laplacian vanishes."""
        if nodes > 1:
            return self
        return Harmonic(
            phi=self.phi,
            tau=self.tau,
            range=self.range,
            gamma=self.gamma,
            velocity=self.velocity,
        )


@dataclass(frozen=True, kw_only=True)
class WaveLegacy(Wave):
    """Isotropic damped wave with the nine-point stencil of older NFTsim files."""

    keyword: ClassVar[str] = "WaveLegacy"
    source: ClassVar[str] = "Sanz-Leon et al. 2018, Eqs 12-13; NFTsim 1.1"
    step: ClassVar[str] = "wave legacy"
    diagonal: ClassVar[float] = 0.5
