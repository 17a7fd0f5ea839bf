"""A whole run: from a model to rows of output, in a file or in memory; and many runs together."""

from __future__ import annotations

import logging
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from os import PathLike
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from nftsim.engine.advance import output_nodes, require_finite, run_chunks, trace_values
from nftsim.engine.checkpoints import Interval, Keeper, Resume, alone, beat, finished, go_on
from nftsim.engine.ensemble import drives_alike, member_state, pattern, side_by_side, stack
from nftsim.engine.job import Job, prepare
from nftsim.engine.limits import require_memory, require_threads
from nftsim.engine.state import Histories
from nftsim.engine.watching import conclude
from nftsim.errors import NftsimError, require_kind
from nftsim.guards.declare import to_text
from nftsim.io.checkpoint import Place
from nftsim.io.convert import is_text
from nftsim.io.run import End
from nftsim.io.text import TextWriter
from nftsim.io.writer import RunWriter, require_compression
from nftsim.model import Model, to_conf

Array = NDArray[np.float64]
#: Loggers of what is said of a model before it runs.
WARNING = (
    "nftsim.model.checks",
    "nftsim.engine.state",
    "nftsim.model.duration",
    "nftsim.engine.watching",
)
#: Called with the steps made and the steps to make; first before any is made, with those that a
#: run has behind it that goes on from a checkpoint.
Progress = Callable[[int, int], None]


class Sink(Protocol):
    """What takes the rows of a run: see `nftsim.io.writer.RunWriter`."""

    def write(self, time: Array, values: Sequence[Array]) -> None:
        """Take rows."""

    def tell(self, about: Mapping[str, Any]) -> None:
        """Take what the run says of itself at its end."""

    def finish(self, end: End | None = None) -> None:
        """Take the end state; the run is whole."""


#: Makes a sink from the resolved model, the number of rows, and what the run says of itself; for a
#: run into a file, the place where it is made, too.
OpenSink = Callable[..., AbstractContextManager[Sink]]


def file_sink(
    path: str | Path,
    header: str | bytes | None = None,
    *,
    compress: str | None = None,
    single: bool = False,
) -> OpenSink:
    """Return what opens a file for a run: HDF5, or text where its name ends in .output.

    Text output begins with `header`, else with the ``.conf`` text of the model as run; for HDF5
    `compress` and `single` are those of `nftsim.io.writer.RunWriter`.
    """
    require_kind(path, (str, PathLike), "the path of a file to write")
    require_compression(compress)
    target = Path(path)

    def open_sink(
        resolved: Model, rows: int, about: Mapping[str, Any], place: Place | None = None
    ) -> Any:
        if is_text(target):
            return TextWriter(target, resolved, header or to_conf(resolved), place)
        return RunWriter(
            target, resolved, rows, about, compress=compress, single=single, place=place
        )

    return open_sink


def run_to_file(
    model: Model,
    path: str | Path,
    *,
    header: str | bytes | None = None,
    compress: str | None = None,
    single: bool = False,
    **options: Any,
) -> None:
    """Simulate a model and write the run to a file: HDF5, or text where its name ends in .output.

    Parameters
    ----------
    model
        A checked model.
    path
        The file; written beside it under another name and renamed when whole.
    header
        What text output begins with (default: the ``.conf`` text of the model as run).
    compress, single
        Filter of HDF5 (``gzip``, ``lzf``), and whether it keeps single precision.
    **options
        As of `run`.

    Raises
    ------
    NftsimError
        If the file cannot be written, or memory does not suffice.
    SimulationError
        If a field diverges; nothing is left behind.
    """
    sink = file_sink(path, header, compress=compress, single=single)
    run(model, sink, target=Path(path), form=f"{compress} {single} {header!r}", **options)


def run(
    model: Model,
    open_sink: OpenSink,
    *,
    threads: int = 1,
    progress: Progress | None = None,
    checkpoint: int | str | None = None,
    resume: Resume = None,
    form: str = "",
    **options: Any,
) -> None:
    """Simulate a model and hand the rows of its output to a sink.

    Parameters
    ----------
    model
        A checked model.
    open_sink
        Makes the sink, a context manager, once the run is found possible.
    threads
        How many to use; no number depends on it.
    progress
        Called now and then with steps made and steps to make.
    checkpoint
        How often the state of a run into a file is kept: steps, or seconds as in ``"60s"``, which
        is the default; 0: never.
    resume
        Whether to go on where an earlier process was cut off. None: if there is a checkpoint of
        this very run. True: a checkpoint of another run is an error. False: start anew. ``"own"``:
        as None, but a checkpoint of another run is an error.
    form
        How the file is written; a checkpoint of one in another form is not gone on from.
    duration
        Length of the run [s] (default: the model's Time).
    seed
        Seed of counter-based noise (default: that of the initial run, else 1).
    initial
        A run, or its file, whose end state this run starts from, at t = 0: histories, derivatives
        and the position in the noise go on, onsets and `/time` count anew.
    rng
        ``counter`` or ``nftsim`` (see `compile_plan`; default: that of the initial run, else
        ``counter``).
    compat
        Follow NFTsim's habits; implies NFTsim's noise. ``"nftsim"`` means True.
    warmup
        Run from −duration to 0, noise on, deterministic stimuli at their mean.
    steady
        Number of the fixed point, from 1, that the model's initial rates are; only written down.
    merge
        Compute once what is mathematically the same (see `nftsim.engine.merge`).
    target
        The file that the run is for, if any, whose place is checked first.

    Raises
    ------
    NftsimError
        If the model cannot run, memory does not suffice, or the output cannot be written.
    SimulationError
        If a field diverges.
    """
    every = _every(checkpoint, threads, progress)
    job = prepare(model, **options)
    with alone([job]):
        go_on(job, form=form, resume=resume)
        _together([job], [open_sink], threads=threads, progress=progress, every=every)


