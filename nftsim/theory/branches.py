"""All branches of fixed points along a parameter: folds, stability, and where it changes."""

from __future__ import annotations

import logging
from itertools import pairwise

import numpy as np

from nftsim.errors import NftsimError
from nftsim.model import Model
from nftsim.notices import quiet
from nftsim.theory.bifurcations import Judge
from nftsim.theory.branch_data import Branches
from nftsim.theory.continuation import Branch, Curve, Point
from nftsim.theory.equations import Array
from nftsim.theory.family import Family, Progress
from nftsim.theory.fixed_points import all_roots
from nftsim.theory.spread import Spread

log = logging.getLogger(__name__)

#: Values of the parameter at which all fixed points are sought.
SAMPLES = 9
#: Distances in potentials that are rounding, as a share of the larger of these and 10 mV.
SAME = 1e-6
#: Distance from an end of the range that is rounding, as a share of it.
LEVEL = 1e-6


def branches(
    model: Model,
    parameter: str,
    low: float,
    high: float,
    *,
    stability: bool = True,
    samples: int = SAMPLES,
    progress: Progress = lambda _: None,
) -> Branches:
    """Follow all branches of fixed points along a parameter.

    All fixed points at `samples` values of the parameter are found first, certainly all where their
    responses allow it; each that is on no branch yet is followed both ways.

    Parameters
    ----------
    model
        As for `nftsim.theory.fixed_points.steady_states`.
    parameter
        Dotted path of a number, or several with commas between, which all take the value.
    low, high
        Range of the parameter.
    stability
        Whether to tell how many roots grow at each point, for the modes of the model's grid.
    samples
        At how many values, the ends included.
    progress
        Told how much is done, from 0 to 1; often enough to say that work goes on.

    Raises
    ------
    NftsimError
        If the parameter or its range is none, or the model has no uniform fixed points.
    """
    if not model.neural:
        raise NftsimError(f"{model.name}: only inputs, so there are no fixed points to follow")
    family = Family(model, parameter, low, high)
    followed, complete = curves(Branch(family), max(samples, 2), progress)
    spread = Spread(family) if stability else None
    total, done = sum(len(c.points) for c in followed), 0
    found = []
    for curve in followed:
        share, before = len(curve.points) / total, done / total
        with quiet("nftsim.theory"):
            judge = Judge(family, curve, spread, _part(progress, before, share))
            found.append(judge.result())
        done += len(curve.points)
    if spread is not None and spread.unknown:
        log.warning("the stability of the branches is not known: %s", spread.unknown)
    names = [model.populations[i].name for i in model.neural]
    found.sort(key=lambda b: (float(b.rates[0, 0]), float(b.values[0])))
    return Branches(parameter, low, high, family.present, names, found, complete)


def _part(progress: Progress, before: float, share: float) -> Progress:
    """Return what is to be told how much of a part of the work is done."""
    return lambda done: progress(before + share * done)


def curves(
    branch: Branch, samples: int, progress: Progress = lambda _: None
) -> tuple[list[Curve], bool]:
    """Return all curves, and whether all fixed points at the samples are known and on one."""
    family = branch.family
    found: list[Curve] = []
    complete = True
    values = np.linspace(family.low, family.high, samples)
    # the ends first: most branches reach them
    for value in sorted(values, key=lambda v: min(v - family.low, family.high - v)):
        progress(0.0)
        try:
            states = all_roots(family.equations(float(value)))
        except np.linalg.LinAlgError:
            complete = False
            continue
        complete &= states.complete
        for root in states.roots:
            start = branch.place(root.voltages, float(value))
            if not any(_on(branch, curve, start) for curve in found):
                found.append(_both_ways(branch, start))
                complete &= _whole(found[-1])
    return found, complete


def _both_ways(branch: Branch, start: Array) -> Curve:
    """Follow a branch both ways, if it does not begin at an end of the range."""
    share = start[-1]
    forward = branch.followed(start, 1.0) if share < 1.0 else None
    if forward is not None and forward.closed:
        return forward
    backward = branch.followed(start, -1.0) if share > 0.0 else None
    if forward is None or backward is None:
        return forward or backward or Curve([], False)
    return Curve([*_reversed(backward.points)[:-1], *forward.points], False)


def _reversed(points: list[Point]) -> list[Point]:
    return [Point(p.x, -p.tangent) for p in reversed(points)]


def _whole(curve: Curve) -> bool:
    """Tell whether a curve leads from one end of the range to an end, or is closed."""
    ends = (curve.points[0].share, curve.points[-1].share)
    return curve.closed or all(min(abs(s), abs(1 - s)) < LEVEL for s in ends)


def _on(branch: Branch, curve: Curve, place: Array) -> bool:
    """Tell whether a fixed point lies on a curve."""
    share = float(place[-1])
    if any(abs(p.share - share) < LEVEL and _same(p.x, place) for p in curve.points):
        return True
    for here, there in pairwise(curve.points):
        if (here.share - share) * (there.share - share) < 0:
            at = branch.located(here, there, lambda p: p.share - share)
            if at is not None and _same(at.x, place):
                return True
    return False


def _same(one: Array, other: Array) -> bool:
    size = np.maximum(np.abs(other[:-1]), 1.0)
    return bool(np.max(np.abs(one - other)[:-1] / size) < SAME)
