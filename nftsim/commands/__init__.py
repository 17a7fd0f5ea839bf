"""What the commands of the command line do, a module for each group of them."""

from __future__ import annotations

import argparse
import json
from typing import Any

from nftsim.errors import NftsimError, shown
from nftsim.model import Model, to_conf
from nftsim.model.library import load_lasting
from nftsim.model.overrides import parse_setting


def load(options: argparse.Namespace, duration: float | None = None) -> Model:
    """Return the model that a command is about, changed and checked, to run for its time or [s]."""
    changes = dict(parse_setting(text) for text in options.set)
    compat = getattr(options, "compat", None) is not None
    length = "" if duration is None else f"--duration {duration:g}"
    twice = [path for path in changes if path.lower() == "time"]
    if length and twice:
        raise NftsimError(
            f"{length} and --set {twice[0]}={shown(changes[twice[0]])} both say how long the run "
            "is; leave one of them out"
        )
    # complaints about the length of the run are about this number, not the file's
    return load_lasting(options.model, changes, duration, place=length, compat=compat)


def counted(number: int, noun: str, many: str = "") -> str:
    """Return a number with its noun."""
    return f"{number} {noun if number == 1 else many or f'{noun}s'}"


def print_json(content: Any) -> None:
    """Print JSON, indented as all commands do."""
    print(json.dumps(content, indent=2))


#: Options of a command that say nothing of what is asked.
_APART = ("command", "json", "csv", "quiet", "model")


def print_result(content: dict[str, Any], options: argparse.Namespace, model: Model) -> None:
    """Print what a command has found about a model as JSON, with where it comes from."""
    from nftsim.origin import KEY, of_text, origin

    given = {k: v for k, v in vars(options).items() if k not in _APART and not callable(v)}
    asked = {k: v for k, v in given.items() if v is not None and v is not False}
    print_json({**content, KEY: origin([of_text(options.model, to_conf(model))], asked)})
