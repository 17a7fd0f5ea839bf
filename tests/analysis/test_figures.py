"""Every figure draws, saves both kinds of file, and says in its caption what it shows."""

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib import image
from matplotlib.patches import FancyArrowPatch

from analysis.agreement import compare, write_comparison
from analysis.figures import (
    fig02_dendritic_response,
    fig07_frames,
    fig08_timeseries,
    fig09_schematics,
    fig10_spectrum,
    style,
)
from analysis.spectra import field_spectrum, write_spectrum
from nftsim.errors import NftsimError
from nftsim.model import load_model

SHAPE, EXTENT = (12, 16), (0.375, 0.5)
LIBRARY = ("emirs", "eirs-wake", "ei", "e-erps")


@pytest.fixture
def pulse_run(runs, memory_run, pulses):
    """A made-up field: a bump at each stimulated node, from its onset on."""
    time = 1e-3 * np.arange(1, 111)
    y, x = np.indices(SHAPE)
    field = np.full((time.size, *SHAPE), 10.0)
    for node, onset, sign in [(17, 0.02, 1), (104, 0.04, -1)]:
        y0, x0 = divmod(node - 1, SHAPE[1])
        age = np.clip(time - onset, 0, None)[:, None, None]
        bump = np.exp(-((x - x0) ** 2 + (y - y0) ** 2) / 8)
        field += sign * 1e-4 * bump * age / 0.01 * np.exp(-age / 0.01)
    runs["run"] = memory_run(time, field, EXTENT, pulses)
    return "run"


@pytest.fixture
def comparison(autoregressive):
    data = autoregressive.field(np.random.default_rng(1), 4000, (4, 4))
    spectrum = field_spectrum(data, autoregressive.interval, (0.5, 0.5), segment=1.0, k0=None)
    frequency = np.linspace(0, 100, 1001)
    theory = autoregressive.spectrum(frequency)
    return spectrum, compare(spectrum, frequency, theory), frequency, theory


def assert_saved_twice_alike(draw, folder):
    first = [path.read_bytes() for path in style.save(draw(), folder / "one")]
    second = [path.read_bytes() for path in style.save(draw(), folder / "two")]
    assert first == second
    assert first[0].startswith(b"%PDF")
    assert first[1].startswith(b"\x89PNG")
    assert b"CreationDate" not in first[0]
    assert sorted(p.name for p in folder.iterdir()) == ["one.pdf", "one.png", "two.pdf", "two.png"]
    height, width = image.imread(folder / "one.png").shape[:2]
    assert width <= 19.05 / 2.54 * 300 + 1
    assert height <= 22.2 / 2.54 * 300  # the height of a PLoS page


def test_drawing_leaves_the_settings_alone():
    before = dict(mpl.rcParams)
    fig02_dendritic_response.draw()
    assert dict(mpl.rcParams) == before


