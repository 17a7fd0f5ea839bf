"""Reading one trace of a run: parts of it, lengths and units, and files that are no runs."""

from dataclasses import replace

import h5py
import numpy as np
import pytest

from analysis.field import make_field, read_field
from analysis.multitaper import multitaper
from analysis.periodogram import periodogram, spatial_periodogram
from analysis.scalp import scalp
from nftsim import Output, Trace, read_run, simulate
from nftsim.components.dendrites import Ramp
from nftsim.errors import NftsimError
from nftsim.io.contained import WORDS
from nftsim.model import parse_model
from tests.analysis.conftest import PULSES

PHI, RATE = Trace("propagator", 1, "phi"), Trace("pop", 2, "q")


@pytest.fixture(scope="module")
def model():
    found = parse_model(PULSES, "pulses")
    return replace(found, output=Output(interval=0.002, traces=(RATE, PHI)))


@pytest.fixture(scope="module")
def run(model):
    return simulate(model, seed=3)


@pytest.fixture
def path(run, tmp_path):
    run.save(tmp_path / "run.h5")
    return tmp_path / "run.h5"


def test_a_field_is_the_trace_with_its_sheet(path, run):
    field = read_field(path)
    assert field.name == "propagator.1.phi"
    np.testing.assert_array_equal(field.grid(), run["propagator.1.phi"])
    np.testing.assert_array_equal(field.time, run.time)
    assert field.shape == (12, 16)
    assert field.extent == pytest.approx((0.375, 0.5))
    assert field.units == "s⁻¹"
    assert field.interval == pytest.approx(0.002)
    # node = 1 + x + y·Nx, in the middle of its square
    np.testing.assert_array_equal(field.nodes, np.arange(1, 193))
    np.testing.assert_allclose(field.places[17], [1.5 * 0.03125, 1.5 * 0.03125])


def test_file_memory_and_text_are_one(path, run, tmp_path):
    run.save(tmp_path / "run.output")
    for source in (run, str(path), tmp_path / "run.output"):
        field = read_field(source, "POP.2.Q", start=0.03, stop=0.05, nodes=[104, 17])
        np.testing.assert_allclose(field.time, np.arange(0.03, 0.051, 0.002), rtol=1e-12)
        expected = run["pop.2.q"].reshape(len(run.time), -1)[14:25][:, [103, 16]]
        np.testing.assert_allclose(field.values, expected, rtol=1e-13)
        assert list(field.nodes) == [104, 17]
        assert field.places[0, 1] == pytest.approx(7.5 * 0.03125)


def test_selected_nodes_are_no_grid(model, tmp_path):
    some = simulate(replace(model, output=replace(model.output, nodes=(30, 2, 7))))
    some.save(tmp_path / "some.h5")
    field = read_field(tmp_path / "some.h5")
    assert list(field.nodes) == [30, 2, 7]
    np.testing.assert_array_equal(read_field(some, nodes=[7]).series()[:, 0], field.series()[:, 2])
    assert periodogram(field, segments=2).power.size == 17
    multitaper(field, bandwidth=20.0)
    for needs_all in (spatial_periodogram, scalp):
        with pytest.raises(NftsimError, match=r"some.h5: propagator.1.phi is there at 3 of 192"):
            needs_all(field)
    with pytest.raises(NftsimError, match=r"not there at node 3\. Nodes: 30, 2, 7\. Did you mean"):
        read_field(some, nodes=[3])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"trace": "propagator.1.ph"},
            "no trace 'propagator.1.ph'.*Did you mean 'propagator.1.phi'",
        ),
        ({"start": 3.0}, r"no rows from 3 s to the end\. Its times are 0.002 to 0.1 s"),
        ({"start": 0.05, "stop": 0.02}, "no rows from 0.05 s to 0.02 s"),
        ({"nodes": [0, 193]}, "not there at node 0, 193. Nodes: 1, 2, … 192"),
        ({"nodes": []}, "no node given"),
    ],
)
def test_what_is_not_in_the_file(path, run, options, message):
    for source in (path, run):
        with pytest.raises(NftsimError, match=message) as caught:
            read_field(source, **options)
        assert "\n" not in str(caught.value)


