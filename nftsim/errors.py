"""Errors that a user can act on: one line, with place, finding and remedy."""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import get_close_matches
from numbers import Real


class NftsimError(Exception):
    """Bad input; the command line prints the message and exits with `exit_code`."""

    exit_code = 2


class ModelError(NftsimError):
    """A model that cannot be what its author meant.

    Parameters
    ----------
    place
        Where it was found, usually ``file:line``.
    message
        What was found, what is allowed, what to do.
    """

    def __init__(self, place: str, message: str) -> None:
        self.place = place
        super().__init__(f"{place}: {message}" if place else message)


class SimulationError(NftsimError):
    """A simulation that cannot go on, for example because it diverged."""

    exit_code = 1


def require_kind(value: object, kinds: type | tuple[type, ...], wanted: str) -> None:
    """Refuse an argument of another kind, as Python code may give it.

    Raises
    ------
    NftsimError
        Saying what is wanted.
    """
    if not isinstance(value, kinds):
        raise NftsimError(f"expected {wanted}, found an object of type {type(value).__name__}")


def number(value: object, wanted: str) -> float:
    """Return an argument as a number; refuse what is none, as Python code may give it.

    Raises
    ------
    NftsimError
        Saying what is wanted.
    """
    require_kind(value, Real, wanted)
    try:
        return float(value)  # type: ignore[arg-type]
    except OverflowError:
        raise NftsimError(f"expected {wanted}, found a number beyond all bounds") from None


#: The number of a part in a dotted path.
_NUMBER = re.compile(r"\.\d+(?=\.|$)")


def shown(value: object, most: int = 40) -> str:
    """Return a value as words in a message: printable, and not too many of them."""
    try:
        text = "".join(c if c.isprintable() else " " for c in str(value))
    except ValueError:  # a number of thousands of digits
        return "of thousands of digits"
    return text if len(text) <= most else f"{text[:most]}…"


def suggestion(word: str, allowed: Iterable[str], cutoff: float = 0.6) -> str:
    """Return `` Did you mean 'x'?`` for the nearest allowed word, or nothing.

    A number in a dotted path that is out of range is no slip: nothing stands for another one.
    """
    numberless = _NUMBER.sub(".", word.lower())
    names = {name.lower(): name for name in allowed}
    near = get_close_matches(word.lower(), names, n=1, cutoff=cutoff)
    if near and near[0] != word.lower() and _NUMBER.sub(".", near[0]) == numberless:
        return ""
    return f" Did you mean '{names[near[0]]}'?" if near else ""
