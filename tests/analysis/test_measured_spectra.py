"""Measured spectra: level, units, modes, confidence intervals, files."""

from dataclasses import replace

import h5py
import numpy as np
import pytest
from scipy import signal

from analysis.modes import mode_basis
from analysis.predicted import Prediction
from analysis.spectra import field_spectrum, read_spectrum, spectrum_of_runs, write_spectrum
from nftsim.errors import NftsimError
from nftsim.model import load_model
from nftsim.theory.linear import linear_spectrum
from workflow.lib.theory import write_theory

DT = 5e-3


def plane_wave(shape, extent, m, n, frequency, samples=4000):
    """cos(k·r − ωt) of amplitude 3 with m waves along x and n along y."""
    ny, nx = shape
    t = DT * np.arange(samples)[:, None, None]
    y = extent[0] / ny * np.arange(ny)[:, None]
    x = extent[1] / nx * np.arange(nx)
    k = 2 * np.pi * np.array([n / extent[0], m / extent[1]])
    return 3.0 * np.cos(k[0] * y + k[1] * x - 2 * np.pi * frequency * t), float(np.hypot(*k))


@pytest.mark.parametrize("shape", [(8, 8), (5, 7), (6, 4), (1, 6), (7, 1), (1, 1)])
def test_sum_over_modes_is_the_mean_welch_spectrum_of_the_nodes(shape):
    data = 5 + np.random.default_rng(1).standard_normal((2000, *shape))
    spectrum = field_spectrum(data, DT, (0.3, 0.5), segment=2.0, k0=None)
    frequency, power = signal.welch(
        data, fs=1 / DT, window="hann", nperseg=400, noverlap=200, detrend="constant", axis=0
    )
    np.testing.assert_allclose(spectrum.frequency, frequency)
    np.testing.assert_allclose(spectrum.power, power.mean(axis=(1, 2)), rtol=1e-12)


@pytest.mark.parametrize("shape", [(8, 8), (5, 7), (6, 4), (1, 1)])
def test_half_plane_stands_for_every_mode(shape):
    assert mode_basis(shape, (0.3, 0.5)).multiplicity.sum() == shape[0] * shape[1]


@pytest.mark.parametrize(("m", "n"), [(0, 0), (1, 0), (0, 1), (2, -1), (-1, 1)])
def test_plane_wave_has_half_its_squared_amplitude_times_conduction(m, n):
    extent, k0 = (0.4, 0.6), 20.0
    data, k = plane_wave((6, 10), extent, m, n, frequency=10.0)
    spectrum = field_spectrum(data, DT, extent, k0=k0)
    variance = spectrum.power.sum() * spectrum.frequency[1]
    assert variance == pytest.approx(9 / 2 * np.exp(-((k / k0) ** 2)), rel=1e-9)
    assert spectrum.frequency[spectrum.power.argmax()] == pytest.approx(10.0)


def test_white_field_has_the_level_of_its_variance(autoregressive):
    data = 2.0 * np.random.default_rng(2).standard_normal((8000, 6, 6))
    inner = field_spectrum(data, DT, (0.5, 0.5), k0=None).power[4:-4]
    assert inner.mean() == pytest.approx(2 * 2.0**2 * DT, rel=0.01)
    assert np.ptp(inner) < 0.5 * inner.mean()


def test_weak_modes_are_left_out():
    basis = mode_basis((64, 64), (0.5, 0.5), k0=10.0)
    assert 30 < basis.wavenumber.size < 60
    assert basis.conduction.min() >= 1e-12


