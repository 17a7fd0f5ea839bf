"""From the text of a ``.conf`` file to a `Model`: what the objects of the file mean."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from nftsim.components import ROLES, Component, Firing
from nftsim.components.base import Parameter
from nftsim.errors import ModelError, NftsimError, suggestion
from nftsim.model.keys import (
    GLOBAL,
    LISTS,
    OUTPUT,
    POPULATION,
    SECTIONS,
    TOPOLOGIES,
    TOPOLOGY,
    label,
)
from nftsim.model.lexer import Entry
from nftsim.model.matrix import links
from nftsim.model.model import Connection, Model, Output, Population, Trace
from nftsim.model.objects import Item, Objects, Sheet, wrong
from nftsim.model.values import convert, integer, node_list, whole_path


def read_model(text: str, path: str, name: str) -> Model:
    """Return the model of a ``.conf`` text, unchecked.

    Parameters
    ----------
    text
        The text of the file.
    path
        What to call the file in messages.
    name
        Name of the model.

    Raises
    ------
    ModelError
        At the first thing that cannot be read.
    """
    return _Builder(Objects(text, path)).model(name)


class _Builder:
    """Makes the dataclasses; `places` collects where each item was read."""

    def __init__(self, objects: Objects) -> None:
        self.objects = objects
        self.places: dict[str, str] = {}
        self.nodes = 1

    def model(self, name: str) -> Model:
        top = self.objects.top
        self._require_known(top, [*(p.keyword for p in GLOBAL.values()), TOPOLOGY.keyword])
        values = {key: self._value(top, p, key) for key, p in GLOBAL.items()}
        self.nodes = values["nodes"]
        found = links(self.objects)
        driven = {post for _, _, post in found}
        sheets = sorted(self.objects.sheets.items())
        model = Model(
            **values,
            populations=tuple(self._population(s, i - 1 in driven) for i, s in sheets),
            connections=tuple(self._connection(*link) for link in found),
            header=self.objects.header,
            topology=self._topology(top),
            name=name,
            places=self.places,
        )
        return replace(model, output=self._output(model))

    def _topology(self, top: Item) -> str:
        entry = top.keys.get(TOPOLOGY.keyword)
        if entry is None:
            return TOPOLOGIES[0]
        self.places["topology"] = entry.place
        kind = entry.name()[0]
        if kind not in TOPOLOGIES:
            hint = suggestion(kind, TOPOLOGIES)
            raise wrong(
                entry, f"unknown Topology '{kind}'. Allowed: {', '.join(TOPOLOGIES)}.{hint}"
            )
        return kind

    # populations and connections ----------------------------------------------------------------

    def _population(self, sheet: Sheet, driven: bool) -> Population:
        self.places[sheet.path] = sheet.entry.place
        self._require_known(sheet, POPULATION)
        name = " ".join(t.text for t in sheet.entry.values)
        length = self._value(sheet, POPULATION["Length"])
        if not driven:
            return Population(name, length, stimuli=self._stimuli(sheet))
        if sheet.firing is None:
            raise wrong(sheet.entry, f"{sheet.label} has inputs but no 'Firing:' entry; add one")
        if sheet.stimuli:
            raise wrong(
                sheet.stimuli[0].entry,
                f"{sheet.label} has inputs, so no Stimulus; give it to a population of its own",
            )
        firing = self._firing(sheet, sheet.firing)
        return Population(name, length, q=self._value(sheet, POPULATION["Q"]), firing=firing)

    def _stimuli(self, sheet: Sheet) -> tuple[Any, ...]:
        if not sheet.stimuli:
            hint = (
                f"it has a firing response but row 'To {sheet.sheet}:' of the connection matrix "
                "gives it no input; number one there, or give it a Stimulus instead of 'Firing:'"
                if sheet.firing
                else "a population without inputs needs 'Stimulus: <kind> - …'"
            )
            raise wrong(sheet.entry, f"{sheet.label}: {hint}")
        count, announced = len(sheet.stimuli), sheet.superimpose
        if announced is not None:
            if not announced.values:
                raise wrong(
                    announced, f"{sheet.label}: Superimpose needs the number of stimuli, {count}"
                )
            wanted = integer(announced.values[0], announced.place, f"{sheet.label}: Superimpose")
            if wanted != count:
                raise wrong(
                    announced,
                    f"{sheet.label}: Superimpose: {wanted}, but the stimuli that follow are "
                    f"{count}; write 'Superimpose: {count}'",
                )
        elif count > 1:
            raise wrong(
                sheet.stimuli[1].entry,
                f"{sheet.label} has {count} stimuli; write 'Stimulus: Superimpose: {count}' before "
                "them",
            )
        return tuple(self._component(s) for s in sheet.stimuli)

    def _connection(self, index: int, pre: int, post: int) -> Connection:
        parts = {r: self.objects.parts[r, index] for r in ("propagator", "coupling", "dendrite")}
        dendrite = parts["dendrite"]
        if dendrite.sheet != post + 1:
            raise wrong(
                dendrite.entry,
                f"Dendrite {index} stands in Population {dendrite.sheet}, but the connection "
                f"matrix gives connection {index} to Population {post + 1}; move it there",
            )
        return Connection(index, pre, post, **{r: self._component(p) for r, p in parts.items()})

    # components ---------------------------------------------------------------------------------

    def _component(self, item: Item) -> Any:
        self.places[item.path] = item.entry.place
        cls = self._class(item, item.kind, item.entry)
        self._require_known(item, [p.keyword for p in cls.parameters().values()])
        return cls(**self._values(item, cls))

    def _firing(self, sheet: Sheet, item: Item) -> Any:
        """Return the response; one that wraps another takes it from ``Function:``."""
        cls: Any = self._class(item, item.kind, item.entry)
        function = sheet.function
        if not cls.wraps:
            if function is not None and function.name()[0] != item.kind:
                raise wrong(
                    function,
                    f"{sheet.label}: Firing names '{item.kind}' and Function "
                    f"'{function.name()[0]}'; keep one",
                )
            return self._component(item)
        self.places[item.path] = item.entry.place
        if function is None:
            raise wrong(item.entry, f"{item.label} needs 'Function:' too, e.g. 'Function: Sigmoid'")
        inner: Any = self._class(item, function.name()[0], function)
        if inner.memory:
            simple = [n for n, c in _responses() if not c.memory]
            raise wrong(
                function,
                f"{item.label}: {inner.keyword} cannot be its Function. "
                f"Allowed: {', '.join(simple)}",
            )
        known = [*cls.parameters().values(), *inner.parameters().values()]
        self._require_known(item, [p.keyword for p in known])
        return cls(**self._values(item, cls), function=inner(**self._values(item, inner)))

    def _values(self, item: Item, cls: type[Component]) -> dict[str, Any]:
        """Return the parameters of a component that the keys give, and those it needs."""
        return {
            name: self._value(item, p)
            for name, p in cls.parameters().items()
            if p.keyword in item.keys or not p.optional
        }

    def _class(self, item: Item, kind: str, entry: Entry) -> type[Component]:
        registry = ROLES[item.role].registry
        after = entry.name()[1]
        # a name of two parts, written as two words, is not the component of the first
        both = f"{kind} {after[0].text}" if after else kind
        if any(n.replace("-", "").lower() == both.replace(" ", "").lower() for n in registry):
            kind = both
        if kind in registry:
            return registry[kind]
        names = [n for n in registry if n]
        owner = label(item.path.removesuffix(".firing"))
        what = f"unknown {item.role} '{kind}'" if kind else f"names no {item.role}"
        allowed = ", ".join(names)
        if "" in registry:
            allowed += ", or no name for the second-order one"
        hint = suggestion(kind, names)
        raise wrong(entry, f"{owner}: {what}. Allowed: {allowed}.{hint}")

    def _require_known(self, item: Item, allowed: Mapping[str, Any] | list[str]) -> None:
        for key, entry in item.keys.items():
            if key not in allowed:
                hint = suggestion(key, [*allowed, *SECTIONS])
                names = ", ".join(allowed)
                raise wrong(
                    entry, f"{item.label}: unknown parameter '{key}'. Allowed: {names}.{hint}"
                )
        twice = item.repeated
        if twice is not None:
            first = item.keys[twice.key].line
            raise wrong(
                twice,
                f"{item.label}: '{twice.key}' is given twice (first at line {first}); keep one",
            )

    def _value(self, item: Item, declared: Parameter, path: str = "") -> Any:
        entry = item.keys.get(declared.keyword)
        if entry is None:
            if declared.optional:
                return None
            raise wrong(
                item.entry,
                f"{item.label}: '{declared.keyword}' ({declared.text}) is missing; add "
                f"'{declared.keyword}: <{declared.unit or 'value'}>'",
            )
        self.places[path or f"{item.path}.{declared.path}"] = entry.place
        value = convert(entry.values, declared, self.nodes, entry.place, item.label)
        if declared.form == "file":
            # a relative path is meant from the folder of the model file
            return whole_path(entry.path, value, entry.place, item.label)
        return value

    # output -------------------------------------------------------------------------------------

    def _output(self, model: Model) -> Output:
        item = self.objects.output
        if item is None:
            raise ModelError(
                self.objects.end, "no 'Output:' section found; add e.g. 'Output: Node: All'"
            )
        self.places["output"] = item.entry.place
        self._require_known(item, OUTPUT)
        nodes = None
        listed = item.keys.get("Node")
        if listed and listed.name()[0].lower() != "all":
            self.places["output.node"] = listed.place
            nodes = node_list(listed.values, model.nodes, listed.place, "Output: Node") or None
        return Output(
            nodes=nodes,
            start=self._value(item, OUTPUT["Start"]) or 0.0,
            interval=self._value(item, OUTPUT["Interval"]),
            traces=tuple(dict.fromkeys(self._traces(model))),
        )

    def _traces(self, model: Model) -> list[Trace]:
        found: list[Trace] = []
        for entry in self.objects.wanted:
            for token in entry.values:
                try:
                    found += model.parse_trace(f"{LISTS[entry.key]}.{token.text}")
                except NftsimError as error:
                    place = f"{entry.path}:{token.line}"
                    raise ModelError(place, f"Output: {entry.key}: {error}") from None
        return found


def _responses() -> list[tuple[str, type[Firing]]]:
    return [(n, c) for n, c in Firing.registry.items() if issubclass(c, Firing)]
