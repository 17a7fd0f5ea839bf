"""Simulating from Python: from a model to a run in memory."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from numpy.typing import ArrayLike

from nftsim.engine.simulate import Progress, run, run_members
from nftsim.errors import NftsimError, shown
from nftsim.io.run import Collector, Run
from nftsim.model import Model
from nftsim.model.library import load_lasting
from nftsim.model.overrides import override

if TYPE_CHECKING:
    from nftsim.settling import SettledState
    from nftsim.theory.fixed_points import SteadyStates
    from nftsim.theory.linear import LinearSpectrum


def simulate(
    model: Model | str | Path,
    *,
    duration: float | None = None,
    seed: int | None = None,
    initial: Run | str | Path | None = None,
    compat: str | None = None,
    overrides: Mapping[str, object] | None = None,
    threads: int = 1,
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
    threads
        How many to use, for one large sheet; no number depends on it.
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
    if compat is not None and not (isinstance(compat, str) and compat == "nftsim"):
        raise NftsimError(f"compat '{shown(compat)}' is not known; give \"nftsim\" or None")
    ready = (
        override(model, {} if overrides is None else overrides)
        if isinstance(model, Model)
        else load_lasting(model, overrides, duration, compat=compat is not None)
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
        threads=threads,
        progress=progress,
    )
    return kept[0].run


def simulate_ensemble(
    model: Model | str | Path,
    *,
    seeds: Sequence[int] | None = None,
    overrides: Sequence[Mapping[str, object]] | None = None,
    duration: float | None = None,
    initial: Run | str | Path | Sequence[Run | str | Path] | None = None,
    threads: int = 1,
    progress: Progress | None = None,
) -> list[Run]:
    """Simulate many members of one model together, many times faster on one or a few nodes.

    Parameters
    ----------
    model
        A model, a ``.conf`` file, or the name of a model of the library.
    seeds
        Seed of the noise of each member.
    overrides
        Changes to the model for each member: dotted path → value.
    duration
        Length of the runs [s] (default: the model's `time`).
    initial
        A run whose end state all members start from, or one for each.
    threads
        How many to use; no number depends on it.
    progress
        Called now and then with the steps made and the steps to make, of all members.

    Returns
    -------
    list of Run
        The members, each bit for bit as `simulate` gives it.

    Raises
    ------
    NftsimError
        If there are not as many seeds as overrides, or a member cannot run.
    SimulationError
        If a field diverges; the message names the member.
    """
    if not all(x is None or _listed(x) for x in (seeds, overrides)):
        raise NftsimError(
            "simulate_ensemble: seeds is a list of whole numbers, e.g. range(3), and overrides a "
            "list of changes, one for each member"
        )
    given = [len(x) for x in (seeds, overrides) if x is not None]
    if not given or len(set(given)) > 1:
        raise NftsimError(
            f"simulate_ensemble: {' seeds and '.join(map(str, given)) or 'neither seeds nor'} "
            "overrides given; give one or the other, or as many of one as of the other"
        )
    changes = overrides if overrides is not None else [{}] * given[0]
    starts = initial if isinstance(initial, Sequence) and not isinstance(initial, str) else None
    if starts is not None and len(starts) != len(changes):
        raise NftsimError(
            f"simulate_ensemble: {len(starts)} initial runs given for {len(changes)} members; give "
            "one for all, or as many as members"
        )
    members = [
        {
            "model": _changed(model, change, duration),
            "duration": duration,
            "seed": None if seeds is None else seeds[i],
            "initial": initial if starts is None else starts[i],
        }
        for i, change in enumerate(changes)
    ]
    return collected(members, threads=threads, progress=progress)


def collected(members: Sequence[Mapping[str, Any]], **options: Any) -> list[Run]:
    """Simulate several models together, and return their runs.

    Parameters
    ----------
    members, **options
        As of `nftsim.engine.simulate.run_members`.
    """
    sinks: list[Collector | None] = [None] * len(members)

    def opens(i: int) -> Callable[[Model, int, Mapping[str, Any]], Collector]:
        def open_sink(resolved: Model, rows: int, about: Mapping[str, Any]) -> Collector:
            sinks[i] = found = Collector(resolved, rows, about)
            return found

        return open_sink

    run_members(members, [opens(i) for i in range(len(members))], **options)
    return [sink.run for sink in sinks if sink is not None]


def steady_states(model: Model | str | Path) -> SteadyStates:
    """Find the fixed points of a model, a file, or a model of the library, and their stability.

    See `nftsim.theory.fixed_points.steady_states`.
    """
    from nftsim.theory import fixed_points  # not for those who only simulate

    return fixed_points.steady_states(_changed(model, {}))


def settled_states(model: Model | str | Path, **options: Any) -> list[SettledState]:
    """Return the states that simulations reach from random initial rates.

    Parameters
    ----------
    model
        A model, a ``.conf`` file, or the name of a model of the library.
    **options
        As of `nftsim.settling.settled_states`: ``starts``, ``seed`` and ``duration``.
    """
    from nftsim import settling

    return settling.settled_states(_changed(model, {}), **options)


def linear_spectrum(
    model: Model | str | Path, trace: str, frequencies: ArrayLike, **options: Any
) -> LinearSpectrum:
    """Return the power spectrum of a trace in linear theory.

    Parameters
    ----------
    model
        A model, a ``.conf`` file, or the name of a model of the library.
    trace, frequencies, **options
        As of `nftsim.theory.linear.linear_spectrum`: ``k0`` (volume conduction [m⁻¹], by default
        10; None for the field itself), ``wavenumbers``, ``fixed_point``, ``interval``, ``compat``.
    """
    from nftsim.theory import linear

    return linear.linear_spectrum(_changed(model, {}), trace, frequencies, **options)


def _listed(value: object) -> bool:
    """Tell whether a value is a list of some kind, in an order."""
    if isinstance(value, str | bytes | Mapping):
        return False
    return hasattr(value, "__len__") and hasattr(value, "__getitem__")


def _changed(
    model: Model | str | Path, changes: Mapping[str, object], duration: float | None = None
) -> Model:
    if isinstance(model, Model):
        return override(model, changes)
    return load_lasting(model, changes, duration)
