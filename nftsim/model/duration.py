"""Running a model for another time than its own."""

from __future__ import annotations

import logging
from dataclasses import replace

from nftsim.errors import number
from nftsim.model.model import Model
from nftsim.model.steps import interval_steps, start_steps

log = logging.getLogger(__name__)


def lasting(model: Model, duration: float, place: str = "") -> Model:
    """Return a model with another length, whose output starts at 0 if it would have no row.

    Parameters
    ----------
    model
        Not yet checked.
    duration
        Length of the run [s].
    place
        What messages about the length name (default: as before).

    Raises
    ------
    NftsimError
        If the duration is no number.
    """
    number(duration, "a duration [s]")
    places = {**model.places, "time": place} if place else model.places
    changed = replace(model, time=duration, places=places)
    start = model.output.start
    if start == 0 or _has_a_row(changed):
        return changed
    log.warning("output would start at %g s, its first row after the run; it starts at 0", start)
    return replace(changed, output=replace(model.output, start=0.0))


def _has_a_row(model: Model) -> bool:
    try:
        return start_steps(model) + interval_steps(model) <= model.steps
    except (TypeError, ValueError, ArithmeticError):
        return True  # such numbers are refused when the model is checked
