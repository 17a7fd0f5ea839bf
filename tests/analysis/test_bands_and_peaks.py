"""Band power, spectral peaks and slopes, of spectra that are formulae."""

import numpy as np
import pytest

from analysis.bands import BANDS, band_power
from analysis.field import make_field
from analysis.multitaper import multitaper
from analysis.peaks import peaks, slope
from nftsim.errors import NftsimError

F = np.arange(0, 60.01, 0.25)


def bump(frequency, width, height):
    return 1 + (height - 1) * np.exp(-0.5 * ((F - frequency) / width) ** 2)


def test_band_power_is_the_integral():
    table = band_power(F, 2 * F + 1)
    assert list(table["band"]) == list(BANDS)
    for row in table.itertuples():
        exact = row.high**2 - row.low**2 + row.high - row.low
        assert row.power == pytest.approx(exact, rel=1e-12)
        assert row.share == pytest.approx(exact / (60**2 + 60), rel=1e-12)
    # edges between frequencies
    odd = band_power(F, 2 * F + 1, {"odd": (1.1, 3.3)})
    assert odd["power"][0] == pytest.approx(3.3**2 - 1.1**2 + 2.2, rel=1e-12)
    whole = band_power(F, np.ones_like(F), {"a": (0, 20), "b": (20, 60)})
    assert whole["share"].sum() == pytest.approx(1.0)


def test_band_power_of_a_sine_is_half_its_squared_amplitude():
    t = 0.01 * np.arange(4000)
    field = make_field(3 * np.sin(2 * np.pi * 10 * t)[:, None, None], 0.01, (1, 1))
    found = multitaper(field, bandwidth=0.5)
    table = band_power(found.frequency, found.power).set_index("band")
    assert table.loc["alpha", "power"] == pytest.approx(4.5, rel=0.01)
    assert table.loc["beta", "share"] < 1e-3


def test_peaks_are_found_between_frequencies():
    power = bump(9.9, 1.0, 30.0) * bump(21.0, 1.5, 5.0) * bump(40.0, 2.0, 1.5)
    first, second = peaks(F, power)
    assert (first.frequency, second.frequency) == pytest.approx((9.9, 21.0), abs=0.01)
    assert first.power == pytest.approx(30.0, rel=1e-3)
    assert first.prominence == pytest.approx(10 * np.log10(30), abs=0.1)
    assert first.width > 2.0
    assert len(peaks(F, power, prominence=1.0)) == 3
    assert [round(p.frequency) for p in peaks(F, power, low=15)] == [21]


def test_a_power_law_is_found_under_a_peak():
    law = 5 * np.maximum(F, 0.1) ** -1.7
    fit = slope(F, law, 1, 45)
    assert (fit.exponent, fit.level) == pytest.approx((1.7, 5.0), rel=1e-9)
    assert fit.error < 1e-9
    with_peak = law * bump(10, 1.0, 20.0)
    assert slope(F, with_peak, 1, 45, without=[(5, 15)]).exponent == pytest.approx(1.7, abs=1e-4)
    # on the slope the top of the peak is moved to lower frequencies, over it it is not
    found = peaks(F, with_peak, low=1, over=slope(F, with_peak, 1, 45, without=[(5, 15)]))
    assert found[0].frequency == pytest.approx(10.0, abs=1e-2)
    assert found[0].power == pytest.approx(20 * 5 * 10**-1.7, rel=0.01)
    np.testing.assert_allclose(fit.at([2.0]), 5 * 2**-1.7)


def test_error_of_the_slope_is_that_of_the_scatter():
    rng = np.random.default_rng(1)
    law = np.maximum(F, 0.1) ** -1.0
    fits = [slope(F, law * rng.chisquare(40, F.size) / 40, 1, 45) for _ in range(200)]
    spread = np.std([fit.exponent for fit in fits])
    assert np.mean([fit.error for fit in fits]) == pytest.approx(spread, rel=0.15)
    assert np.mean([fit.exponent for fit in fits]) == pytest.approx(1.0, abs=3 * spread / 14)


@pytest.mark.parametrize(
    ("compute", "message"),
    [
        (
            lambda: band_power(F, F, {"high": (50, 80)}),
            "high is 50 to 80 Hz, and the spectrum 0 to 60",
        ),
        (lambda: band_power(F, F, {"thin": (5.1, 5.2)}), "no frequency of the spectrum is in thin"),
        (lambda: band_power(F, F, {"none": (5, 5)}), "none is 5 to 5 Hz"),
        (lambda: band_power(F, F[1:]), "a power for each"),
        (lambda: peaks(F, F, low=50.1, high=50.4), "1 frequencies from 50.1"),
        (lambda: peaks(F, 0 * F), "not above 0"),
        (lambda: peaks(F, F[1:]), "give one for each"),
        (lambda: slope(F, 1 + F, 0, 10), "start above"),
        (lambda: slope(F, 1 + F, 1, 2, without=[(1, 1.5)]), "2 frequencies are left"),
    ],
)
def test_bad_input(compute, message):
    with pytest.raises(NftsimError, match=message):
        compute()
