"""Keys of a ``.conf`` file that belong to no component, and what objects are called in messages."""

from __future__ import annotations

import math
import re
from dataclasses import fields

from nftsim.components import ROLES
from nftsim.components.base import Component, Parameter

#: Keys of the model itself, by their name in overrides.
GLOBAL = {
    "time": Parameter("Time", "t_end", "s", "duration of the run", low=0.0, strict=True),
    "deltat": Parameter("Deltat", "Δt", "s", "time step", low=0.0, strict=True),
    "nodes": Parameter("Nodes", "N", "", "nodes of the grid", low=1.0, form="integer"),
    "longside": Parameter(
        "Longside nodes",
        "Nx",
        "",
        "nodes along x; left out: the grid is square",
        low=1.0,
        form="integer",
        optional=True,
    ),
}
#: The one key of the model whose value is a word, and what it may be; the first is the default.
TOPOLOGY = Parameter("Topology", "", "", "shape of the sheet; left out: Torus", optional=True)
TOPOLOGIES = ("Torus", "Sphere")
POPULATION = {
    # a model of one node may call its sheet a point
    "Length": Parameter("Length", "Lx", "m", "length of the sheet along x", low=0.0),
    "Q": Parameter(
        "Q", "Q(0)", "s⁻¹", "initial rate; of populations with Firing only", form="per-node"
    ),
}
OUTPUT = {
    "Node": Parameter(
        "Node", "", "", "nodes to write: All, or a list; left out: All", form="nodes", optional=True
    ),
    "Start": Parameter(
        "Start", "", "s", "time from which to write; left out: 0", low=0.0, optional=True
    ),
    "Interval": Parameter(
        "Interval",
        "",
        "s",
        "time between rows; left out: Deltat",
        low=0.0,
        strict=True,
        optional=True,
    ),
}
#: Lists of the output section, and the kind of trace each of them holds.
LISTS = {
    "Population": "pop",
    "Dendrite": "dendrite",
    "Propagator": "propagator",
    "Coupling": "coupling",
}
#: What opens a section or an object; suggested where a misspelt one is taken for a parameter.
SECTIONS = ("Connection matrix", *LISTS, "Firing", "Function", "Stimulus", "Superimpose", "Output")
#: Keys of more than one word.
PHRASES = frozenset(
    {"Longside nodes", "Connection matrix"}
    | {
        p.keyword
        for role in ROLES.values()
        for cls in role.registry.values()
        for p in cls.parameters().values()
        if " " in p.keyword
    }
)


def requirement(cls: type[Component], attribute: str) -> str:
    """Return whether a parameter is needed, one of several, or optional with a default, in words.

    Examples
    --------
    >>> from nftsim.components.propagators import Map, Wave
    >>> requirement(Map, "tau"), requirement(Wave, "gamma")
    ('default 0', 'one of gamma, velocity')
    """
    declared = cls.parameters()[attribute]
    group = next((names for names in cls.alternatives if declared.keyword in names), ())
    if group:
        return f"one of {', '.join(group)}"
    if not declared.optional:
        return "needed"
    default = next(f.default for f in fields(cls) if f.name == attribute)
    if isinstance(default, int | float) and math.isfinite(default):
        return f"default {default:g}"
    if isinstance(default, str) and default:
        return f"default {default}"
    return "default Steady" if declared.form == "steady" else "optional"


def label(path: str, kind: str = "") -> str:
    """Return what an object is called in messages.

    Examples
    --------
    >>> label("population.5.stimulus.2", "White")
    'Population 5, stimulus 2 (White)'
    """
    words = re.sub(r"\.(\d+)", r" \1", path or "model").replace(".", ", ")
    name = words[0].upper() + words[1:]
    return f"{name} ({kind})" if kind else name
