"""Synaptodendritic response: from the weighted input P_ab = ν_ab φ_ab to the potential V_ab."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from nftsim.components.base import Component, Field, Setting, parameter
from nftsim.components.propagators import rk4_map

Complex = NDArray[np.complex128]


@dataclass(frozen=True, kw_only=True)
class Dendrite(Component):
    """Base of dendrites: the initial potential, which each of them has."""

    role: ClassVar[str] = "dendrite"
    #: Name of the kernel step.
    step: ClassVar[str] = ""
    #: Order of accuracy in Δt for an input held over the step; 0: exact.
    order: ClassVar[int] = 0
    outputs: ClassVar[tuple[Field, ...]] = (
        Field("v", "V_ab", "V", "potential that this connection adds to the soma"),
    )

    v: float | None = parameter(
        "V", "V_ab(0)", "V", "initial potential", default=None, form="steady"
    )

    @abstractmethod
    def transfer(self, s: Complex) -> Complex:
        """Return L(s), the response of V_ab to P_ab."""

    @abstractmethod
    def coefficients(self, setting: Setting) -> tuple[float, ...]:
        """Return the constants of one step, which kernel, reference and theory share."""


@dataclass(frozen=True, kw_only=True)
class SecondOrder(Dendrite):
    """Two exponential rates: rise β and decay α."""

    # NFTsim's default dendrite carries no name in the file: `Dendrite 1: alpha: …`
    keyword: ClassVar[str] = ""
    equation: ClassVar[str] = "(1/(αβ) ∂²/∂t² + (1/α + 1/β) ∂/∂t + 1) V_ab = P_ab"
    source: ClassVar[str] = "Sanz-Leon et al. 2018, Eqs 5-8"
    step: ClassVar[str] = "dendrite"
    order: ClassVar[int] = 4

    alpha: float = parameter("alpha", "α", "s⁻¹", "decay rate", low=0.0, strict=True)
    beta: float = parameter("beta", "β", "s⁻¹", "rise rate", low=0.0, strict=True)

    def transfer(self, s: Complex) -> Complex:
        """Return 1/((1 + s/α)(1 + s/β))."""
        return np.asarray(1 / ((1 + s / self.alpha) * (1 + s / self.beta)))

    def coefficients(self, setting: Setting) -> tuple[float, ...]:
        """Return the affine map of one RK4 step for (V, V') with P held (see `rk4_map`)."""
        ab = self.alpha * self.beta
        system = np.array([[0.0, 1.0], [-ab, -(self.alpha + self.beta)]])
        return rk4_map(system, np.array([0.0, ab]), setting.deltat)

    def impulse_response(self, u: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return L(u) [s⁻¹] at times u [s] after an impulse (Sanz-Leon et al. 2018, Eq 5)."""
        a, b = self.alpha, self.beta
        shape = (
            a * a * u * np.exp(-a * u)
            if a == b
            else a * b / (b - a) * (np.exp(-a * u) - np.exp(-b * u))
        )
        return np.where(u < 0, 0.0, shape)

    def problems(self, setting: Setting) -> list[tuple[str, str]]:
        """Check that RK4 is stable for the faster of the two rates."""
        fastest = max(self.alpha, self.beta)
        limit = 2.785  # end of the real stability interval of RK4
        if fastest * setting.deltat > limit:
            name = "beta" if self.beta >= self.alpha else "alpha"
            return [
                (
                    name,
                    f"{name} = {fastest:g} s^-1 makes the step unstable with Deltat = "
                    f"{setting.deltat:g} s; use Deltat <= {limit / fastest:.4g} s",
                )
            ]
        return []
