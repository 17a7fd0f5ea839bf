"""What must hold across a whole model before it runs: grid, times, each component's own checks."""

from __future__ import annotations

import logging
import math
from collections.abc import Iterator

import numpy as np
import psutil

from nftsim.components.base import Array, Component, Setting
from nftsim.components.couplings import Coupling
from nftsim.components.dendrites import Dendrite
from nftsim.components.firing import Firing
from nftsim.components.propagators import Propagator
from nftsim.components.slow import GlutamateResponse
from nftsim.errors import ModelError
from nftsim.model.keys import POPULATION, label
from nftsim.model.model import Connection, Model
from nftsim.model.steps import delay_steps, interval_steps, start_steps, whole
from nftsim.model.structure import require_nodes, require_numbers, require_structure
from nftsim.model.values import require_count

log = logging.getLogger(__name__)

#: Most steps that a delay or an interval may have; a run may have as many as a clock can count.
LONGEST = 1e9
LONGEST_RUN = 1e15


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
    require_structure(model)
    require_numbers(model, ((path, item) for path, _, item in _components(model)))
    _grid(model)
    _memory(model)
    _run_length(model)
    _rates(model)
    for path, sheet, item in _components(model):
        _per_node(model, path, item)
        _component(model, path, sheet, item)
    for c in model.connections:
        _glutamate(model, c)
    _delays(model, compat)
    _output(model, compat)
    return model


def require_sound(model: Model) -> None:
    """Refuse a model, read from a run's file, whose parts, numbers and grid do not fit together.

    It need not be able to run here: that takes memory, and files that may be gone.

    Raises
    ------
    ModelError
        At the first thing that is wrong.
    """
    require_structure(model)
    require_numbers(model, ((path, item) for path, _, item in _components(model)))
    _grid(model)
    if out := model.output.nodes:
        require_nodes(out, model.nodes, model.place("output.node"), "Output")


def _components(model: Model) -> Iterator[tuple[str, int, Component]]:
    """Yield (path, sheet it lives on, component)."""
    for i, population in enumerate(model.populations):
        if population.firing is not None:
            yield f"population.{i + 1}.firing", i, population.firing
            if isinstance(population.firing, GlutamateResponse):
                yield f"population.{i + 1}.firing", i, population.firing.function
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
            model.place("longside"),
            f"Longside nodes: {longside} does not divide Nodes: {nodes}; use a divisor",
        )
    for i, population in enumerate(model.populations, start=1):
        if population.length == 0 and nodes > 1:
            raise ModelError(
                model.place(f"population.{i}.length"),
                f"Population {i}: Length = 0 is out of bounds on a grid of {nodes} nodes; "
                "give a number > 0",
            )


def _memory(model: Model) -> None:
    """Refuse a grid that cannot be held whatever the delays, before anything of its size is made.

    The engine's own estimate, which counts histories, comes later.
    """
    rows = len(model.populations) + 2 * len(model.connections)
    # a strength for every pair of nodes takes as many rows as there are nodes
    pairs = [c for c in model.connections if any(f.matrix for f in c.coupling.outputs)]
    rows += len(pairs) * model.nodes
    needed, present = 8 * rows * model.nodes, psutil.virtual_memory().total
    if needed > present:
        raise ModelError(
            model.place("nodes"),
            f"Nodes: {model.nodes} needs at least {needed / 2**30:.3g} GiB of memory and this "
            f"machine has {present / 2**30:.3g}; use fewer nodes",
        )


def _run_length(model: Model) -> None:
    if model.time / model.deltat > LONGEST_RUN:
        raise ModelError(
            model.place("time"),
            f"Time = {model.time:g} s is {model.time / model.deltat:.3g} steps of Deltat = "
            f"{model.deltat:g} s; use at most {LONGEST_RUN:g}",
        )
    if model.steps < 1:
        raise ModelError(
            model.place("time"),
            f"Time = {model.time:g} s is shorter than one step; use at least Deltat = "
            f"{model.deltat:g} s",
        )
    if not whole(model.time, model.deltat):
        log.warning(
            "%s: Time = %g s is not a multiple of Deltat = %g s; it runs %d steps",
            model.place("time"),
            model.time,
            model.deltat,
            model.steps,
        )


def _component(model: Model, path: str, sheet: int, item: Component) -> None:
    name, setting = label(path, item.keyword), model.setting(sheet)
    try:
        with np.errstate(over="raise", divide="raise", invalid="raise"):
            for attribute, message in item.problems(setting):
                declared = item.parameters()[attribute].path
                raise ModelError(model.place(f"{path}.{declared}"), f"{name}: {message}")
            finite = all(np.isfinite(c).all() for c in _constants(model, item, setting))
    except ArithmeticError:
        finite = False
    if not finite:
        raise ModelError(
            model.place(path),
            f"{name}: its parameters are too large or small to compute with; use others",
        )


