"""Wavelet spectrograms: levels, +nf's scaling, ends and bad input."""

import numpy as np
import pytest

from analysis.wavelets import morlet
from nftsim.errors import NftsimError

DT = 0.005


def test_modulus_is_the_amplitude_of_a_sine_and_phase_is_its_phase():
    t = DT * np.arange(2000)
    found = morlet(4 + 3 * np.cos(2 * np.pi * 10 * t + 0.7), DT, [5.0, 10.0, 20.0])
    middle = slice(500, 1500)
    coefficients = found.coefficients[:, middle]
    np.testing.assert_allclose(abs(coefficients[1]), 3.0, rtol=1e-6)
    phase = np.angle(coefficients[1] * np.exp(-2j * np.pi * 10 * t[middle]))
    np.testing.assert_allclose(phase, 0.7, atol=1e-6)
    # exp(−c²/8) of an octave above and below; (f' − f) s 2π = c (f'/f − 1)
    np.testing.assert_allclose(abs(coefficients[0]), 3 * np.exp(-(7.0**2) / 2), atol=1e-5)
    np.testing.assert_allclose(abs(coefficients[2]), 3 * np.exp(-(3.5**2) / 2), rtol=1e-3)


def test_density_of_white_noise_is_its_spectrum():
    noise = 2.0 * np.random.default_rng(1).standard_normal((200, 4000))
    found = morlet(noise, DT, [5.0, 20.0, 60.0], scaling="density")
    level = found.power[..., 500:-500].mean(axis=(0, 2))
    np.testing.assert_allclose(level, 2 * DT * 4.0, rtol=0.03)


def test_energy_scaling_is_that_of_nf():
    # W(s, t) = Σ x(t') √(Δt/s) ψ*((t' − t)/s), Torrence & Compo (1998), equations 1, 2 and 8,
    # with the scale of nf.wavelet_spectrogram
    x = np.random.default_rng(2).standard_normal(400)
    f, c = 12.0, 7.0
    s = 1 / (4 * np.pi / (c + np.sqrt(2 + c**2)) * f)
    found = morlet(x, DT, f, scaling="energy", padded=False)
    t = DT * np.arange(400)
    for i in (150, 200, 260):
        u = (t - t[i]) / s
        psi = np.pi**-0.25 * np.exp(1j * c * u) * np.exp(-(u**2) / 2)
        expected = ((x - x.mean()) * np.sqrt(DT / s) * psi.conj()).sum()
        np.testing.assert_allclose(found.coefficients[0, i], expected, rtol=1e-6)


def test_energy_scaling_keeps_the_variance_of_white_noise():
    noise = 3.0 * np.random.default_rng(3).standard_normal((200, 2000))
    power = morlet(noise, DT, [10.0, 40.0], scaling="energy").power[..., 400:-400]
    np.testing.assert_allclose(power.mean(axis=(0, 2)), 9.0, rtol=0.03)


def test_energy_scaling_finds_a_sine_at_its_frequency():
    t = DT * np.arange(4000)
    f = np.linspace(8, 12, 401)
    power = morlet(np.cos(2 * np.pi * 10 * t), DT, f, scaling="energy").power[:, 2000]
    assert f[power.argmax()] == pytest.approx(10.0, abs=0.011)


def test_more_cycles_resolve_frequencies_better_and_times_worse():
    x = np.zeros(2000)
    x[1000] = 1.0
    widths = [
        (
            morlet(x, DT, 10.0, cycles=c).power[0] > 0.5 * morlet(x, DT, 10.0, cycles=c).power.max()
        ).sum()
        for c in (3.0, 6.0, 12.0)
    ]
    assert widths[0] < widths[1] < widths[2]
    assert widths[2] / widths[0] == pytest.approx(4, rel=0.1)


def test_the_end_does_not_meet_the_beginning():
    x = np.zeros(1000)
    x[990] = 1.0
    start = slice(0, 30)
    assert morlet(x, DT, 10.0).power[0, start].max() < 1e-4 * morlet(x, DT, 10.0).power.max()
    assert (
        morlet(x, DT, 10.0, padded=False).power[0, start].max()
        > 0.1 * morlet(x, DT, 10.0).power.max()
    )


def test_edges_and_shapes():
    found = morlet(np.ones((2, 3, 400)), DT, [10.0, 20.0], cycles=6.0)
    assert found.coefficients.shape == (2, 3, 2, 400)
    np.testing.assert_allclose(found.edge, np.sqrt(2) * 6 / (2 * np.pi * np.array([10.0, 20.0])))
    assert found.time[-1] == pytest.approx(399 * DT)
    assert not found.power.any()


@pytest.mark.parametrize(
    ("frequencies", "options", "message"),
    [
        ([0.0, 5.0], {}, "at most 100 Hz"),
        ([101.0], {}, "at most 100 Hz"),
        ([], {}, "at most 100 Hz"),
        ([1.0], {}, "at 1 Hz a wavelet of 7 cycles needs 3.15 s, and the record has 2 s"),
        ([10.0], {"scaling": "energi"}, "allowed: amplitude, density, energy"),
        ([10.0], {"cycles": 0.0}, "cycles 0"),
    ],
)
def test_bad_input(frequencies, options, message):
    with pytest.raises(NftsimError, match=message):
        morlet(np.zeros(400), DT, frequencies, **options)
