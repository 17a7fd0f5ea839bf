"""A whole run: from a model to rows of output, in a file or in memory."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from nftsim.components.data import Data
from nftsim.engine.advance import output_rows, require_finite, run_chunks, trace_values
from nftsim.engine.compile import compile_plan
from nftsim.engine.limits import require_disk, require_memory
from nftsim.engine.plan import Plan
from nftsim.engine.resume import fits, translated
from nftsim.engine.state import State, continued_state, histories, initial_state
from nftsim.errors import NftsimError
from nftsim.io.convert import is_text
from nftsim.io.hdf5 import open_run
from nftsim.io.place import require_place
from nftsim.io.run import End, Run
from nftsim.io.text import TextWriter
from nftsim.io.writer import RunWriter
from nftsim.model import Model, to_conf
from nftsim.model.checks import check
from nftsim.model.model import Output

log = logging.getLogger(__name__)

Array = NDArray[np.float64]
#: Called with the steps made and the steps to make.
Progress = Callable[[int, int], None]
#: What a run can start from: a run in memory, or a file.
Initial = Run | str | Path | None


class Sink(Protocol):
    """What takes the rows of a run: see `nftsim.io.writer.RunWriter`."""

    def write(self, time: Array, values: Sequence[Array]) -> None:
        """Take rows."""

    def finish(self, end: End | None = None) -> None:
        """Take the end state; the run is whole."""


#: Makes a sink from the resolved model, the number of rows, and what the run says of itself.
OpenSink = Callable[[Model, int, dict[str, Any]], AbstractContextManager[Sink]]


def run_to_file(
    model: Model,
    path: str | Path,
    *,
    header: str | bytes | None = None,
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
    **options
        As of `run`.

    Raises
    ------
    NftsimError
        If the file cannot be written, or memory does not suffice.
    SimulationError
        If a field diverges; nothing is left behind.
    """
    target = Path(path)

    def open_sink(resolved: Model, rows: int, about: Mapping[str, Any]) -> Any:
        if is_text(target):
            return TextWriter(target, resolved, header or to_conf(resolved))
        return RunWriter(target, resolved, rows, about)

    run(model, open_sink, target=target, **options)


def run(
    model: Model,
    open_sink: OpenSink,
    *,
    duration: float | None = None,
    seed: int | None = None,
    initial: Initial = None,
    rng: str | None = None,
    compat: bool | str | None = False,
    warmup: bool = False,
    merge: bool = True,
    threads: int = 1,
    progress: Progress | None = None,
    target: Path | None = None,
) -> None:
    """Simulate a model and hand the rows of its output to a sink.

    Parameters
    ----------
    model
        A checked model.
    open_sink
        Makes the sink, a context manager, once the run is found possible.
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
    merge
        Compute once what is mathematically the same (see `nftsim.engine.merge`).
    threads
        How many to use; no number depends on it.
    progress
        Called now and then with steps made and steps to make.
    target
        The file that the run is for, if any, whose place is checked first.

    Raises
    ------
    NftsimError
        If the model cannot run, memory does not suffice, or the output cannot be written.
    SimulationError
        If a field diverges.
    """
    if duration is not None:
        model = replace(model, time=duration, output=_fitting(model, duration))
    compat = bool(compat)
    model = check(model, compat=compat)
    before = _opened(initial, target)
    seed, rng = _noise(before, seed, "nftsim" if compat else rng)
    plan = compile_plan(model, rng=rng, compat=compat, merge=merge)
    if before is not None and not fits(plan, before.end[0]):
        plan = compile_plan(model, rng=rng, compat=compat, merge=merge, delays=False)
    require_memory(plan)
    if target is not None:
        require_place(target)
        require_disk(target, plan)
    state = initial_state(plan) if before is None else _continued(plan, before, initial)
    about: dict[str, Any] = {
        "model": to_conf(model),
        "rng": rng,
        "compat": int(compat),
        "dt": model.deltat,
        "steps": model.steps,
        "interval": plan.interval * model.deltat,
        "warmup": int(warmup),
        "merged": int(merge),
        "delays_merged": int(any(axon.on_field for axon in plan.axons)),
        "initial": str(initial) if isinstance(initial, str | Path) else "",
    }
    if rng == "counter":
        about["seed"] = seed
    data = [s for p in model.populations for s in p.stimuli if isinstance(s, Data)]
    if data:
        about["data"] = " ".join(f"{s.file}:{s.dataset} sha256={s.digest}" for s in data)
    origin = -model.time if warmup else 0.0
    first = plan.start if compat else 0  # NFTsim counts from the start of the output
    with open_sink(model, output_rows(plan, model.steps), about) as sink:
        for chunk in run_chunks(
            plan, state, model.steps, seed=seed, warmup=warmup, origin=origin, threads=threads
        ):
            values = [values for _, values in trace_values(plan, chunk.rows)]
            time = origin + model.deltat * (chunk.steps - first).astype(float)
            sink.write(time, values)
            if progress:
                progress(chunk.done, model.steps)
        require_finite(plan, state)
        sink.finish((histories(plan, state), state.clock, state.generators))


