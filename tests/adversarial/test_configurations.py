"""Configurations that are bombs, programs or ways out of the results folder: all are refused."""

from __future__ import annotations

import copy
import datetime
import json
import math
import os
import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from nftsim.errors import NftsimError
from tests.workflow.conftest import PARTS, TINY
from workflow.lib.reading import require_harmless
from workflow.lib.settings import checked

from .checking import LONGEST, little_memory
from .mutations import NUMBERS, WORDS

ROOT = Path(__file__).resolve().parents[2]

# files ------------------------------------------------------------------------------------------


def _bomb(first: str, next_: str, floors: int) -> str:
    """Return YAML of which each line holds the one above several times."""
    lines = [f"a0: &a0 {first}"]
    lines += [f"a{i}: &a{i} {next_.replace('#', f'*a{i - 1}')}" for i in range(1, floors)]
    return "\n".join(lines)


HARMFUL = {
    "a bomb of lists": (
        _bomb("[x, x]", "[#, #, #, #, #, #, #, #, #]", 12),
        "more than 100000 values",
    ),
    "a bomb of mappings": (_bomb("{x: 1}", "{p: #, q: #}", 40), "more than 100000 values"),
    "a bomb of keys": (_bomb("{x: 1}", "{<<: #, p: #}", 60), "more than 100000 values"),
    "a list in itself": ("a: &a [*a]", "*a stands within itself"),
    "a mapping in itself": ("a: &a {b: *a}", "*a stands within itself"),
    "an alias of nothing": ("a: *b", "not valid YAML|for nothing"),
    "a deep list": ("a: " + "[" * 100_000, "nested deeper than 40 levels"),
    "a closed deep list": ("a: " + "[" * 900 + "]" * 900, "nested deeper than 40 levels"),
    "deep JSON": ('{"a": ' + "[" * 100_000 + "]" * 100_000 + "}", "nested deeper than 40 levels"),
    "deep lines": ("\n".join(" " * i + "a:" for i in range(900)), "nested deeper than 40 levels"),
    "a long number": ("a: " + "9" * 6000, "has a value of 6000 characters"),
    "a program": ("__use_yte__: true\na: ?1 + 1", "run what the file says as Python"),
    "a program in quotes": ('"\\x5f_use_yte__": true', "run what the file says as Python"),
    "an object": ("a: !!python/object/apply:os.system ['touch ran']", "is not valid YAML"),
    "no date": ("a: 2024-13-45", "is not valid YAML: month must be in 1..12"),
    "a list for a key": ("? [1, 2]\n: x", "is not valid YAML"),
    "a list": ("- 1", "is no list of settings"),
    "nothing": ("", "is no list of settings"),
    "a tab": ("a:\n\tb: 1", "is not valid YAML"),
    "control characters": ("a: \x00", "is not valid YAML"),
    "far too much": ("# " + "x" * (1 << 20), "is larger than 1 MiB"),
}


@pytest.mark.parametrize("what", HARMFUL)
def test_a_harmful_file_is_refused_before_it_is_loaded(folder: Path, what: str) -> None:
    text, message = HARMFUL[what]
    Path("mine.yaml").write_text(text)
    began = time.process_time()
    with little_memory(), pytest.raises(NftsimError) as caught:
        require_harmless("mine.yaml")
    found = str(caught.value)
    assert time.process_time() - began < LONGEST
    assert found.startswith("mine.yaml:")
    assert found.isprintable()
    assert any(part in found for part in message.split("|")), found
    assert not Path("ran").exists()


@pytest.mark.parametrize("content", [b"\xff\xfea: 1", b"a: 1\nb: \xe9\n"])
def test_what_is_no_text_is_refused(folder: Path, content: bytes) -> None:
    Path("mine.yaml").write_bytes(content)
    with pytest.raises(NftsimError, match=r"^mine.yaml:[12]: is not UTF-8 text; save it as such$"):
        require_harmless("mine.yaml")


def test_no_file_and_no_folder(folder: Path) -> None:
    require_harmless("none.yaml", ROOT / "config.yaml")
    Path("folder.yaml").mkdir()
    with pytest.raises(NftsimError, match="folder.yaml: is no file"):
        require_harmless("folder.yaml")
    with pytest.raises(NftsimError, match="/dev/zero: is no file"):
        require_harmless("/dev/zero")


def test_plain_files_pass(folder: Path) -> None:
    Path("mine.json").write_text(json.dumps(TINY, indent="\t"))
    Path("mine.yaml").write_text("a: &a {x: 1, y: [1, 2]}\nb: {<<: *a, z: *a}\nc: *a\n")
    require_harmless("mine.json", "mine.yaml")


