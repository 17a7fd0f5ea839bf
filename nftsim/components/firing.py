"""Firing response: from the soma potential V_a to the firing rate Q_a."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import ClassVar, Self

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
)
from nftsim.components.maps import StateSpace, memoryless

Complex = NDArray[np.complex128]

RATE = Field("q", "Q", "s⁻¹", "mean firing rate", "Q")
POTENTIAL = Field("v", "V", "V", "soma potential relative to rest", "V")


def _logistic(z: Array) -> Array:
    """Return 1/(1 + e^{−z})."""
    from scipy.special import expit  # slow to import, and simulations do without

    return np.asarray(expit(z))


@dataclass(frozen=True, kw_only=True)
class Firing(Component):
    """Base of responses: Q = S(V), or S(V − θ) with a threshold that follows the own rate."""

    role: ClassVar[str] = "firing"
    #: Name of the kernel step.
    step: ClassVar[str] = ""
    outputs: ClassVar[tuple[Field, ...]] = (RATE, POTENTIAL)
    #: Whether it keeps the response proper in `function`, named after ``Function:``.
    wraps: ClassVar[bool] = False
    #: Whether the population has glutamate, which plastic couplings read.
    glutamate: ClassVar[bool] = False
    #: Whether it has a state of its own beside V.
    memory: ClassVar[bool] = False

    @property
    def static(self) -> Firing:
        """The response without memory that steady states and their slopes ρ refer to."""
        return self

    def feedback(self, s: Complex) -> Complex:
        """Return by how much the threshold falls per own rate, at Laplace variable s [V s].

        In steady states (s = 0), as in the linear response, the population acts on itself with
        this strength.
        """
        return np.zeros(np.shape(s), dtype=complex)

    def state_space(self) -> StateSpace:
        """Return `feedback` as equations in time, from the rate to what is added to V."""
        return memoryless(0.0)

    def discrete_feedback(self, z: Complex, slope: float, setting: Setting) -> Complex:
        """Return `feedback` as the steps have it, exactly [V s].

        Parameters
        ----------
        z
            ζ, one step forward.
        slope
            ρ of the response at the fixed point [V⁻¹ s⁻¹].
        setting
            Of the population.
        """
        return np.zeros(np.shape(z), dtype=complex)

    def discrete_poles(self, slope: float, setting: Setting) -> Complex:
        """Return the poles of `discrete_feedback` in ζ, shape (n,)."""
        return np.empty(0, dtype=complex)

    def at_rest(self, rate: float) -> Self:
        """Return the response whose own state has settled at a rate [s⁻¹]."""
        return self

    @abstractmethod
    def rate(self, v: Array) -> Array:
        """Return Q [s⁻¹] at V [V]."""

    @abstractmethod
    def slope(self, v: Array) -> Array:
        """Return ρ = dQ/dV [V⁻¹ s⁻¹] at V [V]."""

    @abstractmethod
    def inverse(self, q: Array) -> Array:
        """Return V [V] at Q [s⁻¹]; NaN where no V gives that rate."""

    @property
    def bounds(self) -> tuple[float, float]:
        """Smallest and largest rate that the response can give [s⁻¹]."""
        return (-np.inf, np.inf)

    @property
    def steepest(self) -> float | None:
        """Potential [V] up to which the slope grows, and beyond which it falls, never below 0.

        None if the response has no such shape.
        """
        return None

    @property
    def scale(self) -> float:
        """A rate by which residuals are judged [s⁻¹]."""
        return 1.0

    @abstractmethod
    def coefficients(self, setting: Setting) -> tuple[Array, ...]:
        """Return the constants of one step, a number each or one per node."""


@dataclass(frozen=True, kw_only=True)
class Sigmoid(Firing):
    """Saturating response of a population whose thresholds are spread around θ."""

    keyword: ClassVar[str] = "Sigmoid"
    equation: ClassVar[str] = "Q = Qmax / (1 + exp(−(V − θ)/σ'))"
    source: ClassVar[str] = "Sanz-Leon et al. 2018, Eq 10 (σ' = √3 σ/π)"
    step: ClassVar[str] = "sigmoid"

    theta: NodeValue = parameter("Theta", "θ", "V", "mean firing threshold", form="per-node")
    sigma: NodeValue = parameter(
        "Sigma",
        "σ'",
        "V",
        "spread of thresholds, √3/π included",
        low=0.0,
        strict=True,
        form="per-node",
    )
    qmax: NodeValue = parameter(
        "Qmax", "Qmax", "s⁻¹", "maximum rate", low=0.0, strict=True, form="per-node"
    )

    def rate(self, v: Array) -> Array:
        """Return Qmax / (1 + exp(−(V − θ)/σ'))."""
        return np.asarray(array(self.qmax) * _logistic(self._reduced(v)))

    def slope(self, v: Array) -> Array:
        """Return Q/σ' (1 − Q/Qmax)."""
        z = self._reduced(v)
        # σ(−z) rather than 1 − σ(z), which would round to 0 far above threshold
        return np.asarray(array(self.qmax) / array(self.sigma) * _logistic(z) * _logistic(-z))

    def inverse(self, q: Array) -> Array:
        """Return θ + σ' ln(Q/(Qmax − Q)); NaN outside (0, Qmax)."""
        q, qmax = np.asarray(q, dtype=float), array(self.qmax)
        inside = (q > 0) & (q < qmax)
        safe = np.where(inside, q, 0.5 * qmax)
        potential = array(self.theta) + array(self.sigma) * np.log(safe / (qmax - safe))
        return np.where(inside, potential, np.nan)

    def _reduced(self, v: Array) -> Array:
        return np.asarray((v - array(self.theta)) / array(self.sigma))

    @property
    def bounds(self) -> tuple[float, float]:
        """(0, Qmax)."""
        return (0.0, float(np.max(self.qmax)))

    @property
    def steepest(self) -> float | None:
        """θ; None if it varies over the nodes."""
        return float(np.max(self.theta)) if np.ptp(array(self.theta)) == 0 else None

    @property
    def scale(self) -> float:
        """Qmax."""
        return float(np.max(self.qmax))

    def coefficients(self, setting: Setting) -> tuple[Array, ...]:
        """Return (θ/σ', −1/σ', Qmax)."""
        sigma = array(self.sigma)
        return (np.asarray(array(self.theta) / sigma), -1.0 / sigma, array(self.qmax))


@dataclass(frozen=True, kw_only=True)
class Polynomial(Firing):
    """What the polynomial responses share; they have no bounds."""

    step: ClassVar[str] = "polynomial"

    @property
    @abstractmethod
    def powers(self) -> tuple[NodeValue, ...]:
        """Coefficients of V⁰, V¹ and so on."""

    def rate(self, v: Array) -> Array:
        """Return the polynomial at V."""
        total = np.zeros(np.shape(v))
        for factor in reversed(self.powers):
            total = total * v + array(factor)
        return total

    def slope(self, v: Array) -> Array:
        """Return the derivative at V."""
        total = np.zeros(np.shape(v))
        for power, factor in reversed(list(enumerate(self.powers))):
            if power:
                total = total * v + power * array(factor)
        return total

    def inverse(self, q: Array) -> Array:
        """Return NaN: several potentials may give the same rate."""
        return np.full(np.shape(q), np.nan)

    def coefficients(self, setting: Setting) -> tuple[Array, ...]:
        """Return the coefficients of V⁰ to V³."""
        return tuple(array(f) for f in (*self.powers, 0.0, 0.0, 0.0)[:4])


@dataclass(frozen=True, kw_only=True)
class Linear(Polynomial):
    """Straight line, for linearised models."""

    keyword: ClassVar[str] = "Linear"
    equation: ClassVar[str] = "Q = a V + b"
    source: ClassVar[str] = "Sanz-Leon et al. 2018, Eq 11"

    a: NodeValue = parameter("a", "a", "V⁻¹ s⁻¹", "slope ρ", form="per-node")
    b: NodeValue = parameter("b", "b", "s⁻¹", "rate at V = 0", form="per-node")

    @property
    def powers(self) -> tuple[NodeValue, ...]:
        """(b, a)."""
        return (self.b, self.a)

    def inverse(self, q: Array) -> Array:
        """Return (Q − b)/a; NaN where a = 0."""
        a, q = array(self.a), np.asarray(q, dtype=float)
        safe = np.where(a == 0, np.nan, a)
        return np.asarray((q - array(self.b)) / safe)


@dataclass(frozen=True, kw_only=True)
class Quadratic(Polynomial):
    """Parabola."""

    keyword: ClassVar[str] = "Quadratic"
    equation: ClassVar[str] = "Q = a V² + b V + c"
    source: ClassVar[str] = "NFTsim 1.1"

    a: NodeValue = parameter("a", "a", "V⁻² s⁻¹", "factor of V²", form="per-node")
    b: NodeValue = parameter("b", "b", "V⁻¹ s⁻¹", "factor of V", form="per-node")
    c: NodeValue = parameter("c", "c", "s⁻¹", "rate at V = 0", form="per-node")

    @property
    def powers(self) -> tuple[NodeValue, ...]:
        """(c, b, a)."""
        return (self.c, self.b, self.a)


@dataclass(frozen=True, kw_only=True)
class Cubic(Polynomial):
    """Polynomial of third degree."""

    keyword: ClassVar[str] = "Cubic"
    equation: ClassVar[str] = "Q = a V³ + b V² + c V + d"
    source: ClassVar[str] = "NFTsim 1.1"

    a: NodeValue = parameter("a", "a", "V⁻³ s⁻¹", "factor of V³", form="per-node")
    b: NodeValue = parameter("b", "b", "V⁻² s⁻¹", "factor of V²", form="per-node")
    c: NodeValue = parameter("c", "c", "V⁻¹ s⁻¹", "factor of V", form="per-node")
    d: NodeValue = parameter("d", "d", "s⁻¹", "rate at V = 0", form="per-node")

    @property
    def powers(self) -> tuple[NodeValue, ...]:
        """(d, c, b, a)."""
        return (self.d, self.c, self.b, self.a)
