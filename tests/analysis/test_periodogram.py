"""Untapered spectra: what +nf computes, worked out here from explicit sums."""

import numpy as np
import pytest

from analysis.density import density_units
from analysis.field import make_field
from analysis.periodogram import fourier, periodogram, spatial_periodogram
from analysis.segments import segments
from nftsim.errors import NftsimError

DT = 0.01


def noise(seed, samples, shape, extent=(0.3, 0.5), mean=2.0):
    data = mean + np.random.default_rng(seed).standard_normal((samples, *shape))
    return make_field(data, DT, extent, units="s⁻¹")


def nf_windows(items, count):
    """Starts and lengths of nf.partition(items, count, [], 0.5, true, true)."""
    length = int(items / (1 + (count - 1) * 0.5)) // 2 * 2
    return [(i * length // 2, length) for i in range(count)]


def nf_rfft(series):
    """One-sided density of a series of even length: |c_f|² / Δf, each of the inner f twice."""
    n = len(series)
    power = []
    for f in range(n // 2 + 1):
        c = sum(series[t] * np.exp(-2j * np.pi * f * t / n) for t in range(n)) / n
        power.append((1 if f in (0, n // 2) else 2) * abs(c) ** 2 * n * DT)
    return np.array(power)


def test_spectrum_is_that_of_nf():
    field = noise(1, 90, (1, 2))
    expected = np.mean(
        [
            nf_rfft(field.series()[start : start + length, node])
            for start, length in nf_windows(90, 8)
            for node in range(2)
        ],
        axis=0,
    )
    found = periodogram(field)
    np.testing.assert_allclose(found.power, expected, rtol=1e-12)
    np.testing.assert_allclose(found.frequency, np.arange(11) / (20 * DT))
    assert found.units == "s⁻² Hz⁻¹"


def test_fourier_components_are_those_of_nf():
    series = np.random.default_rng(2).standard_normal(9)
    f, c = fourier(series, DT, samples=12)
    padded = np.concatenate([series, np.zeros(3)])
    turns = np.outer(np.arange(7), np.arange(12)) / 12
    np.testing.assert_allclose(c, np.exp(-2j * np.pi * turns) @ padded / 12, atol=1e-15)
    np.testing.assert_allclose(f, np.arange(7) / (12 * DT))


@pytest.mark.parametrize(("shape", "extent"), [((4, 4), (0.5, 0.5)), ((4, 6), (0.2, 0.3))])
@pytest.mark.parametrize(("k0", "kmax"), [(10.0, None), (None, None), (30.0, 1)])
def test_spatial_spectrum_is_that_of_nf(shape, extent, k0, kmax):
    field = noise(3, 20, shape, extent)
    (ny, nx), (ly, lx) = shape, extent
    y, x = np.indices(shape)
    expected = np.zeros((7, ny, nx))
    windows = nf_windows(20, 2)
    assert windows[0][1] == 12
    for start, n in windows:
        data = field.values[start : start + n]
        for i, f in enumerate(range(7)):
            turn = np.exp(-2j * np.pi * f * np.arange(n) / n)
            for row, m_y in enumerate(range(-(ny // 2), ny - ny // 2)):
                for column, m_x in enumerate(range(-(nx // 2), nx - nx // 2)):
                    if kmax is not None and max(abs(m_y), abs(m_x)) > kmax:
                        continue
                    wave = np.exp(-2j * np.pi * (m_y * y / ny + m_x * x / nx))
                    c = (turn[:, None, None] * data * wave).sum() / data.size
                    k2 = (2 * np.pi * m_y / ly) ** 2 + (2 * np.pi * m_x / lx) ** 2
                    conduction = 1.0 if k0 is None else np.exp(-k2 / k0**2)
                    twice = 1 if f in (0, 6) else 2
                    expected[i, row, column] += twice * conduction * abs(c) ** 2 * n * DT / 2
    cell = (2 * np.pi / ly) * (2 * np.pi / lx)
    found = spatial_periodogram(field, k0=k0, kmax=kmax, segments=2)
    np.testing.assert_allclose(found.modes, expected / cell, rtol=1e-9, atol=1e-16)
    np.testing.assert_allclose(found.power, expected.sum(axis=(1, 2)), rtol=1e-12)
    np.testing.assert_allclose(found.kx, 2 * np.pi / lx * np.arange(-(nx // 2), nx - nx // 2))
    # over nodes: the same total, and without a filter each node's own periodogram per area
    area = (ly / ny) * (lx / nx)
    np.testing.assert_allclose(found.nodes.sum(axis=(1, 2)) * area, found.power, rtol=1e-12)
    if k0 is None:
        node = field.values[:, 1, 2]
        alone = np.mean([nf_rfft(node[s : s + n]) for s, n in windows], axis=0)
        np.testing.assert_allclose(found.nodes[:, 1, 2], alone / (ly * lx), rtol=1e-9)


@pytest.mark.parametrize("samples", [64, 101])
@pytest.mark.parametrize("shape", [(4, 6), (5, 3), (1, 1)])
def test_parseval(samples, shape):
    field = noise(4, samples, shape)
    for found in (periodogram(field, segments=1), spatial_periodogram(field, k0=None, segments=1)):
        whole = field.values[: samples // 2 * 2]
        total = found.power.sum() * found.frequency[1]
        assert total == pytest.approx((whole**2).mean(), rel=1e-12)
    modes = spatial_periodogram(field, k0=None, segments=1)
    cell = (2 * np.pi / 0.3) * (2 * np.pi / 0.5) * modes.frequency[1]
    assert modes.modes.sum() * cell == pytest.approx((whole**2).mean(), rel=1e-12)


def test_a_sine_has_half_its_squared_amplitude():
    t = DT * np.arange(400)
    field = make_field(3 * np.sin(2 * np.pi * 5 * t)[:, None, None], DT, (0.1, 0.1))
    found = periodogram(field, segments=1)
    assert found.frequency[found.power.argmax()] == pytest.approx(5.0)
    assert found.power.max() * found.frequency[1] == pytest.approx(4.5, rel=1e-12)


def test_a_white_field_has_its_variance_over_the_band():
    field = noise(5, 4000, (8, 8), mean=0.0)
    for window in (None, "hann", "hamming"):
        power = periodogram(field, window=window).power[2:-2]
        assert power.mean() == pytest.approx(2 * DT, rel=0.02)
    spatial = spatial_periodogram(field, k0=None, window="hann")
    assert spatial.power[2:-2].mean() == pytest.approx(2 * DT, rel=0.02)


@pytest.mark.parametrize(("m_x", "m_y"), [(1, 0), (-2, 1), (0, 2)])
def test_a_wave_that_travels_is_where_nf_puts_it(m_x, m_y):
    y, x = np.indices((6, 8))
    t = np.arange(100)[:, None, None]
    # phase k·r + ωt, the sign of both transforms: it travels against k
    data = np.cos(2 * np.pi * (m_x * x / 8 + m_y * y / 6 + 0.1 * t))
    found = spatial_periodogram(make_field(data, DT, (0.3, 0.4)), k0=None, segments=1)
    f, row, column = np.unravel_index(found.modes.argmax(), found.modes.shape)
    assert found.frequency[f] == pytest.approx(10.0)
    assert found.kx[column] == pytest.approx(2 * np.pi * m_x / 0.4)
    assert found.ky[row] == pytest.approx(2 * np.pi * m_y / 0.3)


def test_pieces_are_those_of_nf():
    # nf.partition's own example, and the rest of its switches
    assert [(s.start + 1, s.stop) for s in segments(16, 4)] == [(1, 4), (5, 8), (9, 12), (13, 16)]
    assert [(s.start, s.stop) for s in segments(17, 4)][-1] == (12, 17)
    assert [(s.start, s.stop) for s in segments(17, 4, equal=True)][-1] == (12, 16)
    assert {s.stop - s.start for s in segments(30, 4, even=True, equal=True)} == {6}
    found = segments(90, 8, overlap=0.5, even=True, equal=True)
    assert [(s.start, s.stop - s.start) for s in found] == nf_windows(90, 8)


def test_units():
    assert density_units("s⁻¹") == "s⁻² Hz⁻¹"
    assert density_units("V") == "V² Hz⁻¹"
    assert density_units("V s") == "(V s)² Hz⁻¹"
    assert density_units("1") == "Hz⁻¹"


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: periodogram(noise(1, 5, (1, 1)), segments=8), "5 samples are too few for 8"),
        (lambda: periodogram(noise(1, 50, (1, 1)), window="hnn"), "'hnn' is not a taper"),
        (lambda: segments(5, 0), "at least one"),
        (lambda: segments(5, 2, overlap=1.0), "overlap 1"),
        (lambda: make_field(np.zeros((3, 4)), DT, (1, 1)), "axes"),
    ],
)
def test_bad_input(make, message):
    with pytest.raises(NftsimError, match=message) as caught:
        make()
    assert "\n" not in str(caught.value)
