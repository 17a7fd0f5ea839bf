"""Where a member of a sweep starts: model and fixed point, or why there is none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from analysis.measures import expected
from nftsim.errors import NftsimError
from nftsim.guards.after import name_of
from nftsim.model import Model
from nftsim.model.library import read_unchecked, with_changes
from nftsim.notices import quiet
from nftsim.theory.fixed_points import steady_states
from nftsim.theory.saturation import saturated
from nftsim.theory.states import FixedPoint, SteadyStates
from workflow.lib.sweep_points import Point, flat

Facts = dict[str, Any]


class Refused(NftsimError):
    """A point that cannot be run, and why: `status` in a word."""

    def __init__(self, status: str, message: str, facts: Facts | None = None) -> None:
        super().__init__(message)
        self.status, self.facts = status, facts or {}


@dataclass(frozen=True)
class Start:
    """A point that can be run: the model, that of its warm-up, and what it starts from.

    `saturated` says in words that this is saturated; empty if it is not.
    """

    model: Model
    warmup: Model
    facts: Facts
    saturated: str = ""


@cache
def _read(file: str) -> Model:
    return read_unchecked(Path(file))


def start_of(base: Mapping[str, Any], point: Point, how: Mapping[str, Any]) -> Start | Refused:
    """Find where a point starts, or why it cannot.

    Parameters
    ----------
    base
        Settings of an experiment (see `workflow.lib.sweeps.Sweeps.how`).
    point
        What differs from it.
    how
        What is done at all of them: measures, and with ``unstable: skip`` nothing at a point
        without a stable fixed point.
    """
    changes, compat = {**base["overrides"], **flat(point)}, base["noise"]["compat"]
    try:
        model = with_changes(_read(base["model"]), changes, compat=compat)
        warmup = with_changes(
            _read(base["model"]), {**changes, **base["warmup"]["overrides"]}, compat=compat
        )
    except NftsimError as error:
        return Refused("refused", str(error))
    try:
        with quiet("nftsim.theory"):
            states = steady_states(warmup)
            number = base["warmup"]["fixed_point"]
            if number > len(states.fixed_points):
                return Refused("no fixed point", f"there is no fixed point {number}")
            place = number - 1 if number else states.choice
            facts, growing = _facts(states, place), states.warning(place)
    except NftsimError as error:
        return Refused("no fixed point", str(error))
    if growing and how["unstable"] == "skip":
        return Refused("unstable", growing, facts)
    chosen = states.fixed_points[place]
    full = _saturated(warmup, chosen)
    if "theory" in how["measures"] and not full:
        for trace in base["traces"]:
            options = {**how["spectrum"], "compat": compat}
            found = expected(warmup, chosen, trace, how["measures"], **options)
            facts |= {f"{trace}.{name}": value for name, value in found.items()}
    return Start(model, warmup.with_rates(chosen.rates.tolist()), facts, full)


def _saturated(model: Model, point: FixedPoint) -> str:
    """Return that populations are saturated at a fixed point, in words; empty if none is."""
    names = ", ".join(name_of(model, i) for i in saturated(model, point))
    return f"population {names} is saturated at the fixed point" if names else ""


def _facts(states: SteadyStates, place: int) -> Facts:
    """Return what is known of the fixed point that a point starts from."""
    found = states.stability(place)
    slowest = None if found is None else found.dominant
    return {
        "steady.points": len(states.fixed_points),
        "steady.number": place + 1,
        "steady.stable": None if found is None else found.stable,
        "steady.q": float(states.fixed_points[place].rates[0]),
        "steady.growth": None if slowest is None else slowest.growth,
        "steady.frequency": None if slowest is None else slowest.frequency,
    }
