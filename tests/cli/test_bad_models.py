"""Bad models: one line with place and remedy, exit code 2, and nothing written."""

from __future__ import annotations

import random
import re
import time
from pathlib import Path

import pytest

from nftsim.model import library

from .conftest import Command, Edited

#: Name of the fault, what is replaced, by what, line of the complaint, and the complaint.
FAULTS = [
    (
        "misspelt key",
        "gamma: 30",
        "gama: 30",
        23,
        "Propagator 1 (Wave): unknown parameter 'gama'. "
        "Allowed: phi, Tau, Range, gamma, velocity. Did you mean 'gamma'?",
    ),
    ("key in other case", "Theta:", "theta:", 15, "Did you mean 'Theta'?"),
    (
        "missing object",
        "Propagator 2: Map - Tau: 0\n",
        "",
        9,
        "Propagator 2 is missing, which the connection matrix names here; add 'Propagator 2: …'",
    ),
    ("misspelt object", "Propagator 2:", "Propogator 2:", 24, "Did you mean 'Propagator'?"),
    (
        "missing key",
        "Qmax: 340",
        "",
        15,
        "Population 1, firing (Sigmoid): 'Qmax' (maximum rate) is missing; add 'Qmax: <s⁻¹>'",
    ),
    ("missing value", "Qmax: 340", "Qmax:", 15, "Qmax has no value; give a number > 0"),
    (
        "too few values of nu",
        "nu: 1e-4",
        "nu: 1e-4 2e-4",
        26,
        "Coupling 1 (Map): nu has 2 values; give one, or one per node (16)",
    ),
    ("short row", "To 1: 1 2", "To 1: 1", 9, "row 'To 1:' has 1 entries; 2 are needed"),
    ("long row", "To 2: 0 0", "To 2: 0 0 0", 10, "row 'To 2:' has 3 entries; 2 are needed"),
    (
        "stimuli",
        "Stimulus: White",
        "Stimulus: Superimpose: 3\n Stimulus: White",
        21,
        "Superimpose: 3, but the stimuli that follow are 1; write 'Superimpose: 1'",
    ),
    (
        "Courant",
        "gamma: 30",
        "gamma: 400",
        23,
        "violates the Courant condition: gamma Range Deltat/dx = 0.96 "
        "exceeds 1/sqrt(2) = 0.7071; use Deltat <=",
    ),
    (
        "spacing",
        "Range: 0.3",
        "Range: 0.2",
        23,
        "the spacing must be <= Range/2: use at least 5 nodes along x",
    ),
    ("damping", "gamma: 30", "gamma: 501", 23, "use Deltat <= 1/(2 gamma) ="),
    (
        "not a square",
        "Nodes: 16",
        "Nodes: 17",
        5,
        "Nodes: 17 is not a perfect square (nearest: 16, 25)",
    ),
    (
        "no divisor",
        "Nodes: 16",
        "Nodes: 16 Longside nodes: 3",
        5,
        "Longside nodes: 3 does not divide Nodes: 16",
    ),
    ("NaN", "Theta: 0.013", "Theta: nan", 15, "expected any finite number, found 'nan'"),
    ("infinity", "Theta: 0.013", "Theta: inf", 15, "found 'inf'"),
    (
        "beyond double precision",
        "Theta: 0.013",
        "Theta: 1e999",
        15,
        "Theta = 1e999 is out of bounds; give any finite number",
    ),
    (
        "negative",
        "Sigma: 0.0038",
        "Sigma: -1",
        15,
        "Sigma = -1 is out of bounds; give a number > 0",
    ),
    (
        "interval",
        "Interval: 0.002",
        "Interval: 0.0015",
        29,
        "Interval = 0.0015 s is not a multiple of Deltat = 0.001 s; use 0.002",
    ),
    ("node 0", "Node: All", "Node: 0", 29, "node 0 does not exist; nodes are 1 to 16"),
    ("node beyond", "Node: All", "Node: 3 17", 29, "node 17 does not exist; nodes are 1 to 16"),
    ("stimulus beyond", "Onset: 0", "Node: 17", 21, "node 17 does not exist; nodes are 1 to 16"),
    ("huge grid", "Nodes: 16", "Nodes: 10000000000", 5, "needs at least"),
    ("huge delay", "Tau: 0.002", "Tau: 990000", 5, "GiB of memory and"),
    (
        "absurd delay",
        "Tau: 0.002",
        "Tau: 1e300",
        23,
        "steps of Deltat = 0.001 s; use at most 1e+09",
    ),
    (
        "unknown component",
        "Propagator 2: Map",
        "Propagator 2: Mop",
        24,
        "unknown propagator 'Mop'. Allowed: ",
    ),
    ("unknown trace", "1.phi", "1.phy", 32, "no trace 'propagator.1.phy'"),
    ("unknown object traced", "1.phi", "3", 32, "no trace 'propagator.3'"),
    (
        "word as number",
        "Length: 0.5\n Q",
        "Length: half\n Q",
        13,
        "expected a number >= 0, found 'half'; write a plain number",
    ),
    ("decimal comma", "Theta: 0.013", "Theta: 0,013", 15, "found '0,013'; use a point: 0.013"),
    ("minus", "Theta: 0.013", "Theta: −0.013", 15, "found '−0.013'; use an ASCII '-': -0.013"),
    ("lost colon", "Theta: 0.013", "Theta 0.013", 15, "'Theta' (mean firing threshold) is missing"),
    (
        "no inputs",
        "To 1: 1 2\nTo 2: 0 0",
        "To 1: 0 0\nTo 2: 1 2",
        12,
        "row 'To 1:' of the connection matrix gives it no input; number one there, or give it a",
    ),
]


