"""Cross-spectra, coherence, and transfer functions between traces."""

from __future__ import annotations

import json

import numpy as np
import pytest
from scipy.signal import csd

from nftsim import simulate
from nftsim.errors import NftsimError
from nftsim.model import Model, Trace, load_model
from nftsim.theory.cross import cross_spectrum, transfer_function
from nftsim.theory.fixed_points import steady_states
from nftsim.theory.linear import linear_spectrum
from nftsim.theory.response import angular, linearise
from nftsim.theory.sources import rate_of, responses_to
from tests.theory.small_models import network

F = np.array([0.5, 3.0, 10.0, 33.0])
TREATMENTS = ["continuous", "grid", "scheme"]
WAVE = "Wave - Tau: 0.002 Range: 0.2 gamma: 60"


def sheet(stimulus: str = "White - Mean: 1 StdDev: 1") -> Model:
    grid = "Nodes: 24 Longside nodes: 6"
    return network([[2e-4, -1e-4], [3e-4, 0]], stimulus=stimulus, grid=grid, propagator=WAVE)


@pytest.mark.parametrize("wavenumbers", TREATMENTS)
def test_cross_spectrum_of_a_trace_with_itself_is_its_spectrum(wavenumbers: str) -> None:
    model = sheet()
    found = cross_spectrum(model, "pop.1.q", "pop.1.q", F, wavenumbers=wavenumbers)
    expected = linear_spectrum(model, "pop.1.q", F, wavenumbers=wavenumbers)
    np.testing.assert_allclose(found.cross, expected.power, rtol=1e-10)
    np.testing.assert_allclose(found.first, expected.power, rtol=1e-10)
    np.testing.assert_allclose(found.coherence, 1, rtol=1e-10)
    assert found.units == "s-2 Hz-1"
    assert json.loads(json.dumps(found.to_dict()))["traces"] == ["pop.1.q", "pop.1.q"]


@pytest.mark.parametrize("wavenumbers", TREATMENTS)
def test_one_node_and_one_input_are_coherent(wavenumbers: str) -> None:
    model = network([[2e-4, -1e-4], [3e-4, 0]], stimulus="White - Mean: 1 StdDev: 1")
    settings = {"wavenumbers": wavenumbers}
    # the field is late by L and 2 ms: a positive phase
    found = cross_spectrum(model, "dendrite.3.v", "pop.3.q", F, **settings)  # type: ignore[arg-type]
    np.testing.assert_allclose(found.coherence, 1, rtol=1e-9)
    assert (found.phase[:3] > 0).all()
    # with one input the ratio of cross-spectrum and spectrum is the transfer function
    ratio = cross_spectrum(model, "pop.1.v", "pop.3.q", F, wavenumbers=wavenumbers, interval=1e-4)
    through = transfer_function(model, "pop.1.v", "pop.3.q", F, wavenumbers=wavenumbers)
    np.testing.assert_allclose(ratio.cross / ratio.second, through, rtol=1e-10)


def test_coherence_of_modes_and_distance() -> None:
    model = sheet()
    near = cross_spectrum(model, "pop.1.q", "pop.2.q", F, k0=None)
    assert ((near.coherence > 0) & (near.coherence < 1)).all()
    far = cross_spectrum(model, "pop.1.q", "pop.2.q", F, apart=(2, 3), k0=None)
    assert (far.coherence < near.coherence).all()
    around = cross_spectrum(model, "pop.1.q", "pop.2.q", F, apart=(-2, 3), k0=None)
    np.testing.assert_allclose(around.cross, far.cross, rtol=1e-10)
    # white noise of one node knows nothing of another
    noise = cross_spectrum(model, "pop.3.q", "pop.3.q", F, apart=(0, 1), k0=None)
    assert np.abs(noise.cross).max() < 1e-15 * noise.first.max()


def test_cross_spectrum_node_by_node() -> None:
    # Σ over modes against the fields that the noise of each node makes
    model = sheet()
    linear = linearise(model, steady_states(model).lowest, "grid")
    modes = linear.modes(0)
    traces = [Trace("pop", 1, "q"), Trace("propagator", 2, "phi")]
    answers = responses_to(linear, traces, [rate_of(2)], angular(F)[:, None], modes.laplacian)[:, 0]
    fields = np.fft.ifft2(answers[..., modes.group].reshape(2, len(F), *model.shape))
    moved = np.roll(fields[1], (-1, -2), axis=(1, 2))
    expected = 2 * model.deltat * (fields[0] * moved.conj()).sum(axis=(1, 2))
    found = cross_spectrum(model, *traces, F, apart=(1, 2), k0=None)
    np.testing.assert_allclose(found.cross, expected, rtol=1e-10)


