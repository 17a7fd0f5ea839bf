"""Changing a model by dotted path, from the command line or the configuration.

``time deltat nodes longside topology``, ``population.K.length|q|firing.P|stimulus.J.P``,
``propagator.K.P``, ``coupling.K.P``, ``dendrite.K.P`` and ``output.node|start|interval|traces``,
with P a parameter of the component in lower case. The number J may be left out where there is only
one stimulus. A parameter that takes several numbers also takes the name of a file that holds them:
``map.npy``, or ``maps.h5:dataset``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from nftsim.components.base import Component, Parameter
from nftsim.components.data import load_array
from nftsim.errors import ModelError, NftsimError, require_kind, suggestion
from nftsim.model.keys import GLOBAL, LISTS, OUTPUT, POPULATION, TOPOLOGIES, label
from nftsim.model.lexer import Token, require_plain
from nftsim.model.model import Model, Output, Population
from nftsim.model.values import convert, node_list, whole_path

#: What ends like this is a file with an array.
_ARRAY = re.compile(r"\.npy$|\.(h5|hdf5)(:.*)?$", re.IGNORECASE)
#: A word, or one in double quotes.
_WORD = re.compile(r'"[^"]*"|[^\s,]+')
_PARTS = ("propagator", "coupling", "dendrite")
#: Characters of a path or value that messages show.
_SHOWN = 40


def override(model: Model, changes: Mapping[str, object]) -> Model:
    """Return the model with values replaced.

    Parameters
    ----------
    model
        What to change.
    changes
        Dotted path → number, text (numbers separated by spaces or commas), list, or array: of shape
        (node,) or (y, x), for a matrix (to, from).

    Raises
    ------
    ModelError
        If a path names nothing in the model, or a value is not allowed there.
    """
    require_kind(changes, Mapping, "overrides as a mapping, path to value")
    for path in changes:
        require_kind(path, str, "the dotted path of an override")
    # the grid first: how many values a per-node parameter takes depends on it
    for path in sorted(changes, key=lambda p: p.strip().lower() not in GLOBAL):
        model = _Change(model, path, _text(changes[path])).apply()
    return model


def parse_setting(text: str) -> tuple[str, str]:
    """Split ``path=value`` as given on the command line."""
    path, equals, value = text.partition("=")
    if not equals or not path.strip():
        raise ModelError(f"--set {text}", "expected path=value, e.g. coupling.1.nu=0.0015")
    return path.strip(), value.strip()


def _text(value: object) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, np.ndarray):
        return " ".join(_text(v) for v in value.ravel().tolist())
    if isinstance(value, Sequence):
        return " ".join(_text(v) for v in value)
    if value is None:
        return ""
    return repr(float(value)) if isinstance(value, float) else str(value)


def _short(text: str) -> str:
    """Return a text as messages show it: on one line, and no longer than needed."""
    line = "".join(c if c.isprintable() else "?" for c in " ".join(text.split()))
    return line if len(line) <= _SHOWN else f"{line[:_SHOWN]}…"


@dataclass
class _Change:
    """One change to a model: where it applies, and the value as text."""

    model: Model
    path: str
    value: str

    def __post_init__(self) -> None:
        self.steps = self.path.strip().lower().split(".")
        if self.steps[2:3] == ["stimulus"] and len(self.steps) == 4:
            self.steps.insert(3, "")  # the only stimulus
        self.tokens = [Token(t, 0) for t in _WORD.findall(self.value)]
        self.where = f"{self.model.name}, override {_short(self.path)}={_short(self.value)}"
        for text in (*self.steps, *(t.text for t in self.tokens)):
            require_plain(text, self.where)

    def apply(self) -> Model:
        """Return the changed model, which remembers where the value came from."""
        head, rest = self.steps[0], self.steps[1:]
        if head in GLOBAL and not rest:
            changed = self._global(head)
        elif head == "topology" and not rest:
            changed = replace(self.model, topology=self._topology())
        elif head == "output" and len(rest) == 1:
            changed = replace(self.model, output=self._output(rest[0]))
        elif head == "population" and len(rest) >= 2:
            index = self._number(0, len(self.model.populations), "population")
            fresh = self._population(self.model.populations[index], rest[1:])
            changed = replace(self.model, populations=_put(self.model.populations, index, fresh))
        elif head in _PARTS and len(rest) == 2:
            index = self._number(0, len(self.model.connections), head)
            connection = self.model.connections[index]
            part = self._component(getattr(connection, head))
            connection = replace(connection, **{head: part})
            changed = replace(
                self.model, connections=_put(self.model.connections, index, connection)
            )
        else:
            raise self._unknown([*GLOBAL, "topology", "population", *_PARTS, "output"], head)
        return replace(changed, places={**self.model.places, ".".join(self.steps): self.where})

    def _global(self, name: str) -> Model:
        if name == "longside" and not self.tokens:
            return replace(self.model, longside=None)
        value = self._convert(GLOBAL[name], "Model")
        if name == "nodes" and value != self.model.nodes:
            return replace(self.model, nodes=value, longside=None)
        return replace(self.model, **{name: value})

    def _topology(self) -> str:
        names = {name.lower(): name for name in TOPOLOGIES}
        found = names.get(self.value.strip().lower())
        if found is None:
            raise ModelError(
                self.where,
                f"unknown topology '{_short(self.value)}'. Allowed: {', '.join(TOPOLOGIES)}",
            )
        return found

    def _output(self, name: str) -> Output:
        output = self.model.output
        if name == "node":
            if not self.tokens or self.tokens[0].text.lower() == "all":
                return replace(output, nodes=None)
            nodes = node_list(self.tokens, self.model.nodes, self.where, "Output: Node")
            return replace(output, nodes=nodes or None)
        if name == "traces":
            try:
                found = [t for token in self.tokens for t in self.model.parse_trace(token.text)]
            except NftsimError as error:
                raise ModelError(self.where, str(error)) from None
            order = tuple(LISTS.values())  # as a file would list them
            found.sort(key=lambda t: order.index(t.kind))
            return replace(output, traces=tuple(dict.fromkeys(found)))
        if name in ("start", "interval"):
            value = self._convert(OUTPUT[name.capitalize()], "Output")
            return replace(output, **{name: value})
        allowed = [f"output.{n}" for n in ("node", "start", "interval", "traces")]
        raise self._unknown(allowed, self.path)

    def _population(self, population: Population, rest: list[str]) -> Population:
        owner = label(".".join(self.steps[:2]))
        if rest == ["length"]:
            length = self._convert(POPULATION["Length"], owner)
            return replace(population, length=length)
        if rest == ["q"] and population.neural:
            rate = self._convert(POPULATION["Q"], owner)
            return replace(population, q=rate)
        if rest[0] == "firing" and len(rest) == 2 and population.firing is not None:
            return replace(population, firing=self._component(population.firing))
        if rest[0] == "stimulus" and len(rest) == 3 and population.stimuli:
            count = len(population.stimuli)
            if not rest[1] and count == 1:
                self.steps[3] = "1"
            index = self._number(2, count, "stimulus")
            fresh = self._component(population.stimuli[index])
            return replace(population, stimuli=_put(population.stimuli, index, fresh))
        known = ["length", "q", "firing"] if population.neural else ["length", "stimulus"]
        prefix = ".".join(self.steps[:2])
        raise self._unknown([f"{prefix}.{name}" for name in known], f"{prefix}.{rest[0]}")

    def _component(self, item: Component) -> Any:
        """Return the component with the parameter that the last step names replaced."""
        inner: Component | None = getattr(item, "function", None)
        if inner is not None and inner.attribute(self.steps[-1]) is not None:
            changed: dict[str, Any] = {"function": self._component(inner)}
            return replace(item, **changed)
        name, owner = self.steps[-1], label(".".join(self.steps[:-1]), item.keyword)
        attribute = item.attribute(name)
        declared = item.parameters()
        if attribute is None:
            within = inner.parameters() if inner is not None else {}
            allowed = [p.path for p in (*declared.values(), *within.values())]
            hint = suggestion(name, allowed)
            raise ModelError(
                self.where, f"{owner} has no '{name}'. Allowed: {', '.join(allowed)}.{hint}"
            )
        value = self._convert(declared[attribute], owner)
        return replace(item, **{attribute: value})

    def _convert(self, declared: Parameter, owner: str) -> Any:
        """Return the value; several where one is taken are a slip."""
        if declared.form == "file" and len(self.tokens) > 1:  # a path with spaces or commas
            self.tokens = [Token(self.value.strip(), 0)]
        if not declared.many and len(self.tokens) > 1:
            raise ModelError(
                self.where,
                f"{owner}: {declared.keyword} takes one value, found '{self.value}'; "
                "write decimals with a point",
            )
        tokens = self.tokens
        if declared.many and len(tokens) == 1 and _ARRAY.search(tokens[0].text):
            tokens = self._from_file(tokens[0].text)
        value = convert(tokens, declared, self.model.nodes, self.where, owner)
        # a relative path is meant from the working directory
        return whole_path("", value, self.where, owner) if declared.form == "file" else value

    def _from_file(self, name: str) -> list[Token]:
        """Return the numbers of an array on disk."""
        file, _, dataset = name.partition(":")
        try:
            values = load_array(file, dataset)
        except NftsimError as error:
            raise ModelError(self.where, str(error)) from None
        return [Token(repr(v), 0) for v in values.ravel().tolist()]

    def _number(self, position: int, count: int, what: str) -> int:
        """Return the index (from 0) that a step of the path after the first one names."""
        text = self.steps[position + 1]
        digits = text.isascii() and text.isdigit() and len(text) < 10
        if not (digits and 1 <= int(text) <= count):
            many = {"population": "populations", "stimulus": "stimuli"}.get(what, f"{what}s")
            allowed = f"{many} are numbered 1 to {count}" if count else f"the model has no {many}"
            raise ModelError(self.where, f"no {what} '{text}'; {allowed}")
        self.steps[position + 1] = str(int(text))
        return int(text) - 1

    def _unknown(self, allowed: Sequence[str], word: str) -> ModelError:
        names, hint = ", ".join(allowed), suggestion(word, allowed)
        return ModelError(
            self.where, f"'{_short(self.path)}' names nothing. Allowed: {names}.{hint}"
        )


def _put(items: tuple[Any, ...], index: int, item: Any) -> tuple[Any, ...]:
    return (*items[:index], item, *items[index + 1 :])
