"""A whole run: from a model to a file."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil

from nftsim.engine.advance import BUFFER_BYTES, output_rows, require_finite, run_chunks
from nftsim.engine.compile import compile_plan
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
#: Bytes that the process takes beside its fields: interpreter, libraries, compiled kernels.
PROCESS_BYTES = 200 * 1024**2


def run_to_file(
    model: Model,
    path: str | Path,
    *,
    duration: float | None = None,
    seed: int = 1,
    initial: str | Path | None = None,
    rng: str = "counter",
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
        Seed of counter-based noise.
    initial
        A run file whose end state this run starts from, at t = 0: histories, derivatives and the
        position in the noise go on, onsets and `/time` count anew.
    rng
        ``counter`` or ``nftsim`` (see `compile_plan`).
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
    if not 0 <= seed < 2**64:
        raise NftsimError(f"seed {seed}: give a whole number from 0 to 2^64 − 1")
    plan = compile_plan(model, rng="nftsim" if compat else rng, compat=compat)
    require_memory(plan)
    target = Path(path)
    _require_writable(target)
    state = _start(plan, initial)
    origin = -model.time if warmup else 0.0
    clock = Clock(model.deltat, origin, plan.start if compat else 0)
    about: dict[str, Any] = {
        "model": to_conf(model),
        "seed": seed,
        "rng": plan.rng,
        "compat": int(compat),
        "dt": model.deltat,
        "steps": model.steps,
        "interval": plan.interval * model.deltat,
        "warmup": int(warmup),
        "initial": str(initial or ""),
    }
    rows = output_rows(plan, model.steps)
    with RunWriter(target, plan, rows, clock, about) as writer:
        for chunk in run_chunks(plan, state, model.steps, seed=seed, warmup=warmup, origin=origin):
            writer.write(chunk)
            if progress:
                progress(chunk.done, model.steps)
        require_finite(plan, state)
        writer.finish(state)


def required_memory(plan: Plan) -> int:
    """Return about how many bytes a run takes: 8 N (rows + parameters) + buffers + process.

    Rows are those of the plan: the histories of length D_a of each population and the states of
    propagators and dendrites (compare Sanz-Leon et al. 2018, Eq 34).
    """
    per_node = 8 * (len(plan.params) + len(plan.delays) + 2 * len(plan.traces) + 2)
    return plan.memory() + per_node * plan.model.nodes + 2 * BUFFER_BYTES + PROCESS_BYTES


def require_memory(plan: Plan) -> None:
    """Refuse a run that the machine cannot hold.

    Raises
    ------
    NftsimError
        If the estimate exceeds the memory of the machine.
    """
    needed, present = required_memory(plan), psutil.virtual_memory().total
    if needed > present:
        longest = max(plan.rings[:, 1])
        raise NftsimError(
            f"{plan.model.place('nodes')}: the run needs about {needed / 2**30:.3g} GiB of memory "
            f"and this machine has {present / 2**30:.3g}: {plan.rows} rows of {plan.model.nodes} "
            f"nodes (the longest history has {longest}); use fewer nodes, a larger Deltat or "
            "shorter delays"
        )


def _fitting(model: Model, duration: float) -> Any:
    """Return the output section with a start that a shorter run can reach."""
    if model.output.start <= duration:
        return model.output
    log.warning("output would start at %g s, after the run; it starts at 0", model.output.start)
    return replace(model.output, start=0.0)


def _require_writable(path: Path) -> None:
    folder = path.parent
    if path.is_dir():
        raise NftsimError(f"{path}: is a directory; name a file for the output")
    if not folder.is_dir():
        raise NftsimError(f"{path}: the folder {folder} does not exist; create it first")
    if not os.access(folder, os.W_OK):
        raise NftsimError(f"{path}: the folder {folder} is not writable; choose another place")


def _start(plan: Plan, initial: str | Path | None) -> State:
    if initial is None:
        return initial_state(plan)
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
