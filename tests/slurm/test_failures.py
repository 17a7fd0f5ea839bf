"""Two hundred runs on a SLURM on which everything goes wrong: they are made all the same."""

from __future__ import annotations

import csv
import signal
import time
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from tests.slurm.breakage import caught, until
from tests.slurm.cluster import Cluster, ask
from tests.slurm.conftest import LIMIT, Workflow

TRACE = "propagator.1.phi"
#: The parameter that is swept, and between what.
NU, RANGE = "coupling.9.nu", (0.001, 0.0017)
#: 200 small runs in ten jobs, and one that takes some time by itself.
CONFIG: dict[str, Any] = {
    "checkpoint": "1s",
    "experiments": {
        "long": {
            "model": "eirs-wake",
            "grid": {"nodes": 4096},
            "warmup": {"duration": 1, "settle": "warn"},
            "duration": 40,
            "interval": 0.1,
            "traces": [TRACE],
            "seeds": [1],
        }
    },
    "sweeps": {
        "nu_se": {
            "model": "eirs-wake",
            "grid": {"nodes": 1},
            "warmup": {"duration": 5},
            "duration": 60,
            "interval": 5.0e-3,
            "traces": [TRACE],
            "seeds": [1],
            "parameters": {NU: {"from": RANGE[0], "to": RANGE[1], "count": 200}},
            "together": 20,
            "figure": None,
        }
    },
    "figures": {},
}
TABLE, LONG = "results/sweeps/nu_se/table.csv", "results/long/1/main.h5"


#: The controller forgets what it has been told in its last seconds, five at most [s].
SAVED = 6.0
#: Members whose numbers are compared with those of a run without SLURM: every so many.
SAMPLED = 20


@pytest.mark.slurm
def test_a_sweep_is_completed_whatever_befalls_its_jobs(
    slurm: Cluster, root: Path, tmp_path: Path
) -> None:
    workflow = Workflow(root, tmp_path / "cluster", CONFIG)
    with workflow.on("slurm", TABLE, LONG) as running:
        # 1. the daemons die and come back: jobs outlive them
        caught(running, workflow.folder, "sweep", LIMIT)
        time.sleep(SAVED)
        spared = caught(running, workflow.folder, "sweep", LIMIT)
        slurm.kill("slurmctld")
        slurm.start("slurmctld")
        slurm.kill("slurmd")
        time.sleep(3)
        slurm.start("slurmd")  # the controller now learns which jobs have ended while it was dead
        until(lambda: _state(spared.job) == "COMPLETED", LIMIT, "a job outlives the daemons")
        # 2. a process is killed, as the kernel does when memory runs out
        starved = caught(running, workflow.folder, "sweep", LIMIT)
        starved.process.send_signal(signal.SIGKILL)
        # 3. a job is cancelled
        cancelled = caught(running, workflow.folder, "sweep", LIMIT, besides=[starved.job])
        ask("scancel", cancelled.job, strict=True)
        # 4. a job hangs, and runs into its limit
        late = caught(running, workflow.folder, "simulate", LIMIT)
        ask("scontrol", "update", f"JobId={late.job}", "TimeLimit=1", strict=True)
        making = workflow.folder / "results/long"
        until(lambda: any(making.rglob("main.h5.checkpoint")), LIMIT, "a checkpoint is made")
        late.process.suspend()
        until(lambda: _state(late.job) == "TIMEOUT", LIMIT, "the long job runs into its limit")
        assert running.wait(LIMIT) == 0, workflow.said()
    said = workflow.said()
    # the log says what happened, and where there is more
    assert said.count("Trying to restart") >= 3
    for job, status, words in (
        (starved, "FAILED", "died with <Signals.SIGKILL: 9>"),
        (cancelled, "CANCELLED", "CANCELLED AT"),
        (late, "TIMEOUT", "DUE TO TIME LIMIT"),
    ):
        assert f"SLURM-job '{job.job}' failed, SLURM status is: '{status}'" in said
        (log,) = workflow.folder.glob(f".snakemake/slurm_logs/**/{job.job}.log")
        assert str(log) in said
        assert words in log.read_text()
    # what was taken from the long run is taken up
    log = (workflow.folder / "results/long/1/logs/simulate.log").read_text()
    assert "goes on at step" in log
    # the sweep is whole, and all is what it is where nothing goes wrong
    rows = _rows(workflow.folder)
    assert [float(row[NU]) for row in rows] == pytest.approx(np.linspace(*RANGE, 200))
    assert {row["status"] for row in rows} == {"ok"}
    sampled = rows[::SAMPLED]
    here = Workflow(root, tmp_path / "here", _with_values([float(row[NU]) for row in sampled]))
    here.local(TABLE, LONG)
    assert _rows(here.folder) == sampled
    assert np.array_equal(_values(here.folder), _values(workflow.folder))
    # and nothing is left behind
    assert ask("squeue", "--noheader") == ""
    assert [p for p in workflow.folder.rglob("*.part*") if "snakemake" not in p.parts] == []


def _state(job: str) -> str:
    return ask("squeue", "--noheader", "--states=all", f"--jobs={job}", "--format=%T").strip()


def _with_values(values: list[float]) -> dict[str, Any]:
    """Return the configuration with these points of the sweep alone, in other company."""
    sweep = CONFIG["sweeps"]["nu_se"] | {"parameters": {NU: values}, "together": 4}
    return CONFIG | {"sweeps": {"nu_se": sweep}}


def _values(folder: Path) -> np.ndarray:
    with h5py.File(folder / LONG) as file:
        return np.asarray(file[TRACE])


def _rows(folder: Path) -> list[dict[str, str]]:
    with (folder / TABLE).open(newline="") as file:
        return list(csv.DictReader(file))
