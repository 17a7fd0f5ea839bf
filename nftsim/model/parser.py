"""From the text of a ``.conf`` file to a `Model`: objects first, then their components."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NoReturn

from nftsim.components import PLANNED, ROLES, Component
from nftsim.components.base import Parameter
from nftsim.errors import ModelError, NftsimError, suggestion
from nftsim.model.lexer import Entry, Token, entries, split_header
from nftsim.model.model import Connection, Model, Output, Population, Trace
from nftsim.model.values import convert, integer, node_list, warn_rest

GLOBAL = {
    "Time": Parameter("Time", "T", "s", "duration of the run", low=0.0, strict=True),
    "Deltat": Parameter("Deltat", "Δt", "s", "time step", low=0.0, strict=True),
    "Nodes": Parameter("Nodes", "N", "", "nodes of the grid", low=1.0, form="integer"),
    "Longside nodes": Parameter(
        "Longside nodes", "Nx", "", "nodes along x", low=1.0, form="integer", optional=True
    ),
    "Topology": Parameter("Topology", "", "", "Torus", optional=True),
}
POPULATION = {
    "Length": Parameter("Length", "Lx", "m", "length of the sheet along x", low=0.0, strict=True),
    "Q": Parameter("Q", "Q(0)", "s⁻¹", "initial rate"),
}
OUTPUT = {
    "Node": Parameter("Node", "", "", "nodes to write", form="nodes", optional=True),
    "Start": Parameter("Start", "", "s", "time from which to write", low=0.0, optional=True),
    "Interval": Parameter(
        "Interval", "", "s", "time between rows", low=0.0, strict=True, optional=True
    ),
}
_LISTS = {
    "Population": "pop",
    "Dendrite": "dendrite",
    "Propagator": "propagator",
    "Coupling": "coupling",
}
_PHRASES = frozenset(
    {"Longside nodes", "Connection matrix"}
    # of stimuli that are refused by name: their keys must still be told apart
    | {"Burst Frequency", "Oscillation Frequency"}
    | {f"{pulse} {part}" for pulse in ("N20", "P25", "TMS") for part in ("width", "height")}
    | {
        p.keyword
        for role in ROLES.values()
        for cls in role.registry.values()
        for p in cls.parameters().values()
        if " " in p.keyword
    }
)


@dataclass
class _Object:
    """Keys that belong together, with the words after the object's own name."""

    role: str
    index: int | None
    entry: Entry
    kind: str = ""
    keys: dict[str, Entry] = field(default_factory=dict)

    @property
    def label(self) -> str:
        name = self.role.capitalize() + (f" {self.index}" if self.index is not None else "")
        return f"{name} ({self.kind})" if self.kind else name


@dataclass
class _Sheet(_Object):
    """A population with its parts."""

    firing: _Object | None = None
    stimuli: list[_Object] = field(default_factory=list)
    superimpose: Entry | None = None


