"""Grouping the keys of a ``.conf`` file into objects: populations, their parts, connections.

Only the order of keys matters here: each belongs to the object named last. What objects mean is for
`nftsim.model.parser`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeVar

from nftsim.errors import ModelError
from nftsim.model.keys import LISTS, PHRASES, POPULATION, label
from nftsim.model.lexer import Entry, entries, split_header
from nftsim.model.values import warn_rest


@dataclass
class Item:
    """Keys that belong together.

    Attributes
    ----------
    role
        Of a component its role; else ``model``, ``population`` or ``output``.
    path
        Dotted path, as in overrides; empty for the model's own keys.
    entry
        Where the object is opened.
    kind
        The component's name in the file.
    sheet
        The population (from 1) it stands in; 0: none.
    keys, repeated
        Its keys, and the first one given twice.
    """

    role: str
    path: str
    entry: Entry
    kind: str = ""
    sheet: int = 0
    keys: dict[str, Entry] = field(default_factory=dict)
    repeated: Entry | None = None

    @property
    def label(self) -> str:
        """What it is called in messages."""
        return label(self.path, self.kind)

    def add(self, e: Entry) -> None:
        """Take a key."""
        if e.key in self.keys:
            self.repeated = self.repeated or e
        else:
            self.keys[e.key] = e


@dataclass
class Sheet(Item):
    """A population with its parts."""

    firing: Item | None = None
    function: Entry | None = None
    stimuli: list[Item] = field(default_factory=list)
    superimpose: Entry | None = None


_Key = TypeVar("_Key")
_Kind = TypeVar("_Kind", bound=Item)


class Objects:
    """The objects of one ``.conf`` text.

    Attributes
    ----------
    header
        The free text before the first key.
    top, output
        The model's own keys, and those of the output section (None: there is none).
    matrix
        Rows of the connection matrix: ``From``, then ``To 1``, …
    sheets, parts
        Populations by number; propagators, couplings and dendrites by (role, number).
    wanted
        Lists of traces in the output section.
    end
        The last line, ``file:line``.
    """

    def __init__(self, text: str, path: str) -> None:
        self.header, body, first = split_header(text.replace("\r\n", "\n"), path)
        self.top = Item("model", "", Entry("Time", None, path, first))
        self.matrix: list[Entry] = []
        self.sheets: dict[int, Sheet] = {}
        self.parts: dict[tuple[str, int], Item] = {}
        self.output: Item | None = None
        self.wanted: list[Entry] = []
        self.end = f"{path}:{first + body.rstrip().count(chr(10))}"
        self._current: Item = self.top
        self._sheet: Sheet | None = None
        self._in_matrix = False
        for entry in entries(body, first, PHRASES, path):
            self._place(entry)

    def _place(self, e: Entry) -> None:
        if self.output is not None:
            self._output_key(self.output, e)
        elif e.key == "Connection matrix":
            if self._in_matrix:
                raise wrong(e, "'Connection matrix' is given twice; keep one")
            self._in_matrix = True
        elif self._in_matrix and e.key in ("From", "To"):
            self.matrix.append(e)
        elif e.key == "Population":
            number = _number(e)
            self._sheet = Sheet("population", f"population.{number}", e, sheet=number)
            self._current = _only(self.sheets, number, self._sheet)
        elif e.key in ("Propagator", "Coupling", "Dendrite"):
            self._part(e)
        elif e.key == "Output":
            self.output = Item("output", "output", e)
            warn_rest(e.values, e.place, "Output")
        elif e.key in ("Firing", "Function", "Stimulus", "Superimpose"):
            if self._sheet is None:
                raise wrong(
                    e, f"'{e}:' stands outside a population; write 'Population k: name' first"
                )
            self._population_part(e, self._sheet)
        else:
            self._parameter(e)

    def _output_key(self, output: Item, e: Entry) -> None:
        if e.key in LISTS and e.index is None:
            self.wanted.append(e)
        elif e.index is not None:
            raise wrong(e, f"'{e}:' stands after 'Output:'; move the output section to the end")
        else:
            output.add(e)

    def _part(self, e: Entry) -> None:
        role, number = e.key.lower(), _number(e)
        kind, rest = e.name()
        part = Item(role, f"{role}.{number}", e, kind)
        if role == "dendrite":
            if self._sheet is None:
                raise wrong(
                    e, f"'{e}:' stands outside a population; move it into the one it acts on"
                )
            part.sheet = self._sheet.sheet
        warn_rest(rest, e.place, part.label)
        self._current = _only(self.parts, (role, number), part)

    def _population_part(self, e: Entry, sheet: Sheet) -> None:
        if e.key == "Superimpose":
            sheet.superimpose = e
            self._current = sheet
        elif e.key == "Stimulus":
            self._stimulus(e, sheet)
        else:
            self._firing(e, sheet)

    def _stimulus(self, e: Entry, sheet: Sheet) -> None:
        if not e.values:  # 'Stimulus: Superimpose: n' opens a list
            self._current = sheet
            return
        kind, rest = e.name()
        path = f"{sheet.path}.stimulus.{len(sheet.stimuli) + 1}"
        self._current = Item("stimulus", path, e, kind, sheet.sheet)
        warn_rest(rest, e.place, self._current.label)
        sheet.stimuli.append(self._current)

    def _firing(self, e: Entry, sheet: Sheet) -> None:
        """Take ``Firing:`` or the ``Function:`` in it; either may name the response."""
        kind, rest = e.name()
        if e.key == "Firing":
            if sheet.firing is not None:
                raise wrong(e, f"{sheet.label} has two Firing entries; keep one")
            path = f"{sheet.path}.firing"
            self._current = sheet.firing = Item("firing", path, e, kind, sheet.sheet)
        elif sheet.firing is None or not kind:
            raise wrong(e, "'Function:' belongs after 'Firing:' and takes a name, e.g. Sigmoid")
        elif sheet.function is not None:
            raise wrong(e, f"{sheet.label} has two Function entries; keep one")
        else:
            sheet.function = e
            sheet.firing.kind = sheet.firing.kind or kind
        warn_rest(rest, e.place, sheet.firing.label)

    def _parameter(self, e: Entry) -> None:
        # 'Length' and 'Q' are the population's wherever they stand in it
        if self._sheet is not None and self._current.sheet and e.key in POPULATION:
            self._sheet.add(e)
        else:
            self._current.add(e)


def wrong(e: Entry, message: str) -> ModelError:
    """Return the error to raise about an entry."""
    return ModelError(e.place, message)


def _number(e: Entry) -> int:
    if e.index is None:
        message = f"'{e.key}:' needs a number, e.g. '{e.key} 1:'"
        raise wrong(e, f"{message}; only lists of traces, after 'Output:', have none")
    return e.index


def _only(found: dict[_Key, _Kind], key: _Key, item: _Kind) -> _Kind:
    if key in found:
        raise wrong(
            item.entry,
            f"'{item.entry}' is given twice (first at line {found[key].entry.line}); keep one",
        )
    found[key] = item
    return item
