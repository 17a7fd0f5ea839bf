"""What ``nftsim list`` prints: the library's models, and every component with its parameters."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from nftsim.components import ROLES, Component
from nftsim.components.base import Parameter
from nftsim.errors import NftsimError, suggestion
from nftsim.model import library
from nftsim.model.keys import requirement

#: Headings of the roles.
HEADINGS = {"firing": "firing responses", "stimulus": "stimuli"}
#: Kind of trace that the fields of a role make.
KINDS = {"firing": "pop", "stimulus": "pop"}
#: What a parameter's value may be, besides one number.
FORMS = {
    "per-node": "one, or one per node",
    "steady": "one, or one per node, or Steady",
    "matrix": "one, or one per pair of nodes",
    "list": "any number of them",
    "integer": "a whole number",
    "nodes": "numbers of nodes",
    "word": "a word",
}


def catalogue(words: Sequence[str] = ()) -> dict[str, Any]:
    """Return models and components as plain data.

    Parameters
    ----------
    words
        Only what has all of these in its role and name, in any case.

    Returns
    -------
    dict
        ``models``, each with name, title and text; ``components``, each with role, name, equation,
        source, parameters and outputs.

    Raises
    ------
    NftsimError
        If nothing has them.
    """
    models = []
    for name, path in library().items():
        if _has(words, "model", name):
            text = path.read_text(encoding="utf-8").strip()
            header = text.split("\nTime:")[0].strip()
            models.append({"name": name, "title": text.splitlines()[0], "text": header})
    found = [
        _component(role, keyword, cls)
        for role, base in ROLES.items()
        for keyword, cls in base.registry.items()
        if _has(words, role, keyword)
    ]
    if not models and not found:
        known = [
            *library(),
            "models",
            "components",
            *ROLES,
            *(k for base in ROLES.values() for k in base.registry if k),
        ]
        raise NftsimError(
            f"nothing is called '{' '.join(words)}'; 'nftsim list' without words lists everything, "
            "'nftsim list models' and 'nftsim list components' a part of it."
            f"{suggestion(' '.join(words), known)}"
        )
    return {"models": models, "components": found}


def _has(words: Sequence[str], role: str, name: str) -> bool:
    kind = "" if role == "model" else "component components"
    place = f"{kind} {role} {HEADINGS.get(role, f'{role}s')} {name}".lower()
    return all(word.lower() in place for word in words)


def _component(role: str, keyword: str, cls: type[Component]) -> dict[str, Any]:
    declared = cls.parameters()
    return {
        "role": role,
        "name": keyword,
        "equation": cls.equation,
        "source": cls.source,
        "parameters": [_parameter(p, requirement(cls, name)) for name, p in declared.items()],
        "outputs": [
            {
                "trace": f"{KINDS.get(role, role)}.K.{field.name}",
                "symbol": field.symbol,
                "unit": field.unit,
                "text": field.text,
                "only_when_named": field.asked,
            }
            for field in cls.outputs
        ],
    }


def _parameter(p: Parameter, needed: str) -> dict[str, str]:
    return {
        "name": p.keyword,
        "symbol": p.symbol,
        "unit": p.unit,
        "text": p.text,
        "needed": needed,
        "values": FORMS.get(p.form, "one"),
    }


def listing(words: Sequence[str] = ()) -> Iterator[str]:
    """Yield the lines of the listing; of `words` see `catalogue`."""
    found = catalogue(words)
    sections = {"models": [f"  {m['name']:18s} {m['title']}" for m in found["models"]]}
    for component in found["components"]:
        role = component["role"]
        lines = sections.setdefault(HEADINGS.get(role, f"{role}s"), [])
        lines += _described(component)
    filled = {heading: lines for heading, lines in sections.items() if lines}
    for number, (heading, lines) in enumerate(filled.items()):
        if number:
            yield ""
        yield f"{heading}:"
        yield from lines


def _described(component: dict[str, Any]) -> Iterator[str]:
    name = component["name"] or "(no name)"
    yield f"  {name:17s} {component['equation']}    [{component['source']}]"
    for p in component["parameters"]:
        unit = f" [{p['unit']}]" if p["unit"] else ""
        extra = "" if p["needed"] == "needed" else f" ({p['needed']})"
        form = "" if p["values"] == "one" else f"; {p['values']}"
        yield f"      {p['name']:12s} {p['symbol']}{unit}: {p['text']}{extra}{form}"
    for field in component["outputs"]:
        unit = f" [{field['unit']}]" if field["unit"] else ""
        only = " (written only when named)" if field["only_when_named"] else ""
        yield f"      > {field['trace']}  {field['symbol']}{unit}: {field['text']}{only}"
