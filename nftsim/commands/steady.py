"""``nftsim steady``: the fixed points of a model, their stability, and where simulations end."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from nftsim.commands import counted, load, print_result
from nftsim.errors import NftsimError
from nftsim.model import Model

if TYPE_CHECKING:
    from nftsim.settling import SettledState
    from nftsim.theory.states import FixedPoint, SteadyStates

#: Gains below this are shown as 0.
NOTHING = 1e-12


def steady(options: argparse.Namespace) -> None:
    """Print the fixed points of a model."""
    if options.starts is not None and not options.simulate:
        raise NftsimError("--starts says how many runs --simulate makes; add --simulate")
    model = load(options)
    from nftsim.theory.fixed_points import steady_states

    found = steady_states(model)
    reached = _simulated(options, model) if options.simulate else None
    if options.json:
        print_result(_content(model, found, reached), options, model)
        return
    shown = range(len(found.fixed_points)) if options.all else [found.choice]
    print("\n\n".join("\n".join(_described(model, found, i)) for i in shown))
    others = [i for i in range(len(found.fixed_points)) if i not in shown]
    if others:
        listed = ", ".join(f"{i + 1} ({verdict(found, i)})" for i in others)
        print(f"\n{counted(len(others), 'other')}: {listed}; --all shows all")
    if found.complete:
        print("\nthe list of fixed points is certainly complete")
    else:
        print("\nother fixed points are not excluded: try --simulate")
    if reached is not None:
        print("\n" + "\n".join(_reached(found, reached)))


def _content(
    model: Model, found: SteadyStates, reached: list[SettledState] | None
) -> dict[str, Any]:
    content = found.to_dict()
    for point, plain in zip(found.fixed_points, content["fixed_points"], strict=True):
        plain |= _gains(model, point)
    if reached is not None:
        content["simulated"] = [s.to_dict() for s in reached]
    return content


def _gains(model: Model, point: FixedPoint) -> dict[str, Any]:
    """Return gains, for JSON: of connections, and of loops where the model has them."""
    from nftsim.theory.loop_gains import connection_gains, loop_gains

    try:
        each, loops = connection_gains(model, point), loop_gains(model, point)
    except NftsimError:  # parameters that vary over the nodes, of which a warning speaks
        return {"gains": None, "loop_gains": None}
    return {
        "gains": [{"onto": a, "from": b, "G": g} for (a, b), g in each.items()],
        "loop_gains": None if loops is None else loops.to_dict(),
    }


def _described(model: Model, found: SteadyStates, index: int) -> Iterator[str]:
    """Yield the lines about a fixed point."""
    point = found.fixed_points[index]
    of = f"{index + 1} of {len(found.fixed_points)}"
    of += "" if found.complete else " found"  # there may be others
    yield f"fixed point {of}: {verdict(found, index)}{slowest(found, index)}"
    yield from _in_steps(model, found, index)
    names = [f"{i + 1} {name}" for i, name in zip(model.neural, found.populations, strict=True)]
    width = max(len(name) for name in [*names, "population"])
    yield f"  {'population':<{width}}  {'Q [s^-1]':>14}  {'V [V]':>14}"
    for name, q, v in zip(names, point.rates, point.voltages, strict=True):
        yield f"  {name:<{width}}  {q:>14.9f}  {v:>14.9f}"
    known = _gains(model, point)
    if known["gains"]:
        each = [f"G_{g['onto']},{g['from']} {_small(g['G'])}" for g in known["gains"]]
        for i in range(0, len(each), 5):
            yield ("  gains       " if i == 0 else "              ") + "  ".join(each[i : i + 5])
    if known["loop_gains"]:
        loops = [f"{n} {_small(v)}" for n, v in known["loop_gains"].items() if v is not None]
        yield "  loop gains  " + "  ".join(loops)
    yield f"  residual    {point.residual:.1e}"


def _small(gain: float) -> str:
    """Return a gain; what is too small to matter as 0."""
    return "0" if abs(gain) < NOTHING else f"{gain:.4g}"


def verdict(found: SteadyStates, index: int) -> str:
    """Return whether a fixed point, counted from 0, is stable, in words."""
    stability = found.stability(index)
    if stability is None:
        return "stability not known"
    if stability.stable is None:
        return "stable against uniform deviations, others not known"
    if stability.stable:
        return "stable" if stability.stable_stepped else "stable, but not in steps of Deltat"
    if stability.stable_k0:
        return "unstable in space"
    return "unstable"


def slowest(found: SteadyStates, index: int) -> str:
    """Return what is known of the dominant root of a fixed point, after its verdict, in words."""
    stability = found.stability(index)
    if stability is None or stability.dominant is None:
        return ""
    root = stability.dominant
    text = f"; deviations {root}, k = {root.k:.5g} m^-1"
    if stability.unstable:
        text += f", {counted(len(stability.unstable), 'unstable wavenumber')}"
    return text


def _in_steps(model: Model, found: SteadyStates, index: int) -> Iterator[str]:
    """Yield what a simulation makes of the dominant root, if that is known."""
    stability = found.stability(index)
    if stability is not None and stability.dominant is not None:
        motion = str(stability.stepped or "do what is not known: no root of the steps is near")
        if stability.stepped and stability.stepped.k != stability.dominant.k:
            motion += f", k = {stability.stepped.k:.5g} m^-1"
        yield f"  in a simulation with steps of {model.deltat:g} s they {motion}"


def _simulated(options: argparse.Namespace, model: Model) -> list[SettledState]:
    from nftsim.settling import settled_states

    return settled_states(model, starts=32 if options.starts is None else options.starts)


def _reached(found: SteadyStates, reached: list[SettledState]) -> Iterator[str]:
    """Yield the lines about the states that simulations reach."""
    from nftsim.settling import nearest

    yield "simulations from random rates:"
    for state in reached:
        rates = ", ".join(f"{q:.6g}" for q in state.rates)
        runs = counted(state.starts, "run")
        if not state.settled:
            ends = ", ".join(
                f"{a:.4g} to {b:.4g}" for a, b in zip(state.low, state.high, strict=True)
            )
            yield f"  {runs}: not at rest, Q from {ends}"
            continue
        place = nearest(state, found.fixed_points)
        name = "no fixed point" if place is None else f"fixed point {place + 1}"
        yield f"  {runs}: {name}, Q {rates}"
    if not reached:
        yield "  all diverge"
