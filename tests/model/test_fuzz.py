"""Mutilated models: they read, or are refused in one line with a place; nothing else happens."""

from __future__ import annotations

import logging
import random
import re
import time

import pytest

from nftsim.errors import NftsimError
from nftsim.model import library, parse_model
from nftsim.model.checks import check

MUTANTS = 2000
#: What a careless editor, a broken disk or a curious mind puts into a file.
WORDS = [
    *("", "-", ":", "0", "-1", "1.5", "1e999", "1e308", "1e-320", "nan", "inf", "٣", "²", "\x00"),
    *("\u2028", "99999999999999999999", "9" * 5000, "all", "5.phi", "Steady", "To 2:", "Firing:"),
    *("Population 1:", "Dendrite 3:", "Coupling 1:", "Propagator", "Function: Sigmoid", "Output:"),
    *("Stimulus:", "Superimpose: 3", "Connection matrix:", "Nodes: 10000000000", "Time: 1e300"),
    *("Longside nodes: 7", "Tau: 1e300"),
]
LETTERS = [chr(i) for i in (0, 9, 10, *range(32, 127), 0xB2, 0x663)]


def mutant(text: str, rng: random.Random) -> str:
    """Return the text with one to five letters, words, stretches or lines changed."""
    for _ in range(rng.choice([1, 1, 1, 2, 5])):
        kind = rng.choice(["letter", "cut", "word", "word", "insert", "drop", "line"])
        at = rng.randrange(text.find("\nTime:") + 1, len(text))
        if kind == "letter":
            text = text[:at] + rng.choice(LETTERS) + text[at + 1 :]
        elif kind == "cut":
            text = text[:at] + text[at + rng.randrange(1, 80) :]
        else:
            text = _mutated_line(text.split("\n"), kind, rng)
    return text


def _mutated_line(lines: list[str], kind: str, rng: random.Random) -> str:
    at = rng.randrange(len(lines))
    words = lines[at].split(" ")
    which = rng.randrange(len(words))
    if kind == "line":
        lines[at : at + 1] = rng.choice([[], [lines[at], lines[at]]])
        return "\n".join(lines)
    if kind == "drop":
        del words[which]
    else:
        words[which : which + (kind == "word")] = [rng.choice(WORDS)]
    lines[at] = " ".join(words)
    return "\n".join(lines)


def test_mutants_read_or_are_refused_with_file_and_line() -> None:
    logging.disable(logging.CRITICAL)
    rng = random.Random(20180822)
    texts = [path.read_text(encoding="utf-8") for path in library().values()]
    outcomes = {"read": 0, "refused": 0}
    try:
        for number in range(MUTANTS):
            text = mutant(rng.choice(texts), rng)
            began = time.perf_counter()
            try:
                check(parse_model(text, "mutant.conf"))
                outcomes["read"] += 1
            except NftsimError as error:
                outcomes["refused"] += 1
                message = str(error)
                assert re.match(r"mutant\.conf:\d+: \S", message), (number, message)
                assert message.isprintable(), (number, message)
                assert len(message) < 500, (number, message)
            assert time.perf_counter() - began < 1, (number, "slow")
    finally:
        logging.disable(logging.NOTSET)
    # both ways are taken often, or the mutations are too weak or too strong to show anything
    assert min(outcomes.values()) > MUTANTS / 10, outcomes


@pytest.mark.parametrize("size", [0, 1, 17, 4096])
def test_noise_is_not_a_model(size: int) -> None:
    noise = random.Random(size).randbytes(size).decode("latin-1")
    with pytest.raises(NftsimError, match=r"^noise:1: no line starts with 'Time:'"):
        parse_model(noise, "noise")
    with pytest.raises(NftsimError, match=r"^noise:\d+: "):
        parse_model(f"\nTime: 1\n{noise}", "noise")