def test_unwritable_folder_is_an_error(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(NftsimError, match="cannot be written"):
        style.save(fig02_dendritic_response.draw(), tmp_path / "file" / "fig02")


def test_fig02(tmp_path):
    assert_saved_twice_alike(fig02_dendritic_response.draw, tmp_path)
    assert "peaks 10.10 ms" in fig02_dendritic_response.caption()


@pytest.mark.parametrize(("alpha", "beta"), [(45.0, 185.0), (60.0, 60.0), (185.0, 45.0)])
def test_response_peaks_where_it_is_marked_and_integrates_to_one(alpha, beta):
    u = np.linspace(-0.01, 1.0, 200001)
    response = fig02_dendritic_response.response(u, alpha, beta)
    peak = fig02_dendritic_response.peak_time(alpha, beta)
    assert u[response.argmax()] == pytest.approx(peak, abs=1e-5)
    assert np.trapezoid(response, u) == pytest.approx(1.0, abs=1e-6)
    assert not response[u < 0].any()


def test_fig07(tmp_path, pulse_run):
    assert_saved_twice_alike(lambda: fig07_frames.draw(pulse_run), tmp_path)
    assert "(a) 42.00 ms" in fig07_frames.caption(pulse_run)


def test_frames_are_the_nearest_samples_without_their_mean(pulse_run, runs):
    data = fig07_frames.frames(pulse_run, "propagator.1.phi", [0.0424, 0.0426, 9.0])
    np.testing.assert_allclose(data.time, [0.042, 0.043, 0.110])
    np.testing.assert_allclose(data.deviation.mean(axis=(1, 2)), 0, atol=1e-14)
    frame = runs[pulse_run].field[41]
    np.testing.assert_array_equal(data.deviation[0], frame - frame.mean())


def test_fig08(tmp_path, pulse_run):
    assert_saved_twice_alike(lambda: fig08_timeseries.draw(pulse_run), tmp_path)
    caption = fig08_timeseries.caption(pulse_run)
    assert "node 17, stimulated positively (+2 s⁻¹ from 20 ms)" in caption
    assert "node 104, stimulated negatively" in caption


def test_sites_and_onsets_come_from_the_model(pulse_run, pulses):
    sites = fig08_timeseries.stimulus_sites(pulses)
    assert [(s.node, s.onset, s.kind) for s in sites] == [
        (17, 0.02, "positive"),
        (104, 0.04, "negative"),
    ]
    for axes, site in zip(fig08_timeseries.draw(pulse_run, reach=3).axes, sites, strict=True):
        coloured = [line for line in axes.lines if line.get_color() == site.colour]
        assert any(list(line.get_xdata()) == [1e3 * site.onset] * 2 for line in coloured)
        grey = [line for line in axes.lines if line.get_color() == style.COLOURS["grey"]]
        assert len(grey) == 6


def test_neighbours_cross_the_seam(pulse_run, runs):
    axes = fig08_timeseries.draw(pulse_run, reach=1).axes[0]  # node 17: the first of its row
    left = next(line for line in axes.lines if line.get_color() == style.COLOURS["grey"])
    field = runs[pulse_run].field
    expected = field[:, 1, -1] - field.mean(axis=(1, 2))
    values = left.get_ydata() - left.get_ydata()[0]
    np.testing.assert_allclose(values, expected - expected[0], atol=1e-12)


def test_model_without_a_site_is_refused():
    with pytest.raises(NftsimError, match="no stimulus acts on some nodes only"):
        fig08_timeseries.stimulus_sites(load_model("eirs-wake"))


def test_fig09(tmp_path):
    models = [load_model(name) for name in LIBRARY]
    assert_saved_twice_alike(lambda: fig09_schematics.draw(models), tmp_path)
    assert "(b) eirs-wake: 4 neural" in fig09_schematics.caption(models)


@pytest.mark.parametrize("name", LIBRARY)
def test_schematic_has_an_arrow_for_every_connection(name):
    model = load_model(name)
    (axes,) = fig09_schematics.draw([model]).axes
    arrows = [patch for patch in axes.patches if isinstance(patch, FancyArrowPatch)]
    assert len(arrows) == len(model.connections)
    for arrow, connection in zip(arrows, model.connections, strict=True):
        assert (arrow.get_linestyle() not in ("-", "solid")) == (connection.coupling.nu < 0)


@pytest.mark.parametrize(
    ("name", "letters"), [("emirs", "emirsn"), ("eirs-wake", "eirsn"), ("e-erps", "es")]
)
def test_symbols(name, letters):
    assert sorted(fig09_schematics.symbols(load_model(name))) == sorted(letters)


def test_fig10(tmp_path, comparison):
    spectrum, result, frequency, theory = comparison
    assert_saved_twice_alike(
        lambda: fig10_spectrum.draw(spectrum, result, frequency, theory, 1.1 * theory), tmp_path
    )


def test_fig10_reads_files(tmp_path, comparison):
    spectrum, result, frequency, theory = comparison
    write_spectrum(tmp_path / "s.h5", spectrum)
    write_comparison(result, tmp_path / "c.json", tmp_path / "c.csv")
    caption = fig10_spectrum.caption(tmp_path / "s.h5", tmp_path / "c.json")
    assert caption == fig10_spectrum.caption(spectrum, result)
    assert f"Verdict: {result.verdict}." in caption
    assert f"8-12 Hz {result.bands[3].ratio:.3f} ± {result.bands[3].sem:.3f}" in caption
    fig = fig10_spectrum.draw(tmp_path / "s.h5", tmp_path / "c.json", frequency, theory)
    assert result.verdict in [text.get_text() for text in fig.axes[1].texts]


@pytest.mark.parametrize("samples", [400, 3])
def test_fig10_of_too_little_data(autoregressive, samples):
    data = autoregressive.field(np.random.default_rng(1), samples, (4, 4))
    spectrum = field_spectrum(data, autoregressive.interval, (0.5, 0.5))
    frequency = np.linspace(0, 100, 1001)
    theory = autoregressive.spectrum(frequency)
    result = compare(spectrum, frequency, theory)
    fig10_spectrum.draw(spectrum, result, frequency, theory).draw_without_rendering()
    assert "insufficient" in fig10_spectrum.caption(spectrum, result)
