"""Shipped models, mutilated at random: `nftsim check` accepts them, or says where and what."""

from __future__ import annotations

import random
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from nftsim.model import library

from .checking import complaint, little_memory, require_line
from .mutations import mutant

#: Seed of all that is random here.
SEED = 20180822
#: Seconds that the command may take, start of Python and a busy machine included.
PATIENCE = 30.0


def mutants(count: int, seed: int) -> Iterator[bytes]:
    """Yield mutants of the models of the library."""
    rng = random.Random(seed)
    texts = [path.read_bytes() for path in library().values()]
    for _ in range(count):
        yield mutant(rng.choice(texts), texts, rng)


def outcomes(folder: Path, count: int, seed: int) -> Counter[str]:
    """Check mutants within the process; return how many were accepted and refused."""
    path, found = folder / "mutant.conf", Counter[str]()
    with little_memory():
        for number, content in enumerate(mutants(count, seed)):
            path.write_bytes(content)
            try:
                refused = complaint(path, plan=number % 4 == 0)
            except BaseException:
                (folder / "culprit.conf").write_bytes(content)
                raise
            found["accepted" if refused is None else "refused"] += 1
    return found


def test_mutants_are_accepted_or_refused_with_file_and_line(folder: Path) -> None:
    found = outcomes(folder, 10_000, SEED)
    # both happens often, or the mutations are too weak or too strong to show anything
    assert min(found["accepted"], found["refused"]) > 1000


@pytest.mark.exhaustive
def test_more_mutants_are_accepted_or_refused_with_file_and_line(folder: Path) -> None:
    found = outcomes(folder, 50_000, SEED + 1)
    assert min(found["accepted"], found["refused"]) > 5000


def _by_command(folder: Path, count: int) -> None:
    path, codes = folder / "mutant.conf", Counter[int]()
    for content in mutants(count, SEED + 2):
        path.write_bytes(content)
        done = subprocess.run(
            [sys.executable, "-m", "nftsim", "check", str(path)],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        codes[done.returncode] += 1
        assert done.returncode in (0, 2), done.stderr
        if done.returncode == 2:
            assert done.stdout == ""
            require_line(done.stderr.removesuffix("\n"), path)
        assert "Traceback" not in done.stderr
    assert min(codes[0], codes[2]) > count / 10


def test_mutants_by_the_command(folder: Path) -> None:
    _by_command(folder, 20)


@pytest.mark.exhaustive
def test_two_hundred_mutants_by_the_command(folder: Path) -> None:
    _by_command(folder, 200)


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        ("Nodes: 12 Longside nodes: 4", "Nodes: 1000000000000", 3, r"needs at least 4.47e\+04 GiB"),
        ("Nodes: 12 Longside nodes: 4", f"Nodes: {'9' * 200}", 3, "expected a whole number"),
        ("Nodes: 12 Longside nodes: 4", "Nodes: " + "1" * 5000, 3, "is a word of 5000 characters"),
        ("Time: 0.05", "Time: 1e300", 2, r"is 1e\+303 steps .* use at most 1e\+15"),
        ("Deltat: 0.001", "Deltat: 1e-300", 2, r"is 5e\+298 steps"),
        ("Tau: 0.004", "Tau: 1e9", 17, r"Tau = 1e\+09 s is 1e\+12 steps .* use at most 1e\+09"),
        (
            "Tau: 0.004",
            "Tau: 999999",
            3,
            r"needs about \d+ GiB of memory and (this machine|its control group|this job)",
        ),
        ("Tau: 0.004", "Tau: 1e308", 17, "Tau = 1e.308 s is inf steps"),
        ("Mean: 1", "Mean: 1e999", 16, "out of bounds; give any finite number"),
    ],
)
def test_what_no_machine_can_hold_is_refused_at_once(
    folder: Path, old: str, new: str, line: int, message: str
) -> None:
    text = (folder / "small.conf").read_text()
    assert old in text
    (folder / "huge.conf").write_text(text.replace(old, new))
    with little_memory(1 << 28):
        found = complaint(folder / "huge.conf")
    assert found is not None
    assert found.startswith(f"{folder / 'huge.conf'}:{line}: "), found
    assert re.search(message, found), found
