"""What a schema cannot say: settings that must fit one another."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from types import SimpleNamespace
from typing import Any

from nftsim.errors import NftsimError, suggestion
from nftsim.model import load_model
from workflow.lib.experiments import Experiments, model_file

Settings = Mapping[str, Any]


def inconsistencies(config: Settings) -> Iterator[str]:
    """Yield one line for each contradiction in a configuration that its schema accepts."""
    experiments = config["experiments"]
    for name, experiment in experiments.items():
        if experiment is None:
            continue
        for fault in of_experiment(experiment):
            yield f"experiments.{name}.{fault}"
        for fault in of_model(name, experiment):
            yield f"experiments.{name}: {fault}"
    for name, figure in config["figures"].items():
        check = _of_thumbnails if name == "thumbnails" else _of_figure
        for fault in check(figure, experiments) if figure is not None else ():
            yield f"figures.{name}.{fault}"


def of_experiment(experiment: Settings) -> Iterator[str]:
    """Yield what of an experiment contradicts itself, with the key first."""
    yield from missing_models("model", [experiment["model"]])
    duration, interval = experiment["duration"], experiment["interval"]
    for where, length in (("", duration), ("warmup.", experiment["warmup"]["duration"])):
        if length < interval:
            yield f"{where}duration: {length:g} s is shorter than interval, {interval:g} s."
    if experiment["compat"] and experiment.get("rng") == "counter":
        yield "rng: compat: nftsim draws noise as NFTsim does; leave rng out, or compat."
    spectrum, comparison = experiment["spectrum"], experiment["comparison"]
    if spectrum and spectrum["trace"] not in experiment["traces"]:
        hint = suggestion(spectrum["trace"], experiment["traces"]) or " Add it to traces."
        saved = _listed(experiment["traces"])
        yield f"spectrum.trace: {spectrum['trace']} is not saved, only {saved}.{hint}"
    if comparison and not spectrum:
        yield "comparison: there is no spectrum to compare; give spectrum as well."
    for low, high in comparison["bands"] if comparison else ():
        if not low < high:
            yield f"comparison.bands: [{low:g}, {high:g}] is empty; the lower end comes first."
        elif high > 0.5 / interval:
            yield (
                f"comparison.bands: [{low:g}, {high:g}] reaches beyond {0.5 / interval:g} Hz, the "
                "highest frequency that interval resolves."
            )


def of_model(name: str, experiment: Settings) -> Iterator[str]:
    """Yield what the model says to the overrides of the main run, else to those of the warm-up."""
    experiments, which = Experiments({name: experiment}), SimpleNamespace(experiment=name)
    try:
        file = experiments.model(which)
    except NftsimError:
        return  # said where the key is
    for overrides in (experiments.overrides(which), experiments.warmup_overrides(which)):
        try:
            load_model(file, overrides, compat=experiments.compat(which))
        except NftsimError as error:
            yield str(error)
            return


def _of_figure(figure: Settings, experiments: Settings) -> Iterator[str]:
    if "experiments" in figure:
        for name in figure["experiments"]:
            if text := absent(name, experiments):
                yield f"experiments: {text}"
            elif not experiments[name]["spectrum"]:
                yield f"experiments: '{name}' has no spectrum to draw."
        return
    for name, others in figure.get("panels", {}).items():
        yield from missing_models("panels", [name, *others])
    for axis in ("x", "y") if "x" in figure else ():
        if not figure[axis]["range"][0] < figure[axis]["range"][1]:
            yield f"{axis}.range: the lower end comes first."
    if "model" in figure:
        yield from missing_models("model", [figure["model"]])
    if "range" in figure and not figure["range"][0] < figure["range"][1]:
        yield "range: the lower end comes first."
    if "experiment" not in figure:
        yield from missing_models("models", figure.get("models", []))
        return
    name = figure["experiment"]
    if text := absent(name, experiments):
        yield f"experiment: {text}"
        return
    experiment = experiments[name]
    if "trace" not in figure:
        if not experiment["comparison"]:
            yield f"experiment: '{name}' has no comparison with theory to draw."
    elif figure["trace"] not in experiment["traces"]:
        yield f"trace: '{name}' saves only {_listed(experiment['traces'])}."
    if max(figure.get("times", [0.0])) > experiment["duration"]:
        yield f"times: '{name}' ends at {experiment['duration']:g} s."


def _of_thumbnails(figure: Settings, experiments: Settings) -> Iterator[str]:
    for model, names in figure.items():
        for name in names or ():
            if text := absent(name, experiments):
                yield f"{model}: {text}"
            elif experiments[name]["model"] != model:
                yield f"{model}: '{name}' runs {experiments[name]['model']}; name one that runs it."


def absent(name: str, experiments: Settings) -> str:
    """Return why an experiment cannot be shown; empty: it can."""
    if name not in experiments:
        hint = suggestion(name, experiments)
        return f"there is no '{name}' among {_listed(experiments)}.{hint}"
    if experiments[name] is None:
        return f"'{name}' is left out (null); leave out the figure too, or name another."
    return ""


def missing_models(key: str, names: Sequence[str]) -> Iterator[str]:
    """Yield which names are those of no model."""
    for name in names:
        try:
            model_file(name)
        except NftsimError as error:
            yield f"{key}: {error}"


def _listed(names: Any) -> str:
    return ", ".join(names)
