"""``nftsim respond``: what small stimuli evoke, in linear theory."""

from __future__ import annotations

import argparse
from typing import Any

from nftsim.commands import load, print_result
from nftsim.commands.columns import print_columns
from nftsim.commands.traces import named_trace
from nftsim.errors import NftsimError
from nftsim.model import Model

#: What an unstable fixed point means for a response.
GROWING = "the response grows without bound, and holds as long as it is small: see --at for others"
#: What there is in place of a linear response.
INSTEAD = "simulate with the stimulus and without it, from one --initial run (nftsim run)"


def respond(options: argparse.Namespace) -> None:
    """Print the response of a trace to an impulse, or to the model's own stimuli."""
    nodes = [_node(word) for word in options.node.split(",")]
    if options.push is not None and options.impulse is None:
        raise NftsimError(
            "--push is where an impulse is; name what it is added to, --impulse TRACE"
        )
    model = load(options)
    _require_nodes(model, "--node", nodes)
    _require_nodes(model, "--push", [] if options.push is None else [options.push])
    trace = named_trace(model, "--trace", options.trace)
    pushed = None
    if options.impulse is not None:
        pushed = named_trace(model, "--impulse", options.impulse)
    # slow to import, and not needed to find that a name is wrong
    from nftsim.commands.points import around
    from nftsim.theory.evoked import evoked_response, impulse_response

    place = around(options, model, otherwise=GROWING, instead=INSTEAD)
    settings: dict[str, Any] = {
        "duration": model.time if options.duration is None else options.duration,
        "interval": options.interval,
        "nodes": nodes,
        "wavenumbers": options.wavenumbers,
        "fixed_point": place.point,
        "compat": options.compat is not None,
    }
    about: dict[str, Any] = {"trace": str(trace), "wavenumbers": options.wavenumbers}
    notes = [f"deviation of {trace} from the fixed point"]
    if pushed is None:
        found = evoked_response(model, trace, **settings)
        about["impulse"] = None
    else:
        found = impulse_response(model, trace, pushed, node=options.push, **settings)
        about["impulse"] = {"trace": str(pushed), "node": options.push}
        where = "at all nodes" if options.push is None else f"at node {options.push}"
        notes.append(f"t counts from an impulse of {pushed} {where}")
    if options.json:
        values = {str(n): v.tolist() for n, v in zip(nodes, found.values.T, strict=True)}
        content = {
            "time": found.time.tolist(),
            "response": values,
            "units": found.units,
            **about,
            **place.to_dict(),
        }
        print_result(content, options, model)
        return
    columns = {"time [s]": found.time}
    columns |= {f"node {n} [{found.units}]": v for n, v in zip(nodes, found.values.T, strict=True)}
    print_columns(columns, csv=options.csv, notes=notes, first="t [s]")


def _require_nodes(model: Model, option: str, nodes: list[int]) -> None:
    for node in nodes:
        if not 1 <= node <= model.nodes:
            raise NftsimError(f"{option}: node {node} is not on the grid; give 1 to {model.nodes}")


def _node(word: str) -> int:
    try:
        return int(word)
    except ValueError:
        raise NftsimError(
            f"--node: '{word}' is not a node; give numbers from 1, separated by commas, e.g. 1,12"
        ) from None