def _fitting(model: Model, duration: float) -> Output:
    """Return the output section with a start that a shorter run can reach."""
    if model.output.start <= duration:
        return model.output
    log.warning("output would start at %g s, after the run; it starts at 0", model.output.start)
    return replace(model.output, start=0.0)


@dataclass(frozen=True)
class _Before:
    """The run to start from: what it was, and its end."""

    model: Model
    attrs: dict[str, Any]
    end: End


def _opened(initial: Initial, target: Path | None) -> _Before | None:
    if initial is None:
        return None
    if isinstance(initial, Run):
        return _Before(initial.model, initial.attrs, initial.state())
    if target is not None and target.exists() and target.samefile(initial):
        raise NftsimError(f"{target}: is the initial run itself; name another file for the output")
    with open_run(initial) as file:
        return _Before(file.model, file.attrs, file.state())


def _noise(before: _Before | None, seed: int | None, rng: str | None) -> tuple[int, str]:
    """Return seed and generator: as given, or those of the initial run, or 1 and ``counter``."""
    if before is not None:
        seed = int(before.attrs.get("seed", 1)) if seed is None else seed
        rng = str(before.attrs.get("rng", "counter")) if rng is None else rng
    seed = 1 if seed is None else seed
    if not 0 <= seed < 2**64:
        raise NftsimError(f"seed {seed}: give a whole number from 0 to 2^64 − 1")
    return seed, rng or "counter"


def _continued(plan: Plan, before: _Before, initial: Initial) -> State:
    model, old = plan.model, before.model
    name = initial if isinstance(initial, str | Path) else "the initial run"
    if old.shape != model.shape or len(old.populations) != len(model.populations):
        raise NftsimError(
            f"{name}: its state is of {len(old.populations)} populations on a grid of "
            f"{old.shape[1]} x {old.shape[0]} nodes; the model has {len(model.populations)} "
            f"on {model.shape[1]} x {model.shape[0]}; start from a run of the same grid"
        )
    if abs(old.deltat - model.deltat) > 1e-12 * model.deltat:
        raise NftsimError(
            f"{name}: its histories are in steps of {old.deltat:g} s, the model's in steps "
            f"of {model.deltat:g} s; use the same Deltat"
        )
    saved, clock, generators = before.end
    made_by = compile_plan(
        old,
        rng=str(before.attrs.get("rng", "counter")),
        compat=bool(before.attrs.get("compat", 0)),
        merge=bool(before.attrs.get("merged", 1)),
        delays=bool(before.attrs.get("delays_merged", 1)),
    )
    return continued_state(plan, translated(plan, made_by, saved), clock, generators)
