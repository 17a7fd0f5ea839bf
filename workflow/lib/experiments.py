"""What the rules ask about an experiment: its model, its parameters, its files."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from nftsim.errors import NftsimError, suggestion
from nftsim.model import Model, library, load_model

if TYPE_CHECKING:
    from nftsim.engine.plan import Plan

Lookup = Callable[[Any], Any]


class Experiments:
    """The experiments of the configuration, by name.

    Methods that take `wildcards` are input and params functions of rules; `wildcards.experiment` is
    the name.

    Parameters
    ----------
    settings
        The checked ``experiments`` of the configuration: name → settings.
    """

    def __init__(self, settings: Mapping[str, Mapping[str, Any]]) -> None:
        self.settings = settings
        self._loaded: dict[str, Model] = {}
        self._plans: dict[str, Plan | None] = {}

    def __getitem__(self, name: str) -> Mapping[str, Any]:
        """Return the settings of one experiment."""
        if name not in self.settings:
            hint = suggestion(name, self.settings)
            raise NftsimError(f"no experiment '{name}' among {', '.join(self.settings)}.{hint}")
        return self.settings[name]

    def value(self, path: str) -> Lookup:
        """Return a params function that gives one setting, e.g. ``spectrum.segment``."""

        def look_up(wildcards: Any) -> Any:
            found: Any = self[wildcards.experiment]
            for key in path.split("."):
                if found is None:
                    raise NftsimError(
                        f"experiments.{wildcards.experiment}.{path} is wanted, but "
                        f"'{path.rpartition('.')[0]}' is null there."
                    )
                found = found[key]
            return found

        return look_up

    def model(self, wildcards: Any) -> str:
        """Return the file of the model."""
        return model_file(self[wildcards.experiment]["model"])

    def overrides(self, wildcards: Any) -> dict[str, Any]:
        """Return the changes to the model for the main run: overrides, grid, output."""
        settings = self[wildcards.experiment]
        output = {
            "output.node": "all",
            "output.start": 0.0,
            "output.interval": settings["interval"],
            "output.traces": settings["traces"],
        }
        return {**settings["overrides"], **settings["grid"], **output}

    def warmup_overrides(self, wildcards: Any) -> dict[str, Any]:
        """Return the changes to the model for the warm-up: those of the main run and its own."""
        own = self[wildcards.experiment]["warmup"]["overrides"]
        return {**self.overrides(wildcards), **own}

    def warmup_merge(self, wildcards: Any) -> bool:
        """Return whether the warm-up may merge: not if it is of another model than the main run.

        What is the same in the one may differ in the other, which then lacks a history of its own.
        """
        return self.warmup_overrides(wildcards) == self.overrides(wildcards)

    def loaded(self, name: str) -> Model:
        """Return the model of the main run."""
        if name not in self._loaded:
            which = SimpleNamespace(experiment=name)
            overrides, compat = self.overrides(which), self.compat(which)
            self._loaded[name] = load_model(self.model(which), overrides, compat=compat)
        return self._loaded[name]

    def plan(self, name: str) -> Plan | None:
        """Return the plan of the main run with nothing merged, which takes the most.

        None if there cannot be one: then the job itself says what is wrong.
        """
        from nftsim.engine.compile import compile_plan  # slow to import, not always needed

        if name not in self._plans:
            try:
                self._plans[name] = compile_plan(self.loaded(name), merge=False)
            except NftsimError:
                self._plans[name] = None
        return self._plans[name]

    def compat(self, wildcards: Any) -> bool:
        """Return whether to follow NFTsim's habits."""
        return self[wildcards.experiment]["compat"] is not None

    def noise(self, wildcards: Any) -> dict[str, Any]:
        """Return the generator of the noise, and whose habits to follow."""
        settings = self[wildcards.experiment]
        rng = settings.get("rng", settings["compat"] or "counter")
        return {"rng": rng, "compat": self.compat(wildcards)}

    def runs(self, wildcards: Any) -> list[str]:
        """Return the main runs of all seeds."""
        return self.runs_of(wildcards.experiment)

    def runs_of(self, name: str) -> list[str]:
        """Return the main runs of all seeds of the experiment with this name."""
        return [f"results/{name}/{seed}/main.h5" for seed in self[name]["seeds"]]

    def all_runs(self, file: str = "main.h5") -> list[str]:
        """Return a file of every seed of every experiment."""
        return [
            f"results/{name}/{seed}/{file}"
            for name, settings in self.settings.items()
            for seed in settings["seeds"]
        ]

    def all_comparisons(self) -> list[str]:
        """Return the comparisons of the experiments that have one."""
        return [f"results/{n}/comparison.json" for n, s in self.settings.items() if s["comparison"]]

    def summary(self) -> dict[str, dict[str, Any]]:
        """Return what the overview of the report needs to know of each experiment."""
        return {
            name: {
                "model": settings["model"],
                "seeds": list(settings["seeds"]),
                "duration": settings["duration"],
                "comparison": bool(settings["comparison"]),
            }
            for name, settings in self.settings.items()
        }

    def targets(self) -> list[str]:
        """Return what each experiment is for: comparison and figure, else spectra, else runs."""
        files = []
        for name, settings in self.settings.items():
            if settings["comparison"]:
                files.append(f"results/{name}/comparison.json")
                files += [f"results/{name}/agreement.{suffix}" for suffix in ("pdf", "png")]
            elif settings["spectrum"]:
                files += [f"results/{name}/spectrum.h5", f"results/{name}/theory.h5"]
            else:
                files += [f"results/{name}/steady.json", *self.runs_of(name)]
        return files


def model_file(name: str) -> str:
    """Return the file of a model given by path or library name, relative to the working directory.

    Relative, so that a copy of the whole folder elsewhere is still up to date.

    Raises
    ------
    NftsimError
        If there is no such model.
    """
    try:
        if Path(name).is_file():
            return name
    except OSError:  # the name is too long, say
        pass
    known = library()
    if name not in known:
        raise NftsimError(
            f"'{name}' is neither a file nor in the library: {', '.join(known)}."
            + suggestion(name, known)
        )
    return os.path.relpath(known[name])
