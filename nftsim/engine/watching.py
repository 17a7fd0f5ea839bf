"""Guard rails around a run: what is found amiss goes to the log, and into its file."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from nftsim.engine.plan import Plan
from nftsim.engine.state import State
from nftsim.guards import Finding, found_after

if TYPE_CHECKING:
    from nftsim.engine.job import Job

log = logging.getLogger(__name__)


def said(findings: Iterable[Finding]) -> list[Finding]:
    """Log findings as warnings, and return them."""
    found = list(findings)
    for finding in found:
        log.warning("%s", finding)
    return found


def conclude(jobs: Sequence[Job], states: Sequence[State]) -> None:
    """Add to the findings of jobs what their runs, which are at their end, have shown.

    Of members that show the same, the first speaks for all in the log.
    """
    fresh: dict[str, list[Finding]] = {}
    for job, state in zip(jobs, states, strict=True):
        job.watch.rates = _rates(job.plan, state)
        late = found_after(job.watch)
        job.found += late
        for finding in late:
            fresh.setdefault(finding.guard, []).append(finding)
    for same in fresh.values():
        others = f" (and {len(same) - 1} more like this)" if len(same) > 1 else ""
        log.warning("%s%s", same[0], others)


def _rates(plan: Plan, state: State) -> dict[int, tuple[float, float]]:
    """Return mean and largest rate of each neural population [s⁻¹]."""
    found = {}
    for i in plan.model.neural:
        source = plan.sources.get(("pop", i + 1, "q"))
        if source is not None:
            base, length = plan.rings[source.ring]
            row = base + (state.clock - source.delay) % length
            values = state.fields[row, : plan.model.nodes]
            with np.errstate(over="ignore", invalid="ignore"):
                found[i] = (float(values.mean()), float(values.max()))
    return found
