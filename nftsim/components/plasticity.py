"""Synaptic coupling whose strength follows the activity: calcium-dependent plasticity."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from nftsim.components.base import (
    Array,
    Field,
    NodeValue,
    Setting,
    array,
    parameter,
)
from nftsim.components.couplings import NU, Coupling, onto, pairs
from nftsim.components.maps import RK4_LIMIT, too_short

_NUTILDE = Field("nutilde", "ν̃", "V s", "strength that the synapse tends to")
_CA = Field("ca", "Ca", "mol/l", "intracellular calcium", "Ca")
_B = Field("b", "B", "", "share of NMDA receptors that glutamate has bound", "B")
_H = Field("h", "H", "V", "what voltage lets through NMDA receptors", "H")
_G = Field("gnmda", "g_NMDA", "mol/l V⁻¹ s⁻¹", "permeability of NMDA receptors", "gNMDA")


@dataclass(frozen=True, kw_only=True)
class CaDP(Coupling):
    """Plasticity that depends on calcium."""

    keyword: ClassVar[str] = "CaDP"
    equation: ClassVar[str] = (
        "Ca' = g B H − Ca/t_Ca, ν̃' = x(Ca) (ν_max − ν̃) − y(Ca) ν̃, ν'' = −2z ν' + z² (ν̃ − ν); "
        "B = s(glu − glu₀, B), H = (0.195 − V) s(V − 0.0455, 62), s(u, b) = 1/(1 + e^{−bu})"
    )
    source: ClassVar[str] = "Fung & Robinson 2013; NFTsim 1.1"
    step: ClassVar[str] = "plastic"
    nonlinear: ClassVar[str] = "its strength is plastic"
    glutamate: ClassVar[bool] = True
    outputs: ClassVar[tuple[Field, ...]] = (_NUTILDE, NU, _CA, _B, _H)

    nu: NodeValue = parameter("nu", "ν(0)", "V s", "strength at first", form="per-node")
    nu_max: NodeValue = parameter("nu_max", "ν_max", "V s", "largest strength", form="per-node")
    dth: NodeValue = parameter(
        "Dth", "d_th", "mol/l", "calcium above which synapses weaken", low=0.0, form="per-node"
    )
    pth: NodeValue = parameter(
        "Pth", "p_th", "mol/l", "calcium above which synapses strengthen", low=0.0, form="per-node"
    )
    xyth: NodeValue = parameter(
        "xyth", "x_th", "s⁻¹", "rate of change without calcium", low=0.0, form="per-node"
    )
    x: NodeValue = parameter("x", "x", "s⁻¹", "rate of strengthening", low=0.0, form="per-node")
    y: NodeValue = parameter("y", "y", "s⁻¹", "rate of weakening", low=0.0, form="per-node")
    slope: NodeValue = parameter(
        "B", "B", "l/mol", "steepness of glutamate binding", low=0.0, strict=True, form="per-node"
    )
    glu_0: NodeValue = parameter(
        "glu_0", "glu₀", "mol/l", "glutamate that binds half of the receptors", form="per-node"
    )
    tca: NodeValue = parameter(
        "tCa",
        "t_Ca",
        "s",
        "time constant of calcium",
        default=50e-3,
        low=0.0,
        strict=True,
        form="per-node",
    )
    gnmda: NodeValue = parameter(
        "gNMDA",
        "g_NMDA",
        "mol/l V⁻¹ s⁻¹",
        "permeability of NMDA receptors",
        default=2e-3,
        low=0.0,
        form="per-node",
    )
    z: NodeValue = parameter(
        "z", "z", "s⁻¹", "rate at which ν follows ν̃", default=0.01, low=0.0, form="per-node"
    )

    @property
    def first(self) -> float:
        """The first number after ``nu:``."""
        return float(array(self.nu).flat[0])

    def start(self, setting: Setting) -> NodeValue:
        """Return ν(0)."""
        return self.nu

    def problems(self, setting: Setting) -> list[tuple[str, str]]:
        """Check strengths, thresholds, and that the step follows calcium and strengths."""
        if np.any(array(self.nu) == 0):
            return [("nu", "nu = 0 is out of bounds; a plastic strength must start off 0")]
        if np.any(array(self.nu_max) * np.sign(self._scale) < 0):
            return [("nu_max", "nu_max and nu differ in sign; give both the same")]
        if np.any(array(self.pth) < array(self.dth)):
            return [("pth", "Pth is below Dth: synapses weaken between them; make Pth >= Dth")]
        return self._too_fast(setting) or too_short(self, ("tca",), setting.deltat)

    def _too_fast(self, setting: Setting) -> list[tuple[str, str]]:
        """Return the rate of change of a strength for which RK4 is unstable, if there is one."""
        # y_th + x_th = x_th ν_max/ν₀
        largest = array(self.xyth) * (array(self.nu_max) / self._scale)
        tends = float(np.max(largest + array(self.x) + array(self.y)))
        follows = float(np.max(array(self.z)))
        what = "xyth nu_max/nu + x + y" if tends > follows else "z"
        rate, name = max((tends, "xyth"), (follows, "z"))
        if rate * setting.deltat <= RK4_LIMIT:
            return []
        return [
            (
                name,
                f"{what} = {rate:g} s^-1 makes the step unstable with Deltat = {setting.deltat:g} "
                f"s; use Deltat <= {RK4_LIMIT / rate:.4g} s",
            )
        ]

    def coefficients(self, setting: Setting) -> tuple[Array, ...]:
        """Return ν_max, d_th, p_th, x_th, y_th, x, y, B, glu₀, t_Ca, g, z, t_BCM, t_rec and Δt.

        Of the last two, 0 stands for never: g stays as it is.
        """
        low = array(self.xyth) * (array(self.nu_max) - self._scale) / self._scale
        values = (self.nu_max, self.dth, self.pth, self.xyth)
        later = (self.x, self.y, self.slope, self.glu_0, self.tca, self.gnmda, self.z)
        return (*map(array, values), low, *map(array, later), *self._slow(), array(setting.deltat))

    def initial(self, setting: Setting) -> dict[str, Any]:
        """Return ν, ν̃, Ca and g at first."""
        return {"nu": self.nu, "nutilde": self.nu, "ca": 1e-8, "gnmda": self.gnmda}

    def excitatory(self, *, compat: bool = False) -> Array:
        """Return 1 where ν > 0 at first (see `Coupling.excitatory`)."""
        nu = np.asarray(self.first) if compat else array(self.nu)
        return np.asarray((nu > 0).astype(float))

    @property
    def _scale(self) -> Array:
        """ν₀ of the rate y_th = x_th (ν_max − ν₀)/ν₀."""
        return array(self.nu)

    def _slow(self) -> tuple[Array, Array]:
        return array(0.0), array(0.0)


@dataclass(frozen=True, kw_only=True)
class BCM(CaDP):
    """Calcium-dependent plasticity whose threshold slides: NMDA receptors are plastic too."""

    keyword: ClassVar[str] = "BCM"
    equation: ClassVar[str] = (
        "as CaDP, with g' = −(g/t_BCM) (ν̃/ν − 1) + (g₀ − g)/t_rec, 0 while ν = 0"
    )
    source: ClassVar[str] = "Fung, Haber & Robinson 2013; NFTsim 1.1"
    outputs: ClassVar[tuple[Field, ...]] = (
        NU,
        _NUTILDE,
        _CA,
        _B,
        _G,
        Field("h", _H.symbol, _H.unit, _H.text, "H", asked=True),
    )

    t_bcm: NodeValue = parameter(
        "t_BCM",
        "t_BCM",
        "s",
        "time constant of the sliding threshold",
        low=0.0,
        strict=True,
        form="per-node",
    )
    t_rec: NodeValue = parameter(
        "t_rec",
        "t_rec",
        "s",
        "time constant of recovery",
        default=1e3,
        low=0.0,
        strict=True,
        form="per-node",
    )

    def problems(self, setting: Setting) -> list[tuple[str, str]]:
        """Check as `CaDP` does, and that the step follows the NMDA receptors."""
        slow = too_short(self, ("t_bcm", "t_rec"), setting.deltat)
        return super().problems(setting) or slow

    def _slow(self) -> tuple[Array, Array]:
        return array(self.t_bcm), array(self.t_rec)


def _matrix(field: Field, text_name: str = "", *, asked: bool = False) -> Field:
    return Field(
        field.name,
        field.symbol,
        field.unit,
        f"{field.text}, from node i to node j",
        text_name,
        matrix=True,
        asked=asked,
    )


@dataclass(frozen=True, kw_only=True)
class BCMSpatial(BCM):
    """`BCM` for every pair of nodes: glutamate of node i, voltage of node j."""

    keyword: ClassVar[str] = "BCM-Spatial"
    equation: ClassVar[str] = "P_j = Σ_i ν_ij φ_i, each ν_ij as in BCM with glu_i and V_j"
    step: ClassVar[str] = "plastic matrix"
    nonlinear: ClassVar[str] = "its strengths are plastic and couple the spatial modes"
    # NFTsim's text calls B 'Ca' and H 'nu_Ca'
    outputs: ClassVar[tuple[Field, ...]] = (
        _matrix(_B, "Ca"),
        _matrix(_NUTILDE),
        _matrix(NU),
        _matrix(_H, "nu_Ca"),
        _matrix(_CA, asked=True),
        _matrix(_G, "gNMDA", asked=True),
    )

    nu: NodeValue = parameter(
        "nu",
        "ν_ij(0)",
        "V s",
        "strengths at first, row by row (to node j), column by column (from node i), or one number "
        "for the diagonal, with 1e-8 beside it",
        form="matrix",
    )

    def strengths(self, nodes: int) -> Array:
        """Return ν at first, shape (from, to) [V s]."""
        if isinstance(self.nu, tuple):
            return pairs(self.nu, nodes)
        off = 1e-8
        return np.where(np.eye(nodes, dtype=bool), self.nu, off)

    def start(self, setting: Setting) -> NodeValue:
        """Return Σ_i ν_ij."""
        return tuple(self.strengths(setting.nodes).sum(axis=0).tolist())

    def potential(self, rate: Array, setting: Setting, *, compat: bool = False) -> Array:
        """Return Σ_i ν_ij Q_i at t = 0 (see `Coupling.potential`)."""
        if compat:
            return super().potential(rate, setting, compat=True)
        return onto(self.strengths(setting.nodes), rate)

    def initial(self, setting: Setting) -> dict[str, Any]:
        """Return ν, ν̃, Ca and g at first, of shape (from, to) or for all pairs."""
        nu = self.strengths(setting.nodes)
        return {"nu": nu, "nutilde": nu, "ca": 1e-8, "gnmda": self.gnmda}

    def excitatory(self, *, compat: bool = False) -> Array:
        """Return 1 if the first number is positive."""
        del compat
        return np.asarray(float(self.first > 0))

    @property
    def _scale(self) -> Array:
        """The first number, for all pairs."""
        return array(self.first)
