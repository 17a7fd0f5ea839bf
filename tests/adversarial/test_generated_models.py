"""Models made up at random: whole ones run as the plain implementation does, mutilated ones do not.

Those that are mutilated for certain are refused; those that may still be models, and are accepted,
run as the plain implementation does, too.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

from nftsim.components.dendrites import Integral
from nftsim.components.propagators import HarmonicIntegral
from nftsim.errors import NftsimError
from nftsim.model import Model, load_model, parse_model, to_conf
from nftsim.reference import simulate
from tests.engine.machinery import agree, engine_run, models

from .checking import complaint, little_memory
from .mutations import mutant

#: Of numbers that make sense, and of any that are accepted, where much may cancel.
TOLERANCE, LOOSE = 1e-12, 1e-9
#: Rates, times Δt, between which the plain exact solution is no difference of large numbers.
SLOW, FAST = 1e-4, 100.0
#: The kernels take e^−x for e^−700 where x is larger: what counts as nothing, and the largest rate
#: times which it does.
NOTHING, LARGE = 1e-200, 1e90
often = settings(
    max_examples=40,
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)


@given(model=models())
@often
def test_a_whole_model_is_accepted_and_runs_as_the_plain_one(folder: Path, model: Model) -> None:
    path = folder / "whole.conf"
    path.write_text(to_conf(model))
    assert complaint(path) is None
    read = load_model(path)
    assert parse_model(to_conf(read)) == read
    assert agree(read, min(read.steps, 20), seed=11) < (TOLERANCE, "")


#: What makes any model wrong: a pattern, what is put in its place, and what the refusal says.
FAULTS = {
    "no time": (r"^Time:.*?Deltat", "Deltat", "'Time:'"),
    "time backwards": (r"^Time: ", "Time: -", "out of bounds"),
    "no step": (r"Deltat: \S+", "", "'Deltat'.*is missing"),
    "step of no length": (r"Deltat: \S+", "Deltat: 0", "out of bounds"),
    "step not a number": (r"Deltat: \S+", "Deltat: nan", "expected"),
    "no nodes": (r"Nodes: \S+", "", "'Nodes'.*is missing"),
    "half a node": (r"Nodes: \S+", "Nodes: 1.5", "whole number"),
    "nodes without end": (r"Nodes: \d+", "Nodes: 1000000000000", "Nodes|values; give one|divide"),
    "no matrix": (r"^Connection matrix:", "", "unknown parameter 'From'"),
    "a row too few": (r"^To 1:.*$", "", "row 'To 1:'"),
    "a row too long": (r"^(To 1:.*)$", r"\1 0", "entries"),
    "a connection that is another": (r"^(To 1: .*)$", r"\1 \1", "row|entries"),
    "an unknown population": (r"^Population 1:", "Population 77:", "Population 1 is missing"),
    "no length": (r"^Length: \S+", "", "'Length'.*is missing"),
    "a length of words": (r"^Length: \S+", "Length: long", "expected"),
    "an unknown key": (r"^(Propagator 1: .*)$", r"\1 Gama: 1", "unknown parameter 'Gama'"),
    "an unknown kind": (r"^Propagator 1: \S+", "Propagator 1: Waive", "unknown propagator"),
    "no propagator": (r"^Propagator 1: .*$", "", "Propagator 1 is missing"),
    "no coupling": (r"^Coupling 1: .*$", "", "Coupling 1 is missing"),
    "no dendrite": (r"^ *Dendrite 1: .*$", "", "Dendrite 1 is missing"),
    "a coupling twice": (r"^(Coupling 1: .*)$", r"\1\n\1", "given twice"),
    "no output": (r"^Output:(.|\n)*", "", "no 'Output:'"),
    "output of nothing": (r"(?s)\Z", " 1.nonsense\n", "no trace|stands after|unknown"),
    "no colon": (r"^Coupling 1:", "Coupling 1", "Coupling 1 is missing|unknown"),
    "binary": (r"^Nodes:", "Nodes\x00:", "plain text"),
}


@pytest.mark.parametrize("fault", FAULTS)
@given(model=models())
@settings(often, max_examples=4)
def test_a_mutilated_model_is_refused(folder: Path, fault: str, model: Model) -> None:
    pattern, put, message = FAULTS[fault]
    text, count = re.subn(pattern, put, to_conf(model), count=1, flags=re.MULTILINE)
    assert count == 1
    path = folder / "bad.conf"
    path.write_text(text)
    found = complaint(path)
    assert found is not None
    assert re.search(message, found), found


def test_mutants_that_are_accepted_run_as_the_plain_one(folder: Path) -> None:
    rng, counts = random.Random(1998), Counter[str]()
    some: list[bytes] = []

    @given(model=models())
    @settings(often, max_examples=40)
    def collect(model: Model) -> None:
        some.append(to_conf(model).encode())

    collect()
    path = folder / "mutant.conf"
    for _ in range(400):
        path.write_bytes(mutant(rng.choice(some), some, rng))
        with little_memory():
            if complaint(path) is not None:
                counts["refused"] += 1
                continue
        model = load_model(path)
        counts[_compared(replace(model, output=replace(model.output, start=0.0)))] += 1
    assert counts["agree"] > 40 < counts["refused"], counts


def _compared(model: Model) -> str:
    """Run a few steps twice, where that is quick, and compare."""
    longest = max(int(np.max(c.propagator.tau) / model.deltat) for c in model.connections)
    if model.nodes > 400 or longest > 5000:
        return "large"
    if any(np.max(getattr(p.firing, "qmax", 0.0)) > LARGE for p in model.populations):
        return "beyond the plain form"
    if not all(SLOW < rate * model.deltat < FAST for rate in _integrated(model)):
        return "beyond the plain form"
    steps = min(model.steps, 5)
    try:
        ours = engine_run(model, steps, seed=5)
        with np.errstate(all="ignore"):  # the plain form says it where the kernels saturate
            theirs = simulate(model, steps, seed=5)
    except NftsimError:
        return "stopped"
    for name, values in theirs.items():
        scale = max(float(np.abs(values).max()), NOTHING)
        assert np.abs(ours[name] - values).max() <= LOOSE * scale, (name, to_conf(model))
    return "agree"


def _integrated(model: Model) -> Iterator[float]:
    """Yield the lowest and highest rates of what is solved exactly."""
    for c in model.connections:
        if isinstance(c.propagator, HarmonicIntegral):
            yield from (float(end(c.propagator.damping)) for end in (np.min, np.max))
        if isinstance(c.dendrite, Integral):
            rates = (c.dendrite.alpha, c.dendrite.beta)
            yield from (float(end(rate)) for rate in rates for end in (np.min, np.max))
