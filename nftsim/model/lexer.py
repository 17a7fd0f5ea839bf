"""Tokens of the ``.conf`` format.

A file is free text up to the line that starts with ``Time:``; from there on it is a list of
``Key: values``. A key is a word, a known phrase (``Longside nodes``), or a word and a number
(``Population 3``), directly before a colon. Values are numbers and words up to the next key; a dash
on its own separates and means nothing. What has spaces or colons in it, as a path may, stands in
double quotes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from nftsim.errors import ModelError, suggestion

_START = re.compile(r"^[ \t]*Time[ \t]*:", re.MULTILINE)
_CHUNK = re.compile(r'"[^"]*"|[^\s:]+|:')
_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?\Z")
_INDEX = re.compile(r"[0-9]{1,9}\Z")
_INDEXED = frozenset({"Population", "Dendrite", "Propagator", "Coupling", "To"})
#: What is longer than this is neither a number nor a word.
LONGEST = 250


@dataclass(frozen=True)
class Token:
    """A word or a number, and the line it stands on (from 1)."""

    text: str
    line: int

    @property
    def number(self) -> float | None:
        """The value, if it is a number."""
        return float(self.text) if _NUMBER.match(self.text) else None

    @property
    def unquoted(self) -> str:
        """The text without the double quotes around it, if there are any."""
        quoted = len(self.text) > 1 and self.text[0] == self.text[-1] == '"'
        return self.text[1:-1] if quoted else self.text


@dataclass
class Entry:
    """A key with the values that follow it, and where it stands."""

    key: str
    index: int | None
    path: str
    line: int
    values: list[Token] = field(default_factory=list)

    @property
    def place(self) -> str:
        """``file:line``."""
        return f"{self.path}:{self.line}"

    def name(self) -> tuple[str, list[Token]]:
        """Return the word that the values begin with (empty: none), and the values after it."""
        if self.values and self.values[0].number is None:
            return self.values[0].text, self.values[1:]
        return "", self.values

    def __str__(self) -> str:
        """Return the key as written."""
        return self.key if self.index is None else f"{self.key} {self.index}"


def split_header(text: str, path: str) -> tuple[str, str, int]:
    """Return the free text before ``Time:``, the rest, and the line where the rest begins."""
    start = _START.search(text)
    if start is None:
        raise ModelError(
            f"{path}:1", "no line starts with 'Time:'; a model begins with 'Time: <s>'"
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
        If a colon has no key before it, or the text is not plain text.
    """
    found: list[Entry] = []
    for number, line in enumerate(body.split("\n"), start=first_line):
        place = f"{path}:{number}"
        pending: list[Token] = []
        for match in _CHUNK.finditer(line):
            text = match.group()
            require_plain(text, place)
            if text != ":":
                pending.append(Token(text, number))
                continue
            name, index, used = _key([t.text for t in pending], phrases, place)
            _append(found, pending[: len(pending) - used])
            found.append(Entry(name, index, path, number))
            pending = []
        _append(found, pending)
    return found


def require_plain(text: str, place: str) -> None:
    """Refuse words that no model holds and no message should show.

    Raises
    ------
    ModelError
        If a word is longer than `LONGEST` characters, or not printable.
    """
    if len(text) > LONGEST:
        raise ModelError(
            place, f"{text[:20]!a} and so on is a word of {len(text)} characters; shorten it"
        )
    if not text.isprintable():
        raise ModelError(place, f"{text!a} is not plain text; write numbers and words only")


def _key(words: list[str], phrases: frozenset[str], place: str) -> tuple[str, int | None, int]:
    """Return the key that the words before a colon end with, its number, and of how many words."""
    for length in range(min(3, len(words)), 1, -1):
        phrase = " ".join(words[-length:])
        if phrase in phrases:
            return phrase, None, length
        # a number before a key is the value of the key before
        hint = "" if _NUMBER.match(words[-length]) else suggestion(phrase, phrases, 0.8)
        if hint:
            raise ModelError(place, f"unknown key '{phrase}'.{hint}")
    if len(words) > 1 and words[-2] in _INDEXED and _INDEX.match(words[-1]):
        return words[-2], int(words[-1]), 2
    if not words or words[-1] == "-" or _NUMBER.match(words[-1]):
        raise ModelError(place, _keyless(words))
    return words[-1], None, 1


def _keyless(words: list[str]) -> str:
    if not words:
        return "':' at the start of the line has no key before it; write 'Key: value'"
    last = " ".join(words[-2:])
    hint = suggestion(words[-2], _INDEXED) if len(words) > 1 else ""
    return f"':' after '{last}' has no key before it; write 'Key: value'.{hint}"


def _append(found: list[Entry], tokens: list[Token]) -> None:
    if found:
        found[-1].values.extend(t for t in tokens if t.text != "-")
