"""HDF5 output: chunks for series and frames alike, filters, single precision."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

import nftsim
from nftsim.cli import main
from nftsim.engine.simulate import run_to_file
from nftsim.io.writer import CHUNK_BYTES, WAITING_BYTES, chunk_shape
from nftsim.model import load_model

SHAPES = [(24000, (30, 30)), (8192, (128, 128)), (100, (1,)), (3, (128, 128)), (1000, (16, 4, 4))]


@pytest.mark.parametrize(("rows", "space"), [*SHAPES, (50, ()), (1, (7,))])
def test_chunks_fit(rows: int, space: tuple[int, ...]) -> None:
    chunk = chunk_shape(rows, space)
    assert len(chunk) == 1 + len(space)
    assert all(1 <= c <= n for c, n in zip(chunk, (rows, *space), strict=True))
    assert 8 * np.prod(chunk) <= CHUNK_BYTES
    assert 8 * chunk[0] * np.prod(space) <= WAITING_BYTES or chunk[0] == 1


def test_a_series_and_a_frame_take_about_as_many_chunks() -> None:
    rows, space = 8192, (128, 128)
    times, ny, nx = chunk_shape(rows, space)
    series, frame = rows / times, (space[0] / ny) * (space[1] / nx)
    assert 0.5 < series / frame < 2


@pytest.mark.parametrize(
    ("options", "smaller", "error"),
    [
        ({}, 1.01, 0.0),
        ({"compress": "gzip"}, 0.9, 0.0),
        ({"compress": "lzf"}, 1.0, 0.0),
        ({"single": True}, 0.6, 6e-8),
        ({"single": True, "compress": "gzip"}, 0.5, 6e-8),
    ],
)
def test_filters(tmp_path: Path, options: dict[str, Any], smaller: float, error: float) -> None:
    changes = {
        "nodes": 144,
        "output.start": 0,
        "output.interval": 1e-4,
        "output.traces": "propagator.1.phi pop.1.v",
        "time": 0.15,
    }
    model, path = load_model("eirs-wake", changes), tmp_path / "run.h5"
    run_to_file(model, path, seed=4, **options)
    kept, alone = nftsim.read_run(path), nftsim.simulate(model, seed=4)
    np.testing.assert_array_equal(kept.time, alone.time)
    with h5py.File(path) as file:
        stored = sum(file[name].id.get_storage_size() for name in alone)
    assert stored <= smaller * sum(alone[name].nbytes for name in alone)
    for name, values in alone.items():
        assert kept[name].dtype == np.float64
        assert np.abs(kept[name] - values).max() <= error * np.abs(values).max()


def test_the_command_line_has_them(tmp_path: Path) -> None:
    path = tmp_path / "run.h5"
    words = ["--duration=0.01", "--set=output.start=0", "--set=nodes=144"]
    assert main(["run", "eirs-wake", "-o", str(path), *words, "--compress=lzf", "--single"]) == 0
    with h5py.File(path) as file:
        item = file["propagator.1.phi"]
        assert (item.dtype, item.compression, item.shuffle) == (np.dtype("f4"), "lzf", True)
