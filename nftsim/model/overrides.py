"""Changing a model by dotted path, from the command line or the configuration.

``time deltat nodes longside``, ``population.K.length|q|firing.P|stimulus.J.P``, ``propagator.K.P``,
``coupling.K.P``, ``dendrite.K.P`` and ``output.node|start|interval|traces``, with P a parameter of
the component in lower case.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, NoReturn

from nftsim.components.base import Component, Parameter
from nftsim.errors import ModelError, suggestion
from nftsim.model.lexer import Token
from nftsim.model.model import Model, Output, Population
from nftsim.model.parser import GLOBAL, OUTPUT, POPULATION
from nftsim.model.values import convert, node_list

_GLOBALS = {"time": "Time", "deltat": "Deltat", "nodes": "Nodes", "longside": "Longside nodes"}
_PARTS = ("propagator", "coupling", "dendrite")


def override(model: Model, changes: Mapping[str, object]) -> Model:
    """Return the model with values replaced.

    Parameters
    ----------
    model
        What to change.
    changes
        Dotted path → number, text (numbers separated by spaces or commas) or list.

    Raises
    ------
    ModelError
        If a path names nothing in the model, or a value is not allowed there.
    """
    # the grid first: how many values a per-node parameter takes depends on it
    for path in sorted(changes, key=lambda p: p.lower() not in _GLOBALS):
        model = _apply(model, path, changes[path])
    return model


def parse_setting(text: str) -> tuple[str, str]:
    """Split ``path=value`` as given on the command line."""
    path, equals, value = text.partition("=")
    if not equals or not path.strip():
        raise ModelError(f"--set {text}", "expected path=value, e.g. coupling.1.nu=0.0015")
    return path.strip(), value.strip()


def _apply(model: Model, path: str, value: object) -> Model:
    text = _text(value)
    where = f"{model.name}, override {path}={text}"
    steps = path.strip().lower().split(".")
    tokens = [Token(t, 0) for t in text.replace(",", " ").split()]
    places = {**model.places, path.strip().lower(): where}
    head, rest = steps[0], steps[1:]
    if head in _GLOBALS and not rest:
        changed = _global(model, head, tokens, where)
    elif head == "output" and len(rest) == 1:
        changed = replace(model, output=_output(model, rest[0], tokens, where))
    elif head == "population" and len(rest) >= 2:
        index = _number(rest[0], len(model.populations), "population", where)
        fresh = _population(model, model.populations[index], rest[1:], tokens, where)
        changed = replace(model, populations=_put(model.populations, index, fresh))
    elif head in _PARTS and len(rest) == 2:
        index = _number(rest[0], len(model.connections), head, where)
        connection = model.connections[index]
        part = _component(model, getattr(connection, head), f"{head}.{rest[0]}", rest[1], tokens, where)
        changed = replace(
            model,
            connections=_put(model.connections, index, replace(connection, **{head: part})),
        )
    else:
        _unknown(path, where, [*_GLOBALS, "population", *_PARTS, "output"], head)
    return replace(changed, places=places)


def _text(value: object) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, Sequence):
        return " ".join(_text(v) for v in value)
    if value is None:
        return ""
    return repr(float(value)) if isinstance(value, float) else str(value)


def _global(model: Model, name: str, tokens: list[Token], where: str) -> Model:
    if name == "longside" and not tokens:
        return replace(model, longside=None)
    value = convert(tokens, GLOBAL[_GLOBALS[name]], 1, where, "override")
    if name == "nodes" and value != model.nodes:
        return replace(model, nodes=value, longside=None)
    return replace(model, **{name: value})


def _output(model: Model, name: str, tokens: list[Token], where: str) -> Output:
    if name == "node":
        if not tokens or tokens[0].text.lower() == "all":
            return replace(model.output, nodes=None)
        nodes = node_list(tokens, model.nodes, where, "override")
        return replace(model.output, nodes=nodes or None)
    if name == "traces":
        found = [t for token in tokens for t in model.parse_trace(token.text)]
        order = ("pop", "dendrite", "propagator", "coupling")  # as a file would list them
        found.sort(key=lambda t: order.index(t.kind))
        return replace(model.output, traces=tuple(dict.fromkeys(found)))
    if name in ("start", "interval"):
        value = convert(tokens, OUTPUT[name.capitalize()], 1, where, "override")
        return replace(model.output, **{name: value})
    _unknown(f"output.{name}", where, ["node", "start", "interval", "traces"], name)


def _population(
    model: Model, population: Population, rest: list[str], tokens: list[Token], where: str
) -> Population:
    if rest == ["length"]:
        return replace(population, length=convert(tokens, POPULATION["Length"], 1, where, "override"))
    if rest == ["q"] and population.neural:
        return replace(population, q=convert(tokens, POPULATION["Q"], 1, where, "override"))
    if rest[0] == "firing" and len(rest) == 2 and population.firing is not None:
        fresh = _component(model, population.firing, "firing", rest[1], tokens, where)
        return replace(population, firing=fresh)
    if rest[0] == "stimulus" and population.stimuli and len(rest) in (2, 3):
        # the number may be left out where there is only one stimulus
        which = rest[1] if len(rest) == 3 else "1"
        index = _number(which, len(population.stimuli), "stimulus", where)
        fresh = _component(model, population.stimuli[index], "stimulus", rest[-1], tokens, where)
        return replace(population, stimuli=_put(population.stimuli, index, fresh))
    allowed = ["length", "q", "firing"] if population.neural else ["length", "stimulus"]
    _unknown(".".join(rest), where, allowed, rest[0])


def _component(
    model: Model, item: Component, owner: str, name: str, tokens: list[Token], where: str
) -> Any:
    attribute = item.attribute(name)
    declared: dict[str, Parameter] = item.parameters()
    if attribute is None:
        label = f"{owner} ({item.keyword})" if item.keyword else owner
        allowed = [p.path for p in declared.values()]
        raise ModelError(
            where, f"{label} has no '{name}'. Allowed: {', '.join(allowed)}."
            + suggestion(name, allowed)
        )
    value = convert(tokens, declared[attribute], model.nodes, where, owner)
    return replace(item, **{attribute: value})


def _number(text: str, count: int, what: str, where: str) -> int:
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= count):
        raise ModelError(where, f"there is no {what} {text}; they are numbered 1 to {count}")
    return int(text) - 1


def _put(items: tuple[Any, ...], index: int, item: Any) -> tuple[Any, ...]:
    return (*items[:index], item, *items[index + 1 :])


def _unknown(path: str, where: str, allowed: Sequence[str], word: str) -> NoReturn:
    raise ModelError(
        where, f"'{path}' names nothing. Allowed: {', '.join(allowed)}." + suggestion(word, allowed)
    )
