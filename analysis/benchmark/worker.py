"""One measurement of ours in a process of its own: ``python -m analysis.benchmark.worker JOB``.

JOB is a `Job` as JSON; what is printed is a `Result` as JSON. Modes:

- ``step``: a plan is stepped in memory, pass after pass, after a warm-up that loads the kernels;
- ``write``: `run_to_file`, pass after pass, after a short one;
- ``ensemble``: as ``step``, for members side by side; start-up is that of `simulate_ensemble`.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Any

from analysis.benchmark.process import peak_memory

#: Steps of the warm-up, and how often the start of a file is timed.
_WARM, _STARTS = 64, 3


@dataclass(frozen=True)
class Job:
    """What to measure.

    Attributes
    ----------
    model
        A ``.conf`` file.
    mode
        ``step``, ``write`` or ``ensemble``.
    steps
        Steps of a pass.
    seconds
        Passes are made until this time has gone by, and one at least.
    merge, threads, members
        How the engine is to run.
    """

    model: str
    mode: str
    steps: int
    seconds: float = 0.0
    merge: bool = True
    threads: int = 1
    members: int = 1


@dataclass(frozen=True)
class Result:
    """What was measured.

    Attributes
    ----------
    wall, cpu
        Median seconds of a pass.
    startup
        Seconds of a pass of a few steps: opening and closing a file, setting up an ensemble.
    passes
        How many were made.
    peak
        Peak resident memory [kB].
    estimate
        Memory that `nftsim check` foretells [kB].
    written
        Bytes of the file that a pass wrote.
    """

    wall: float
    cpu: float
    startup: float
    passes: int
    peak: int
    estimate: int
    written: int


def measure(job: Job) -> Result:
    """Do a job in this process."""
    from nftsim import load_model
    from nftsim.engine.compile import compile_plan
    from nftsim.engine.limits import required_memory

    model = load_model(job.model)
    plan = compile_plan(model, merge=job.merge)
    about = {"startup": 0.0, "written": 0.0}
    tidy = _nothing
    if job.mode == "step":
        once = _stepping(plan, job)
    elif job.mode == "write":
        once, tidy = _writing(model, job, about)
    elif job.mode == "ensemble":
        once = _members(model, plan, job, about)
    else:
        raise ValueError(f"mode '{job.mode}' is not one of step, write, ensemble")
    walls: list[float] = []
    cpus: list[float] = []
    while not walls or sum(walls) < job.seconds:
        wall, cpu = time.perf_counter(), time.process_time()
        once()
        walls.append(time.perf_counter() - wall)
        cpus.append(time.process_time() - cpu)
        tidy()
    peak, estimate = peak_memory(), required_memory(plan) // 1024
    written, startup = int(about["written"]), about["startup"]
    return Result(median(walls), median(cpus), startup, len(walls), peak, estimate, written)


def _stepping(plan: Any, job: Job) -> Callable[[], None]:
    from nftsim.engine.advance import run_chunks
    from nftsim.engine.state import initial_state

    state = initial_state(plan)

    def once(steps: int = job.steps) -> None:
        for _ in run_chunks(plan, state, steps, seed=1, threads=job.threads):
            pass

    once(_WARM)
    return once


def _nothing() -> None:
    pass


def _writing(
    model: Any, job: Job, about: dict[str, float]
) -> tuple[Callable[[], None], Callable[[], None]]:
    from nftsim.engine.simulate import run_to_file

    target = Path(f"{job.model}.{job.threads}.h5")
    how: dict[str, Any] = {"seed": 1, "merge": job.merge, "threads": job.threads}

    def once(steps: int = job.steps) -> None:
        run_to_file(model, target, duration=steps * model.deltat, **how)

    def tidy() -> None:  # not timed: deleting a file takes as long as starting a run
        about["written"] = target.stat().st_size
        target.unlink()

    once(_WARM)
    tidy()
    starts = []
    for _ in range(_STARTS):
        begun = time.perf_counter()
        once(_WARM)
        starts.append(time.perf_counter() - begun)
        tidy()
    about["startup"] = min(starts)
    return once, tidy


def _members(model: Any, plan: Any, job: Job, about: dict[str, float]) -> Callable[[], None]:
    from nftsim import simulate_ensemble
    from nftsim.engine.advance import run_chunks
    from nftsim.engine.ensemble import side_by_side, stack
    from nftsim.engine.state import initial_state

    seeds = range(1, job.members + 1)
    begun = time.perf_counter()
    simulate_ensemble(model, seeds=seeds, duration=_WARM * model.deltat, threads=job.threads)
    about["startup"] = time.perf_counter() - begun
    whole = stack([plan] * job.members)
    state = side_by_side(whole, [initial_state(plan)] * job.members)

    def once(steps: int = job.steps) -> None:
        for _ in run_chunks(whole, state, steps, seed=list(seeds), threads=job.threads):
            pass

    once(_WARM)
    return once


if __name__ == "__main__":
    print(json.dumps(asdict(measure(Job(**json.loads(sys.argv[1]))))))
