"""The statistical rule, on spectra made by hand and on fields whose spectrum is known."""

import json

import numpy as np
import pytest
from scipy import signal

from analysis.agreement import BANDS, compare, read_comparison, write_comparison
from analysis.spectra import field_spectrum
from analysis.spectrum import Spectrum
from analysis.welch import expected_welch
from nftsim.errors import NftsimError

DT = 5e-3
FINE = np.linspace(0, 100, 2001)


def by_hand(ratios, segments=None, theory=1.0):
    """Spectrum whose blocks are multiples of a flat theory."""
    frequency = np.arange(401) / 4
    blocks = theory * np.outer(ratios, np.ones(401))
    segments = np.ones(len(ratios)) if segments is None else np.asarray(segments, float)
    power = segments @ blocks / segments.sum() if len(ratios) else np.full(401, np.nan)
    return Spectrum(frequency, power, power, power, power, blocks, segments, DT, 4.0)


def flat(ratios, **options):
    return compare(by_hand(ratios), FINE, np.ones(FINE.size), **options)


def scattered(mean, sem, n=16):
    """Ratios with exactly this mean and standard error."""
    values = np.where(np.arange(n) % 2, 1.0, -1.0)
    return mean + sem * np.sqrt(n - 1) * values


def test_expected_welch_is_that_of_the_covariance(autoregressive):
    samples = 200
    window = signal.get_window("hann", samples)
    lags = np.abs(np.subtract.outer(np.arange(samples), np.arange(samples)))
    covariance = autoregressive.memory**lags / (1 - autoregressive.memory**2)
    frequency = np.fft.rfftfreq(samples, DT)
    fourier = np.exp(-2j * np.pi * np.outer(frequency, np.arange(samples)) * DT) * window
    fourier = fourier @ (np.eye(samples) - 1 / samples)
    exact = np.einsum("fi,ij,fj->f", fourier, covariance, fourier.conj(), optimize=True).real
    exact *= DT / np.sum(window**2)
    exact[1:-1] *= 2
    theory = autoregressive.spectrum(FINE)
    blurred = expected_welch(frequency, FINE, theory, segment=1.0, interval=DT)
    np.testing.assert_allclose(blurred, exact, rtol=1e-5)


def test_a_bin_off_the_grid_of_the_segment_is_refused(autoregressive):
    with pytest.raises(ValueError, match=r"multiples of 0\.25 Hz"):
        expected_welch([1.1], FINE, autoregressive.spectrum(FINE), segment=4.0, interval=DT)


def test_blur_vanishes_for_long_segments(autoregressive):
    theory, at = autoregressive.spectrum(FINE), np.array([10.0, 20.0, 40.0])
    truth = autoregressive.spectrum(at)
    error = [
        np.abs(expected_welch(at, FINE, theory, segment=segment, interval=DT) / truth - 1)
        for segment in (0.5, 1.0, 2.0)
    ]
    # The leading error of a Hann window is P''/(6 T² P).
    np.testing.assert_allclose(error[0] / error[1], 4.0, rtol=0.1)
    np.testing.assert_allclose(error[1] / error[2], 4.0, rtol=0.1)


def test_ratio_sem_and_blocks_are_those_of_the_blocks():
    band = flat(scattered(1.01, 0.004)).bands[3]
    assert (band.band, band.f_lo, band.f_hi) == ("8-12 Hz", 8, 12)
    assert band.ratio == pytest.approx(1.01, rel=1e-9)
    assert band.sem == pytest.approx(0.004, rel=1e-9)
    assert band.n_eff == pytest.approx(16)


def test_blocks_weigh_by_their_segments():
    spectrum = by_hand([1.0, 1.4], segments=[3, 1])
    band = compare(spectrum, FINE, np.ones(FINE.size)).bands[0]
    assert band.ratio == pytest.approx(1.1, rel=1e-9)
    assert band.n_eff == pytest.approx(1 / (0.75**2 + 0.25**2))


@pytest.mark.parametrize(
    ("ratio", "sem", "verdict"),
    [
        (1.0, 0.01, "agree"),
        (1.049, 0.01, "agree"),  # within 0.03 + 2 × 0.01
        (0.951, 0.01, "agree"),
        (1.051, 0.01, "disagree"),
        (0.949, 0.01, "disagree"),
        (1.05, 0.0, "disagree"),
        (1.0, 0.0149, "agree"),
        (1.0, 0.0151, "insufficient"),  # above the limit from 5 Hz up
        (1.5, 0.0151, "insufficient"),
    ],
)
def test_rule_of_a_band(ratio, sem, verdict):
    assert flat(scattered(ratio, sem)).bands[4].verdict == verdict


def test_limits_depend_on_frequency():
    verdicts = [b.verdict for b in flat(scattered(1.0, 0.02)).bands]
    assert verdicts == ["agree"] * 2 + ["insufficient"] * 5
    verdicts = [b.verdict for b in flat(scattered(1.0, 0.04)).bands]
    assert verdicts == ["agree"] + ["insufficient"] * 6
    loose = flat(scattered(1.0, 0.04), max_sem={"0": 0.05})
    assert loose.verdict == "agree"


def test_seven_blocks_are_not_enough():
    assert flat(np.ones(8)).verdict == "agree"
    assert flat(np.ones(7)).verdict == "insufficient"
    assert flat(np.ones(7), min_blocks=7).verdict == "agree"


