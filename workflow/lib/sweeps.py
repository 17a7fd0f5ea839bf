"""What the rules ask about a sweep: its members, in parts of one job each, and its files."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Mapping
from functools import cached_property
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from nftsim.components.data import Data
from nftsim.errors import NftsimError
from workflow.lib.batches import MINUTES, SLACK
from workflow.lib.digest import source_digest
from workflow.lib.experiments import Experiments
from workflow.lib.sweep_checks import column, columns, listed
from workflow.lib.sweep_points import STEADY, Member, digest, divided, flat, parameters, points

#: Most members of a job, and seconds of work that it has about.
MOST, LENGTH = 256, 600.0
#: Measures that are drawn where none are named.
FIRST = 3
#: Seconds that a connection of a node takes for a step, and a point besides, about.
WORK, POINT = 1e-8, 0.1


class Sweep:
    """One sweep of the configuration.

    Parameters
    ----------
    name
        Its name.
    settings
        Its checked settings, with ``bases``: its experiments as it changes them.
    """

    def __init__(self, name: str, settings: Mapping[str, Any]) -> None:
        self.name, self.settings = name, settings
        self.experiments = Experiments(settings["bases"])
        self.folder = f"results/sweeps/{name}"

    @cached_property
    def how(self) -> dict[str, Any]:
        """What the members have in common: per experiment, and how they are measured."""
        common = {key: self.settings[key] for key in ("measures", "spectrum", "unstable", "keep")}
        return {"bases": {name: self._base(name) for name in self.experiments.settings}} | common

    def _base(self, name: str) -> dict[str, Any]:
        which, settings = SimpleNamespace(experiment=name), self.experiments[name]
        return {
            "model": self.experiments.model(which),
            "nodes": self.experiments.loaded(name).nodes,
            "overrides": self.experiments.overrides(which),
            "warmup": {k: settings["warmup"][k] for k in ("duration", "overrides", "fixed_point")},
            "merge": self.experiments.warmup_merge(which),
            "duration": settings["duration"],
            "traces": settings["traces"],
            "noise": self.experiments.noise(which),
        }

    @cached_property
    def members(self) -> list[Member]:
        """All runs, point by point in their order, with all seeds of each."""
        code, how = source_digest("workflow.lib.sweep_runs"), self.how
        common = {key: how[key] for key in ("measures", "spectrum", "unstable")}
        found = []
        for name, base in how["bases"].items():
            settings = {key: base[key] for key in base if key != "model"}  # whose content counts
            same = digest([settings, common, self._data(name), code])
            for point in points(self.settings):
                files = [_content(value) for value in flat(point).values()]
                for seed in self.experiments[name]["seeds"]:
                    known = digest([same, point, files, seed])
                    found.append(Member(known, name, point, seed))
        return found

    def _data(self, name: str) -> list[str]:
        """Return digests of the files that the model and its changes read."""
        base = self.how["bases"][name]
        changes = {**base["overrides"], **base["warmup"]["overrides"]}
        model = self.experiments.loaded(name)
        stimuli = [s for p in model.populations for s in p.stimuli if isinstance(s, Data)]
        content = hashlib.sha256(Path(base["model"]).read_bytes()).hexdigest()
        return [content, *map(_content, changes.values()), *(str(s.digest) for s in stimuli)]

    @cached_property
    def parts(self) -> list[list[Member]]:
        """The members of each job."""
        together = self.settings["together"]
        if together != "auto":
            return divided(self.members, int(together))
        slowest = max(self._seconds(name) for name in self.experiments.settings)
        return divided(self.members, max(1, min(MOST, int(LENGTH / slowest))))

    def _seconds(self, name: str) -> float:
        model, settings = self.experiments.loaded(name), self.experiments[name]
        steps = (settings["duration"] + settings["warmup"]["duration"]) / model.deltat
        return POINT + WORK * len(model.connections) * model.nodes * steps

    @property
    def files(self) -> list[str]:
        """The files of all parts."""
        return [f"{self.folder}/parts/{i}.jsonl" for i in range(len(self.parts))]

    @property
    def models(self) -> list[str]:
        """The files of the models, each once."""
        return sorted({str(base["model"]) for base in self.how["bases"].values()})

    @property
    def columns(self) -> list[str]:
        """The measures, as the table has them."""
        return list(columns(self.settings))

    @property
    def shown(self) -> dict[str, Any]:
        """What the figure shows (see `analysis.figures.sweep`), and of which model."""
        figure, paths = self.settings["figure"], parameters(self.settings)
        known = columns(self.settings)
        x = column(figure.get("x", paths[0]), paths)
        if "colour" in figure:
            y = figure.get("y", next(path for path in paths if path != x))
            panels = [[name] for name in listed(figure["colour"])]
        else:
            y, measured = None, [name for name in known if name not in STEADY]
            panels = [listed(panel) for panel in listed(figure.get("y", measured[:FIRST]))]
        return {
            "name": self.name,
            "x": x,
            "y": None if y is None else column(y, paths),
            "panels": [[column(name, list(known)) for name in panel] for panel in panels],
            "log": figure["log"],
            "parameters": paths,
            "named": figure["labels"],
            "units": known,
            "base": next(iter(self.how["bases"].values())),
        }

    @property
    def table(self) -> dict[str, Any]:
        """What the table needs to know: columns of parameters, and the members in order."""
        return {
            "parameters": parameters(self.settings),
            "members": [member.to_dict() for member in self.members],
        }


class Sweeps:
    """The sweeps of the configuration, by name.

    Methods that take `wildcards` are input, params and resources functions of rules;
    `wildcards.sweep` is the name, `wildcards.part` the number of a job.

    Parameters
    ----------
    settings
        The checked ``sweeps`` of the configuration.
    """

    def __init__(self, settings: Mapping[str, Mapping[str, Any]]) -> None:
        self.sweeps = {name: Sweep(name, sweep) for name, sweep in settings.items()}

    def __getitem__(self, name: str) -> Sweep:
        """Return one sweep."""
        if name not in self.sweeps:
            raise NftsimError(f"sweeps.{name} is not in the configuration; add it there.")
        return self.sweeps[name]

    def of(self, attribute: str) -> Callable[[Any], Any]:
        """Return an input or params function that gives an attribute of a `Sweep`."""
        return lambda wildcards: getattr(self[wildcards.sweep], attribute)

    def value(self, name: str) -> Callable[[Any], Any]:
        """Return a params function that gives one setting."""
        return lambda wildcards: self[wildcards.sweep].settings[name]

    def members(self, wildcards: Any) -> list[dict[str, Any]]:
        """Return the members of a job."""
        parts, part = self[wildcards.sweep].parts, int(wildcards.part)
        if part >= len(parts):
            raise NftsimError(
                f"sweeps.{wildcards.sweep} has {len(parts)} parts, from 0; not {part}."
            )
        return [member.to_dict() for member in parts[part]]

    def memory(self, wildcards: Any, attempt: int) -> int:
        """Return the memory to reserve for a job [MB]: the estimate and half more."""
        from nftsim.engine.limits import required_memory  # slow to import, not always needed
        from workflow.lib.sweep_runs import NODES

        needed = 0.0
        sweep = self[wildcards.sweep]
        for name in {m["experiment"] for m in self.members(wildcards)}:
            plan, settings = sweep.experiments.plan(name), sweep.experiments[name]
            if plan is not None:
                together = max(1, NODES // plan.model.nodes)
                rows = (settings["duration"] + settings["warmup"]["duration"]) / settings[
                    "interval"
                ]
                output = 8 * rows * len(settings["traces"]) * plan.model.nodes * together
                own = required_memory(plan) + (together - 1) * plan.memory()
                needed = max(needed, own + 2 * output)
        return max(1000, int(1.5e-6 * needed)) * attempt

    def minutes(self, wildcards: Any, attempt: int) -> int:
        """Return the time to reserve for a job [min], as if each member were run alone."""
        from nftsim.engine.limits import estimated_time

        seconds = 0.0
        sweep = self[wildcards.sweep]
        for member in self.members(wildcards):
            plan, settings = (
                sweep.experiments.plan(member["experiment"]),
                sweep.experiments[member["experiment"]],
            )
            if plan is not None:
                length = settings["duration"] + settings["warmup"]["duration"]
                seconds += POINT + estimated_time(plan, math.ceil(length / plan.model.deltat))
        return math.ceil(MINUTES + SLACK * seconds / 60) * attempt

    def targets(self) -> list[str]:
        """Return the table and the figure of every sweep."""
        files = []
        for name, sweep in self.sweeps.items():
            files.append(f"{sweep.folder}/table.csv")
            if sweep.settings["figure"] is not None:
                files += [f"results/figures/sweeps/{name}.{suffix}" for suffix in ("pdf", "png")]
        return files


def _content(value: Any) -> str:
    """Return the digest of the file that a value names, as ``map.npy`` or ``maps.h5:dataset``."""
    if not isinstance(value, str):
        return ""
    for name in (value, value.rpartition(":")[0]):
        if name and Path(name).is_file():
            return hashlib.sha256(Path(name).read_bytes()).hexdigest()
    return ""
