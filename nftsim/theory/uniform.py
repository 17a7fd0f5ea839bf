"""Uniform models: the theory speaks of states that are the same at all nodes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from nftsim.components.base import Component, array
from nftsim.components.couplings import Matrix
from nftsim.components.firing import Firing
from nftsim.components.slow import Bursting, GlutamateResponse
from nftsim.errors import NftsimError
from nftsim.model import Connection, Model, Population
from nftsim.model.keys import label

#: Initial values, which no theory needs.
_INITIAL = frozenset({"phi", "v", "htilde", "xtilde"})


def uniform(model: Model, *, steady: bool = False) -> Model:
    """Return a model with every parameter that the theory reads as one number.

    Equal values for all nodes become one number. Initial values do not matter: those of fields and
    potentials are left out, and initial rates become their mean.

    Parameters
    ----------
    model
        Any model.
    steady
        Ask only for what steady states need: uniform firing responses. Delays, ranges and rates of
        propagators and dendrites may vary, since they do not change a uniform, constant state, and
        strengths are judged where they are read (`nftsim.theory.mean_field.strength`).

    Raises
    ------
    NftsimError
        With the place of the first parameter that differs from node to node.
    """
    plain = replace(
        model,
        populations=tuple(_population(p) for p in model.populations),
        connections=tuple(_connection(c) for c in model.connections),
    )
    for path, item in _read(plain, steady=steady):
        for name in item.varying:
            if name not in _INITIAL:
                raise _varies(plain, path, item, name, steady=steady)
    return plain


def proper(firing: Firing) -> Firing:
    """Return the response proper: of a `GlutamateResponse` that named after ``Function:``."""
    return firing.function if isinstance(firing, GlutamateResponse) else firing


def require_linear(model: Model, instead: str = "") -> None:
    """Refuse a model that has no linear response mode by mode.

    Parameters
    ----------
    instead
        What is possible in its place, in words (default: the spectrum of a simulation).

    Raises
    ------
    NftsimError
        With the place of what is in the way, and what is possible instead.
    """
    instead = instead or "take the spectrum of a simulation (nftsim run)"
    if model.topology != "Torus" and model.nodes > 1:
        raise NftsimError(
            f"{model.place('topology')}: a {model.topology} has no linear theory, as its modes are "
            f"not those of a torus; use Topology: Torus, or {instead}"
        )
    for i, population in enumerate(model.populations, start=1):
        if population.firing is not None and ramping(population.firing):
            path = f"population.{i}.firing"
            raise NftsimError(
                f"{model.place(path)}: {label(path, population.firing.keyword)} has no linear "
                "theory: its conductances change in time; leave gX2 and gH2 out for the response "
                f"before they do, or {instead}"
            )
    for c in model.connections:
        path = f"coupling.{c.index}"
        # on one node a matrix is a number
        if c.coupling.nonlinear and not (model.nodes == 1 and isinstance(c.coupling, Matrix)):
            raise NftsimError(
                f"{model.place(path)}: {label(path, c.coupling.keyword)} has no linear theory: "
                f"{c.coupling.nonlinear}; use a Map coupling with one nu, or {instead}"
            )
        path = f"dendrite.{c.index}"
        if not c.dendrite.linear:
            raise NftsimError(
                f"{model.place(path)}: {label(path, c.dendrite.keyword)} has no linear theory: its "
                "rates change in time; use one alpha and beta for the response before or after "
                f"that, or {instead}"
            )


def ramping(firing: Firing) -> bool:
    """Tell whether conductances of a response change in time."""
    response = proper(firing)
    return isinstance(response, Bursting) and (
        response.gx2 not in (None, response.gx) or response.gh2 not in (None, response.gh)
    )


def _read(model: Model, *, steady: bool) -> Iterator[tuple[str, Component]]:
    """Yield (path, component) of what the theory reads as numbers."""
    for i, population in enumerate(model.populations, start=1):
        if population.firing is not None:
            yield f"population.{i}.firing", proper(population.firing)
    if not steady:
        for c in model.connections:
            yield f"propagator.{c.index}", c.propagator
            yield f"coupling.{c.index}", c.coupling
            yield f"dendrite.{c.index}", c.dendrite


def _varies(model: Model, path: str, item: Component, name: str, *, steady: bool) -> NftsimError:
    declared = item.parameters()[name]
    found = f"{label(path, item.keyword)}: {declared.keyword} varies over the nodes"
    if steady:
        return varied_state(model, f"{path}.{declared.path}", found)
    return NftsimError(
        f"{model.place(f'{path}.{declared.path}')}: {found}, so the modes are coupled and have no "
        f"spectrum of their own; give one {declared.keyword}, or take the spectrum of a simulation"
    )


def varied_state(model: Model, path: str, found: str) -> NftsimError:
    """Return the error to raise where a model that is not uniform is asked for fixed points."""
    return NftsimError(
        f"{model.place(path)}: {found}, and a nonuniform model has no uniform fixed point; warm it "
        f"up from a uniform one (nftsim run --steady --set {path}=<one number> -o rest.h5, then "
        "--initial rest.h5; in the experiment's settings, warmup.overrides: "
        f"{path}: <one number>)"
    )


def _population(population: Population) -> Population:
    return replace(
        population,
        q=None if population.q is None else float(np.mean(array(population.q))),
        firing=population.firing.simplified() if population.firing is not None else None,
        stimuli=tuple(s.simplified() for s in population.stimuli),
    )


def _connection(c: Connection) -> Connection:
    return replace(
        c,
        propagator=replace(c.propagator, phi=None).simplified(),
        coupling=c.coupling.simplified(),
        dendrite=replace(c.dendrite, v=None).simplified(),
    )
