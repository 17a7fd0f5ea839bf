"""What must be there before a run starts: memory, and room on the disk."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np

from nftsim.engine.advance import chunk_steps, output_nodes, output_rows
from nftsim.engine.plan import Plan
from nftsim.errors import NftsimError, require_kind, shown
from nftsim.io.writer import chunk_shape
from nftsim.memory import memory

#: Bytes that the process takes beside its fields: interpreter, libraries, machine code. The first
#: run of all, which compiles the kernels, takes some 380 MiB more.
PROCESS_BYTES = 105 * 1024**2
#: Seconds that an operation of a step takes by itself and for each node, and a number of the
#: output, on one core: as measured (docs/performance.md), on the long side.
CALL, NODE, NUMBER = 2e-8, 1e-9, 1.5e-8
#: The most threads that a run may have.
THREADS = 1024


def required_memory(plan: Plan, *, initial: bool = False) -> int:
    """Return about how many bytes a run takes: 8 N (rows + parameters) + buffers + process.

    Rows are those of the plan: the histories of length D_a of each population and the states of
    propagators and dendrites (compare Sanz-Leon et al. 2018, Eq 34). The largest ring is copied
    once when the end state is written; an `initial` state to start from is there besides.
    """
    model = plan.model
    per_node = 8 * (len(plan.params) + len(plan.delays) + int(max(plan.sizes, default=0)) + 2)
    chunk = chunk_steps(plan)
    tables = 8 * chunk * (plan.waveforms + plan.tables * plan.lanes)
    rows = 8 * (1 + chunk // plan.interval) * len(plan.traces) * output_nodes(plan).size
    shape = model.shape if model.output.nodes is None else (len(model.output.nodes),)
    waiting = 8 * chunk_shape(output_rows(plan, model.steps) or 1, shape)[0] * len(plan.traces)
    output = 2 * rows + waiting * output_nodes(plan).size
    fields = plan.memory() * (2 if initial else 1)
    return fields + per_node * plan.lanes + tables + output + PROCESS_BYTES


def memory_formula(plan: Plan) -> str:
    """Return what makes up the memory of a run, in words."""
    return (
        f"8 bytes x {plan.rows} rows x {plan.lanes} nodes = {plan.memory() / 2**20:.0f} MiB, and "
        "parameters, output and process"
    )


def estimated_time(
    plan: Plan, steps: int | None = None, members: int = 1, *, step: float | None = None
) -> float:
    """Return about how long some steps and their output take on one core [s].

    Without `step` that is of a fast processor: others take two or three times as long.

    Time is linear in operations × nodes (compare Sanz-Leon et al. 2018, Eq 33), with a constant for
    each operation that counts on small sheets.

    Parameters
    ----------
    plan
        What is run.
    steps
        How many steps; None: as the model has it.
    members
        Runs of this plan that are stepped together.
    step
        What a step of all of them takes on this machine [s] (see `nftsim.engine.timing`).
    """
    steps = plan.model.steps if steps is None else steps
    if step is None:
        step = max(len(plan.ops), 1) * (CALL + NODE * plan.lanes * members)
    numbers = steps / plan.interval * len(plan.traces) * output_nodes(plan).size * members
    return steps * step + NUMBER * numbers


def time_formula(plan: Plan, step: float | None = None) -> str:
    """Return what the time of a run is made of, in words; `step` as of `estimated_time`."""
    if step is not None:
        return (
            f"{plan.model.steps} steps x {1e6 * step:.2g} us, as timed here on one core, and output"
        )
    return (
        f"{plan.model.steps} steps x {len(plan.ops)} operations x ({1e9 * CALL:g} ns + "
        f"{1e9 * NODE:g} ns x {plan.lanes} nodes) on one fast core, others take up to three times "
        "as long, and output"
    )


def require_memory(plan: Plan) -> None:
    """Refuse a run that the memory cannot hold (see `nftsim.memory.memory`).

    Raises
    ------
    NftsimError
        If the estimate exceeds the memory.
    """
    needed, present = required_memory(plan), memory()
    if needed > present.size:
        longest = max(plan.rings[:, 1])
        raise NftsimError(
            f"{plan.model.place('nodes')}: the run needs about {needed / 2**30:.3g} GiB of memory "
            f"and {present}: {plan.rows} rows of {plan.model.nodes} nodes (the longest history has "
            f"{longest}); use fewer nodes, a larger Deltat or shorter delays"
        )


def require_threads(threads: object) -> None:
    """Refuse a number of threads that is none.

    Raises
    ------
    NftsimError
        Saying what is allowed.
    """
    require_kind(threads, (int, np.integer), "a whole number of threads")
    if threads not in range(1, THREADS + 1):
        raise NftsimError(f"threads {shown(threads)}: give a whole number from 1 to {THREADS}")


def require_disk(path: Path, plan: Plan) -> None:
    """Refuse a run for whose rows and end state the disk has no room.

    Raises
    ------
    NftsimError
        Saying how much is needed and how much is free.
    """
    rows = output_rows(plan, plan.model.steps)
    needed = 8 * rows * output_nodes(plan).size * len(plan.traces) + plan.memory()
    free = shutil.disk_usage(path.parent).free
    if needed > free:
        raise NftsimError(
            f"{path}: the run will take about {needed / 2**20:.3g} MiB and {free / 2**20:.3g} MiB "
            "are free; make room, choose another place, or write less often or fewer nodes"
        )
