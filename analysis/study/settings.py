"""What a study simulates and compares, and the workflow's configuration that says so."""

from __future__ import annotations

import argparse
import math
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import yaml

from analysis.files import atomic
from nftsim.commands.traces import named_trace
from nftsim.errors import NftsimError
from nftsim.model import Model, load_model
from nftsim.model.checks import check
from nftsim.model.overrides import parse_setting
from nftsim.model.steps import interval_steps
from nftsim.theory.traces import ANSWERING

if TYPE_CHECKING:
    from nftsim.theory.states import SteadyStates

#: First line of the configuration, by which a later call knows a folder as that of a study.
MADE = "# Written by nftsim study, and anew by each call."
#: File of the configuration; Snakemake finds it by this name.
CONFIG = "config.yaml"

#: Defaults of a comparison: length of a run [s] and seeds, enough for every band of a model like
#: eirs-wake.
DURATION, SEEDS = 120.0, tuple(range(1, 13))
#: Time between samples of a comparison, at most [s], and nodes: a sheet with more of them is
#: studied on so many, or the fewest that do, which costs a fraction; theory is told of it, too.
INTERVAL, NODES = 5e-3, 144
#: Warm-ups last this long, or so many times the slowest decay, but not longer than that [s].
WARMUP, DECAYS, LONGEST = 20.0, 20.0, 100.0
#: A warm-up without noise has at least so many samples, to be judged by.
SAMPLES = 200
#: Range in which each band must have enough data [Hz].
REQUIRED = (2.0, 45.0)
#: Spacing of the frequencies at which theory is tried before [Hz].
RESOLUTION = 1.0
#: Volume conduction, as everywhere by default [m⁻¹].
K0 = 10.0


@dataclass(frozen=True)
class Study:
    """What is to be done.

    Attributes
    ----------
    name
        Of the experiment, which is that of its folder of results.
    model
        The model as it is simulated.
    experiment
        Its settings, as the workflow takes them.
    notes
        Sentences on what was decided for the user.
    """

    name: str
    model: Model
    experiment: dict[str, Any]
    notes: tuple[str, ...] = ()

    @property
    def compared(self) -> bool:
        """Whether theory has a spectrum to compare with."""
        return self.experiment["comparison"] is not None

    def write(self, folder: Path) -> None:
        """Write the configuration, if it is not there as it is."""
        text = f"{MADE}\n# The workflow's config.yaml explains the keys.\n" + yaml.safe_dump(
            {"experiments": {self.name: self.experiment}}, sort_keys=False, allow_unicode=True
        )
        path = folder / CONFIG
        if not (path.exists() and path.read_text(encoding="utf-8") == text):
            with atomic(path) as part:
                part.write_text(text, encoding="utf-8")


def require_own(folder: Path, model: str) -> None:
    """Refuse a folder that holds the study of another model.

    Parameters
    ----------
    folder
        Of the study.
    model
        As it was given: a file, or a name of the library.

    Raises
    ------
    NftsimError
        In one line.
    """
    try:
        content = yaml.safe_load((folder / CONFIG).read_text(encoding="utf-8"))
        ((_, experiment),) = content["experiments"].items()
        held = str(experiment["model"])
    except (OSError, ValueError, TypeError, KeyError, AttributeError, yaml.YAMLError):
        return  # nothing that a study has written, or not whole
    if held != _placed(model, folder):
        raise NftsimError(
            f"{folder}: holds the study of the model {held} (named from there), and this is one of "
            f"{model}; name another folder, or delete this one"
        )


def loaded(options: argparse.Namespace) -> tuple[Model, dict[str, str]]:
    """Return the model, changed as ``--set`` says, and these changes.

    Raises
    ------
    NftsimError
        In one line, also for a change of the output, which is the study's own.
    """
    changes = dict(parse_setting(text) for text in options.set)
    for path in changes:
        if path.lower().startswith("output.") or path.lower() == "time":
            raise NftsimError(
                f"--set {path}: a study chooses its output and its length itself; use --trace and "
                "--duration"
            )
    return load_model(options.model, changes), changes


