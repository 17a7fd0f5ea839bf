"""What the parameters and measures of a sweep are called in its figure, with units."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from analysis.figures.quantities import quantity
from nftsim.model import Model, load_model
from nftsim.theory.family import unit_at
from workflow.lib.sweep_points import STEADY

#: Label of a column, and its unit.
Label = tuple[str, str]
#: What is known of the fixed point, in words.
_STEADY = {
    "steady.points": "fixed points",
    "steady.number": "number of the fixed point",
    "steady.stable": "stable",
    "steady.q": "rate of population 1 at the fixed point",
    "steady.growth": "growth of the slowest mode",
    "steady.frequency": "frequency of the slowest mode",
}
_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_PLAIN = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")


def labels(shown: Mapping[str, Any]) -> dict[str, Label]:
    """Return label and unit of all parameters and measures that a figure shows.

    The trace is left to the caption where there is one alone.

    Parameters
    ----------
    shown
        As of `workflow.lib.sweeps.Sweep.shown`.
    """
    base, named = shown["base"], shown["named"]
    model = load_model(base["model"], base["overrides"], compat=base["noise"]["compat"])
    found = {
        path: (named.get(path, path), unit_at(model, path.split(",")[0].strip()))
        for path in shown["parameters"]
    }
    names = [name for panel in shown["panels"] for name in panel]
    alone = len({trace_of(name) for name in names if name not in STEADY}) == 1
    for name in names:
        text = _STEADY[name] if name in STEADY else _measure(name, alone=alone)
        found[name] = (named.get(name, text), _unit(model, name, shown["units"][name]))
    return found


def trace_of(name: str) -> str:
    """Return the trace of a measure."""
    return name.rpartition(".")[0]


def _measure(name: str, *, alone: bool) -> str:
    words = name.rpartition(".")[2].replace("_", " ").removeprefix("theory ")
    plain = words in ("mean", "variance", "minimum", "maximum") or "peak" in words
    text = words if plain else f"{words} power"
    text += " in theory" if "theory_" in name else ""
    return text if alone else f"{text} of {quantity(trace_of(name))}"


def _unit(model: Model, name: str, pattern: str) -> str:
    """Return the unit of a measure, from how it follows from that of the trace."""
    if name in STEADY or "{}" not in pattern:
        return pattern
    own = model.field_of(model.parse_trace(trace_of(name))[0]).unit
    return pattern.replace("({})²", squared(own)).replace("{}", own).strip()


def squared(unit: str) -> str:
    """Return the square of a unit.

    Examples
    --------
    >>> squared("V s⁻¹"), squared("")
    ('V² s⁻²', '')
    """
    words = []
    for word in unit.translate(_PLAIN).split():
        name, power = re.fullmatch(r"(.*?)(-?\d+)?", word).groups()  # type: ignore[union-attr]
        words.append(name + str(2 * int(power or 1)).translate(_SUPERSCRIPTS))
    return " ".join(words)
