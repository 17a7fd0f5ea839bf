"""The transfer functions of the steps themselves, against the steps."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from nftsim.components.couplings import Matrix
from nftsim.components.dendrites import Dendrite
from nftsim.components.firing import Firing
from nftsim.components.propagators import Propagator
from nftsim.errors import NftsimError
from nftsim.model import Model, load_model
from nftsim.model.overrides import override
from nftsim.reference import simulate
from nftsim.theory.evoked import evoked_response
from nftsim.theory.fixed_points import FixedPoint, steady_states
from nftsim.theory.linear import alias_shifts, linear_spectrum, spectrum
from nftsim.theory.noise import acting
from nftsim.theory.response import angular, linearise
from tests.theory.small_models import SIGMOID, closed_eirs_spectrum, network, noise_only

Array = NDArray[np.float64]

SHEET, POINT = "Nodes: 24 Longside nodes: 6", "Nodes: 1"
LINE = "Linear a: 1000 b: 0"
WAVE = "Wave - Tau: 0.0013 Range: 0.2 gamma: 100"
PROPAGATORS = {
    "Map": "Map - Tau: 0.0013",
    "Wave": WAVE,
    "WaveLegacy": WAVE.replace("Wave", "WaveLegacy"),
    "Harmonic": "Harmonic - Tau: 0.0013 gamma: 90",
    "HarmonicIntegral": "HarmonicIntegral - Tau: 0.0013 gamma: 90",
}
DENDRITES = {
    "": "alpha: 80 beta: 500",
    "Integral": "Integral - alpha: 80 beta: 80",
    "Ramp": "Ramp - alpha: 80 beta: 300 alpha2: 80 beta2: 300 t1: 1 t2: 2 t3: 3 t4: 4",
}
FIRING = {
    "Sigmoid": SIGMOID,
    "Linear": LINE,
    "Quadratic": "Quadratic a: 2e3 b: 500 c: 2",
    "Cubic": "Cubic a: 1e5 b: 2e3 c: 500 d: 2",
    "Bursting": "Bursting Sigma: 0.0033 Qmax: 80 Htilde: 0 Xtilde: 0 gX: 8 gH: 9.5 ic: 0.17 "
    "taux: 0.003 tauh: 0.005 ax: 0.003 mu: 16",
    "GlutamateResponse": f"GlutamateResponse Lambda: 1e-6 tGlu: 0.03 Function: {SIGMOID}",
}


def loops(amplitude: float, **settings: object) -> Model:
    """Two populations in loops, pushed for one step, at one node twice as hard as at another."""
    grid = settings.setdefault("grid", SHEET)
    node = "" if grid == POINT else "Node: 3 5 5"
    model = network(
        [[2e-4, -1e-4], [3e-4, 0]],
        stimulus=f"PulseRect - Amplitude: {amplitude!r} Width: 1.5e-4 {node}",
        onto=[1e-3, 5e-4],
        **settings,  # type: ignore[arg-type]
    )
    return model.with_rates(steady_states(model).lowest.rates.tolist())


def difference(up: Model, down: Model, steps: int, compat: bool = False) -> dict[str, Array]:
    """Half the difference of two runs: odd in the push, so a linear response to second order."""
    first, second = (simulate(m, steps, compat=compat) for m in (up, down))
    return {name: (first[name] - second[name]) / 2 for name in first}


def check_response(amplitude: float, within: float, compat: bool = False, **kinds: object) -> None:
    steps = 150
    model = loops(amplitude, **kinds)
    found = difference(model, loops(-amplitude, **kinds), steps, compat)
    point = steady_states(model).lowest
    for trace in model.all_traces():
        if trace.quantity not in ("q", "v", "phi"):
            continue
        theory = evoked_response(
            model,
            trace,
            duration=steps * model.deltat,
            wavenumbers="scheme",
            fixed_point=point,
            compat=compat,
        ).values
        run = found[str(trace)].reshape(steps, -1)
        assert np.abs(run).max() > 0
        assert np.abs(run - theory).max() < within * np.abs(run).max(), trace


@pytest.mark.parametrize("grid", [SHEET, POINT])
@pytest.mark.parametrize("kind", Propagator.registry)
def test_propagators_answer_as_their_steps(kind: str, grid: str) -> None:
    check_response(1.0, 1e-8, firing=[LINE] * 2, propagator=PROPAGATORS[kind], grid=grid)


@pytest.mark.parametrize("kind", Dendrite.registry)
def test_dendrites_answer_as_their_steps(kind: str) -> None:
    check_response(
        1.0, 1e-8, firing=[LINE] * 2, propagator=WAVE, parts={"Dendrite 1": DENDRITES[kind]}
    )


@pytest.mark.parametrize("kind", Firing.registry)
def test_responses_answer_as_their_steps(kind: str) -> None:
    # the rest is of third order in the push, or rounding of the rate itself
    check_response(0.2, 1e-6, firing=[FIRING[kind], SIGMOID], propagator=WAVE)


def test_the_registries_are_not_empty() -> None:
    assert set(Propagator.registry) == set(PROPAGATORS)
    assert set(Dendrite.registry) == set(DENDRITES)
    assert set(Firing.registry) == set(FIRING)


def test_stencils_of_both_kinds_in_one_model() -> None:
    kinds = {"Propagator 1": PROPAGATORS["WaveLegacy"]}
    check_response(1.0, 1e-8, firing=[LINE] * 2, propagator=WAVE, parts=kinds)
    both = loops(1.0, propagator=WAVE, parts=kinds)
    counts = []
    for model in (loops(1.0, propagator=WAVE), both):
        linear = linearise(model, steady_states(model).lowest, "scheme")
        counts.append(len(linear.modes(0)))
    # two modes may look alike to the nearest neighbours and not to the diagonal ones
    assert counts[0] < counts[1] <= 24


def test_delays_are_those_of_the_steps() -> None:
    late = WAVE.replace("0.0013", "0.00138")
    for compat in (False, True):
        check_response(1.0, 1e-8, compat=compat, firing=[LINE] * 2, propagator=late)
    model = loops(1.0, firing=[LINE] * 2, propagator=late)
    found = [
        evoked_response(model, "pop.1.q", duration=0.01, wavenumbers="scheme", compat=c).values
        for c in (False, True)
    ]
    # 14 steps, and 13
    assert found[0][1:] != pytest.approx(found[1][1:], rel=1e-3)


def test_scheme_approaches_the_equations() -> None:
    errors = []
    for side in (15, 30, 60):
        model = load_model("eirs-wake", {"nodes": side**2, "deltat": 3e-3 / side})
        point = steady_states(model).lowest
        f = np.array([3.0, 9.0, 20.0])
        ratio = [
            spectrum(model, point, "propagator.1.phi", f, wavenumbers=kind, interval=3e-3 / side)
            for kind in ("scheme", "continuous")
        ]
        errors.append(np.abs(ratio[0] / ratio[1] - 1).max())
    # dendrites take the field of the step before: first order in the step
    assert errors[0] > errors[1]
    assert errors[1] / errors[2] == pytest.approx(2, abs=0.2)


def test_white_noise_of_a_step_is_flat_however_sampled() -> None:
    model = noise_only("White - Mean: 1 StdDev: 0.5")
    nothing = FixedPoint(np.empty(0), np.empty(0), 0.0)
    for count in (1, 2, 7):
        found = linear_spectrum(
            model,
            "pop.1.q",
            [0.0, 3.0, 11.0],
            k0=None,
            wavenumbers="scheme",
            fixed_point=nothing,
            interval=count * 1e-3,
        )
        assert found.aliases == count - 1
        # σ² up to the Nyquist frequency of the samples
        assert found.power / (2 * count * 1e-3) == pytest.approx([0.25] * 3, rel=1e-12)


def test_sampling_keeps_the_variance() -> None:
    model = network([[2e-4]], stimulus="White - Mean: 1 StdDev: 1", grid="Nodes: 9")
    point = steady_states(model).lowest
    variances = []
    for count in (1, 8, 25):
        rate = 1 / (count * model.deltat)
        # both sides of 0, evenly: the mean over the circle is exact for what decays
        f = np.abs(np.fft.fftfreq(20000 // count, 1 / rate))
        power = spectrum(
            model, point, "pop.1.v", f, k0=None, wavenumbers="scheme", interval=1 / rate
        )
        variances.append(power.mean() * rate / 2)
    assert variances[1:] == pytest.approx([variances[0]] * 2, rel=1e-7)


def test_aliases_are_all_those_that_the_step_tells_apart() -> None:
    model = noise_only()
    for count in (1, 2, 5, 6):
        shifts = [0.0, *(s for pair in alias_shifts(model, count * 1e-3) for s in pair)]
        bins = np.round(np.array(shifts) * count * 1e-3).astype(int) % count
        assert sorted(bins.tolist()) == list(range(count))
    with pytest.raises(NftsimError, match=r"0\.0015 s is no whole number of steps"):
        list(alias_shifts(model, 1.5e-3))


def test_nodes_listed_twice_count_twice() -> None:
    twice, once = (noise_only(f"White - Mean: 1 StdDev: 1 Node: {n}") for n in ("2 2 5", "2 5"))
    assert acting(twice, twice.populations[0].stimuli[0]).sum() == 3  # type: ignore[arg-type]
    nothing = FixedPoint(np.empty(0), np.empty(0), 0.0)
    found, half = (spectrum(m, nothing, "pop.1.q", [1.0], k0=None) for m in (twice, once))
    assert found / half == pytest.approx([5 / 2])
    # as in the run
    rows = simulate(twice, 4000)["pop.1.q"].reshape(4000, -1)
    assert np.var(rows, axis=0).mean() == pytest.approx(5 / 16, rel=0.05)
    assert rows.mean(axis=0)[[1, 4]] == pytest.approx([2, 1], abs=0.15)


def test_means_of_nodes_listed_twice_count_twice(caplog: pytest.LogCaptureFixture) -> None:
    whole, twice = (
        network([[2e-4]], stimulus=f"Const - Mean: 1 Node: {n}", grid="Nodes: 4")
        for n in ("1 2 3 4", "1 1 2 2")
    )
    assert steady_states(twice).lowest.rates == pytest.approx(steady_states(whole).lowest.rates)
    assert "share of 1 of" in caplog.text
    every = override(twice, {"population.2.stimulus.1.node": "1 2 3 4 1 2 3 4"})
    assert steady_states(every).lowest.voltages[0] > steady_states(whole).lowest.voltages[0]


def test_noise_under_nftsims_habits() -> None:
    square = load_model("eirs-wake")
    wide = load_model("eirs-wake", {"nodes": 24 * 16, "longside": 24})
    for model, ratio in ((square, 1.0), (wide, 16 / 24)):
        point = steady_states(model).lowest
        usual, habit = (
            spectrum(model, point, "propagator.1.phi", [5.0], wavenumbers="grid", compat=compat)
            for compat in (False, True)
        )
        # NFTsim's spacing is that of a square sheet
        assert habit / usual == pytest.approx([ratio])


@pytest.mark.parametrize("name", ["eirs-eyes-closed", "eirs-wake", "eirs-spindle"])
def test_scheme_is_near_the_closed_form(name: str) -> None:
    model = load_model(name)
    point = steady_states(model).lowest
    f = np.linspace(0.5, 20, 40)
    found = spectrum(model, point, "propagator.1.phi", f, wavenumbers="scheme")
    closed = closed_eirs_spectrum(model, point, f, 10.0, grid=True)
    assert found == pytest.approx(closed, rel=0.15)
    assert found != pytest.approx(closed, rel=1e-6)


@pytest.mark.parametrize("wavenumbers", ["continuous", "grid", "scheme"])
def test_spectrum_of_900_nodes_is_fast(wavenumbers: str) -> None:
    model = load_model("eirs-wake")
    point = steady_states(model).lowest
    f = np.linspace(0.1, 50, 500)
    times = []
    for _ in range(5):
        start = time.perf_counter()
        spectrum(model, point, "propagator.1.phi", f, k0=None, wavenumbers=wavenumbers)
        times.append(time.perf_counter() - start)
    assert min(times) < 0.2


@pytest.mark.parametrize("wavenumbers", ["continuous", "grid", "scheme"])
def test_closure_equals_the_whole_system(wavenumbers: str) -> None:
    # three populations, several waves, in loops and from the input
    weights = [[1e-4, -2e-4, 5e-5], [2e-4, 0, -1e-4], [1e-4, 3e-5, 0]]
    parts = {"Propagator 2": "Harmonic - Tau: 0.002 gamma: 80"}
    parts["Propagator 5"] = WAVE.replace("0.2", "0.3")
    model = network(
        weights, stimulus="White - Mean: 1 StdDev: 1", grid=SHEET, propagator=WAVE, parts=parts
    )
    linear = linearise(model, steady_states(model).lowest, wavenumbers)
    modes = linear.modes(0).laplacian
    assert isinstance(modes, np.ndarray)
    s = angular([0.5, 7.0, 60.0])[:, None]
    matrix, potentials = linear.response(s, modes), linear.potentials(s, modes)
    drive = linear.slopes[:3, None] * potentials[..., :3, 3:]
    rates = np.linalg.solve(matrix, drive)
    for trace in model.all_traces():
        if trace.kind == "coupling":
            continue
        found = linear.transfer(trace, s, modes)[..., 0]
        if trace.kind == "pop" and trace.index == 4:
            expected = np.ones(found.shape)
        elif trace.quantity == "q":
            expected = rates[..., trace.index - 1, 0]
        elif trace.kind == "pop":
            a = trace.index - 1
            expected = (potentials[..., a, :3] * rates[..., 0]).sum(-1) + potentials[..., a, 3]
        else:
            c = model.connection(trace.index)
            reads = linear.arrival if trace.quantity == "phi" else linear.potential
            sent = rates[..., c.pre, 0] if c.pre < 3 else 1.0
            expected = reads(c, s, modes) * sent
        np.testing.assert_allclose(found, expected, rtol=1e-10, err_msg=str(trace))


def test_coupling_that_has_no_number_is_refused() -> None:
    model = load_model("eirs-wake", {"nodes": 4, "population.1.length": 0.08})
    matrix = replace(model.connections[0], coupling=Matrix(nu=1e-4))
    changed = replace(model, connections=(matrix, *model.connections[1:]))
    with pytest.raises(NftsimError, match=r"couples the spatial modes.*use a Map coupling"):
        linear_spectrum(changed, "propagator.1.phi", [1.0], wavenumbers="scheme")
