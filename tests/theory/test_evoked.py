"""Impulse responses, and responses to a model's own stimuli, in time."""

from __future__ import annotations

import numpy as np
import pytest

from nftsim import simulate
from nftsim.errors import NftsimError
from nftsim.model import Model, load_model
from nftsim.model.overrides import override
from nftsim.theory.characteristic import rightmost_roots
from nftsim.theory.cross import transfer_function
from nftsim.theory.evoked import evoked_response, impulse_response, left_out, pushes_of
from nftsim.theory.fixed_points import steady_states
from nftsim.theory.response import linearise
from tests.theory.small_models import network

GRID = "Nodes: 24 Longside nodes: 6"
WAVE = "Wave - Tau: 0.002 Range: 0.2 gamma: 60"


def test_impulse_response_of_a_chain() -> None:
    # L of Fig 2: αβ/(β − α) (e^{−αt} − e^{−βt})
    model = network([[0]], onto=[1e-3], stimulus="Const - Mean: 1")
    found = impulse_response(model, "pop.1.v", duration=0.05, wavenumbers="continuous")
    t = found.time
    kernel = 80 * 500 / 420 * (np.exp(-80 * t) - np.exp(-500 * t))
    assert found.values[:, 0] == pytest.approx(1e-3 * kernel, abs=0.02 * 1e-3 * kernel.max())
    assert found.units == "V"
    assert t[:2].tolist() == [0.0, model.deltat]  # since the impulse
    steps = impulse_response(model, "pop.1.v", duration=0.05, wavenumbers="scheme")
    assert steps.values[:, 0] == pytest.approx(1e-3 * kernel, abs=0.06 * 1e-3 * kernel.max())


@pytest.mark.parametrize("wavenumbers", ["continuous", "grid", "scheme"])
def test_impulse_adds_up_to_the_transfer_function(wavenumbers: str) -> None:
    model = network([[2e-4, -1e-4], [3e-4, 0]], grid=GRID, propagator=WAVE)
    still = transfer_function(model, "pop.1.q", "pop.3.q", [0.0], wavenumbers=wavenumbers)[0].real
    settings = {"duration": 2.5, "wavenumbers": wavenumbers}
    everywhere = impulse_response(model, "pop.1.q", nodes=[1, 17], **settings)  # type: ignore[arg-type]
    total = everywhere.values.sum(axis=0) * model.deltat
    assert total == pytest.approx([still, still], rel=1e-6)
    # one node after the other makes everywhere at once
    one = impulse_response(model, "pop.1.q", node=9, nodes=range(1, 25), **settings)  # type: ignore[arg-type]
    assert one.nodes == tuple(range(1, 25))
    assert one.values.sum(axis=1) == pytest.approx(everywhere.values[:, 0], rel=1e-8, abs=1e-9)
    # and is the same along x to both sides
    assert one.values[:, 7] == pytest.approx(one.values[:, 9], rel=1e-8, abs=1e-9)


@pytest.mark.parametrize("wavenumbers", ["continuous", "grid", "scheme"])
@pytest.mark.parametrize("f", [7.0, 40.0])
def test_an_impulse_response_transformed_is_the_transfer_function(
    wavenumbers: str, f: float
) -> None:
    model = network([[2e-4, -1e-4], [3e-4, 0]], grid=GRID, propagator=WAVE)
    around = ("pop.1.q", "pop.3.q")
    expected = transfer_function(model, *around, [f], wavenumbers=wavenumbers)[0]
    found = impulse_response(model, *around, duration=2.5, wavenumbers=wavenumbers)
    wave = np.exp(2j * np.pi * f * found.time)
    total = (found.values[:, 0] * wave).sum() * model.deltat
    # a lag of a step would be a phase of 2πfΔt = 4e-3 and more
    assert total == pytest.approx(expected, rel=2e-4)


def test_stimuli_after_the_end_are_said_to_be() -> None:
    model = network([[1e-4]], stimulus="PulseRect - Onset: 0.5 Amplitude: 1 Width: 0.01")
    with pytest.raises(NftsimError, match=r"begins at 0.5 s, and a duration of 0.2 s ends before"):
        evoked_response(model, "pop.1.q", duration=0.2)
    assert evoked_response(model, "pop.1.q", duration=0.6).values.any()


