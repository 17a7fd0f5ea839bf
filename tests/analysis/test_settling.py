"""Settled or not: noise, drift, fixed points, short records."""

import numpy as np
import pytest
from scipy import signal

from analysis.settling import judge, judge_level, judge_run


def noise(seed, samples=2000, memory=0.9):
    """AR(1) noise of unit innovations about 10."""
    innovations = np.random.default_rng(seed).standard_normal(samples + 500)
    return 10 + signal.lfilter([1.0], [1.0, -memory], innovations)[500:]


def test_stationary_noise_is_settled():
    verdicts = [judge(noise(seed), resamples=300).settled for seed in range(100)]
    assert sum(verdicts) >= 98


def test_standard_error_is_that_of_correlated_noise():
    results = [judge(noise(seed), resamples=300) for seed in range(60)]
    scores = [r.difference / r.standard_error for r in results]
    assert 0.8 < np.std(scores) < 1.5
    differences = [r.difference for r in results]
    assert np.median([r.standard_error for r in results]) == pytest.approx(
        np.std(differences), rel=0.3
    )


def test_drift_is_not_settled():
    drift = np.linspace(0, 20, 2000)
    assert not any(judge(noise(seed) + drift, resamples=300).settled for seed in range(20))


def test_drift_before_the_middle_does_not_matter():
    early = np.where(np.arange(2000) < 1000, 50.0, 0.0)
    assert judge(noise(1) + early).settled


@pytest.mark.parametrize("level", [0.0, 7.59, -1e-3])
def test_constant_is_settled(level):
    assert judge(np.full(1000, level)).settled


def test_fixed_point_to_rounding_is_settled():
    rounding = 7.59 * (1 + 1e-15 * np.arange(1000))
    assert judge(rounding).settled


def test_slow_relaxation_without_noise_is_not_settled():
    result = judge(7.59 + 1e-4 * np.exp(-np.arange(1000) / 300))
    assert not result.settled
    assert "above 4 standard errors" in result.message


def test_same_record_same_verdict():
    assert judge(noise(3)) == judge(noise(3))


@pytest.mark.parametrize("samples", [0, 3, 40, 79])
def test_too_short_to_judge_is_not_settled(samples):
    result = judge(noise(4, samples))
    assert not result.settled
    assert "too few" in result.message


def test_short_constant_is_settled():
    assert judge(np.full(20, 3.0)).settled


def test_run_is_judged_by_its_mean_and_its_spread(runs, memory_run):
    rng = np.random.default_rng(5)
    time = 0.005 * np.arange(2000)
    steady = 8 + rng.standard_normal((2000, 4, 4))
    runs["steady"] = memory_run(time, steady, (0.5, 0.5))
    assert judge_run("steady").settled
    growing = 8 + np.exp(np.linspace(0, 3, 2000))[:, None, None] * (steady - 8)
    runs["growing"] = memory_run(time, growing, (0.5, 0.5))
    result = judge_run("growing")
    assert not result.settled
    assert "standard deviation over space" in result.message
    uniform = np.full((2000, 4, 4), 8.0) + 1e-15 * rng.standard_normal((2000, 4, 4))
    runs["uniform"] = memory_run(time, uniform, (0.5, 0.5))
    assert judge_run("uniform").settled
    runs["nodes"] = memory_run(time, steady.reshape(2000, 16), (0.5, 0.5))
    assert judge_run("nodes") == judge_run("steady")


@pytest.mark.parametrize(
    ("level", "stayed"),
    [(10.0, True), (10.9, True), (11.1, False), (340.0, False), (np.nan, False)],
)
def test_the_mean_must_stay_where_the_run_started(runs, memory_run, pulses, level, stayed):
    # the first half may be anywhere
    field = np.full((3000, 2, 2), 77.0)
    field[1500:] = level + 0.5 * np.array([[1, -1], [-1, 1]])
    runs["run"] = memory_run(0.005 * np.arange(3000), field, (0.5, 0.5), pulses)
    result = judge_level("run", "propagator.1.phi")
    assert result.stayed is stayed
    assert result.start == 10
    assert "against 10" in result.message


@pytest.mark.parametrize(("level", "stayed"), [(0.09, True), (0.12, False)])
def test_a_rate_near_zero_may_change_by_little(runs, memory_run, pulses, level, stayed):
    quiet = pulses.with_rates([0.0])
    runs["run"] = memory_run(0.005 * np.arange(90), np.full((90, 2, 2), level), (0.5, 0.5), quiet)
    assert judge_level("run", "propagator.1.phi").stayed is stayed


@pytest.mark.parametrize("trace", ["pop.2.q", "propagator.2.phi", "dendrite.1.v", "pop.1.v"])
def test_only_rates_of_neural_populations_have_a_level(runs, memory_run, pulses, trace):
    runs["run"] = memory_run(0.005 * np.arange(9), np.zeros((9, 2, 2)), (0.5, 0.5), pulses)
    assert judge_level("run", trace) is None
