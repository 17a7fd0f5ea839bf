"""Bring the tables of this folder in line with what the components declare.

Run ``python -m docs.tables`` from the root of the repository after changing a component; a test
fails while they differ. A table stands between ``<!-- begin NAME -->`` and ``<!-- end NAME -->``;
`put` and `table` serve `docs.parity` too, whose tables take simulations.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from pathlib import Path

from nftsim.components import ROLES
from nftsim.components.base import Component, Field, Parameter
from nftsim.io.text import KINDS, PAIRS
from nftsim.model.keys import GLOBAL, OUTPUT, POPULATION, TOPOLOGY, requirement

FOLDER = Path(__file__).resolve().parent
#: Roles whose name is no noun for what has it.
NOUNS = {"firing": "firing response"}
#: What a parameter's value may be, besides one number.
FORMS = {
    "per-node": "one, or one per node",
    "steady": "one, or one per node, or `Steady`",
    "matrix": "one, or one per pair of nodes",
    "list": "any count",
    "integer": "whole number",
    "nodes": "nodes, from 1",
    "word": "a word",
    "file": "path of a file",
}


def components() -> str:
    """Return the table of equations, one component a line."""
    rows = [
        (role, f"`{keyword}`" if keyword else "(no name)", cls.equation, cls.source)
        for role, base in ROLES.items()
        for keyword, cls in base.registry.items()
    ]
    return table(("role", "name", "equation", "source"), rows)


def keys() -> str:
    """Return the tables of all keys, one object or component after the other."""
    parts = [
        "#### The model",
        _parameters([*GLOBAL.values(), TOPOLOGY]),
        "#### `Population k: name`",
        _parameters(POPULATION.values()),
    ]
    for role, base in ROLES.items():
        for keyword, cls in base.registry.items():
            name = f"`{keyword}`" if keyword else "without a name"
            parts += [f"#### {role.capitalize()} {name}", _component(cls)]
    return "\n\n".join([*parts, "#### `Output:`", _parameters(OUTPUT.values())])


def outputs() -> str:
    """Return the table of traces: each quantity, and which components have it."""
    owners: dict[tuple[str, ...], list[str]] = {}
    for role, base in ROLES.items():
        for keyword, cls in base.registry.items():
            for field in cls.outputs:
                name = f"`{keyword}`" if keyword else "second-order dendrite"
                owners.setdefault(_output(role, field), []).append(name)
    rows = []
    for (role, *row), names in owners.items():
        every = len(names) == len(ROLES[role].registry)
        rows.append((*row, f"every {NOUNS.get(role, role)}" if every else ", ".join(names)))
    head = ("trace", "in NFTsim's text", "symbol", "unit", "what", "values", "of")
    return table(head, rows)


def _output(role: str, field: Field) -> tuple[str, ...]:
    kind = "pop" if role in ("firing", "stimulus") else role
    name = field.text_name or field.name
    text = f"`{PAIRS}.K.{name}.I`" if field.matrix else f"`{KINDS[kind]}.K.{name}`"
    values = "one per node"
    if field.single or field.matrix:
        values = "one" if field.single else "one per pair of nodes"
    if field.asked:
        text, values = "", f"{values}; only when named"
    trace = f"`{kind}.K.{field.name}`"
    return role, trace, text, field.symbol, field.unit, field.text, values


def _component(cls: type[Component]) -> str:
    declared = cls.parameters()
    return _parameters(declared.values(), [requirement(cls, name) for name in declared])


def _parameters(declared: Iterable[Parameter], notes: Iterable[str] = ()) -> str:
    rows = []
    given = iter(notes)
    for p in declared:
        bound = "" if p.low == -float("inf") else f"{'>' if p.strict else '≥'} {p.low:g}"
        values = "; ".join(filter(None, (FORMS.get(p.form, ""), bound)))
        needed = next(given, "optional" if p.optional else "needed")
        rows.append((f"`{p.keyword}`", p.symbol, p.unit, p.text, values, needed))
    return table(("key", "symbol", "unit", "what", "values", "needed?"), rows)


def table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    """Return a table in Markdown."""
    lines = [head, ("---",) * len(head), *rows]
    cells = [[cell.replace("|", r"\|") for cell in line] for line in lines]
    return "\n".join(f"| {' | '.join(line)} |" for line in cells)


def put(page: str, name: str, fresh: str, text: str) -> str:
    """Return the text of a page with what stands at a name replaced."""
    pattern = rf"(<!-- begin {name} -->\n).*?(<!-- end {name} -->)"
    changed, count = re.subn(
        pattern, lambda m: f"{m[1]}{fresh}\n{m[2]}", text, count=1, flags=re.DOTALL
    )
    if not count:
        raise SystemExit(f"{page} has no '<!-- begin {name} -->' … '<!-- end {name} -->'")
    return changed


def write(page: str, name: str, fresh: str) -> None:
    """Replace what stands at a name of a page of this folder."""
    path = FOLDER / page
    path.write_text(put(page, name, fresh, path.read_text(encoding="utf-8")), encoding="utf-8")


TABLES: dict[str, tuple[str, Callable[[], str]]] = {
    "components": ("equations.md", components),
    "keys": ("file-format.md", keys),
    "outputs": ("file-format.md", outputs),
}


def updated(text: str, name: str) -> str:
    """Return a page with one of its tables made anew."""
    page, make = TABLES[name]
    return put(page, name, make(), text)


if __name__ == "__main__":
    for name, (page, make) in TABLES.items():
        write(page, name, make())
