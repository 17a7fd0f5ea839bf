"""``nftsim respond``: what small stimuli evoke, in linear theory."""

from __future__ import annotations

import argparse
import json
from typing import Any

from nftsim.commands import load
from nftsim.commands.columns import print_columns
from nftsim.errors import NftsimError


def respond(options: argparse.Namespace) -> None:
    """Print the response of a trace to an impulse, or to the model's own stimuli."""
    nodes = [_node(word) for word in options.node.split(",")]
    if options.push is not None and options.impulse is None:
        raise NftsimError(
            "--push is where an impulse is; name what it is added to, --impulse TRACE"
        )
    model = load(options)
    from nftsim.commands.points import chosen
    from nftsim.theory.evoked import evoked_response, impulse_response

    settings: dict[str, Any] = {
        "duration": model.time if options.duration is None else options.duration,
        "interval": options.interval,
        "nodes": nodes,
        "wavenumbers": options.wavenumbers,
        "fixed_point": chosen(options, model),
        "compat": options.compat is not None,
    }
    if options.impulse is None:
        found = evoked_response(model, options.trace, **settings)
    else:
        found = impulse_response(
            model, options.trace, options.impulse, node=options.push, **settings
        )
    if options.json:
        values = {str(n): v.tolist() for n, v in zip(nodes, found.values.T, strict=True)}
        print(json.dumps({"time": found.time.tolist(), "response": values, "units": found.units}))
        return
    columns = {"time [s]": found.time}
    columns |= {f"node {n} [{found.units}]": v for n, v in zip(nodes, found.values.T, strict=True)}
    notes = [f"deviation of {found.trace} from the fixed point"]
    print_columns(columns, csv=options.csv, notes=notes, first="t [s]")


def _node(word: str) -> int:
    try:
        return int(word)
    except ValueError:
        raise NftsimError(
            f"--node: '{word}' is not a node; give numbers from 1, separated by commas, e.g. 1,12"
        ) from None
