"""The statistics of the test, on fields whose spectrum is known exactly."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import signal, stats

from analysis.agreement import compare, judge
from analysis.predicted import Prediction
from analysis.significance import (
    correlation_matrix,
    estimate_correlation,
    overlap,
    significance,
)
from analysis.spectra import field_spectrum
from analysis.welch import expected_welch
from analysis.wording import in_words, probability
from nftsim.errors import NftsimError

DT = 5e-3
FINE = np.linspace(0, 100, 2001)


def scored(autoregressive, rng, shape=(3, 3), samples=3000, segment=1.0, factor=1.0):
    data = autoregressive.field(rng, samples, shape)
    spectrum = field_spectrum(data, DT, (0.5, 0.5), segment=segment, k0=None)
    theory = factor * autoregressive.spectrum(FINE)
    expected = expected_welch(spectrum.frequency, FINE, theory, segment=segment, interval=DT)
    nodes = shape[0] * shape[1]
    return significance(spectrum, expected, np.full(expected.size, nodes), f_max=90)


def test_a_hann_window_correlates_what_is_known_of_it():
    np.testing.assert_allclose(overlap(512, 0)[:4], [1, 4 / 9, 1 / 36, 0], atol=1e-12)
    assert overlap(512, 1)[0] == pytest.approx(1 / 36, rel=1e-3)
    assert overlap(64, 1)[:3] == pytest.approx(overlap(512, 1)[:3], rel=1e-2)
    variance, near = estimate_correlation(1)  # a single segment overlaps with none
    assert variance == 1
    np.testing.assert_allclose(near[:3], [1, 4 / 9, 1 / 36], atol=1e-12)
    np.testing.assert_array_equal(np.diag(correlation_matrix(9)), 1)
    assert np.linalg.eigvalsh(correlation_matrix(300)).min() > 0.1


def test_neighbouring_estimates_correlate_as_the_matrix_says(autoregressive):
    rng = np.random.default_rng(1)
    z = np.array([scored(autoregressive, rng, (1, 1)).z for _ in range(200)])
    near = correlation_matrix(4, 29)[0]
    for distance in range(1, 4):
        found = np.mean(z[:, distance:] * z[:, :-distance])
        assert found == pytest.approx(near[distance], abs=0.03)
    assert z.std() == pytest.approx(1, abs=0.02)
    assert z.mean() == pytest.approx(0, abs=0.03)


@pytest.mark.parametrize(
    ("shape", "samples", "segment"),
    [((1, 1), 10000, 1.0), ((3, 3), 3000, 1.0), ((4, 4), 6000, 2.0)],
)
def test_p_is_uniform(autoregressive, shape, samples, segment):
    rng = np.random.default_rng(7)
    found = [scored(autoregressive, rng, shape, samples, segment) for _ in range(120)]
    for name in ("p", "p_groups"):
        values = [getattr(f, name) for f in found]
        assert stats.kstest(values, "uniform").pvalue > 1e-3, name
        assert np.mean(values) == pytest.approx(0.5, abs=0.1)


def test_a_smooth_error_is_seen_in_groups_first(autoregressive):
    rng = np.random.default_rng(3)
    found = scored(autoregressive, rng, (6, 6), 8000, 1.0, factor=1.025)
    assert found.p_groups < 1e-3
    assert not found.consistent
    assert found.p_groups < found.p
    right = scored(autoregressive, rng, (6, 6), 8000, 1.0)
    assert right.consistent


def test_a_line_is_seen_at_single_frequencies(autoregressive):
    data = autoregressive.field(np.random.default_rng(4), 8000, (4, 4))
    data += 0.5 * np.sin(2 * np.pi * 20 * DT * np.arange(len(data)))[:, None, None]
    spectrum = field_spectrum(data, DT, (0.5, 0.5), segment=1.0, k0=None)
    theory = autoregressive.spectrum(FINE)
    expected = expected_welch(spectrum.frequency, FINE, theory, segment=1.0, interval=DT)
    found = significance(spectrum, expected, np.full(expected.size, 16))
    assert found.p < 1e-6
    assert found.frequency[np.argmax(found.z)] == 20


def test_chance_of_a_band_is_what_it_scatters(autoregressive):
    rng = np.random.default_rng(5)
    found = [scored(autoregressive, rng).excess(20, 30) for _ in range(100)]
    excess, chance = np.array(found).T
    assert excess.std() == pytest.approx(chance[0], rel=0.2)
    assert abs(excess.mean()) < 3 * chance[0] / 10
    assert np.isnan(scored(autoregressive, rng).excess(200, 300)).all()


def test_fewer_independent_modes_scatter_more(autoregressive):
    """One node copied to all: one mode, however many nodes."""
    rng = np.random.default_rng(6)
    data = np.repeat(autoregressive.field(rng, 8000, (1, 1)), 9, axis=2).reshape(-1, 3, 3)
    spectrum = field_spectrum(data, DT, (0.5, 0.5), segment=1.0, k0=None)
    theory = autoregressive.spectrum(FINE)
    expected = expected_welch(spectrum.frequency, FINE, theory, segment=1.0, interval=DT)
    assert significance(spectrum, expected, np.ones(expected.size)).consistent
    assert significance(spectrum, expected, np.full(expected.size, 9.0)).p < 1e-6


def test_too_little_to_test_is_refused(autoregressive):
    with pytest.raises(NftsimError, match="too few for a test"):
        scored(autoregressive, np.random.default_rng(1), samples=4)


@pytest.fixture
def judged(autoregressive):
    data = autoregressive.field(np.random.default_rng(8), 20000, (4, 4))
    spectrum = field_spectrum(data, DT, (0.5, 0.5), k0=None)
    theory = autoregressive.spectrum(FINE)
    curves = {"continuous": theory / 1.2, "grid": theory / 1.05, "scheme": theory}
    return spectrum, Prediction(FINE, curves, np.full(FINE.size, 16.0))


def test_biases_are_told_apart(judged):
    spectrum, prediction = judged
    result = judge(spectrum, prediction)
    for band in result.bands:
        assert band.scheme == pytest.approx(0.2, rel=1e-6)
        assert band.grid == pytest.approx(0.05, rel=1e-6)
        assert band.excess == band.ratio - 1
        assert abs(band.excess) < 4 * band.chance
        assert band.chance == pytest.approx(band.sem, rel=0.6)
    assert result.scores.consistent
    text = in_words(result)
    assert "power by up to +20%" in text
    assert "of which +5% are due to time" in text
    assert "Nonlinearity: none is seen" in text
    assert "chance may explain" in text
    assert text.endswith("Verdict: agree.")


def test_an_excess_is_named(judged):
    spectrum, prediction = judged
    near = (spectrum.frequency >= 20) & (spectrum.frequency < 30)
    more = np.where(near, 1.12, 1.0)
    louder = replace(spectrum, power=spectrum.power * more, blocks=spectrum.blocks * more)
    result = judge(louder, prediction)
    assert not result.scores.consistent
    text = in_words(result)
    assert "power beyond chance of +" in text
    assert "(20-30 Hz)" in text
    assert "chance does not explain" in text


def test_without_modes_there_are_no_scores(judged):
    spectrum, prediction = judged
    theory = prediction.curves["scheme"]
    plain = compare(spectrum, FINE, theory)
    assert plain.scores is None
    assert np.isnan(plain.bands[0].chance)
    assert "Statistics: the scatter" in in_words(plain)
    unknown = replace(prediction, modes=np.full(FINE.size, np.nan))
    assert judge(spectrum, unknown).scores is None


def test_small_p_are_bounded():
    assert probability(0.4123) == "p = 0.41"
    assert probability(0.0) == "p < 1e-15"
    assert signal.get_window("hann", 8)[0] == 0  # the window is periodic, as Welch's is
