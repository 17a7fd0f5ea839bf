"""Whether warm-ups may serve as a start: the verdict on all of their traces, and what follows."""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Literal

from analysis.files import atomic
from analysis.provenance import made
from analysis.settling import judge_level, judge_run
from nftsim.errors import SimulationError
from nftsim.io.hdf5 import open_run
from nftsim.origin import KEY, described
from workflow.lib.batches import seed_of


def require_settled(
    runs: Sequence[str],
    reports: Sequence[str],
    settle: Literal["stop", "warn"],
    log: logging.Logger,
) -> None:
    """Judge every trace of the warm-ups of some seeds and write the verdicts as JSON.

    Parameters
    ----------
    runs
        HDF5 files of the warm-ups, ``…/SEED/warmup.h5``.
    reports
        For each the JSON to write: ``settled``, ``at_fixed_point``, and ``traces``, name → verdict
        with its numbers and ``level``, the mean against the fixed point (null if the trace is no
        rate).
    settle
        ``warn``: only say so if one has not settled, or not at its fixed point.
    log
        Where to say so.

    Raises
    ------
    SimulationError
        If one has not settled where it started, and `settle` is ``stop``; all are judged before.
    """
    faults = []
    for run, report in zip(runs, reports, strict=True):
        who = f"seed {seed_of(run)}: " if len(runs) > 1 else ""
        fault, remedy = _judged(run, report, who, log)
        if fault and settle == "warn":
            log.warning("%s%s", who, fault)
        elif fault:
            faults.append(f"{who}{fault} {remedy}")
    if faults:
        others = f" So for {len(faults)} of {len(runs)} seeds." if len(runs) > 1 else ""
        raise SimulationError(faults[0] + others)


def _judged(run: str, report: str, who: str, log: logging.Logger) -> tuple[str, str]:
    """Write the verdicts on a warm-up; return what is wrong with it (or nothing), and a remedy."""
    with open_run(run) as file:
        traces = file.traces
    verdicts = {trace: judge_run(run, trace) for trace in traces}
    levels = {trace: judge_level(run, trace) for trace in traces}
    unsettled = [v.message for v in verdicts.values() if not v.settled]
    left = [level.message for level in levels.values() if level and not level.stayed]
    content = {
        "settled": not unsettled,
        "at_fixed_point": not left,
        "traces": {
            trace: {**asdict(verdict), "level": asdict(level) if level else None}
            for (trace, verdict), level in zip(verdicts.items(), levels.values(), strict=True)
        },
        # the run gets its name, beside the report, when it is judged (see workflow.lib.publishing)
        KEY: made([described(run) | {"file": str(Path(report).with_name(Path(run).name))}]),
    }
    with atomic(report) as part:
        part.write_text(json.dumps(content, indent=2) + "\n")
    messages = [verdict.message for verdict in verdicts.values()]
    for message in messages + [level.message for level in levels.values() if level]:
        log.info("%s%s", who, message)
    faults = []
    if left:
        faults.append(
            f"the warm-up has left the fixed point: {', '.join(left)}; the point is unstable "
            "(steady.json says whether) or the noise strong, and the linear theory is about the "
            "point."
        )
    if unsettled:
        faults.append(f"the warm-up has not settled: {' '.join(unsettled)}")
    first = (
        "Change the model,"
        if left
        else (
            "Make warmup.duration longer (a quarter of it should be many times the slowest decay, "
            "which steady.json has as dominant),"
        )
    )
    return " ".join(faults), (
        f"{first} or set warmup.settle to warn if the model oscillates or is to go elsewhere."
    )
