"""Evoked responses: the average over the times at which a stimulus begins."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import stats

from analysis.field import Array, Source, as_field, model_of
from nftsim.errors import NftsimError
from nftsim.io.run import Run
from nftsim.model import Model


@dataclass(frozen=True)
class EvokedAverage:
    """A response, averaged over trials.

    Attributes
    ----------
    time
        After the onset, shape (t,) [s].
    mean
        Shape (t, y, x) or (t, node) [`units`].
    lower, upper
        Ends of the confidence interval of the mean, Student's at each time by itself; not a number
        for a single trial.
    count
        How many trials were averaged.
    units
        Unit of the field.
    name
        Of the trace.
    """

    time: Array
    mean: Array
    lower: Array
    upper: Array
    count: int
    units: str
    name: str

    def to_frame(self, column: int = 0) -> pd.DataFrame:
        """Return a table of one node: that of a column from 0."""
        flat = {"mean": self.mean, "lower": self.lower, "upper": self.upper}
        columns = {name: v.reshape(len(v), -1)[:, column] for name, v in flat.items()}
        return pd.DataFrame({"time": self.time, **columns})


def onsets(model: Model | Run | str | Path, until: float | None = None) -> Array:
    """Return when the stimuli of a model begin: pulses, bursts, and what is switched on later.

    Parameters
    ----------
    model
        With stimuli: one, its file or name, a run of it, or the file of that.
    until
        End of the time looked at [s] (default: that of the model).

    Returns
    -------
    ndarray
        Times in order, each once [s].

    Raises
    ------
    NftsimError
        If there are none.
    """
    model = model_of(model)
    end = model.time if until is None else until
    found = [
        time
        for population in model.populations
        for stimulus in population.stimuli
        for time in stimulus.onsets(end)
    ]
    if not found:
        raise NftsimError(
            f"{model.name}: no stimulus begins between 0 and {end:g} s, so that nothing is evoked. "
            "Give the onsets, or run longer than the first Onset."
        )
    return np.unique(np.round(found, 12))


def evoked(
    fields: Source | Sequence[Source],
    onsets: ArrayLike,
    *,
    before: float = 0.1,
    after: float = 0.5,
    baseline: bool = True,
    confidence: float = 0.95,
) -> EvokedAverage:
    """Average what follows onsets.

    A trial begins at the row nearest to `before` the onset; trials that the record does not wholly
    hold are left out.

    Parameters
    ----------
    fields
        One, or several that differ in their seed only, whose trials are pooled: fields, runs or
        their files.
    onsets
        Times [s], as `analysis.evoked.onsets` finds them in the model.
    before, after
        Time before and after the onset [s].
    baseline
        Whether each trial is counted, at each node, from its mean over the rows from `before` up to
        the onset, without the row of the onset.
    confidence
        Of the interval, for which trials are taken to be independent.

    Returns
    -------
    EvokedAverage

    Raises
    ------
    NftsimError
        If no trial is whole, or fields differ in nodes or sampling.
    """
    given = fields if isinstance(fields, list | tuple) else [fields]
    every = [as_field(field, "evoked") for field in given]
    if not every:
        raise NftsimError("evoked: no field given; give one or more")
    first = every[0]
    for other in every[1:]:
        same = other.values.shape[1:] == first.values.shape[1:]
        if not same or not np.isclose(other.interval, first.interval):
            raise NftsimError(
                f"evoked: {first.source} and {other.source} differ in nodes or output interval. "
                "Average only runs of one experiment."
            )
    if not 0 < confidence < 1:
        raise NftsimError(f"evoked: confidence {confidence:g}; it is between 0 and 1")
    early, late = round(before / first.interval), round(after / first.interval)
    if early < 0 or late < 0 or early + late < 1 or (baseline and early < 1):
        raise NftsimError(
            f"evoked: {before:g} s before and {after:g} s after onsets, in rows of "
            f"{first.interval:g} s; a baseline needs at least one row before"
        )
    count, shape = 0, (early + late + 1, *first.values.shape[1:])
    mean, squares = np.zeros(shape), np.zeros(shape)
    for field in every:
        for onset in np.atleast_1d(np.asarray(onsets, float)):
            row = round((onset - field.time[0]) / field.interval)
            if row < early or row + late >= len(field.time):
                continue
            trial = field.values[row - early : row + late + 1]
            if baseline:
                trial = trial - trial[:early].mean(axis=0)
            count += 1
            step = trial - mean
            mean += step / count
            squares += step * (trial - mean)
    if not count:
        spans = ", ".join(f"{f.time[0]:g} to {f.time[-1]:g} s" for f in every[:3])
        raise NftsimError(
            f"{first.source}: evoked: no onset has {before:g} s before and {after:g} s after it in "
            f"the record ({spans}). Take shorter times, or run for longer."
        )
    half = np.full(shape, np.nan)
    if count > 1:
        error = np.sqrt(squares / (count - 1) / count)
        half = stats.t.ppf(0.5 + confidence / 2, count - 1) * error
    time = first.interval * np.arange(-early, late + 1, dtype=float)
    return EvokedAverage(time, mean, mean - half, mean + half, count, first.units, first.name)
