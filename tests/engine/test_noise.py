# mypy: disable-error-code="no-untyped-call"
"""The generators: known answers, distribution, independence, and the functions they stand on."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from nftsim.components.stimuli import Const, White
from nftsim.engine.kernels import maths, mersenne, noise
from nftsim.model import Model, Population
from nftsim.model.checks import check
from nftsim.reference.noise import Mersenne, threefry
from tests.engine.machinery import engine_run, watched

Array = NDArray[np.float64]
NODES, STEPS = 32 * 32, 200

# Random123's file of known answers (Salmon et al. 2011), Threefry-2x64 with 13 rounds
KNOWN = [
    ((0, 0), (0, 0), (0xF167B032C3B480BD, 0xE91F9FEE4B7A6FB5)),
    (
        (0xA4093822299F31D0, 0x082EFA98EC4E6C89),
        (0x243F6A8885A308D3, 0x13198A2E03707344),
        (0xC3AAC71561042993, 0x3FE7AE8801AFF316),
    ),
]


@pytest.mark.parametrize(("key", "counter", "words"), KNOWN)
def test_threefry_known_answers(
    key: tuple[int, int], counter: tuple[int, int], words: tuple[int, int]
) -> None:
    arguments = [np.uint64(x) for x in (*key, *counter)]
    assert tuple(int(w) for w in noise.threefry(*arguments)) == words
    assert threefry(key, counter) == words


def test_mersenne_twister_known_answers() -> None:
    state = np.zeros(mersenne.WORDS, dtype=np.uint64)
    mersenne.seed(state, np.uint64(5489))
    ours = [int(mersenne.word(state)) for _ in range(10_000)]
    assert ours[0] == 14514284786278117030
    assert ours[-1] == 9981545732273789042  # what the C++ standard asks of std::mt19937_64
    plain = Mersenne(5489)
    assert [plain.word() for _ in range(10_000)] == ours


# distribution and independence ------------------------------------------------------------------


def _draw(seed: int = 1, count: int = 1, **white: Any) -> Array:
    """Return z of as many populations of noise, shape (population, step, node)."""
    parts = {"mean": 0.0, "stddev": 1.0, **white}
    sheet = Population("", 1.0, stimuli=(White(**parts),))
    model = Model(
        time=STEPS * 1e-3, deltat=1e-3, nodes=NODES, populations=(sheet,) * count, connections=()
    )
    rows = engine_run(check(watched(model)), STEPS, seed=seed)
    return np.stack([rows[f"pop.{i + 1}.q"].reshape(STEPS, NODES) for i in range(count)])


@pytest.fixture(scope="module")
def sample() -> Array:
    return _draw(count=3)


def test_distribution(sample: Array) -> None:
    z = sample.ravel()
    n = z.size
    assert abs(z.mean()) < 4 / math.sqrt(n)
    assert abs(z.var() - 1) < 4 * math.sqrt(2 / n)
    assert abs(stats.skew(z)) < 4 * math.sqrt(6 / n)
    assert abs(stats.kurtosis(z)) < 4 * math.sqrt(24 / n)
    assert stats.kstest(z, "norm").pvalue > 1e-3
    # about as far out as so many deviates reach: the tails are there
    assert 4.3 < np.abs(z).max() < 6.5


def test_even_and_odd_steps_alike(sample: Array) -> None:
    """Box and Muller's two deviates are used in turn; both must be normal."""
    for part in (sample[:, ::2], sample[:, 1::2]):
        assert stats.kstest(part.ravel(), "norm").pvalue > 1e-3


def _uncorrelated(a: Array, b: Array) -> None:
    for f in (np.asarray, np.square, np.abs):
        r = np.corrcoef(f(a).ravel(), f(b).ravel())[0, 1]
        assert abs(r) < 4.5 / math.sqrt(a.size)


def test_independence(sample: Array) -> None:
    z = sample[0]
    for lag in (1, 2, 3, 32):
        _uncorrelated(z[:-lag], z[lag:])  # steps, those of a pair among them
        _uncorrelated(z[:, :-lag], z[:, lag:])  # nodes
    _uncorrelated(z[::2], z[1::2])
    _uncorrelated(sample[0], sample[1])  # streams
    _uncorrelated(sample[0], sample[2])
    for seed in (0, 2, 2**63):
        _uncorrelated(z, _draw(seed=seed)[0])


def test_no_deviate_comes_twice(sample: Array) -> None:
    assert np.unique(sample).size == sample.size


