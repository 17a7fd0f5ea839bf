"""Commands that other packages add to the command line.

A package declares an entry point of the group ``nftsim.commands``: its name is the command's, its
object a `Command`. So `nftsim plot` is there where `analysis` is installed, and this package need
not know of it.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points

from nftsim.errors import NftsimError

GROUP = "nftsim.commands"


@dataclass(frozen=True)
class Command:
    """A command of the command line.

    Attributes
    ----------
    text
        What it does, as in the list of commands: a phrase that begins with a verb.
    examples
        Lines of its help, each two spaces and a command.
    add
        Adds its options to a parser.
    run
        Does it; raises `NftsimError` on bad input.
    """

    text: str
    examples: str
    add: Callable[[argparse.ArgumentParser], None]
    run: Callable[[argparse.Namespace], None]


def plugins() -> dict[str, Command]:
    """Return the commands that installed packages add, by name."""
    return {entry.name: _loaded(entry) for entry in entry_points(group=GROUP)}


def _loaded(entry: EntryPoint) -> Command:
    """Return a command, or if its package is broken one that says so when it is used."""
    try:
        found: Command = entry.load()
    except (ImportError, AttributeError) as error:
        text = f"{entry.name}: {entry.value} cannot be loaded ({error}); install its package again"

        def fail(_options: argparse.Namespace) -> None:
            raise NftsimError(text)

        return Command(f"not available: {entry.value} cannot be loaded", "", lambda _: None, fail)
    return found
