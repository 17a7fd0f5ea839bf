"""Stimuli that are white noise."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from nftsim.components.base import Array, NodeValue, Setting, array, parameter
from nftsim.components.stimulus import Steady


@dataclass(frozen=True, kw_only=True)
class White(Steady):
    """Gaussian white noise, independent at every node and step."""

    keyword: ClassVar[str] = "White"
    equation: ClassVar[str] = "Q = mean + σ ξ, σ² = (2π)³ ASD²/(Δt Δx²); one node: 2π ASD²/Δt"
    source: ClassVar[str] = "NFTsim 1.1 manual; Abeysuriya et al. 2014"
    noise: ClassVar[bool] = True
    #: Whether all nodes share one deviate.
    coherent: ClassVar[bool] = False
    alternatives: ClassVar[tuple[tuple[str, ...], ...]] = (("StdDev", "ASD"),)

    stddev: NodeValue | None = parameter(
        "StdDev",
        "σ",
        "s⁻¹",
        "standard deviation per node and step",
        default=None,
        low=0.0,
        form="per-node",
    )
    asd: NodeValue | None = parameter(
        "ASD",
        "ASD",
        "s⁻¹ Hz^{−1/2}",
        "amplitude spectral density",
        default=None,
        low=0.0,
        form="per-node",
    )
    ranseed: int | None = parameter(
        "Ranseed",
        "",
        "",
        "seed of its own for --rng nftsim",
        default=None,
        low=0.0,
        form="integer",
    )

    @property
    def spatial(self) -> bool:
        """Whether the mean differs from node to node."""
        return "mean" in self.varying

    def problems(self, setting: Setting) -> list[tuple[str, str]]:
        """Check that the strength of the noise is given."""
        if self.stddev is None and self.asd is None:
            return [("mean", "needs 'ASD: <s^-1 Hz^-1/2>' or 'StdDev: <s^-1>'")]
        if self.stddev is not None and self.asd is not None:
            return [("asd", "has ASD and StdDev, of which one follows from the other; keep one")]
        self.deviation(setting)  # it may overflow
        return []

    def deviation(self, setting: Setting, *, sheet: bool = False) -> Array:
        """Return σ [s⁻¹] per node and step, so that the spectrum depends on neither Δt nor Δx.

        A single node is a point, unless it is to count as a `sheet`.
        """
        if self.stddev is not None:
            return array(self.stddev)
        if setting.nodes == 1 and not sheet:
            return np.asarray(math.sqrt(2 * math.pi / setting.deltat) * array(self.asd))
        factor = math.sqrt((2 * math.pi) ** 3 / setting.deltat) / setting.spacing
        return np.asarray(factor * array(self.asd))


@dataclass(frozen=True, kw_only=True)
class WhiteCoherent(White):
    """Gaussian white noise, the same at all nodes."""

    keyword: ClassVar[str] = "WhiteCoherent"
    equation: ClassVar[str] = "as White, with one ξ for all nodes"
    source: ClassVar[str] = "NFTsim 1.1 manual"
    coherent: ClassVar[bool] = True
