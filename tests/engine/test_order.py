"""Order of accuracy: measured against exact solutions, and equal to what the schemes are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from analysis.convergence import STUDIES, Study, measure
from nftsim.components import Component, Dendrite, Propagator
from nftsim.components.couplings import Map as Coupling
from nftsim.components.data import Data
from nftsim.components.dendrites import Integral, SecondOrder
from nftsim.components.firing import Linear
from nftsim.components.propagators import Harmonic, Map, Wave, WaveLegacy
from nftsim.components.stimuli import Const, Sine
from nftsim.engine.compile import compile_plan
from nftsim.engine.state import initial_state
from nftsim.model import Connection, Model, Output, Population, Trace
from nftsim.model.checks import check
from tests.engine.machinery import engine_run, rows_of, watched

Array = NDArray[np.float64]

GAMMA, RANGE, LENGTH = 32.0, 0.25, 1.0
#: A dendrite that nobody looks at.
LISTEN = SecondOrder(alpha=20, beta=40)


def _model(propagator: Propagator, dendrite: Dendrite, source: Population, **grid: Any) -> Model:
    """A population that only listens to a source: Q = V."""
    listener = Population("", LENGTH, q=0.0, firing=Linear(a=1.0, b=0.0))
    connection = Connection(1, 1, 0, propagator, Coupling(nu=1.0), dendrite)
    return check(watched(Model(populations=(listener, source), connections=(connection,), **grid)))


def _measured(error: Callable[[int], tuple[float, float]], levels: list[int]) -> float:
    """Return the slope of the error over the step, both logarithmic."""
    steps, errors = zip(*(error(level) for level in levels), strict=True)
    assert min(errors) > 1e-13, "too close to rounding to tell"
    return float(np.polyfit(np.log(steps), np.log(errors), 1)[0])


# the wave equation ------------------------------------------------------------------------------


def _gaussian(t: float, n: int) -> Array:
    """Exact φ(t) of the free wave that starts as a Gaussian at rest, by its Fourier series."""
    x = np.arange(n) * LENGTH / n - LENGTH / 2
    pulse = np.exp(-(x[:, None] ** 2 + x**2) / (2 * 0.09**2))
    k = 2 * np.pi * np.fft.fftfreq(n, LENGTH / n)
    omega = GAMMA * RANGE * np.hypot(k[:, None], k)
    # e^{−γt} (cos ωt + γ sin ωt / ω), whose slope at t = 0 vanishes
    mode = np.exp(-GAMMA * t) * (np.cos(omega * t) + GAMMA * t * np.sinc(omega * t / np.pi))
    return np.real(np.fft.ifft2(np.fft.fft2(pulse) * mode))


def _pulse_error(kind: type[Wave], n: int) -> tuple[float, float]:
    dt = 1 / (16 * n)  # Courant number ½
    wave = kind(range=RANGE, gamma=GAMMA)
    silence = Population("", LENGTH, stimuli=(Const(mean=0.0),))
    model = _model(wave, LISTEN, silence, time=1 / 16, deltat=dt, nodes=n * n)
    only = Output(interval=model.time, traces=(Trace("propagator", 1, "phi"),))
    plan = compile_plan(replace(model, output=only))
    state = initial_state(plan)
    base, length = plan.rings[plan.names.index("propagator.1.phi")]
    for back in range(2):
        row = base + (state.clock - back) % length
        state.fields[row, : n * n] = _gaussian(-back * dt, n).ravel()
    found = rows_of(plan, state, model.steps)["propagator.1.phi"][-1]
    return dt, float(np.sqrt(np.mean((found - _gaussian(model.time, n)) ** 2)))


@pytest.mark.parametrize("kind", [Wave, WaveLegacy])
def test_free_wave_from_a_gaussian_pulse(kind: type[Wave]) -> None:
    error = partial(_pulse_error, kind)
    assert _measured(error, [32, 64, 128, 256]) == pytest.approx(kind.order, abs=0.1)


def test_x_and_y_are_alike() -> None:
    found = []
    for nodes, nx in ((128, 64), (128, 2)):
        wide = nx == 64
        wave = Wave(range=RANGE, gamma=GAMMA, phi=0.0)
        length = LENGTH if wide else LENGTH / 32
        line = tuple(range(1, 129, 64)) if wide else (1, 2)
        source = Population("", length, stimuli=(Sine(amplitude=1, frequency=5, node=line),))
        model = _model(
            wave, LISTEN, source, time=0.2, deltat=1 / 1024, nodes=nodes,
            longside=nx,
        )  # fmt: skip
        field = engine_run(model, model.steps)["propagator.1.phi"]
        found.append(field[:, 0, :] if wide else field[:, :, 0])
    np.testing.assert_allclose(found[0], found[1], rtol=0, atol=1e-13 * np.abs(found[0]).max())


# every scheme -----------------------------------------------------------------------------------


@pytest.mark.parametrize("study", STUDIES, ids=lambda s: f"{s.scheme}, {s.drive}, {s.variable}")
def test_measured_order(study: Study) -> None:
    assert measure(study).order == pytest.approx(study.expected, abs=0.2)
    assert study.kind is None or study.kind.order == study.expected


def test_every_scheme_is_measured() -> None:
    schemes: set[type[Component]] = {
        cls
        for base in (Propagator, Dendrite)
        for cls in base.registry.values()
        if getattr(cls, "order", 0)
    }
    assert schemes == {study.kind for study in STUDIES if study.kind}
    refined = {study.variable for study in STUDIES if study.kind is Wave}
    assert refined == {"time", "space", "both"}


def test_the_page_has_every_measurement() -> None:
    page = Path(__file__).parents[2] / "docs" / "numerics.md"
    text = page.read_text(encoding="utf-8")
    table = text.split("<!-- begin orders -->\n")[1].split("<!-- end orders -->")[0]
    rows = [line.strip("| ").split(" | ") for line in table.strip().splitlines()[2:]]
    named = [(s.scheme, s.drive, s.variable, f"{s.kind.order}" if s.kind else "–") for s in STUDIES]
    assert [tuple(row[:4]) for row in rows] == named, "run: python -m docs.convergence"
    for row, study in zip(rows, STUDIES, strict=True):
        assert float(row[4]) == pytest.approx(study.expected, abs=0.2)


def test_a_wrong_order_is_seen() -> None:
    wave = next(study for study in STUDIES if study.kind is Wave)

    def slowed(level: int) -> tuple[float, float]:
        step, error = wave.error(level)
        return step, error / step

    found = measure(replace(wave, error=slowed)).order
    assert found == pytest.approx(1, abs=0.2)
    with pytest.raises(ValueError, match="are rounding"):
        measure(replace(wave, error=lambda level: (2.0**-level, 1e-15)))


def _steady() -> Population:
    return Population("", LENGTH, stimuli=(Const(mean=3.0),))


@pytest.mark.parametrize(("alpha", "beta"), [(50.0, 120.0), (90.0, 90.0)])
def test_the_integral_dendrite_is_exact_for_a_line(
    alpha: float, beta: float, tmp_path: Path
) -> None:
    assert Integral.order == 0
    file, dt, slope = tmp_path / "line.npy", 1 / 256, 30.0
    np.save(file, [0.0, slope])
    source = Population("", LENGTH, stimuli=(Data(file=str(file), interval=1.0),))
    dendrite = Integral(alpha=alpha, beta=beta, v=0.0)
    model = _model(Map(), dendrite, source, time=0.25, deltat=dt, nodes=1)
    found = engine_run(model, model.steps)["dendrite.1.v"][:, 0, 0]
    # the input is one step old; the response to a line is the integral of that to a step
    t = dt * np.arange(model.steps)
    if alpha == beta:
        exact = t - 2 / alpha + (t + 2 / alpha) * np.exp(-alpha * t)
    else:
        a, b = beta / alpha * np.exp(-alpha * t), alpha / beta * np.exp(-beta * t)
        exact = t - 1 / alpha - 1 / beta + (a - b) / (beta - alpha)
    np.testing.assert_allclose(found, slope * exact, rtol=0, atol=1e-13)


def test_a_wave_on_one_node_is_harmonic() -> None:
    wave, harmonic = (
        engine_run(
            _model(propagator, LISTEN, _steady(), time=0.1, deltat=1e-3, nodes=1),
            100,
        )
        for propagator in (
            Wave(range=0.2, velocity=20.0, tau=3e-3, phi=1.0),
            Harmonic(gamma=100.0, tau=3e-3, phi=1.0),
        )
    )
    np.testing.assert_array_equal(wave["propagator.1.phi"], harmonic["propagator.1.phi"])


@pytest.mark.parametrize("kind", [Wave, WaveLegacy])
@pytest.mark.parametrize("gamma", [5.0, 116.0, 400.0])
def test_a_wave_starts_where_its_scheme_rests(kind: type[Wave], gamma: float) -> None:
    wave = kind(range=RANGE, gamma=gamma)
    model = _model(wave, LISTEN, _steady(), time=1.0, deltat=1e-4, nodes=64)
    start = float(wave.at_rest(np.array(3.0), model.setting(1)))
    x = gamma * model.deltat
    exact = x**2 / 12 * (1 + 10 * np.exp(-x) + np.exp(-2 * x)) / np.expm1(-x) ** 2
    assert start / 3 - 1 == pytest.approx(exact - 1, abs=1e-15 / x**2)
    assert exact - 1 == pytest.approx(x**4 / 240, rel=0.1, abs=1e-15 / x**2)
    field = engine_run(model, 1000)["propagator.1.phi"]
    assert np.abs(field - start).max() < 1e-13 * start / x
