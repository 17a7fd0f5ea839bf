"""Firing response: from the soma potential V_a to the firing rate Q_a."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from nftsim.components.base import Component, Field, parameter

Array = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Firing(Component):
    """Base of static responses Q = S(V)."""

    role: ClassVar[str] = "firing"
    #: Name of the kernel step.
    step: ClassVar[str] = ""
    outputs: ClassVar[tuple[Field, ...]] = (
        Field("q", "Q", "s⁻¹", "mean firing rate"),
        Field("v", "V", "V", "soma potential relative to rest"),
    )

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
    def scale(self) -> float:
        """A rate by which residuals are judged [s⁻¹]."""
        return 1.0

    @abstractmethod
    def coefficients(self) -> tuple[float, ...]:
        """Return the constants of one step."""


@dataclass(frozen=True, kw_only=True)
class Sigmoid(Firing):
    """Saturating response of a population whose thresholds are spread around θ."""

    keyword: ClassVar[str] = "Sigmoid"
    equation: ClassVar[str] = "Q = Qmax / (1 + exp(−(V − θ)/σ'))"
    source: ClassVar[str] = "Sanz-Leon et al. 2018, Eq 10 (σ' = √3 σ/π)"
    step: ClassVar[str] = "sigmoid"

    theta: float = parameter("Theta", "θ", "V", "mean firing threshold")
    sigma: float = parameter(
        "Sigma", "σ'", "V", "spread of thresholds, √3/π included", low=0.0, strict=True
    )
    qmax: float = parameter("Qmax", "Qmax", "s⁻¹", "maximum rate", low=0.0, strict=True)

    def rate(self, v: Array) -> Array:
        """Return Qmax / (1 + exp(−(V − θ)/σ'))."""
        return np.asarray(self.qmax * expit((v - self.theta) / self.sigma))

    def slope(self, v: Array) -> Array:
        """Return Q/σ' (1 − Q/Qmax)."""
        z = (v - self.theta) / self.sigma
        # expit(-z) rather than 1 - expit(z), which would round to 0 far above threshold
        return np.asarray(self.qmax / self.sigma * expit(z) * expit(-z))

    def inverse(self, q: Array) -> Array:
        """Return θ + σ' ln(Q/(Qmax − Q)); NaN outside (0, Qmax)."""
        q = np.asarray(q, dtype=float)
        inside = (q > 0) & (q < self.qmax)
        safe = np.where(inside, q, 0.5 * self.qmax)
        potential = self.theta + self.sigma * np.log(safe / (self.qmax - safe))
        return np.where(inside, potential, np.nan)

    @property
    def bounds(self) -> tuple[float, float]:
        """(0, Qmax)."""
        return (0.0, self.qmax)

    @property
    def scale(self) -> float:
        """Qmax."""
        return self.qmax

    def coefficients(self) -> tuple[float, ...]:
        """Return (θ, σ', Qmax)."""
        return (self.theta, self.sigma, self.qmax)


@dataclass(frozen=True, kw_only=True)
class Linear(Firing):
    """Straight line, for linearised models."""

    keyword: ClassVar[str] = "Linear"
    equation: ClassVar[str] = "Q = a V + b"
    source: ClassVar[str] = "Sanz-Leon et al. 2018, Eq 11"
    step: ClassVar[str] = "linear"

    a: float = parameter("a", "a", "V⁻¹ s⁻¹", "slope ρ")
    b: float = parameter("b", "b", "s⁻¹", "rate at V = 0")

    def rate(self, v: Array) -> Array:
        """Return a V + b."""
        return np.asarray(self.a * v + self.b)

    def slope(self, v: Array) -> Array:
        """Return a."""
        return np.full(np.shape(v), self.a)

    def inverse(self, q: Array) -> Array:
        """Return (Q − b)/a; NaN where a = 0."""
        q = np.asarray(q, dtype=float)
        return (q - self.b) / self.a if self.a else np.full(q.shape, np.nan)

    def coefficients(self) -> tuple[float, ...]:
        """Return (a, b)."""
        return (self.a, self.b)
