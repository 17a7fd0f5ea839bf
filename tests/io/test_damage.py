"""A file that is damaged is named, and its numbers are not taken for data."""

from __future__ import annotations

import random
from pathlib import Path

import h5py
import numpy as np
import pytest

from nftsim.engine.simulate import run_to_file
from nftsim.errors import NftsimError
from nftsim.io.hdf5 import open_run
from nftsim.model import load_model

SMALL = {"nodes": 1, "time": 0.5, "output.start": 0, "output.interval": 1e-3}


@pytest.fixture(scope="module", params=["plain", "gzip", "single"])
def run(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("damage") / "run.h5"
    how = {"plain": {}, "gzip": {"compress": "gzip"}, "single": {"single": True}}[request.param]
    run_to_file(load_model("eirs-wake", SMALL), path, **how)
    return path


def everything(path: Path) -> dict[str, bytes | str]:
    """Return all that a reader gets of a run."""
    with open_run(path) as file:
        saved, clock, generators = file.state()
        arrays = {**{name: file.trace(name) for name in file.traces}, **saved}
        arrays |= {"time": file.time, "generators": generators}
        attrs = {f"attribute {name}": repr(value) for name, value in file.attrs.items()}
        extent = {f"extent {name}": repr(file.extent(name)) for name in file.traces}
        return {
            **{name: np.ascontiguousarray(values).tobytes() for name, values in arrays.items()},
            **attrs,
            **extent,
            "clock": str(clock),
        }


def test_flipped_bits_are_found_wherever_they_are(run: Path, tmp_path: Path) -> None:
    content, whole = run.read_bytes(), everything(run)
    chance, errors = random.Random(1), []
    copy = tmp_path / "copy.h5"
    for _ in range(150):
        damaged = bytearray(content)
        damaged[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
        copy.write_bytes(damaged)
        try:
            got = everything(copy)
        except NftsimError as error:
            errors.append(str(error))
        else:
            # in bytes that hold nothing
            assert got == whole
    assert len(errors) > 75
    assert [e for e in errors if not e.startswith(f"{copy}:") or "\n" in e] == []


def test_a_file_that_is_cut_short_is_named(run: Path, tmp_path: Path) -> None:
    content, copy = run.read_bytes(), tmp_path / "copy.h5"
    for length in (0, 1, 8, 96, len(content) // 2, len(content) - 1):
        copy.write_bytes(content[:length])
        with pytest.raises(NftsimError, match=r"copy\.h5: "):
            open_run(copy)


def test_no_run_starts_from_a_damaged_one(run: Path, tmp_path: Path) -> None:
    content, copy = run.read_bytes(), tmp_path / "copy.h5"
    model = load_model("eirs-wake", SMALL)
    with open_run(run) as file:
        group = file._file["state"]
        name = max(group, key=lambda name: group[name].size)
        place = group[name].id.get_chunk_info(0).byte_offset
    copy.write_bytes(content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :])
    with pytest.raises(NftsimError, match=r"copy\.h5: is damaged .*; delete it and run it again"):
        run_to_file(model, tmp_path / "next.h5", initial=copy)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["copy.h5"]


def test_notes_of_the_owner_do_not_count(run: Path, tmp_path: Path) -> None:
    noted = tmp_path / "noted.h5"
    noted.write_bytes(run.read_bytes())
    with h5py.File(noted, "a") as file:
        trace = next(name for name in file if "sheet" in file[name].attrs)
        file.attrs["note"] = "the second control"
        file[trace].attrs["note"] = "smoothed by eye"
    with open_run(noted) as opened:
        assert opened.attrs["note"] == "the second control"
    with h5py.File(noted, "a") as file:
        file.attrs["model"] = str(file.attrs["model"]).replace("1", "2", 1)
    with pytest.raises(NftsimError, match="not what was written"):
        open_run(noted)