def _run(*command: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(
        [sys.executable, "-m", *command],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env=environment,
    )


def test_the_command_that_looks_through_a_file(folder: Path) -> None:
    Path("mine.yaml").write_text(HARMFUL["a program"][0])
    done = _run("workflow.lib.reading", "mine.yaml")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("mine.yaml:1: '__use_yte__' would have Snakemake run")
    assert _run("workflow.lib.reading", "none.yaml").stderr == "none.yaml: no such file\n"


@pytest.mark.parametrize("how", ["in the folder", "by --configfile"])
def test_snakemake_refuses_a_bomb(folder: Path, how: str) -> None:
    bomb = HARMFUL["a bomb of lists"][0]
    for part in PARTS:
        Path(part).symlink_to(ROOT / part)
    Path("config.yaml").write_text(bomb if how == "in the folder" else "experiments: {}")
    Path("mine.yaml").write_text(bomb)
    more = [] if how == "in the folder" else ["--configfile", "mine.yaml"]
    done = _run("snakemake", "--cores", "1", "--dry-run", *more)
    assert done.returncode != 0
    assert "with its aliases written out it is more than 100000 values" in done.stderr
    assert "Traceback" not in done.stderr
    assert not Path("results").exists()


# names and paths --------------------------------------------------------------------------------

#: Names that would lead out of the results, or that no file can have.
ESCAPES = [
    *("..", ".", "../up", "a/b", "/etc", "a\\b", "a\n", "\n", "", " ", "a b", "-rf", "~", "$HOME"),
    *("*", "{x}", "a\x00b", "é", "x" * 101, "x" * 5000, "\u202e", "a.b", "._"),
]


def changed(path: str, value: Any) -> dict[str, Any]:
    """Return the small configuration with one value changed."""
    config = copy.deepcopy(TINY)
    *steps, last = path.split("/")
    place = config
    for step in steps:
        place = place[step]
    place[last] = value
    return config


def refusal(config: dict[str, Any]) -> str:
    with pytest.raises(NftsimError) as caught:
        checked(config)
    lines = str(caught.value).splitlines()
    for line in lines:
        assert line.startswith("config.yaml: ")
        assert line.isprintable()
        assert len(line) < 1000
    return lines[0]


@pytest.mark.parametrize("name", ESCAPES)
def test_a_name_that_is_a_way_out_is_refused(name: str) -> None:
    config = copy.deepcopy(TINY)
    config["experiments"][name] = config["experiments"]["pulse"]
    assert "cannot be a name: use up to 100 letters, digits, - and _" in refusal(config)
    sweep = {"experiments": ["pulse"], "measures": ["mean"], "figure": None}
    config = {**copy.deepcopy(TINY), "sweeps": {name: sweep}}
    assert "cannot be a name" in refusal(config)
    thumbnails = {**TINY["figures"], "thumbnails": {name: ["pulse"]}}
    assert "figures.thumbnails" in refusal({**copy.deepcopy(TINY), "figures": thumbnails})
    several = {"models": [name], "parameter": "coupling.1.nu", "range": [0, 1]}
    figures = {**TINY["figures"], "multistability": several}
    assert "multistability.models" in refusal({**copy.deepcopy(TINY), "figures": figures})


@pytest.mark.parametrize("seed", ["../1", "1/../2", -1, 1.5, 2**80, None, True, [1]])
def test_a_seed_that_is_no_number_is_refused(seed: Any) -> None:
    assert "experiments.pulse.seeds" in refusal(changed("experiments/pulse/seeds", [seed]))


@pytest.mark.parametrize(
    "model", ["../../../../etc/passwd", "/etc/passwd", "/dev/zero", "/", ".", "x" * 5000, "a\x00b"]
)
def test_a_model_that_is_none_is_refused_and_not_shown(model: str) -> None:
    line = refusal(changed("experiments/pulse/model", model))
    assert "experiments.pulse" in line
    assert "root:" not in line


# anything ---------------------------------------------------------------------------------------

NASTY: list[Any] = [
    *(None, True, 0, -1, 1, 10**30, 10**400, 1.5, math.nan, math.inf, 1e308, 1e-320, "", [], {}),
    *([[]], [None], {"a": 1}, {1: 2}, {"": ""}, {None: 1}, b"bytes", [1] * 1000, "auto", "1e-3"),
    *(datetime.date(2024, 1, 1), "propagator.1.phi\n", "coupling.1.nu", *ESCAPES, *NUMBERS, *WORDS),
]


def _places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the paths of all values within one."""
    yield from [path] if path else []
    items = value.items() if isinstance(value, dict) else ()
    for key, item in enumerate(value) if isinstance(value, list) else items:
        yield from _places(item, (*path, key))


def test_any_value_anywhere_is_taken_or_refused_in_lines() -> None:
    rng, places, counts = random.Random(2018), [*_places(TINY)], Counter[str]()
    for _ in range(150):
        config: Any = copy.deepcopy(TINY)
        for _ in range(rng.choice((1, 1, 2, 4))):
            *steps, last = rng.choice(places)
            place = config
            try:
                for step in steps:
                    place = place[step]
                if isinstance(place, dict) and rng.random() < 0.2:
                    place[rng.choice([n for n in NASTY if isinstance(n, str)])] = place[last]
                else:
                    place[last] = rng.choice(NASTY)
            except (KeyError, IndexError, TypeError):
                continue  # what led there has been changed before
        began = time.process_time()
        try:
            checked(config)
            counts["taken"] += 1
        except NftsimError as error:
            counts["refused"] += 1
            for line in str(error).splitlines():
                assert line.startswith("config.yaml: "), line
                assert line.isprintable(), line
                assert len(line) < 1000, line
        assert time.process_time() - began < LONGEST
    assert counts["taken"] < 15 < counts["refused"], counts  # most of it fits nowhere