# With 7 segments the number of modes is itself uncertain, and 2-3% of the coverage is lost.
@pytest.mark.parametrize(("samples", "rate"), [(400, 0.93), (1600, 0.95), (4000, 0.95)])
def test_confidence_interval_covers_at_its_nominal_rate(samples, rate):
    # Modes of very unequal power, as volume conduction makes them, in 60 records. Each has
    # about 25 independent bins, so that chance moves the rate by about 0.6%.
    rng = np.random.default_rng(3)
    truth = 2 * DT * np.mean(np.exp(-(mode_power_exponent((4, 4), 0.5) / 10.0**2)))
    inside = []
    for _ in range(60):
        data = rng.standard_normal((samples, 4, 4))
        spectrum = field_spectrum(data, DT, (0.5, 0.5), segment=0.5, k0=10.0)
        inside.append((spectrum.lower <= truth) & (truth <= spectrum.upper))
    assert np.mean(np.array(inside)[:, 2:-2]) == pytest.approx(rate, abs=0.02)


def mode_power_exponent(shape, length):
    """k² of every mode of a square sheet."""
    k = 2 * np.pi * np.fft.fftfreq(shape[0], length / shape[0])
    return k[:, None] ** 2 + k**2


def test_degrees_of_freedom_count_modes_and_segments():
    data = np.random.default_rng(4).standard_normal((24000, 4, 4))
    dof = field_spectrum(data, DT, (0.5, 0.5), k0=None).dof
    # 59 segments, less what their overlap repeats, of 16 equal modes.
    assert np.median(dof) == pytest.approx(2 * 16 * 59 / (1 + 2 * 58 / 59 / 36), rel=0.01)


def test_blocks_hold_every_segment_once():
    data = np.random.default_rng(5).standard_normal((6000, 2, 2))
    spectrum = field_spectrum(data, DT, (0.5, 0.5), segment=4.0, segments_per_block=4)
    assert spectrum.segments.tolist() == [5, 5, 4]  # 14 segments make 3 blocks of at least 4
    mean = spectrum.segments @ spectrum.blocks / spectrum.segments.sum()
    np.testing.assert_allclose(spectrum.power, mean, rtol=1e-14)


def test_runs_are_averaged_by_segments(runs, memory_run, autoregressive):
    rng = np.random.default_rng(6)
    fields = [autoregressive.field(rng, n, (4, 6)) for n in (4400, 9000)]
    for seed, data in enumerate(fields):
        runs[seed] = memory_run(DT * np.arange(1, len(data) + 1), data, (0.3, 0.5))
    together = spectrum_of_runs([0, 1])
    single = [field_spectrum(data, DT, (0.3, 0.5)) for data in fields]
    counts = [s.segments.sum() for s in single]
    assert counts == [10, 21]
    expected = (counts[0] * single[0].power + counts[1] * single[1].power) / 31
    np.testing.assert_allclose(together.power, expected, rtol=1e-12)
    assert len(together.blocks) == len(single[0].blocks) + len(single[1].blocks)
    assert together.meta["runs"] == 2


def test_samples_before_start_are_left_out(runs, memory_run):
    data = np.random.default_rng(7).standard_normal((3000, 2, 2))
    runs["run"] = memory_run(DT * np.arange(1, 3001), data, (0.5, 0.5))
    late = spectrum_of_runs(["run"], start=5.0)
    np.testing.assert_array_equal(late.power, field_spectrum(data[999:], DT, (0.5, 0.5)).power)


@pytest.mark.parametrize(("samples", "blocks"), [(400, 1), (8, 1), (7, 0), (2, 0)])
def test_short_record_gives_what_it_can_and_says_so(runs, memory_run, samples, blocks, tmp_path):
    data = np.random.default_rng(8).standard_normal((samples, 2, 2))
    runs["run"] = memory_run(DT * np.arange(samples), data, (0.5, 0.5))
    spectrum = spectrum_of_runs(["run"])
    assert len(spectrum.blocks) == blocks
    assert "shorter than a segment" in spectrum.meta["warnings"][0]
    assert np.isfinite(spectrum.power).all() == (blocks > 0)
    write_spectrum(tmp_path / "s.h5", spectrum)
    assert read_spectrum(tmp_path / "s.h5").blocks.shape == spectrum.blocks.shape


