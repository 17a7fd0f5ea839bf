"""Synaptic coupling: from the arriving field φ_ab to the weighted input P_ab."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from nftsim.components.base import Component, Field, NodeValue, parameter


@dataclass(frozen=True, kw_only=True)
class Coupling(Component):
    """Base of couplings."""

    role: ClassVar[str] = "coupling"
    outputs: ClassVar[tuple[Field, ...]] = (Field("nu", "ν_ab", "V s", "synaptic strength"),)


@dataclass(frozen=True, kw_only=True)
class Map(Coupling):
    """Constant strength, one number or one per node."""

    keyword: ClassVar[str] = "Map"
    equation: ClassVar[str] = "P_ab = ν_ab φ_ab"
    source: ClassVar[str] = "Sanz-Leon et al. 2018, Eqs 2-3"

    nu: NodeValue = parameter("nu", "ν_ab", "V s", "synaptic strength", form="per-node")