def test_cross_spectrum_is_that_of_a_simulation() -> None:
    weak = {"nodes": 144, "deltat": 5e-4, "output.start": 0, "output.interval": 5e-3}
    weak |= {"population.5.stimulus.1.asd": 1e-6, "output.traces": "propagator.1.phi,pop.4.v"}
    model = load_model("eirs-wake", weak)
    model = model.with_rates(steady_states(model).chosen.rates.tolist())
    run = simulate(model, duration=65.0, seed=3)
    x, y = (run[t][1000:].reshape(-1, 144) for t in ("propagator.1.phi", "pop.4.v"))
    welch = {"fs": 200, "nperseg": 400, "axis": 0}
    # scipy's transform and conjugate are both the other way round
    f, cross = csd(x, y, **welch)
    first, second = (csd(a, a, **welch)[1].mean(axis=1).real for a in (x, y))
    cross, bins = cross.mean(axis=1), slice(4, 120, 10)
    theory = cross_spectrum(
        model, "propagator.1.phi", "pop.4.v", f[bins], k0=None, wavenumbers="scheme"
    )
    assert (theory.coherence > 0.2).all()
    coherence = (np.abs(cross) ** 2 / (first * second))[bins]
    np.testing.assert_allclose(coherence, theory.coherence, atol=0.03)
    np.testing.assert_allclose(np.abs(cross[bins] / theory.cross - 1), 0, atol=0.1)


@pytest.mark.parametrize("wavenumbers", TREATMENTS)
def test_transfer_function_closes_the_loops(wavenumbers: str) -> None:
    model = sheet()
    linear = linearise(model, steady_states(model).lowest, wavenumbers)
    k = 20.0
    spacing = model.spacing(0)
    eigenvalue = (k * spacing) ** 2 if wavenumbers == "continuous" else 2 - 2 * np.cos(k * spacing)
    inverse = np.linalg.inv(linear.response(angular(F), np.asarray(eigenvalue)))
    rho = linear.slopes
    synapse = linear.synapse(model.connection(2), angular(F))
    arrival = linear.arrival(model.connection(2), angular(F), np.asarray(eigenvalue))

    def found(trace: str, source: str) -> np.ndarray:  # type: ignore[type-arg]
        return transfer_function(model, trace, source, F, k=k, wavenumbers=wavenumbers)

    np.testing.assert_allclose(found("pop.1.q", "pop.2.q"), inverse[:, 0, 1], rtol=1e-10)
    np.testing.assert_allclose(found("pop.2.q", "pop.1.v"), inverse[:, 1, 0] * rho[0], rtol=1e-10)
    # connection 2 goes from the second population to the first
    v = found("pop.1.q", "dendrite.2.v")
    np.testing.assert_allclose(v, inverse[:, 0, 0] * rho[0], rtol=1e-10)
    np.testing.assert_allclose(found("pop.1.q", "propagator.2.phi"), v * synapse, rtol=1e-10)
    back = found("propagator.2.phi", "propagator.2.phi")
    np.testing.assert_allclose(back, 1 + arrival * inverse[:, 1, 0] * rho[0] * synapse, rtol=1e-10)
    own = found("dendrite.2.v", "propagator.2.phi")
    np.testing.assert_allclose(own, synapse * back, rtol=1e-10)
    # the potential is what its response makes of the rate
    soma = found("pop.1.v", "dendrite.2.v")
    np.testing.assert_allclose(soma * rho[0], v, rtol=1e-10)


def test_transfer_function_onto_the_field_of_an_input() -> None:
    model = sheet()
    found = transfer_function(model, "propagator.3.phi", "pop.3.q", F, k=10.0)
    linear = linearise(model, steady_states(model).lowest, "grid")
    expected = linear.arrival(
        model.connection(3), angular(F), np.asarray(2 - 2 * np.cos(10 * model.spacing(2)))
    )
    np.testing.assert_allclose(found, expected, rtol=1e-12)
    assert not transfer_function(model, "pop.3.q", "pop.1.q", F).any()


@pytest.mark.parametrize(
    ("arguments", "settings", "message"),
    [
        (("pop.1.q", "coupling.1.nu"), {}, "coupling.1.nu' has no linear response; ask for pop"),
        (("pop.1", "pop.2.q"), {}, "means 2 traces"),
        (("pop.1.q", "pop.9.q"), {}, "no trace 'pop.9.q'"),
        (("pop.1.q", "pop.2.q"), {"k": 100.0}, r"k = 100 m\^-1 is more than the grid has; give at"),
    ],
)
def test_bad_requests(arguments: tuple[str, str], settings: dict[str, float], message: str) -> None:
    with pytest.raises(NftsimError, match=message):
        transfer_function(sheet(), *arguments, F, **settings)


def test_no_noise_no_coherence() -> None:
    with pytest.raises(NftsimError, match=r"no stimulus is noise.*nftsim respond"):
        cross_spectrum(load_model("e-erps"), "pop.1.q", "propagator.1.phi", F)
    model = network([[0, 1e-4], [1e-4, 0]], onto=[0, 0], stimulus="White - Mean: 1 StdDev: 1")
    with pytest.raises(NftsimError, match=r"no noise reaches pop\.2\.q"):
        cross_spectrum(model, "pop.3.q", "pop.2.q", F)
