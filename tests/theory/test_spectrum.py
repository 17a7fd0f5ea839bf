"""Analytic spectra in absolute units."""

from __future__ import annotations

import json
import time

import numpy as np
import pytest
from numpy.typing import NDArray

from nftsim.errors import NftsimError
from nftsim.model import Model, Trace, load_model
from nftsim.model.overrides import override
from nftsim.theory.fixed_points import FixedPoint, steady_states
from nftsim.theory.linear import linear_spectrum, spectrum
from nftsim.theory.modes import grid_modes
from nftsim.theory.noise import noise_power
from nftsim.theory.response import angular, linearise
from tests.theory.small_models import closed_eirs_spectrum, network, noise_only

EIRS = ["eirs-eyes-closed", "eirs-wake", "eirs-spindle"]
F = np.linspace(0.25, 60, 240)
NO_NEURONS = FixedPoint(np.empty(0), np.empty(0), 0.0)


def at_rest(model: Model, trace: str, **settings: object) -> NDArray[np.float64]:
    return spectrum(model, steady_states(model).lowest, trace, F, **settings)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", EIRS)
@pytest.mark.parametrize("k0", [10.0, 37.5, None])
@pytest.mark.parametrize("wavenumbers", ["continuous", "grid"])
def test_general_theory_equals_closed_form(name: str, k0: float | None, wavenumbers: str) -> None:
    model = load_model(name)
    point = steady_states(model).lowest
    found = spectrum(model, point, "propagator.1.phi", F, k0=k0, wavenumbers=wavenumbers)
    closed = closed_eirs_spectrum(model, point, F, k0, grid=wavenumbers == "grid")
    assert found == pytest.approx(closed, rel=1e-10)


def test_closed_form_on_a_rectangle() -> None:
    model = load_model("eirs-wake", {"nodes": 24 * 16, "longside": 24})
    point = steady_states(model).lowest
    found = spectrum(model, point, "propagator.1.phi", F)
    assert found == pytest.approx(
        closed_eirs_spectrum(model, point, F, 10.0, grid=False), rel=1e-10
    )


def test_rectangle_equals_its_transpose() -> None:
    wide = load_model("eirs-wake", {"nodes": 24 * 16, "longside": 24})
    lengths = {f"population.{k}.length": 0.5 * 16 / 24 for k in range(1, 6)}
    tall = load_model("eirs-wake", {"nodes": 24 * 16, "longside": 16, **lengths})
    assert wide.extent(0) == pytest.approx(tall.extent(0)[::-1])
    trace = "propagator.1.phi"
    assert at_rest(wide, trace) == pytest.approx(at_rest(tall, trace), rel=1e-12)


@pytest.mark.parametrize("grid", ["Nodes: 1", "Nodes: 64", "Nodes: 48 Longside nodes: 8"])
@pytest.mark.parametrize("wavenumbers", ["continuous", "grid"])
def test_white_noise_itself_is_flat(grid: str, wavenumbers: str) -> None:
    # Parseval: up to the Nyquist frequency it adds up to the variance at a node
    model = noise_only("White - Mean: 1 StdDev: 0.5", grid)
    found = spectrum(model, NO_NEURONS, "pop.1.q", F, k0=None, wavenumbers=wavenumbers)
    assert found == pytest.approx(np.full(len(F), 2 * 0.5**2 * 1e-3), rel=1e-12)
    assert found[0] / (2 * model.deltat) == pytest.approx(0.5**2)


def test_asd_on_a_grid_and_on_one_node() -> None:
    asd = 3e-4
    one = noise_only(f"White - Mean: 0 ASD: {asd}", "Nodes: 1")
    assert noise_power(one)[0] == pytest.approx(4 * np.pi * asd**2, rel=1e-12)
    grid = noise_only(f"White - Mean: 0 ASD: {asd}", "Nodes: 32 Longside nodes: 8")
    # summed over modes: 4π ASD² N Δkx Δky
    ly, lx = grid.extent(0)
    expected = 4 * np.pi * asd**2 * 32 * (2 * np.pi) ** 2 / (lx * ly)
    assert noise_power(grid)[0] == pytest.approx(expected, rel=1e-12)


