"""From single runs to medians, and the ratios between programs that ran side by side."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

#: What makes two runs repeats of one measurement.
KEYS = [
    "suite", "model", "program", "mode", "output", "merge", "threads", "members", "nodes",
    "populations", "connections", "waves", "max_tau_s", "deltat_s", "steps", "time_s", "scaled",
    "values",
]  # fmt: skip
_MEDIANS = [
    "wall_s", "startup_s", "run_s", "cpu_s", "cpu_percent", "ns_per_node_step", "max_rss_kb",
    "estimate_kb", "file_kb",
]  # fmt: skip


def summarise(runs: pd.DataFrame) -> pd.DataFrame:
    """Return the median of every measurement, and the least and largest time.

    Parameters
    ----------
    runs
        Rows of `analysis.benchmark.timing`.

    Returns
    -------
    DataFrame
        Keys and medians as in `runs`; ``repeats``; ``ns_low``, ``ns_high``: extremes of
        ``ns_per_node_step``; ``spread``: their difference by the median.
    """
    grouped = runs.groupby(KEYS, sort=False, dropna=False)
    found = grouped[_MEDIANS].median()
    found["repeats"] = grouped.size()
    found["ns_low"] = grouped.ns_per_node_step.min()
    found["ns_high"] = grouped.ns_per_node_step.max()
    found["spread"] = (found.ns_high - found.ns_low) / found.ns_per_node_step
    return found.reset_index()


def ratio(
    runs: pd.DataFrame,
    over: Mapping[str, object],
    under: Mapping[str, object],
    column: str = "run_s",
) -> tuple[float, float, float]:
    """Return median, least and largest of the ratio of two measurements, repeat by repeat.

    Parameters
    ----------
    runs
        Rows of `analysis.benchmark.timing`.
    over, under
        Column → value: which rows are divided, and by which.
    column
        What of them.

    Returns
    -------
    (float, float, float)
        NaN where one was not measured.
    """
    a, b = (_by_repeat(runs, which, column) for which in (over, under))
    ratios = (a / b).dropna()
    if ratios.empty:
        return (np.nan, np.nan, np.nan)
    return float(ratios.median()), float(ratios.min()), float(ratios.max())


def _by_repeat(runs: pd.DataFrame, which: Mapping[str, object], column: str) -> pd.Series:
    chosen = runs
    for name, value in which.items():
        chosen = chosen[chosen[name] == value]
    # one row a repeat; of a run in a smaller extent too, the last counts
    return chosen.groupby("repeat")[column].last()
