"""Axonal propagation: from the firing rate Q_b of a population to the field φ_ab it sends on.

Transfer functions use the Laplace variable s = −iω and leave the delay τ to the caller: the field
is e^{−sτ} Γ(s, k²) Q.
"""

from __future__ import annotations

import math
from abc import abstractmethod
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from nftsim.components.base import Component, Field, NodeValue, Setting, parameter

Complex = NDArray[np.complex128]


@dataclass(frozen=True, kw_only=True)
class Propagator(Component):
    """Base: the initial field and the delay, which every propagator has."""

    role: ClassVar[str] = "propagator"
    #: Name of the kernel step; empty: the field is the delayed rate itself and needs none.
    step: ClassVar[str] = ""
    #: Order of accuracy in Δt (and in Δx with it); 0: exact.
    order: ClassVar[int] = 0
    outputs: ClassVar[tuple[Field, ...]] = (
        Field("phi", "φ", "s⁻¹", "axonal field arriving at the population"),
    )

    phi: float | None = parameter(
        "phi", "φ(0)", "s⁻¹", "initial field", default=None, form="steady"
    )
    tau: NodeValue = parameter(
        "Tau", "τ", "s", "axonal delay", default=0.0, low=0.0, form="per-node"
    )

    @abstractmethod
    def transfer(self, s: Complex, k2: NDArray[np.float64]) -> Complex:
        """Return Γ(s, k²) without the delay; arrays broadcast."""

    @abstractmethod
    def coefficients(self, setting: Setting) -> tuple[float, ...]:
        """Return the constants of one step, which kernel, reference and theory share."""

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

    def coefficients(self, setting: Setting) -> tuple[float, ...]:
        """Return nothing: a map has no constants."""
        return ()


@dataclass(frozen=True, kw_only=True)
class Damped(Propagator):
    """What `Wave` and `Harmonic` share: a range and a damping rate, or a velocity."""

    alternatives: ClassVar[tuple[tuple[str, ...], ...]] = (("gamma", "velocity"),)

    range: float | None = parameter(
        "Range", "r", "m", "characteristic axonal range", default=None, low=0.0, strict=True
    )
    gamma: float | None = parameter(
        "gamma", "γ", "s⁻¹", "temporal damping rate", default=None, low=0.0, strict=True
    )
    velocity: float | None = parameter(
        "velocity", "v", "m s⁻¹", "axonal velocity, γ = v/r", default=None, low=0.0, strict=True
    )

    @property
    def damping(self) -> float:
        """γ [s⁻¹], given or from v/r."""
        if self.gamma is not None:
            return self.gamma
        assert self.velocity is not None
        assert self.range is not None
        return self.velocity / self.range

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
        limit = 0.5 / self.damping
        if setting.deltat > limit:
            return [
                (
                    "gamma",
                    f"gamma = {self.damping:g} s^-1 is not resolved by Deltat = "
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

    def coefficients(self, setting: Setting) -> tuple[float, ...]:
        """Return the affine map of one RK4 step for (φ, φ') with Q held (see `rk4_map`)."""
        gamma = self.damping
        system = np.array([[0.0, 1.0], [-(gamma**2), -2 * gamma]])
        return rk4_map(system, np.array([0.0, gamma**2]), setting.deltat)


@dataclass(frozen=True, kw_only=True)
class Wave(Damped):
    """Isotropic damped wave on the torus."""

    keyword: ClassVar[str] = "Wave"
    equation: ClassVar[str] = "((1/γ ∂/∂t + 1)² − r²∇²) φ_ab = Q_b(t − τ)"
    source: ClassVar[str] = "Sanz-Leon et al. 2018, Eqs 12-13 and 32"
    step: ClassVar[str] = "wave"
    order: ClassVar[int] = 2

    def problems(self, setting: Setting) -> list[tuple[str, str]]:
        """Check range, damping rate, and the Courant condition of the five-point stencil."""
        found = super().problems(setting)
        if found or setting.nodes == 1:
            return found
        if self.range is None:
            return [("range", "needs Range; add 'Range: <m>'")]
        dx = setting.spacing
        if dx > self.range / 2:
            least = math.ceil(2 * dx * setting.longside / self.range)
            return [
                (
                    "range",
                    f"Range = {self.range:g} m is not resolved by the grid spacing {dx:.4g} m; "
                    f"the spacing must be <= Range/2: use at least {least} nodes along x",
                )
            ]
        courant = self.damping * self.range * setting.deltat / dx
        if courant > math.sqrt(0.5):
            limit = math.sqrt(0.5) * dx / (self.damping * self.range)
            return [
                (
                    "gamma",
                    f"violates the Courant condition: gamma Range Deltat/dx = {courant:.4g} "
                    f"exceeds 1/sqrt(2) = 0.7071; use Deltat <= {limit:.4g} s or fewer nodes",
                )
            ]
        return []

    def transfer(self, s: Complex, k2: NDArray[np.float64]) -> Complex:
        """Return 1/((1 + s/γ)² + k²r²)."""
        assert self.range is not None
        return np.asarray(1 / ((1 + s / self.damping) ** 2 + k2 * self.range**2))

    def coefficients(self, setting: Setting) -> tuple[float, ...]:
        """Return (p², E, g) of the step: Courant number squared, e^{−γΔt}, (γΔt)²/12."""
        assert self.range is not None
        dimensionless = self.damping * setting.deltat
        courant = dimensionless * self.range / setting.spacing
        return (courant**2, math.exp(-dimensionless), dimensionless**2 / 12)

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


def rk4_map(
    system: NDArray[np.float64], drive: NDArray[np.float64], step: float
) -> tuple[float, ...]:
    """Return the affine map that one RK4 step is for y' = A y + b u with u held.

    Parameters
    ----------
    system, drive
        A, shape (2, 2) [s⁻¹], and b, shape (2,).
    step
        Δt [s].

    Returns
    -------
    tuple of float
        (M₀₀, M₀₁, M₁₀, M₁₁, m₀, m₁) with y ← M y + m u; M is the exponential series to fourth
        order, which is what the four stages of RK4 add up to for a linear system.
    """
    z = step * system
    eye = np.eye(2)
    # Horner form of I + z + z²/2 + z³/6 + z⁴/24 and of (e^z − 1)/z at the same order
    full = eye + z @ (eye + z @ (eye + z @ (eye + z / 4) / 3) / 2)
    held = step * (eye + z @ (eye + z @ (eye + z / 4) / 3) / 2) @ drive
    return (*full.ravel().tolist(), *held.tolist())
