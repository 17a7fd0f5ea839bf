"""Simulating from Python: from a model to a run in memory."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from nftsim.engine.simulate import Progress, run
from nftsim.errors import NftsimError
from nftsim.io.run import Collector, Run
from nftsim.model import Model, load_model
from nftsim.model.overrides import override


def simulate(
    model: Model | str | Path,
    *,
    duration: float | None = None,
    seed: int | None = None,
    initial: Run | str | Path | None = None,
    compat: str | None = None,
    overrides: Mapping[str, object] | None = None,
    progress: Progress | None = None,
) -> Run:
    """Simulate a model and return the run.

    Parameters
    ----------
    model
        A model, a ``.conf`` file, or the name of a model of the library.
    duration
        Length of the run [s] (default: the model's `time`).
    seed
        Seed of the noise (default: that of the initial run, else 1).
    initial
        A run, or its HDF5 file, whose end state this run starts from.
    compat
        ``"nftsim"`` to do as NFTsim does: truncated delays, its noise, and so on.
    overrides
        Dotted path → value, e.g. ``{"coupling.1.nu": 0.0015, "output.traces": "pop.1.q"}``.
    progress
        Called now and then with the steps made and the steps to make.

    Returns
    -------
    Run
        Its traces, by name: what the model's output section asks for.

    Raises
    ------
    NftsimError
        If the model cannot run, or the machine cannot hold it.
    SimulationError
        If a field diverges.
    """
    if compat not in (None, "nftsim"):
        raise NftsimError(f"compat '{compat}' is not known; give \"nftsim\" or None")
    ready = (
        override(model, overrides or {})
        if isinstance(model, Model)
        else load_model(model, overrides, compat=compat is not None)
    )
    kept: list[Collector] = []

    def collect(resolved: Model, rows: int, about: dict[str, Any]) -> Collector:
        kept.append(Collector(resolved, rows, about))
        return kept[0]

    run(
        ready,
        collect,
        duration=duration,
        seed=seed,
        initial=initial,
        compat=compat,
        progress=progress,
    )
    return kept[0].run
