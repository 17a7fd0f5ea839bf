"""What the commands of the command line do, a module for each group of them."""

from __future__ import annotations

import argparse
import json
from typing import Any

from nftsim.model import Model, load_model
from nftsim.model.overrides import parse_setting


def load(options: argparse.Namespace) -> Model:
    """Return the model that a command is about, changed and checked."""
    changes = dict(parse_setting(text) for text in options.set)
    compat = getattr(options, "compat", None) is not None
    return load_model(options.model, changes, compat=compat)


def counted(number: int, noun: str, many: str = "") -> str:
    """Return a number with its noun."""
    return f"{number} {noun if number == 1 else many or f'{noun}s'}"


def print_json(content: Any) -> None:
    """Print JSON, indented as all commands do."""
    print(json.dumps(content, indent=2))
