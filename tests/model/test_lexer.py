"""Tokens and keys of the .conf format."""

from __future__ import annotations

import pytest

from nftsim.errors import ModelError
from nftsim.model.lexer import LONGEST, Entry, Token, entries, split_header

PHRASES = frozenset({"Longside nodes", "Connection matrix"})


def keys(text: str, first: int = 1) -> list[Entry]:
    return entries(text, first, PHRASES, "f.conf")


def test_header_is_everything_before_the_line_that_starts_with_time() -> None:
    text = "About Time: and tide\n\n  Time: 1\nNodes: 4"
    header, body, first = split_header(text, "f.conf")
    assert header == "About Time: and tide"
    assert body == "  Time: 1\nNodes: 4"
    assert first == 3


@pytest.mark.parametrize("text", ["", "\n\n", "no keys here", "Times: 3", "Deltat: 1 Time: 3"])
def test_text_without_time_is_refused(text: str) -> None:
    with pytest.raises(ModelError, match=r"^f.conf:1: no line starts with 'Time:'"):
        split_header(text, "f.conf")


def test_keys_take_the_values_up_to_the_next_key_across_lines() -> None:
    found = keys("Time: 1 Deltat: 1e-3\nNode: 1 2\n 3 All\nQ:", first=7)
    assert [(e.key, [t.text for t in e.values], e.line) for e in found] == [
        ("Time", ["1"], 7),
        ("Deltat", ["1e-3"], 7),
        ("Node", ["1", "2", "3", "All"], 8),
        ("Q", [], 10),
    ]
    assert [t.line for t in found[2].values] == [8, 8, 9, 9]
    assert found[3].place == "f.conf:10"


def test_a_number_belongs_to_the_key_of_an_indexed_object_only() -> None:
    found = keys("Time: 1\nPopulation 12: E cells\nOnset: 3 Width: 4")
    assert [(e.key, e.index) for e in found] == [
        ("Time", None),
        ("Population", 12),
        ("Onset", None),
        ("Width", None),
    ]
    assert [str(e) for e in found[:2]] == ["Time", "Population 12"]
    assert found[2].values == [Token("3", 3)]


def test_phrases_are_one_key() -> None:
    found = keys("Nodes: 6 Longside nodes: 3\nConnection matrix:\nFrom: 1")
    assert [(e.key, len(e.values)) for e in found] == [
        ("Nodes", 1),
        ("Longside nodes", 1),
        ("Connection matrix", 0),
        ("From", 1),
    ]


def test_dashes_mean_nothing_and_colons_need_no_space() -> None:
    (entry,) = keys("Mean:-2.4 - -")
    assert [t.number for t in entry.values] == [-2.4]


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1", 1.0),
        ("-.5e-3", -0.0005),
        ("+2.", 2.0),
        ("1e999", float("inf")),
        ("1.5e+03", 1500.0),
        ("nan", None),
        ("inf", None),
        ("0x10", None),
        ("1_000", None),
        ("1,5", None),
        ("٣", None),  # a digit, but not one of ours
        ("²", None),
        (".", None),
        ("e5", None),
    ],
)
def test_numbers(text: str, number: float | None) -> None:
    assert Token(text, 1).number == number


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (": 3", "':' at the start of the line has no key"),
        ("Time: 1 2: 3", "':' after '1 2' has no key"),
        ("Time: 1\n-: 3", "2: ':' after '-' has no key"),
        ("Propogator 3: Map", "':' after 'Propogator 3' has no key.*Did you mean 'Propagator'"),
        ("Connection Matrix:", "unknown key 'Connection Matrix'. Did you mean 'Connection matrix'"),
        ("Population 12345678901: x", "has no key"),
        ("Time: 1\x00", "'1.x00' is not plain text"),
        ("Time: " + "9" * (LONGEST + 1), f"is a word of {LONGEST + 1} characters"),
    ],
)
def test_what_is_not_a_key_is_refused_with_its_place(text: str, message: str) -> None:
    with pytest.raises(ModelError, match=message) as caught:
        keys(text)
    assert str(caught.value).startswith("f.conf:")
    assert str(caught.value).isprintable()
