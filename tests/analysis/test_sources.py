"""What functions of the analysis take: fields, runs, files and arrays; or a line on what to do."""

import numpy as np
import pandas as pd
import pytest

import nftsim
from analysis.bands import band_power
from analysis.bold import bold
from analysis.coherence import coherence_between, coherence_over_distance
from analysis.correlation import correlation_over_distance
from analysis.evoked import evoked, onsets
from analysis.field import Field, make_field, read_field
from analysis.lfp import lfp
from analysis.multitaper import multitaper
from analysis.peaks import peaks, slope
from analysis.periodogram import fourier, periodogram, spatial_periodogram
from analysis.scalp import scalp
from analysis.wavelets import morlet
from analysis.wavenumbers import wavenumber_spectrum
from nftsim.errors import NftsimError

#: Functions of one field, with the options that a short run needs.
OF_A_FIELD = {
    "multitaper": lambda x: multitaper(x, bandwidth=1.0, k0=10.0),
    "periodogram": lambda x: periodogram(x, segments=2),
    "spatial periodogram": lambda x: spatial_periodogram(x, segments=2),
    "coherence over distance": lambda x: coherence_over_distance(x, segment=0.5),
    "correlation over distance": lambda x: correlation_over_distance(x, longest=0.2),
    "wavenumber spectrum": lambda x: wavenumber_spectrum(x, segment=0.5),
    "evoked": lambda x: evoked(x, [0.5], before=0.1, after=0.2),
    "scalp": scalp,
    "lfp": lambda x: lfp(x, {"A1": (0.1, 0.1)}),
    "BOLD": bold,
}
#: Functions of series, which may be called with a field by mistake.
OF_SERIES = {
    "morlet": lambda x: morlet(x, 5e-3, [10.0]),
    "fourier": lambda x: fourier(x, 5e-3),
    "coherence_between": lambda x: coherence_between(x, x, 5e-3),
    "band power": lambda x: band_power(x, x),
    "peaks": lambda x: peaks(x, x),
    "slope": lambda x: slope(x, x, 1, 10),
}


@pytest.fixture(scope="module")
def run():
    changes = {"nodes": 144, "output.start": 0, "deltat": 5e-4}
    changes |= {"output.interval": 5e-3, "output.traces": "propagator.1.phi,pop.1.v"}
    return nftsim.simulate("eirs-wake", duration=2.0, overrides=changes)


@pytest.fixture(scope="module")
def paths(run, tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs")
    run.save(folder / "wake.h5")
    run.save(folder / "wake.output")
    return [folder / "wake.h5", folder / "wake.output"]


@pytest.mark.parametrize("name", OF_A_FIELD)
def test_a_field_a_run_and_its_files_are_the_same(run, paths, name):
    function = OF_A_FIELD[name]
    expected = function(read_field(run)).to_frame()
    assert isinstance(expected, pd.DataFrame)
    assert len(expected.columns) >= 2
    for source in (run, *paths, *map(str, paths)):
        pd.testing.assert_frame_equal(function(source).to_frame(), expected, rtol=1e-9)


@pytest.mark.parametrize("name", OF_A_FIELD)
def test_what_is_no_field_is_one_line(run, tmp_path, name):
    function = OF_A_FIELD[name]
    with pytest.raises(NftsimError, match=f"^{name}: an array of shape .*make_field"):
        function(run["propagator.1.phi"])
    for wrong in (None, 3.0, object(), {"a": 1}):
        with pytest.raises(NftsimError, match=f"^{name}: takes a field .*, a run, or the name"):
            function(wrong)
    with pytest.raises(NftsimError, match="no such file"):
        function(tmp_path / "none.h5")
    (tmp_path / "m.conf").write_text("Time: 1\n")
    with pytest.raises(NftsimError, match="is a model, .*nftsim run"):
        function(tmp_path / "m.conf")


@pytest.mark.parametrize("name", OF_SERIES)
def test_series_are_not_fields(run, paths, name):
    for wrong in (read_field(run), run, paths[0], str(paths[0])):
        with pytest.raises(NftsimError, match=rf"^{name}: takes an array \(.*field\.series"):
            OF_SERIES[name](wrong)
    with pytest.raises(NftsimError, match=rf"^{name}: takes an array"):
        OF_SERIES[name](["a", "b"])


def test_arrays_with_an_interval_have_the_spectra_of_the_field(run):
    field, phi = read_field(run), run["propagator.1.phi"]
    for function in (periodogram, multitaper):
        whole = function(field)
        np.testing.assert_allclose(function(phi, interval=run.interval).power, whole.power)
        flat = phi.reshape(len(phi), -1)
        np.testing.assert_allclose(function(flat, interval=run.interval).power, whole.power)
        one = function(phi[:, 0, 0], interval=run.interval)
        alone = function(read_field(run, nodes=[1]))
        np.testing.assert_allclose(one.power, alone.power)
        with pytest.raises(NftsimError, match="a field has an interval of its own"):
            function(field, interval=1.0)
        with pytest.raises(NftsimError, match="interval -1 s; the time between rows is above 0"):
            function(phi, interval=-1.0)
    with pytest.raises(NftsimError, match="needs the lengths of the sheet.*make_field"):
        multitaper(phi, interval=run.interval, k0=10.0)
    signal = bold(phi, run.interval).signal
    np.testing.assert_allclose(signal, bold(field).signal)


def test_bold_comes_from_rates(run):
    with pytest.raises(NftsimError, match=r"BOLD comes from rates .* pop.1.v is in V; take a rate"):
        bold(read_field(run, "pop.1.v"))


def test_onsets_of_a_model_its_name_a_run_and_its_file(paths):
    pulses = nftsim.load_model("eirs-aerp")
    assert len(onsets("eirs-aerp")) == len(onsets(pulses)) > 0
    with pytest.raises(NftsimError, match="no stimulus begins"):
        onsets(paths[0])
    with pytest.raises(NftsimError, match="a model, a run or its file is needed, not int"):
        onsets(3)


def test_a_field_is_printed_in_a_line_and_is_a_table(run):
    field = read_field(run)
    times = "<Field propagator.1.phi [s⁻¹] of the run: 400 times, 0.005 to 2 s, "
    assert repr(field) == f"{times}12 x 12 nodes (y, x)>"
    assert repr(read_field(run, nodes=[1, 3])).endswith("2 nodes>")
    sites = scalp(field, sites={"Cz": (0.2, 0.2)})
    assert repr(sites).endswith("1 site>")
    table = sites.to_frame()
    assert list(table.columns) == ["time", "Cz"]
    np.testing.assert_array_equal(table["Cz"], sites.values[:, 0])
    assert list(scalp(field, sites=[(0.2, 0.2), (0, 0)]).to_frame()) == ["time", "site 1", "site 2"]
    whole = field.to_frame()
    assert list(whole.columns[:3]) == ["time", "node 1", "node 2"]
    np.testing.assert_array_equal(whole["node 14"], run["propagator.1.phi"][:, 1, 1])
    assert isinstance(make_field(np.zeros((0, 1, 1)), 1.0, (1.0, 1.0)), Field)
    assert "no times" in repr(make_field(np.zeros((0, 1, 1)), 1.0, (1.0, 1.0)))
