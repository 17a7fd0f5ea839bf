"""Synaptodendritic response: from the weighted input P_ab = ν_ab φ_ab to the potential V_ab."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from nftsim.components.base import (
    Array,
    Component,
    Field,
    NodeValue,
    Setting,
    array,
    parameter,
    ticks,
)
from nftsim.components.maps import (
    RK4_LIMIT,
    StateSpace,
    first_of,
    held_factor,
    held_map,
    held_transfer,
    linear_map,
    linear_transfer,
    second_order,
)
from nftsim.components.propagators import Coefficients

Complex = NDArray[np.complex128]

_V = Field("v", "V_ab", "V", "potential that this connection adds to the soma", "V")


@dataclass(frozen=True, kw_only=True)
class Dendrite(Component):
    """Base of dendrites: the initial potential, which each of them has."""

    role: ClassVar[str] = "dendrite"
    #: Name of the kernel step.
    step: ClassVar[str] = ""
    #: Order of accuracy in Δt for the input that the step assumes; 0: exact.
    order: ClassVar[int] = 0
    outputs: ClassVar[tuple[Field, ...]] = (_V,)

    v: NodeValue | None = parameter(
        "V", "V_ab(0)", "V", "initial potential", default=None, form="steady"
    )

    #: Whether equal ones of a population add up to one; not where the state is more than linear.
    summable: ClassVar[bool] = True

    @property
    def linear(self) -> bool:
        """Whether the response does not change in time, so that it has a transfer function."""
        return True

    @abstractmethod
    def transfer(self, s: Complex) -> Complex:
        """Return L(s), the response of V_ab to P_ab."""

    @abstractmethod
    def state_space(self) -> StateSpace:
        """Return the same response as equations in time."""

    @abstractmethod
    def coefficients(self, setting: Setting) -> Coefficients:
        """Return the constants of one step, which kernel and theory share."""

    @abstractmethod
    def discrete(self, z: Complex, setting: Setting) -> Complex:
        """Return the exact L of the steps, from P_ab to V_ab.

        ζ, here `z`, is one step forward. A step makes V_ab from the field of the step before, so P
        counts as of that step, and a factor ζ⁻¹ is in L.
        """

    @abstractmethod
    def discrete_poles(self, setting: Setting) -> Complex:
        """Return by what steps multiply the potential without input, the poles of `discrete`.

        Shape (n,), but for ζ = 0.
        """


@dataclass(frozen=True, kw_only=True)
class SecondOrder(Dendrite):
    """Two exponential rates: rise β and decay α."""

    # NFTsim's default dendrite carries no name in the file: `Dendrite 1: alpha: …`
    keyword: ClassVar[str] = ""
    equation: ClassVar[str] = "(1/(αβ) ∂²/∂t² + (1/α + 1/β) ∂/∂t + 1) V_ab = P_ab"
    source: ClassVar[str] = "Sanz-Leon et al. 2018, Eqs 5-8"
    step: ClassVar[str] = "dendrite"
    order: ClassVar[int] = 4

    alpha: NodeValue = parameter(
        "alpha", "α", "s⁻¹", "decay rate", low=0.0, strict=True, form="per-node"
    )
    beta: NodeValue = parameter(
        "beta", "β", "s⁻¹", "rise rate", low=0.0, strict=True, form="per-node"
    )

    def transfer(self, s: Complex) -> Complex:
        """Return 1/((1 + s/α)(1 + s/β))."""
        return np.asarray(1 / ((1 + s / array(self.alpha)) * (1 + s / array(self.beta))))

    def state_space(self) -> StateSpace:
        """Return the equation for (V, V')."""
        return first_of(*second_order(array(self.alpha), array(self.beta)))

    def coefficients(self, setting: Setting) -> Coefficients:
        """Return the affine map of one RK4 step for (V, V') with P held (see `held_map`)."""
        return held_map(*second_order(array(self.alpha), array(self.beta)), setting.deltat)

    def discrete(self, z: Complex, setting: Setting) -> Complex:
        """Return that of the affine map."""
        return np.asarray(held_transfer(self.coefficients(setting), z) / z)

    def discrete_poles(self, setting: Setting) -> Complex:
        """Return RK4's factors for −α and −β."""
        return held_factor(self._decays(setting.deltat))

    def problems(self, setting: Setting) -> list[tuple[str, str]]:
        """Check that RK4 is stable for the fastest rate."""
        rates = {name: float(np.max(array(value))) for name, value in self._rates().items()}
        name = max(rates, key=lambda key: rates[key])
        if rates[name] * setting.deltat > RK4_LIMIT:
            return [
                (
                    name,
                    f"{name} = {rates[name]:g} s^-1 makes the step unstable with Deltat = "
                    f"{setting.deltat:g} s; use Deltat <= {RK4_LIMIT / rates[name]:.4g} s",
                )
            ]
        return []

    def _rates(self) -> dict[str, NodeValue]:
        return {"beta": self.beta, "alpha": self.alpha}

    def _decays(self, deltat: float) -> Complex:
        return np.array([-array(rate) * deltat for rate in (self.alpha, self.beta)], dtype=complex)


@dataclass(frozen=True, kw_only=True)
class Integral(SecondOrder):
    """The same response, solved exactly for an input that is a straight line over each step."""

    keyword: ClassVar[str] = "Integral"
    source: ClassVar[str] = "Sanz-Leon et al. 2018, Eqs 5-8; NFTsim 1.1"
    step: ClassVar[str] = "dendrite integral"
    order: ClassVar[int] = 0

    def coefficients(self, setting: Setting) -> Coefficients:
        """Return the map of one step for (V, V') with P linear (see `linear_map`)."""
        return linear_map(*second_order(array(self.alpha), array(self.beta)), setting.deltat)

    def discrete(self, z: Complex, setting: Setting) -> Complex:
        """Return that of the map, along a line from the P before to this one."""
        return np.asarray(linear_transfer(self.coefficients(setting), z) / z)

    def discrete_poles(self, setting: Setting) -> Complex:
        """Return e^{−αΔt} and e^{−βΔt}."""
        return np.exp(self._decays(setting.deltat))

    def problems(self, setting: Setting) -> list[tuple[str, str]]:
        """Return nothing: the step is exact, whatever its length."""
        return []


@dataclass(frozen=True, kw_only=True)
class Ramp(SecondOrder):
    """Rates that ramp from (α, β) to (α₂, β₂) and back."""

    keyword: ClassVar[str] = "Ramp"
    equation: ClassVar[str] = (
        "as the second-order dendrite, α and β going linearly to α₂ and β₂ for t₁ < t ≤ t₂, back "
        "for t₃ < t ≤ t₄, and staying as they are at all other times"
    )
    source: ClassVar[str] = "NFTsim 1.1"
    step: ClassVar[str] = "dendrite timed"
    summable: ClassVar[bool] = False
    outputs: ClassVar[tuple[Field, ...]] = (
        Field("beta", "β", "s⁻¹", "rise rate at the time", single=True),
        Field("v", _V.symbol, _V.unit, _V.text, "V", asked=True),
    )

    alpha: float = parameter("alpha", "α", "s⁻¹", "decay rate at first", low=0.0, strict=True)
    beta: float = parameter("beta", "β", "s⁻¹", "rise rate at first", low=0.0, strict=True)
    alpha2: float = parameter("alpha2", "α₂", "s⁻¹", "decay rate later", low=0.0)
    beta2: float = parameter("beta2", "β₂", "s⁻¹", "rise rate later", low=0.0)
    t1: float = parameter("t1", "t₁", "s", "start of the way there")
    t2: float = parameter("t2", "t₂", "s", "its end")
    t3: float = parameter("t3", "t₃", "s", "start of the way back")
    t4: float = parameter("t4", "t₄", "s", "its end")

    @property
    def linear(self) -> bool:
        """False, unless nothing ramps."""
        return self.alpha == self.alpha2 and self.beta == self.beta2

    def problems(self, setting: Setting) -> list[tuple[str, str]]:
        """Check rates and the order of times."""
        times = [self.t1, self.t2, self.t3, self.t4]
        for name, first, second in zip(("t2", "t3", "t4"), times[:-1], times[1:], strict=True):
            if second < first or (second == first and name != "t3"):
                allowed = ">=" if name == "t3" else ">"
                before = f"t{int(name[1]) - 1}"
                found = f"{name} = {second:g} s must be {allowed} {before} = {first:g} s"
                return [(name, f"{found}; give t1 < t2 <= t3 < t4")]
        return super().problems(setting)

    def _rates(self) -> dict[str, NodeValue]:
        return {**super()._rates(), "alpha2": self.alpha2, "beta2": self.beta2}

    def initial(self, setting: Setting) -> dict[str, Any]:
        """Return β at first."""
        return {"beta": self.beta}

    def rest(self, setting: Setting) -> Array:
        """Return (M₀₀, M₀₁, M₁₀, M₁₁, m₀, m₁, β) at first."""
        return self._numbers(array(self.alpha), array(self.beta), setting)

    def carried(self, setting: Setting) -> Array:
        """Return clock, α and β."""
        return np.array([0.0, self.alpha, self.beta])

    def timeline(self, carried: Array, steps: int, setting: Setting) -> Array:
        """Return the numbers of `rest` at each of the next steps."""
        t = ticks(carried, steps, setting.deltat)
        there = (t > self.t1) & (t <= self.t2)
        back = (t > self.t3) & (t <= self.t4) & ~there
        rates = []
        for i, (low, high) in enumerate(((self.alpha, self.alpha2), (self.beta, self.beta2)), 1):
            up = low + (t - self.t1) * (high - low) / (self.t2 - self.t1)
            down = high - (t - self.t3) * (high - low) / (self.t4 - self.t3)
            rate = np.where(there, up, np.where(back, down, np.nan))
            rates.append(_kept(float(carried[i]), rate))
            carried[i] = rates[-1][-1]
        return self._numbers(rates[0], rates[1], setting)

    def _numbers(self, alpha: Array, beta: Array, setting: Setting) -> Array:
        held = held_map(*second_order(alpha, beta), setting.deltat)
        return np.stack([*held, np.broadcast_to(beta, held[0].shape)])


def _kept(start: float, values: Array) -> Array:
    """Return values with each NaN replaced by the last one before it that is a number."""
    filled = np.concatenate([[start], values])
    last = np.maximum.accumulate(np.where(np.isnan(filled), 0, np.arange(filled.size)))
    return np.asarray(filled[last][1:])
