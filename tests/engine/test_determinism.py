"""The same seed gives the same numbers, bit for bit, however the work is divided."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from nftsim.engine import plan as planning
from nftsim.engine.compile import compile_plan
from nftsim.engine.simulate import run_to_file
from nftsim.engine.state import initial_state
from nftsim.io.hdf5 import open_run
from nftsim.model import Model, load_model
from tests.engine.machinery import Array, engine_run, models, rows_of, watched

often = settings(
    max_examples=40,
    derandomize=True,
    deadline=None,
    database=None,
    phases=[Phase.generate],  # shrinking an example through files takes minutes
    suppress_health_check=list(HealthCheck),
)
generators = st.sampled_from(["counter", "nftsim"])


def assert_identical(ours: dict[str, Array], theirs: dict[str, Array]) -> None:
    assert ours.keys() == theirs.keys()
    for name, values in ours.items():
        np.testing.assert_array_equal(values, theirs[name], err_msg=name)


@given(model=models(), rng=generators, chunk=st.integers(1, 50))
@often
def test_chunks_do_not_matter(model: Model, rng: str, chunk: int) -> None:
    whole = engine_run(model, model.steps, rng=rng)
    assert_identical(engine_run(model, model.steps, rng=rng, chunk=chunk), whole)


@given(model=models(), rng=generators, size=st.integers(1, 60_000))
@often
def test_blocks_do_not_matter(model: Model, rng: str, size: int) -> None:
    whole = engine_run(model, model.steps, rng=rng)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(planning, "BLOCK_BYTES", size)
        assert_identical(engine_run(model, model.steps, rng=rng), whole)


def test_blocks_of_one_row_are_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Blocks of one row, and of several that do not divide the grid."""
    model = load_model("eirs-wake", {"nodes": 256})
    plan = compile_plan(watched(model))
    whole = rows_of(plan, initial_state(plan), 80)
    row = 8 * model.shape[1] * len(plan.ops)
    for rows in (1, 3, 5):
        monkeypatch.setattr(planning, "BLOCK_BYTES", rows * row)
        assert plan.block == rows
        assert_identical(rows_of(plan, initial_state(plan), 80), whole)


def _run(model: Model, path: Path, steps: int, **more: Any) -> tuple[dict[str, Array], Any]:
    run_to_file(model, path, duration=steps * model.deltat, **more)
    with open_run(path) as run:
        saved, clock, words = run.state()
        return {name: run.trace(name) for name in run.traces}, (saved, clock, words)


@given(
    model=models(steady_drive=True),
    rng=generators,
    first=st.integers(1, 40),
    second=st.integers(1, 40),
)
@settings(often, max_examples=30)
def test_restart_does_not_matter(model: Model, rng: str, first: int, second: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        a, b, c = (Path(folder) / f"{name}.h5" for name in "abc")
        before, _ = _run(model, a, first, rng=rng, seed=5)
        after, end = _run(model, b, second, rng=rng, seed=5, initial=a)
        whole, whole_end = _run(model, c, first + second, rng=rng, seed=5)
    assert_identical(before, {name: rows[:first] for name, rows in whole.items()})
    assert_identical(after, {name: rows[first:] for name, rows in whole.items()})
    assert_identical(end[0], whole_end[0])
    assert end[1] == whole_end[1] == first + second
    np.testing.assert_array_equal(end[2], whole_end[2])


def test_restart_of_a_loop_of_delays(tmp_path: Path) -> None:
    """A model with long delays on a grid, cut at an odd step and twice over."""
    model = watched(load_model("eirs-wake", {"nodes": 144}))
    whole, _ = _run(model, tmp_path / "whole.h5", 600)
    _run(model, tmp_path / "a.h5", 101)
    _run(model, tmp_path / "b.h5", 200, initial=tmp_path / "a.h5")
    last, _ = _run(model, tmp_path / "c.h5", 299, initial=tmp_path / "b.h5")
    assert_identical(last, {name: rows[301:] for name, rows in whole.items()})


def test_seeds_differ_and_repeat() -> None:
    model = load_model("eirs-wake", {"nodes": 144})
    once = engine_run(model, 30, seed=1)
    assert_identical(engine_run(model, 30, seed=1), once)
    noise = engine_run(model, 30, seed=2)["pop.5.q"]
    assert not np.any(noise == once["pop.5.q"])


def test_output_does_not_matter(tmp_path: Path) -> None:
    """Rows at every third step and two nodes are those of the full output."""
    model = load_model("eirs-wake", {"nodes": 144})
    full = engine_run(model, 100)
    chosen = replace(model.output, nodes=(1, 77), start=10e-4, interval=3e-4)
    run_to_file(replace(model, output=chosen), tmp_path / "run.h5", duration=100e-4)
    with open_run(tmp_path / "run.h5") as run:
        rows = run.trace("propagator.1.phi")
        np.testing.assert_allclose(run.time, np.arange(13, 101, 3) * 1e-4, rtol=1e-12)
    flat = full["propagator.1.phi"].reshape(100, -1)
    np.testing.assert_array_equal(rows, flat[12::3, [0, 76]])
