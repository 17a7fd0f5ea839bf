"""From the values of a key to the value of a declared parameter."""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from nftsim.components.base import Parameter
from nftsim.errors import ModelError
from nftsim.model.lexer import LONGEST, Token

log = logging.getLogger(__name__)

#: How many ignored words a warning shows.
SHOWN = 5
#: Whole numbers up to this are exact as float64.
LARGEST = 2**53
#: A number with a decimal comma.
_COMMA = re.compile(r"[+-]?[0-9]*,[0-9]+([eE][+-]?[0-9]+)?\Z")
#: A unit with a prefix.
_PREFIXED = re.compile(r"[cmµukMG](s|V|m|Hz)\Z")
#: What was meant as a number.
_LIKE = re.compile(r"[+-]?(nan|inf(inity)?)\Z|[-+.\u2010\u2011\u2013\u2212]*[0-9]", re.IGNORECASE)
#: Dashes that word processors make of a minus: hyphen, non-breaking hyphen, en dash, minus.
_DASHES = "\u2010\u2011\u2013\u2212"


def convert(
    tokens: Sequence[Token], declared: Parameter, nodes: int, place: str, owner: str
) -> Any:
    """Return the value that tokens give a parameter.

    Parameters
    ----------
    tokens
        What stands after the key.
    declared
        The parameter; its `form` says how many values of which kind it takes.
    nodes
        Nodes of the sheet: the other count that a per-node parameter may have.
    place, owner
        Where and in what it stands, for messages.

    Raises
    ------
    ModelError
        If there is no value, a wrong kind or count of values, or one out of bounds.
    """
    name = f"{owner}: {declared.keyword}"
    if declared.form == "nodes":
        return node_list(tokens, nodes, place, name)
    if not tokens:
        raise ModelError(place, f"{name} has no value; give {declared.allowed}")
    if declared.form == "steady" and tokens[0].text == "Steady":
        warn_rest(tokens[1:], place, name)
        return None
    if declared.form in ("word", "file"):
        if declared.form == "file" and len(tokens) > 1:
            raise ModelError(
                place,
                f"{name} takes one path, found '{_joined(tokens)}'; "
                "write one with spaces in double quotes",
            )
        warn_rest(tokens[1:], place, name)
        return tokens[0].unquoted
    values: list[float] = []
    for token in tokens:
        value = token.number
        if value is None:
            # what looks like a number is one of several, not a word after them
            if not values or (declared.many and _LIKE.match(token.text)):
                raise ModelError(
                    place,
                    f"{name}: expected {declared.allowed}, found '{token.text}'; "
                    f"{_remedy(token.text)}",
                )
            break
        values.append(value)
    for value, token in zip(values, tokens, strict=False):
        if not declared.admits(value):
            found = f"{name} = {token.text} is out of bounds"
            raise ModelError(place, f"{found}; give {declared.allowed}")
        if not declared.many:
            break  # what follows is ignored
    rest = tokens[len(values) :]
    if rest and _PREFIXED.match(rest[0].text):
        found = f"{values[-1]:g} {rest[0].text}"
        raise ModelError(
            place, f"{name}: found '{found}'; write a plain number in {declared.unit or 'SI units'}"
        )
    warn_rest(rest, place, name)
    if declared.form == "list":
        return tuple(values)
    if declared.many:
        require_count(len(values), declared, nodes, place, name)
        return values[0] if len(values) == 1 else tuple(values)
    if len(values) == nodes > 1:
        raise ModelError(place, f"{name} takes one value for all nodes, found {nodes}; give one")
    warn_rest(tokens[1 : len(values)], place, name)
    if declared.form == "integer":
        return integer(tokens[0], place, name)
    return values[0]


def require_count(count: int, declared: Parameter, nodes: int, place: str, name: str) -> None:
    """Refuse a count of values that is neither one nor what the sheet needs.

    Raises
    ------
    ModelError
        Saying how many there are and how many are allowed.
    """
    if count in (1, declared.most(nodes)):
        return
    each = f"one per node ({nodes})"
    if declared.form == "matrix":
        each = f"one per pair of nodes ({nodes} x {nodes} = {nodes * nodes})"
    raise ModelError(place, f"{name} has {count} values; give one, or {each}")


def _remedy(text: str) -> str:
    """Return what to do about a word that stands for a number."""
    if text.lower().endswith((".npy", ".h5", ".hdf5")):
        return "numbers from a file are given by --set, e.g. --set coupling.1.nu=nu.npy"
    plain = text
    advice = []
    if any(dash in text for dash in _DASHES):
        plain = re.sub(f"[{_DASHES}]", "-", plain)
        advice.append("an ASCII '-'")
    if _COMMA.match(plain):
        plain = plain.replace(",", ".")
        advice.append("a point")
    if advice and Token(plain, 0).number is not None:
        return f"use {' and '.join(advice)}: {plain}"
    return "write a plain number"


def whole_path(origin: str, file: str, place: str, owner: str) -> str:
    """Return the absolute path of a file named in another one.

    Parameters
    ----------
    origin
        The file that names it; in its folder a relative path begins.
    file
        The path as written.
    place, owner
        Where and in what it stands, for messages.

    Raises
    ------
    ModelError
        If the path could not be written to a ``.conf`` again.
    """
    path = str((Path(origin).parent / Path(file).expanduser()).resolve())
    if '"' in path or not path.isprintable() or len(path) > LONGEST - 2:
        raise ModelError(
            place,
            f"{owner}: the path {path!a} has a double quote, a line break or more than "
            f"{LONGEST - 2} characters, which a model cannot write; move or rename the file or its "
            "folder",
        )
    return path


def integer(token: Token, place: str, name: str) -> int:
    """Return a whole number."""
    value = token.number
    if value is None or value != value // 1 or abs(value) > LARGEST:
        raise ModelError(place, f"{name}: expected a whole number, found '{token.text}'; give one")
    return int(value)


def node_list(tokens: Sequence[Token], nodes: int, place: str, name: str) -> tuple[int, ...]:
    """Return node indices, each from 1 to `nodes`; words after them are ignored with a warning."""
    found = []
    for token in tokens:
        if token.number is None:
            break
        index = integer(token, place, name)
        if not 1 <= index <= nodes:
            raise ModelError(place, f"{name}: node {index} does not exist; nodes are 1 to {nodes}")
        found.append(index)
    warn_rest(tokens[len(found) :], place, name)
    return tuple(found)


def warn_rest(tokens: Sequence[Token], place: str, name: str) -> None:
    """Warn of words after a value, which NFTsim skips and its shipped files contain."""
    if tokens:
        log.warning("%s: %s: ignored '%s'", place, name, _joined(tokens))


def _joined(tokens: Sequence[Token]) -> str:
    """Return the first few words as they stand."""
    return " ".join(t.text for t in tokens[:SHOWN]) + (" …" if len(tokens) > SHOWN else "")