def small_erps(amplitude: float) -> Model:
    changes = {
        f"population.2.stimulus.{j}.amplitude": a for j, a in ((1, amplitude), (2, -amplitude))
    }
    model = override(load_model("e-erps"), {"time": 0.125, "nodes": 1024, **changes})
    changes = {f"population.2.stimulus.{j}.node": n for j, n in ((1, "500"), (2, "530"))}
    model = override(model, changes)
    return model.with_rates(steady_states(model).lowest.rates.tolist())


def test_evoked_response_is_that_of_a_simulation() -> None:
    run, quiet = (
        np.asarray(simulate(small_erps(a))["propagator.1.phi"]).reshape(128, -1)
        for a in (1e-2, 0.0)
    )
    deviation = run - quiet
    size = np.abs(deviation).max()
    errors = []
    for wavenumbers in ("scheme", "grid", "continuous"):
        found = evoked_response(
            small_erps(1e-2),
            "propagator.1.phi",
            interval=9.765625e-04,
            wavenumbers=wavenumbers,
        )
        assert found.values.shape == (128, 1024)
        assert found.units == "s-1"
        assert found.time[[0, -1]] == pytest.approx([9.765625e-04, 0.125])
        errors.append(np.abs(found.values - deviation).max() / size)
    assert errors[0] < 1e-4  # the sigmoid is curved
    assert errors[0] < errors[1] < errors[2] < 0.3


def test_unstable_points_have_responses_that_grow() -> None:
    model = load_model("eirs-wake", {"nodes": 1})
    point = steady_states(model).fixed_points[1]
    root = rightmost_roots(linearise(model, point), np.zeros(()), 1)[0]
    assert root.real > 0
    found = impulse_response(
        model, "pop.1.q", "pop.1.q", duration=1.0, wavenumbers="scheme", fixed_point=point
    )
    late = np.log(np.abs(found.values[-2000:, 0]))
    assert np.polyfit(found.time[-2000:], late, 1)[0] == pytest.approx(root.real, rel=0.03)


def test_stimuli_that_depart_from_their_mean() -> None:
    text = "Superimpose: 3 Stimulus: White - Mean: 2 StdDev: 1 "
    text += "Stimulus: Const - Mean: 3 Duration: 0.001 "
    text += "Stimulus: PulseRect - Amplitude: 5 Width: 0.0005 Node: 3 3"
    model = network([[1e-4]], stimulus=text, grid=GRID)
    brief, pulse = pushes_of(model, 1, 20)
    assert brief.course.tolist() == [3.0] * 9 + [0.0] * 11
    assert pulse.course[:6].tolist() == [5.0] * 5 + [0.0]
    assert pulse.pattern.sum() == 2  # listed twice, driven twice
    notes = left_out(model)
    assert len(notes) == 2
    assert "Const) is no noise" in notes[0]
    assert "nftsim respond" in notes[1]


def test_levels_per_node_are_one_pattern() -> None:
    levels = " ".join(str(float(i)) for i in range(24))
    model = network([[1e-4]], stimulus=f"PulseRect - Amplitude: {levels} Width: 0.001", grid=GRID)
    (push,) = pushes_of(model, 1, 30)
    assert push.course[3] * push.pattern.ravel() == pytest.approx(np.arange(24.0), abs=1e-12)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"duration": 0.0}, "duration = 0 s: give a time of at least Deltat"),
        ({"duration": float("nan")}, "duration = nan s"),
        ({"duration": 0.1, "interval": 1.5e-4}, "no whole number of steps"),
        ({"duration": 300.0, "nodes": range(1, 25)}, "3000000 steps at 24 nodes is too much at"),
        ({"duration": 0.1, "wavenumbers": "grit"}, "Allowed: continuous, grid, scheme. Did you"),
        ({"duration": 0.1, "nodes": [25]}, "node 25 is not on the grid; give 1 to 24"),
        ({"duration": 0.1, "node": 0}, "node 0 is not on the grid"),
        ({"duration": 0.1, "source": "pop.7.q"}, "no trace 'pop.7.q'"),
    ],
)
def test_bad_requests(settings: dict[str, object], message: str) -> None:
    with pytest.raises(NftsimError, match=message):
        impulse_response(network([[1e-4]], grid=GRID), "pop.1.q", **settings)  # type: ignore[arg-type]


def test_noise_evokes_nothing() -> None:
    with pytest.raises(NftsimError, match=r"departs from its mean but by noise.*nftsim spectrum"):
        evoked_response(load_model("eirs-wake"), "pop.1.q", duration=0.1)