def planned(
    options: argparse.Namespace,
    model: Model,
    changes: Mapping[str, str],
    trace: str,
    states: SteadyStates,
    place: int,
    folder: Path,
) -> Study:
    """Return what is to be done for a model.

    Parameters
    ----------
    options
        Of the command: ``model``, ``at``, ``duration``, ``warmup`` and ``seeds``.
    model, changes, trace
        From `loaded` and `trace_of`.
    states, place
        Its fixed points, and which one the study is around, from 0.
    folder
        Where the study will be, from which the files it needs are named.

    Raises
    ------
    NftsimError
        If an option does not fit the model.
    """
    from analysis.agreement import BANDS  # slow to import

    interval = _interval(model)
    bands = [list(b) for b in BANDS if b[1] <= 0.5 / interval]
    missing = (
        _no_theory(states, place, trace, interval)
        if bands
        else "its steps are too long for a spectrum"
    )
    interval = interval_steps(model) * model.deltat if missing else interval
    grid, model, notes = ({}, model, []) if missing else _grid(model, changes, options.model)
    duration = options.duration or (model.time if missing else DURATION)
    warmup = options.warmup or _warmup(states, place, interval, 0.0 if missing else WARMUP)
    output = replace(model.output, nodes=None, start=0.0, interval=interval)
    for option, length in (("duration", duration), ("warmup", warmup)):
        if length < interval:
            raise NftsimError(
                f"--{option} {length:g}: is shorter than the time between samples, {interval:g} s"
            )
        places = {**model.places, "time": f"--{option} {length:g}"}
        check(replace(model, time=length, places=places, output=output))
    seeds = options.seeds or ((1,) if missing else SEEDS)
    experiment = {
        "model": _placed(options.model, folder),
        "overrides": {path: _placed(value, folder) for path, value in changes.items()},
        "grid": grid,
        # what has not settled is said; the comparison shows what it does
        "warmup": {
            "duration": warmup,
            "settle": "warn",
            **({} if options.at is None else {"fixed_point": options.at}),
        },
        "duration": duration,
        "interval": interval,
        "traces": [trace],
        "seeds": list(seeds),
        "spectrum": None if missing else {"trace": trace, "k0": K0},
        "comparison": None if missing else {"bands": bands, "required": list(REQUIRED)},
    }
    if missing:
        notes.append(f"no verdict, as there is nothing to compare with: {missing}")
    return Study(_name(options.model), model, experiment, tuple(notes))


def trace_of(model: Model, text: str | None) -> str:
    """Return the trace that is asked for, by default the first field that the model writes.

    Raises
    ------
    NftsimError
        If the model has no such trace, or linear theory does not speak of it.
    """
    if text is not None:
        return str(named_trace(model, "--trace", text))
    able = [t for t in model.all_traces() if (t.kind, t.quantity) in ANSWERING]
    written = [t for t in model.output.traces if t in able]
    fields = [t for t in (*written, *able) if t.kind == "propagator"]
    return str((fields or written or able)[0])


def _no_theory(states: SteadyStates, place: int, trace: str, interval: float) -> str:
    """Return why linear theory has no spectrum of a trace to compare with; empty if it has one."""
    # slow to import
    from analysis.comparable import why_rounding, why_saturated
    from analysis.predicted import Prediction, frequencies
    from nftsim.theory.linear import spectrum

    if reason := states.warning(place) or why_saturated(states, place, trace):
        return reason
    model, point, f = states.model, states.fixed_points[place], frequencies(RESOLUTION, interval)
    assert model is not None
    try:
        power = spectrum(model, point, trace, f, k0=K0, wavenumbers="scheme", interval=interval)
    except NftsimError as error:
        return str(error)
    return why_rounding(
        states, place, trace, Prediction(f, {"scheme": power}, np.full_like(f, np.nan))
    )


def _interval(model: Model) -> float:
    """Return the longest whole number of steps that is not above `INTERVAL` [s]."""
    return max(1, math.floor(INTERVAL / model.deltat * (1 + 1e-9))) * model.deltat


def _grid(
    model: Model, changes: Mapping[str, str], name: str
) -> tuple[dict[str, int], Model, list[str]]:
    """Return the settings of the grid, the model on it, and a word if it is not the model's own."""
    ny, nx = model.shape
    asked = {"nodes", "longside"} & {path.lower() for path in changes}
    if asked or ny != nx or model.nodes <= NODES:
        return {}, model, []
    for side in range(math.isqrt(NODES), nx):
        try:
            coarse = load_model(name, {**changes, "nodes": side**2})
        except NftsimError:  # too coarse, or something is said of single nodes
            continue
        text = (
            f"on {side} x {side} nodes, as more of them take long; --set nodes={model.nodes} takes "
            f"the model's own {nx} x {ny}"
        )
        return {"nodes": side**2}, coarse, [text]
    return {}, model, []


def _warmup(states: SteadyStates, place: int, interval: float, least: float) -> float:
    """Return how long a warm-up lasts by default: a whole number of samples [s]."""
    found = states.stability(place)
    decay = 0.0 if found is None or found.dominant is None else -found.dominant.growth
    wanted = max(least, DECAYS / decay if decay > 0 else 0.0, SAMPLES * interval)
    return math.ceil(min(wanted, LONGEST) / interval * (1 - 1e-9)) * interval


def _placed(value: str, folder: Path) -> str:
    """Return a value of the configuration, from the folder of the study if it names a file."""
    file, colon, dataset = value.strip().strip('"').partition(":")
    if not re.search(r"[^\d\W]", file) or not Path(file).is_file():
        return value
    return os.path.relpath(file, folder) + colon + dataset


def _name(model: str) -> str:
    """Return the name of the experiment: that of the model, with what a name may have."""
    name = re.sub(r"[^A-Za-z0-9_-]+", "-", Path(model).stem).strip("-_")[:100]
    return name if name and name not in ("figures", "sweeps", "summary") else f"model-{name}"