@pytest.mark.parametrize("ratios", [[], [1.0]])
def test_unknown_error_is_insufficient(ratios, tmp_path):
    result = flat(ratios)
    assert result.verdict == "insufficient"
    assert all(np.isnan(b.sem) for b in result.bands)
    write_comparison(result, tmp_path / "c.json", tmp_path / "c.csv")
    assert json.loads((tmp_path / "c.json").read_text())["bands"][0]["sem"] is None
    assert np.isnan(read_comparison(tmp_path / "c.json").bands[0].sem)


def test_lowest_band_may_be_insufficient_but_not_wrong():
    spectrum = by_hand(np.ones(16))
    low = (spectrum.frequency >= 1) & (spectrum.frequency < 2)
    for sem, ratio, verdict in [(0.2, 1.0, "agree"), (0.01, 1.2, "disagree")]:
        spectrum.blocks[:, low] = scattered(ratio, sem)[:, None]
        result = compare(spectrum, FINE, np.ones(FINE.size))
        assert result.bands[0].verdict == ("insufficient" if verdict == "agree" else "disagree")
        assert result.verdict == verdict


def test_one_disagreement_outweighs_insufficiency():
    spectrum = by_hand(scattered(1.0, 0.05))
    high = spectrum.frequency >= 30
    spectrum.blocks[:, high] = 1.1
    assert compare(spectrum, FINE, np.ones(FINE.size)).verdict == "disagree"


def test_root_mean_square_error():
    result = compare(by_hand(np.full(8, 1.1), theory=3.0), FINE, np.full(FINE.size, 3.0))
    # Removing the mean of a segment lowers the expected power of the first bin alone.
    assert result.rmse_relative == pytest.approx(0.1, rel=0.05)
    assert result.rmse == pytest.approx(0.3, rel=0.05)


def test_field_agrees_with_its_own_spectrum_and_not_with_another(autoregressive):
    data = autoregressive.field(np.random.default_rng(11), 20000, (12, 12))
    spectrum = field_spectrum(data, DT, (0.5, 0.5), k0=None)
    theory = autoregressive.spectrum(FINE)
    result = compare(spectrum, FINE, theory)
    assert result.verdict == "agree"
    for band in result.bands:
        assert abs(band.ratio - 1) < 4 * band.sem
    assert result.rmse_relative < 0.05
    for factor in (0.93, 1.07):
        assert compare(spectrum, FINE, factor * theory).verdict == "disagree"


def test_two_seconds_are_insufficient_even_for_a_wrong_theory(autoregressive):
    data = autoregressive.field(np.random.default_rng(12), 400, (12, 12))
    spectrum = field_spectrum(data, DT, (0.5, 0.5), k0=None)
    for factor in (1.0, 2.0):
        result = compare(spectrum, FINE, factor * autoregressive.spectrum(FINE))
        assert result.verdict == "insufficient"
        assert result.meta["warnings"]


def test_errors_scatter_as_they_claim(autoregressive):
    rng, theory = np.random.default_rng(13), autoregressive.spectrum(FINE)
    scores = []
    for _ in range(40):
        data = autoregressive.field(rng, 3000, (3, 3))
        spectrum = field_spectrum(data, DT, (0.5, 0.5), segment=1.0, k0=None, segments_per_block=2)
        result = compare(spectrum, FINE, theory)
        scores.append([(b.ratio - 1) / b.sem for b in result.bands[1:]])
    scores = np.array(scores)
    # Student's t with 13 degrees of freedom; 240 values, of which neighbours hardly depend.
    assert abs(scores.mean()) < 0.25
    assert scores.std() == pytest.approx(np.sqrt(13 / 11), abs=0.16)
    assert np.mean(np.abs(scores) < 2) == pytest.approx(0.933, abs=0.05)


def test_files(tmp_path):
    theory = np.ones(FINE.size)
    result = compare(
        by_hand(scattered(1.01, 0.004)),
        FINE,
        theory,
        others={"continuous": 0.9 * theory, "grid": theory},
        modes=9 * theory,
    )
    write_comparison(result, tmp_path / "c.json", tmp_path / "c.csv")
    assert read_comparison(tmp_path / "c.json") == result
    stored = json.loads((tmp_path / "c.json").read_text())
    assert len(stored["scores"]["z"]) == len(stored["scores"]["frequency"])
    assert stored["bands"][3]["scheme"] == pytest.approx(1 / 9)
    lines = (tmp_path / "c.csv").read_text().splitlines()
    assert lines[0] == "band,f_lo,f_hi,ratio,sem,n_eff,verdict,scheme,grid,excess,chance"
    assert len(lines) == 1 + len(BANDS)
    assert {p.name for p in tmp_path.iterdir()} == {"c.json", "c.csv"}


@pytest.mark.parametrize("content", [None, "{", "[]", "{}"])
def test_foreign_comparison_is_refused(tmp_path, content):
    path = tmp_path / "c.json"
    if content is not None:
        path.write_text(content)
    with pytest.raises(NftsimError, match=r"c\.json: cannot be read"):
        read_comparison(path)


@pytest.mark.parametrize(
    ("frequency", "theory", "match"),
    [
        (FINE[:890], np.ones(890), "given from 0 to 44.45 Hz"),
        (FINE[20:], np.ones(1981), "given from 1 to 100 Hz"),
        (FINE, np.ones(5), "arrays of one length"),
        (FINE, np.zeros(2001), "positive and finite"),
        (FINE, np.full(2001, np.nan), "positive and finite"),
        (FINE[::-1], np.ones(2001), "increase strictly"),
    ],
)
def test_useless_theory_is_refused(frequency, theory, match):
    with pytest.raises(NftsimError, match=match):
        compare(by_hand(np.ones(8)), frequency, theory)
