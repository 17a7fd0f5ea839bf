"""A command of this package: what it is for, examples, and its options; options of several."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Verb:
    """What the command line is to know of a command.

    Attributes
    ----------
    text
        What it is for, as in the list of commands: a phrase that begins with a verb.
    examples
        Lines of its help, each two spaces and a command.
    add
        Adds its options to a parser.
    """

    text: str
    examples: str
    add: Callable[[argparse.ArgumentParser], None]


def add_model(verb: argparse.ArgumentParser, *, compat: bool = True) -> None:
    """Add the model that a command is about, and what changes it."""
    verb.add_argument("model", metavar="MODEL", help="a .conf file, or a name from 'nftsim list'")
    add_set(verb)
    if compat:
        verb.add_argument(
            "--compat",
            choices=["nftsim"],
            help="do as NFTsim does (truncated delays, its noise, …), for exact comparison",
        )


def add_set(verb: argparse.ArgumentParser) -> None:
    """Add changes of a model."""
    verb.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="PATH=VALUE",
        help="change a value by dotted path, e.g. coupling.1.nu=0.0015; may be repeated",
    )


def add_json(verb: argparse.ArgumentParser, instead: str) -> None:
    """Add the choice of JSON, in place of what is named."""
    verb.add_argument("--json", action="store_true", help=f"print JSON instead of {instead}")


def add_forms(verb: argparse.ArgumentParser) -> None:
    """Add the choice of JSON or CSV in place of text."""
    form = verb.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="print JSON instead of text")
    form.add_argument("--csv", action="store_true", help="print CSV instead of text")
