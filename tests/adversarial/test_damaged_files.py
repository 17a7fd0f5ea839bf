"""Files that are cut off or damaged: named as such, and what is read is what was written."""

from __future__ import annotations

import io
import logging
import random
import zipfile
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import nftsim
from nftsim.engine.simulate import run_to_file
from nftsim.errors import NftsimError
from nftsim.io.checkpoint import Place
from nftsim.io.run import Run
from nftsim.model import load_model

from .checking import little_memory
from .conftest import Refused

#: Parts of a file at which it is cut off.
CUTS = [i / 20 for i in range(20)]


def same(a: Run, b: Run) -> bool:
    return all(np.array_equal(a[name], b[name]) for name in b) and np.array_equal(a.time, b.time)


@pytest.mark.parametrize("cut", CUTS)
def test_a_run_that_is_cut_off_is_named(
    folder: Path, whole: Path, refused: Refused, cut: float
) -> None:
    content = whole.read_bytes()
    (folder / "run.h5").write_bytes(content[: int(cut * len(content))])
    assert "run.h5:" in refused("info", "run.h5")
    with pytest.raises(NftsimError, match="run.h5"):
        nftsim.read_run("run.h5")


def test_a_run_with_flipped_bits_is_named_or_read_as_it_was(folder: Path, whole: Path) -> None:
    rng, counts, content, was = random.Random(5), Counter[str](), whole.read_bytes(), None
    was = nftsim.read_run(whole)
    for _ in range(120):
        bad = bytearray(content)
        for _ in range(rng.choice((1, 1, 3, 40))):
            at = rng.randrange(len(bad))
            bad[at] ^= 1 << rng.randrange(8)
        (folder / "run.h5").write_bytes(bad)
        try:
            with little_memory():
                found = nftsim.read_run("run.h5")
        except NftsimError as error:
            message = str(error)
        else:
            assert same(found, was)
            continue
        assert message.startswith("run.h5:")
        assert message.isprintable()
        counts["named"] += 1
    assert counts["named"] > 50, counts


@pytest.fixture
def text(folder: Path) -> bytes:
    """NFTsim's text of a run."""
    run_to_file(load_model("small.conf"), folder / "text.output")
    return (folder / "text.output").read_bytes()


@pytest.mark.parametrize("cut", CUTS)
def test_a_text_that_is_cut_off_is_named(
    folder: Path, text: bytes, refused: Refused, cut: float
) -> None:
    (folder / "cut.output").write_bytes(text[: int(cut * len(text))])
    assert "cut.output" in refused("convert", "cut.output", "run.h5")


def test_a_text_that_lacks_whole_rows_is_named(folder: Path, text: bytes, refused: Refused) -> None:
    rows = text.splitlines(keepends=True)
    for kept in (-1, -2, -20):
        (folder / "cut.output").write_bytes(b"".join(rows[:kept]))
        message = f"cut.output: is damaged or not whole: it has {25 + kept} rows"
        assert message in refused("info", "cut.output")


def test_a_damaged_text_is_named_or_read(folder: Path, text: bytes) -> None:
    rng, counts = random.Random(6), Counter[str]()
    for _ in range(150):
        bad = bytearray(text)
        for _ in range(rng.choice((1, 1, 3, 40))):
            at = rng.randrange(len(bad))
            bad[at : at + rng.choice((1, 1, 9))] = rng.randbytes(rng.choice((0, 1, 9)))
        (folder / "bad.output").write_bytes(bad)
        try:
            with little_memory():
                nftsim.read_run("bad.output")
        except NftsimError as error:
            message = str(error)
        else:
            continue
        assert "bad.output" in message
        assert message.isprintable()
        counts["named"] += 1
    assert counts["named"] > 50, counts


# checkpoints ------------------------------------------------------------------------------------


def _zipped(arrays: dict[str, Any], how: int = zipfile.ZIP_STORED) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", how) as file:
        for name, values in arrays.items():
            part = io.BytesIO()
            np.lib.format.write_array(part, np.asarray(values), allow_pickle=True)
            file.writestr(f"{name}.npy", part.getvalue())
    return content.getvalue()


def _boast(length: int) -> bytes:
    head = io.BytesIO()
    about = {"descr": "<f8", "fortran_order": False, "shape": (length,)}
    np.lib.format.write_array_header_1_0(head, about)
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as file:
        file.writestr("fields.npy", head.getvalue())
    return content.getvalue()


class Bomb:
    """What a pickle would run."""

    def __reduce__(self) -> tuple[Any, tuple[Path]]:
        return Path.touch, (Path("exploded"),)


def _about(text: str) -> dict[str, Any]:
    return {"about": np.frombuffer(text.encode(), dtype=np.uint8)}


@pytest.mark.parametrize(
    "content",
    [
        *(b"", b"PK", b"nothing", _boast(10**13), _boast(10**5), _zipped({}), _zipped({"a": 1})),
        *(_zipped(_about(t)) for t in ("", "{", "[]", "3", '{"run": 1}', "[" * 10**5)),
        _zipped(_about('{"run": "x", "number": "1", "length": 5, "facts": {}}')),
        _zipped(_about('{"run": "x", "number": 1, "length": -5, "facts": {}}')),
        _zipped(_about('{"run": "x", "number": 1, "length": 5, "facts": []}')),
        _zipped({"fields": np.zeros(1 << 22)}, zipfile.ZIP_DEFLATED),
        _zipped({"about": np.array([Bomb()], dtype=object)}),
    ],
)
def test_a_strange_checkpoint_is_not_used(
    folder: Path, caplog: pytest.LogCaptureFixture, content: bytes
) -> None:
    place = Place(folder / "run.h5")
    place.checkpoint.write_bytes(content)
    with little_memory(), caplog.at_level(logging.WARNING):
        assert place.saved() is None
    assert "run.h5.checkpoint is damaged" in caplog.text
    assert not Path("exploded").exists()


def test_a_run_begins_anew_beside_a_strange_checkpoint(folder: Path) -> None:
    model = load_model("small.conf")
    Place(folder / "run.h5").checkpoint.write_bytes(b"PK nothing")
    (folder / "run.h5.part").write_bytes(b"anything")
    run_to_file(model, folder / "run.h5")
    assert same(nftsim.read_run("run.h5"), nftsim.simulate(model))
