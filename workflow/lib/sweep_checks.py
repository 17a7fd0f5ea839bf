"""What a schema cannot say of sweeps: settings that must fit one another, and their models."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from types import SimpleNamespace
from typing import Any

from analysis.measure_names import measure_units
from nftsim.errors import NftsimError, suggestion
from nftsim.model.library import with_changes
from nftsim.notices import quiet
from workflow.lib.consistency import absent, missing_models, of_experiment, of_model
from workflow.lib.experiments import Experiments
from workflow.lib.sweep_points import NEEDED, STEADY, Settings, flat, parameters, points, values

#: Most runs of a sweep.
MOST = 200_000
#: Paths that are settings of the run.
RUN = {"time": "duration", "output.interval": "interval", "output.traces": "traces"}


def sweep_faults(config: Settings, *, models: bool = True) -> Iterator[str]:
    """Yield one line for each contradiction in the sweeps of a configuration.

    Parameters
    ----------
    config
        Settings that the schema accepts, with ``bases`` of each sweep.
    models
        Whether to try every value of every parameter on its model, which takes a few milliseconds
        each.
    """
    for name, sweep in config["sweeps"].items():
        if sweep is None:
            continue
        place = f"sweeps.{name}"
        faults = [f"{place}.{fault}" for fault in _of_settings(sweep, config["experiments"])]
        if not faults:
            for base, settings in sweep["bases"].items():
                faults += [f"{place}.{fault}" for fault in of_experiment(settings)]
                faults += [f"{place}: {fault}" for fault in of_model(base, settings)]
        if not faults:
            faults += [f"{place}.{fault}" for fault in _of_measures(sweep)]
        if not faults and models:
            faults += [f"{place}.{fault}" for fault in _of_values(sweep)]
        yield from faults


def _of_settings(sweep: Settings, experiments: Settings) -> Iterator[str]:
    if ("experiments" in sweep) == ("model" in sweep):
        yield "experiments: give either experiments or a model, and not both."
        return
    for name in sweep.get("experiments", ()):
        if text := absent(name, experiments):
            yield f"experiments: {text}"
    if "model" in sweep:
        yield from missing_models("model", [sweep["model"]])
        lacks = [key for key in NEEDED if key not in sweep]
        if "warmup" in sweep and "duration" not in sweep["warmup"]:
            lacks.append("warmup.duration")
        for key in lacks:
            yield f"{key}: is missing; a sweep of a model needs {', '.join(NEEDED)}."
    if "points" in sweep and sweep["parameters"]:
        yield "points: give either points or parameters, and not both."
        return
    for path in parameters(sweep):
        for one in flat({path: 0}):
            if one.lower() in RUN:
                yield f"parameters.{path}: is a setting of the sweep, {RUN[one.lower()]}."
            elif one.lower().startswith("output."):
                yield f"parameters.{path}: says what is written, and changes no run."
    yield from _of_axes(sweep)


def _of_axes(sweep: Settings) -> Iterator[str]:
    if "points" in sweep:
        first = list(sweep["points"][0])
        for i, point in enumerate(sweep["points"]):
            if set(point) != set(first):
                yield f"points.{i}: has {', '.join(point)}; the first has {', '.join(first)}."
        return
    for path, axis in sweep["parameters"].items():
        if isinstance(axis, Mapping):
            if axis["from"] == axis["to"]:
                yield f"parameters.{path}: from and to are the same; give a list of one value."
            if axis.get("scale") == "log" and not axis["from"] * axis["to"] > 0:
                yield f"parameters.{path}: a log scale wants from and to of one sign, and not 0."
    lengths = {path: len(values_of(axis)) for path, axis in sweep["parameters"].items()}
    if sweep["zip"] and len(set(lengths.values())) > 1:
        counts = ", ".join(f"{path} {count}" for path, count in lengths.items())
        yield f"zip: parameters must have as many values as one another, and have: {counts}."
    count = 1
    for length in () if sweep["zip"] else lengths.values():
        count *= length
    for base in sweep["bases"].values():
        if (runs := count * len(base["seeds"])) > MOST:
            yield f"parameters: make {runs} runs of one experiment; a sweep has at most {MOST}."


def values_of(axis: Any) -> range | Sequence[Any]:
    """Return as many things as a parameter has values."""
    return range(axis["count"]) if isinstance(axis, Mapping) else axis


def _of_measures(sweep: Settings) -> Iterator[str]:
    spectrum, wanted = sweep["spectrum"], sweep["measures"]
    ranges = {f"bands.{name}": band for name, band in spectrum["bands"].items()}
    ranges = (ranges if "bands" in wanted else {}) | (
        {"peak": spectrum["peak"]} if "peak" in wanted else {}
    )
    for base in sweep["bases"].values():
        highest = 0.5 / base["interval"]
        for key, (low, high) in ranges.items():
            if not low < high:
                yield f"spectrum.{key}: [{low:g}, {high:g}] is empty; the lower end comes first."
            elif high > highest:
                yield (
                    f"spectrum.{key}: [{low:g}, {high:g}] reaches beyond {highest:g} Hz, the "
                    "highest frequency that interval resolves."
                )
            elif key != "peak" and (high - low) * spectrum["segment"] < 1:
                yield f"spectrum.{key}: is narrower than the resolution, 1 over segment."
        if ranges and base["duration"] < spectrum["segment"]:
            yield (
                f"spectrum.segment: {spectrum['segment']:g} s is longer than the runs of "
                f"{base['duration']:g} s."
            )
    if sweep["figure"] is not None:
        yield from _of_figure(sweep)


def _of_figure(sweep: Settings) -> Iterator[str]:
    figure, paths = sweep["figure"], parameters(sweep)
    if not paths and "x" not in figure:
        yield "figure: there is no parameter to draw along; set it to null."
        return
    known = list(columns(sweep))
    named = [("x", figure["x"], paths)] if "x" in figure else []
    if "colour" in figure:
        if len(paths) < 2:
            yield "figure.colour: a map needs two parameters."
        named += [("colour", name, known) for name in listed(figure["colour"])]
        if "y" in figure and not isinstance(figure["y"], str):
            yield "figure.y: with colour, it is one parameter."
        elif "y" in figure:
            named.append(("y", figure["y"], paths))
    else:
        for panel in listed(figure.get("y", [])):
            named += [("y", name, known) for name in listed(panel)]
    for key, name, allowed in named:
        if column(name, allowed) is None:
            hint = suggestion(name, allowed)
            yield f"figure.{key}: there is no '{name}'. It may be {', '.join(allowed)}.{hint}"


def listed(value: Any) -> list[Any]:
    """Return a list, also of one thing alone."""
    return list(value) if isinstance(value, list) else [value]


def column(name: str, known: Sequence[str]) -> str | None:
    """Return the column of a name, which may be its end where that says which; None: none."""
    if name in known:
        return name
    ends = [k for k in known if k.lower().endswith(f".{name.lower()}")]
    return ends[0] if len(ends) == 1 else None


def columns(sweep: Settings) -> dict[str, str]:
    """Return the columns of the measures, and their units; ``{}`` is that of the trace."""
    found = dict(STEADY)
    units = measure_units(sweep["measures"], sweep["spectrum"]["bands"])
    for base in sweep["bases"].values():
        for trace in base["traces"]:
            found |= {f"{trace}.{name}": unit for name, unit in units.items()}
    return found


def _of_values(sweep: Settings) -> Iterator[str]:
    """Yield what the model says to each value of each parameter, or to each point."""
    for base, settings in sweep["bases"].items():
        experiments, which = Experiments({base: settings}), SimpleNamespace(experiment=base)
        model, compat = experiments.loaded(base), experiments.compat(which)
        for place, changes in _tried(sweep):
            try:
                with quiet():
                    with_changes(model, flat(changes), compat=compat)
            except NftsimError as error:
                yield f"{place}: {error}"
                break


def _tried(sweep: Settings) -> Iterator[tuple[str, dict[str, Any]]]:
    if "points" in sweep or sweep["zip"]:
        for i, point in enumerate(points(sweep)):
            yield (f"points.{i}" if "points" in sweep else "parameters"), point
        return
    axes = {path: values(axis) for path, axis in sweep["parameters"].items()}
    first = {path: some[0] for path, some in axes.items()}
    for path, some in axes.items():
        for value in some:
            yield f"parameters.{path}", {**first, path: value}
