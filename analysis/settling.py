"""Has a warm-up settled? The last two quarters of the record must not differ in the mean.

The standard error of the difference comes from a moving-block bootstrap (Künsch 1989), which keeps
the correlations in time that shuffled samples would lose. The difference must stay within 4 of
them. A run without noise sits at its fixed point to rounding, where a standard error means nothing:
a difference below 1e-9 of the level always counts as settled.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nftsim.io.hdf5 import open_run

#: Differences below this fraction of the level are rounding.
RELATIVE_FLOOR = 1e-9
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


def judge_run(path: str | Path, trace: str = "propagator.1.phi") -> Settling:
    """Judge the mean over space and the standard deviation over space of a run's trace.

    Parameters
    ----------
    path
        HDF5 run file.
    trace
        Name of the trace.

    Returns
    -------
    Settling
        The one that has not settled, if either has not; else that of the mean.
    """
    means, spreads = [], []
    with open_run(path) as run:
        for start in range(0, run.time.size, CHUNK):
            field = run.trace(trace, start, min(start + CHUNK, run.time.size))
            nodes = field.reshape(len(field), -1)
            means.append(nodes.mean(axis=1))
            spreads.append(nodes.std(axis=1))
    mean, spread = np.concatenate(means), np.concatenate(spreads)
    # The spread of a uniform field is rounding of its level, not of the spread itself.
    floor = RELATIVE_FLOOR * float(np.abs(mean).max())
    first = judge(mean, name=f"{trace}, mean over space")
    second = judge(spread, name=f"{trace}, standard deviation over space", floor=floor)
    return second if first.settled and not second.settled else first
