"""Going on from the end of another run, whose plan may have merged other things."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from nftsim.engine.merge import counterparts
from nftsim.engine.plan import Plan

Values = NDArray[np.float64]


def fits(plan: Plan, saved: Mapping[str, Values]) -> bool:
    """Tell whether every field that a plan reads at several delays is in a saved state."""
    kept = any(name.startswith("axon.") for name in saved)
    return kept or not any(name.startswith("axon.") for name in plan.names)


def translated(plan: Plan, old: Plan, saved: Mapping[str, Values]) -> dict[str, Values]:
    """Return a saved state with what a plan keeps under other names than the one that made it.

    Parameters
    ----------
    plan
        The plan of the run that is to go on.
    old, saved
        The plan of the run that ended, and its histories (see `nftsim.engine.state.histories`).

    Returns
    -------
    dict
        Histories by the names of `plan`; what cannot be known is left out.
    """
    found = dict(saved)
    for (kind, index, quantity), source in old.sources.items():
        name = f"{kind}.{index}.{quantity}"
        history = saved.get(old.names[source.ring])
        if name in found or history is None:
            continue
        if len(history) > source.delay:
            found[name] = history[: len(history) - source.delay]
        elif kind == "propagator" and quantity == "slope":
            found[name] = _slope(old, saved, index)
    for name in plan.names:
        kind, _, rest = name.partition(".")
        if kind == "axon" and name not in found:
            # the same field, after another connection that shared it
            number, quantity = rest.split(".")
            shared = old.sources.get(("propagator", int(number), quantity))
            if shared is not None and old.names[shared.ring].startswith("axon."):
                found[name] = saved[old.names[shared.ring]]
    return found | _dendrites(plan, old, saved)


def _slope(old: Plan, saved: Mapping[str, Values], index: int) -> Values:
    """Return dφ/dt of a field that was read at a delay, of which only φ was kept."""
    source = old.sources["propagator", index, "phi"]
    last = saved[old.names[source.ring]]
    new, before = last[-1 - source.delay], last[-2 - source.delay]
    return np.asarray((new - before) / old.model.deltat)[None, :]


def _dendrites(plan: Plan, old: Plan, saved: Mapping[str, Values]) -> dict[str, Values]:
    """Return the states of dendrites, of which only sums matter, as a plan groups them.

    A sum of several that are apart now goes to the first of them; the others start at 0.
    """
    found: dict[str, Values] = {}
    taken: set[str] = set()
    for c in plan.model.connections:
        if plan.classes[c.post] != c.post:
            continue
        owner = _owner(plan, c.index)
        before = _owner(old, c.index)
        for quantity in ("v", "w", "input"):
            name, past = f"{owner}.{quantity}", f"{before}.{quantity}"
            if name not in plan.names or past not in saved:
                continue
            value = saved[past] if past not in taken else np.zeros_like(saved[past])
            found[name] = found[name] + value if name in found else value
            taken.add(past)
    return found


def _owner(plan: Plan, index: int) -> str:
    """Return the name of the state that a connection's dendrite is, or is part of."""
    post = plan.model.connection(index).post
    first = counterparts(plan.model, plan.classes, post)[index]
    shared = (name for name, members in plan.sums.items() if first in members)
    return next(shared, f"dendrite.{first}")
