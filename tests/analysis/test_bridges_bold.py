"""BOLD: rest and steady state, the response to a pulse, conservation, and bad input."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from scipy import integrate

from analysis.bold import MODELS, Balloon, Bold, Uniform, bold
from nftsim.errors import NftsimError

INTERVAL = 5e-3
#: Seconds of rest before the pulse.
BEFORE = 1.0


def pulse(model: Balloon | str, *, length: float = 50.0, width: float = 1.0) -> Bold:
    """Return the response to a rate that doubles for a while."""
    t = np.arange(0, length, INTERVAL)
    rate = np.where((t >= BEFORE) & (t < BEFORE + width), 20.0, 10.0)
    return bold(rate, INTERVAL, model=model, baseline=10.0, sampling=0.02)


def peak(found: Bold) -> tuple[float, float]:
    """Return time after the pulse's onset [s] and height of the largest signal."""
    first = int(found.signal.argmax())
    return float(found.time[first] - BEFORE), float(found.signal[first])


@pytest.mark.parametrize("model", MODELS)
def test_at_rest_nothing_happens(model: str) -> None:
    found = bold(np.full((2000, 3), 7.0), INTERVAL, model=model)
    for value in (found.flow, found.volume, found.deoxyhaemoglobin):
        np.testing.assert_allclose(value, 1, rtol=1e-12)
    np.testing.assert_allclose(found.signal, 0, atol=1e-13)


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("change", [0.4, -0.3])
def test_a_constant_drive_ends_in_the_steady_state(model: str, change: float) -> None:
    found = bold(np.full(24000, 10 * (1 + change)), INTERVAL, model=model, baseline=10.0)
    m = MODELS[model]()
    f = 1 + 0.5 / 0.41 * change
    assert found.flow[-1] == pytest.approx(f, rel=1e-9)
    assert found.volume[-1] == pytest.approx(f**m.alpha, rel=1e-7)
    if model == "balloon":
        q = (1 - (1 - 0.34) ** (1 / f)) / 0.34 * f**m.alpha
    else:  # what tissue gives off is what flows out
        q = 1.4 * f**m.alpha / (0.4 + f / f**m.alpha)
    assert found.deoxyhaemoglobin[-1] == pytest.approx(q, rel=1e-7)
    np.testing.assert_allclose(m.steady(change), [f, f**m.alpha, q], rtol=1e-12)
    assert found.signal[-1] * change > 0  # more activity, more signal
    np.testing.assert_allclose(found.signal[-1], m.signal(*m.steady(change)[1:]), rtol=1e-6)


@pytest.mark.parametrize("model", MODELS)
def test_a_pulse_peaks_after_seconds_and_undershoots(model: str) -> None:
    found = pulse(model)
    when, height = peak(found)
    assert 3.0 < when < 4.0
    assert 0.01 < height < 0.02  # 1.5% for a doubling over 1 s
    low = int(found.signal.argmin())
    assert 8.0 < found.time[low] - BEFORE < 11.0
    assert 0.1 < -found.signal[low] / height < 0.3
    assert np.abs(found.signal[found.time < BEFORE - 0.01]).max() < 1e-9
    assert abs(found.signal[-1]) < 1e-4 * height


def test_with_the_delay_of_astrocytes_the_peak_is_where_it_is_measured() -> None:
    # blood that takes 2 s through the veins, 40% of whose oxygen is taken, as in later work
    slow = Balloon(kappa=0.64, gamma=0.32, tau=2.0, extraction=0.4, delay=1.2)
    when, _ = peak(pulse(slow))
    assert 5.0 < when < 6.0
    undelayed = pulse(replace(slow, delay=0.0))
    assert peak(undelayed)[0] == pytest.approx(when - 1.2, abs=0.03)


@pytest.mark.parametrize("model", MODELS)
def test_blood_and_deoxyhaemoglobin_are_conserved(model: str) -> None:
    found = pulse(model)
    m, t = found.model, found.time
    out = found.volume ** (1 / m.alpha)
    stored = integrate.cumulative_trapezoid(found.flow - out, t, initial=0.0)
    np.testing.assert_allclose(m.tau * (found.volume - 1), stored, atol=2e-5)
    made = m.given_off(found.flow, found.volume, found.deoxyhaemoglobin)
    left = out * found.deoxyhaemoglobin / found.volume
    kept = integrate.cumulative_trapezoid(made - left, t, initial=0.0)
    np.testing.assert_allclose(m.tau * (found.deoxyhaemoglobin - 1), kept, atol=2e-5)
    # and all the extra flow is what the pulse of area 1 s asked for
    extra = integrate.trapezoid(found.flow - 1, t)
    assert extra == pytest.approx(m.efficacy / m.gamma * 1.0, rel=1e-4)


