"""What a sweep runs: its experiments as it changes them, and the points where it runs them."""

from __future__ import annotations

import hashlib
import itertools
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

Settings = Mapping[str, Any]
Point = dict[str, Any]

#: Settings of a sweep that stand in place of those of its experiments.
REPLACED = ("grid", "duration", "interval", "traces", "seeds", "rng", "compat")
#: What a sweep of a model needs to say, as there is no experiment that does.
NEEDED = ("warmup", "duration", "interval", "traces", "seeds")
#: What is known of the fixed point at which a member starts → unit.
STEADY = {
    "steady.points": "",
    "steady.number": "",
    "steady.stable": "",
    "steady.q": "s⁻¹",
    "steady.growth": "s⁻¹",
    "steady.frequency": "Hz",
}
#: Digits of the values of a range: 0.003 rather than 0.0030000000000000005.
DIGITS = 12
#: Room of a part beyond its share, so that a member that is added seldom moves another.
ROOM = 1.25


@dataclass(frozen=True)
class Member:
    """One run of a sweep.

    Attributes
    ----------
    id
        Digest of all that its result depends on.
    experiment
        Whose settings it has.
    values
        Path → value; a path may be several with commas.
    seed
        Of its noise.
    """

    id: str
    experiment: str
    values: Point
    seed: int

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, for params of a rule."""
        return asdict(self)


def laid_over(experiment: Settings, sweep: Settings) -> dict[str, Any]:
    """Return the settings of an experiment as a sweep changes them.

    Its overrides, and those of its warm-up, are added to; other keys are replaced. Spectra and
    comparison are left out, as a sweep has measures.
    """
    base = {**experiment, **{key: sweep[key] for key in REPLACED if key in sweep}}
    base["overrides"] = _both("overrides", experiment, sweep)
    if "warmup" in experiment or "warmup" in sweep:
        before, own = experiment.get("warmup", {}), sweep.get("warmup", {})
        base["warmup"] = {**before, **own, "overrides": _both("overrides", before, own)}
    return {**base, "spectrum": None, "comparison": None}


def _both(key: str, first: Settings, second: Settings) -> dict[str, Any]:
    return {**first.get(key, {}), **second.get(key, {})}


def values(axis: Any) -> list[Any]:
    """Return the values of a parameter: as listed, or those of a range."""
    if not isinstance(axis, Mapping):
        return list(axis)
    space = np.geomspace if axis.get("scale") == "log" else np.linspace
    return [float(f"{v:.{DIGITS}g}") for v in space(axis["from"], axis["to"], axis["count"])]


def points(sweep: Settings) -> list[Point]:
    """Return where a sweep runs: path → value of each point, in order."""
    if "points" in sweep:
        return [dict(point) for point in sweep["points"]]
    axes = [values(axis) for axis in sweep["parameters"].values()]
    every = zip(*axes, strict=True) if sweep["zip"] and axes else itertools.product(*axes)
    return [dict(zip(sweep["parameters"], chosen, strict=True)) for chosen in every]


def parameters(sweep: Settings) -> list[str]:
    """Return the paths of the parameters, in order."""
    return list(sweep["points"][0] if "points" in sweep else sweep["parameters"])


def flat(point: Point) -> dict[str, Any]:
    """Return a point as overrides, with one path each."""
    return {path.strip(): value for paths, value in point.items() for path in paths.split(",")}


def digest(content: Any) -> str:
    """Return a short digest of plain values."""
    text = json.dumps(content, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def divided(members: Sequence[Member], most: int) -> list[list[Member]]:
    """Return members in parts of about `most`, which hardly change where members are added.

    The seeds of a point stay together. A point goes to the part that its digest names, or to the
    next one that has room (consistent hashing with bounded loads, Mirrokni et al. 2018).
    """
    count = max(1, math.ceil(len(members) / most))
    room = max(1, math.ceil(ROOM * len(members) / count)) if count > 1 else len(members)
    units: dict[str, list[int]] = {}
    for i, member in enumerate(members):
        units.setdefault(digest([member.experiment, member.values]), []).append(i)
    pieces = sorted(
        (digest([key, first // most]), some[first : first + most])
        for key, some in units.items()
        for first in range(0, len(some), most)
    )
    parts: list[list[int]] = [[] for _ in range(count)]
    for key, some in pieces:
        home = int(key, 16)
        order = [(home + step) % count for step in range(count)]
        with_room = [p for p in order if len(parts[p]) + len(some) <= room]
        chosen = with_room[0] if with_room else min(order, key=lambda p: len(parts[p]))
        parts[chosen] += some
    return [[members[i] for i in sorted(part)] for part in parts if part]
