"""Firing responses with a state of their own: slow currents, and glutamate in the cleft."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from nftsim.components.base import (
    Array,
    Field,
    NodeValue,
    Setting,
    array,
    number,
    parameter,
)
from nftsim.components.firing import POTENTIAL, RATE, Firing, Sigmoid
from nftsim.components.maps import StateSpace, held_map, too_short

Complex = NDArray[np.complex128]

#: Potentials of the slow currents in `Bursting` [V]: effective, of X, of potassium.
V_EFFECTIVE, V_X, V_POTASSIUM = -0.066, 0.14, -0.095


def _conductance(keyword: str, symbol: str, text: str, *, later: bool = False) -> Any:
    if later:
        return parameter(keyword, symbol, "μA V⁻¹", text, default=None, low=0.0)
    return parameter(keyword, symbol, "μA V⁻¹", text, low=0.0)


def _moment(keyword: str, symbol: str, text: str) -> Any:
    return parameter(keyword, symbol, "s", text, default=0.0)


@dataclass(frozen=True, kw_only=True)
class Bursting(Firing):
    """Sigmoid whose threshold two slow currents modulate, as in the reticular nucleus."""

    keyword: ClassVar[str] = "Bursting"
    equation: ClassVar[str] = (
        "Q = Qmax / (1 + exp(−(V − θ)/σ')), θ = (i_c − 3 i_b X + (i_b − i_a) H)/μ, "
        "τ_x X' = max(a_x Q, 0) − X, τ_h H' = 3X − H, "
        "i_b = −g_X (V_eff − V_X)/3, i_a = i_b − g_H (V_eff − V_K)"
    )
    source: ClassVar[str] = "Zhao & Robinson 2015; NFTsim 1.1"
    step: ClassVar[str] = "bursting"
    memory: ClassVar[bool] = True
    outputs: ClassVar[tuple[Field, ...]] = (
        RATE,
        Field("htilde", "H", "s⁻¹", "slow potassium current, in units of a rate", "HTilde"),
        Field("xtilde", "X", "s⁻¹", "persistent current, in units of a rate", "XTilde"),
        Field("modtheta", "θ", "V", "modulated threshold", "modtheta"),
        POTENTIAL,
        Field("gx", "g_X", "μA V⁻¹", "conductance of the persistent current", "gX"),
        Field("gh", "g_H", "μA V⁻¹", "conductance of the slow potassium current", "gH"),
    )

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
    htilde: NodeValue = parameter("Htilde", "H(0)", "s⁻¹", "H at first", form="per-node")
    xtilde: NodeValue = parameter("Xtilde", "X(0)", "s⁻¹", "X at first", form="per-node")
    gx: float = _conductance("gX", "g_X", "conductance of the persistent current")
    gh: float = _conductance("gH", "g_H", "conductance of the slow potassium current")
    ic: NodeValue = parameter("ic", "i_c", "μA", "constant current", form="per-node")
    taux: NodeValue = parameter(
        "taux", "τ_x", "s", "time constant of X", low=0.0, strict=True, form="per-node"
    )
    tauh: NodeValue = parameter(
        "tauh", "τ_h", "s", "time constant of H", low=0.0, strict=True, form="per-node"
    )
    ax: NodeValue = parameter("ax", "a_x", "", "X in units of the rate", low=0.0, form="per-node")
    mu: NodeValue = parameter(
        "mu", "μ", "μA V⁻¹", "current per threshold", low=0.0, strict=True, form="per-node"
    )
    gx2: float | None = _conductance("gX2", "g_X2", "another g_X to ramp to", later=True)
    tx1: float = _moment("tx1", "t_x1", "start of the way from g_X to g_X2")
    tx2: float = _moment("tx2", "t_x2", "its end")
    tx3: float = _moment("tx3", "t_x3", "start of the way back")
    tx4: float = _moment("tx4", "t_x4", "its end")
    gh2: float | None = _conductance("gH2", "g_H2", "another g_H to ramp to", later=True)
    th1: float = _moment("th1", "t_h1", "start of the way from g_H to g_H2")
    th2: float = _moment("th2", "t_h2", "its end")
    th3: float = _moment("th3", "t_h3", "start of the way back")
    th4: float = _moment("th4", "t_h4", "its end")

    @property
    def static(self) -> Sigmoid:
        """The sigmoid around the threshold i_c/μ; `feedback` is the rest."""
        theta = number(array(self.ic) / array(self.mu))
        return Sigmoid(theta=theta, sigma=self.sigma, qmax=self.qmax)

    def feedback(self, s: Complex) -> Complex:
        """Return a_x/μ (3 i_b − 3 (i_b − i_a)/(1 + s τ_h))/(1 + s τ_x), ramps not begun."""
        _, _, persistent, slow = self._currents(array(self.gx), array(self.gh))
        late = 3 * slow / (1 + s * array(self.tauh))
        gain = array(self.ax) / array(self.mu) / (1 + s * array(self.taux))
        return np.asarray(gain * (persistent - late))

    def state_space(self) -> StateSpace:
        """Return the equations for (X, H), ramps not begun."""
        taux, tauh, mu = (float(array(p)) for p in (self.taux, self.tauh, self.mu))
        _, _, persistent, slow = self._currents(array(self.gx), array(self.gh)) / mu
        system = np.array([[-1 / taux, 0.0], [3 / tauh, -1 / tauh]])
        drive = np.array([float(array(self.ax)) / taux, 0.0])
        return StateSpace(system, drive, np.array([persistent, -slow]))

    def discrete_feedback(self, z: Complex, slope: float, setting: Setting) -> Complex:
        """Return the feedback of the steps.

        X and H follow not Q but the rate q around the threshold of the step before, which is
        Q + ρ (1 − ζ⁻¹) δθ; with δθ = −F q the feedback is F/(1 + ρ (1 − ζ⁻¹) F) per Q.
        """
        _, _, _, ax, per_mu, m00, m10, m11, m0, m1 = self.coefficients(setting)
        _, _, persistent, slow = self._currents(array(self.gx), array(self.gh))
        x = z * m0 / (z - m00)
        h = (m10 * x + z * m1) / (z - m11)
        f = ax * per_mu * (persistent * x - slow * h)
        return np.asarray(f / (1 + slope * (1 - 1 / z) * f))

    def discrete_poles(self, slope: float, setting: Setting) -> Complex:
        """Return the roots of (ζ − M₀₀)(ζ − M₁₁)(1 + ρ (1 − ζ⁻¹) F)."""
        _, _, _, ax, per_mu, m00, m10, m11, m0, m1 = map(float, self.coefficients(setting))
        _, _, persistent, slow = self._currents(array(self.gx), array(self.gh))
        # F is ζ times this line over (ζ − M₀₀)(ζ − M₁₁)
        line = persistent * m0 * np.array([1, -m11]) - slow * np.array([m1, m10 * m0 - m1 * m00])
        own = np.polymul([1, -m00], [1, -m11])
        late = slope * ax * per_mu * np.polymul([1, -1], line)
        return np.roots(own + late).astype(complex)

    def at_rest(self, rate: float) -> Self:
        """Return it with X = max(a_x Q, 0) and H = 3X."""
        x = np.maximum(array(self.ax) * rate, 0.0)
        return replace(self, xtilde=number(x), htilde=number(3 * x))

    def rate(self, v: Array) -> Array:
        """Return the rate of `static`."""
        return self.static.rate(v)

    def slope(self, v: Array) -> Array:
        """Return the slope of `static`."""
        return self.static.slope(v)

    def inverse(self, q: Array) -> Array:
        """Return the inverse of `static`."""
        return self.static.inverse(q)

    @property
    def bounds(self) -> tuple[float, float]:
        """(0, Qmax)."""
        return (0.0, float(np.max(self.qmax)))

    @property
    def scale(self) -> float:
        """Qmax."""
        return self.static.scale

    def coefficients(self, setting: Setting) -> tuple[Array, ...]:
        """Return (−1/σ', Qmax, i_c, a_x, 1/μ) and (M₀₀, M₁₀, M₁₁, m₀, m₁) of a step of (X, H).

        The step is that of RK4, with the target of X held (see `held_map`).
        """
        taux, tauh = np.broadcast_arrays(array(self.taux), array(self.tauh))
        zero = np.zeros_like(taux)
        system = np.stack([-1 / taux, zero, 3 / tauh, -1 / tauh], axis=-1)
        drive = np.stack([1 / taux, zero], axis=-1)
        held = held_map(system.reshape(*taux.shape, 2, 2), drive, setting.deltat)
        return (
            -1.0 / array(self.sigma),
            array(self.qmax),
            array(self.ic),
            array(self.ax),
            1.0 / array(self.mu),
            held[0],
            *held[2:],
        )

    def initial(self, setting: Setting) -> dict[str, NodeValue]:
        """Return X, H and the conductances at first."""
        return {
            "xtilde": self.xtilde,
            "htilde": self.htilde,
            "gx": self.gx,
            "gh": self.gh,
        }

    def problems(self, setting: Setting) -> list[tuple[str, str]]:
        """Check the time constants, and the order of the ramps' times, where there are ramps."""
        for end, name in ((self.gx2, "tx"), (self.gh2, "th")):
            times = [getattr(self, f"{name}{i}") for i in range(1, 5)]
            for i, (first, second) in enumerate(pairwise(times), start=2):
                if end is not None and (second < first or (second == first and i != 3)):
                    sign, before = ">=" if i == 3 else ">", f"{name}{i - 1} = {first:g} s"
                    order = f"{name}1 < {name}2 <= {name}3 < {name}4"
                    found = f"{name}{i} = {second:g} s must be {sign} {before}"
                    return [(f"{name}{i}", f"{found}; give {order}")]
        return too_short(self, ("taux", "tauh"), setting.deltat)

    def rest(self, setting: Setting) -> Array:
        """Return (g_X, g_H, 3 i_b, i_b − i_a) at first."""
        return self._currents(array(self.gx), array(self.gh))

    def carried(self, setting: Setting) -> Array:
        """Return how many steps were made."""
        return np.zeros(1)

    def timeline(self, carried: Array, steps: int, setting: Setting) -> Array:
        """Return the numbers of `rest` at each of the next steps, by a clock of n Δt."""
        t = (carried[0] + np.arange(1, steps + 1)) * setting.deltat
        carried[0] += steps
        x = _there_and_back(t, self.gx, self.gx2, self.tx1, self.tx2, self.tx3, self.tx4)
        h = _there_and_back(t, self.gh, self.gh2, self.th1, self.th2, self.th3, self.th4)
        return self._currents(x, h)

    def _currents(self, gx: Array, gh: Array) -> Array:
        ib = -gx * (V_EFFECTIVE - V_X) / 3.0
        ia = ib - gh * (V_EFFECTIVE - V_POTASSIUM)
        return np.stack([gx, gh, 3.0 * ib, ib - ia])


def _there_and_back(
    t: Array, low: float, high: float | None, t1: float, t2: float, t3: float, t4: float
) -> Array:
    """Return a value that goes from `low` to `high` between t1 and t2, and back from t3 to t4."""
    if high is None or high == low:
        return np.full(t.shape, low)
    up = low + (t - t1) * (high - low) / (t2 - t1)
    down = high - (t - t3) * (high - low) / (t4 - t3)
    conditions = [t <= t1, t <= t2, t <= t3, t <= t4]
    return np.select(conditions, [np.full(t.shape, low), up, np.full(t.shape, high), down], low)


@dataclass(frozen=True, kw_only=True)
class GlutamateResponse(Firing):
    """Any response, beside glutamate in the synaptic cleft, which plastic couplings read."""

    keyword: ClassVar[str] = "GlutamateResponse"
    equation: ClassVar[str] = "g' = Λ Σ_exc φ − g/t_glu, g(0) = 0; Q = S(V) as named after Function"
    source: ClassVar[str] = "Fung & Robinson 2013; NFTsim 1.1"
    step: ClassVar[str] = "glutamate"
    outputs: ClassVar[tuple[Field, ...]] = (
        RATE,
        POTENTIAL,
        Field("glu", "g", "mol/l", "glutamate in the cleft", asked=True),
    )
    wraps: ClassVar[bool] = True
    glutamate: ClassVar[bool] = True
    memory: ClassVar[bool] = True

    lam: NodeValue = parameter(
        "Lambda",
        "Λ",
        "mol/l",
        "glutamate per spike; 0 freezes it",
        default=0.0,
        low=0.0,
        form="per-node",
    )
    tglu: NodeValue = parameter(
        "tGlu", "t_glu", "s", "time constant of glutamate", default=0.0, low=0.0, form="per-node"
    )
    function: Firing

    def simplified(self) -> Self:
        """Return the response with equal values for all nodes written as one number."""
        return replace(super().simplified(), function=self.function.simplified())

    @property
    def static(self) -> Firing:
        """The response named after ``Function:``."""
        return self.function.static

    def feedback(self, s: Complex) -> Complex:
        """Return that of the response."""
        return self.function.feedback(s)

    def state_space(self) -> StateSpace:
        """Return that of the response."""
        return self.function.state_space()

    def discrete_feedback(self, z: Complex, slope: float, setting: Setting) -> Complex:
        """Return that of the response."""
        return self.function.discrete_feedback(z, slope, setting)

    def discrete_poles(self, slope: float, setting: Setting) -> Complex:
        """Return those of the response."""
        return self.function.discrete_poles(slope, setting)

    def rate(self, v: Array) -> Array:
        """Return the rate of the response."""
        return self.function.rate(v)

    def slope(self, v: Array) -> Array:
        """Return the slope of the response."""
        return self.function.slope(v)

    def inverse(self, q: Array) -> Array:
        """Return the inverse of the response."""
        return self.function.inverse(q)

    @property
    def bounds(self) -> tuple[float, float]:
        """Bounds of the response."""
        return self.function.bounds

    @property
    def scale(self) -> float:
        """Scale of the response."""
        return self.function.scale

    def coefficients(self, setting: Setting) -> tuple[Array, ...]:
        """Return (Λ, 1/t_glu, Δt) of glutamate; 0 for 1/t_glu where Λ = 0 freezes it."""
        lam, tglu = array(self.lam), array(self.tglu)
        decay = np.where(tglu > 0, 1.0 / np.where(tglu > 0, tglu, 1.0), 0.0)
        return (lam, decay, array(setting.deltat))

    def problems(self, setting: Setting) -> list[tuple[str, str]]:
        """Check that glutamate that is released decays."""
        released = array(self.lam) > 0
        if np.any(released & (array(self.tglu) <= 0)):
            return [("tglu", "tGlu must be > 0 where Lambda > 0; add 'tGlu: <s>'")]
        return too_short(self, ("tglu",), setting.deltat, released)
