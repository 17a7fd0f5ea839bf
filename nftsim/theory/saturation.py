"""Fixed points at which neurons fire as fast as they can, and hardly answer to anything."""

from __future__ import annotations

import math

from nftsim.model import Model, Trace
from nftsim.theory.states import FixedPoint

#: Share of Qmax from which a population counts as saturated: a sigmoid's gain is then below 1% of
#: Qmax/σ', and at rounding level not much further up.
FULL = 0.99


def saturated(model: Model, point: FixedPoint, trace: Trace | None = None) -> list[int]:
    """Return the neural populations that are saturated at a fixed point, counted from 0.

    Parameters
    ----------
    model
        Whose fixed point it is.
    point
        The fixed point.
    trace
        Count only populations between the noise and this trace, through which its power comes.

    Returns
    -------
    list of int
        Those with a rate of 99% of Qmax or more, in file order.
    """
    counted = set(model.neural) if trace is None else _between(model, trace)
    found = []
    for i, rate in zip(model.neural, point.rates, strict=True):
        firing = model.populations[i].firing
        top = math.inf if firing is None else firing.bounds[1]
        if i in counted and math.isfinite(top) and rate >= FULL * top:
            found.append(i)
    return found


def _between(model: Model, trace: Trace) -> set[int]:
    """Return the populations that noise reaches, and that reach a trace."""
    noisy = {i for i, p in enumerate(model.populations) if any(s.noise for s in p.stimuli)}
    source = trace.index - 1 if trace.kind == "pop" else model.connection(trace.index).pre
    joined = [(c.pre, c.post) for c in model.connections]
    back = [(post, pre) for pre, post in joined]
    return _reached(noisy, joined) & _reached({source}, back)


def _reached(start: set[int], joined: list[tuple[int, int]]) -> set[int]:
    """Return what arrows lead to from a start, and the start."""
    found: set[int] = set()
    fresh = set(start)
    while fresh:
        found |= fresh
        fresh = {to for at, to in joined if at in fresh} - found
    return found