def _constants(model: Model, item: Component, setting: Setting) -> tuple[Array, ...]:
    """Return the constants of a component's step; none of those that read a table instead."""
    if isinstance(item, Propagator):
        item = item.on(model.nodes)
    if isinstance(item, Propagator | Coupling | Dendrite | Firing):
        return item.coefficients(setting)
    return ()


def _rates(model: Model) -> None:
    for i, population in enumerate(model.populations, start=1):
        if isinstance(population.q, tuple):
            path = f"population.{i}.q"
            declared = POPULATION["Q"]
            name = f"Population {i}: {declared.keyword}"
            require_count(len(population.q), declared, model.nodes, model.place(path), name)
        if population.firing is not None and population.q is not None:
            low, high = population.firing.bounds
            if np.min(population.q) < low or np.max(population.q) > high:
                log.warning(
                    "%s: Population %d: Q is outside %g to %g s⁻¹, which its response can give",
                    model.place(f"population.{i}.q"),
                    i,
                    low,
                    high,
                )


def _glutamate(model: Model, c: Connection) -> None:
    """Refuse a plastic connection onto a population whose response has no glutamate."""
    firing = model.populations[c.post].firing
    if c.coupling.glutamate and not (firing is not None and firing.glutamate):
        raise ModelError(
            model.place(f"coupling.{c.index}"),
            f"{label(f'coupling.{c.index}', c.coupling.keyword)} reads the glutamate of Population "
            f"{c.post + 1}, which has none; write 'Firing: GlutamateResponse - Lambda: <mol/l> "
            "tGlu: <s> Function: …' there",
        )


def _per_node(model: Model, path: str, item: Component) -> None:
    """Catch per-node values left over from another grid, e.g. after overriding ``nodes``."""
    for name, declared in item.parameters().items():
        value, place = getattr(item, name), model.place(f"{path}.{declared.path}")
        what = f"{label(path, item.keyword)}: {declared.keyword}"
        if name in item.varying:
            require_count(len(value), declared, model.nodes, place, what)
        if declared.form == "nodes":
            require_nodes(value, model.nodes, place, what)


def _delays(model: Model, compat: bool) -> None:
    dt = model.deltat
    for c in model.connections:
        taus = c.propagator.tau if isinstance(c.propagator.tau, tuple) else (c.propagator.tau,)
        name = label(f"propagator.{c.index}", c.propagator.keyword)
        place = model.place(f"propagator.{c.index}.tau")
        if max(taus) / dt > LONGEST:
            raise ModelError(
                place,
                f"{name}: Tau = {max(taus):g} s is {max(taus) / dt:.3g} steps of Deltat = {dt:g} "
                f"s; use at most {LONGEST:g}",
            )
        odd = next((t for t in taus if not whole(t, dt)), None)
        if odd is not None:
            log.warning(
                "%s: %s: Tau = %g s is not a multiple of Deltat = %g s; used as %g s",
                place,
                name,
                odd,
                dt,
                delay_steps(odd, dt, compat=compat) * dt,
            )


def _output(model: Model, compat: bool) -> None:
    dt, out = model.deltat, model.output
    if out.nodes is not None:
        require_nodes(out.nodes, model.nodes, model.place("output.node"), "Output")
    if out.interval is not None:
        _interval(out.interval, dt, model.place("output.interval"), compat)
    if out.start > model.time:
        raise ModelError(
            model.place("output.start"),
            f"Output: Start = {out.start:g} s is later than the end at Time = {model.time:g} s; "
            "make it smaller",
        )
    if not whole(out.start, dt):
        log.warning(
            "%s: Output: Start = %g s is not a multiple of Deltat = %g s; truncated to steps",
            model.place("output.start"),
            out.start,
            dt,
        )
    _rows(model)


def _rows(model: Model) -> None:
    """Refuse a run that ends before the first row of its output is due."""
    out, first = model.output, start_steps(model) + interval_steps(model)
    if first <= model.steps:
        return
    wanted = "output.start" if out.interval is None else "output.interval"
    raise ModelError(
        model.place(wanted),
        f"Output: no row would be written: the first is due at Start + Interval = "
        f"{first * model.deltat:g} s, and the run ends at {model.time:g} s; make Start or Interval "
        "smaller, or the run longer",
    )


def _interval(interval: float, dt: float, place: str, compat: bool) -> None:
    name = f"Output: Interval = {interval:g} s"
    if interval / dt > LONGEST:
        raise ModelError(
            place,
            f"{name} is {interval / dt:.3g} steps of Deltat = {dt:g} s; use at most {LONGEST:g}",
        )
    steps = round(interval / dt)
    if steps < 1:
        raise ModelError(
            place, f"{name} is shorter than Deltat = {dt:g} s; use a multiple of Deltat"
        )
    if not whole(interval, dt) and not compat:
        raise ModelError(
            place,
            f"{name} is not a multiple of Deltat = {dt:g} s; use {steps * dt:.10g} or another "
            "multiple, or --compat nftsim, which rounds it",
        )