def test_files_that_are_no_runs(path, tmp_path):
    whole = path.read_bytes()
    for cut in (4, 300, len(whole) // 2, len(whole) - 100):
        (tmp_path / "cut.h5").write_bytes(whole[:cut])
        with pytest.raises(NftsimError, match="cut.h5: is (truncated: .* bytes|.* damaged)"):
            read_field(tmp_path / "cut.h5")
    with h5py.File(tmp_path / "foreign.h5", "w") as file:
        file["data"] = np.zeros(3)
    with pytest.raises(NftsimError, match="is HDF5, but not a run: it names no format"):
        read_field(tmp_path / "foreign.h5")
    (tmp_path / "notes.txt").write_text("nothing")
    with pytest.raises(NftsimError, match="is neither a run .* nor a model"):
        read_field(tmp_path / "notes.txt")
    with pytest.raises(NftsimError, match="no such file"):
        read_field(tmp_path / "none.h5")


def test_a_damaged_trace_is_seen(path):
    name = "propagator.1.phi"
    with h5py.File(path, "r+") as file:
        values, about = file[name][:], dict(file[name].attrs)
        del file[name]
        file.create_dataset(name, data=values, chunks=(5, 12, 16), compression="gzip")
        file[name].attrs.update({k: about[k] for k in ("units", "long_name", "sheet", "Lx")})
        del file.attrs[WORDS]  # or the change is found at once
    with pytest.raises(NftsimError, match="'propagator.1.phi' does not say its Ly"):
        read_field(path)
    with h5py.File(path, "r+") as file:
        file[name].attrs["Ly"] = 0.75
        chunk = file[name].id.get_chunk_info(1)
    assert read_field(path).extent == pytest.approx((0.75, 0.5))  # the file's own
    with path.open("r+b") as raw:
        raw.seek(chunk.byte_offset)
        raw.write(bytes(chunk.size))
    with pytest.raises(NftsimError, match="propagator.1.phi cannot be read.*damaged") as caught:
        read_field(path)
    assert "\n" not in str(caught.value)


def test_lengths_are_those_of_the_file_and_matter(model):
    small = replace(model, populations=tuple(replace(p, length=0.25) for p in model.populations))
    for case, length in ((model, 0.5), (small, 0.25)):
        field = read_field(simulate(case), "pop.2.q")
        assert field.extent == pytest.approx((0.75 * length, length))
        found = spatial_periodogram(field, segments=1)
        assert found.kx[9] == pytest.approx(2 * np.pi / length)
        assert found.x[-1] == pytest.approx(length * 15.5 / 16)


def test_what_all_nodes_share_is_one_series(model):
    ramp = Ramp(
        alpha=83.0, beta=769.0, alpha2=60.0, beta2=500.0, t1=0.02, t2=0.04, t3=0.06, t4=0.08
    )
    first = replace(model.connections[0], dendrite=ramp)
    output = replace(model.output, traces=(Trace("dendrite", 1, "beta"),))
    changed = replace(model, connections=(first, *model.connections[1:]), output=output)
    field = read_field(simulate(changed))
    assert field.values.shape == (50, 1)
    assert field.series()[5, 0] == 769.0
    assert field.series().min() == pytest.approx(500.0, rel=0.05)
    with pytest.raises(NftsimError, match="1 of 192 nodes"):
        field.grid()


def test_an_array_is_a_field():
    field = make_field(np.zeros((5, 1, 1)), 0.1, (1.0, 1.0), start=2.0)
    np.testing.assert_allclose(field.time, [2.0, 2.1, 2.2, 2.3, 2.4])
    assert field.series().shape == (5, 1)


def test_pairs_of_nodes_are_no_field(tmp_path):
    text = PULSES.replace("Nodes: 192 Longside nodes: 16", "Nodes: 24 Longside nodes: 6")
    text = text.replace("Coupling 1: Map", "Coupling 1: Matrix").replace("Node: 17", "Node: 2")
    text = text.replace("Node: 104", "Node: 9")
    text = text.replace("Propagator: 1.phi\nCoupling:", "Propagator:\nCoupling: 1.nu")
    pairs = parse_model(text, "pairs")
    with pytest.raises(
        NftsimError, match=r"every pair of nodes.*--set output.traces=coupling.1.nu.1"
    ):
        read_field(simulate(pairs))
    one = simulate(pairs, overrides={"output.traces": "coupling.1.nu.3"})
    field = read_field(one)
    assert field.name == "coupling.1.nu.3"
    assert field.grid().shape == (100, 4, 6)
    assert field.units == "V s"


def test_units_come_from_the_file(path):
    assert read_run(path).units("propagator.1.phi") == read_field(path).units
