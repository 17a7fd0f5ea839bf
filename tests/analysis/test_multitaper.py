"""Multitaper spectra: level, resolution and coverage of the intervals."""

import numpy as np
import pytest
from scipy import stats

from analysis.field import make_field
from analysis.multitaper import multitaper
from nftsim.errors import NftsimError

EXTENT = (0.4, 0.6)


def test_a_white_field_has_its_variance_over_the_band():
    data = 3.0 * np.random.default_rng(1).standard_normal((8000, 4, 4))
    found = multitaper(make_field(data, 0.01, EXTENT, units="V"))
    assert found.power[8:-8].mean() == pytest.approx(2 * 0.01 * 9.0, rel=0.01)
    assert found.units == "V² Hz⁻¹"


def test_a_sine_is_spread_over_the_band_and_keeps_its_power():
    t = 0.01 * np.arange(1600)
    data = 5 + 2 * np.cos(2 * np.pi * 12.5 * t)[:, None, None]
    found = multitaper(make_field(data, 0.01, EXTENT), bandwidth=1.0)
    near = abs(found.frequency - 12.5) <= 1.5
    total = found.power.sum() * found.frequency[1]
    assert total == pytest.approx(2.0, rel=1e-3)
    # the last of the tapers lets 6% out
    assert found.power[near].sum() * found.frequency[1] == pytest.approx(2.0, rel=0.02)


# 200 records of a known process: the interval at every frequency holds the truth as often as said.
@pytest.mark.parametrize("confidence", [0.8, 0.95])
@pytest.mark.parametrize("shape", [(1, 1), (3, 4)])
def test_intervals_cover_at_their_confidence(autoregressive, shape, confidence):
    rng = np.random.default_rng(7)
    inside = []
    for _ in range(200):
        data = autoregressive.field(rng, 800, shape)
        field = make_field(data, autoregressive.interval, EXTENT)
        found = multitaper(field, bandwidth=2.0, confidence=confidence)
        truth = autoregressive.spectrum(found.frequency)
        inside.append((found.lower <= truth) & (truth <= found.upper))
    middle = (found.frequency > 4) & (found.frequency < 96)
    covered = np.array(inside)[:, middle]
    # bins 4 W apart are independent: this many trials, and chance moves the rate by so much
    trials = 200 * 92 / 4
    slack = 4 * np.sqrt(confidence * (1 - confidence) / trials)
    # the AR(1) spectrum bends by up to a percent within ±W
    assert covered.mean() == pytest.approx(confidence, abs=slack + 0.005)
    # near zero the mean was removed, and at the Nyquist frequency nothing is doubled
    edge = np.array(inside)[:, (found.frequency > 1) & ~middle][:, :-1]
    assert edge.mean() > confidence - 0.05


def test_intervals_cover_with_modes_of_unequal_power():
    rng = np.random.default_rng(3)
    k = 2 * np.pi * np.fft.fftfreq(4, 0.5 / 4)
    truth = 2 * 0.01 * np.mean(np.exp(-(k[:, None] ** 2 + k**2) / 10.0**2))
    inside = []
    for _ in range(200):
        field = make_field(rng.standard_normal((800, 4, 4)), 0.01, (0.5, 0.5))
        found = multitaper(field, bandwidth=1.0, k0=10.0)
        inside.append((found.lower <= truth) & (truth <= found.upper))
    middle = (found.frequency > 2) & (found.frequency < 48)
    assert np.array(inside)[:, middle].mean() == pytest.approx(0.95, abs=0.02)


def test_degrees_of_freedom_are_two_for_each_taper_segment_and_node():
    rng = np.random.default_rng(4)
    one = multitaper(make_field(rng.standard_normal((800, 1, 1)), 0.01, EXTENT))
    assert one.dof[20] == pytest.approx(2 * 7 * 2)
    assert one.dof[0] == pytest.approx(7 * 2)
    many = multitaper(make_field(rng.standard_normal((8000, 3, 4)), 0.01, EXTENT))
    assert np.median(many.dof) == pytest.approx(2 * 7 * 20 * 12, rel=0.03)
    tail = stats.chi2.ppf(0.975, one.dof)
    np.testing.assert_allclose(one.lower, one.power * one.dof / tail)


def test_chosen_nodes_count_as_one():
    whole = make_field(np.random.default_rng(5).standard_normal((400, 2, 2)), 0.01, EXTENT)
    chosen = type(whole)(**{**vars(whole), "values": whole.series()[:, :2]})
    assert multitaper(chosen).dof[20] == pytest.approx(14)
    with pytest.raises(NftsimError, match="2 of 4 nodes"):
        multitaper(chosen, k0=10.0)


def test_volume_conduction_weighs_modes():
    x = 0.6 * np.arange(8) / 8
    t = 0.01 * np.arange(1600)[:, None, None]
    data = np.cos(2 * np.pi * (x / 0.6 - 10 * t)) * np.ones((6, 1))
    k = 2 * np.pi / 0.6
    field = make_field(data, 0.01, EXTENT)
    ratio = multitaper(field, k0=20.0).power.sum() / multitaper(field).power.sum()
    assert ratio == pytest.approx(np.exp(-((k / 20) ** 2)), rel=1e-9)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"bandwidth": 0.5},
            "1 s has no resolution of 0.5 Hz. Ask for a bandwidth of 1 Hz or more",
        ),
        ({"bandwidth": 30}, "less than 25 Hz"),
        ({"bandwidth": 0}, "bandwidth 0 Hz"),
        ({"confidence": 1.0}, "confidence 1"),
        ({"bandwidth": 2, "segment": 3}, "the record has 1 s"),
        ({"bandwidth": 2, "segment": 0.4}, "no taper of bandwidth 2 Hz"),
        ({"bandwidth": 20, "segment": 0.05}, "needs 8 or more"),
    ],
)
def test_a_record_too_short_for_what_is_asked(options, message):
    field = make_field(np.zeros((100, 1, 1)), 0.01, EXTENT)
    with pytest.raises(NftsimError, match=message) as caught:
        multitaper(field, **options)
    assert "\n" not in str(caught.value)