class Reader:
    """Reads one ``.conf`` text; `model` is the result."""

    def __init__(self, text: str, path: str, name: str) -> None:
        self.path = path
        self.places: dict[str, str] = {}
        header, body, first = split_header(text.replace("\r\n", "\n"), path)
        self.globals = _Object("model", None, Entry("Time", None, first))
        self.matrix: list[Entry] = []
        self.matrix_entry: Entry | None = None
        self.sheets: dict[int, _Sheet] = {}
        self.parts: dict[tuple[str, int], _Object] = {}
        self.output: _Object | None = None
        self.wanted: list[Entry] = []
        self.last_line = first + body.count("\n")
        self._current: _Object = self.globals
        self._sheet: _Sheet | None = None
        for entry in entries(body, first, _PHRASES, path):
            self._place_entry(entry)
        self.model = self._model(header, name)

    # objects ------------------------------------------------------------------------------------

    def _place_entry(self, e: Entry) -> None:
        if self.output is not None:
            if e.key in _LISTS and e.index is None:
                self.wanted.append(e)
            else:
                self._parameter(e)
        elif e.key == "Connection matrix":
            self.matrix_entry = e
        elif self.matrix_entry is not None and e.key in ("From", "To"):
            self.matrix.append(e)
        elif e.key == "Population":
            self._sheet = _Sheet("population", self._index(e), e)
            self._unique(self.sheets, self._index(e), self._sheet)
        elif e.key in ("Propagator", "Coupling", "Dendrite"):
            self._part(e)
        elif e.key == "Output":
            self.output = self._current = _Object("output", None, e)
            warn_rest(e.values, self._at(e), "Output")
        elif e.key in ("Firing", "Function", "Stimulus", "Superimpose"):
            self._population_part(e)
        else:
            self._parameter(e)

    def _part(self, e: Entry) -> None:
        role = e.key.lower()
        if role == "dendrite" and self._sheet is None:
            self._fail(e, f"{e} stands outside a population; move it into the population it acts on")
        part = _Object(role, self._index(e), e, e.words[0].text if e.words else "")
        warn_rest(e.values[1:] if part.kind else e.values, self._at(e), part.label)
        key = (role, self._index(e))
        self._unique(self.parts, key, part)
        if role == "dendrite":
            assert self._sheet is not None
            part.keys["(population)"] = self._sheet.entry

    def _population_part(self, e: Entry) -> None:
        sheet = self._sheet
        if sheet is None:
            self._fail(e, f"{e.key} stands outside a population; write 'Population k: name' first")
        if e.key == "Superimpose":
            sheet.superimpose = e
            self._current = sheet
        elif e.key == "Stimulus":
            if not e.words:  # 'Stimulus: Superimpose: n' opens a list
                self._current = sheet
                return
            self._current = _Object("stimulus", sheet.index, e, e.words[0].text)
            warn_rest(e.values[1:], self._at(e), self._current.label)
            sheet.stimuli.append(self._current)
        elif e.key == "Firing":
            if sheet.firing is not None:
                self._fail(e, f"{sheet.label} has two Firing entries; keep one")
            sheet.firing = self._current = _Object("firing", sheet.index, e)
            if e.words:
                self._current.kind = e.words[0].text
        elif sheet.firing is None or not e.words:
            self._fail(e, "'Function:' belongs after 'Firing:' and takes a name, e.g. Sigmoid")
        else:
            if not sheet.firing.kind:
                sheet.firing.kind = e.words[0].text
            warn_rest(e.values[1:], self._at(e), sheet.firing.label)

    def _parameter(self, e: Entry) -> None:
        # 'Length' and 'Q' are the population's wherever they stand in it
        owner = self._current
        inside = owner is self._sheet or owner.role in ("firing", "stimulus", "dendrite")
        if self._sheet is not None and e.key in POPULATION and inside:
            owner = self._sheet
        if e.key in owner.keys:
            first = owner.keys[e.key].line
            self._fail(e, f"{owner.label}: '{e.key}' is given twice (first at line {first})")
        owner.keys[e.key] = e

    def _index(self, e: Entry) -> int:
        if e.index is None:
            self._fail(e, f"'{e.key}:' needs a number, e.g. '{e.key} 1:'")
        return e.index

    def _unique(self, found: dict[Any, Any], key: Any, item: _Object) -> None:
        if key in found:
            first = found[key].entry.line
            self._fail(item.entry, f"{item.entry} is given twice (first at line {first})")
        found[key] = item
        self._current = item

    # components ---------------------------------------------------------------------------------

    def _model(self, header: str, name: str) -> Model:
        top = self.globals
        self._known(top, GLOBAL)
        values = {k: self._value(top, d, "", 0) for k, d in GLOBAL.items() if k != "Topology"}
        if "Topology" in top.keys:
            self._topology(top.keys["Topology"])
        nodes: int = values["Nodes"]
        links = self._links()
        count = len({i for i, _, _ in links}) if links else 0
        self._complete("Population", set(self.sheets), len(self.matrix) - 1, top)
        targets = {post for _, _, post in links}
        populations = tuple(
            self._population(self.sheets[i + 1], i in targets, nodes)
            for i in range(len(self.matrix) - 1)
        )
        for role in ("Propagator", "Coupling", "Dendrite"):
            have = {i for r, i in self.parts if r == role.lower()}
            self._complete(role, have, count, top)
        connections = tuple(self._connection(*link, nodes) for link in sorted(links))
        model = Model(
            time=values["Time"],
            deltat=values["Deltat"],
            nodes=nodes,
            longside=values["Longside nodes"],
            populations=populations,
            connections=connections,
            header=header,
            name=name,
            places=self.places,
        )
        return self._with_output(model)

    def _topology(self, e: Entry) -> None:
        kind = e.values[0].text if e.values else ""
        if kind != "Torus":
            self._fail(e, f"Topology '{kind}' is not supported yet; the only one is Torus")

    def _links(self) -> list[tuple[int, int, int]]:
        """Return (index, pre, post) of every connection, populations from 0."""
        if self.matrix_entry is None or not self.matrix:
            where = f"{self.path}:{self.last_line}"
            raise ModelError(where, "no 'Connection matrix:' with 'From:' and 'To k:' rows found")
        start, *rows = self.matrix
        if start.key != "From" or not start.values:
            self._fail(start, "the connection matrix starts with 'From: 1 2 …'")
        n = len(start.values)
        if [integer(t, self._at(start), "From") for t in start.values] != list(range(1, n + 1)):
            self._fail(start, f"'From:' must count the populations, 1 to {n}")
        if [r.index for r in rows] != list(range(1, n + 1)):
            self._fail(start, f"'From:' has {n} populations, so rows 'To 1:' to 'To {n}:' must follow")
        found = []
        for post, row in enumerate(rows):
            if len(row.values) != n:
                self._fail(row, f"row '{row}' has {len(row.values)} entries; {n} are needed")
            for pre, token in enumerate(row.values):
                index = integer(token, self._at(row), str(row))
                if index:
                    found.append((index, pre, post))
        indices = sorted(i for i, _, _ in found)
        if indices != list(range(1, len(found) + 1)):
            self._fail(
                start, f"connections must be numbered 1 to {len(found)}, each once; found {indices}"
            )
        return found

    def _complete(self, what: str, have: set[int], count: int, top: _Object) -> None:
        missing = sorted(set(range(1, count + 1)) - have)
        if missing:
            raise ModelError(
                f"{self.path}:{self.last_line}",
                f"{what} {missing[0]} is missing; the connection matrix needs {what} 1 to {count}",
            )
        extra = sorted(have - set(range(1, count + 1)))
        if extra:
            item = self.sheets.get(extra[0]) if what == "Population" else None
            item = item or self.parts.get((what.lower(), extra[0])) or top
            self._fail(
                item.entry,
                f"{what} {extra[0]} is not in the connection matrix, which has {what} 1 to {count}",
            )

    def _population(self, sheet: _Sheet, driven: bool, nodes: int) -> Population:
        path = f"population.{sheet.index}"
        self.places[path] = self._at(sheet.entry)
        name = " ".join(t.text for t in sheet.entry.values)
        self._known(sheet, POPULATION)
        length = self._value(sheet, POPULATION["Length"], path, nodes)
        if driven and sheet.firing is None:
            self._fail(sheet.entry, f"{sheet.label} has inputs but no 'Firing:' entry; add one")
        if not driven and not sheet.stimuli:
            hint = (
                "it has a firing response but no row in the connection matrix gives it input"
                if sheet.firing
                else "a population without inputs needs 'Stimulus: <kind> - …'"
            )
            self._fail(sheet.entry, f"{sheet.label}: {hint}")
        if driven:
            if sheet.stimuli:
                self._fail(sheet.stimuli[0].entry, f"{sheet.label} has inputs, so no Stimulus")
            assert sheet.firing is not None
            firing = self._component(sheet.firing, f"{path}.firing", nodes)
            rate = self._value(sheet, POPULATION["Q"], path, nodes)
            return Population(name, length, q=rate, firing=firing)
        if sheet.superimpose is not None:
            self._superimposed(sheet, sheet.superimpose)
        elif len(sheet.stimuli) > 1:
            n = len(sheet.stimuli)
            self._fail(
                sheet.stimuli[1].entry,
                f"{sheet.label} has {n} stimuli; write 'Stimulus: Superimpose: {n}' before them",
            )
        stimuli = tuple(
            self._component(s, f"{path}.stimulus.{j}", nodes)
            for j, s in enumerate(sheet.stimuli, start=1)
        )
        return Population(name, length, stimuli=stimuli)

    def _superimposed(self, sheet: _Sheet, e: Entry) -> None:
        if not e.values:
            self._fail(e, "Superimpose needs the number of stimuli")
        wanted = integer(e.values[0], self._at(e), "Superimpose")
        if wanted != len(sheet.stimuli):
            self._fail(
                e, f"{sheet.label}: Superimpose: {wanted}, but {len(sheet.stimuli)} stimuli follow"
            )

    def _connection(self, index: int, pre: int, post: int, nodes: int) -> Connection:
        dendrite = self.parts[("dendrite", index)]
        host = dendrite.keys.pop("(population)").index
        if host != post + 1:
            self._fail(
                dendrite.entry,
                f"Dendrite {index} stands in Population {host}, but the connection matrix gives "
                f"connection {index} to Population {post + 1}; move it there",
            )
        built = {
            role: self._component(self.parts[(role, index)], f"{role}.{index}", nodes)
            for role in ("propagator", "coupling", "dendrite")
        }
        return Connection(index, pre, post, **built)

    def _component(self, item: _Object, path: str, nodes: int) -> Any:
        self.places[path] = self._at(item.entry)
        cls = self._class(item)
        declared = cls.parameters()
        self._known(item, {p.keyword: p for p in declared.values()})
        values = {
            name: self._value(item, p, path, nodes)
            for name, p in declared.items()
            if p.keyword in item.keys or not p.optional
        }
        return cls(**values)

    def _class(self, item: _Object) -> type[Component]:
        registry = ROLES[item.role].registry
        if item.kind in registry:
            return registry[item.kind]
        names = [n for n in registry if n]
        owner = item.label.replace(f" ({item.kind})", "")
        if item.kind in PLANNED[item.role]:
            self._fail(
                item.entry,
                f"{owner}: {item.role} '{item.kind}' is not supported yet. "
                f"Supported: {', '.join(names) or 'the second-order one, without a name'}",
            )
        what = f"unknown {item.role} '{item.kind}'" if item.kind else f"names no {item.role}"
        self._fail(
            item.entry,
            f"{owner}: {what}. Allowed: {', '.join(names) or 'none (leave the name out)'}."
            + suggestion(item.kind, names),
        )

    def _known(self, item: _Object, allowed: dict[str, Parameter]) -> None:
        for key, entry in item.keys.items():
            if key not in allowed and key != "(population)":
                self._fail(
                    entry,
                    f"{item.label}: unknown parameter '{key}'. Allowed: {', '.join(allowed)}."
                    + suggestion(key, allowed),
                )

    def _value(self, item: _Object, declared: Parameter, path: str, nodes: int) -> Any:
        entry = item.keys.get(declared.keyword)
        if entry is None:
            if declared.optional:
                return None
            self._fail(
                item.entry, f"{item.label}: '{declared.keyword}' ({declared.text}) is missing"
            )
        self.places[f"{path}.{declared.path}".lstrip(".")] = self._at(entry)
        return convert(entry.values, declared, nodes, self._at(entry), item.label)

    # output -------------------------------------------------------------------------------------

    def _with_output(self, model: Model) -> Model:
        if self.output is None:
            raise ModelError(
                f"{self.path}:{self.last_line}", "no 'Output:' section; add e.g. 'Output: Node: All'"
            )
        item = self.output
        self.places["output"] = self._at(item.entry)
        self._known(item, OUTPUT)
        nodes = None
        if "Node" in item.keys:
            e = item.keys["Node"]
            if not (e.values and e.values[0].text.lower() == "all"):
                nodes = node_list(e.values, model.nodes, self._at(e), "Output: Node") or None
        start = self._value(item, OUTPUT["Start"], "output", 1)
        output = Output(
            nodes=nodes,
            start=start or 0.0,
            interval=self._value(item, OUTPUT["Interval"], "output", 1),
            traces=tuple(self._traces(model)),
        )
        return Model(**{**model.__dict__, "output": output})

    def _traces(self, model: Model) -> list[Trace]:
        found: list[Trace] = []
        for entry in self.wanted:
            for token in entry.values:
                found += self._trace(model, _LISTS[entry.key], entry, token)
        return list(dict.fromkeys(found))

    def _trace(self, model: Model, kind: str, entry: Entry, token: Token) -> list[Trace]:
        try:
            return model.parse_trace(f"{kind}.{token.text}")
        except NftsimError as error:
            place = f"{self.path}:{token.line}"
            raise ModelError(place, f"Output: {entry.key}: {error}") from None

    def _at(self, e: Entry) -> str:
        return f"{self.path}:{e.line}"

    def _fail(self, e: Entry, message: str) -> NoReturn:
        raise ModelError(self._at(e), message)
