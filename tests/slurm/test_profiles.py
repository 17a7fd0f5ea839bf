"""The profiles send jobs to a real SLURM, and what comes back is what a run here gives."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from tests.slurm.breakage import caught
from tests.slurm.cluster import Cluster, ask
from tests.slurm.conftest import LIMIT, Workflow

TRACE = "propagator.1.phi"
#: Two seeds in one job.
SMALL: dict[str, Any] = {
    "experiments": {
        "small": {
            "model": "eirs-wake",
            "grid": {"nodes": 1},
            "warmup": {"duration": 1.0, "settle": "warn"},
            "duration": 2.0,
            "interval": 0.01,
            "traces": [TRACE],
            "seeds": [1, 2],
        }
    },
    "figures": {},
}
#: What the controller is away for [s].
AWAY = 60.0
RUNS = ["results/small/1/main.h5", "results/small/2/main.h5"]


def _values(folder: Path) -> list[np.ndarray]:
    found = []
    for run in RUNS:
        with h5py.File(folder / run) as file:
            found.append(file[TRACE][:])
    return found


@pytest.fixture(scope="session")
def here(root: Path, tmp_path_factory: pytest.TempPathFactory) -> list[np.ndarray]:
    """What the workflow gives on this machine, without SLURM."""
    workflow = Workflow(root, tmp_path_factory.mktemp("here"), SMALL)
    workflow.local(*RUNS)
    return _values(workflow.folder)


@pytest.mark.slurm
@pytest.mark.parametrize("profile", ["slurm", "generic"])
def test_the_smallest_workflow(
    slurm: Cluster, root: Path, tmp_path: Path, here: list[np.ndarray], profile: str
) -> None:
    known = _queue()
    workflow = Workflow(root, tmp_path, SMALL)
    with workflow.on(profile, *RUNS) as running:
        assert running.wait(LIMIT) == 0, workflow.said()
    jobs = _since(known)
    # fixed points, warm-up, main run: all small
    assert jobs == [f"COMPLETED|1|1000M|{minutes}:00" for minutes in (10, 11, 11)]
    assert all(map(np.array_equal, here, _values(tmp_path)))


def _queue() -> dict[int, str]:
    """Return state, processors, memory and time limit of the jobs that SLURM has not forgotten."""
    lines = ask("squeue", "--noheader", "--states=all", "--format=%i %T|%C|%m|%l").splitlines()
    return {int(job): about for job, about in map(str.split, lines)}


def _since(known: dict[int, str]) -> list[str]:
    """Return what `_queue` says of later jobs, in order of submission."""
    return [about for job, about in sorted(_queue().items()) if job not in known]


@pytest.mark.slurm
def test_jobs_of_a_sweep_can_share_one_of_slurm(slurm: Cluster, root: Path, tmp_path: Path) -> None:
    known = _queue()
    shared = {key: SMALL["experiments"]["small"][key] for key in ("model", "grid", "traces")}
    times = {"warmup": {"duration": 1.0}, "duration": 2.0, "interval": 0.01}
    points = {"parameters": {"coupling.9.nu": [0.001, 0.0012, 0.0014, 0.0016]}, "together": 1}
    sweep = {**shared, **times, **points, "seeds": [1], "figure": None}
    workflow = Workflow(root, tmp_path, SMALL | {"sweeps": {"nu": sweep}})
    table = "results/sweeps/nu/table.csv"
    with workflow.on("slurm", table, "--groups", "sweep=run", "--group-components", "run=4") as run:
        assert run.wait(LIMIT) == 0, workflow.said()
    assert (tmp_path / table).read_text().count("\n") == 5
    # four jobs, two of them at a time as quick.yaml has two cores; and the table
    ended = [job.split("|")[:2] for job in _since(known)]
    assert ended == [["COMPLETED", "2"], ["COMPLETED", "1"]]


@pytest.mark.slurm
def test_a_job_that_fails_for_good_is_tried_again_with_more_and_then_named(
    slurm: Cluster, root: Path, tmp_path: Path
) -> None:
    # no disk has room for so much: an error of ours, in one line
    endless = SMALL["experiments"]["small"] | {"duration": 1.0e8, "interval": 1.0e-4}
    workflow = Workflow(root, tmp_path, SMALL | {"experiments": {"small": endless}})
    with workflow.on("slurm", "--retries", "1", RUNS[0]) as running:
        assert running.wait(LIMIT) == 1
    said = workflow.said()
    assert "mem_mb=2000" in said
    assert said.count("SLURM status is: 'FAILED'") == 2
    assert "Traceback" not in said
    log = (tmp_path / "results/small/1/logs/simulate.log").read_text()
    assert " ERROR " in log


@pytest.mark.slurm
def test_nothing_is_left_of_a_cluster_that_is_down(
    root: Path, tmp_path: Path, slurm: Cluster
) -> None:
    # a second one is refused while the first is there
    done = subprocess.run(
        [sys.executable, "-m", "tests.slurm.cluster", "up", str(tmp_path)],
        cwd=root, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode != 0
    assert "is left alone" in done.stderr


@pytest.mark.slurm
def test_the_controller_may_be_away_for_long(
    slurm: Cluster, root: Path, tmp_path: Path, here: list[np.ndarray]
) -> None:
    # through profiles/slurm that takes a SLURM with accounting (docs/clusters.md)
    workflow = Workflow(root, tmp_path, SMALL)
    with workflow.on("generic", *RUNS) as running:
        caught(running, tmp_path, "warmup", LIMIT)
        slurm.kill("slurmctld")
        time.sleep(AWAY)
        # nothing is taken for a failure; but it may forget a job that it has just been given
        assert running.poll() is None, workflow.said()
        assert "Error" not in workflow.said()
        slurm.start("slurmctld")
        assert running.wait(LIMIT) == 0, workflow.said()
    assert all(map(np.array_equal, here, _values(tmp_path)))
