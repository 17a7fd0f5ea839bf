"""Running the seeds of a job, together where there are several."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from nftsim.engine.simulate import Progress, file_sink, run_members
from nftsim.model import Model
from workflow.lib.batches import record, seed_of


def run_seeds(
    model: Model,
    runs: Sequence[str],
    *,
    initial: Sequence[str] | None = None,
    threads: int = 1,
    progress: Progress | None = None,
    **options: Any,
) -> None:
    """Simulate a model with several seeds, each into its file as if it were run alone.

    Parameters
    ----------
    model
        A checked model.
    runs
        The files, ``…/SEED/….h5``.
    initial
        For each the run that it starts from.
    threads, progress
        As of `nftsim.engine.simulate.run_members`.
    **options
        As of `nftsim.engine.simulate.run`, the same for all.

    Raises
    ------
    NftsimError
        If a run is impossible or its file cannot be written.
    SimulationError
        If a field diverges.
    """
    members = [{"model": model, "seed": seed_of(r), "target": Path(r), **options} for r in runs]
    if initial is not None:
        for member, start in zip(members, initial, strict=True):
            member["initial"] = start
    run_members(members, [file_sink(run) for run in runs], threads=threads, progress=progress)
    record(runs)
