"""Whether a warm-up may serve as a start: the verdict on all of its traces, and what follows."""

from __future__ import annotations

import json
import logging
from dataclasses import asdict
from pathlib import Path
from typing import Literal

from analysis.files import atomic
from analysis.settling import judge_run
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
        JSON to write: ``settled``, and ``traces``, name → verdict with its numbers.
    settle
        ``warn``: only say so if it has not settled.
    log
        Where to say so.

    Raises
    ------
    SimulationError
        If it has not settled and `settle` is ``stop``.
    """
    with open_run(run) as file:
        verdicts = {trace: judge_run(run, trace) for trace in file.traces}
    unsettled = [v.message for v in verdicts.values() if not v.settled]
    content = {
        "settled": not unsettled,
        "traces": {trace: asdict(verdict) for trace, verdict in verdicts.items()},
    }
    with atomic(report) as part:
        part.write_text(json.dumps(content, indent=2) + "\n")
    for verdict in verdicts.values():
        log.info(verdict.message)
    if unsettled and settle == "warn":
        log.warning("the warm-up has not settled: %s", " ".join(unsettled))
    elif unsettled:
        raise SimulationError(
            f"the warm-up has not settled: {' '.join(unsettled)} Make warmup.duration longer, or "
            "set warmup.settle to warn if the model oscillates."
        )
