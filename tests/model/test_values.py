"""From the values of a key to those of a declared parameter."""

from __future__ import annotations

import logging
import math

import pytest

from nftsim.components.base import Parameter
from nftsim.errors import ModelError
from nftsim.model.lexer import Token
from nftsim.model.values import convert

NUMBER = Parameter("Theta", "θ", "V", "threshold")
POSITIVE = Parameter("gamma", "γ", "s⁻¹", "damping", low=0.0, strict=True)
ZERO_UP = Parameter("Width", "w", "s", "width", low=0.0)
NODEWISE = Parameter("nu", "ν", "V s", "strength", form="per-node")
STEADY = Parameter("phi", "φ", "s⁻¹", "initial field", form="steady", optional=True)
WHOLE = Parameter("Nodes", "N", "", "nodes", low=1.0, form="integer")
LIST = Parameter("Node", "", "", "nodes", form="nodes")


def value(text: str, declared: Parameter, nodes: int = 3) -> object:
    return convert([Token(t, 1) for t in text.split()], declared, nodes, "f.conf:7", "Thing 2")


@pytest.mark.parametrize(
    ("text", "declared", "expected"),
    [
        ("-1.5e-3", NUMBER, -1.5e-3),
        ("0", ZERO_UP, 0.0),
        ("2", NODEWISE, 2.0),
        ("1 -2 3", NODEWISE, (1.0, -2.0, 3.0)),
        ("Steady", STEADY, None),
        ("4.5", STEADY, 4.5),
        ("1e3", WHOLE, 1000),
        ("3 1 1", LIST, (3, 1, 1)),
        ("", LIST, ()),
    ],
)
def test_values(text: str, declared: Parameter, expected: object) -> None:
    found = value(text, declared)
    assert found == expected
    assert type(found) is type(expected)


@pytest.mark.parametrize(
    ("text", "declared", "message"),
    [
        ("", NUMBER, "Theta has no value; give any finite number"),
        ("abc", NUMBER, "expected any finite number, found 'abc'"),
        ("nan", NUMBER, "found 'nan'"),
        ("inf", NUMBER, "found 'inf'"),
        ("1e999", NUMBER, "Theta = 1e999 is out of bounds"),
        ("0", POSITIVE, "gamma = 0 is out of bounds; give a number > 0"),
        ("-1", ZERO_UP, "Width = -1 is out of bounds; give a number >= 0"),
        ("1 2", NODEWISE, r"nu has 2 values; give one, or one per node \(3\)"),
        ("1 2 1e999", NODEWISE, "nu = 1e999 is out of bounds"),
        ("1.5", WHOLE, "expected a whole number, found '1.5'"),
        ("1e17", WHOLE, "expected a whole number, found '1e17'"),
        ("0", WHOLE, "out of bounds"),
        ("0", LIST, "node 0 does not exist; nodes are 1 to 3"),
        ("4", LIST, "node 4 does not exist"),
        ("1.5", LIST, "expected a whole number"),
        ("steady", STEADY, "found 'steady'"),
    ],
)
def test_bad_values_say_where_what_and_what_is_allowed(
    text: str, declared: Parameter, message: str
) -> None:
    with pytest.raises(ModelError, match=rf"^f.conf:7: Thing 2: .*{message}"):
        value(text, declared)


@pytest.mark.parametrize(
    ("text", "declared", "expected", "ignored"),
    [
        ("1 .0", NUMBER, 1.0, "'.0'"),
        ("5 oldvalue 6", NODEWISE, 5.0, "'oldvalue 6'"),
        ("1 2 3 each", NODEWISE, (1.0, 2.0, 3.0), "'each'"),
        ("2 nodes", LIST, (2,), "'nodes'"),
        ("Steady state", STEADY, None, "'state'"),
        ("1 a b c d e f g", NUMBER, 1.0, "'a b c d e …'"),
    ],
)
def test_words_after_a_value_are_ignored_with_a_warning(
    text: str,
    declared: Parameter,
    expected: object,
    ignored: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.WARNING):
        assert value(text, declared) == expected
    assert [r.getMessage() for r in caplog.records] == [
        f"f.conf:7: Thing 2: {declared.keyword}: ignored {ignored}"
    ]


def test_a_value_without_surplus_is_read_in_silence(caplog: pytest.LogCaptureFixture) -> None:
    value("1", NUMBER)
    assert not caplog.records


def test_nothing_that_is_not_finite_is_admitted() -> None:
    assert not any(NUMBER.admits(x) for x in (math.nan, math.inf, -math.inf))
