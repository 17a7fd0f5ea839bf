"""Has a warm-up settled, and where? Its last two quarters must not differ in the mean.

The standard error of the difference comes from a moving-block bootstrap (Künsch 1989), which keeps
the correlations in time that shuffled samples would lose. The difference must stay within 4 of
them. A run without noise sits at its fixed point to rounding, where a standard error means nothing:
a difference below 1e-9 of the level always counts as settled.

A run that starts at an unstable fixed point may settle elsewhere, for example at saturation. So the
mean rate must also stay near the one it started from: noise as weak as in the library's models
moves it by less than 0.2%, another state is far away.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nftsim.io.hdf5 import RunFile, open_run
from nftsim.io.run import Run
from nftsim.model import Model

#: Differences below this fraction of the level are rounding.
RELATIVE_FLOOR = 1e-9
#: Rates below this [1/s] may change by as much as this one may.
LEAST_RATE = 1.0
#: Samples of a field read at a time.
CHUNK = 2048
_SEED = 20180823


@dataclass(frozen=True)
class Settling:
    """Whether a record has settled, and how that was seen.

    Attributes
    ----------
    settled
        The verdict.
    difference
        Mean of the last quarter minus mean of the third, in the unit of the record.
    standard_error
        Its standard error by block bootstrap.
    message
        One sentence with the numbers.
    """

    settled: bool
    difference: float
    standard_error: float
    message: str


@dataclass(frozen=True)
class Level:
    """Whether the mean of a rate stayed where the run started.

    Attributes
    ----------
    stayed
        The verdict.
    start
        Rate that the run started from [s^-1].
    mean
        Mean over space and over the last half of the record [s^-1].
    message
        The numbers in words.
    """

    stayed: bool
    start: float
    mean: float
    message: str


def judge(
    series: ArrayLike,
    *,
    name: str = "the record",
    floor: float = 0.0,
    blocks: int = 10,
    resamples: int = 1000,
    limit: float = 4.0,
) -> Settling:
    """Judge one time series.

    Parameters
    ----------
    series
        Shape (time,).
    name
        What it is, for the message.
    floor
        Differences up to this count as none, besides 1e-9 of the largest magnitude.
    blocks
        Blocks per quarter of the bootstrap; a block should outlast the correlations.
    resamples
        Bootstrap samples, drawn from a fixed seed.
    limit
        Largest difference in standard errors.

    Returns
    -------
    Settling
        Not settled if the record is too short to judge (unless it is constant).
    """
    values = np.asarray(series, float)
    quarter = len(values) // 4
    before = values[len(values) - 2 * quarter : len(values) - quarter]
    after = values[len(values) - quarter :]
    if quarter == 0:
        return Settling(False, np.nan, np.nan, f"{name}: {len(values)} samples, too few to judge.")
    difference = float(after.mean() - before.mean())
    floor = max(floor, RELATIVE_FLOOR * float(np.abs(values[-2 * quarter :]).max()))
    length = quarter // blocks
    if length < 2:
        settled = bool(np.ptp(values[-2 * quarter :]) <= floor)
        remedy = "" if settled else f" Save at least {8 * blocks} samples."
        message = f"{name}: {len(values)} samples, too few for a standard error.{remedy}"
        return Settling(settled, difference, np.nan, message)
    rng = np.random.default_rng(_SEED)
    variance = sum(
        _bootstrap_means(part, length, blocks, resamples, rng).var() for part in (before, after)
    )
    error = float(np.sqrt(variance))
    settled = bool(abs(difference) <= max(floor, limit * error))
    relation = "within" if settled else "above"
    allowed = f"{limit:g} standard errors" if limit * error >= floor else "rounding"
    message = (
        f"{name}: the last two quarters differ by {difference:.3g} ± {error:.2g}, "
        f"{relation} {allowed}."
    )
    return Settling(settled, difference, error, message)


def _bootstrap_means(
    values: NDArray[np.float64],
    length: int,
    blocks: int,
    resamples: int,
    rng: np.random.Generator,
) -> NDArray[np.float64]:
    """Means of records pieced together from random blocks of `values`."""
    sums = np.concatenate([[0.0], np.cumsum(values - values.mean())])
    means = (sums[length:] - sums[:-length]) / length
    return rng.choice(means, size=(resamples, blocks)).mean(axis=1)


def judge_run(path: str | Path | Run, trace: str = "propagator.1.phi") -> Settling:
    """Judge the mean over space and the standard deviation over space of a run's trace.

    Parameters
    ----------
    path
        HDF5 run file, or a run in memory.
    trace
        Name of the trace.

    Returns
    -------
    Settling
        The one that has not settled, if either has not; else that of the mean.
    """
    means, spreads = [], []
    with _opened(path) as run:
        for nodes in _chunks(run, trace):
            means.append(nodes.mean(axis=1))
            spreads.append(nodes.std(axis=1))
    mean, spread = np.concatenate(means), np.concatenate(spreads)
    # The spread of a uniform field is rounding of its level, not of the spread itself.
    floor = RELATIVE_FLOOR * float(np.abs(mean).max())
    first = judge(mean, name=f"{trace}, mean over space")
    second = judge(spread, name=f"{trace}, standard deviation over space", floor=floor)
    return second if first.settled and not second.settled else first


def judge_level(path: str | Path | Run, trace: str, *, tolerance: float = 0.1) -> Level | None:
    """Judge whether the mean rate of a run stayed where it started.

    Parameters
    ----------
    path
        HDF5 run file, or a run in memory, that started from constant rates.
    trace
        Name of the trace.
    tolerance
        Largest change relative to the starting rate, or to 1 s^-1 if that is larger.

    Returns
    -------
    Level or None
        None if the trace is not a rate or a field of a neural population.
    """
    with _opened(path) as run:
        start = _starting_rate(run.model, trace)
        if start is None:
            return None
        means = np.concatenate([nodes.mean(axis=1) for nodes in _chunks(run, trace)])
    mean = float(means[len(means) // 2 :].mean())
    # so that a mean that is not a number has not stayed
    stayed = bool(abs(mean - start) <= tolerance * max(start, LEAST_RATE))
    return Level(stayed, start, mean, f"mean {trace} {mean:.3g} s⁻¹ against {start:.3g}")


def _starting_rate(model: Model, trace: str) -> float | None:
    """Mean rate of the neural population behind ``pop.K.q`` or ``propagator.K.phi`` at first."""
    kind, index, quantity = trace.split(".", 2)
    if (kind, quantity) == ("pop", "q"):
        rate = model.populations[int(index) - 1].q
    elif (kind, quantity) == ("propagator", "phi"):
        rate = model.populations[model.connection(int(index)).pre].q
    else:
        return None
    return None if rate is None else float(np.mean(rate))


def _opened(run: str | Path | Run) -> AbstractContextManager[RunFile | Run]:
    return nullcontext(run) if isinstance(run, Run) else open_run(run)


def _chunks(run: RunFile | Run, trace: str) -> Iterator[NDArray[np.float64]]:
    """Yield a trace as (time, node), some samples at a time."""
    if isinstance(run, Run):
        yield run[trace].reshape(len(run.time), -1)
        return
    for start in range(0, run.time.size, CHUNK):
        field = run.trace(trace, start, min(start + CHUNK, run.time.size))
        yield field.reshape(len(field), -1)