def test_start_beyond_the_end_leaves_nothing(runs, memory_run):
    runs["run"] = memory_run(DT * np.arange(1000), np.ones((1000, 2, 2)), (0.5, 0.5))
    assert len(spectrum_of_runs(["run"], start=100.0).blocks) == 0


def test_file_returns_what_was_written(tmp_path):
    data = np.random.default_rng(9).standard_normal((3000, 2, 2))
    spectrum = field_spectrum(data, DT, (0.5, 0.5), k0=12.0)
    write_spectrum(tmp_path / "new" / "s.h5", spectrum)
    again = read_spectrum(tmp_path / "new" / "s.h5")
    for name, value in vars(spectrum).items():
        np.testing.assert_array_equal(getattr(again, name), value)
    assert [p.name for p in (tmp_path / "new").iterdir()] == ["s.h5"]


def test_xarray_opens_the_file(tmp_path):
    xarray = pytest.importorskip("xarray")
    pytest.importorskip("h5netcdf")
    data = np.random.default_rng(9).standard_normal((3000, 2, 2))
    write_spectrum(tmp_path / "s.h5", field_spectrum(data, DT, (0.5, 0.5)))
    with xarray.open_dataset(tmp_path / "s.h5", engine="h5netcdf") as opened:
        assert opened["power"].dims == ("frequency",)
        assert opened["blocks"].dims == ("block", "frequency")
        assert opened["frequency"].attrs["units"] == "Hz"
        assert opened["power"].attrs["units"] == "unknown"  # an array does not say


@pytest.mark.parametrize(
    ("trace", "unit"),
    [("propagator.1.phi", "s-2 Hz-1"), ("pop.2.q", "s-2 Hz-1"), ("pop.1.v", "V2 Hz-1")],
)
def test_the_file_has_the_unit_that_theory_has(tmp_path, trace, unit):
    data = np.random.default_rng(9).standard_normal((3000, 2, 2))
    found = field_spectrum(data, DT, (0.5, 0.5))
    write_spectrum(tmp_path / "s.h5", replace(found, meta={"trace": trace}))
    write_theory(tmp_path / "t.h5", Prediction(np.ones(3), {"grid": np.ones(3)}, np.ones(3)), trace)
    with h5py.File(tmp_path / "s.h5") as measured, h5py.File(tmp_path / "t.h5") as theory:
        for name in ("power", "lower", "upper", "blocks"):
            assert measured[name].attrs["units"] == unit
        assert theory["grid"].attrs["units"] == unit
    model = load_model("eirs-wake")
    assert linear_spectrum(model, trace, [10.0]).units == unit


def test_selected_nodes_are_refused(runs, memory_run):
    runs["run"] = memory_run(DT * np.arange(1000), np.ones((1000, 3)), (0.5, 0.5))
    with pytest.raises(NftsimError, match=r"saved at 3 selected node.*output\.node"):
        spectrum_of_runs(["run"])


def test_different_grids_are_refused(runs, memory_run):
    for n in (2, 3):
        runs[n] = memory_run(DT * np.arange(1000), np.ones((1000, n, n)), (0.5, 0.5))
    with pytest.raises(NftsimError, match="differ in nodes"):
        spectrum_of_runs([2, 3])


def test_no_run_is_refused():
    with pytest.raises(NftsimError, match="no run given"):
        spectrum_of_runs([])


@pytest.mark.parametrize("content", [None, b"", b"not HDF5"])
def test_foreign_file_is_refused(tmp_path, content):
    path = tmp_path / "s.h5"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(NftsimError, match=r"s\.h5: cannot be read"):
        read_spectrum(path)


def test_failed_write_leaves_nothing(tmp_path):
    (tmp_path / "file").write_text("in the way")
    data = np.random.default_rng(9).standard_normal((3000, 2, 2))
    with pytest.raises(NftsimError, match="cannot be written"):
        write_spectrum(tmp_path / "file" / "s.h5", field_spectrum(data, DT, (0.5, 0.5)))
    assert [p.name for p in tmp_path.iterdir()] == ["file"]
