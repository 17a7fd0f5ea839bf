"""Volume conduction in time: amplitudes, sites between nodes, and its agreement with spectra."""

import numpy as np
import pytest

from analysis.field import make_field
from analysis.scalp import scalp
from analysis.spectra import field_spectrum
from nftsim.errors import NftsimError

DT = 0.01
EXTENT = (0.3, 0.4)


def coordinates(shape):
    y, x = np.indices(shape)
    return (y + 0.5) * EXTENT[0] / shape[0], (x + 0.5) * EXTENT[1] / shape[1]


@pytest.mark.parametrize(("m_x", "m_y"), [(0, 0), (1, 0), (-1, 2), (2, 1)])
@pytest.mark.parametrize("shape", [(6, 8), (5, 7), (8, 8)])
def test_a_wave_keeps_its_shape_and_loses_half_its_power_exponent(shape, m_x, m_y):
    k = 2 * np.pi * np.array([m_y / EXTENT[0], m_x / EXTENT[1]])
    t = DT * np.arange(50)

    def wave(y, x):
        return np.cos(k[0] * y + k[1] * x - 30 * t.reshape(-1, *([1] * np.ndim(y))))

    field = make_field(wave(*coordinates(shape)), DT, EXTENT, units="s⁻¹")
    gain = np.exp(-(k @ k) / (2 * 20.0**2))
    found = scalp(field, k0=20.0)
    np.testing.assert_allclose(found.grid(), gain * field.values, atol=1e-12)
    assert found.units == "s⁻¹"
    assert "volume conduction" in found.long_name
    sites = {"Cz": (0.15, 0.2), "edge": (0.0, 0.4), "somewhere": (0.1234, 0.0777)}
    places = np.array(list(sites.values()))
    there = scalp(field, k0=20.0, sites=sites)
    np.testing.assert_allclose(there.values, gain * wave(*places.T), atol=1e-12)
    np.testing.assert_array_equal(there.places, places)


@pytest.mark.parametrize("shape", [(6, 8), (5, 7), (1, 4), (1, 1)])
def test_sites_at_nodes_are_the_nodes(shape):
    field = make_field(np.random.default_rng(1).standard_normal((20, *shape)), DT, EXTENT)
    found = scalp(field, k0=15.0, sites=field.places)
    np.testing.assert_allclose(found.values, scalp(field, k0=15.0).series(), atol=1e-13)
    np.testing.assert_allclose(scalp(field, k0=None).values, field.values, atol=1e-13)


def test_its_power_is_that_of_the_filtered_spectrum():
    field = make_field(np.random.default_rng(2).standard_normal((2000, 6, 8)), DT, EXTENT)
    filtered = field_spectrum(scalp(field, k0=12.0).grid(), DT, EXTENT, k0=None)
    expected = field_spectrum(field.values, DT, EXTENT, k0=12.0)
    np.testing.assert_allclose(filtered.power, expected.power, rtol=1e-9)


def test_the_mean_is_kept():
    field = make_field(np.full((3, 4, 4), 7.0), DT, EXTENT)
    np.testing.assert_allclose(scalp(field, sites=[(0.1, 0.1)]).values, 7.0)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"sites": {"Cz": (0.1, 0.1), "Oz": (0.1, 0.5)}},
            "Oz at y = 0.1, x = 0.5 m is not on the sheet",
        ),
        ({"sites": [(-0.1, 0.1)]}, "site 1 at y = -0.1"),
        ({"sites": [(0.1,)]}, r"\(y, x\) in metres"),
        ({"sites": []}, r"\(y, x\) in metres"),
        ({"k0": 0.0}, "k0 = 0 rad/m"),
    ],
)
def test_bad_input(options, message):
    with pytest.raises(NftsimError, match=message):
        scalp(make_field(np.zeros((3, 4, 4)), DT, EXTENT), **options)
