"""The fixed point that a command is to take."""

from __future__ import annotations

import argparse

from nftsim.errors import NftsimError
from nftsim.model import Model
from nftsim.theory.fixed_points import FixedPoint, steady_states


def chosen(options: argparse.Namespace, model: Model) -> FixedPoint | None:
    """Return the fixed point that ``--at`` names, counted from 1; None if it names none.

    Raises
    ------
    NftsimError
        If there is none of this number.
    """
    number: int | None = options.at
    if number is None:
        return None
    if not model.neural:
        raise NftsimError(f"--at {number}: {model.name} has only inputs, and no fixed point")
    points = steady_states(model).fixed_points
    if not 1 <= number <= len(points):
        allowed = "1, its only one" if len(points) == 1 else f"1 to {len(points)}, lowest first"
        raise NftsimError(
            f"--at {number}: {model.name} has no such fixed point; give {allowed} "
            "(nftsim steady lists them)"
        )
    return points[number - 1]
