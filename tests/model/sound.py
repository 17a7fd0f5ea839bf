"""A sound declaration of every component, as text, in a model with a place for each of them."""

from __future__ import annotations

import re
from collections.abc import Mapping

import pytest

from nftsim.components import ROLES
from nftsim.components.base import Component
from nftsim.errors import ModelError
from nftsim.model import parse_model
from nftsim.model.checks import check

#: Keys and values of a declaration, in order.
Keys = dict[str, str]


def _keys(text: str) -> Keys:
    """Return keys and values written ``key: value; key: value``."""
    return dict(item.split(": ", 1) for item in text.split("; "))


_RATES = "V: Steady; alpha: 83; beta: 769"
_WINDOW = "Onset: 0.001; Duration: 0.015; Node: 1 3"
_PULSES = f"{_WINDOW}; Amplitude: 5; Width: 0.004; Period: 0.01; Pulses: 2"
_NOISE = f"{_WINDOW}; Mean: 1; StdDev: 2; Ranseed: 7"
_DAMPED = "phi: Steady; Tau: 0.002; Range: 0.4; gamma: 30"
_CADP = (
    "nu: 1e-4; nu_max: 2e-4; Dth: 2.5e-7; Pth: 4.5e-7; xyth: 1e-4; x: 2.3e-2; y: 2e-2; B: 3e4; "
    "glu_0: 2e-4; tCa: 0.05; gNMDA: 2e-3; z: 0.01"
)
_BCM = f"{_CADP}; t_BCM: 7; t_rec: 1000"
_RAMPS = "; ".join(f"tx{i}: {0.003 * i:g}; th{i}: {0.004 * i:g}" for i in (1, 2, 3, 4))

_TEXTS: dict[str, dict[str, str]] = {
    "propagator": {
        "Map": "phi: Steady; Tau: 0.002",
        "Harmonic": _DAMPED,
        "HarmonicIntegral": _DAMPED,
        "Wave": _DAMPED,
        "WaveLegacy": _DAMPED,
    },
    "coupling": {
        "Map": "nu: 1e-4",
        "Matrix": "nu: 1e-4",
        "Ramp": "nu: 1e-4 2e-4 1e-4; timepoints: 0.005 0.01 0.02",
        "DiffArctan": "nu_min: 1e-4; nu_max: 2e-4; delta: 0.5; t_half_up: 0.5; t_half_down: 1.5",
        "CaDP": _CADP,
        "BCM": _BCM,
        "BCM-Spatial": _BCM,
    },
    "dendrite": {
        "": _RATES,
        "Integral": _RATES,
        "Ramp": f"{_RATES}; alpha2: 50; beta2: 500; t1: 0.002; t2: 0.005; t3: 0.01; t4: 0.015",
    },
    "firing": {
        "Sigmoid": "Theta: 0.013; Sigma: 0.0038; Qmax: 340",
        "Linear": "a: 100; b: 4",
        "Quadratic": "a: 1e3; b: 100; c: 4",
        "Cubic": "a: 1e4; b: 1e3; c: 100; d: 4",
        "Bursting": "Sigma: 0.006; Qmax: 340; Htilde: 16.8; Xtilde: 5.6; gX: 8; gH: 4; ic: 0.7; "
        f"taux: 0.19; tauh: 0.57; ax: 0.3; mu: 140; gX2: 8.5; gH2: 4.5; {_RAMPS}",
        "GlutamateResponse": "Lambda: 1.4e-6; tGlu: 0.03",
    },
    "stimulus": {
        "Const": f"{_WINDOW}; Mean: 1",
        "Sine": f"{_WINDOW}; Amplitude: 3; Frequency: 10",
        "PulseRect": _PULSES,
        "PulseSine": f"{_PULSES}; Phase: 90",
        "PulseSigmoid": f"{_PULSES}; Sigma: 0.001",
        "PAS": f"{_WINDOW}; ISI: 0.001; N20 width: 0.002; N20 height: 5; P25 width: 0.002; "
        "P25 height: 5; TMS width: 0.001; TMS height: 9",
        "Burst": f"{_WINDOW}; Amplitude: 5; Width: 0.001; Bursts: 3; Burst Frequency: 200; "
        "Oscillation Frequency: 50; On: 0.01; Off: 0.01",
        "White": _NOISE,
        "WhiteCoherent": _NOISE,
        "Data": f"{_WINDOW}; File: wave.npy; Interval: 0.001; Amplitude: 3; Interpolation: linear",
    },
}
#: By role and keyword.
SOUND: dict[str, dict[str, Keys]] = {
    role: {keyword: _keys(text) for keyword, text in texts.items()}
    for role, texts in _TEXTS.items()
}

