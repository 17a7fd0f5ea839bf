"""Gains of the corticothalamic loops, where a model has them: X, Y and Z."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import permutations

import numpy as np

from nftsim.components.dendrites import SecondOrder
from nftsim.model import Model
from nftsim.theory.frozen import frozen, on_one_node
from nftsim.theory.linear import gains
from nftsim.theory.states import FixedPoint

#: Who acts on whom among E, I, R and S, and with which sign: (onto, from) → sign.
EIRS = {
    ("e", "e"): 1, ("e", "i"): -1, ("e", "s"): 1,
    ("i", "e"): 1, ("i", "i"): -1, ("i", "s"): 1,
    ("r", "e"): 1, ("r", "s"): 1,
    ("s", "e"): 1, ("s", "r"): -1,
}  # fmt: skip


@dataclass(frozen=True)
class LoopGains:
    """Gains of the corticothalamic loops at a fixed point.

    Attributes
    ----------
    ee, ei, ese, esre, srs
        Products of G_ab along the loops [1].
    x, y, z
        Strengths of the cortical, corticothalamic and intrathalamic loops (Robinson et al. 2002):
        X = G_ee/(1 − G_ei), Y = (G_ese + G_esre)/((1 − G_srs)(1 − G_ei)), Z = −G_srs αβ/(α + β)²;
        Z is None where the dendrites in the thalamus differ. X + Y < 1 is necessary for stability.
    """

    ee: float
    ei: float
    ese: float
    esre: float
    srs: float
    x: float
    y: float
    z: float | None

    def to_dict(self) -> dict[str, float | None]:
        """Return plain numbers, for JSON: G_ee and so on, X, Y, Z."""
        names = {f"G_{n}": getattr(self, n) for n in ("ee", "ei", "ese", "esre", "srs")}
        return {**names, "X": self.x, "Y": self.y, "Z": self.z}


def connection_gains(model: Model, fixed_point: FixedPoint) -> dict[tuple[int, int], float]:
    """Return G_ab = ρ_a ν_ab of all connections at the start (see `nftsim.theory.linear.gains`).

    Strengths between pairs of nodes count with their sum over a row.
    """
    return gains(on_one_node(frozen(model)[0]), fixed_point)


def loop_gains(model: Model, fixed_point: FixedPoint) -> LoopGains | None:
    """Return the gains of the corticothalamic loops; None if the model is no EIRS.

    It is one if its neural populations are connected as E, I, R and S are, with their signs, in
    whatever order, and I fires as E does, its inputs being as strong.
    """
    found = connection_gains(model, fixed_point)
    neural = [i + 1 for i in model.neural]
    inner = {(a, b): g for (a, b), g in found.items() if b in neural}
    if len(neural) != 4 or len(inner) != len(EIRS):
        return None
    for order in permutations(neural):
        at = dict(zip("eirs", order, strict=True))
        g = {(a, b): inner.get((at[a], at[b]), 0.0) for a, b in EIRS}
        if all(np.sign(g[key]) == sign for key, sign in EIRS.items()) and _alike(g):
            return _loops(g, _dendrite(model, at["r"] - 1, at["s"] - 1))
    return None


def _alike(g: dict[tuple[str, str], float]) -> bool:
    return all(np.isclose(g["e", b], g["i", b], rtol=1e-9) for b in "eis")


def _loops(g: dict[tuple[str, str], float], dendrite: SecondOrder | None) -> LoopGains:
    ee, ei, srs = g["e", "e"], g["e", "i"], g["s", "r"] * g["r", "s"]
    ese = g["e", "s"] * g["s", "e"]
    esre = g["e", "s"] * g["s", "r"] * g["r", "e"]
    z = None
    if dendrite is not None:
        alpha, beta = float(np.max(dendrite.alpha)), float(np.max(dendrite.beta))
        z = -srs * alpha * beta / (alpha + beta) ** 2
    x, y = ee / (1 - ei), (ese + esre) / ((1 - srs) * (1 - ei))
    return LoopGains(ee, ei, ese, esre, srs, x, y, z)


def _dendrite(model: Model, reticular: int, relay: int) -> SecondOrder | None:
    """Return the one dendrite of the loop between the thalamic nuclei, if there is one."""
    ends = {(reticular, relay), (relay, reticular)}
    found = {c.dendrite for c in frozen(model)[0].connections if (c.post, c.pre) in ends}
    (one,) = found if len(found) == 1 else (None,)
    return one if isinstance(one, SecondOrder) else None
