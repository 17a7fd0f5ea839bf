"""Running the seeds of a job, together where there are several."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from nftsim.engine.simulate import file_sink, run_members
from nftsim.errors import NftsimError
from nftsim.model import Model
from workflow.lib.batches import record, seed_of
from workflow.lib.publishing import making


def run_seeds(
    model: Model,
    runs: Sequence[str],
    *,
    how: Mapping[str, Any],
    initial: Sequence[str] | None = None,
    **options: Any,
) -> list[Path]:
    """Simulate a model with several seeds, each into its file as if it were run alone.

    Parameters
    ----------
    model
        A checked model.
    runs
        The files, ``…/SEED/….h5``.
    how
        As `workflow.lib.jobs.running` gives it.
    initial
        For each the run that it starts from.
    **options
        As of `nftsim.engine.simulate.run`, the same for all.

    Returns
    -------
    list of Path
        Where the runs are, for `workflow.lib.publishing.publish`.

    Raises
    ------
    NftsimError
        If a run is impossible or its file cannot be written.
    SimulationError
        If a field diverges.
    """
    made = [making(run) for run in runs]
    members = []
    for path in made:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise NftsimError(f"{path}: cannot be written: {error.strerror}") from error
        members.append({"model": model, "seed": seed_of(path), "target": path, **options})
    if initial is not None:
        for member, start in zip(members, initial, strict=True):
            member["initial"] = start
    run_members(members, [file_sink(path) for path in made], reuse=True, **how)
    record(runs)
    return made
