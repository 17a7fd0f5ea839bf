"""Steady states of a model: uniform, constant solutions of Q_a = S_a(Σ_b ν_ab Q_b)."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.sparse.csgraph import connected_components

from nftsim.errors import NftsimError
from nftsim.model import Model
from nftsim.theory.equations import (
    Array,
    Equations,
    Indices,
    eliminate_linear,
    merge,
)
from nftsim.theory.mean_field import feedbacks, model_equations, warn_of_changes
from nftsim.theory.polynomials import polynomial_roots
from nftsim.theory.reduction import reduce
from nftsim.theory.roots import (
    FEW_STARTS,
    MANY_STARTS,
    MOST_STARTS,
    degree,
    distinct,
    polish,
    scan_roots,
    start_roots,
)
from nftsim.theory.uniform import uniform

log = logging.getLogger(__name__)

#: Largest residual of a fixed point, relative to each response's scale (Qmax).
RESIDUAL = 1e-10


@dataclass(frozen=True)
class FixedPoint:
    """One uniform steady state.

    Attributes
    ----------
    rates
        Q_a of the neural populations in file order, shape (P,) [s⁻¹].
    voltages
        V_a = Σ_b ν_ab Q_b, shape (P,) [V].
    residual
        max_a |Q_a − S_a(V_a)| in units of Qmax_a; without one, of the larger of |Q_a| and 1 s⁻¹.
    """

    rates: Array
    voltages: Array
    residual: float


@dataclass(frozen=True)
class SteadyStates:
    """All fixed points found, lowest first.

    Attributes
    ----------
    populations
        Names of the neural populations, in file order.
    fixed_points
        By the rate of the first population, then of the next ones.
    """

    populations: list[str]
    fixed_points: list[FixedPoint]

    @property
    def lowest(self) -> FixedPoint:
        """The one with the lowest rates."""
        return self.fixed_points[0]

    def to_dict(self) -> dict[str, Any]:
        """Return plain lists, for JSON."""
        points = [
            {"Q": p.rates.tolist(), "V": p.voltages.tolist(), "residual": p.residual}
            for p in self.fixed_points
        ]
        return {"populations": list(self.populations), "fixed_points": points}

    def to_frame(self) -> pd.DataFrame:
        """Return a table with one row per fixed point and population."""
        rows = [
            (number, name, q, v, point.residual)
            for number, point in enumerate(self.fixed_points, start=1)
            for name, q, v in zip(self.populations, point.rates, point.voltages, strict=True)
        ]
        return pd.DataFrame(rows, columns=["fixed_point", "population", "Q", "V", "residual"])


def steady_states(model: Model) -> SteadyStates:
    """Find the uniform fixed points of a model, with stimuli at their lasting mean.

    Populations with identical equations are merged, straight lines solved exactly, and the rest
    taken in groups of mutually connected populations, upstream first. In each group all rates
    follow from one potential where the connections allow it, and a scan over that potential
    brackets the roots; scipy's hybrid and Broyden methods start from many points besides. Whether
    roots are missing is judged by their indices (see `nftsim.theory.roots.degree`).

    Parameters
    ----------
    model
        Any model with uniform responses, strengths and inputs. Delays, ranges and rates may vary
        over the nodes. Of strengths that change in time those at the start count, with a warning.

    Raises
    ------
    NftsimError
        If the model is not uniform, has no neural population, or no fixed point is found.

    Notes
    -----
    A scan and Newton's method where one potential is enough, and Broyden's where it is not:
    Sanz-Leon et al. 2018, Initial conditions, strategy (ii).
    """
    if not model.neural:
        raise NftsimError(
            f"{model.name}: only inputs, no population with a firing response, so no steady state"
        )
    model = uniform(model, steady=True)
    equations = model_equations(model)
    warn_of_changes(model)
    classes, group = merge(equations)
    try:
        reduced = eliminate_linear(classes)
    except np.linalg.LinAlgError:
        raise NftsimError(
            f"{model.name}: the Linear responses have a loop gain of exactly 1, so there is no "
            "fixed point or a whole line of them; change a nu or a slope 'a'"
        ) from None
    points = []
    for q in _roots(reduced.rest):
        polished = polish(equations, reduced.expand(q)[group])
        if polished is not None and polished[2] < RESIDUAL:
            q, v, residual = polished
            # what a moving threshold adds is no potential of the soma
            points.append(FixedPoint(q, v - feedbacks(model) * q, residual))
    if not points:
        raise NftsimError(
            f"{model.name}: no fixed point found; check the signs of nu and the thresholds, or "
            "look for a settled state by simulation (nftsim run)"
        )
    keep = distinct([p.rates for p in points], equations.scales)
    # rounded, so that rates that agree leave the order to the next population
    unique = sorted((points[i] for i in keep), key=lambda p: tuple(np.round(p.rates, 9)))
    names = [model.populations[i].name for i in model.neural]
    return SteadyStates(names, unique)


def _roots(equations: Equations) -> list[Array]:
    """Return the roots of all equations, group by group from upstream down; each of shape (P,)."""
    partial = [np.zeros(len(equations))]
    for members in _groups(equations.nu):
        # of rates not found yet only those of this group count, and these are still 0
        partial = [
            _placed(q, members, root)
            for q in partial
            for root in _group_roots(equations.part(members, equations.voltages(q)[members]))
        ]
    return partial


def _placed(q: Array, members: Indices, root: Array) -> Array:
    fresh = q.copy()
    fresh[members] = root
    return fresh


def _groups(nu: Array) -> list[Indices]:
    """Return the mutually connected groups of populations, each after those that act on it."""
    if len(nu) == 0:
        return []
    count, label = connected_components(nu != 0, directed=True, connection="strong")
    groups = [np.flatnonzero(label == g) for g in range(count)]
    ordered: list[Indices] = []
    while groups:
        rest = np.concatenate(groups)
        # a group whose inputs from outside are all placed; one always exists
        first = next(
            i for i, g in enumerate(groups) if not (nu[np.ix_(g, np.setdiff1d(rest, g))] != 0).any()
        )
        ordered.append(groups.pop(first))
    return ordered


def _group_roots(equations: Equations) -> list[Array]:
    """Return the roots of mutually connected populations, each of shape (P,)."""
    if not equations.nu.any():
        return [equations.rates(equations.drive)]
    reduction = reduce(equations)
    complete = reduction is not None and reduction.inversions == 0
    scanned: list[Array] = []
    if reduction is not None:
        scanned = [*scan_roots(reduction), *polynomial_roots(reduction)]
    roots: list[Array] = []
    for starts in (FEW_STARTS if complete else MANY_STARTS, MOST_STARTS):
        found = [polish(equations, q) for q in [*scanned, *start_roots(equations, starts)]]
        roots = [p[0] for p in found if p is not None and p[2] < RESIDUAL]
        roots = [roots[i] for i in distinct(roots, equations.scales)]
        if not equations.bounded.all():
            if not complete:
                log.warning(
                    "the %d fixed points found in a group of %d populations whose responses have "
                    "no bounds may not be all; look for others by simulation from other initial "
                    "rates",
                    len(roots),
                    len(equations),
                )
            return roots
        if degree(equations, roots) == 1:
            return roots
    log.warning(
        "the %d fixed points found in a group of %d populations cannot be all (their indices do "
        "not add up to 1); look for others by simulation from other initial rates",
        len(roots),
        len(equations),
    )
    return roots
