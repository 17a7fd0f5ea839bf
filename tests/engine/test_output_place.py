"""Where the output goes: never over anything but a run, and a full disk ends in one line."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from pathlib import Path

import h5py
import numpy as np
import pytest

from nftsim.engine.simulate import run_to_file
from nftsim.errors import NftsimError
from nftsim.io.hdf5 import open_run
from nftsim.model import Model, load_model

SHORT = {"nodes": 144, "time": 0.2, "output.start": 0, "output.interval": 1e-3}


@pytest.fixture(scope="module")
def model() -> Model:
    return load_model("eirs-wake", SHORT)


@pytest.mark.parametrize("what", ["text", "hdf5", "device"])
def test_only_a_run_is_replaced(model: Model, tmp_path: Path, what: str) -> None:
    target = tmp_path / "out.h5"
    if what == "text":
        target.write_text("Time: 1\n")
    elif what == "hdf5":
        h5py.File(target, "w").close()
    else:
        target.symlink_to("/dev/null")
    before = target.read_bytes()
    with pytest.raises(NftsimError, match="exists and is not a run"):
        run_to_file(model, target)
    assert target.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["out.h5"]


def test_a_run_is_replaced_but_not_by_its_own_continuation(model: Model, tmp_path: Path) -> None:
    target = tmp_path / "out.h5"
    for seed in (1, 2):
        run_to_file(model, target, seed=seed)
        with open_run(target) as run:
            assert run.attrs["seed"] == seed
    with pytest.raises(NftsimError, match="initial run itself"):
        run_to_file(model, target, initial=target)


def test_seed_and_generator_are_inherited(model: Model, tmp_path: Path) -> None:
    whole, first, second = (tmp_path / f"{n}.h5" for n in ("whole", "first", "second"))
    run_to_file(model, whole, seed=5)
    run_to_file(model, first, seed=5, duration=0.1)
    run_to_file(model, second, duration=0.1, initial=first)
    with open_run(whole) as a, open_run(first) as b, open_run(second) as c:
        name = "propagator.1.phi"
        joined = np.concatenate([b.trace(name), c.trace(name)])
        np.testing.assert_array_equal(a.trace(name), joined)
    run_to_file(model, first, rng="nftsim", duration=0.1)
    run_to_file(model, second, duration=0.1, initial=first)
    with open_run(second) as run:
        assert run.attrs["rng"] == "nftsim"
        assert "seed" not in run.attrs


def test_too_little_room_is_seen_beforehand(
    model: Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Usage:
        free = 100_000

    monkeypatch.setattr("shutil.disk_usage", lambda _: Usage)
    with pytest.raises(NftsimError, match=r"MiB are free; make room"):
        run_to_file(model, tmp_path / "out.h5")
    assert not list(tmp_path.iterdir())


def test_a_disk_that_fills_up_ends_in_one_line(tmp_path: Path) -> None:
    def small_files() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000))

    settings = [f"--set={key}={value}" for key, value in SHORT.items()]
    done = subprocess.run(
        [sys.executable, "-m", "nftsim", "run", "eirs-wake", "-o", "out.h5", *settings],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
        preexec_fn=small_files,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr.strip() == (
        "out.h5: writing failed: File too large; make room, or choose another place"
    )
    assert not list(tmp_path.iterdir())
