"""From times to whole steps: runs, delays, and the rows of the output."""

from __future__ import annotations

from nftsim.model.model import Model

#: How far a ratio of times may be from a whole number, relative to it, and still count as whole
#: (decimal input is rounded); never more than a tenth of a step.
WHOLE = 1e-6


def whole(time: float, step: float) -> bool:
    """Tell whether a time is a whole number of steps, up to the rounding of decimal input."""
    ratio = time / step
    return abs(ratio - round(ratio)) <= min(WHOLE * max(1.0, abs(ratio)), 0.1)


def delay_steps(tau: float, deltat: float, *, compat: bool = False) -> int:
    """Return a delay in steps: the nearest whole number; NFTsim's way, truncated."""
    return int(tau / deltat) if compat else round(tau / deltat)


def start_steps(model: Model) -> int:
    """Return the step after which output begins; a product of decimals may fall just short."""
    ratio = model.output.start / model.deltat
    return round(ratio) if whole(model.output.start, model.deltat) else int(ratio)


def interval_steps(model: Model) -> int:
    """Return the steps between rows of output."""
    interval = model.output.interval
    return 1 if interval is None else round(interval / model.deltat)


def output_rows(model: Model) -> int:
    """Return how many rows of output a run has, at S + K, S + 2K and so on."""
    return max(0, (model.steps - start_steps(model)) // interval_steps(model))
