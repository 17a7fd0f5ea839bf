"""Checkpoints of runs: which run one is of, when one is due, and going on from it."""

from __future__ import annotations

import hashlib
import json
import logging
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Protocol

from nftsim.engine.ensemble import member_state
from nftsim.engine.job import Job
from nftsim.engine.plan import Plan
from nftsim.engine.state import State
from nftsim.errors import NftsimError
from nftsim.io.checkpoint import Saved
from nftsim.provenance import code_digest

log = logging.getLogger(__name__)

#: Seconds of computing between two checkpoints, about, and what an operation on a node takes [s].
PERIOD, OPERATION = 60.0, 1e-9
#: Seconds of computing worth a checkpoint when a run is told to stop.
WORTH = 2.0


class Keeping(Protocol):
    """What keeps checkpoints: see `nftsim.io.writer.RunWriter`."""

    def checkpoint(self, run: str, facts: Mapping[str, Any], arrays: Mapping[str, Any]) -> None:
        """Keep what is needed to go on from here."""


def identity(job: Job, form: str = "") -> str:
    """Return a digest of all that a file depends on: what is run from which state, and its form."""
    digest = hashlib.sha256()
    told = {**job.about, "rows": job.rows, "form": form, "code": code_digest()}
    digest.update(json.dumps(told, sort_keys=True, default=str).encode())
    nodes = job.plan.model.nodes
    for values in (job.state.fields[:, :nodes], job.state.clocks, job.state.generators):
        digest.update(values.tobytes())
    digest.update(str((job.state.clock, job.state.step)).encode())
    return digest.hexdigest()[:32]


def steps_between(plan: Plan) -> int:
    """Return the steps between two checkpoints: a minute's work, however long the minute.

    Counted in steps rather than by the clock, so that a run that is cut off and goes on writes the
    same file as one that is not, to the byte.
    """
    return max(1, int(PERIOD / (OPERATION * max(len(plan.ops), 1) * plan.lanes)))


def taken_up(job: Job, saved: Saved) -> None:
    """Put a job where a checkpoint was made."""
    nodes = job.plan.model.nodes
    state = job.state
    state.fields[:, :nodes] = saved.arrays["fields"]
    state.clocks[:] = saved.arrays["clocks"]
    state.generators[:] = saved.arrays["generators"]
    state.clock, state.step = saved.facts["clock"], saved.facts["step"]


class Keeper:
    """Makes the checkpoints of jobs that are stepped together.

    Parameters
    ----------
    jobs, sinks
        The jobs, and what takes their rows.
    plan, state
        What is stepped.
    every
        Steps between checkpoints; 0: none but when told to stop.
    """

    def __init__(
        self,
        jobs: Sequence[Job],
        sinks: Sequence[Any],
        plan: Plan,
        state: State,
        every: int,
    ) -> None:
        self._jobs, self._sinks, self._plan, self._state = jobs, sinks, plan, state
        self._every, self._last, self._since = every, state.step, time.monotonic()

    def look(self) -> None:
        """Make a checkpoint if one is due."""
        left = self._plan.model.steps - self._state.step
        if self._every and left and self._state.step - self._last >= self._every:
            self._save()

    @contextmanager
    def stopping(self) -> Iterator[None]:
        """Make a checkpoint, if it is worth it, where the run is told to stop."""
        try:
            yield
        except (KeyboardInterrupt, SystemExit):
            if self._every and time.monotonic() - self._since > WORTH:
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
            sink.checkpoint(job.run, {"clock": own.clock, "step": own.step}, arrays)
        self._last, self._since = self._state.step, time.monotonic()


def go_on(job: Job, *, form: str, resume: bool | None) -> None:
    """Take a job up where an earlier process was cut off, if there is a checkpoint of it.

    Parameters
    ----------
    job
        A job for a file; its `run`, `saved` and state are set.
    form
        How the file is written, in words.
    resume
        True: there must be a checkpoint, if there is part of the file. False: start anew. None: go
        on if the checkpoint is of this very run, else start anew.

    Raises
    ------
    NftsimError
        If the checkpoint is of another run and `resume` is True.
    """
    job.run = identity(job, form)
    place = job.place
    if place is None or resume is False:
        return
    saved = place.saved()
    if saved is not None and saved.run != job.run:
        what = (
            f"{place.checkpoint}: is of another run (model, seed, length, initial state or version "
            "of nftsim differ)"
        )
        if resume:
            raise NftsimError(f"{what}; give what that run had, or leave out --resume")
        log.warning("%s; starting anew", what)
        saved = None
    if saved is not None and not place.holds(saved):
        log.warning("%s: what belongs to it is gone; starting anew", place.checkpoint)
        saved = None
    if saved is None:
        if resume:
            log.warning("%s: no checkpoint to go on from; starting at the beginning", place.target)
        return
    taken_up(job, saved)
    job.saved = saved
    at = job.origin + job.state.step * job.plan.model.deltat
    log.info("%s: going on at t = %g s", place.target, at)
