"""k–ω spectra, coherence and correlation over distance, of fields where they are known."""

import numpy as np
import pytest
from scipy import signal

from analysis.coherence import coherence_between, coherence_over_distance
from analysis.correlation import correlation_over_distance
from analysis.field import make_field
from analysis.separation import separations
from analysis.wavenumbers import wavenumber_spectrum
from nftsim.errors import NftsimError

DT = 0.01
EXTENT = (0.3, 0.4)


def wave(m_x, m_y, frequency=10.0, shape=(6, 8), samples=800):
    """A wave that travels along (m_x, m_y), of amplitude 3."""
    y, x = np.indices(shape)
    t = DT * np.arange(samples)[:, None, None]
    phase = 2 * np.pi * (m_x * x / shape[1] + m_y * y / shape[0] - frequency * t)
    return make_field(3 * np.cos(phase), DT, EXTENT, units="s⁻¹")


def smooth_noise(samples, shape, seed=1):
    """White in time, each node the mean of itself and its right-hand neighbour."""
    data = np.random.default_rng(seed).standard_normal((samples, *shape))
    return make_field((data + np.roll(data, -1, axis=2)) / 2, DT, EXTENT)


@pytest.mark.parametrize(("m_x", "m_y"), [(1, 0), (-2, 0), (1, 2), (0, -1)])
def test_a_wave_lies_at_its_wavenumber_and_frequency(m_x, m_y):
    field = wave(m_x, m_y)
    k = 2 * np.pi * np.array([m_x / EXTENT[1], m_y / EXTENT[0]])
    rings = wavenumber_spectrum(field)
    row, f = np.unravel_index(rings.power.argmax(), rings.power.shape)
    assert rings.frequency[f] == pytest.approx(10.0)
    assert abs(rings.wavenumber[row] - np.hypot(*k)) < 2 * np.pi / EXTENT[0]
    for i, direction in enumerate("xy"):
        found = wavenumber_spectrum(field, direction=direction)
        row, f = np.unravel_index(found.power.argmax(), found.power.shape)
        assert found.wavenumber[row] == pytest.approx(k[i])
        assert found.frequency[f] == pytest.approx(10.0)


@pytest.mark.parametrize("shape", [(6, 8), (5, 7), (1, 8), (1, 1)])
def test_all_of_the_power_is_in_rings_and_along_a_direction(shape):
    data = np.random.default_rng(2).standard_normal((800, *shape))
    field = make_field(data, DT, EXTENT, units="s⁻¹")
    _, power = signal.welch(data, 1 / DT, nperseg=200, axis=0)
    expected = power.mean(axis=(1, 2))
    rings = wavenumber_spectrum(field, segment=2.0)
    cell = (2 * np.pi / EXTENT[0]) * (2 * np.pi / EXTENT[1])
    np.testing.assert_allclose(rings.modes @ rings.power * cell, expected, rtol=1e-12)
    assert rings.modes.sum() == shape[0] * shape[1]
    assert rings.units == "s⁻² Hz⁻¹ (rad m⁻¹)⁻²"
    for direction, length in (("x", EXTENT[1]), ("y", EXTENT[0])):
        along = wavenumber_spectrum(field, direction=direction, segment=2.0)
        assert (np.diff(along.wavenumber) > 0).all()
        np.testing.assert_allclose(
            along.power.sum(axis=0) * 2 * np.pi / length, expected, rtol=1e-12
        )


def test_a_white_field_is_level_in_rings():
    data = np.random.default_rng(3).standard_normal((8000, 8, 8))
    found = wavenumber_spectrum(make_field(data, DT, (0.4, 0.4)), segment=1.0)
    nyquist = np.pi / 0.05
    level = found.power[:, 3:-3].mean(axis=1) * (2 * nyquist) ** 2
    np.testing.assert_allclose(level, 2 * DT, rtol=0.05)


def test_coherence_over_distance_is_that_of_averaged_cross_spectra():
    field = smooth_noise(500, (3, 4))
    found = coherence_over_distance(field, segment=1.0)
    options = {"fs": 1 / DT, "nperseg": 100, "detrend": "constant", "axis": 0}
    data = field.values
    _, power = signal.welch(data, **options)
    bins, distance, pairs = separations(field, None)
    expected = np.zeros((len(distance), len(found.frequency)))
    for dy in range(3):
        for dx in range(4):
            moved = np.roll(data, (-dy, -dx), axis=(1, 2))
            _, cross = signal.csd(data, moved, **options)
            ratio = abs(cross.mean(axis=(1, 2)) / power.mean(axis=(1, 2))) ** 2
            expected[bins[dy, dx]] += ratio / (bins == bins[dy, dx]).sum()
    np.testing.assert_allclose(found.coherence, expected, rtol=1e-9)
    np.testing.assert_allclose(found.coherence[0], 1.0)
    assert pairs.sum() == 12 * 12


def test_coherence_of_neighbours_that_share_half_their_noise():
    found = coherence_over_distance(smooth_noise(20000, (1, 16)), segment=1.0)
    inner = found.coherence[:, 3:-3].mean(axis=1)
    np.testing.assert_allclose(found.distance[:3], [0, 0.025, 0.05], atol=1e-12)
    # a half of the covariance at Δx, hence a quarter of coherence
    assert inner[1] == pytest.approx(0.25, abs=0.01)
    assert inner[2:].max() < 0.01


