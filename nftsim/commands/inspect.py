"""``nftsim check``, ``list`` and ``info``: what models, components and files are."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from nftsim.commands import counted, load
from nftsim.components.propagators import Wave
from nftsim.guards import findings_of, found_before
from nftsim.io.hdf5 import open_run
from nftsim.io.layout import attributes
from nftsim.io.recognise import RUN_OR_MODEL, Kind, kind_of, means_model, no_run
from nftsim.listing import catalogue, listing
from nftsim.model import Model, load_model
from nftsim.origin import KEY, lines, origin_of

#: Attributes of a run that are shown in another way, or say nothing to a reader.
APART = ("model", "complete", "warnings", "words", "words_sum")

#: Files that may be results, which say where they come from.
RESULTS = (Kind.FOREIGN, Kind.MODEL, Kind.OTHER)
#: What ``info`` takes.
INFORMED = f"{RUN_OR_MODEL.replace(', or', ',')}, or a result of the workflow"


def check(options: argparse.Namespace) -> None:
    """Read a model, and say what running it takes."""
    model = load(options)
    from nftsim.engine.compile import compile_plan
    from nftsim.engine.describe import describe
    from nftsim.engine.limits import (
        estimated_time,
        memory_formula,
        require_memory,
        required_memory,
        time_formula,
    )
    from nftsim.engine.timing import step_time

    plan = compile_plan(model, compat=options.compat is not None)
    require_memory(plan)
    print(f"{model.name}: {_size(model)}")
    print(_grid(model))
    for c in model.connections:
        propagator = c.propagator.on(model.nodes)
        if isinstance(propagator, Wave):
            courant = propagator.courant(model.setting(c.pre))
            print(f"propagator {c.index}: Courant number {courant:.3g} (limit 0.707)")
    print(_output(model, plan.interval))
    print(f"memory: about {required_memory(plan) / 2**20:.0f} MiB ({memory_formula(plan)})")
    step = step_time(plan)
    print(f"time: about {estimated_time(plan, step=step):.2g} s ({time_formula(plan, step)})")
    if options.plan:
        for line in describe(plan):
            print(line)
        print(
            "  (an operation computes one or a few fields of all nodes; a row is one field at one "
            "time, and what is read with a delay keeps a row for each step of it)"
        )
    for finding in found_before(model):
        print(f"warning: {finding}", file=sys.stderr)


def list_(options: argparse.Namespace) -> None:
    """List models and components."""
    if options.json:
        print(json.dumps(catalogue(options.words), indent=2, ensure_ascii=False))
    else:
        for line in listing(options.words):
            print(line)


def info(options: argparse.Namespace) -> None:
    """Say what a file holds."""
    path = Path(options.model)
    kind = kind_of(path)
    if kind is Kind.RUN:
        found, model = _of_hdf5(path)
    elif kind is Kind.TEXT:
        found, model = _of_text(path)
    elif kind in RESULTS and (made := origin_of(path)) is not None:
        _result(options, made)
        return
    elif means_model(options.model, kind):
        model = load_model(options.model)
        found = {"file": options.model, "format": "model"}
    else:
        raise no_run(path, INFORMED)
    found["model"] = _described(model)
    if options.json:
        print(json.dumps(found, indent=2, ensure_ascii=False))
    else:
        for line in _lines(found, model):
            print(line)


def _result(options: argparse.Namespace, made: dict[str, Any]) -> None:
    """Print where a result comes from."""
    if options.json:
        found = {"file": options.model, "format": "result", KEY: made}
        print(json.dumps(found, indent=2, ensure_ascii=False))
        return
    print(f"{options.model}: result")
    for line in lines(made):
        print(line)


def _of_hdf5(path: Path) -> tuple[dict[str, Any], Model]:
    with open_run(path) as run:
        traces = {}
        for name in run.traces:
            item = run.dataset(name)
            traces[name] = {
                "shape": list(item.shape),
                "units": str(item.attrs.get("units", "")),
                "long_name": str(item.attrs["long_name"]),
            }
        about = {k: _plain(v) for k, v in run.attrs.items() if k not in APART}
        about["warnings"] = [asdict(f) for f in findings_of(run.attrs)]
        found = {"file": str(path), "format": "run, HDF5", "times": _times(run.time)}
        return found | {"traces": traces, "attributes": about}, run.model


def _of_text(path: Path) -> tuple[dict[str, Any], Model]:
    from nftsim.io.convert import read_run

    run = read_run(path)
    traces = {}
    for name, values in run.items():
        said = attributes(run.model, run.model.parse_trace(name)[0])
        traces[name] = {
            "shape": list(values.shape),
            "units": said["units"],
            "long_name": said["long_name"],
        }
    found = {"file": str(path), "format": "run, NFTsim's text", "times": _times(run.time)}
    return found | {"traces": traces}, run.model


def _plain(value: Any) -> Any:
    """Return an attribute of a file as what JSON knows."""
    return value.item() if hasattr(value, "item") else str(value)


def _times(time: Any) -> dict[str, Any]:
    ends = {"first": float(time[0]), "last": float(time[-1])} if len(time) else {}
    return {"rows": len(time), **ends}


def _described(model: Model) -> dict[str, Any]:
    """Return what a model is made of, as plain data."""
    names = [p.name or str(i) for i, p in enumerate(model.populations, start=1)]
    return {
        "name": model.name,
        "title": next(iter(model.header.strip().splitlines()), ""),
        "time": model.time,
        "deltat": model.deltat,
        "nodes": model.nodes,
        "shape": list(model.shape),
        "populations": [
            {
                "name": name,
                "firing": p.firing.keyword if p.firing else None,
                "stimuli": [s.keyword for s in p.stimuli],
            }
            for name, p in zip(names, model.populations, strict=True)
        ],
        "connections": [
            {
                "index": c.index,
                "from": names[c.pre],
                "to": names[c.post],
                "propagator": c.propagator.keyword,
                "coupling": c.coupling.keyword,
                "dendrite": c.dendrite.keyword,
            }
            for c in model.connections
        ],
        "output": [str(t) for t in model.output.traces],
    }


def _lines(found: dict[str, Any], model: Model) -> Iterator[str]:
    said = found["model"]
    yield f"{found['file']}: {found['format']}"
    if said["title"]:
        yield said["title"]
    yield _size(model)
    yield _grid(model)
    for number, p in enumerate(said["populations"], start=1):
        kind = p["firing"] or " + ".join(p["stimuli"])
        yield f"  population {number}: {p['name']} ({kind})"
    for c in said["connections"]:
        parts = ", ".join(c[role] for role in ("propagator", "coupling", "dendrite") if c[role])
        yield f"  connection {c['index']}: {c['from']} -> {c['to']} ({parts})"
    if "times" not in found:
        from nftsim.model.steps import interval_steps

        yield _output(model, interval_steps(model))
        return
    times = found["times"]
    span = f", {times['first']:g} s to {times['last']:g} s" if times["rows"] else ""
    yield f"times: {counted(times['rows'], 'row')}{span}"
    for name, trace in found["traces"].items():
        shape = " x ".join(map(str, trace["shape"]))
        unit = f" [{trace['units']}]" if trace["units"] else ""
        yield f"  {name}: {shape}{unit}, {trace['long_name']}"
    about = dict(found.get("attributes", {}))
    warnings = about.pop("warnings", [])
    if about:
        yield f"start: {_start(about.pop('initial', ''), about.pop('steady', None))}"
    for name, value in about.items():
        yield f"{name}: {value}"
    for warning in warnings:
        yield f"warning ({warning['guard']}): {warning['message']}; {warning['remedy']}"


def _start(initial: str, steady: int | None) -> str:
    """Return what a run has started from, in words."""
    if steady is not None:
        return f"fixed point {steady} (--steady)"
    return f"the end of {initial} (--initial)" if initial else "the model's initial values"


def _size(model: Model) -> str:
    neural = len(model.neural)
    return (
        f"{counted(neural, 'neural population')}, "
        f"{counted(len(model.populations) - neural, 'input')}, "
        f"{counted(len(model.connections), 'connection')}"
    )


def _grid(model: Model) -> str:
    ny, nx = model.shape
    return f"grid: {nx} x {ny} nodes; {counted(model.steps, 'step')} of {model.deltat:g} s"


def _output(model: Model, interval: int) -> str:
    every = "every step" if interval == 1 else f"every {interval} steps"
    return f"output: {', '.join(map(str, model.output.traces)) or 'nothing'}; {every}"
