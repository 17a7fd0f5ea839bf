"""Whether a warm-up may serve as a start: the verdict on all of its traces, and what follows."""

from __future__ import annotations

import json
import logging
from dataclasses import asdict
from pathlib import Path
from typing import Literal

from analysis.files import atomic
from analysis.settling import judge_level, judge_run
from nftsim.errors import SimulationError
from nftsim.io.hdf5 import open_run


def require_settled(
    run: str | Path, report: str | Path, settle: Literal["stop", "warn"], log: logging.Logger
) -> None:
    """Judge every trace of a warm-up and write the verdicts as JSON.

    Parameters
    ----------
    run
        HDF5 file of the warm-up.
    report
        JSON to write: ``settled``, ``at_fixed_point``, and ``traces``, name → verdict with its
        numbers and ``level``, the mean against the fixed point (null if the trace is no rate).
    settle
        ``warn``: only say so if it has not settled, or not at its fixed point.
    log
        Where to say so.

    Raises
    ------
    SimulationError
        If it has not settled where it started, and `settle` is ``stop``.
    """
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
    }
    with atomic(report) as part:
        part.write_text(json.dumps(content, indent=2) + "\n")
    messages = [verdict.message for verdict in verdicts.values()]
    for message in messages + [level.message for level in levels.values() if level]:
        log.info(message)
    faults = []
    if left:
        faults.append(
            f"the warm-up has left the fixed point: {', '.join(left)}; the point is unstable or "
            "the noise strong, and the linear theory is about the point."
        )
    if unsettled:
        faults.append(f"the warm-up has not settled: {' '.join(unsettled)}")
    if faults and settle == "warn":
        log.warning(" ".join(faults))
    elif faults:
        remedy = "or set warmup.settle to warn if the model oscillates or is to go elsewhere."
        longer = "Change the model," if left else "Make warmup.duration longer,"
        raise SimulationError(f"{' '.join(faults)} {longer} {remedy}")
