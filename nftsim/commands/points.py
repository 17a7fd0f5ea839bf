"""The fixed point that a command is to take, and whether anything stays near it."""

from __future__ import annotations

import argparse
import logging
from dataclasses import dataclass
from typing import Any

from nftsim.errors import NftsimError
from nftsim.model import Model
from nftsim.theory.fixed_points import FixedPoint, steady_states
from nftsim.theory.states import SteadyStates
from nftsim.theory.uniform import require_linear

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Around:
    """What a model is linearised around.

    Attributes
    ----------
    name
        Of the model.
    point, number
        The fixed point, and its number in ``nftsim steady``; None of a model of inputs alone.
    stable
        Whether deviations decay: by the equations, and in steps where these are asked for; None if
        that is not known.
    """

    name: str
    point: FixedPoint | None
    number: int | None
    stable: bool | None

    def to_dict(self) -> dict[str, Any]:
        """Return plain data, for JSON."""
        return {"model": self.name, "fixed_point": self.number, "stable": self.stable}


def place_of(states: SteadyStates, name: str, number: int | None) -> int:
    """Return the place, from 0, of the fixed point that ``--at`` names; else of the lowest stable.

    Raises
    ------
    NftsimError
        If the model of this name has none of this number.
    """
    count = len(states.fixed_points)
    if number is not None and not 1 <= number <= count:
        allowed = "1, its only one" if count == 1 else f"1 to {count}, lowest first"
        raise NftsimError(
            f"--at {number}: {name} has no such fixed point; give {allowed} "
            "(nftsim steady lists them)"
        )
    return states.choice if number is None else number - 1


def around(
    options: argparse.Namespace, model: Model, *, otherwise: str = "", instead: str = ""
) -> Around:
    """Return the fixed point that ``--at`` names, counted from 1; by default the lowest stable one.

    Parameters
    ----------
    otherwise
        What an unstable fixed point means for what is asked, and what to do, to be warned of;
        empty: nothing is said.
    instead
        What a model without linear theory has in place of what is asked.

    Raises
    ------
    NftsimError
        If there is none of this number, or the model has no linear theory.
    """
    number: int | None = options.at
    if not model.neural:
        if number is not None:
            raise NftsimError(f"--at {number}: {model.name} has only inputs, and no fixed point")
        return Around(model.name, None, None, None)
    require_linear(model, instead)
    states = steady_states(model)
    place = place_of(states, model.name, number)
    found = states.stability(place)
    stable = None if found is None else found.stable
    text = states.warning(place, steps=options.wavenumbers == "scheme")
    # if no fixed point is stable, that has been said
    if text and otherwise and (number is not None or stable):
        log.warning("%s; %s", text, otherwise)
    return Around(model.name, states.fixed_points[place], place + 1, stable and not text)
