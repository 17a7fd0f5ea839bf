"""The run file: what is in it, when its rows are, and that others can read it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import h5py
import numpy as np
import pytest

from nftsim.engine.simulate import run_to_file
from nftsim.errors import NftsimError
from nftsim.io.hdf5 import open_run
from nftsim.model import Model, Trace, load_model
from tests.engine.machinery import engine_run

DT = 1e-4


@pytest.fixture
def model() -> Model:
    model = load_model("eirs-wake", {"nodes": 144})
    traces = (Trace("pop", 3, "q"), Trace("propagator", 1, "phi"), Trace("coupling", 10, "nu"))
    return replace(model, output=replace(model.output, start=0.0, interval=5 * DT, traces=traces))


def test_xarray_opens_it(model: Model, tmp_path: Path) -> None:
    xarray = pytest.importorskip("xarray")
    pytest.importorskip("h5netcdf")
    path = tmp_path / "run.h5"
    run_to_file(model, path, duration=50 * DT)
    with xarray.open_dataset(path, engine="h5netcdf", decode_times=False) as data:
        phi = data["propagator.1.phi"]
        assert phi.dims == ("time", "y", "x")
        assert phi.shape == (10, 12, 12)
        np.testing.assert_allclose(phi["time"], 5 * DT * np.arange(1, 11), rtol=1e-12)
        np.testing.assert_allclose(np.diff(phi["x"]), 0.5 / 12, rtol=1e-12)
        np.testing.assert_allclose(np.diff(phi["y"]), 0.5 / 12, rtol=1e-12)
        assert [phi[axis].attrs["units"] for axis in ("time", "y", "x")] == ["s", "m", "m"]
        assert phi.attrs["units"] == "s⁻¹"
        assert phi.attrs["long_name"]
        assert data["coupling.10.nu"].attrs["units"] == "V s"
        assert data.attrs["complete"] == 1
        expected = engine_run(model, 50, summed=True)
        np.testing.assert_array_equal(phi.values, expected["propagator.1.phi"][4::5])
        np.testing.assert_array_equal(data["pop.3.q"].values, expected["pop.3.q"][4::5])


def test_it_says_what_it_is(model: Model, tmp_path: Path) -> None:
    path = tmp_path / "run.h5"
    run_to_file(model, path, duration=50 * DT, seed=9)
    with open_run(path) as run:
        assert run.attrs["format"] == "nftsim-run"
        assert run.attrs["seed"] == 9
        assert run.attrs["steps"] == 50
        assert run.attrs["dt"] == DT
        assert run.interval == pytest.approx(5 * DT)
        assert run.traces == sorted(map(str, model.output.traces))
        assert run.model == replace(model, time=50 * DT)
        assert run.extent("propagator.1.phi") == pytest.approx((0.5, 0.5))
        with pytest.raises(NftsimError, match=r"Did you mean 'propagator\.1\.phi'"):
            run.trace("propagator.1.phy")
    assert not list(tmp_path.glob("*.part"))


@pytest.mark.parametrize(("start", "interval"), [(0, 1), (7, 1), (7, 3), (0, 4), (12, 5), (49, 1)])
def test_times_of_rows(model: Model, tmp_path: Path, start: int, interval: int) -> None:
    """Rows are at steps S + K, S + 2K, …; there is none for t = 0."""
    path = tmp_path / "run.h5"
    output = replace(model.output, start=start * DT, interval=interval * DT)
    run_to_file(replace(model, output=output), path, duration=50 * DT)
    steps = np.arange(start + interval, 51, interval)
    with open_run(path) as run:
        np.testing.assert_allclose(run.time, DT * steps, rtol=1e-12)
        np.testing.assert_array_equal(
            run.trace("pop.3.q"), engine_run(model, 50, summed=True)["pop.3.q"][steps - 1]
        )


def test_sheets_of_their_own_size(tmp_path: Path) -> None:
    """Lengths differ between populations, and the grid is no square."""
    file = tmp_path / "m.conf"
    file.write_text(
        "Time: 0.1 Deltat: 1e-3 Nodes: 15 Longside nodes: 5\n"
        "Connection matrix: From: 1 2 To 1: 0 1 To 2: 0 0\n"
        "Population 1: a Length: 1 Q: 0 Firing: Function: Linear a: 1 b: 0\n"
        "Dendrite 1: alpha: 10 beta: 20\n"
        "Population 2: b Length: 0.5 Stimulus: Const - Mean: 1\n"
        "Propagator 1: Map - Tau: 0 Coupling 1: Map - nu: 1\n"
        "Output: Node: All Population: 1.q Propagator: 1.phi\n"
    )
    run_to_file(load_model(file), tmp_path / "run.h5")
    with open_run(tmp_path / "run.h5") as run:
        assert run.trace("pop.1.q").shape == (100, 3, 5)
        assert run.extent("pop.1.q") == pytest.approx((0.6, 1.0))
        assert run.extent("propagator.1.phi") == pytest.approx((0.3, 0.5))


@pytest.mark.parametrize("damage", ["cut", "incomplete", "foreign", "text", "none"])
def test_files_that_are_not_whole_runs(model: Model, tmp_path: Path, damage: str) -> None:
    path = tmp_path / "run.h5"
    if damage in ("cut", "incomplete"):
        run_to_file(model, path, duration=50 * DT)
    if damage == "cut":
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    elif damage == "incomplete":
        with h5py.File(path, "a") as file:
            file.attrs["complete"] = 0
    elif damage == "foreign":
        h5py.File(path, "w").close()
    elif damage == "text":
        path.write_text("time, phi\n0, 1\n")
    with pytest.raises(NftsimError, match=r"run\.h5") as caught:
        open_run(path)
    assert "\n" not in str(caught.value)
    with pytest.raises(NftsimError, match=r"run\.h5"):
        run_to_file(model, tmp_path / "next.h5", duration=50 * DT, initial=path)
    assert not list(tmp_path.glob("next*"))


@pytest.mark.parametrize("change", [{"nodes": 196}, {"deltat": 5e-5}])
def test_a_start_that_does_not_fit(model: Model, tmp_path: Path, change: dict[str, float]) -> None:
    run_to_file(model, tmp_path / "run.h5", duration=50 * DT)
    other = load_model("eirs-wake", {"nodes": 144, **change})
    with pytest.raises(NftsimError, match=r"run\.h5: its"):
        run_to_file(other, tmp_path / "next.h5", duration=50 * DT, initial=tmp_path / "run.h5")
    assert not list(tmp_path.glob("next*"))


@pytest.mark.parametrize("place", ["absent/run.h5", ".", f"{'r' * 300}.h5"])
def test_places_that_cannot_be_written(model: Model, tmp_path: Path, place: str) -> None:
    with pytest.raises(NftsimError, match="create it first|is a directory|name too long"):
        run_to_file(model, tmp_path / place, duration=50 * DT)
    assert not list(tmp_path.iterdir())