@pytest.mark.parametrize("model", MODELS)
def test_all_four_equations_integrated_together_agree(model: str) -> None:
    m = MODELS[model]()

    def drive(t: Any) -> Any:
        return 0.4 * np.sin(2 * np.pi * 0.08 * t) + 0.1 * t / 20

    def slopes(t: float, state: np.ndarray) -> list[float]:
        s, f, v, q = state
        out = v ** (1 / m.alpha)
        given = m.given_off(np.array(f), np.array(v), np.array(q))
        return [
            m.efficacy * drive(t) - m.kappa * s - m.gamma * (f - 1),
            s,
            (f - out) / m.tau,
            (float(given) - out * q / v) / m.tau,
        ]

    t = np.arange(0, 20 + INTERVAL / 2, INTERVAL)
    found = bold(5 * (1 + drive(t)), INTERVAL, model=m, baseline=5.0, sampling=0.5)
    expected = integrate.solve_ivp(
        slopes, (0, 20), [0, 1, 1, 1], t_eval=found.time, rtol=1e-10, atol=1e-12
    ).y
    for value, right in zip(
        (found.flow, found.volume, found.deoxyhaemoglobin), expected[1:], strict=True
    ):
        np.testing.assert_allclose(value, right, atol=3e-6)


def test_nodes_do_not_meet_and_sampling_does_not_matter() -> None:
    rng = np.random.default_rng(2)
    rate = 8 + rng.normal(0, 1, (4001, 2, 3))
    both = bold(rate, INTERVAL, sampling=0.5, start=3.0)
    assert both.signal.shape == (41, 2, 3)
    np.testing.assert_allclose(both.time, 3 + 0.5 * np.arange(41), rtol=1e-12)
    alone = bold(rate[:, 1, 2], INTERVAL, sampling=0.5)
    np.testing.assert_allclose(both.signal[:, 1, 2], alone.signal, atol=1e-8)
    often = bold(rate, INTERVAL, sampling=0.1)
    np.testing.assert_allclose(often.signal[::5], both.signal, atol=1e-8)
    # straight lines between samples: the same rates given more often
    coarse = 8 + rng.normal(0, 1, 101)
    fine = np.interp(np.arange(2001) / 20, np.arange(101), coarse)
    one = bold(coarse, 0.2, baseline=8.0, sampling=1.0)
    other = bold(fine, 0.01, baseline=8.0, sampling=1.0)
    # the first rate sets in within an interval, which is shorter in the second
    np.testing.assert_allclose(one.signal[2:], other.signal[2:], atol=2e-4)


def test_the_weights_are_those_of_the_sources() -> None:
    assert Balloon().weights == pytest.approx((7 * 0.34, 2, 0.48))
    assert Uniform().weights == (4.2, 1.7, 0.41)


@pytest.mark.parametrize(
    ("rate", "changes", "message"),
    [
        (np.ones(2000), {"model": "baloon"}, "unknown model 'baloon'. Allowed: balloon, uniform"),
        (np.ones(100), {}, "0.495 s of rates are too short; .* give at least 1 s"),
        (np.array(1.0), {}, "0 s of rates are too short"),
        (np.ones(2000), {"sampling": 0.0}, "sampling = 0.0 s is out of bounds; give a number > 0"),
        (np.ones(2000), {"baseline": 0.0}, "a baseline of 0 s.-1 is not positive"),
        (np.zeros(2000), {}, "a baseline of 0 s.-1 is not positive; give 'baseline'"),
        (np.ones((2000, 3)), {"baseline": np.ones(2)}, r"shape \(2,\) does not fit rates .*\(3,\)"),
        (np.r_[np.ones(2000), np.nan], {}, "rate 2001 is not finite"),
        (np.ones(9000), {"baseline": 20.0}, "flow falls to 0 at .* s, with rates so far below"),
    ],
)
def test_bad_input_is_one_line(rate: np.ndarray, changes: dict[str, Any], message: str) -> None:
    with pytest.raises(NftsimError, match=message) as caught:
        bold(rate, INTERVAL, **changes)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"tau": 0.0}, "tau = 0.0 is out of bounds; give a number > 0"),
        ({"kappa": float("nan")}, "kappa = nan is out of bounds"),
        ({"extraction": 1.0}, "extraction = 1 is out of bounds; give a number between 0 and 1"),
        ({"delay": -1.0}, "delay = -1.0 is out of bounds; give a number >= 0"),
    ],
)
def test_bad_numbers_are_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(NftsimError, match=message):
        Balloon(**changes)
