"""Warm-ups: a run before t = 0 whose end state is the exact start of the main run."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nftsim.components.stimuli import Const, PulseRect, PulseSigmoid, Sine, White
from nftsim.engine.simulate import run_to_file
from nftsim.io.hdf5 import open_run
from nftsim.model import Model, Population, load_model
from tests.engine.machinery import Array, engine_run, watched

DT = 1e-4
W, T = 551, 200  # steps; the longest delay is 425
NODES = 144


@pytest.fixture(scope="module")
def model() -> Model:
    return watched(load_model("eirs-wake", {"nodes": NODES}))


def _traces(model: Model, path: Path, steps: int, **more: Any) -> dict[str, Array]:
    run_to_file(model, path, duration=steps * DT, seed=3, **more)
    with open_run(path) as run:
        return {"time": run.time, **{name: run.trace(name) for name in run.traces}}


@pytest.fixture(scope="module")
def warm(model: Model, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Array]]:
    path = tmp_path_factory.mktemp("warm") / "warmup.h5"
    return path, _traces(model, path, W, warmup=True)


@pytest.fixture(scope="module")
def warm_apart(model: Model, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same, with everything kept that any plan may need."""
    path: Path = tmp_path_factory.mktemp("apart") / "warmup.h5"
    _traces(model, path, W, warmup=True, merge=False)
    return path


def test_its_time_ends_at_zero(warm: tuple[Path, dict[str, Array]]) -> None:
    time = warm[1]["time"]
    np.testing.assert_allclose(time, DT * np.arange(1 - W, 1), rtol=0, atol=1e-12)
    assert time[-1] == pytest.approx(0, abs=1e-15)


def test_the_main_run_goes_on_from_it(
    model: Model, warm: tuple[Path, dict[str, Array]], tmp_path: Path
) -> None:
    path, before = warm
    main = _traces(model, tmp_path / "main.h5", T, initial=path)
    np.testing.assert_allclose(main["time"], DT * np.arange(1, T + 1), rtol=1e-12)
    whole = engine_run(model, W + T, seed=3)
    for name, rows in whole.items():
        np.testing.assert_array_equal(before[name], rows[:W], err_msg=name)
        np.testing.assert_array_equal(main[name], rows[W:], err_msg=name)


def test_stimuli_at_their_mean_and_noise_on(model: Model, tmp_path: Path) -> None:
    """Whatever their onsets: what ends has no lasting mean, noise is on from the start."""
    late: dict[str, Any] = {"onset": 20 * DT}
    sources = (
        Const(mean=2.0, **late),
        Const(mean=0.5, node=(1, 2)),
        Const(mean=9.0, duration=3 * DT),
        Sine(amplitude=3.0, frequency=40.0),
        PulseRect(amplitude=7.0, width=1.0),
        PulseSigmoid(amplitude=7.0, width=1.0),
        White(mean=1.0, stddev=0.25, node=(2, 3), **late),
    )
    populations = (*model.populations[:4], Population("", 0.5, stimuli=sources))
    driven = replace(model, populations=populations)
    q = _traces(driven, tmp_path / "warm.h5", 40, warmup=True)["pop.5.q"].reshape(40, -1)
    np.testing.assert_allclose(q[:, 3:], 2.0, rtol=1e-15)
    np.testing.assert_allclose(q[:, 0], 2.5, rtol=1e-15)
    for column, mean in ((1, 3.5), (2, 3.0)):
        assert abs(q[:, column].mean() - mean) < 0.25
        assert np.unique(q[:, column]).size == 40
    # the main run counts onsets from its own start
    main = _traces(driven, tmp_path / "main.h5", 40, initial=tmp_path / "warm.h5")["pop.5.q"]
    fresh = _traces(driven, tmp_path / "fresh.h5", 40)["pop.5.q"]
    np.testing.assert_array_equal(main.reshape(40, -1)[:, 3:], fresh.reshape(40, -1)[:, 3:])
    assert main[18, 0, 5] != main[21, 0, 5]


def _changed(model: Model, index: int, **parts: Any) -> Model:
    connections = list(model.connections)
    connections[index - 1] = replace(connections[index - 1], **parts)
    return replace(model, connections=tuple(connections))


def _per_node(model: Model, index: int, tau: Any = None, nu: Any = None) -> Model:
    c: Any = model.connection(index)
    propagator = c.propagator if tau is None else replace(c.propagator, tau=tuple(tau))
    coupling = c.coupling if nu is None else replace(c.coupling, nu=tuple(nu))
    return _changed(model, index, propagator=propagator, coupling=coupling)


