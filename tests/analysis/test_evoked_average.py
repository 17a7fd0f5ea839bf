"""Onsets of stimuli, and averages over them."""

import math
from dataclasses import replace

import numpy as np
import pytest

from analysis.evoked import evoked, onsets
from analysis.field import make_field, read_field
from nftsim import Output, Trace, simulate
from nftsim.components import stimuli
from nftsim.errors import NftsimError

DT = 0.01


@pytest.mark.parametrize(
    ("stimulus", "expected"),
    [
        (
            stimuli.PulseRect(onset=0.1, amplitude=1.0, width=0.1, period=0.3, pulses=3),
            [0.1, 0.4, 0.7],
        ),
        (
            stimuli.PulseRect(onset=0.1, amplitude=1.0, width=0.1, frequency=2.0, pulses=9),
            [0.1, 0.6],
        ),
        (stimuli.PulseRect(onset=0.1, amplitude=1.0, width=0.1), [0.1]),
        (
            stimuli.PulseRect(amplitude=1.0, width=0.1, period=0.3, pulses=math.inf, duration=0.75),
            [0.0, 0.3, 0.6],
        ),
        (
            stimuli.PulseSigmoid(amplitude=1.0, width=0.1, period=0.3, pulses=9, duration=0.75),
            [0.0, 0.3],
        ),
        (
            stimuli.PulseSine(onset=-0.3, amplitude=1.0, width=0.1, period=0.4, pulses=9),
            [0.1, 0.5, 0.9],
        ),
        (
            stimuli.Burst(
                onset=0.2,
                amplitude=1.0,
                width=0.01,
                bursts=3,
                frequency=50.0,
                oscillation=5.0,
                on=0.3,
                off=0.2,
            ),
            [0.2, 0.7],
        ),
        (
            stimuli.PAS(
                onset=0.25,
                isi=0.01,
                n20_width=0.01,
                n20_height=1.0,
                p25_width=0.01,
                p25_height=1.0,
                tms_width=0.001,
                tms_height=1.0,
            ),
            [0.25],
        ),
        (stimuli.Const(mean=1.0), []),
        (stimuli.Const(mean=1.0, onset=0.4), [0.4]),
        (stimuli.White(mean=1.0, asd=1.0), []),
        (stimuli.Sine(amplitude=1.0, frequency=3.0), []),
        (stimuli.PulseRect(onset=1.5, amplitude=1.0, width=0.1), []),
    ],
)
def test_each_stimulus_says_when_it_begins(stimulus, expected):
    np.testing.assert_allclose(stimulus.onsets(1.0), expected, atol=1e-12)


@pytest.mark.parametrize(
    "stimulus",
    [
        stimuli.PulseRect(onset=0.11, amplitude=2.0, width=0.05, period=0.25, pulses=3),
        stimuli.PulseRect(
            onset=0.11, amplitude=2.0, width=0.05, period=0.25, pulses=2.5, duration=0.3
        ),
        stimuli.PulseSine(onset=0.11, amplitude=2.0, width=0.05, period=0.25, pulses=2),
        stimuli.PulseSigmoid(
            onset=0.11, amplitude=2.0, width=0.05, period=0.25, pulses=9, duration=0.6, sigma=0.001
        ),
        stimuli.Burst(
            onset=0.11,
            amplitude=2.0,
            width=0.005,
            bursts=1,
            frequency=50.0,
            oscillation=10.0,
            on=0.05,
            off=0.25,
        ),
    ],
)
def test_onsets_are_where_its_rate_rises(stimulus):
    step = 1e-4
    t = step * np.arange(10000) + 0.5e-4 + stimulus.clock_start
    rate = np.where(stimulus.active(t), stimulus.waveform(t, step), 0.0)
    on = abs(rate) > 1.0 if isinstance(stimulus, stimuli.PulseSigmoid) else rate != 0
    rises = step * np.flatnonzero(on[1:] & ~on[:-1]) + step
    # of a sine, the zero in its middle is none
    rises = rises[np.insert(np.diff(rises) > 0.06, 0, True)]
    np.testing.assert_allclose(stimulus.onsets(1.0), rises, atol=3 * step)


def test_onsets_of_a_model(pulses):
    np.testing.assert_allclose(onsets(pulses), [0.02, 0.04])
    np.testing.assert_allclose(onsets(pulses, 0.03), [0.02])
    quiet = replace(pulses.populations[1], stimuli=(stimuli.Const(mean=1.0),))
    with pytest.raises(NftsimError, match="pulses: no stimulus begins between 0 and 0.1 s"):
        onsets(replace(pulses, populations=(pulses.populations[0], quiet)))


