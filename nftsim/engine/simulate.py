"""A whole run: from a model to a file."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from nftsim.engine.advance import output_rows, require_finite, run_chunks
from nftsim.engine.compile import compile_plan
from nftsim.engine.limits import require_memory, require_target
from nftsim.engine.plan import Plan
from nftsim.engine.state import State, continued_state, initial_state
from nftsim.engine.writer import Clock, RunWriter
from nftsim.errors import NftsimError
from nftsim.io.hdf5 import open_run
from nftsim.model import Model, to_conf
from nftsim.model.checks import check

log = logging.getLogger(__name__)

#: Called with the steps made and the steps to make.
Progress = Callable[[int, int], None]


def run_to_file(
    model: Model,
    path: str | Path,
    *,
    duration: float | None = None,
    seed: int | None = None,
    initial: str | Path | None = None,
    rng: str | None = None,
    compat: bool | str | None = False,
    warmup: bool = False,
    progress: Progress | None = None,
) -> None:
    """Simulate a model and write the run to an HDF5 file.

    Parameters
    ----------
    model
        A checked model.
    path
        The file; written beside it under another name and renamed when whole.
    duration
        Length of the run [s] (default: the model's Time).
    seed
        Seed of counter-based noise (default: that of the initial run, else 1).
    initial
        A run file whose end state this run starts from, at t = 0: histories, derivatives and the
        position in the noise go on, onsets and `/time` count anew.
    rng
        ``counter`` or ``nftsim`` (see `compile_plan`; default: that of the initial run, else
        ``counter``).
    compat
        Follow NFTsim's habits; implies NFTsim's noise. ``"nftsim"`` means True.
    warmup
        Run from −duration to 0, noise on, deterministic stimuli at their mean.
    progress
        Called now and then with steps made and steps to make.

    Raises
    ------
    NftsimError
        If the file cannot be written, or memory does not suffice.
    SimulationError
        If a field diverges; nothing is left behind.
    """
    if duration is not None:
        model = replace(model, time=duration, output=_fitting(model, duration))
    compat = bool(compat)
    model = check(model, compat=compat)
    seed, rng = _noise(initial, seed, "nftsim" if compat else rng)
    plan = compile_plan(model, rng=rng, compat=compat)
    require_memory(plan)
    target = Path(path)
    require_target(target, plan)
    state = _start(plan, initial, target)
    origin = -model.time if warmup else 0.0
    clock = Clock(model.deltat, origin, plan.start if compat else 0)
    about: dict[str, Any] = {
        "model": to_conf(model),
        "rng": plan.rng,
        "compat": int(compat),
        "dt": model.deltat,
        "steps": model.steps,
        "interval": plan.interval * model.deltat,
        "warmup": int(warmup),
        "initial": str(initial or ""),
    }
    if rng == "counter":
        about["seed"] = seed
    rows = output_rows(plan, model.steps)
    with RunWriter(target, plan, rows, clock, about) as writer:
        for chunk in run_chunks(plan, state, model.steps, seed=seed, warmup=warmup, origin=origin):
            writer.write(chunk)
            if progress:
                progress(chunk.done, model.steps)
        require_finite(plan, state)
        writer.finish(state)


def _fitting(model: Model, duration: float) -> Any:
    """Return the output section with a start that a shorter run can reach."""
    if model.output.start <= duration:
        return model.output
    log.warning("output would start at %g s, after the run; it starts at 0", model.output.start)
    return replace(model.output, start=0.0)


def _noise(initial: str | Path | None, seed: int | None, rng: str | None) -> tuple[int, str]:
    """Return seed and generator: as given, or those of the initial run, or 1 and ``counter``."""
    if initial is not None:
        with open_run(initial) as run:
            seed = int(run.attrs.get("seed", 1)) if seed is None else seed
            rng = str(run.attrs.get("rng", "counter")) if rng is None else rng
    seed = 1 if seed is None else seed
    if not 0 <= seed < 2**64:
        raise NftsimError(f"seed {seed}: give a whole number from 0 to 2^64 − 1")
    return seed, rng or "counter"


def _start(plan: Plan, initial: str | Path | None, target: Path) -> State:
    if initial is None:
        return initial_state(plan)
    if target.exists() and target.samefile(initial):
        raise NftsimError(f"{target}: is the initial run itself; name another file for the output")
    with open_run(initial) as run:
        saved, clock, generators = run.state()
        before = run.model
    model = plan.model
    if before.shape != model.shape or len(before.populations) != len(model.populations):
        raise NftsimError(
            f"{initial}: its state is of {len(before.populations)} populations on a grid of "
            f"{before.shape[1]} x {before.shape[0]} nodes; the model has {len(model.populations)} "
            f"on {model.shape[1]} x {model.shape[0]}; start from a run of the same grid"
        )
    if abs(before.deltat - model.deltat) > 1e-12 * model.deltat:
        raise NftsimError(
            f"{initial}: its histories are in steps of {before.deltat:g} s, the model's in steps "
            f"of {model.deltat:g} s; use the same Deltat"
        )
    return continued_state(plan, saved, clock, generators)
