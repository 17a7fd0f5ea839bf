"""Tokens of the ``.conf`` format.

A file is free text up to the line that starts with ``Time:``; from there on it is a list of
``Key: values``. A key is a word, a known phrase (``Longside nodes``), or a word and a number
(``Population 3``), directly before a colon. Values are numbers and words up to the next key; a dash
on its own separates and means nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from nftsim.errors import ModelError

_START = re.compile(r"^[ \t]*Time[ \t]*:", re.MULTILINE)
_CHUNK = re.compile(r"[^\s:]+|:")
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\Z")
_INDEX = re.compile(r"[0-9]{1,9}\Z")
_INDEXED = frozenset({"Population", "Dendrite", "Propagator", "Coupling", "To"})


@dataclass(frozen=True)
class Token:
    """A word or a number, and the line it stands on (from 1)."""

    text: str
    line: int

    @property
    def number(self) -> float | None:
        """The value, if it is a number."""
        return float(self.text) if _NUMBER.match(self.text) else None


@dataclass
class Entry:
    """A key with the values that follow it."""

    key: str
    index: int | None
    line: int
    values: list[Token] = field(default_factory=list)

    @property
    def words(self) -> list[Token]:
        """The values that are not numbers."""
        return [t for t in self.values if t.number is None]

    def __str__(self) -> str:
        """Return the key as written."""
        return self.key if self.index is None else f"{self.key} {self.index}"


def split_header(text: str, path: str) -> tuple[str, str, int]:
    """Return the free text before ``Time:``, the rest, and the line where the rest begins."""
    start = _START.search(text)
    if start is None:
        lines = text.count("\n") + 1
        raise ModelError(
            f"{path}:{lines}", "no line starts with 'Time:'; a model begins with 'Time: <s>'"
        )
    header = text[: start.start()]
    return header.rstrip(), text[start.start() :], header.count("\n") + 1


def entries(body: str, first_line: int, phrases: frozenset[str], path: str) -> list[Entry]:
    """Return the keys of a file's body with their values, in order.

    Parameters
    ----------
    body
        The text from ``Time:`` on.
    first_line
        Its line number in the file.
    phrases
        Keys of more than one word.
    path
        Name of the file, for messages.

    Raises
    ------
    ModelError
        If a colon has no key before it.
    """
    found: list[Entry] = []
    for number, line in enumerate(body.split("\n"), start=first_line):
        pending: list[Token] = []
        for match in _CHUNK.finditer(line):
            text = match.group()
            if text != ":":
                pending.append(Token(text, number))
                continue
            entry, rest = _key(pending, number, phrases, path)
            _append(found, rest)
            found.append(entry)
            pending = []
        _append(found, pending)
    return found


def _key(
    pending: list[Token], line: int, phrases: frozenset[str], path: str
) -> tuple[Entry, list[Token]]:
    """Split the tokens before a colon into the key they end with and the values before it."""
    words = [t.text for t in pending]
    for length in (3, 2):
        if " ".join(words[-length:]) in phrases:
            return Entry(" ".join(words[-length:]), None, line), pending[:-length]
    if len(words) > 1 and words[-2] in _INDEXED and _INDEX.match(words[-1]):
        return Entry(words[-2], int(words[-1]), line), pending[:-2]
    if not words or pending[-1].number is not None or words[-1] == "-":
        before = f"after '{' '.join(words)}'" if words else "at the start of the line"
        raise ModelError(f"{path}:{line}", f"':' {before} has no key before it; write 'Key: value'")
    return Entry(words[-1], None, line), pending[:-1]


def _append(found: list[Entry], tokens: list[Token]) -> None:
    if found:
        found[-1].values.extend(t for t in tokens if t.text != "-")
