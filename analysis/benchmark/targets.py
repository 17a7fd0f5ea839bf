"""What is to be reached, and what was measured."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.benchmark.summary import ratio

COLUMNS = {
    "what": "the target",
    "bound": "what is asked for",
    "measured": "median of the repeats",
    "low": "least",
    "high": "largest",
    "unit": "unit of the three",
    "verdict": "reached, missed, or not measured",
}

#: Median, least and largest.
Measured = tuple[float, float, float]


@dataclass(frozen=True)
class Target:
    """A bound on a measured number; at least it, or at most."""

    what: str
    bound: float
    at_least: bool
    unit: str
    measured: Measured

    def row(self) -> dict[str, object]:
        """Return it as a row of the table."""
        value, low, high = self.measured
        reached = value >= self.bound if self.at_least else value <= self.bound
        verdict = "not measured" if np.isnan(value) else ("reached" if reached else "missed")
        sign = "≥" if self.at_least else "≤"
        bound = f"{sign} {self.bound:g}"
        row = (self.what, bound, value, low, high, self.unit, verdict)
        return dict(zip(COLUMNS, row, strict=True))


#: System → nodes → how many times NFTsim's speed, nothing written.
SPEED = {
    "EIRS": {144: 25, 1024: 40, 4096: 40, 16384: 30},
    "EI": {144: 20, 1024: 20, 4096: 20},
    "E": {144: 12, 1024: 12, 4096: 12},
}
#: File → how many times NFTsim's speed as a process.
FILES = {"eirs-default": 7, "eirs-nodes-1024": 25, "figure_1": 40}


def targets(runs: pd.DataFrame, roof: pd.DataFrame) -> pd.DataFrame:
    """Return the table of targets.

    Parameters
    ----------
    runs
        Rows of `analysis.benchmark.timing`.
    roof
        Rows of `analysis.benchmark.roofline`.
    """
    rows = [t.row() for part in (_speed(runs), _files(runs), _engine(runs, roof)) for t in part]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _speed(runs: pd.DataFrame) -> Iterator[Target]:
    for model, bounds in SPEED.items():
        for nodes, bound in bounds.items():
            which = {"suite": "sheets", "model": model, "nodes": nodes, "output": "none"}
            yield Target(
                f"{model}, {nodes} nodes, one thread, nothing written",
                bound, True, "× NFTsim", _against(runs, which, "ns_per_node_step"),
            )  # fmt: skip
    one = {"suite": "sheets", "model": "EIRS", "nodes": 1, "output": "none", "program": "ours"}
    yield Target("EIRS, one node, per step", 400, False, "ns", _column(runs, one))


def _files(runs: pd.DataFrame) -> Iterator[Target]:
    file = {"suite": "files", "model": "eirs-nodes-1024"}
    written = {**file, "program": "ours", "mode": "write"}
    theirs = {**file, "program": "NFTsim"}
    yield Target(
        "eirs-nodes-1024.conf, three fields written (their text, our HDF5)",
        50, True, "× NFTsim", ratio(runs, theirs, written),
    )  # fmt: skip
    plain = {**file, "program": "ours", "mode": "step"}
    cost = _map(ratio(runs, written, plain), lambda r: 100 * (r - 1))
    yield Target("eirs-nodes-1024.conf, what writing adds to our run", 15, False, "%", cost)
    for name, bound in FILES.items():
        which = {"suite": "files", "model": name, "mode": "process"}
        yield Target(
            f"{name}.conf, whole process, start-up included",
            bound, True, "× NFTsim", _against(runs, which, "wall_s"),
        )  # fmt: skip


def _engine(runs: pd.DataFrame, roof: pd.DataFrame) -> Iterator[Target]:
    sheet = {"suite": "threads", "nodes": 16384}
    two = ratio(runs, {**sheet, "threads": 1}, {**sheet, "threads": 2})
    yield Target("two threads against one, EIRS, 16384 nodes", 1.7, True, "×", two)
    many = {"suite": "ensembles", "nodes": 1, "members": 64}
    yield Target("64 members of EIRS on one node, per member and step", 25, False, "ns",
                 _column(runs, many))  # fmt: skip
    at = roof[(roof.model == "EIRS") & (roof.nodes == 1024)]
    for name, column in (("floor", "over_floor"), ("floor, all fused", "over_fused")):
        value = float(at[column].iloc[0]) if len(at) else np.nan
        yield Target(f"EIRS, 1024 nodes, over the {name}", 2.5, False, "×", (value,) * 3)
    yield Target(
        "memory, measured against foretold, EIRS, farthest sheet", 1.2, False, "×", _memory(runs)
    )


def _against(runs: pd.DataFrame, which: Mapping[str, object], column: str) -> Measured:
    return ratio(runs, {**which, "program": "NFTsim"}, {**which, "program": "ours"}, column)


def _column(runs: pd.DataFrame, which: Mapping[str, object]) -> Measured:
    chosen = runs
    for name, value in which.items():
        chosen = chosen[chosen[name] == value]
    values = chosen.ns_per_node_step
    if values.empty:
        return (np.nan, np.nan, np.nan)
    return float(values.median()), float(values.min()), float(values.max())


def _memory(runs: pd.DataFrame) -> Measured:
    """Return the ratio on all sheets, and of the one farthest from 1 how far it is off."""
    chosen = (runs.suite == "sheets") & (runs.model == "EIRS") & (runs.output == "three")
    at = runs[chosen & (runs.program == "ours")].groupby("nodes")[["max_rss_kb", "estimate_kb"]]
    off = at.median().max_rss_kb / at.median().estimate_kb
    if off.empty:
        return (np.nan, np.nan, np.nan)
    worst = float(np.exp(np.abs(np.log(off)).max()))
    return worst, float(off.min()), float(off.max())


def _map(measured: Measured, change: Callable[[float], float]) -> Measured:
    value, low, high = measured
    return change(value), change(low), change(high)
