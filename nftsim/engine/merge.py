"""What of a model is mathematically the same, so that it is computed once.

A model file states every connection; many of them carry the same field. Populations with equal
responses, starts and inputs fire alike; a propagator of one population is one field wherever it
arrives, a longer delay being only an older value of it; dendrites of a population with equal rates
add up to one, as they are linear.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable
from dataclasses import dataclass, replace

from nftsim.components.base import NodeValue
from nftsim.model.model import Connection, Model


def simplified(model: Model, *, compat: bool) -> Model:
    """Return the model with values that are equal at all nodes written as one number.

    Strengths stay as they are with `compat`: NFTsim treats one number otherwise than equal ones.
    """
    sheets = [
        replace(
            p,
            q=_one(p.q),
            firing=None if p.firing is None else p.firing.simplified(),
            stimuli=tuple(s.simplified() for s in p.stimuli),
        )
        for p in model.populations
    ]
    connections = [
        replace(
            c,
            propagator=c.propagator.simplified(),
            coupling=c.coupling if compat else c.coupling.simplified(),
            dendrite=c.dendrite.simplified(),
        )
        for c in model.connections
    ]
    return replace(model, populations=tuple(sheets), connections=tuple(connections))


def _one(value: NodeValue | None) -> NodeValue | None:
    return value[0] if isinstance(value, tuple) and len(set(value)) == 1 else value


def population_classes(model: Model) -> list[int]:
    """Return, per population, the first one (from 0) that behaves exactly as it does.

    Populations that are driven by noise are like no other. All others are parted by response,
    start and sheet, and then, until nothing changes, by the classes of what acts on them.
    """
    keys: list[Hashable] = [_own(model, i) for i in range(len(model.populations))]
    while True:
        classes = [keys.index(key) for key in keys]
        refined: list[Hashable] = [
            (classes[i], frozenset(Counter(input_key(c, classes) for c in inputs).items()))
            for i, inputs in enumerate(model.inputs_of)
        ]
        if len(set(refined)) == len(set(classes)):
            return classes
        keys = refined


def _own(model: Model, index: int) -> Hashable:
    population = model.populations[index]
    if any(s.noise for s in population.stimuli):
        return index
    return (population.firing, population.q, population.length, population.stimuli)


def input_key(c: Connection, classes: list[int]) -> Hashable:
    """Return what a connection does to its population, whatever its number."""
    return (classes[c.pre], c.propagator, c.coupling, c.dendrite)


def counterparts(model: Model, classes: list[int], population: int) -> dict[int, int]:
    """Return, for the connections onto a population, those onto the first of its class."""
    mine, first = model.inputs_of[population], list(model.inputs_of[classes[population]])
    found = {}
    for c in mine:
        twin = next(f for f in first if input_key(f, classes) == input_key(c, classes))
        first.remove(twin)
        found[c.index] = twin.index
    return found


def asked_dendrites(model: Model, classes: list[int]) -> set[int]:
    """Return the dendrites (from 1) whose own potential the output needs.

    Where populations are merged, these are those of the first of each class.
    """
    found = set()
    for trace in model.output.traces:
        if trace.kind == "dendrite":
            post = model.connection(trace.index).post
            found.add(counterparts(model, classes, post)[trace.index])
    return found


@dataclass(frozen=True)
class Axon:
    """How a connection's field comes about.

    Attributes
    ----------
    leader
        The connection (its index) whose propagator makes it.
    on_field
        Whether its delay is taken by reading an older field, rather than an older rate.
    """

    leader: int
    on_field: bool = False


def axons(model: Model, classes: list[int], *, merge: bool, delays: bool) -> list[Axon]:
    """Return, per connection, which propagator makes its field.

    Parameters
    ----------
    model, classes
        The model and `population_classes`.
    merge
        Whether equal propagators of equal populations are one.
    delays
        Whether they still are if their delays differ. Then the field must have been at rest before
        the start: a uniform rate, and no initial field of its own.
    """
    if not merge:
        return [Axon(c.index) for c in model.connections]
    groups: dict[Hashable, list[Connection]] = {}
    keys: list[Hashable] = []
    for c in model.connections:
        propagator = c.propagator.on(model.nodes)
        uniform = not isinstance(model.populations[c.pre].initial_rate, tuple)
        movable = delays and bool(propagator.step) and propagator.phi is None and uniform
        if movable and not isinstance(propagator.tau, tuple):
            propagator = replace(propagator, tau=0.0)
        keys.append((classes[c.pre], propagator))
        groups.setdefault(keys[-1], []).append(c)
    return [
        Axon(group[0].index, on_field=len({c.propagator.tau for c in group}) > 1)
        for group in (groups[key] for key in keys)
    ]