def test_strength_of_asd_depends_on_the_grid() -> None:
    asd, dt, dx = 1e-3, 1e-3, 1.0 / 32
    rows = _draw(stddev=None, asd=asd, mean=2.0)
    sigma = math.sqrt((2 * math.pi) ** 3 * asd**2 / (dt * dx**2))
    assert rows.mean() == pytest.approx(2.0, abs=4 * sigma / math.sqrt(rows.size))
    assert rows.std() == pytest.approx(sigma, rel=4 / math.sqrt(2 * rows.size))
    one = Population("", 1.0, stimuli=(White(mean=0.0, asd=asd),))
    model = Model(time=20.0, deltat=dt, nodes=1, populations=(one,), connections=())
    alone = engine_run(check(watched(model)), 20_000)["pop.1.q"]
    assert alone.std() == pytest.approx(math.sqrt(2 * math.pi * asd**2 / dt), rel=0.03)


def test_noise_acts_in_its_window_and_place() -> None:
    white = White(mean=0.0, stddev=1.0, onset=10e-3, duration=20e-3, node=(2, 4))
    sheet = Population("", 1.0, stimuli=(white, Const(mean=5.0)))
    model = Model(time=0.05, deltat=1e-3, nodes=4, populations=(sheet,), connections=())
    q = engine_run(check(watched(model)), 50)["pop.1.q"].reshape(50, 4) - 5.0
    noisy = np.any(q[:, [1, 3]] != 0, axis=1)
    t = (np.arange(50) + 1) * 1e-3
    inside, edge = (t > 0.0105) & (t < 0.0295), np.isclose(t, 0.010) | np.isclose(t, 0.030)
    assert np.all(noisy[inside & ~edge])
    assert not np.any(noisy[~inside & ~edge])
    assert np.all(q[:, [0, 2]] == 0)


# the functions ----------------------------------------------------------------------------------

LONG = np.longdouble


def _ulps(found: Array, exact: NDArray[np.longdouble]) -> float:
    return float(np.max(np.abs(found - exact) / np.spacing(np.abs(exact).astype(float))))


def _each(function: Any, x: Array) -> Array:
    return np.array([function(v) for v in x])


def test_exp() -> None:
    rng = np.random.default_rng(1)
    x = np.concatenate([rng.uniform(-700, 700, 5000), rng.uniform(-30, 30, 5000), [0.0, -0.0]])
    assert _ulps(_each(maths.exp, x), np.exp(x.astype(LONG))) <= 1.5
    near = rng.uniform(-1e-8, 1e-8, 1000)
    assert _ulps(_each(maths.exp, near), np.exp(near.astype(LONG))) <= 1.5


def test_exp_beyond_its_range() -> None:
    assert math.isnan(maths.exp(math.nan))
    assert maths.exp(math.inf) == maths.exp(700.0) > 1e304
    assert maths.exp(-math.inf) == maths.exp(-700.0) > 0
    assert maths.exp(710.0) == maths.exp(700.0)


def test_log() -> None:
    rng = np.random.default_rng(2)
    whole = rng.integers(1, 2**52, 5000, endpoint=True)
    x = np.concatenate(
        [
            whole * 2.0**-52,
            2.0 ** -rng.uniform(0, 52, 5000),
            1 - np.arange(1, 500) * 2.0**-52,
            2.0 ** -np.arange(1.0, 53),
            np.sqrt(0.5) + np.arange(-50, 50) * 2.0**-53,
        ]
    )
    assert _ulps(_each(maths.log, x), np.log(x.astype(LONG))) <= 1.5
    assert maths.log(1.0) == 0.0


def test_sine_and_cosine_of_turns() -> None:
    rng = np.random.default_rng(3)
    eighths = np.arange(8) / 8
    close = (eighths + 2.0 ** -rng.uniform(10, 50, (200, 1))).ravel()
    u = np.concatenate([rng.random(8000), eighths, close, np.nextafter(eighths, 1)])
    found = np.array([maths.sincos_turn(v) for v in u])
    # reduce exactly to a quarter of a turn around 0 before going to extended precision
    quarter = np.rint(4 * u)
    x = (u - quarter / 4).astype(LONG) * 2 * LONG("3.14159265358979323846264338327950288")
    sine, cosine = np.sin(x), np.cos(x)
    turn = quarter.astype(int) % 4
    exact_sine = np.choose(turn, [sine, cosine, -sine, -cosine])
    exact_cosine = np.choose(turn, [cosine, -sine, -cosine, sine])
    assert _ulps(found[:, 0], exact_sine) <= 2
    assert _ulps(found[:, 1], exact_cosine) <= 2
