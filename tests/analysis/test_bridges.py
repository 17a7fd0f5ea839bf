"""Electrodes on the cortex, and runs as xarray has them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import nftsim
from analysis.field import Field, make_field, read_field
from analysis.lfp import disc_weights, lfp
from nftsim.errors import NftsimError
from nftsim.io.hdf5 import open_run

CORTEX = {
    "nodes": 144,
    "output.start": 0,
    "output.interval": 5e-3,
    "output.traces": "propagator.1.phi,pop.1.v",
}


@pytest.fixture(scope="module")
def run() -> nftsim.Run:
    return nftsim.simulate("eirs-wake", duration=0.2, seed=3, overrides=CORTEX)


@pytest.fixture
def field() -> Field:
    values = np.random.default_rng(5).normal(8, 1, (30, 8, 12))
    return make_field(values, 5e-3, (0.4, 0.6), name="phi", units="s⁻¹")


# local field potentials ---------------------------------------------------------------------------


def test_a_disc_over_everything_is_the_mean_of_the_field(field: Field) -> None:
    found = lfp(field, {"A": (0.1, 0.3), "B": (0.0, 0.6)}, radius=1.0)
    expected = field.values.mean(axis=(1, 2))
    np.testing.assert_allclose(found.values, np.stack([expected] * 2, axis=1), rtol=1e-13)
    assert found.units == field.units
    assert found.interval == field.interval
    np.testing.assert_array_equal(found.places, [[0.1, 0.3], [0.0, 0.6]])


def test_a_point_is_the_node_that_it_lies_in(field: Field) -> None:
    # nodes are squares of 0.05 m; node (y, x) = (2, 7) begins at 0.1, 0.35
    found = lfp(field, [(0.101, 0.351), (0.149, 0.399), (0.001, 0.599)])
    np.testing.assert_array_equal(found.values[:, 0], field.values[:, 2, 7])
    np.testing.assert_array_equal(found.values[:, 1], field.values[:, 2, 7])
    np.testing.assert_array_equal(found.values[:, 2], field.values[:, 0, 11])


def test_a_disc_takes_the_nodes_within_it_round_the_torus(field: Field) -> None:
    # from the middle of node (0, 0), one spacing: four neighbours, two of them across the edge
    found = lfp(field, [(0.025, 0.025)], radius=0.05)
    nodes = [(0, 0), (0, 1), (1, 0), (7, 0), (0, 11)]
    expected = np.mean([field.values[:, y, x] for y, x in nodes], axis=0)
    np.testing.assert_allclose(found.values[:, 0], expected, rtol=1e-13)


def test_weights_are_a_mean_and_shift_with_the_site(field: Field) -> None:
    places = np.array([[0.025, 0.025], [0.225, 0.325]])
    weights = disc_weights(field, places, 0.12)
    np.testing.assert_allclose(weights.sum(axis=1), 1, rtol=1e-14)
    first, second = weights.reshape(2, 8, 12)
    np.testing.assert_array_equal(np.roll(first, (4, 6), axis=(0, 1)), second)


def test_a_wave_is_weakened_by_the_disc_not_by_the_skull() -> None:
    # of a plane wave a disc records 2 J1(kr)/(kr) of the amplitude
    from scipy.special import j1

    shape, length, k, radius = (256, 256), 0.5, 2 * np.pi * 3 / 0.5, 0.04
    x = (np.arange(shape[1]) + 0.5) * length / shape[1]
    values = np.broadcast_to(np.cos(k * (x - 0.25)), (1, *shape))
    found = lfp(make_field(values, 1.0, (length, length)), [(0.25, 0.25)], radius=radius)
    assert found.values[0, 0] == pytest.approx(2 * j1(k * radius) / (k * radius), abs=5e-3)


@pytest.mark.parametrize(
    ("sites", "radius", "message"),
    [
        (
            {"A": (0.1, 0.7)},
            0.1,
            r"site 'A' at \(0.1, 0.7\) m is off the sheet; y is 0 to 0.4 m, x",
        ),
        ([(0.1, 0.2), (-0.1, 0.2)], 0.1, r"site 2 at \(-0.1, 0.2\) m is off the sheet"),
        ([(np.nan, 0.2)], 0.1, "off the sheet"),
        ([], 0.1, "give at least one"),
        ([0.1, 0.2], 0.1, r"shape \(2,\); give at least one, \(y, x\) in metres"),
        ({"A": "here"}, 0.1, "in metres for each"),
        ([(0.1, 0.2)], -1, "radius = -1 m is out of bounds; give a number >= 0"),
        ([(0.1, 0.2)], 0.01, r"no node in it; give at least 0.0354 m, or 0 for the nearest node"),
    ],
)
def test_bad_electrodes_are_one_line(
    field: Field, sites: object, radius: float, message: str
) -> None:
    with pytest.raises(NftsimError, match=message) as caught:
        lfp(field, sites, radius=radius)  # type: ignore[arg-type]
    assert "\n" not in str(caught.value)


def test_nodes_that_are_missing_are_named(run: nftsim.Run) -> None:
    with pytest.raises(NftsimError, match="at 2 of 144 nodes; this needs all of them"):
        lfp(read_field(run, nodes=[1, 2]), [(0.1, 0.1)])


# xarray -------------------------------------------------------------------------------------------


def test_files_open_as_the_run_in_memory(run: nftsim.Run, tmp_path: Path) -> None:
    xarray = pytest.importorskip("xarray", reason="xarray is not installed")
    pytest.importorskip("h5netcdf", reason="h5netcdf is not installed")
    path = tmp_path / "run.h5"
    run.save(path)
    memory = run.to_xarray()
    # plainly, as anybody would open it; and by the file's own method
    with (
        xarray.open_dataset(path, engine="h5netcdf") as plain,
        open_run(path) as file,
        file.to_xarray() as lazy,
    ):
        for data in (plain, lazy, nftsim.read_run(path).to_xarray()):
            assert set(data) == set(memory)
            assert data["propagator.1.phi"].dims == ("time", "y", "x")
            for name in (*memory, "time", "y", "x"):
                np.testing.assert_array_equal(data[name].values, memory[name].values)
                assert data[name].attrs["units"] == memory[name].attrs["units"]
                assert data[name].attrs["long_name"] == memory[name].attrs["long_name"]
        units = {name: lazy[name].attrs["units"] for name in ("time", "y", "x", "pop.1.v")}
        assert units == {"time": "s", "y": "m", "x": "m", "pop.1.v": "V"}
        assert lazy["time"].dtype == float


def test_a_file_is_read_when_asked_for(run: nftsim.Run, tmp_path: Path) -> None:
    pytest.importorskip("xarray", reason="xarray is not installed")
    pytest.importorskip("h5netcdf", reason="h5netcdf is not installed")
    path = tmp_path / "run.h5"
    run.save(path)
    with open_run(path) as file, file.to_xarray() as data:
        phi = data["propagator.1.phi"].variable
        part = data["propagator.1.phi"].sel(x=0.25, y=0.1, method="nearest").isel(time=[3])
        assert part.values == run["propagator.1.phi"][3, 2, 5]
        assert not phi._in_memory  # the rest was not read for it


def test_without_xarray(run: nftsim.Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run.save(tmp_path / "run.h5")
    monkeypatch.setitem(__import__("sys").modules, "h5netcdf", None)
    with (
        open_run(tmp_path / "run.h5") as file,
        pytest.raises(NftsimError, match="needs xarray and h5netcdf; run: pip install"),
    ):
        file.to_xarray()
