"""The states in which simulations settle, from random starts: fixed points found by trying.

Sanz-Leon et al. 2018, Initial conditions, strategy (iii). It needs no theory, and shows what theory
does not: oscillations, and how often a state is reached.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nftsim.api import simulate_ensemble
from nftsim.components.stimuli import Const
from nftsim.errors import NftsimError, SimulationError, number, require_kind, shown
from nftsim.io.run import Run
from nftsim.model import Model, Output, Trace
from nftsim.theory.frozen import frozen, on_one_node
from nftsim.theory.mean_field import background, responses
from nftsim.theory.states import FixedPoint

Array = NDArray[np.float64]

#: Samples of each run; those of the last quarter are judged.
SAMPLES = 400
#: Largest change over the last quarter of a settled run, and largest difference of runs that have
#: settled in one state, in units of each response's scale or of the rate, where that is larger.
STILL, SAME = 1e-6, 1e-4
#: Largest difference of the ends of two ranges of one oscillation, in units of the range: runs see
#: different parts of it.
ALIKE = 0.1
#: Largest difference of a state from a fixed point that it is, relative to the larger of the rate
#: and 1 s⁻¹.
NEAR = 1e-2


@dataclass(frozen=True)
class SettledState:
    """A state that runs have reached.

    Attributes
    ----------
    rates
        Q_a of the neural populations in file order, shape (P,) [s⁻¹]: at the end, or if they still
        move the mean of the last quarter.
    low, high
        Smallest and largest rates of the last quarter, shape (P,) [s⁻¹].
    starts
        How many runs have ended there.
    settled
        Whether the rates stand still.
    """

    rates: Array
    low: Array
    high: Array
    starts: int
    settled: bool

    def to_dict(self) -> dict[str, Any]:
        """Return plain lists, for JSON."""
        return {
            "Q": self.rates.tolist(),
            "low": self.low.tolist(),
            "high": self.high.tolist(),
            "starts": self.starts,
            "settled": self.settled,
        }


def settled_states(
    model: Model, *, starts: int = 32, seed: int = 1, duration: float = 20.0
) -> list[SettledState]:
    """Simulate a model from random initial rates, and return the states that are reached.

    All nodes start alike and stimuli are at their lasting mean, so that one node shows what all
    would do; what grows only in space is not seen. Runs that diverge reach no state.

    Parameters
    ----------
    model
        A model with uniform responses, strengths and inputs. What changes in time is held as at
        the start.
    starts
        How many runs. Half of them start from rates spread evenly between 0 and the largest one,
        half from rates spread evenly on a logarithmic scale; without a largest rate, around 0.
    seed
        Of the random rates.
    duration
        Length of the runs [s].

    Returns
    -------
    list of SettledState
        Settled ones, lowest first, then those that still move, joined where their ranges agree.

    Raises
    ------
    NftsimError
        If the model is not uniform, or a number is out of bounds.
    """
    for name, count, least in (("starts", starts, 1), ("seed", seed, 0)):
        require_kind(count, (int, np.integer), f"{name} as a whole number")
        if count < least:
            raise NftsimError(f"{name} {shown(count)}: give a whole number >= {least}")
    number(duration, "a duration [s]")
    if not 0 < duration < np.inf:
        raise NftsimError(f"duration {duration:g}: give a finite time > 0 in seconds")
    still = _still(model, duration)
    scales = np.array([f.scale for f in responses(model)])
    found: list[SettledState] = []
    for run in _runs(still, _random_rates(model, starts, seed), duration):
        fresh = _judged(run, still, scales)
        for i, known in enumerate(found):
            if _agree(known, fresh, scales):
                found[i] = replace(known, starts=known.starts + 1)
                break
        else:
            found.append(fresh)
    return sorted(found, key=lambda s: (not s.settled, *np.round(s.rates, 6)))


def nearest(state: SettledState, points: Sequence[FixedPoint]) -> int | None:
    """Return the place of the fixed point that a state is, from 0; None if it is none of them."""
    for i, point in enumerate(points):
        unit = np.maximum(1.0, np.abs(point.rates))
        if np.all(np.abs(state.rates - point.rates) <= NEAR * unit):
            return i
    return None


def _still(model: Model, duration: float) -> Model:
    """Return one node of the model, with constant inputs and strengths, that starts anywhere."""
    one = on_one_node(frozen(model)[0])
    populations = tuple(
        p if p.neural else replace(p, stimuli=(Const(mean=background(model, i)),))
        for i, p in enumerate(model.populations)
    )
    traces = tuple(Trace("pop", i + 1, "q") for i in model.neural)
    interval = max(1, round(duration / SAMPLES / model.deltat)) * model.deltat
    return replace(one, populations=populations, output=Output(interval=interval, traces=traces))


def _random_rates(model: Model, starts: int, seed: int) -> Array:
    """Return initial rates, shape (starts, P) [s⁻¹]."""
    random = np.random.default_rng(seed)
    low, high = np.array([f.bounds for f in responses(model)]).T
    bounded = np.isfinite(low) & np.isfinite(high)
    low, high = np.where(bounded, low, -10.0), np.where(bounded, high, 10.0)
    even = random.random((starts, len(low)))
    even[1::2] = np.where(bounded, 10.0 ** (-4 * even[1::2]), even[1::2])
    return np.asarray(low + (high - low) * even)


def _runs(model: Model, rates: Array, duration: float) -> Iterator[Run]:
    """Yield the runs from each start, but for those that diverge."""
    overrides = [
        {f"population.{i + 1}.q": float(q) for i, q in zip(model.neural, row, strict=True)}
        for row in rates
    ]
    base = model.with_rates([0.0] * len(model.neural))
    with _unwatched():
        try:
            found = simulate_ensemble(base, overrides=overrides, duration=duration)
        except SimulationError:
            found = []
            for one in overrides:  # an ensemble ends with the first that diverges
                with suppress(SimulationError):
                    found += simulate_ensemble(base, overrides=[one], duration=duration)
    yield from found


@contextmanager
def _unwatched() -> Iterator[None]:
    """Say nothing of where runs end: that is what is asked, saturated or not."""
    log = logging.getLogger("nftsim.engine.watching")

    def nothing(_: logging.LogRecord) -> bool:
        return False

    log.addFilter(nothing)
    try:
        yield
    finally:
        log.removeFilter(nothing)


def _judged(run: Run, model: Model, scales: Array) -> SettledState:
    q = np.stack([np.asarray(run[f"pop.{i + 1}.q"]).reshape(-1) for i in model.neural])
    late = q[:, -(q.shape[1] // 4) :]
    low, high = late.min(axis=1), late.max(axis=1)
    unit = np.maximum(scales, np.abs(late).max(axis=1))
    settled = bool(((high - low) <= STILL * unit).all())
    return SettledState(late[:, -1] if settled else late.mean(axis=1), low, high, 1, settled)


def _agree(known: SettledState, fresh: SettledState, scales: Array) -> bool:
    if known.settled != fresh.settled:
        return False
    tolerance = SAME * np.maximum(scales, np.abs(known.high))
    if not known.settled:
        tolerance = tolerance + ALIKE * (known.high - known.low)
    off = np.maximum(np.abs(known.low - fresh.low), np.abs(known.high - fresh.high))
    return bool((off <= tolerance).all())
