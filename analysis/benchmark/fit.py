"""Run times as the paper describes them (Sanz-Leon et al. 2018, Eq 33).

T = k_sim N P² L + k_out O, with N nodes, P populations, whose connections are P² at most, L steps
and O numbers written. P counts the stimuli, as they are populations of the file too.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.optimize import nnls

from analysis.benchmark.models import paper_steps

#: Sheets from this size on are fitted: below, what a step takes does not depend on N.
SMALLEST = 144


@dataclass(frozen=True)
class Fit:
    """Coefficients of Eq 33.

    Attributes
    ----------
    k_sim
        Seconds per node, P² and step.
    k_out
        Seconds per number written.
    error
        Root mean square of the relative residual.
    """

    k_sim: float
    k_out: float
    error: float


def fit(work: ArrayLike, output: ArrayLike, seconds: ArrayLike) -> Fit:
    """Fit both coefficients, not negative, to relative deviations.

    Parameters
    ----------
    work
        N P² L of each run.
    output
        O of each run; if all are 0, k_out is 0.
    seconds
        T of each run [s].
    """
    time = np.asarray(seconds, float)
    terms = np.column_stack([np.asarray(work, float), np.asarray(output, float)]) / time[:, None]
    # columns of one size, or the tolerance of the solver hides the small one
    size = np.where(terms.any(axis=0), np.abs(terms).max(axis=0), 1.0)
    found, _ = nnls(terms / size, np.ones(time.size))
    k = found / size
    error = float(np.sqrt(np.mean((terms @ k - 1) ** 2)))
    return Fit(float(k[0]), float(k[1]), error)


def fits(runs: pd.DataFrame) -> pd.DataFrame:
    """Return the coefficients of every system and program.

    Parameters
    ----------
    runs
        Rows of `analysis.benchmark.timing`.

    Returns
    -------
    DataFrame
        ``model, program, runs, k_sim, k_sim_per_node_16s, k_out, error``. The fourth is the paper's
        own number: seconds that a node adds to a run of 16 s.
    """
    sheets = runs[(runs.suite == "sheets") & (runs.nodes >= SMALLEST)]
    rows = []
    for (model, program), group in sheets.groupby(["model", "program"], sort=False):
        squared = group.populations.iloc[0] ** 2
        work = group.nodes * squared * group.steps
        found = fit(work, group["values"], group.run_s)
        per_node = found.k_sim * squared * paper_steps()
        rows.append((model, program, len(group), found.k_sim, per_node, found.k_out, found.error))
    columns = ["model", "program", "runs", "k_sim", "k_sim_per_node_16s", "k_out", "error"]
    return pd.DataFrame(rows, columns=columns)
