"""Mutilated models: they read, or are refused in one line with a place; nothing else happens."""

from __future__ import annotations

import logging
import random
import re
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

import pytest

from nftsim.engine.advance import run_chunks
from nftsim.engine.compile import compile_plan
from nftsim.engine.limits import require_memory
from nftsim.engine.state import initial_state
from nftsim.errors import NftsimError
from nftsim.model import Model, parse_model
from nftsim.model.checks import check
from nftsim.model.overrides import override

from .sound import EVERY, conf, kind

MUTANTS = 2000
#: What a careless editor, a broken disk or a curious mind puts into a file.
WORDS = [
    *("", "-", ":", "0", "-1", "1.5", "1e999", "1e308", "1e-320", "nan", "inf", "٣", "²", "\x00"),
    *("\u2028", "99999999999999999999", "9" * 5000, "all", "5.phi", "Steady", "To 2:", "Firing:"),
    *("Population 1:", "Dendrite 3:", "Coupling 1:", "Propagator", "Function: Sigmoid", "Output:"),
    *("Stimulus:", "Superimpose: 3", "Connection matrix:", "Nodes: 10000000000", "Time: 1e300"),
    *(
        "Longside nodes: 7",
        "Tau: 1e300",
        "BCM",
        "Matrix",
        "Ramp -",
        "Bursting",
        "GlutamateResponse",
    ),
    *("Function:", "Sigmoid", "N20 width:", "Burst Frequency:", "Data", "File:", "/dev/zero", "."),
    *("1 2 3 4 5 6 7 8 9", "nan nan", "1e-320", "-0", "Topology: Sphere", "gX2: 3", "1 ms"),
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


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    """Silence warnings of words that are ignored."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


def outcome(text: str, number: int) -> Model | None:
    """Return the model that a text is; None if it is refused, in one line with a place."""
    began = time.perf_counter()
    found = None
    try:
        found = check(parse_model(text, "mutant.conf"))
    except NftsimError as error:
        message = str(error)
    else:
        message = "mutant.conf:1: it was read"
    assert re.match(r"mutant\.conf:\d+: \S", message), (number, message)
    assert message.isprintable(), (number, message)
    assert len(message) < 500, (number, message)
    assert time.perf_counter() - began < 1, (number, "slow")
    return found


@pytest.mark.usefixtures("folder")
def test_mutants_of_every_component_are_refused_or_run() -> None:
    rng = random.Random(1998)
    texts = [conf(role, keyword) for role, keyword in EVERY]
    counts = Counter[str]()
    for number in range(MUTANTS):
        model = outcome(mutant(rng.choice(texts), rng), number)
        if model is None:
            counts["refused"] += 1
        elif model.nodes * model.nodes * len(model.populations) < 10**5:
            counts[_run(model)] += 1
    assert counts["refused"] > MUTANTS / 10 < counts["ran"], counts


def _run(model: Model) -> str:
    """Run a few steps of a model; whatever it is, nothing but a complaint may come of it."""
    output = replace(model.output, start=0.0, interval=None)
    model = replace(model, output=output)
    steps = min(model.steps, 3)
    try:
        plan = compile_plan(model)
        require_memory(plan)
        for _ in run_chunks(plan, initial_state(plan), steps, seed=1):
            pass
    except NftsimError:
        return "stopped"
    return "ran"


@pytest.mark.usefixtures("folder")
def test_mutated_overrides_are_taken_or_refused() -> None:
    rng = random.Random(2015)
    counts = Counter[str]()
    for role, keyword in EVERY:
        model = parse_model(conf(role, keyword), "sound.conf")
        names = [p.path for p in kind(role, keyword).parameters().values()]
        parent = {"firing": "population.1", "stimulus": "population.2"}.get(role)
        start = f"{parent}.{role}" if parent else f"{role}.1"
        for _ in range(MUTANTS // 40):
            path = f"{start}.{rng.choice(names if rng.random() < 0.8 else WORDS)}"
            at = rng.randrange(3 * len(path))  # beyond its end: all of it stays
            path = path[:at] + path[at + 1 :]
            try:
                value = rng.choice([rng.choice(WORDS), f"{rng.uniform(-1, 9):.3g}"])
                check(override(model, {path: value}))
                counts["taken"] += 1
            except NftsimError as error:
                counts["refused"] += 1
                message = str(error)
                assert re.match(r"sound.conf(:\d+|, override .*?): \S", message), message
                assert message.isprintable(), message
                assert len(message) < 700, message
    assert counts["taken"] > 50 < counts["refused"]


@pytest.mark.parametrize("size", [0, 1, 17, 4096])
def test_noise_is_not_a_model(size: int) -> None:
    noise = random.Random(size).randbytes(size).decode("latin-1")
    with pytest.raises(NftsimError, match=r"^noise:1: no line starts with 'Time:'"):
        parse_model(noise, "noise")
    with pytest.raises(NftsimError, match=r"^noise:\d+: "):
        parse_model(f"\nTime: 1\n{noise}", "noise")
