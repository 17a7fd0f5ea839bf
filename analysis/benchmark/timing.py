"""Taking the measurements of a group in turn, and what is written of each."""

from __future__ import annotations

import json
import logging
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from analysis.benchmark.cases import Case, Extent, shortened
from analysis.benchmark.models import PAPER_TIME
from analysis.benchmark.process import Usage, run
from analysis.benchmark.worker import Job, Result
from nftsim import load_model
from nftsim.components.propagators import Wave
from nftsim.model import Model

log = logging.getLogger(__name__)

#: Steps of a run that does nothing but start, about.
_START = 64

#: What a row of runs.csv says, and in which unit.
COLUMNS = {
    "suite": "group of measurements",
    "model": "name of the system or file",
    "program": "ours or NFTsim",
    "mode": "step: in memory; write: with output; process: start-up included; ensemble",
    "output": "none; three fields of all nodes at 512 Hz; all fields; file: as the file asks",
    "merge": "whether the plan was merged",
    "threads": "threads used",
    "members": "members of an ensemble",
    "repeat": "number of the repeat, from 1",
    "nodes": "N",
    "populations": "P, stimuli included",
    "connections": "connections",
    "waves": "wave propagators that the file states",
    "max_tau_s": "longest delay [s]",
    "deltat_s": "time step [s]",
    "steps": "L, steps of the run",
    "time_s": "time simulated [s]",
    "scaled": "time simulated / 16 s, the paper's length",
    "passes": "how many runs of ours the median is of",
    "values": "O, numbers written",
    "wall_s": "seconds of the run; of a process all of it",
    "startup_s": "seconds that a run of a few steps takes",
    "run_s": "wall_s without startup_s; what an ensemble's steps take",
    "cpu_s": "user + system seconds",
    "cpu_percent": "cpu_s / wall_s",
    "ns_per_node_step": "run_s per node, member and step [ns]",
    "max_rss_kb": "peak resident memory [kB]",
    "estimate_kb": "what nftsim check foretells [kB]",
    "file_kb": "size of the output [kB]",
    "date": "when",
}


class Bench:
    """Measures cases, in a folder for models and output.

    Parameters
    ----------
    folder
        Where models and output are written; on the disk to be measured.
    nftsim
        The NFTsim binary, or None.
    extent
        How much to measure.
    """

    def __init__(self, folder: Path, nftsim: str | None, extent: Extent) -> None:
        self.folder, self.nftsim, self.extent = folder, nftsim, extent
        self._starts: dict[Case, float] = {}

    def group(self, cases: Sequence[Case]) -> Iterator[dict[str, Any]]:
        """Yield the rows of cases that are compared: all of them once, then again, and so on."""
        for case in cases:
            self._starts[case] = self._startup(case)
        begun = time.perf_counter()
        compared = cases[0].suite in ("sheets", "files")
        repeats = self.extent.repeats if compared else self.extent.alone
        for repeat in range(1, repeats + 1):
            for case in cases:
                yield self._row(case, repeat)
            spent = time.perf_counter() - begun
            if spent > self.extent.limit:
                break

    def _row(self, case: Case, repeat: int) -> dict[str, Any]:
        model, path = self._model(case)
        if case.program == "ours" and case.mode != "process":
            job = Job(
                str(path), case.mode, case.steps, self.extent.seconds, case.merge, case.threads,
                case.members,
            )  # fmt: skip
            usage, result = self._worker(job)
        else:
            usage, result = self._process(case, path)
        startup = self._starts[case] or result.startup
        # an ensemble's is not part of what was timed
        ran = max(result.wall - (startup if case.mode != "ensemble" else 0.0), 1e-9)
        row = {
            **_described(case, model),
            "repeat": repeat,
            "passes": result.passes,
            "wall_s": result.wall,
            "startup_s": startup,
            "run_s": ran,
            "cpu_s": result.cpu,
            "cpu_percent": 100 * result.cpu / result.wall,
            "ns_per_node_step": 1e9 * ran / (case.nodes * case.members * case.steps),
            "max_rss_kb": result.peak,
            "estimate_kb": result.estimate,
            "file_kb": result.written / 1024,
            "date": datetime.now(UTC).isoformat(timespec="seconds"),
        }
        log.info(
            "%-9s %-22s %6d nodes %-5s %-6s %-8s %s: %9.2f ns per node and step, %.3g s",
            case.suite, case.model, case.nodes, case.output, case.program, case.mode, _how(case),
            row["ns_per_node_step"], usage.wall,
        )  # fmt: skip
        return {name: row[name] for name in COLUMNS}

    def _model(self, case: Case) -> tuple[Model, Path]:
        path = self.folder / f"{case.model.replace(' ', '')}-{case.nodes}-{case.output}.conf"
        path.write_text(case.text, encoding="latin-1")
        return load_model(path, compat=True), path

    def _worker(self, job: Job) -> tuple[Usage, Result]:
        command = [sys.executable, "-m", "analysis.benchmark.worker", json.dumps(asdict(job))]
        usage = run(command)
        return usage, Result(**json.loads(usage.output))

    def _process(self, case: Case, path: Path) -> tuple[Usage, Result]:
        if case.program == "NFTsim":
            target = path.with_suffix(".output")
            command = [str(self.nftsim), "-i", str(path), "-o", str(target)]
        else:
            target = path.with_suffix(".h5")
            command = [sys.executable, "-m", "nftsim", "run", str(path), "-o", str(target)]
        target.unlink(missing_ok=True)
        usage = run(command)
        size = target.stat().st_size
        target.unlink()
        cpu = usage.user + usage.system
        return usage, Result(usage.wall, cpu, 0.0, 1, usage.peak, 0, size)

    def _startup(self, case: Case) -> float:
        """Return the time of a process that makes a few steps: a warm-up, and what to subtract."""
        if case.mode != "process" or case.steps < 8 * _START:
            return 0.0
        path = self.folder / f"{case.model.replace(' ', '')}-{case.nodes}-start.conf"
        path.write_text(shortened(case.text, _START), encoding="latin-1")
        return min(self._process(case, path)[1].wall for _ in range(2))


def _how(case: Case) -> str:
    parts = [
        "" if case.merge else "not merged",
        f"{case.threads} threads" if case.threads > 1 else "",
        f"{case.members} members" if case.members > 1 else "",
    ]
    return ", ".join(filter(None, parts))


def _described(case: Case, model: Model) -> dict[str, Any]:
    """Return what is known of a case before it runs."""
    interval = 1 if model.output.interval is None else model.output.interval / model.deltat
    rows = int((case.steps * model.deltat - model.output.start) / model.deltat / interval + 1e-6)
    shown = model.nodes if model.output.nodes is None else len(model.output.nodes)
    values = max(rows, 0) * shown * len(model.output.traces)
    taus = [np.max(c.propagator.tau) for c in model.connections]
    return {
        "suite": case.suite,
        "model": case.model,
        "program": case.program,
        "mode": case.mode,
        "output": case.output,
        "merge": case.merge,
        "threads": case.threads,
        "members": case.members,
        "nodes": case.nodes,
        "populations": len(model.populations),
        "connections": len(model.connections),
        "waves": sum(isinstance(c.propagator, Wave) for c in model.connections),
        "max_tau_s": float(max(taus, default=0.0)),
        "deltat_s": model.deltat,
        "steps": case.steps,
        "time_s": case.steps * model.deltat,
        "scaled": case.steps * model.deltat / PAPER_TIME,
        "values": values if case.mode in ("write", "process") else 0,
    }
