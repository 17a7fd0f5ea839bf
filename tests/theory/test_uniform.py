"""What may vary over the nodes and what may not, and what else has no linear theory."""

from __future__ import annotations

import numpy as np
import pytest

from nftsim.errors import NftsimError
from nftsim.model import Model
from nftsim.model.overrides import override
from nftsim.theory.fixed_points import steady_states
from nftsim.theory.linear import linear_spectrum
from nftsim.theory.uniform import uniform
from tests.theory.small_models import SIGMOID, network

RAMP = "Ramp alpha: 80 beta: 500 alpha2: {} beta2: 500 t1: 0.1 t2: 0.2 t3: 0.3 t4: 0.4"


def model(**settings: object) -> Model:
    settings = {"propagator": "Wave - Tau: 0 Range: 0.4 gamma: 50", **settings}
    return network([[1e-4]], stimulus="White - Mean: 1 StdDev: 2", grid="Nodes: 9", **settings)  # type: ignore[arg-type]


def differing(value: float) -> list[float]:
    return [value] * 8 + [2 * value]


#: Path → one number: what steady states read, and what they do not.
READ = {
    "population.1.firing.theta": 0.013,
    "population.1.firing.sigma": 0.0038,
    "population.1.firing.qmax": 340.0,
    "coupling.1.nu": 1e-4,
    "coupling.2.nu": 1e-3,
    "population.2.stimulus.mean": 1.0,
}
DYNAMIC = {
    "propagator.1.tau": 0.01,
    "propagator.1.range": 0.4,
    "propagator.2.gamma": 50.0,
    "dendrite.1.alpha": 80.0,
    "dendrite.2.beta": 500.0,
}
INITIAL = {"population.1.q": 5.0, "propagator.1.phi": 3.0, "dendrite.2.v": 1e-3}


@pytest.mark.parametrize("path", READ)
def test_states_need_uniform_responses_strengths_and_inputs(path: str) -> None:
    varied = override(model(), {path: differing(READ[path])})
    with pytest.raises(NftsimError) as caught:
        steady_states(varied)
    full = path.replace("stimulus.mean", "stimulus.1.mean")
    message = str(caught.value)
    assert message.startswith(f"model, override {path}=")
    assert "varies over the nodes, and a nonuniform model has no uniform fixed point" in message
    assert message.endswith(f"warmup.overrides: {full}: <one number>)")
    # the way out that it names is one
    steady_states(override(varied, {full: READ[path]}))


@pytest.mark.parametrize("path", DYNAMIC)
def test_states_do_not_depend_on_delays_ranges_and_rates(path: str) -> None:
    varied = override(model(), {path: differing(DYNAMIC[path])})
    assert steady_states(varied).lowest.rates == steady_states(model()).lowest.rates
    with pytest.raises(NftsimError) as caught:
        linear_spectrum(varied, "pop.1.q", [1.0])
    assert str(caught.value).startswith(f"model, override {path}=")
    assert "varies over the nodes, so the modes are coupled" in str(caught.value)
    assert "take the spectrum of a simulation" in str(caught.value)


@pytest.mark.parametrize("path", [*READ, *DYNAMIC])
def test_equal_values_are_one_number(path: str) -> None:
    value = {**READ, **DYNAMIC}[path]
    one = override(model(), {path: value})
    all_nodes = override(model(), {path: [value] * 9})
    expected = linear_spectrum(one, "pop.1.q", [1.0, 20.0])
    found = linear_spectrum(all_nodes, "pop.1.q", [1.0, 20.0])
    assert found.power.tolist() == expected.power.tolist()
    assert found.fixed_point.rates.tolist() == expected.fixed_point.rates.tolist()


@pytest.mark.parametrize("path", INITIAL)
def test_initial_values_do_not_matter(path: str) -> None:
    varied = override(model(), {path: differing(INITIAL[path])})
    found = linear_spectrum(varied, "pop.1.q", [1.0, 20.0])
    assert found.power.tolist() == linear_spectrum(model(), "pop.1.q", [1.0, 20.0]).power.tolist()


def test_uniform_model_has_numbers_only() -> None:
    values = {**READ, **DYNAMIC, **INITIAL}
    found = uniform(override(model(), {path: [v] * 9 for path, v in values.items()}))
    items = [c for p in found.populations for c in (p.firing, *p.stimuli) if c is not None]
    items += [part for c in found.connections for part in (c.propagator, c.coupling, c.dendrite)]
    assert items
    assert not [item for item in items if item.varying]
    assert found.populations[0].q == 5.0


def test_response_named_in_another_must_be_uniform() -> None:
    firing = f"GlutamateResponse Lambda: 1e-4 tGlu: 0.03 Function: {SIGMOID}"
    inner = override(model(firing=[firing]), {"population.1.firing.theta": differing(0.013)})
    with pytest.raises(NftsimError, match=r"firing.*: Theta varies over the nodes"):
        steady_states(inner)
    # glutamate changes neither state nor response
    outer = override(model(firing=[firing]), {"population.1.firing.lambda": differing(1e-4)})
    assert linear_spectrum(outer, "pop.1.q", [1.0]).power == pytest.approx(
        linear_spectrum(model(), "pop.1.q", [1.0]).power, rel=1e-14
    )


def test_dendrite_that_ramps() -> None:
    ramping = model(parts={"Dendrite 2": RAMP.format(40)})
    assert steady_states(ramping).lowest.rates == steady_states(model()).lowest.rates
    message = r"model:\d+: Dendrite 2 \(Ramp\) has no linear theory: its rates change in time; use"
    with pytest.raises(NftsimError, match=message):
        linear_spectrum(ramping, "pop.1.q", [1.0])
    still = model(parts={"Dendrite 2": RAMP.format(80)})
    expected = linear_spectrum(model(), "pop.1.q", [1.0]).power
    assert linear_spectrum(still, "pop.1.q", [1.0]).power == pytest.approx(expected, rel=1e-14)


@pytest.mark.parametrize(
    ("kinds", "plain"),
    [
        ({"Dendrite 1": "Integral alpha: 80 beta: 500"}, {}),
        ({"Propagator 1": "WaveLegacy - Tau: 0 Range: 0.4 gamma: 50"}, {}),
        (
            {"Propagator 1": "HarmonicIntegral - Tau: 0 gamma: 50"},
            {"Propagator 1": "Harmonic - Tau: 0 gamma: 50"},
        ),
    ],
)
def test_other_schemes_of_the_same_equation(kinds: dict[str, str], plain: dict[str, str]) -> None:
    found = linear_spectrum(model(parts=kinds), "pop.1.v", [1.0, 12.0]).power
    expected = linear_spectrum(model(parts=plain), "pop.1.v", [1.0, 12.0]).power
    assert found == pytest.approx(expected, rel=1e-13)


def test_sphere_has_states_but_no_modes() -> None:
    grid = "Nodes: 9 Topology: Sphere"
    turned = network([[1e-4]], stimulus="White - Mean: 1 StdDev: 2", grid=grid)
    assert steady_states(turned).lowest.rates == steady_states(model()).lowest.rates
    with pytest.raises(NftsimError, match=r"model:\d+: a Sphere has no linear theory"):
        linear_spectrum(turned, "pop.1.q", [1.0])
    point = network(
        [[1e-4]], stimulus="White - Mean: 1 StdDev: 2", grid="Topology: Sphere Nodes: 1"
    )
    assert np.isfinite(linear_spectrum(point, "pop.1.q", [1.0]).power).all()
