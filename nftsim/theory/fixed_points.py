"""Steady states of a model: uniform, constant solutions of Q_a = S_a(Σ_b ν_ab Q_b)."""

from __future__ import annotations

import logging
from dataclasses import dataclass

import numpy as np
from scipy.sparse.csgraph import connected_components

from nftsim.errors import NftsimError
from nftsim.model import Model
from nftsim.theory.certified import certified_roots
from nftsim.theory.deflation import deflated_roots
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
    few,
    polish,
    scan_roots,
    start_roots,
)
from nftsim.theory.states import FixedPoint as FixedPoint  # for import from here, too
from nftsim.theory.states import SteadyStates as SteadyStates
from nftsim.theory.uniform import uniform

log = logging.getLogger(__name__)

#: Largest residual of a fixed point, relative to each response's scale (Qmax).
RESIDUAL = 1e-10


def steady_states(model: Model) -> SteadyStates:
    """Find the uniform fixed points of a model, with stimuli at their lasting mean.

    Populations with identical equations are merged, straight lines solved exactly, and the rest
    taken in groups of mutually connected populations, upstream first. In each group all rates
    follow from a few potentials; boxes of these are split until bounds show of each that it holds
    no root, or one and no other (see `nftsim.theory.certified`). Then the list is complete, and
    says so.

    Where that does not end, or responses have no bounds, a scan over one potential brackets roots
    if all rates follow from it, and Newton's and Broyden's methods start from many points, pushed
    away from roots already found. Whether roots are missing is then judged by their indices (see
    `nftsim.theory.roots.degree`).

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
    Deterministic methods in place of simulations: Sanz-Leon et al. 2018, Initial conditions,
    strategy (ii).
    """
    if not model.neural:
        raise NftsimError(
            f"{model.name}: only inputs, no population with a firing response, so no steady state"
        )
    whole, model = model, uniform(model, steady=True)
    equations = model_equations(model)
    warn_of_changes(model)
    try:
        found = all_roots(equations)
    except np.linalg.LinAlgError:
        raise NftsimError(
            f"{model.name}: the Linear responses have a loop gain of exactly 1, so there is no "
            "fixed point or a whole line of them; change a nu or a slope 'a'"
        ) from None
    # what a moving threshold adds is no potential of the soma
    own = feedbacks(model)
    points = [FixedPoint(r.rates, r.voltages - own * r.rates, r.residual) for r in found.roots]
    if not points:
        raise NftsimError(
            f"{model.name}: no fixed point found; check the signs of nu and the thresholds, or "
            "look for a settled state by simulation (nftsim run)"
        )
    # rounded, so that rates that agree leave the order to the next population
    points.sort(key=lambda p: tuple(np.round(p.rates, 9)))
    names = [model.populations[i].name for i in model.neural]
    return SteadyStates(names, points, whole, found.complete)


@dataclass(frozen=True)
class Root:
    """One root of the equations: rates [s⁻¹] and potentials [V], shape (P,), and the residual."""

    rates: Array
    voltages: Array
    residual: float


@dataclass(frozen=True)
class Roots:
    """The roots found, in no order, and whether these are certainly all."""

    roots: list[Root]
    complete: bool


def all_roots(equations: Equations) -> Roots:
    """Find the roots of any equations, to rounding (see `steady_states`).

    Raises
    ------
    LinAlgError
        If those of the straight lines are singular.
    """
    classes, group = merge(equations)
    reduced = eliminate_linear(classes)
    rates, complete = _roots(reduced.rest)
    polished = [polish(equations, reduced.expand(q)[group]) for q in rates]
    roots = [Root(*p) for p in polished if p is not None and p[2] < RESIDUAL]
    complete &= len(roots) == len(rates)
    if not complete:
        keep = distinct([r.rates for r in roots], equations.scales)
        roots = [roots[i] for i in keep]
    return Roots(roots, complete)


def _roots(equations: Equations) -> tuple[list[Array], bool]:
    """Return the roots of all equations, each of shape (P,), and whether these are all.

    Group by group, from upstream down.
    """
    partial, complete = [np.zeros(len(equations))], True
    for members in _groups(equations.nu):
        fresh = []
        for q in partial:
            # of rates not found yet only those of this group count, and these are still 0
            part = equations.part(members, equations.voltages(q)[members])
            roots, sure = _group_roots(part)
            fresh += [_placed(q, members, root) for root in roots]
            complete &= sure
        partial = fresh
    return partial, complete


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


def _group_roots(equations: Equations) -> tuple[list[Array], bool]:
    """Return the roots of mutually connected populations, each of shape (P,); whether all."""
    if not equations.nu.any():
        return [equations.rates(equations.drive)], True
    certified = certified_roots(equations)
    if certified is not None and certified.complete:
        return list(certified.roots), True
    known = [] if certified is None else list(certified.roots)
    return _searched_roots(equations, known), False


def _searched_roots(equations: Equations, known: list[Array]) -> list[Array]:
    """Return the roots that a scan and Newton's method from many starts find, each (P,)."""
    reduction = reduce(equations)
    scannable = reduction is not None and reduction.inversions == 0
    scanned = [*known]
    if reduction is not None:
        scanned += [*scan_roots(reduction), *polynomial_roots(reduction)]
    roots: list[Array] = []
    for starts in (FEW_STARTS if scannable else MANY_STARTS, MOST_STARTS):
        roots = _refined(equations, [*scanned, *start_roots(equations, starts)])
        roots = _refined(equations, [*roots, *deflated_roots(equations, roots, few(equations))])
        if not equations.bounded.all():
            if not scannable:
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


def _refined(equations: Equations, rates: list[Array]) -> list[Array]:
    """Return those that are roots, to rounding, each once."""
    found = [polish(equations, q) for q in rates]
    roots = [p[0] for p in found if p is not None and p[2] < RESIDUAL]
    return [roots[i] for i in distinct(roots, equations.scales)]
