"""Checkpoints of runs: which run one is of, when one is due, and going on from it."""

from __future__ import annotations

import hashlib
import json
import logging
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import zip_longest
from typing import Any, Literal, Protocol, TypeAlias

import numpy as np

from nftsim.engine.ensemble import member_state
from nftsim.engine.job import Job
from nftsim.engine.plan import Plan
from nftsim.engine.state import State
from nftsim.errors import NftsimError, require_kind, shown
from nftsim.io.checkpoint import Saved
from nftsim.io.hdf5 import open_run
from nftsim.provenance import code_digest

#: Whether to go on where an earlier process was cut off: see `go_on`.
Resume: TypeAlias = bool | Literal["own"] | None

log = logging.getLogger(__name__)

#: What tells one run from another, as `identity` has it, in words; the rest follows from these.
SETTINGS = {
    "model": "model",
    "seed": "seed",
    "rng": "generator",
    "initial": "initial run",
    "initial_state": "state of the initial run",
    "steady": "fixed point",
    "compat": "habits of NFTsim",
    "warmup": "warm-up",
    "merged": "merging",
    "data": "data",
    "form": "form of the file",
    "kernels": "machine code",
    "code": "sources of nftsim",
}
#: Seconds of computing worth a checkpoint when a run is told to stop.
WORTH = 2.0


class Keeping(Protocol):
    """What keeps checkpoints: see `nftsim.io.writer.RunWriter`."""

    def checkpoint(self, run: str, facts: Mapping[str, Any], arrays: Mapping[str, Any]) -> None:
        """Keep what is needed to go on from here."""


def identity(job: Job, form: str = "") -> str:
    """Return a digest of all that a file depends on: what is run from which state, and its form."""
    digest = hashlib.sha256()
    job.told = {**job.about, "rows": job.rows, "form": form, "code": code_digest()}
    digest.update(json.dumps(job.told, sort_keys=True, default=str).encode())
    if (
        "initial_state" in job.told
    ):  # else the model says it all, and a large state takes long to read
        for row in job.state.fields[:, : job.plan.model.nodes]:
            digest.update(np.ascontiguousarray(row).data)
    digest.update(job.state.clocks.tobytes())
    digest.update(job.state.generators.tobytes())
    digest.update(str((job.state.clock, job.state.step)).encode())
    return digest.hexdigest()[:32]


def difference(saved: Saved, told: Mapping[str, Any]) -> str:
    """Return in words what a checkpoint says of its run and is not what a job says of its own."""
    then, found = saved.facts.get("told"), []
    if isinstance(then, dict) and isinstance(then.get("model"), str):
        for name, words in SETTINGS.items():
            old, new = str(then.get(name, "none")), str(told.get(name, "none"))
            if old == new:
                continue
            if name == "model":
                lines = zip_longest(old.splitlines(), new.splitlines(), fillvalue="")
                old, new = next((pair for pair in lines if pair[0] != pair[1]), ("", ""))
            values = "" if name == "form" else f" '{shown(old)}' then, '{shown(new)}' now"
            found.append(words + values)
    return "; ".join(found) or "seed, length, initial state or version of nftsim"


@dataclass(frozen=True)
class Interval:
    """How often checkpoints are made; no number and no byte of a file depends on it.

    Attributes
    ----------
    steps, seconds
        After so many steps, or so many seconds of computing, whichever is given; 0: never.
    """

    steps: int | None = None
    seconds: float = 60.0

    @classmethod
    def of(cls, value: object) -> Interval:
        """Return an interval from a number of steps, or of seconds as in ``"60s"``.

        Raises
        ------
        NftsimError
            If it is neither.
        """
        if value is None:
            return cls()
        wanted = "seconds as in '60s', or a whole number of steps, as checkpoint"
        require_kind(value, (int, np.integer, str), wanted)
        good = False
        try:
            text = str(value).strip()
            if text.endswith("s"):
                found = cls(seconds=float(text[:-1]))
                good = 0 <= found.seconds < float("inf")
            else:
                found = cls(steps=int(text))
                good = found.steps is not None and found.steps >= 0
        except ValueError:
            pass  # a number of thousands of digits, too
        if not good:
            raise NftsimError(
                f"checkpoint '{shown(value)}': give seconds, e.g. 60s, or a number of steps; 0 for "
                "never"
            )
        return found

    @property
    def never(self) -> bool:
        """Whether there are to be none."""
        return not (self.seconds if self.steps is None else self.steps)

    def due(self, steps: int, seconds: float) -> bool:
        """Tell whether it is time for one, if otherwise so many steps or seconds go by without."""
        if self.never:
            return False
        return seconds > self.seconds if self.steps is None else steps > self.steps


def _fits(job: Job, saved: Saved) -> bool:
    """Tell whether a checkpoint holds what a job needs, in the same shapes."""
    state, nodes = job.state, job.plan.model.nodes
    wanted = {
        "fields": state.fields[:, :nodes],
        "clocks": state.clocks,
        "generators": state.generators,
    }
    for name, values in wanted.items():
        kept = saved.arrays.get(name)
        if kept is None or (kept.shape, kept.dtype) != (values.shape, values.dtype):
            return False
    counts = [saved.facts.get(name) for name in ("clock", "step")]
    whole = all(isinstance(count, int) and count >= 0 for count in counts)
    return whole and saved.facts["step"] <= job.plan.model.steps and "watch" in saved.facts


def taken_up(job: Job, saved: Saved) -> None:
    """Put a job where a checkpoint was made."""
    nodes = job.plan.model.nodes
    state = job.state
    state.fields[:, :nodes] = saved.arrays["fields"]
    state.clocks[:] = saved.arrays["clocks"]
    state.generators[:] = saved.arrays["generators"]
    state.clock, state.step = saved.facts["clock"], saved.facts["step"]
    job.watch.restore(saved.facts["watch"])