def trials(count, noise=0.0, seed=1, spacing=100, shape=(1, 2)):
    """exp(−t/τ) after every onset, over a level of 5 and noise."""
    rng = np.random.default_rng(seed)
    rows = np.arange(spacing * count + spacing)
    since = (rows - spacing // 2) % spacing
    response = np.where(rows >= spacing // 2, np.exp(-since / 10.0) * (since < spacing // 2), 0.0)
    data = 5 + response[:, None, None] + noise * rng.standard_normal((len(rows), *shape))
    times = DT * (spacing // 2 + spacing * np.arange(count))
    return make_field(data, DT, (0.1, 0.2), units="s⁻¹", start=1.0), 1.0 + times


def test_a_known_response_is_found():
    field, times = trials(4)
    found = evoked(field, times, before=0.2, after=0.4)
    assert found.count == 4
    assert found.mean.shape == (61, 1, 2)
    after = found.time > -DT / 2
    np.testing.assert_allclose(found.mean[after, 0, 1], np.exp(-found.time[after] / 0.1), rtol=1e-9)
    np.testing.assert_allclose(found.mean[~after], 0.0, atol=1e-12)
    np.testing.assert_allclose(found.upper - found.lower, 0.0, atol=1e-9)
    plain = evoked(field, times, before=0.2, after=0.4, baseline=False)
    np.testing.assert_allclose(plain.mean, found.mean + 5)
    assert found.units == "s⁻¹"
    assert list(found.to_frame(1)) == ["time", "mean", "lower", "upper"]


def test_bands_are_students_and_cover():
    field, times = trials(12, noise=1.0)
    found = evoked(field, times, before=0.2, after=0.4, baseline=False)
    rows = np.array([round((t - 1.0) / DT) for t in times])
    sample = np.array([field.values[r - 20 : r + 41] for r in rows])
    np.testing.assert_allclose(found.mean, sample.mean(axis=0))
    half = 2.200985 * sample.std(axis=0, ddof=1) / np.sqrt(12)  # t of 11 degrees of freedom
    np.testing.assert_allclose(found.upper - found.mean, half, rtol=1e-5)
    inside = []
    for seed in range(200):
        field, times = trials(5, noise=1.0, seed=seed)
        one = evoked(field, times, before=0.2, after=0.4, baseline=False)
        truth = 5 + np.where(one.time > -DT / 2, np.exp(-np.abs(one.time) / 0.1), 0.0)
        inside.append((one.lower[:, 0, 0] <= truth) & (truth <= one.upper[:, 0, 0]))
    assert np.mean(inside) == pytest.approx(0.95, abs=0.01)


def test_trials_that_are_not_whole_are_left_out_and_runs_pooled():
    field, times = trials(4)
    assert evoked(field, [*times, 1.05, 99.0], before=0.2, after=0.4).count == 4
    assert evoked([field, field], times, before=0.2, after=0.4).count == 8
    single = evoked(field, times[:1], before=0.2, after=0.4)
    assert single.count == 1
    assert np.isnan(single.lower).all()


def test_the_response_of_a_model_to_its_own_pulses(pulses):
    output = Output(interval=0.001, traces=(Trace("propagator", 1, "phi"), Trace("pop", 2, "q")))
    run = simulate(replace(pulses, output=output))
    rate = evoked(read_field(run, "pop.2.q"), onsets(run.model), before=0.005, after=0.01)
    assert rate.count == 2
    flat = rate.mean.reshape(len(rate.time), -1)
    # +2 at node 17 in one trial and −2 at node 104 in the other
    assert flat[:, 16].max() == pytest.approx(1.0)
    assert flat[:, 103].min() == pytest.approx(-1.0)
    assert rate.time[flat[:, 16].argmax()] == pytest.approx(0.0, abs=0.0011)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"before": 3.0}, "no onset has 3 s before and 0.5 s after it in the record"),
        ({"before": 0.0}, "a baseline needs at least one row before"),
        ({"confidence": 0.0}, "confidence 0"),
    ],
)
def test_bad_input(options, message):
    field, times = trials(2)
    with pytest.raises(NftsimError, match=message):
        evoked(field, times, **options)


def test_runs_that_differ_are_not_pooled():
    field, times = trials(2)
    other, _ = trials(2, shape=(2, 2))
    with pytest.raises(NftsimError, match="differ in nodes"):
        evoked([field, other], times)
    with pytest.raises(NftsimError, match="no field given"):
        evoked([], times)
