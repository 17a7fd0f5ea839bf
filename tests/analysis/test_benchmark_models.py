"""The models that are measured, and the operations that they cost at least."""

import math
import re
from dataclasses import replace

import numpy as np
import pytest

from analysis.benchmark import cases, flops, machine
from analysis.benchmark.models import (
    DELTAT,
    INTERVAL_STEPS,
    NODES,
    SYSTEMS,
    conf,
    paper_steps,
    scaled_steps,
)
from analysis.benchmark.roofline import floor
from nftsim.components.propagators import Wave
from nftsim.components.stimuli import White
from nftsim.engine.compile import compile_plan
from nftsim.model import load_model, parse_model
from nftsim.reference.firing import sigmoid
from nftsim.reference.noise import deviates, threefry
from nftsim.reference.propagators import WaveField
from nftsim.reference.second_order import held_step
from nftsim.theory.fixed_points import steady_states
from tests.analysis.made_up_benchmark import PEAKS, plan_of


@pytest.mark.parametrize("output", ["none", "three", "all"])
@pytest.mark.parametrize("nodes", NODES)
@pytest.mark.parametrize("name", SYSTEMS)
def test_the_models_can_run_and_noise_drives_every_node(name, nodes, output, tmp_path, caplog):
    path = tmp_path / "model.conf"
    path.write_text(conf(name, nodes, 64, output=output))
    model = load_model(path)
    assert not caplog.records, "a warning: a delay is no multiple of the time step, or so"
    driven = [s for p in model.populations for s in p.stimuli]
    assert driven
    assert all(isinstance(s, White) and not s.node and s.asd > 0 for s in driven)
    # each neural population feels its own or a neighbour's noise, and no deviate is shared
    assert not any(s.coherent for s in driven)
    assert model.deltat == 2**-14
    assert model.shape[0] == model.shape[1]
    count = {"none": 0, "three": 3, "all": len(model.all_traces())}[output]
    assert len(model.output.traces) == count
    if output == "three":
        assert sorted(t.quantity for t in model.output.traces) == ["phi", "q", "v"]
    if count:
        assert model.output.interval == 1 / 512
        assert model.output.nodes is None


@pytest.mark.parametrize("name", SYSTEMS)
def test_the_models_are_texts_of_nftsim(name):
    text = conf(name, 144, 64, output="three")
    header = text.split("\nTime:")[0]
    assert ":" not in header
    assert text.isascii()
    known = r"(Population|Propagator|Coupling|Dendrite|Stimulus|Firing|Length|Q|Time|Nodes|To|From)"
    for line in text.splitlines():
        if ":" in line:
            assert re.match(rf"\s*({known}|Connection matrix|Output)\b", line), line
    model = parse_model(text, name)
    waves = [c.propagator for c in model.connections if isinstance(c.propagator, Wave)]
    assert waves
    assert all(w.gamma and w.range for w in waves)
    assert model.connection(SYSTEMS[name].waves[0]).coupling.nu > 0


@pytest.mark.parametrize("name", SYSTEMS)
def test_the_models_start_at_their_lowest_fixed_point(name):
    found = steady_states(parse_model(conf(name, 144, 64), name)).fixed_points
    given = list(SYSTEMS[name].neural.values())
    np.testing.assert_allclose(found[0].rates, given, rtol=1e-9)
    if name != "EIRS":
        assert len(found) == 1


def test_runs_are_the_papers_on_small_sheets_and_shorter_on_large_ones():
    assert paper_steps() == 16 * 2**14
    assert scaled_steps(1, 2**25) == paper_steps()
    assert scaled_steps(16384, 2**25) == 2048
    assert scaled_steps(16384, 1) == INTERVAL_STEPS
    assert all(scaled_steps(n, 2**20) % INTERVAL_STEPS == 0 for n in NODES)


def test_a_delay_is_replaced_where_there_is_one():
    model = parse_model(conf("EIRS", 144, 64, delay=0.01), "delayed")
    taus = {c.propagator.tau for c in model.connections}
    assert taus == {0.0, round(0.01 / DELTAT) * DELTAT}


def test_the_text_of_a_file_is_shortened_and_silenced(reference):
    for path in sorted(reference.glob("nftsim-benchmarks/*.conf")):
        text = path.read_text()
        silent = parse_model(cases.without_output(text), path.stem)
        assert silent.output.traces == ()
        short = parse_model(cases.shortened(text, 64), path.stem)
        assert short.steps == 64
        assert short.nodes == parse_model(text, path.stem).nodes
    with pytest.raises(ValueError, match="no output section"):
        cases.without_output("nothing")


def test_the_counted_formulas_are_right():
    for x in (-30.0, -1.0, 0.3, 20.0):
        assert flops.exponential(x) == pytest.approx(math.exp(x), rel=1e-15, abs=0)
    for x in (2**-52, 0.1, 0.5, 0.70710678, 0.99, 1.0):
        assert flops.logarithm(x) == pytest.approx(math.log(x), rel=2e-15, abs=1e-16)
    for u in np.linspace(0, 0.999, 29):
        angle = 2 * math.pi * u
        assert flops.sine_cosine(u) == pytest.approx((math.sin(angle), math.cos(angle)), abs=1e-15)


def test_deviates_are_those_of_the_reference():
    words = threefry((5, 0), (3, 0))
    a, b = (1 + (w >> 12) * 2.0**-52 for w in words)
    pair = flops.deviates(a, b)
    expected = [deviates(5, 0, clock, 1)[0] for clock in (6, 7)]
    assert pair == pytest.approx(expected, rel=1e-13)


