"""Before a run: what it starts from, its plan and state, and what it says of itself."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from nftsim.components.data import Data
from nftsim.engine import native
from nftsim.engine.advance import output_rows
from nftsim.engine.compile import compile_plan
from nftsim.engine.limits import require_disk, require_memory
from nftsim.engine.plan import Plan
from nftsim.engine.resume import fits, translated
from nftsim.engine.state import State, continued_state, initial_state
from nftsim.engine.watching import said
from nftsim.errors import NftsimError, require_kind, shown
from nftsim.guards import Finding, Watch, found_before
from nftsim.io.checkpoint import Place
from nftsim.io.hdf5 import open_run
from nftsim.io.place import require_place
from nftsim.io.run import End, Run
from nftsim.model import Model, to_conf
from nftsim.model.checks import check
from nftsim.model.duration import lasting
from nftsim.provenance import state_digest

#: What may draw the noise.
GENERATORS = ("counter", "nftsim")
#: What a run can start from: a run in memory, or a file.
Initial = Run | str | Path | None


@dataclass
class Job:
    """A run that is ready to go.

    Attributes
    ----------
    plan, state
        What to advance.
    seed
        Seed of counter-based noise.
    warmup
        Whether stimuli rest at their mean.
    origin, first
        Time of step 0 [s], and the step from which the output counts time.
    about
        What a file says of the run, as attributes.
    """

    plan: Plan
    state: State
    seed: int
    warmup: bool
    origin: float
    first: int
    about: dict[str, Any]
    #: Where the file of the run is made, and which run that is: a digest, and what it is of.
    place: Place | None = None
    run: str = ""
    told: dict[str, Any] = field(default_factory=dict)
    #: What the guards have found amiss, and what they watch.
    found: list[Finding] = field(default_factory=list)
    #: Whether another run's end is its start.
    goes_on: bool = False

    def __post_init__(self) -> None:
        """Begin to watch."""
        self.watch = Watch(self.plan.model, self.rows, goes_on=self.goes_on)

    @property
    def rows(self) -> int:
        """Rows of output to come."""
        return output_rows(self.plan, self.plan.model.steps)


def prepare(
    model: Model,
    *,
    duration: float | None = None,
    seed: int | None = None,
    initial: Initial = None,
    rng: str | None = None,
    compat: bool | str | None = False,
    warmup: bool = False,
    merge: bool = True,
    tabled: bool = False,
    target: Path | None = None,
    steady: int | None = None,
) -> Job:
    """Check a run, compile it, and fill its state (parameters as of `nftsim.engine.simulate.run`).

    Raises
    ------
    NftsimError
        If the model cannot run, memory does not suffice, or the output cannot be written.
    """
    if initial is not None:
        require_kind(initial, (Run, str, Path), "an initial run, or its file")
    if duration is not None:
        model = lasting(model, duration)
    compat = bool(compat)
    model = check(model, compat=compat)
    before = _opened(initial, target)
    seed, rng = _noise(before, seed, "nftsim" if compat else rng)
    plan = compile_plan(model, rng=rng, compat=compat, merge=merge, tabled=tabled)
    if before is not None and not fits(plan, before.end[0]):
        plan = compile_plan(model, rng=rng, compat=compat, merge=merge, delays=False, tabled=tabled)
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
        "kernels": kernels(),
    }
    if before is not None:
        about["initial_state"] = state_digest(before.end)
    if steady is not None:
        about["steady"] = steady
    if rng == "counter":
        about["seed"] = seed
    data = [s for p in model.populations for s in p.stimuli if isinstance(s, Data)]
    if data:
        about["data"] = " ".join(f"{s.file}:{s.dataset} sha256={s.digest}" for s in data)
    origin = -model.time if warmup else 0.0
    first = plan.start if compat else 0  # NFTsim counts from the start of the output
    place = None if target is None else Place(target)
    goes_on = before is not None
    found = said(found_before(model, warmup=warmup, goes_on=goes_on))
    return Job(plan, state, seed, warmup, origin, first, about, place, found=found, goes_on=goes_on)


def kernels() -> str:
    """Return which machine code runs here: a digest of its sources, its compiler and the CPU."""
    return "interpreted" if native.interpreted() else native.cache_file().name


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
        seed = before.attrs.get("seed", 1) if seed is None else seed
        rng = str(before.attrs.get("rng", "counter")) if rng is None else rng
    seed = 1 if seed is None else seed
    if not isinstance(seed, int | np.integer) or not 0 <= seed < 2**64:
        raise NftsimError(f"seed {shown(seed)}: give a whole number from 0 to 2^64 − 1")
    rng = "counter" if rng is None else rng
    require_kind(rng, str, f"the name of a random generator ({', '.join(GENERATORS)})")
    if rng not in GENERATORS:
        raise NftsimError(f"rng '{shown(rng)}' is not known. Allowed: {', '.join(GENERATORS)}")
    return int(seed), rng


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
