"""Branches of fixed points: folds, crossings and changes of stability where they must be."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.special import expit

from nftsim.components.firing import Sigmoid
from nftsim.errors import NftsimError
from nftsim.model import Model, load_model
from nftsim.theory.branches import branches, curves
from nftsim.theory.continuation import Branch
from nftsim.theory.equations import Equations
from nftsim.theory.family import Family
from nftsim.theory.fixed_points import steady_states
from nftsim.theory.stability import stability
from nftsim.theory.stability_map import stability_map
from tests.theory.small_models import network, noise_only

Array = NDArray[np.float64]
RESPONSE = Sigmoid(theta=0.013, sigma=0.0038, qmax=340.0)
NU = 1e-3


def folds() -> list[tuple[float, float]]:
    """Rate and drive [V] at both folds of V = ν S(V) + d."""
    root = np.sqrt(1 - 4 * 0.0038 / (NU * 340))
    found = []
    for sign in (-1, 1):
        share = 0.5 * (1 + sign * root)
        v = 0.013 + 0.0038 * np.log(share / (1 - share))
        found.append((340 * share, float(v - NU * 340 * share)))
    return found


@pytest.fixture(scope="module")
def bistable() -> Model:
    """One population that excites itself; its input has strength 1 V s, so its rate is d."""
    return network([[NU]], onto=[1.0])


def test_a_branch_goes_round_its_folds(bistable: Model) -> None:
    found = branches(bistable, "population.2.stimulus.1.mean", -0.5, 0.1)
    assert found.complete
    (branch,) = found.branches
    assert [e.kind for e in branch.events] == ["fold", "fold"]
    for event, (rate, drive) in zip(branch.events, folds(), strict=True):
        assert event.value == pytest.approx(drive, rel=1e-9)
        assert event.rates == pytest.approx([rate], rel=1e-5)
    assert branch.values[[0, -1]] == pytest.approx([-0.5, 0.1], abs=1e-12)
    # stable, unstable between the folds, stable
    changes = np.flatnonzero(np.diff(branch.unstable))
    assert branch.unstable[[0, len(branch.values) // 2, -1]].tolist() == [0, 1, 0]
    assert len(changes) == 2
    v = branch.voltages[:, 0]
    assert v == pytest.approx(NU * branch.rates[:, 0] + branch.values, abs=1e-12)
    assert branch.rates[:, 0] == pytest.approx(340 * expit((v - 0.013) / 0.0038), rel=1e-9)


def test_a_parameter_of_the_response_is_followed(bistable: Model) -> None:
    # V − θ alone matters, so that θ shifts the folds of the drive
    held = replace_mean(bistable, -0.1)
    found = branches(held, "population.1.firing.theta", -0.3, 0.4, stability=False)
    (branch,) = found.branches
    expected = sorted(0.013 + (-0.1 - drive) for _, drive in folds())
    assert sorted(e.value for e in branch.events) == pytest.approx(expected, rel=1e-7)


def replace_mean(model: Model, mean: float) -> Model:
    """Return the model with another input."""
    return Family(model, "population.2.stimulus.1.mean", mean - 1, mean + 1).model(mean)


class Bent(Family):
    """A family whose drive is a parabola of the parameter: it goes to a fold and back."""

    def __init__(self, drive: Callable[[float], float], slope: Callable[[float], float]) -> None:
        self.low, self.high = -1.0, 1.0
        self.drive, self.bend = drive, slope

    def equations(self, value: float) -> Equations:
        return Equations((RESPONSE,), np.array([[NU]]), np.array([self.drive(value)]))

    def change(self, value: float, v: Array) -> Array:
        return np.full(len(v), self.bend(value))


def test_a_closed_branch_is_found() -> None:
    # a pair of roots exists below the first fold alone: here for |λ| < 0.7
    (_, edge), _ = folds()
    height = 1e-3
    bent = Bent(lambda x: edge + height * (x**2 - 0.49), lambda x: 2 * height * x)
    found, complete = curves(Branch(bent), 9)
    assert complete
    closed = [c for c in found if c.closed]
    assert len(found) == 2
    assert len(closed) == 1
    shares = [p.share for p in closed[0].points]
    assert 2 * max(shares) - 1 == pytest.approx(0.7, abs=1e-3)
    assert 2 * min(shares) - 1 == pytest.approx(-0.7, abs=1e-3)


def test_branches_that_cross_are_all_found() -> None:
    # two populations that silence each other: from a strength on, one of them wins
    model = network([[0, -1e-4], [-1e-4, 0]], onto=[2e-2, 2e-2])
    found = branches(model, "coupling.1.nu,coupling.3.nu", -1e-3, -1e-6, stability=False)
    assert found.complete
    equal = next(b for b in found.branches if np.ptp(b.rates[0]) < 1e-9)
    event = next(e for e in equal.events if e.kind == "branch point")
    slope = float(RESPONSE.slope(RESPONSE.inverse(event.rates[:1]))[0])
    assert event.value * slope == pytest.approx(-1, rel=1e-3)  # no more where branches cross
    for value, count in ((-9e-4, 3), (event.value * 0.9, 1)):
        crossing = [np.diff(np.sign(b.values - value)) for b in found.branches]
        assert sum(int((c != 0).sum()) for c in crossing) == count


@pytest.fixture(scope="module")
def wake() -> Model:
    """Corticothalamic system on one node."""
    return load_model("eirs-wake", {"nodes": 1})


def test_oscillations_begin_where_a_root_crosses(wake: Model) -> None:
    found = branches(wake, "coupling.9.nu", 2.6e-3, 3.0e-3)
    branch = next(b for b in found.branches if b.unstable[0] == 0 and b.events)
    event = branch.events[0]
    assert event.kind == "hopf"
    assert event.k == 0
    for shift, sign in ((-1e-6, -1), (0.0, 0), (1e-6, 1)):
        model = load_model("eirs-wake", {"nodes": 1, "coupling.9.nu": event.value + shift})
        states = steady_states(model).fixed_points
        point = min(states, key=lambda p: float(np.abs(p.rates - event.rates).max()))
        root = stability(model, point).dominant
        assert root is not None
        assert root.frequency == pytest.approx(event.frequency, rel=1e-3)
        assert abs(root.growth) < 1e-4 if sign == 0 else np.sign(root.growth) == sign


def test_branches_hold_every_fixed_point(wake: Model) -> None:
    found = branches(wake, "coupling.9.nu", 0.0, 6e-3, stability=False)
    assert found.complete
    for value in (1.1e-3, 1.3e-3, 3.3e-3, 5.9e-3, 5.95e-3):
        model = load_model("eirs-wake", {"nodes": 1, "coupling.9.nu": value})
        expected = len(steady_states(model).fixed_points)
        crossing = [np.diff(np.sign(b.values - value)) for b in found.branches]
        assert sum(int((c != 0).sum()) for c in crossing) == expected


def test_no_branch_is_followed_twice() -> None:
    model = load_model("eirs-aerp", {"nodes": 1})
    found = branches(model, "coupling.9.nu", 0.0, 4e-3, stability=False)
    assert found.complete
    for value in np.linspace(0.1e-3, 3.9e-3, 7):
        changed = load_model("eirs-aerp", {"nodes": 1, "coupling.9.nu": float(value)})
        crossing = [np.diff(np.sign(b.values - value)) for b in found.branches]
        states = steady_states(changed).fixed_points
        assert sum(int((c != 0).sum()) for c in crossing) == len(states)


def test_a_map_counts_what_there_is(wake: Model) -> None:
    x, y = [1e-3, 3e-3], [-2e-3, -1.2e-3, -2e-4]
    found = stability_map(wake, ("coupling.9.nu", "coupling.10.nu"), x, y)
    assert found.complete.all()
    assert found.fixed_points.shape == (3, 2)
    for j, i in ((0, 1), (1, 0), (2, 1)):
        changes = {"nodes": 1, "coupling.9.nu": x[i], "coupling.10.nu": y[j]}
        states = steady_states(load_model("eirs-wake", changes))
        assert found.fixed_points[j, i] == len(states.fixed_points)
        verdicts = [s is not None and bool(s.stable) for s in states.stabilities]
        assert found.stable[j, i] == sum(verdicts)
        assert found.lowest_stable[j, i] == verdicts[0]
    assert len(found.to_frame()) == 6


def test_what_cannot_be_followed_is_refused(wake: Model) -> None:
    for parameter, low, high, words in (
        ("coupling.9.nu", 1.0, 0.0, "the smaller one first"),
        ("", 0.0, 1.0, "names nothing"),
        ("coupling.9.mu", 0.0, 1.0, "Allowed: nu"),
        ("population.1.firing.sigma", 0.0, 1.0, "give a number > 0"),
    ):
        with pytest.raises(NftsimError, match=words):
            branches(wake, parameter, low, high)
    with pytest.raises(NftsimError, match="only inputs"):
        branches(noise_only(), "population.1.stimulus.1.mean", 0.0, 1.0)


@pytest.mark.parametrize(
    ("name", "path", "value"),
    [
        ("eirs-wake", "coupling.9.nu", 2.661985519e-3),
        ("eirs-wake", "population.1.firing.theta", 0.01292),
        ("eirs-wake", "population.5.stimulus.mean", 1.0),
        ("eirs-wake", "population.5.stimulus.1.mean", 1.0),
        ("eirs-wake", "propagator.1.gamma, propagator.4.gamma", 116.0),
        ("eirs-wake", "coupling.1.nu,coupling.2.nu", None),
        ("tms-bcm", "population.2.firing.theta", 0.013),
        ("tms-bcm", "population.2.firing.lambda", 1.5e-4),
    ],
)
def test_the_value_in_the_model_is_known(name: str, path: str, value: float | None) -> None:
    family = Family(load_model(name), path, 0.5, 0.6)
    assert family.present == value


def test_delays_move_no_fixed_point_but_its_stability() -> None:
    model = load_model("eirs-eyes-closed", {"nodes": 1, "coupling.9.nu": 3.45e-3})
    taus = ",".join(f"propagator.{i}.tau" for i in (3, 6, 7, 9))
    found = branches(model, taus, 0.0, 0.1)
    assert found.complete
    for branch in found.branches:
        assert np.ptp(branch.rates, axis=0).max() < 1e-9
    events = [e for b in found.branches for e in b.events]
    assert events
    assert {e.kind for e in events} == {"hopf"}


def test_many_roots_cross_each_at_its_own_frequency() -> None:
    # with delays alone a root crosses again and again at one frequency, once a period
    model = load_model("eirs-wake", {"nodes": 1})
    taus = ",".join(f"propagator.{i}.tau" for i in (3, 6, 7, 9))
    found = branches(model, taus, 0.0, 0.1)
    events = [e for b in found.branches for e in b.events]
    assert len(events) == 9
    frequencies = [e.frequency for e in events]
    assert frequencies == pytest.approx([frequencies[0]] * 9, rel=1e-6)
    assert frequencies[0] is not None
    # both ways between cortex and thalamus have the delay
    assert np.diff([e.value for e in events]) == pytest.approx(0.5 / frequencies[0], rel=1e-6)


def test_differences_stand_in_for_slopes(wake: Model) -> None:
    # a straight family knows its slope; by differences it must be the same
    family = Family(wake, "coupling.9.nu,coupling.3.nu", 1e-4, 6e-3)
    v = np.array([0.001, 0.002, 0.003, 0.004])
    straight = family.change(2e-3, v)
    family._ends = None
    assert family.change(2e-3, v) == pytest.approx(straight, rel=1e-6)
    one, other = family.equations(2e-3), Family(wake, "coupling.9.nu", 1e-4, 6e-3).equations(2e-3)
    assert one.nu[3, 0] == pytest.approx(other.nu[3, 0], rel=1e-14)
    assert replace(one, nu=other.nu).nu[0, 3] != one.nu[0, 3]


def test_progress_is_told_while_events_are_located() -> None:
    told: list[float] = []
    found = branches(
        load_model("eirs-wake", {"nodes": 1}), "coupling.9.nu", 0.002, 0.003, progress=told.append
    )
    assert sum(len(b.events) for b in found.branches) > 0
    assert told == sorted(told)
    assert told[0] == 0
    # not only point by point: the rest of the work, too
    assert len(told) > sum(len(b.values) for b in found.branches)
    assert 0.85 < told[-1] < 1
