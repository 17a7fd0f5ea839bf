"""One measurement of an order of accuracy."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nftsim.components import Dendrite, Propagator

Array = NDArray[np.float64]

#: Errors below this share of the solution are rounding, and have no order.
ROUNDING = 1e-12


@dataclass(frozen=True)
class Study:
    """One measurement of an order.

    Attributes
    ----------
    scheme
        What is measured, as the table names it.
    drive
        What drives it.
    variable
        What is refined: ``time``, ``space`` or ``both`` (at a constant Courant number).
    expected
        Order that follows from the scheme for this input.
    levels
        The levels to run; higher ones have smaller steps.
    error
        Level → step [s, or m in space] and error, relative to the solution.
    kind
        The component's class, where this is the order that it declares.
    """

    scheme: str
    drive: str
    variable: str
    expected: int
    levels: tuple[int, ...]
    error: Callable[[int], tuple[float, float]]
    kind: type[Propagator | Dendrite] | None = None


@dataclass(frozen=True)
class Measured:
    """Steps, relative errors and their slope."""

    study: Study
    steps: Array
    errors: Array

    @property
    def order(self) -> float:
        """Least-squares slope of log error over log step."""
        return float(np.polyfit(np.log(self.steps), np.log(self.errors), 1)[0])


def measure(study: Study) -> Measured:
    """Run a study.

    Raises
    ------
    ValueError
        If an error is so small that it is rounding.
    """
    steps, errors = zip(*(study.error(level) for level in study.levels), strict=True)
    if min(errors) < ROUNDING:
        raise ValueError(f"{study.scheme}: errors of {min(errors):.1g} are rounding; fewer levels")
    return Measured(study, np.array(steps), np.array(errors))
