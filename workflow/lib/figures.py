"""What the rules of the figures ask: which are wanted, from which run, with which settings."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from snakemake.io import report

from nftsim.errors import NftsimError
from workflow.lib.experiments import Experiments, model_file

#: Diagrams, which show no run: key in the configuration → module of `analysis.figures` that draws
#: it, and name of its files.
DIAGRAMS = {
    "fig01": "fig01_processes",
    "fig03": "fig03_calls",
    "fig04": "fig04_components",
    "fig05": "fig05_grid",
    "fig06": "fig06_stencil",
}
#: Key in the configuration → name of the files.
NAMES = {
    **DIAGRAMS,
    "fig02": "fig02_dendritic_response",
    "fig07": "fig07_frames",
    "fig08": "fig08_timeseries",
    "fig09": "fig09_schematics",
    "fig10": "fig10_spectrum",
    "multistability": "multistability",
    "stability_map": "stability_map",
    "sleep_wake": "sleep_wake",
    "spindle_harmonic": "spindle_harmonic",
}


def pictures(stem: str, category: str, **labels: str) -> dict[str, Any]:
    """Return the outputs of a rule that draws: ``pdf``, ``png`` (in the report) and ``caption``.

    Parameters
    ----------
    stem
        Path of the files, without suffix.
    category
        Heading under which the report has them.
    **labels
        What it calls them, besides their format.
    """
    shown = {
        suffix: report(
            f"{stem}.{suffix}",
            category=category,
            labels={**labels, "format": suffix},
            caption="../report/figure.rst",  # from the folder of the rules
        )
        for suffix in ("pdf", "png")
    }
    return {**shown, "caption": f"{stem}.rst"}


class Figures:
    """The figures of the configuration, by key (``fig07``).

    Parameters
    ----------
    settings
        The checked ``figures`` of the configuration.
    experiments
        What the figures show.
    """

    def __init__(self, settings: Mapping[str, Mapping[str, Any]], experiments: Experiments) -> None:
        self.settings = settings
        self.experiments = experiments

    def __getitem__(self, key: str) -> Mapping[str, Any]:
        """Return the settings of one figure."""
        if key not in self.settings:
            raise NftsimError(f"figures.{key} is not in the configuration; add it there.")
        return self.settings[key]

    def value(self, key: str, name: str) -> Callable[[Any], Any]:
        """Return a params function that gives one setting of a figure."""
        return lambda wildcards: self[key][name]  # noqa: ARG005  Snakemake asks for the name

    def run(self, key: str) -> Callable[[Any], str]:
        """Return an input function: the main run that a figure shows, that of the first seed."""
        return lambda wildcards: self.experiments.runs_of(self[key]["experiment"])[0]  # noqa: ARG005

    def result(self, key: str, file: str) -> Callable[[Any], str]:
        """Return an input function: a file of the experiment that a figure shows."""
        return lambda wildcards: f"results/{self[key]['experiment']}/{file}"  # noqa: ARG005

    def models(self, key: str) -> Callable[[Any], list[str]]:
        """Return an input function: the files of the models that a figure shows."""
        return lambda wildcards: [model_file(name) for name in self[key]["models"]]  # noqa: ARG005

    def results(self, key: str, file: str) -> Callable[[Any], list[str]]:
        """Return an input function: a file of each of the experiments that a figure shows."""
        return lambda wildcards: [  # noqa: ARG005
            f"results/{name}/{file}" for name in self[key]["experiments"]
        ]

    def branches(self, wildcards: Any) -> list[str]:
        """Return the branches that the figure of multistability shows, of a model each."""
        del wildcards
        return [f"results/theory/branches/{m}.json" for m in self["multistability"]["models"]]

    def map_model(self, wildcards: Any) -> str:
        """Return the file of the model that the stability map is of."""
        del wildcards
        return model_file(self["stability_map"]["model"])

    def panels(self, key: str) -> Callable[[Any], dict[str, list[str]]]:
        """Return a params function: for each panel a model file, and those of its states."""
        return lambda wildcards: {  # noqa: ARG005
            model_file(name): [model_file(other) for other in others]
            for name, others in self[key]["panels"].items()
        }

    def panel_models(self, key: str) -> Callable[[Any], list[str]]:
        """Return an input function: the files of all models of the panels of a figure."""

        def files(wildcards: Any) -> list[str]:
            panels = self.panels(key)(wildcards)
            return sorted({path for name, others in panels.items() for path in (name, *others)})

        return files

    @property
    def thumbnails(self) -> dict[str, list[str]]:
        """Models with a thumbnail, and the experiments it shows."""
        shown = self.settings.get("thumbnails", {})
        return {model: names for model, names in shown.items() if names is not None}

    def thumbnail_runs(self, wildcards: Any) -> list[str]:
        """Return the main runs that a thumbnail shows, those of the first seeds."""
        if wildcards.model not in self.thumbnails:
            raise NftsimError(f"figures.thumbnails.{wildcards.model} is not in the configuration.")
        return [self.experiments.runs_of(name)[0] for name in self.thumbnails[wildcards.model]]

    def targets(self) -> list[str]:
        """Return the files of all figures in the configuration."""
        stems = [NAMES[key] for key in self.settings if key != "thumbnails"]
        stems += [f"models/{model}" for model in self.thumbnails]
        return [f"results/figures/{stem}.{suffix}" for stem in stems for suffix in ("pdf", "png")]


def measured() -> list[str]:
    """Return the tables of the benchmark, if it has been run in this working directory."""
    return ["results/benchmark/table5.csv"] if Path("results/benchmark/runs.csv").is_file() else []