def test_coherence_of_two_series_with_a_delay():
    rng = np.random.default_rng(4)
    common = rng.standard_normal(20010)
    first = common[6:-4] + rng.standard_normal(20000)
    second = common[10:]
    found = coherence_between(first, second, DT)
    inner = slice(3, -3)
    assert found.coherence[inner].mean() == pytest.approx(0.5, abs=0.02)
    low = (found.frequency > 2) & (found.frequency < 10)
    # the first has what the second had four samples before
    np.testing.assert_allclose(
        found.phase[low],
        2 * np.pi * found.frequency[low] * 4 * DT
        - 2 * np.pi * (found.frequency[low] * 4 * DT > 0.5),
        atol=0.2,
    )


@pytest.mark.parametrize("confidence", [0.8, 0.95])
def test_level_is_exceeded_by_chance_as_often_as_said(confidence):
    rng = np.random.default_rng(5)
    above = []
    for _ in range(200):
        found = coherence_between(*rng.standard_normal((2, 1000)), DT, confidence=confidence)
        above.append(found.coherence[2:-2] > found.level)
    assert np.mean(above) == pytest.approx(1 - confidence, abs=0.015)


def test_correlation_over_distance_is_the_mean_of_lagged_products():
    field = smooth_noise(60, (3, 4))
    found = correlation_over_distance(field, longest=0.05)
    x = field.values - field.values.mean(axis=0)
    bins, distance, _ = separations(field, None)
    expected = np.zeros((len(distance), 6))
    for dy in range(3):
        for dx in range(4):
            moved = np.roll(x, (-dy, -dx), axis=(1, 2))
            share = 1 / (bins == bins[dy, dx]).sum()
            for lag in range(6):
                expected[bins[dy, dx], lag] += share * (moved[lag:] * x[: 60 - lag]).mean()
    np.testing.assert_allclose(found.correlation, expected / (x**2).mean(), rtol=1e-9)
    np.testing.assert_allclose(found.lag, DT * np.arange(6))
    assert found.correlation[0, 0] == pytest.approx(1)


def test_correlation_of_a_standing_pattern_and_of_neighbours():
    found = correlation_over_distance(smooth_noise(20000, (1, 16)), longest=0.05)
    assert found.correlation[1, 0] == pytest.approx(0.5, abs=0.01)
    assert abs(found.correlation[2:, :]).max() < 0.02
    assert abs(found.correlation[:, 1:]).max() < 0.02
    # a wave along x: the mean of cos(k d − ωτ) and cos(k d + ωτ)
    moving = correlation_over_distance(wave(1, 0, shape=(1, 8)), longest=0.1)
    d, t = moving.distance[:, None], moving.lag[None, :]
    expected = np.cos(2 * np.pi * d / EXTENT[1]) * np.cos(2 * np.pi * 10 * t)
    np.testing.assert_allclose(moving.correlation, expected, atol=1e-9)


def test_distances_go_the_shortest_way_round():
    field = make_field(np.zeros((1, 4, 6)), DT, (0.4, 0.6))
    bins, distance, pairs = separations(field, None)
    assert distance.max() < np.hypot(0.2, 0.3) + 1e-12
    assert distance[0] == 0
    assert pairs[0] == 24
    assert bins[0, 1] == bins[0, 5] == bins[3, 0]
    wide, far, _ = separations(field, 1.0)
    assert wide.max() == 1
    assert len(far) == 2


@pytest.mark.parametrize(
    "compute", [wavenumber_spectrum, coherence_over_distance, correlation_over_distance]
)
def test_what_the_grid_is_needed_for(compute):
    whole = wave(1, 0)
    some = type(whole)(**{**vars(whole), "values": whole.series()[:, :5]})
    with pytest.raises(NftsimError, match="5 of 48 nodes; this needs all of them"):
        compute(some)
    sphere = type(whole)(**{**vars(whole), "topology": "Sphere"})
    with pytest.raises(NftsimError, match="Sphere"):
        compute(sphere)


@pytest.mark.parametrize(
    ("compute", "message"),
    [
        (
            lambda: wavenumber_spectrum(wave(1, 0), segment=10.0),
            "0.1 Hz needs segments of 10 s, and the record has 8 s",
        ),
        (lambda: wavenumber_spectrum(wave(1, 0, samples=1)), r"has 0.01 s\. Run for longer"),
        (lambda: wavenumber_spectrum(wave(1, 0), direction="z"), "direction 'z'; allowed: x, y"),
        (lambda: wavenumber_spectrum(wave(1, 0), width=0), "rings of 0"),
        (lambda: coherence_over_distance(wave(1, 0), segment=9.0), "record has 8 s"),
        (lambda: coherence_over_distance(wave(1, 0), width=-1), "bins of -1 m"),
        (lambda: correlation_over_distance(wave(1, 0), longest=5.0), "more than twice that"),
        (
            lambda: correlation_over_distance(make_field(np.ones((200, 2, 2)), DT, EXTENT)),
            "does not vary",
        ),
        (lambda: coherence_between(np.zeros(100), np.zeros(99), DT), "of as many times"),
        (lambda: coherence_between(np.zeros(100), np.zeros(100), DT), "one segment of 1 s"),
    ],
)
def test_bad_input(compute, message):
    with pytest.raises(NftsimError, match=message) as caught:
        compute()
    assert "\n" not in str(caught.value)
