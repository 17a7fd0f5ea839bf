"""What must hold across a whole model before it runs: grid, times, and every component's own checks."""

from __future__ import annotations

import logging
import math
from collections.abc import Iterator

from nftsim.components.base import Component
from nftsim.errors import ModelError
from nftsim.model.model import Model

log = logging.getLogger(__name__)

#: How far a ratio of times may be from a whole number, relative to it, and still count as whole.
WHOLE = 1e-6


def check(model: Model, *, compat: bool = False) -> Model:
    """Return the model if it can run.

    Parameters
    ----------
    model
        The model, overrides applied.
    compat
        Follow NFTsim in rounding an output interval that is not a multiple of Δt.

    Raises
    ------
    ModelError
        At the first thing that is wrong, with where it was read.
    """
    _grid(model)
    for path, sheet, item in _components(model):
        for attribute, message in item.problems(model.setting(sheet)):
            label = path.replace(".", " ").capitalize() + (f" ({item.keyword})" if item.keyword else "")
            declared = item.parameters()[attribute].path
            raise ModelError(model.place(f"{path}.{declared}"), f"{label}: {message}")
        _per_node(model, path, item)
    _times(model, compat)
    return model


def _components(model: Model) -> Iterator[tuple[str, int, Component]]:
    """Yield (path, sheet it lives on, component)."""
    for i, population in enumerate(model.populations):
        if population.firing is not None:
            yield f"population.{i + 1}.firing", i, population.firing
        for j, stimulus in enumerate(population.stimuli, start=1):
            yield f"population.{i + 1}.stimulus.{j}", i, stimulus
    for c in model.connections:
        yield f"propagator.{c.index}", c.pre, c.propagator
        yield f"coupling.{c.index}", c.post, c.coupling
        yield f"dendrite.{c.index}", c.post, c.dendrite


def _grid(model: Model) -> None:
    nodes, longside = model.nodes, model.longside
    if longside is None:
        side = math.isqrt(nodes)
        if side * side != nodes:
            raise ModelError(
                model.place("nodes"),
                f"Nodes: {nodes} is not a perfect square (nearest: {side**2}, {(side + 1) ** 2}); "
                "for a rectangle add 'Longside nodes: <nodes along x>'",
            )
    elif nodes % longside:
        raise ModelError(
            model.place("longside_nodes"),
            f"Longside nodes: {longside} does not divide Nodes: {nodes}; use a divisor",
        )


def _per_node(model: Model, path: str, item: Component) -> None:
    """Catch per-node values left over from another grid, e.g. after overriding ``nodes``."""
    for name, declared in item.parameters().items():
        value = getattr(item, name)
        if declared.form == "per-node" and isinstance(value, tuple) and len(value) != model.nodes:
            raise ModelError(
                model.place(f"{path}.{declared.path}"),
                f"{path}: {declared.keyword} has {len(value)} values; the grid has {model.nodes} "
                "nodes; give one, or one per node",
            )
        if declared.form == "nodes" and any(n > model.nodes for n in value):
            raise ModelError(
                model.place(f"{path}.{declared.path}"),
                f"{path}: node {max(value)} does not exist; nodes are 1 to {model.nodes}",
            )


def _times(model: Model, compat: bool) -> None:
    dt = model.deltat
    if model.steps < 1:
        raise ModelError(
            model.place("time"), f"Time = {model.time:g} s is shorter than one step of {dt:g} s"
        )
    if not whole(model.time, dt):
        log.warning(
            "%s: Time = %g s is not a multiple of Deltat = %g s; it runs %d steps",
            model.place("time"), model.time, dt, model.steps,
        )
    for c in model.connections:
        taus = c.propagator.tau if isinstance(c.propagator.tau, tuple) else (c.propagator.tau,)
        odd = next((t for t in taus if not whole(t, dt)), None)
        if odd is not None:
            log.warning(
                "%s: Propagator %d: Tau = %g s is not a multiple of Deltat = %g s; used as %g s",
                model.place(f"propagator.{c.index}.tau"), c.index, odd, dt,
                delay_steps(odd, dt, compat=compat) * dt,
            )
        longest = max(taus)
        if longest > 1e9 * dt:
            raise ModelError(
                model.place(f"propagator.{c.index}.tau"),
                f"Propagator {c.index}: Tau = {longest:g} s is {longest / dt:.3g} steps; shorten it",
            )
    _output(model, compat)


def _output(model: Model, compat: bool) -> None:
    dt, out = model.deltat, model.output
    if out.nodes is not None and max(out.nodes) > model.nodes:
        raise ModelError(
            model.place("output.node"),
            f"Output: node {max(out.nodes)} does not exist; nodes are 1 to {model.nodes}",
        )
    if out.interval is not None:
        near = max(round(out.interval / dt), 1)
        if not whole(out.interval, dt) and not compat:
            raise ModelError(
                model.place("output.interval"),
                f"Output: Interval = {out.interval:g} s is not a multiple of Deltat = {dt:g} s; "
                f"use {near * dt:.10g} or another multiple",
            )
        if round(out.interval / dt) < 1:
            raise ModelError(
                model.place("output.interval"),
                f"Output: Interval = {out.interval:g} s is shorter than Deltat = {dt:g} s",
            )
    if out.start > model.time:
        raise ModelError(
            model.place("output.start"),
            f"Output: Start = {out.start:g} s is later than the end at Time = {model.time:g} s",
        )
    if not whole(out.start, dt):
        log.warning(
            "%s: Output: Start = %g s is not a multiple of Deltat = %g s; truncated to steps",
            model.place("output.start"), out.start, dt,
        )


def whole(time: float, step: float) -> bool:
    """Tell whether a time is a whole number of steps, up to the rounding of decimal input."""
    ratio = time / step
    return abs(ratio - round(ratio)) <= WHOLE * max(1.0, abs(ratio))


def delay_steps(tau: float, deltat: float, *, compat: bool = False) -> int:
    """Return a delay in steps: the nearest whole number; NFTsim's way, truncated."""
    return int(tau / deltat) if compat else round(tau / deltat)


def start_steps(model: Model) -> int:
    """Return the step after which output begins; a product of decimals may fall just short."""
    ratio = model.output.start / model.deltat
    return round(ratio) if whole(model.output.start, model.deltat) else int(ratio)


def interval_steps(model: Model) -> int:
    """Return the steps between rows of output."""
    interval = model.output.interval
    return 1 if interval is None else round(interval / model.deltat)