def run_members(
    members: Sequence[Mapping[str, Any]],
    open_sinks: Sequence[OpenSink],
    *,
    threads: int = 1,
    progress: Progress | None = None,
    checkpoint: int | str | None = None,
    resume: Resume = None,
    reuse: bool = False,
    wait: Callable[[str], None] | None = None,
) -> None:
    """Simulate several models, stepping those together that differ in numbers alone.

    Each gives, bit for bit, what `run` gives for it.

    Parameters
    ----------
    members
        For each member the arguments of `run`, ``model`` among them.
    open_sinks
        Makes the sink of each.
    threads, progress
        As of `run`; steps are those of all members.
    checkpoint, resume
        As of `run`.
    reuse
        Leave files alone that are there already, whole and of the very runs that are asked for.
    wait
        What to do while another process makes one of the files: called now and then with words on
        who it is (default: an error).

    Raises
    ------
    NftsimError
        If one of them cannot run, or its output cannot be written.
    SimulationError
        If a field of one of them diverges.
    """
    every = _every(checkpoint, threads, progress)
    with _said_once():
        jobs = [prepare(**member) for member in members]
    with alone(jobs, wait):
        for job in jobs:
            go_on(job, form="", resume=resume)
        todo = [i for i, job in enumerate(jobs) if not (reuse and finished(job))]
        groups: dict[Hashable, list[int]] = {}
        for i in todo:
            groups.setdefault(_kind(jobs[i]) or i, []).append(i)
        total, done = sum(jobs[i].plan.model.steps for i in todo), 0
        for group in groups.values():
            some = [jobs[i] for i in group]
            if not drives_alike([job.plan for job in some]):
                some = [prepare(**members[i], tabled=True) for i in group]
                for i, job in zip(group, some, strict=True):
                    job.place = jobs[i].place
                    go_on(job, form="", resume=resume)

            def report(made: int, _: int, before: int = done, count: int = len(some)) -> None:
                beat(jobs)  # also of those whose turn has not come
                if progress:
                    progress(before + made * count, total)

            sinks = [open_sinks[i] for i in group]
            _together(some, sinks, threads=threads, progress=report, every=every)
            done += sum(job.plan.model.steps for job in some)


def _every(checkpoint: object, threads: object, progress: object) -> Interval:
    """Return how often checkpoints are made; refuse what is none of these, as Python may give it.

    Raises
    ------
    NftsimError
        Saying what is wanted.
    """
    require_threads(threads)
    if progress is not None and not callable(progress):
        wanted = "a function of steps made and steps to make as progress"
        raise NftsimError(f"expected {wanted}, found an object of type {type(progress).__name__}")
    return Interval.of(checkpoint)


def _kind(job: Job) -> Hashable:
    """Return what jobs must have in common to be stepped together; None for one that is alone."""
    if job.plan.rng != "counter":
        return None
    times = (job.state.clock, job.state.step, job.origin, job.first, job.warmup)
    return (pattern(job.plan), times, job.plan.model.steps)


@contextmanager
def _said_once() -> Iterator[None]:
    """Let each warning through once: members of an ensemble mostly have the same."""
    known: set[str] = set()

    def fresh(record: logging.LogRecord) -> bool:
        message, count = record.getMessage(), len(known)
        known.add(message)
        return len(known) > count

    loggers = [logging.getLogger(name) for name in WARNING]
    for logger in loggers:
        logger.addFilter(fresh)
    try:
        yield
    finally:
        for logger in loggers:
            logger.removeFilter(fresh)


def _together(
    jobs: Sequence[Job],
    open_sinks: Sequence[OpenSink],
    *,
    threads: int,
    progress: Progress | None,
    every: Interval,
) -> None:
    """Step jobs together to their end, handing each its rows."""
    first = jobs[0]
    plan, state = first.plan, first.state
    if len(jobs) > 1:
        plan = stack([job.plan for job in jobs])
        require_memory(plan)
        state = side_by_side(plan, [job.state for job in jobs])
    model, count = plan.model, output_nodes(first.plan).size
    with ExitStack() as opened:
        sinks = [
            opened.enter_context(
                open_sink(job.plan.model, job.rows, job.about, *([job.place] if job.place else []))
            )
            for job, open_sink in zip(jobs, open_sinks, strict=True)
        ]
        kept = all(job.place is not None for job in jobs)
        keeper = Keeper(jobs, sinks, plan, state, every if kept else Interval(steps=0))
        if progress:
            with keeper.stopping():
                progress(state.step, model.steps)
        for chunk in run_chunks(
            plan,
            state,
            model.steps - state.step,
            seed=[job.seed for job in jobs],
            warmup=first.warmup,
            origin=first.origin,
            threads=threads,
        ):
            time = first.origin + model.deltat * (chunk.steps - first.first).astype(float)
            for i, (job, sink) in enumerate(zip(jobs, sinks, strict=True)):
                rows = chunk.rows[:, :, i * count : (i + 1) * count]
                values = list(trace_values(job.plan, rows))
                job.watch.add(values)
                sink.write(time, [v for _, v in values])
            keeper.look()
            if progress:
                with keeper.stopping():
                    progress(chunk.done, model.steps)
        require_finite(plan, state)
        alone = len(jobs) == 1
        ends = [state if alone else member_state(plan, state, i) for i in range(len(jobs))]
        conclude(jobs, ends)
        for job, own, sink in zip(jobs, ends, sinks, strict=True):
            sink.tell({"warnings": to_text(job.found)})
            sink.finish((Histories(job.plan, own), own.clock, own.generators))