@pytest.mark.parametrize("indices", [(3,), (7,), (8,), (7, 9)])
def test_per_node_values_that_are_all_the_same(
    model: Model, warm: tuple[Path, dict[str, Array]], tmp_path: Path, indices: tuple[int, ...]
) -> None:
    """Said per node or once: a delayed map, a delayed wave, a map, all waves of a source."""
    same = model
    for index in indices:
        c: Any = model.connection(index)
        same = _per_node(same, index, tau=[c.propagator.tau] * NODES, nu=[c.coupling.nu] * NODES)
    ours = _traces(same, tmp_path / "same.h5", T, initial=warm[0])
    theirs = _traces(model, tmp_path / "main.h5", T, initial=warm[0])
    for name, rows in theirs.items():
        np.testing.assert_array_equal(ours[name], rows, err_msg=name)


def test_nonuniform_strengths(
    model: Model, warm: tuple[Path, dict[str, Array]], tmp_path: Path
) -> None:
    """In one step only the node whose ν differs responds differently, and by what ν says."""
    c: Any = model.connection(9)
    nu = np.full(NODES, c.coupling.nu)
    nu[40] *= 1.5
    ours = _traces(_per_node(model, 9, nu=nu), tmp_path / "a.h5", T, initial=warm[0])
    theirs = _traces(model, tmp_path / "b.h5", T, initial=warm[0])
    np.testing.assert_array_equal(ours["coupling.9.nu"][0].ravel(), nu)
    change = (ours["dendrite.9.v"] - theirs["dendrite.9.v"])[0].ravel()
    phi = warm[1]["propagator.9.phi"][-1].ravel()
    gain = c.dendrite.coefficients(model.setting(3))[4]
    expected = np.zeros(NODES)
    expected[40] = gain * (nu[40] / 1.5 * 0.5) * phi[40]
    np.testing.assert_allclose(change, expected, rtol=1e-9, atol=1e-18)


def test_nonuniform_delays(
    model: Model, warm: tuple[Path, dict[str, Array]], tmp_path: Path
) -> None:
    """Before its delay has passed, a node receives what the warm-up sent."""
    delays = np.random.default_rng(1).integers(1, 426, NODES)
    ours = _traces(_per_node(model, 3, tau=delays * DT), tmp_path / "a.h5", T, initial=warm[0])
    sent = np.concatenate([warm[1]["pop.4.q"], ours["pop.4.q"]]).reshape(W + T, NODES)
    received = ours["propagator.3.phi"].reshape(T, NODES)
    for node, delay in enumerate(delays):
        np.testing.assert_array_equal(received[:, node], sent[W - delay : W + T - delay, node])


def test_nonuniform_delays_of_a_wave(model: Model, warm_apart: Path, tmp_path: Path) -> None:
    """Two halves of the sheet with two delays: away from borders each is as in a uniform run."""
    shorter = 400 * DT
    tau = np.full((12, 12), model.connection(7).propagator.tau)
    tau[:, 6:] = shorter
    ours = _traces(_per_node(model, 7, tau=tau.ravel()), tmp_path / "a.h5", 2, initial=warm_apart)
    for columns, delay in (((1, 2, 3, 4), tau[0, 0]), ((7, 8, 9, 10), shorter)):
        uniform = replace(model.connection(7).propagator, tau=float(delay))
        theirs = _traces(
            _changed(model, 7, propagator=uniform), tmp_path / "b.h5", 2, initial=warm_apart
        )
        a, b = (run["propagator.7.phi"][0][:, columns] for run in (ours, theirs))
        np.testing.assert_allclose(a, b, rtol=1e-14)


def test_delays_longer_than_the_history_are_filled_with_its_oldest_value(
    model: Model, warm: tuple[Path, dict[str, Array]], tmp_path: Path
) -> None:
    longer = replace(model.connection(3).propagator, tau=500 * DT)
    ours = _traces(_changed(model, 3, propagator=longer), tmp_path / "a.h5", 50, initial=warm[0])
    with open_run(warm[0]) as run:
        saved, _, _ = run.state()
    oldest = saved["pop.4.q"][0]
    assert np.all(ours["propagator.3.phi"][:50].reshape(50, -1) == oldest)
