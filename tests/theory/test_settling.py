"""States that simulations reach from random rates, against the fixed points."""

from __future__ import annotations

import numpy as np
import pytest

from nftsim import settled_states
from nftsim.errors import NftsimError
from nftsim.model import load_model
from nftsim.settling import nearest
from nftsim.theory.fixed_points import steady_states
from tests.theory.small_models import network


def test_simulations_settle_in_the_stable_fixed_points() -> None:
    model = network([[8e-5]], onto=[0.0])
    states = steady_states(model)
    found = settled_states(model, starts=12, duration=1.5)
    assert [s.settled for s in found] == [True, True]
    assert sum(s.starts for s in found) == 12
    places = [nearest(s, states.fixed_points) for s in found]
    assert places == [0, 2]
    for state, place in zip(found, places, strict=True):
        assert place is not None
        assert state.rates == pytest.approx(states.fixed_points[place].rates, rel=1e-6)


def test_oscillations_are_told_apart() -> None:
    found = settled_states(load_model("eirs-eyes-closed"), starts=8, duration=12.0)
    rest, moving = found
    assert rest.settled
    assert rest.rates[0] == pytest.approx(5.248361501, rel=1e-5)
    assert not moving.settled
    assert moving.high[0] > 2 * moving.low[0]
    assert nearest(moving, steady_states(load_model("eirs-eyes-closed")).fixed_points) is None
    assert set(moving.to_dict()) == {"Q", "low", "high", "starts", "settled"}


def test_the_same_seed_gives_the_same_starts() -> None:
    model = network([[8e-5]], onto=[0.0])
    first, second = (settled_states(model, starts=5, seed=3, duration=0.3) for _ in range(2))
    assert [s.starts for s in first] == [s.starts for s in second]
    assert np.array_equal(first[0].rates, second[0].rates)


def test_runs_that_diverge_reach_nothing() -> None:
    model = network([[1e-1]], firing=["Cubic a: 1e9 b: 0 c: 900 d: 2"])
    assert settled_states(model, starts=3, duration=2.0) == []


@pytest.mark.parametrize(
    ("wrong", "told"), [({"starts": 0}, "starts 0"), ({"duration": 0.0}, "0: ")]
)
def test_numbers_out_of_bounds_are_refused(wrong: dict[str, float], told: str) -> None:
    with pytest.raises(NftsimError, match=told):
        settled_states(network([[8e-5]]), **wrong)  # type: ignore[arg-type]