def test_one_node_spectrum() -> None:
    asd, gamma, alpha, beta = 1e-5, 90.0, 80.0, 500.0
    model = network(
        [[2e-4]],
        stimulus=f"White - Mean: 1 ASD: {asd}",
        propagator=f"Wave - Tau: 0 Range: 0.08 gamma: {gamma}",
    )
    q = steady_states(model).lowest.rates[0]
    rho = q * (1 - q / 340) / 0.0038
    s = -2j * np.pi * F
    step = 1 / ((1 + s / alpha) * (1 + s / beta) * (1 + s / gamma) ** 2)
    expected = 4 * np.pi * asd**2 * np.abs(rho * 1e-3 * step / (1 - rho * 2e-4 * step)) ** 2
    assert at_rest(model, "pop.1.q") == pytest.approx(expected, rel=1e-10)


def test_spectrum_does_not_depend_on_the_time_step() -> None:
    model = load_model("eirs-wake")
    trace = "propagator.1.phi"
    finer = override(model, {"deltat": 5e-5})
    assert at_rest(finer, trace) == pytest.approx(at_rest(model, trace), rel=1e-12)


def test_filtered_spectrum_does_not_depend_on_the_grid() -> None:
    # with volume conduction only the long waves count, which every grid has
    model = load_model("eirs-wake")
    finer = override(model, {"nodes": 2500})
    trace = "propagator.1.phi"
    assert at_rest(finer, trace) == pytest.approx(at_rest(model, trace), rel=1e-9)


def test_grid_laplacian_approaches_the_continuous_one() -> None:
    trace = "propagator.1.phi"
    errors = []
    for side in (15, 30, 60):
        model = load_model("eirs-wake", {"nodes": side**2})
        ratio = at_rest(model, trace, wavenumbers="grid") / at_rest(model, trace)
        errors.append(np.abs(ratio - 1).max())
    assert errors[0] > 2e-3
    assert np.log2(np.array(errors[:-1]) / errors[1:]) == pytest.approx([2, 2], abs=0.1)


def test_independent_stimuli_add_in_power() -> None:
    both = "Superimpose: 2 Stimulus: White - Mean: 1 StdDev: 3 Stimulus: White - Mean: 0 StdDev: 4"
    trace = "pop.1.q"
    sums = at_rest(network([[1e-4]], stimulus=both, grid="Nodes: 9"), trace)
    one = at_rest(network([[1e-4]], stimulus="White - Mean: 1 StdDev: 5", grid="Nodes: 9"), trace)
    assert sums == pytest.approx(one, rel=1e-12)


def test_noise_on_some_nodes_counts_by_their_share() -> None:
    part = noise_only("White - Mean: 0 StdDev: 1 Node: 1 2 3 4")
    whole = noise_only("White - Mean: 0 StdDev: 1")
    assert noise_power(part) == pytest.approx(0.25 * noise_power(whole))


def test_noise_that_differs_from_node_to_node_counts_by_its_mean_square() -> None:
    deviations = np.linspace(0.1, 2, 16)
    varied = noise_only("White - Mean: 0 StdDev: " + " ".join(map(repr, deviations.tolist())))
    assert noise_power(varied) == pytest.approx(2 * 1e-3 * np.mean(deviations**2), rel=1e-12)
    node = noise_only("White - Mean: 0 StdDev: 3 Node: 2 7")
    assert noise_power(node) == pytest.approx(2 * 1e-3 * 9 * 2 / 16, rel=1e-12)


WAVE = "Wave - Tau: 0.01 Range: 0.2 gamma: 50"


def test_noise_of_all_nodes_together_is_in_one_mode() -> None:
    # 2σ²Δt |T(0, ω)|²: no filter and no Laplacian touch it
    model = network(
        [[2e-4]],
        stimulus="WhiteCoherent - Mean: 1 StdDev: 0.7",
        grid="Nodes: 36 Longside nodes: 9",
        propagator=WAVE,
    )
    s = -2j * np.pi * F
    q = steady_states(model).lowest.rates[0]
    rho = q * (1 - q / 340) / 0.0038
    step = np.exp(-s * 0.01) / ((1 + s / 80) * (1 + s / 500) * (1 + s / 50) ** 2)
    through = rho * 1e-3 * step / (1 - rho * 2e-4 * step)
    expected = 2 * 0.7**2 * 1e-4 * np.abs(through) ** 2
    for settings in ({}, {"k0": None}, {"wavenumbers": "grid", "k0": 3.0}):
        assert at_rest(model, "pop.1.q", **settings) == pytest.approx(expected, rel=1e-10)


