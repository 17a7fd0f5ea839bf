"""The chunked run: tables in, kernel, rows out, and a clear word when a field is not finite."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from nftsim.engine import native
from nftsim.engine.drive import drive_tables
from nftsim.engine.kernels.signatures import GATE
from nftsim.engine.plan import Plan
from nftsim.engine.state import State
from nftsim.errors import SimulationError
from nftsim.model.model import Trace

#: Bytes that the buffers of a chunk (rows of output, tables) may take, at the most.
BUFFER_BYTES = 8 * 1024 * 1024
#: Node updates of a chunk: enough that its overhead vanishes, few enough to answer Ctrl-C at once.
CHUNK_WORK = 20_000_000

#: Nodes of which a thread adds up the neighbours at a time: few enough for the first-level cache.
ROOM = 512


@dataclass(frozen=True)
class Chunk:
    """Rows of output from a stretch of steps.

    Attributes
    ----------
    steps
        Steps made, counted from t = 0, when each row was taken; shape (row,).
    rows
        float64 (row, trace, node); see `trace_values`.
    done
        Steps made since t = 0 in all.
    """

    steps: NDArray[np.int64]
    rows: NDArray[np.float64]
    done: int


def chunk_steps(plan: Plan) -> int:
    """Return how many steps to make at a time."""
    by_work = CHUNK_WORK // (plan.lanes * max(len(plan.ops), 1))
    numbers = len(plan.traces) * output_nodes(plan).size / plan.interval
    row = 8 * max(numbers, plan.lanes * plan.tables, 1)
    return int(max(1, min(by_work, BUFFER_BYTES // row, 100_000)))


def run_chunks(
    plan: Plan,
    state: State,
    steps: int,
    *,
    seed: int | Sequence[int],
    chunk: int | None = None,
    warmup: bool = False,
    origin: float = 0.0,
    threads: int = 1,
    stopped: Callable[[], bool] | None = None,
) -> Iterator[Chunk]:
    """Advance a state in place, yielding rows of output chunk by chunk.

    Parameters
    ----------
    plan, state
        The run.
    steps
        Steps to make.
    seed
        Seed of counter-based noise, one for each member.
    chunk
        Steps at a time (default: `chunk_steps`); no number depends on it.
    warmup
        See `nftsim.engine.drive.drive_tables`.
    origin
        Time of step 0 [s], for messages.
    threads
        How many to use; no number depends on it.
    stopped
        Asked between chunks whether to stop early.

    Raises
    ------
    SimulationError
        When a rate or potential is no longer finite; it names time, population and node.
    """
    size = chunk or chunk_steps(plan)
    nodes = output_nodes(plan)
    seeds = np.array([seed] if isinstance(seed, int) else seed, dtype=np.uint64)
    keys = np.repeat(seeds, plan.model.nodes)
    numbers = np.tile(np.arange(plan.model.nodes, dtype=np.uint64), plan.members)
    remaining = steps
    with _Team(threads) as team:
        while remaining > 0 and not (stopped and stopped()):
            n = min(size, remaining)
            due = _steps_until_row(plan, state.step)
            count = 0 if due > n else 1 + (n - due) // plan.interval
            out = np.empty((count, len(plan.traces), nodes.size))
            waveforms, tables = drive_tables(plan, state, n, warmup=warmup)
            made, written, bad = team.advance(
                int(plan.grid[1]),
                plan.ops,
                plan.coefs,
                plan.rings,
                state.fields,
                plan.params,
                plan.delays,
                plan.grid,
                plan.block,
                state.clock,
                n,
                waveforms,
                tables,
                keys,
                numbers,
                plan.traces,
                nodes,
                due,
                plan.interval,
                out,
            )
            taken = state.step + due + plan.interval * np.arange(written, dtype=np.int64)
            state.clock += made
            state.step += made
            if bad:
                raise SimulationError(_diverged(plan, state, origin))
            remaining -= made
            yield Chunk(taken, out[:written], state.step)


class _Team:
    """Threads that advance a state together: they share all arrays and wait for each other.

    They live as long as the run, as the system takes milliseconds to give a new one its own core.
    """

    def __init__(self, threads: int) -> None:
        self.threads = 1 if native.interpreted() else threads
        self._pool = ThreadPoolExecutor(self.threads) if self.threads > 1 else None

    def advance(self, columns: int, *args: Any) -> tuple[int, int, int]:
        """Run the kernel in every thread; return what the first one says."""
        gate, room = np.zeros(GATE, dtype=np.int64), max(ROOM, columns)

        def part(thread: int) -> tuple[int, int, int]:
            return native.advance(*args, thread, self.threads, gate, np.empty((2, room)))

        if self._pool is None:
            return part(0)
        return next(iter(list(self._pool.map(part, range(self.threads)))))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._pool is not None:
            self._pool.shutdown()


def require_finite(plan: Plan, state: State) -> None:
    """Refuse an end state with a field that is not finite.

    Steps are watched at rates and potentials, which every other field reaches in a later step; here
    is none.

    Raises
    ------
    SimulationError
        Naming the field.
    """
    for name, base, size in zip(plan.names, plan.rings[:, 0], plan.sizes, strict=True):
        rows = state.fields[base : base + size, : plan.lanes]
        if not np.isfinite(rows).all():
            raise SimulationError(
                f"{plan.model.name}: diverged by the end of the run: {name} is not finite; check "
                "the couplings and Deltat, or start from a fixed point"
            )


def output_nodes(plan: Plan) -> NDArray[np.int64]:
    """Return the nodes to write, from 0; those of several members one after the other."""
    chosen, count = plan.model.output.nodes, plan.model.nodes
    nodes = np.arange(count) if chosen is None else np.array(chosen) - 1
    first = count * np.arange(plan.members)
    return np.asarray((first[:, None] + nodes).ravel(), dtype=np.int64)


def trace_values(
    plan: Plan, rows: NDArray[np.float64]
) -> Iterator[tuple[Trace, NDArray[np.float64]]]:
    """Yield each trace of the output with its values from rows of a chunk.

    Their shape is (row, node); (row,) where all nodes share one value; and (row, from, node) where
    there is one for every pair of nodes.
    """
    for trace, (first, count) in zip(plan.model.output.traces, plan.columns, strict=True):
        declared = plan.model.field_of(trace)
        values = rows[:, first : first + count]
        if declared.single:
            yield trace, values[:, 0, 0]
        else:
            yield trace, values if declared.matrix else values[:, 0]


def output_rows(plan: Plan, steps: int) -> int:
    """Return how many rows a run of so many steps writes, at S + K, S + 2K and so on."""
    return max(0, (steps - plan.start) // plan.interval)


def _steps_until_row(plan: Plan, step: int) -> int:
    past = step - plan.start
    return plan.interval - past % plan.interval if past >= 0 else plan.interval - past


def _diverged(plan: Plan, state: State, origin: float) -> str:
    """Return what to say of where and when a field stopped being finite."""
    model = plan.model
    time = origin + state.step * model.deltat
    for index, population in enumerate(model.populations):
        for quantity in ("v", "q"):
            source = plan.sources.get(("pop", index + 1, quantity))
            if source is None:
                continue
            base, length = plan.rings[source.ring]
            values = state.fields[base + state.clock % length, : plan.lanes]
            wrong = np.flatnonzero(~np.isfinite(values))
            if wrong.size:
                member, node = divmod(int(wrong[0]), model.nodes)
                which = f", member {member + 1}" if plan.members > 1 else ""
                name = f"{index + 1} ({population.name})" if population.name else str(index + 1)
                return (
                    f"{model.name}: diverged at t = {time:.6g} s (step {state.step}): "
                    f"{quantity.upper()} of "
                    f"population {name} at node {node + 1}{which} is {values[wrong[0]]}; check the "
                    "couplings and Deltat, or start from a fixed point"
                )
    raise AssertionError("the kernel saw a field that is not finite, but none is found")
