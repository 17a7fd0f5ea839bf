"""Bring the tables of this folder in line with what the components declare.

Run ``python docs/tables.py`` from the root of the repository after changing a component; a test
fails while they differ. A table stands between ``<!-- begin NAME -->`` and ``<!-- end NAME -->``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from pathlib import Path

from nftsim.components import ROLES
from nftsim.components.base import Component, Parameter
from nftsim.model.keys import GLOBAL, OUTPUT, POPULATION, TOPOLOGY, requirement

FOLDER = Path(__file__).resolve().parent
#: What a parameter's value may be, besides one number.
FORMS = {
    "per-node": "one, or one per node",
    "steady": "a number, or `Steady`",
    "integer": "whole number",
    "nodes": "nodes, from 1",
}


def components() -> str:
    """Return the table of equations, one component a line."""
    rows = [
        (role, f"`{keyword}`" if keyword else "(no name)", cls.equation, cls.source)
        for role, base in ROLES.items()
        for keyword, cls in base.registry.items()
    ]
    return _table(("role", "name", "equation", "source"), rows)


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
    """Return the table of traces."""
    rows = []
    for role, base in ROLES.items():
        kind = "pop" if role in ("firing", "stimulus") else role
        for field in base.outputs:
            rows.append((f"`{kind}.K.{field.name}`", field.symbol, field.unit, field.text, role))
    return _table(("trace", "symbol", "unit", "what", "of"), rows)


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
    return _table(("key", "symbol", "unit", "what", "values", "needed?"), rows)


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, ("---",) * len(head), *rows]
    cells = [[cell.replace("|", r"\|") for cell in line] for line in lines]
    return "\n".join(f"| {' | '.join(line)} |" for line in cells)


TABLES: dict[str, tuple[str, Callable[[], str]]] = {
    "components": ("equations.md", components),
    "keys": ("file-format.md", keys),
    "outputs": ("file-format.md", outputs),
}


def updated(text: str, name: str) -> str:
    """Return a page with one of its tables made anew."""
    pattern = rf"(<!-- begin {name} -->\n).*?(<!-- end {name} -->)"
    table = TABLES[name][1]()
    fresh, count = re.subn(
        pattern, lambda m: f"{m[1]}{table}\n{m[2]}", text, count=1, flags=re.DOTALL
    )
    if not count:
        raise SystemExit(
            f"{TABLES[name][0]} has no '<!-- begin {name} -->' … '<!-- end {name} -->'"
        )
    return fresh


if __name__ == "__main__":
    for table, (page, _) in TABLES.items():
        path = FOLDER / page
        path.write_text(updated(path.read_text(encoding="utf-8"), table), encoding="utf-8")
