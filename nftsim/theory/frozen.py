"""The model of the moment at which a run starts, with all that changes in time held."""

from __future__ import annotations

from dataclasses import replace

from nftsim.components.couplings import Coupling, Map, Matrix
from nftsim.components.dendrites import Dendrite, SecondOrder
from nftsim.components.firing import Firing
from nftsim.components.plasticity import BCMSpatial
from nftsim.components.slow import Bursting, GlutamateResponse
from nftsim.model import Connection, Model
from nftsim.model.keys import label
from nftsim.theory.mean_field import strength
from nftsim.theory.uniform import ramping


def frozen(model: Model) -> tuple[Model, list[str]]:
    """Return the model with strengths, rates and conductances held as they are at the start.

    Returns
    -------
    Model
        Couplings that ramp or learn are maps. Those between all pairs of nodes stay, unless there
        is one node only.
    list of str
        What is held, for messages.

    Raises
    ------
    NftsimError
        If a strength varies over the nodes.
    """
    held = []
    connections = []
    for c in model.connections:
        coupling, dendrite = _coupling(model, c), _dendrite(c.dendrite)
        if coupling is not c.coupling and not isinstance(c.coupling, Matrix):
            held.append(label(f"coupling.{c.index}", c.coupling.keyword))
        if dendrite is not c.dendrite:
            held.append(label(f"dendrite.{c.index}", c.dendrite.keyword))
        connections.append(replace(c, coupling=coupling, dendrite=dendrite))
    populations = []
    for i, population in enumerate(model.populations, start=1):
        firing = population.firing
        if firing is not None and ramping(firing):
            held.append(label(f"population.{i}.firing", firing.keyword))
            population = replace(population, firing=_without_ramps(firing))
        populations.append(population)
    return replace(model, populations=tuple(populations), connections=tuple(connections)), held


def on_one_node(model: Model) -> Model:
    """Return the model of a single node that does what all nodes of a uniform state do together.

    Strengths between pairs of nodes become their sums over a row, and are held as at the start.

    Raises
    ------
    NftsimError
        If a strength, or such a sum, varies over the nodes.
    """
    maps = tuple(
        c if isinstance(c.coupling, Map) else replace(c, coupling=Map(nu=strength(model, c)))
        for c in model.connections
    )
    return replace(model, nodes=1, longside=None, topology="Torus", connections=maps)


def _coupling(model: Model, c: Connection) -> Coupling:
    if isinstance(c.coupling, Map):
        return c.coupling
    if isinstance(c.coupling, Matrix | BCMSpatial) and model.nodes > 1:
        return c.coupling
    return Map(nu=strength(model, c))


def _dendrite(dendrite: Dendrite) -> Dendrite:
    if dendrite.linear:
        return dendrite
    assert isinstance(dendrite, SecondOrder)
    return SecondOrder(alpha=dendrite.alpha, beta=dendrite.beta)


def _without_ramps(firing: Firing) -> Firing:
    if isinstance(firing, GlutamateResponse):
        return replace(firing, function=_without_ramps(firing.function))
    assert isinstance(firing, Bursting)
    return replace(firing, gx2=None, gh2=None)