def test_one_node_has_one_deviate_of_either_kind() -> None:
    one, other = (
        at_rest(network([[2e-4]], stimulus=f"{kind} - Mean: 1 ASD: 1e-5"), "pop.1.q")
        for kind in ("White", "WhiteCoherent")
    )
    assert one == pytest.approx(other, rel=1e-12)


@pytest.mark.parametrize("wavenumbers", ["continuous", "grid"])
@pytest.mark.parametrize("pattern", ["StdDev: 0.7 Node: 2 3 7", "per node"])
def test_shared_deviate_with_a_pattern(wavenumbers: str, pattern: str) -> None:
    # node by node: the sheet answers to the pattern σ(r) ξ with the field A(r) ξ
    sigma = np.zeros((3, 5))
    if pattern == "per node":
        sigma[:] = np.linspace(0.2, 1.5, 15).reshape(3, 5)
        pattern = "StdDev: " + " ".join(map(repr, sigma.ravel().tolist()))
    else:
        sigma.flat[[1, 2, 6]] = 0.7
    model = network(
        [[2e-4]],
        stimulus=f"WhiteCoherent - Mean: 1 {pattern}",
        grid="Nodes: 15 Longside nodes: 5",
        propagator=WAVE,
    )
    linear = linearise(model, steady_states(model).lowest)
    k = [2 * np.pi * np.fft.fftfreq(n) for n in (3, 5)]
    rows, columns = (p**2 if wavenumbers == "continuous" else 2 - 2 * np.cos(p) for p in k)
    laplacian = (rows[:, None] + columns).ravel()
    trace = Trace("propagator", 1, "phi")
    expected = []
    for f in F[::40]:
        response = linear.transfer(trace, angular([f]), laplacian)[:, 0].reshape(3, 5)
        field = np.fft.ifft2(response * np.fft.fft2(sigma))
        expected.append(2 * 1e-4 * np.mean(np.abs(field) ** 2))
    found = at_rest(model, "propagator.1.phi", k0=None, wavenumbers=wavenumbers)[::40]
    assert found == pytest.approx(expected, rel=1e-10)


def test_volume_conduction_is_that_of_the_traces_sheet() -> None:
    settings = {"stimulus": "White - Mean: 1 StdDev: 1", "grid": "Nodes: 64"}
    model = network([[0]], lengths=[0.5, 0.3], **settings)  # type: ignore[arg-type]
    # a map carries every mode of the input, on whichever sheet: only the filter differs
    modes = [grid_modes(model.shape, length / 8, 10.0) for length in (0.5, 0.3)]
    cortex, inlet = at_rest(model, "pop.1.v"), at_rest(model, "propagator.1.phi")
    assert inlet == pytest.approx(2 * 1e-4 / 64 * modes[1].weight.sum(), rel=1e-10)
    ratio = modes[0].weight.sum() / modes[1].weight.sum()
    low = np.abs(model.connections[0].dendrite.transfer(-2j * np.pi * F)) ** 2
    assert cortex / inlet == pytest.approx(1e-6 * low * ratio, rel=1e-10)


@pytest.mark.parametrize("wavenumbers", ["continuous", "grid"])
def test_modes_are_joined_without_loss(wavenumbers: str) -> None:
    modes = grid_modes((6, 10), 0.05, None, wavenumbers)
    assert modes.weight.sum() == 60
    assert len(modes.laplacian) == len(set(np.round(modes.laplacian, 10)))
    py, px = (2 * np.pi * np.fft.fftfreq(n)[:, None] for n in (6, 10))
    each = (
        (py**2 + px.T**2) if wavenumbers == "continuous" else 4 - 2 * np.cos(py) - 2 * np.cos(px.T)
    )
    assert modes.weight @ modes.laplacian == pytest.approx(each.sum())