@pytest.mark.parametrize("verb", ["check", "run"])
@pytest.mark.parametrize("fault", FAULTS, ids=lambda f: f[0])
def test_a_fault_is_one_line_with_place_and_remedy(
    nftsim: Command, edited: Edited, fault: tuple[str, str, str, int, str], verb: str
) -> None:
    _, old, new, line, complaint = fault
    output = ("-o", "run.h5") if verb == "run" else ()
    began = time.perf_counter()
    message = nftsim(verb, edited((old, new)), *output).refused()
    assert message.startswith(f"small.conf:{line}: ")
    assert complaint in message
    assert time.perf_counter() - began < 5


def test_labels_of_the_parts_of_populations(nftsim: Command, edited: Edited) -> None:
    for edits, start in (
        (("Function: Sigmoid", "Function: Sigmund"), "15: Population 1: unknown firing 'Sigmund'"),
        (("Stimulus: White", "Stimulus: Wite"), "21: Population 2, stimulus 1: unknown stimulus"),
        (("ASD: 1e-4", "ASD: -1"), "21: Population 2, stimulus 1 (White): ASD = -1 is out"),
        (("Sigma: 0.0038", "Sigma: 0"), "15: Population 1, firing (Sigmoid): Sigma = 0 is out"),
    ):
        assert nftsim("check", edited(edits)).refused().startswith(f"small.conf:{start}")


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"", "file.conf:1: no line starts with 'Time:'"),
        (b"\x7fELF\x00\xff\xfe\n\x00" * 100, "no line starts with 'Time:'"),
        (b"Time: 1\x00 Deltat: 2", r"file.conf:1: '1\x00' is not plain text"),
        (b"R\xe9ticulaire\nTime: 1", "file.conf:2: Model: 'Deltat' (time step) is missing"),
        (b"\xef\xbb\xbfTime: 1", "file.conf:1: Model: 'Deltat' (time step) is missing"),
        (b"Time: 1 Deltat: 1e-3 Nodes: 1", "no 'Connection matrix:'"),
    ],
)
def test_files_that_are_no_models(
    nftsim: Command, folder: Path, content: bytes, complaint: str
) -> None:
    (folder / "file.conf").write_bytes(content)
    assert complaint in nftsim("check", "file.conf").refused()


@pytest.mark.parametrize(
    ("name", "complaint"),
    [
        ("eirs-wke", "eirs-wke: is neither a file nor a library model. .*Did you mean 'eirs-wake'"),
        ("models/ei.conf", "models/ei.conf: is neither a file nor .*Did you mean 'ei'"),
        ("smal.conf", "Did you mean 'small.conf'"),
        (".", ".: is a directory. Library models: .*, e-erps, "),
        ("small.conf/x", "small.conf/x: is neither a file"),
        ("a" * 300, "cannot be read: File name too long"),
        ("bad\nname", "bad name: is neither a file"),
        ("", "is a directory"),
    ],
)
def test_models_that_cannot_be_found_or_read(nftsim: Command, name: str, complaint: str) -> None:
    assert re.search(complaint, nftsim("check", name).refused())


def test_models_larger_than_any_model(nftsim: Command, folder: Path) -> None:
    with (folder / "large.conf").open("wb") as file:
        file.truncate(2**30)
    assert "large.conf:1: larger than 64 MiB" in nftsim("check", "large.conf").refused()


def test_a_mutilated_model_is_accepted_or_refused(nftsim: Command, folder: Path) -> None:
    rng = random.Random(4)
    text = library()["eirs-wake"].read_text(encoding="utf-8")
    codes = set()
    for _ in range(60):
        at = rng.randrange(text.find("\nTime:") + 1, len(text))
        cut = text[:at] + text[at + rng.randrange(1, 5) :]
        (folder / "cut.conf").write_text(cut, encoding="utf-8")
        result = nftsim("check", "cut.conf")
        if result.code:
            assert re.match(r"cut.conf:\d+: ", result.refused())
        codes.add(result.code)
    assert codes == {0, 2}