def test_operations_are_counted_and_fused():
    def formula(x, y):
        return (2.0 * x + y) / (1.0 + x * y - 3.0)

    found = flops.counted(formula, flops.Counted(), flops.Counted())
    assert found == flops.Operations(add=1, fma=2, div=1)
    assert found.flops == 6
    root = flops.counted(np.sqrt, flops.numbers((2, 2)))
    assert root == flops.Operations(sqrt=4)
    assert flops.counted(lambda x: x / 3.0, flops.Counted()) == flops.Operations(mul=1)


def test_the_rules_of_the_reference_are_linear_maps_of_as_many_numbers_as_counted():
    rng = np.random.default_rng(1)
    rates = (np.full((1, 1), 80.0), np.full((1, 1), 700.0))
    y, u = rng.standard_normal((2, 1, 1)), rng.standard_normal((1, 1))
    columns = [
        held_step(e[:2].reshape(2, 1, 1), e[2:].reshape(1, 1), *rates, 1e-4).ravel()
        for e in np.eye(3)
    ]
    mapped = np.array(columns).T @ np.array([*y.ravel(), *u.ravel()])
    np.testing.assert_allclose(held_step(y, u, *rates, 1e-4).ravel(), mapped, rtol=1e-12)
    assert flops.linear(2, 3).flops == 10

    # the wave: its own three values and the four sums over rates and neighbours
    model = parse_model(conf("E", 144, 64), "E")
    item, setting = model.connection(1).propagator, model.setting(0)

    def wave(phi, before, new, now, old):
        field = WaveField(item, setting, phi)
        field._before = before
        return field.step(new, now, old)

    fields = rng.standard_normal((5, 12, 12))
    shift = [np.roll(fields[k], s, axis=a) for k in (0, 3) for a in (0, 1) for s in (1, -1)]
    parts = [*fields, sum(shift[:4]), sum(shift[4:])]
    at = np.array([p.ravel() for p in parts]).T
    solution, *_ = np.linalg.lstsq(at, wave(*fields).ravel(), rcond=None)
    np.testing.assert_allclose(at @ solution, wave(*fields).ravel(), rtol=1e-10, atol=1e-10)
    assert np.all(np.abs(solution) > 1e-12)
    assert solution.size == 7


def test_the_sigmoid_of_the_reference_is_counted():
    field = flops.numbers((1, 1))
    found = flops.counted(sigmoid, field, 0.01, 0.004, 340.0)
    exponential = flops.counted(flops.exponential, flops.Counted())
    # less θ, times 1/σ', plus 1, Qmax divided by it; the product goes into no sum
    assert found.flops == exponential.flops + 4
    assert found.div == 1


@pytest.mark.parametrize("name", SYSTEMS)
def test_merging_saves_operations_and_they_do_not_depend_on_the_sheet(name):
    merged, stated = flops.merged(plan_of(name, 144)), flops.stated(plan_of(name, 144).model)
    assert merged == flops.merged(plan_of(name, 1024))
    assert stated.flops > merged.flops
    # of the sigmoids, the exponents of their exponentials
    noises = flops.noise().integer * len(SYSTEMS[name].noise)
    assert stated.integer == noises + 2 * len(SYSTEMS[name].neural)
    assert merged.integer == noises + 2 * {"E": 1, "EI": 2, "EIRS": 3}[name]
    parted = flops.merged(plan_of(name, 144, merge=False))
    assert parted.flops >= merged.flops
    assert flops.traffic(plan_of(name, 144)) > 0


def test_the_corticothalamic_step_is_that_of_three_populations_one_wave_and_one_noise():
    model = parse_model(conf("EIRS", 144, 64), "EIRS")
    response = flops.counted(sigmoid, flops.numbers((1, 1)), 0.01, 0.004, 340.0).flops
    wave = 2 * 3 + 13
    # e and i have three inputs and are one; r has two, s three
    somas = 3 * (10 + response) + 2 * 8 - 3
    noise = flops.noise().flops + 2
    assert flops.merged(compile_plan(model)).flops == pytest.approx(wave + somas + noise)


def test_a_node_alone_has_a_harmonic_for_a_wave():
    one, sheet = flops.merged(plan_of("E", 1)), flops.merged(plan_of("E", 144))
    assert sheet.flops - one.flops == pytest.approx((6 + 13) - 10)


def test_the_floor_is_the_slowest_of_three():
    work = flops.Operations(add=10, mul=10, fma=10, div=1, sqrt=1)
    seconds, bound = floor(work, 8.0, PEAKS, "L1", fused=False)
    assert (seconds, bound) == (pytest.approx(40 * 2e-11), "arithmetic")
    assert floor(work, 8.0, PEAKS, "L1", fused=True)[0] == pytest.approx(30 * 2e-11)
    assert floor(work, 8000.0, PEAKS, "memory", fused=False)[1] == "bandwidth"
    assert floor(flops.Operations(div=10), 8.0, PEAKS, "L1", fused=True)[1] == "divisions"
    worse = replace(PEAKS, flops=1e10, divide=1e-9, about={**PEAKS.about, "load": "9"})
    assert worse.or_better(PEAKS) == replace(PEAKS, about=worse.about)
    other = replace(PEAKS, about={**PEAKS.about, "processor": "another"})
    assert worse.or_better(other) == worse
    assert PEAKS.level(1000) == "L1"
    assert PEAKS.level(2**21) == "L3"
    assert PEAKS.level(2**40) == "memory"


@pytest.mark.slow
def test_the_machine_is_measured():
    found = machine.measure()
    assert 1e9 < found.flops < 1e13
    assert found.divide > 0
    assert found.root > 0
    assert list(found.bandwidth) == ["L1", "L2", "L3", "memory"]
    assert min(found.bandwidth.values()) > 1e8
    assert found.about["cores"].isdigit()