def test_spectrum_is_fast() -> None:
    model = load_model("eirs-wake")
    point = steady_states(model).lowest
    f = np.linspace(0.1, 50, 500)
    times = []
    for _ in range(3):
        start = time.perf_counter()
        spectrum(model, point, "propagator.1.phi", f, k0=None)
        times.append(time.perf_counter() - start)
    assert min(times) < 0.5


def test_linear_spectrum_says_what_it_is_of() -> None:
    model = load_model("eirs-wake")
    states = steady_states(model)
    found = linear_spectrum(model, "Propagator.1.phi", [1, 2, 5])
    assert (found.k0, found.wavenumbers, found.trace) == (10.0, "grid", "propagator.1.phi")
    assert found.units == "s-2 Hz-1"
    assert found.fixed_point.rates.tolist() == states.lowest.rates.tolist()
    expected = spectrum(model, states.lowest, "propagator.1.phi", [1, 2, 5], wavenumbers="grid")
    assert found.power.tolist() == expected.tolist()
    table = json.loads(json.dumps(found.to_dict()))
    assert table == {
        "frequencies": [1.0, 2.0, 5.0],
        "power": expected.tolist(),
        "units": "s-2 Hz-1",
        "trace": "propagator.1.phi",
        "wavenumbers": "grid",
        "k0": 10.0,
        "aliases": 0,
    }
    assert linear_spectrum(model, "dendrite.2.v", [1.0]).units == "V2 Hz-1"
    second = states.fixed_points[1]
    settings = {"k0": None, "wavenumbers": "continuous"}
    other = linear_spectrum(model, "pop.1.q", F, fixed_point=second, **settings)
    assert other.fixed_point is second
    assert other.power.tolist() == spectrum(model, second, "pop.1.q", F, **settings).tolist()


def test_inputs_alone_have_a_linear_spectrum() -> None:
    found = linear_spectrum(noise_only(), "pop.1.q", [3.0, 4.0], k0=None)
    assert found.power == pytest.approx([2 * 0.5**2 * 1e-3] * 2, rel=1e-12)


@pytest.mark.parametrize(
    ("trace", "settings", "message"),
    [
        ("coupling.3.nu", {}, "no linear response; ask for pop.K.q"),
        ("pop.1", {}, r"means 2 traces: pop.1.q, pop.1.v; name one"),
        ("propagator.12.phi", {}, "no trace"),
        ("pop.1.q", {"k0": 0.0}, "k0 = 0.0 is out of bounds"),
        ("pop.1.q", {"k0": float("nan")}, "k0 = nan is out of bounds"),
        (
            "pop.1.q",
            {"wavenumbers": "grids"},
            "Allowed: continuous, grid, scheme. Did you mean 'grid'",
        ),
    ],
)
def test_bad_requests(trace: str, settings: dict[str, object], message: str) -> None:
    with pytest.raises(NftsimError, match=message):
        at_rest(load_model("eirs-wake"), trace, **settings)


@pytest.mark.parametrize("f", [[], [-1.0], [np.nan], [np.inf], [[1.0]]])
def test_bad_frequencies(f: list[float]) -> None:
    model = load_model("eirs-wake")
    with pytest.raises(NftsimError, match="frequenc"):
        spectrum(model, steady_states(model).lowest, "pop.1.q", f)


@pytest.mark.parametrize("name", ["e-erps", "ei", "emirs"])
def test_deterministic_models_have_no_spectrum(name: str) -> None:
    with pytest.raises(NftsimError, match=r"no stimulus is noise.*use a White stimulus"):
        at_rest(load_model(name), "pop.1.q" if name != "ei" else "pop.3.q")


def test_trace_that_no_noise_reaches() -> None:
    # the second population drives the first and hears nothing of the noise
    model = network([[0, 1e-4], [1e-4, 0]], onto=[0, 0], stimulus="White - Mean: 1 StdDev: 1")
    with pytest.raises(NftsimError, match=r"no noise reaches pop\.2\.q"):
        at_rest(model, "pop.2.q")


def test_marginally_stable_point_has_no_response() -> None:
    model = network([[1e-3]], firing=["Linear a: 1000 b: 0"], stimulus="White - Mean: 0 StdDev: 1")
    point = FixedPoint(np.zeros(1), np.zeros(1), 0.0)
    with pytest.raises(NftsimError, match="marginally stable"):
        spectrum(model, point, "pop.1.q", [0.0])
