"""Two hundred runs on a SLURM on which everything goes wrong: they are made all the same."""

from __future__ import annotations

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

#: 200 small runs in some twenty jobs, and one that takes longer than the limit it is given.
CONFIG: dict[str, Any] = {
    "checkpoint": "10s",
    "experiments": {
        "long": {
            "model": "eirs-wake",
            "grid": {"nodes": 4096},
            "warmup": {"duration": 8, "settle": "warn"},
            "duration": 450,
            "interval": 1.0,
            "traces": ["propagator.1.phi"],
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
            "traces": ["propagator.1.phi"],
            "seeds": [1],
            "parameters": {"coupling.9.nu": {"from": 0.001, "to": 0.0017, "count": 200}},
            "together": 10,
            "figure": None,
        }
    },
    "figures": {},
}
TABLE, LONG = "results/sweeps/nu_se/table.csv", "results/long/1/main.h5"


@pytest.mark.slurm
def test_a_sweep_is_completed_whatever_befalls_its_jobs(
    slurm: Cluster, root: Path, tmp_path: Path
) -> None:
    workflow = Workflow(root, tmp_path / "cluster", CONFIG)
    with workflow.on("slurm", TABLE, LONG) as running:
        # 1. a process is killed, as the kernel does when memory runs out
        starved = caught(running, workflow.folder, "sweep", 180)
        starved.process.send_signal(signal.SIGKILL)
        # 2. a job is cancelled
        cancelled = caught(running, workflow.folder, "sweep", 180, besides=starved.job)
        ask("scancel", cancelled.job, strict=True)
        # 3. a job has less time than it takes
        late = caught(running, workflow.folder, "simulate", 600)
        ask("scontrol", "update", f"JobId={late.job}", "TimeLimit=1", strict=True)
        # 4. the node's daemon dies and comes back: jobs outlive it
        slurm.kill("slurmd")
        time.sleep(3)
        slurm.start("slurmd")
        # 5. the controller dies, for longer than the plugin asks by itself, and comes back
        slurm.kill("slurmctld")
        time.sleep(45)
        slurm.start("slurmctld")
        until(lambda: _state(late.job) == "TIMEOUT", 180, "the long job runs into its limit")
        assert running.wait(LIMIT) == 0, workflow.said()
    said = workflow.said()
    # the log says what happened to a job, or where that stands: for groups, the log of SLURM
    assert f"SLURM-job '{late.job}' failed, SLURM status is: 'TIMEOUT'" in said
    assert said.count("Trying to restart") >= 3
    for job, words in (
        (starved, "died with <Signals.SIGKILL: 9>"),
        (cancelled, "CANCELLED AT"),
        (late, "DUE TO TIME LIMIT"),
    ):
        (log,) = workflow.folder.glob(f".snakemake/slurm_logs/**/{job.job}.log")
        assert str(log) in said
        assert words in log.read_text()
    # what was taken from the long run is taken up
    log = (workflow.folder / "results/long/1/logs/simulate.log").read_text()
    assert "going on at t = " in log
    with h5py.File(workflow.folder / LONG) as file:
        assert len(file["time"]) == 451
        assert np.all(np.isfinite(file["propagator.1.phi"][:]))
    # and the sweep is what it is where nothing goes wrong
    here = Workflow(root, tmp_path / "here", CONFIG)
    here.local(TABLE)
    table = (workflow.folder / TABLE).read_bytes()
    assert table.count(b"\n") == 201
    assert table == (here.folder / TABLE).read_bytes()
    assert ask("squeue", "--noheader") == ""
    assert [p for p in workflow.folder.rglob("*.part*") if "snakemake" not in p.parts] == []


def _state(job: str) -> str:
    return ask("squeue", "--noheader", "--states=all", f"--jobs={job}", "--format=%T").strip()
