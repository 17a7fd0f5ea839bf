"""A small sweep, and how its jobs run it, in this process."""

from __future__ import annotations

import copy
from typing import Any

import pandas as pd

from workflow.lib.settings import checked
from workflow.lib.sweep_runs import run_part
from workflow.lib.sweep_table import table
from workflow.lib.sweeps import Sweep, Sweeps

#: One node of EIRS along two strengths, a second each.
SWEEP: dict[str, Any] = {
    "model": "eirs-wake",
    "grid": {"nodes": 1},
    "warmup": {"duration": 0.5},
    "duration": 1.0,
    "interval": 5e-3,
    "traces": ["propagator.1.phi"],
    "seeds": [1, 2],
    "parameters": {"coupling.9.nu": [1e-3, 1.2e-3], "coupling.10.nu": [-8e-4, -7e-4]},
    "measures": ["mean", "variance", "bands", "peak", "theory"],
    "spectrum": {"segment": 0.5, "bands": {"slow": [2, 10], "fast": [10, 40]}},
}
NU = "coupling.9.nu"
RUNNING: dict[str, Any] = {
    "threads": 1,
    "progress": lambda *_: None,
    "wait": lambda _: None,
    "checkpoint": None,
}


def made(tiny: dict[str, Any], **changes: Any) -> Sweep:
    """Return a sweep, checked."""
    config = {**copy.deepcopy(tiny), "sweeps": {"s": {**copy.deepcopy(SWEEP), **changes}}}
    return Sweeps(checked(config)["sweeps"])["s"]


def run(sweep: Sweep) -> pd.DataFrame:
    """Run all parts of a sweep as its jobs do, and return its table."""
    for file, part in zip(sweep.files, sweep.parts, strict=True):
        run_part([member.to_dict() for member in part], sweep.how, file, RUNNING)
    return table(sweep.files, sweep.table, sweep.columns)
