"""Running the beginning of a run again, to see whether it gives what its file holds.

The file says all that the run depends on: the model as resolved, seed, generator, habits, and from
which state it started. So its beginning can be run again and every sample be compared.

Same sources, packages and machine code, which is made for one type of CPU, give the same bits: then
nothing less will do. Other machine code rounds elsewhere, as it fuses multiplications and additions
or not, and so does another version of numpy. A step adds errors of about 1e-16 of a field's size,
which a stable model forgets and a second hardly lets grow elsewhere; noise is the same numbers on
every machine. Two programs that order all operations differently, this one and NFTsim, stay within
1e-9 of each trace's largest magnitude, mostly within 1e-12 (``docs/parity.md``). So that is the
bound there: `nftsim.verify.verdict.TOLERANCE`. Of models that go on growing, or of much longer
stretches, it says less.
"""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np

from nftsim.engine.advance import run_chunks, trace_values
from nftsim.engine.job import Job
from nftsim.engine.limits import require_threads
from nftsim.engine.state import Histories
from nftsim.errors import NftsimError
from nftsim.io.hdf5 import RunFile, open_run
from nftsim.io.recording import is_text_run
from nftsim.notices import quiet
from nftsim.verify.again import changed, job_again
from nftsim.verify.differences import Compared
from nftsim.verify.verdict import Verdict, verdict

__all__ = ["Verdict", "verify_run"]


def verify_run(
    path: str | Path,
    *,
    seconds: float = 1.0,
    initial: str | Path | None = None,
    threads: int = 1,
) -> Verdict:
    """Run the beginning of a run again, and compare every sample of it.

    Parameters
    ----------
    path
        A run in HDF5, in double or single precision.
    seconds
        How much of its output [s]; infinity: all of it, and the end state. What lies before its
        first row is run, too, as is at least one row.
    initial
        The run that it started from (default: where that was, or beside this one).
    threads
        How many to use; no number depends on it.

    Returns
    -------
    Verdict

    Raises
    ------
    NftsimError
        If the file is no run that can be run again, or something that it needs is not there; the
        message says what.
    SimulationError
        If a field diverges.
    """
    require_threads(threads)
    path = Path(path)
    if path.is_file() and is_text_run(path):
        raise NftsimError(
            f"{path}: is NFTsim's text, which keeps neither how it was run nor all digits; only a "
            "run in HDF5 can be verified: nftsim run MODEL -o run.h5"
        )
    with open_run(path) as file, quiet():
        job = job_again(file, initial)
        other = changed(file.attrs)
        plan = job.plan
        wanted = seconds / plan.model.deltat
        whole = wanted >= plan.model.steps
        until = plan.start + max(plan.interval, 1 if whole else round(wanted))
        steps = plan.model.steps if whole else min(until, plan.model.steps)
        compared = _rerun(file, job, steps, threads)
        traces = compared[:]
        if whole:
            compared += _end(file, job)
        return verdict(file, job, other, traces, compared, whole=whole)


def _rerun(file: RunFile, job: Job, steps: int, threads: int) -> list[Compared]:
    """Advance a job for so many steps, and compare the times and the traces."""
    plan, state, model = job.plan, job.state, job.plan.model
    nodes = model.output.nodes or tuple(range(1, model.nodes + 1))
    traces = {}
    for trace in model.output.traces:
        declared = model.field_of(trace)
        own = None if declared.single else nodes
        traces[trace] = Compared(str(trace), own, matrix=declared.matrix)
    times, row = Compared("time", None), 0
    chunks = run_chunks(
        plan, state, steps, seed=job.seed, warmup=job.warmup, origin=job.origin, threads=threads
    )
    for chunk in chunks:
        count = len(chunk.steps)
        if not count:  # all of it lies before the first row, or between two
            continue
        time = job.origin + model.deltat * (chunk.steps - job.first).astype(float)
        filed = file.time[row : row + count]
        _require_rows(file, count, len(filed))
        times.add(time, filed, time)
        for trace, values in trace_values(plan, chunk.rows):
            item = file.rows(str(trace), row, row + count)
            _require_rows(file, count, len(item))
            traces[trace].add(time, item, values)
        row += count
    return [times, *traces.values()]


def _require_rows(file: RunFile, wanted: int, present: int) -> None:
    if present < wanted:
        raise NftsimError(
            f"{file.path}: has fewer rows than its model writes; it was changed by something else, "
            "run it again"
        )


def _end(file: RunFile, job: Job) -> list[Compared]:
    """Compare the end state."""
    saved, clock, generators = file.state()
    every = tuple(range(1, job.plan.model.nodes + 1))
    found = []
    for name, values in Histories(job.plan, job.state).items():
        one = Compared(f"state/{name}", every)
        if name in saved and saved[name].shape == values.shape:
            one.add(None, saved[name], values)
        else:
            raise NftsimError(
                f"{file.path}: its end state has no {name} of shape {values.shape}; it was "
                "changed, or another version of nftsim made it"
            )
        found.append(one)
    if clock != job.state.clock or not np.array_equal(generators, job.state.generators):
        one = Compared("state/clock and generators", None, values=1, differing=1)
        one.earliest = one.largest = (None, 0, float(clock), float(job.state.clock))
        one.worst, one.scale = math.inf, 1.0
        found.append(one)
    return found