class Keeper:
    """Makes the checkpoints of jobs that are stepped together.

    Parameters
    ----------
    jobs, sinks
        The jobs, and what takes their rows.
    plan, state
        What is stepped.
    every
        How often.
    """

    def __init__(
        self,
        jobs: Sequence[Job],
        sinks: Sequence[Any],
        plan: Plan,
        state: State,
        every: Interval,
    ) -> None:
        self._jobs, self._sinks, self._plan, self._state = jobs, sinks, plan, state
        self._every, self._last, self._since = every, state.step, time.monotonic()
        self._step, self._time = self._last, self._since

    def look(self) -> None:
        """Make a checkpoint if one is due, and give a sign of life."""
        beat(self._jobs)
        step, now = self._state.step, time.monotonic()
        # before the next stretch, if that is as long as this one
        steps, seconds = 2 * step - self._step - self._last, 2 * now - self._time - self._since
        self._step, self._time = step, now
        if step < self._plan.model.steps and self._every.due(steps, seconds):
            self._save()

    @contextmanager
    def stopping(self) -> Iterator[None]:
        """Make a checkpoint, if it is worth it, where the run is told to stop."""
        try:
            yield
        except (KeyboardInterrupt, SystemExit):
            if not self._every.never and time.monotonic() - self._since > WORTH:
                self._save()
            raise

    def _save(self) -> None:
        for i, (job, sink) in enumerate(zip(self._jobs, self._sinks, strict=True)):
            alone = len(self._jobs) == 1
            own = self._state if alone else member_state(self._plan, self._state, i)
            arrays = {
                "fields": own.fields[:, : job.plan.model.nodes],
                "clocks": own.clocks,
                "generators": own.generators,
            }
            facts = {"clock": own.clock, "step": own.step, "watch": job.watch.saved()}
            facts["told"] = job.told
            sink.checkpoint(job.run, facts, arrays)
        self._last, self._since = self._state.step, time.monotonic()


def go_on(job: Job, *, form: str, resume: Resume) -> None:
    """Take a job up where an earlier process was cut off, if there is a checkpoint of it.

    Parameters
    ----------
    job
        A job, the lock of whose file is held; its `run`, state and place are set.
    form
        How the file is written, in words.
    resume
        True: there must be a checkpoint, if there is part of the file. False: start anew. None: go
        on if the checkpoint is of this very run, else start anew. ``"own"``: as None, but a
        checkpoint of another run is not given up.

    Raises
    ------
    NftsimError
        If the checkpoint is of another run and `resume` is True or ``"own"``.
    """
    job.run = job.about["run"] = identity(job, form)
    place = job.place
    if place is None or resume is False:
        return
    saved = place.saved()
    if saved is not None and saved.run != job.run:
        what = (
            f"{place.checkpoint}: is of another run, which differs in {difference(saved, job.told)}"
        )
        if resume:
            raise NftsimError(
                f"{what}; give what that run had, or another file, or start anew with --fresh, "
                "which loses what that run has done"
            )
        log.warning("%s; starting anew", what)
        saved = None
    if saved is not None and not _fits(job, saved):
        log.warning("%s is damaged and not used; starting anew", place.checkpoint)
        saved = None
    if saved is not None and not place.holds(saved):
        log.warning("%s: what belongs to it is gone; starting anew", place.checkpoint)
        saved = None
    if saved is None:
        if resume is True:
            log.warning("%s: no checkpoint to go on from; starting at the beginning", place.target)
        return
    taken_up(job, saved)
    place.going_on = saved
    at = job.origin + job.state.step * job.plan.model.deltat
    steps = job.plan.model.steps
    made = datetime.fromtimestamp(place.checkpoint.stat().st_mtime)
    log.info(
        "%s: goes on at step %d of %d, t = %g s (checkpoint of %s)",
        *(place.target, job.state.step, steps, at, f"{made:%Y-%m-%d %H:%M:%S}"),
    )


def finished(job: Job) -> bool:
    """Tell whether the file of a job is there already, whole and of this very run."""
    if job.place is None or not job.place.target.is_file():
        return False
    try:
        with open_run(job.place.target) as file:
            if file.attrs.get("run") != job.run:
                return False
            file.read_through()
    except NftsimError as error:
        log.warning("%s; it is made anew", error)
        return False
    log.info("%s: is there already", job.place.target)
    return True


def beat(jobs: Sequence[Job]) -> None:
    """Give a sign of life for those jobs whose files we make, if one is due.

    Raises
    ------
    NftsimError
        If another process has taken one over.
    """
    for job in jobs:
        if job.place is not None:
            job.place.lock.beat()


@contextmanager
def alone(jobs: Sequence[Job], wait: Callable[[str], None] | None = None) -> Iterator[None]:
    """Make sure that no other process makes the files of some jobs (see `nftsim.io.alone`).

    Parameters
    ----------
    jobs
        The jobs; those without a file count for nothing.
    wait
        As of `nftsim.io.alone.Lock.acquire`.

    Raises
    ------
    NftsimError
        If another process does and `wait` is None, or a lock cannot be made.
    """
    locks = {job.place.target: job.place.lock for job in jobs if job.place is not None}

    def meanwhile(other: str) -> None:
        beat(jobs)  # those that we have already
        assert wait is not None
        wait(other)

    with ExitStack() as held:
        # in one order, so that two processes do not wait for each other
        for target in sorted(locks):
            try:
                locks[target].acquire(None if wait is None else meanwhile)
            except OSError as error:
                raise NftsimError(
                    f"{target}: cannot be written: {error.strerror}; make room, or choose another "
                    "place for the output"
                ) from error
            held.callback(locks[target].release)
        yield