#: What a message says to do.
REMEDY = re.compile(
    r"\b(give|add|use|write|number|keep|make|name|rename|needs?|leave|must|Allowed|Did you mean|"
    r"It has|nodes are)\b"
)
#: (role, keyword) of every component that the package has.
EVERY = [(role, keyword) for role, base in ROLES.items() for keyword in base.registry]

#: The model around it; each component has a line of its own.
_MODEL = """Sound
Time: {time} Deltat: 0.001
Nodes: {nodes}
Connection matrix:
From: 1 2
To 1: 1 2
To 2: 0 0
Population 1: cells
 Length: {length}
 Q: 10
 {firing}
  Dendrite 1: {dendrite}
  Dendrite 2: alpha: 83 beta: 769
Population 2: input
 Length: {length}
 {stimulus}
Propagator 1: {propagator}
Propagator 2: Map - Tau: 0
Coupling 1: {coupling}
Coupling 2: Map - nu: 2e-4
Output: Node: All
Population: 1
"""
#: On which line the component of each role stands.
LINE = {
    role: next(n for n, t in enumerate(_MODEL.split("\n"), start=1) if f"{{{role}}}" in t)
    for role in SOUND
}
#: What messages call it.
NAME = {
    "propagator": "Propagator 1",
    "coupling": "Coupling 1",
    "dendrite": "Dendrite 1",
    "firing": "Population 1, firing",
    "stimulus": "Population 2, stimulus 1",
}


def kind(role: str, keyword: str) -> type[Component]:
    return ROLES[role].registry[keyword]


def label(role: str, keyword: str) -> str:
    """Return what messages call the component."""
    return f"{NAME[role]} ({keyword})" if keyword else NAME[role]


def declared(role: str, keyword: str, keys: Mapping[str, str] | None = None) -> str:
    """Return a declaration as it stands in a file: that of `SOUND`, or of other keys."""
    given = SOUND[role][keyword] if keys is None else keys
    text = " ".join([f"{keyword} -", *(f"{key}: {value}" for key, value in given.items())])
    if keyword == "GlutamateResponse":
        text += " Function: Sigmoid Theta: 0.013 Sigma: 0.0038 Qmax: 340"
    return f"{role.capitalize()}: {text}" if role in ("firing", "stimulus") else text


def conf(role: str, keyword: str, keys: Mapping[str, str] | None = None, **more: str) -> str:
    """Return a model whose component of a role is this one.

    Parameters
    ----------
    role, keyword, keys
        The component, and its keys where they are not those of `SOUND`.
    **more
        ``nodes``, ``length``, ``time``, or whole declarations by role, e.g. ``firing``.
    """
    plastic = getattr(kind(role, keyword), "glutamate", False)
    parts = {
        "nodes": "9",
        "length": "0.5",
        "time": "3" if keyword == "DiffArctan" else "0.02",
        "firing": declared("firing", "GlutamateResponse" if plastic else "Sigmoid"),
        "dendrite": declared("dendrite", ""),
        "stimulus": declared("stimulus", "Const"),
        "propagator": declared("propagator", "Map"),
        "coupling": declared("coupling", "Map"),
        role: declared(role, keyword, keys),
    }
    return _MODEL.format(**{**parts, **more})


def changed(role: str, keyword: str, key: str, value: str | None) -> Keys:
    """Return the keys of a sound declaration with one changed or, with None, left out."""
    keys = dict(SOUND[role][keyword])
    for group in kind(role, keyword).alternatives:
        if key in group:
            keys = {k: v for k, v in keys.items() if k not in group}
    keys.pop(key, None)
    return keys if value is None else {**keys, key: value}


def refusal(text: str, role: str, keyword: str = "", *, owner: str | None = None) -> str:
    """Return why a model is refused, after its place and object, which are tested here."""
    with pytest.raises(ModelError) as caught:
        check(parse_model(text, "bad.conf"))
    message = str(caught.value)
    place = f"bad.conf:{LINE[role]}: "
    assert message.startswith(place)
    assert message.isprintable()
    assert len(message) < 500
    assert REMEDY.search(message), message
    found = message[len(place) :]
    name = label(role, keyword) if owner is None else owner
    assert found.startswith(name), found
    return found[len(name) :].removeprefix(": ")
