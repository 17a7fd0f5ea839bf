"""The benchmark measures what it says: models, fits, counts of operations, tables, one tiny run."""

import json
import math
import re
import sys
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from analysis.benchmark import cases, docs, figures, flops, machine, process, report, tables
from analysis.benchmark.__main__ import main
from analysis.benchmark.cases import QUICK, Case, Extent
from analysis.benchmark.disk import disk_table
from analysis.benchmark.fit import fit, fits
from analysis.benchmark.models import (
    DELTAT,
    INTERVAL_STEPS,
    NODES,
    SYSTEMS,
    conf,
    paper_steps,
    scaled_steps,
)
from analysis.benchmark.roofline import COLUMNS as ROOF
from analysis.benchmark.roofline import floor, roofline
from analysis.benchmark.summary import ratio, summarise
from analysis.benchmark.targets import COLUMNS as TARGETS
from analysis.benchmark.targets import FILES, SPEED, targets
from analysis.benchmark.timing import COLUMNS, Bench
from nftsim.components.propagators import Wave
from nftsim.components.stimuli import White
from nftsim.engine.compile import compile_plan
from nftsim.errors import NftsimError
from nftsim.model import load_model, parse_model
from nftsim.reference.firing import sigmoid
from nftsim.reference.noise import deviates, threefry
from nftsim.reference.propagators import WaveField
from nftsim.reference.second_order import held_step
from nftsim.theory.fixed_points import steady_states

PEAKS = machine.Machine(
    flops=1e11,
    divide=1e-10,
    root=2e-10,
    bandwidth={"L1": 4e11, "L2": 2e11, "L3": 1e11, "memory": 2e10},
    sizes={"L1": 2**15, "L2": 2**20, "L3": 2**25, "memory": 2**34},
    about={
        "started": "2026-01-01T00:00", "nftsim_version": "1", "source_digest": "0",
        "processor": "made up", "cores": "2", "memory": "16 GiB", "system": "none",
        "python": "3", "packages": "none", "load": "0",
    },
)  # fmt: skip


def plan_of(name, nodes, **how):
    return compile_plan(parse_model(conf(name, nodes, 64), name), **how)


# models -------------------------------------------------------------------------------------------


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


# counting -----------------------------------------------------------------------------------------


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


# floor --------------------------------------------------------------------------------------------


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


# fits ---------------------------------------------------------------------------------------------


def test_the_fit_recovers_known_coefficients():
    rng = np.random.default_rng(2)
    work, output = rng.uniform(1e6, 1e9, 30), rng.uniform(0, 1e7, 30)
    output[::2] = 0
    found = fit(work, output, 3e-9 * work + 2e-7 * output)
    assert (found.k_sim, found.k_out) == (pytest.approx(3e-9), pytest.approx(2e-7))
    assert found.error < 1e-9
    noisy = (3e-9 * work + 2e-7 * output) * rng.normal(1, 0.02, 30)
    found = fit(work, output, noisy)
    assert (found.k_sim, found.k_out) == (pytest.approx(3e-9, 0.05), pytest.approx(2e-7, 0.1))
    assert 0.005 < found.error < 0.05


def test_the_fit_does_without_output():
    assert fit([1e6, 2e6], [0, 0], [1.0, 2.0]).k_out == 0.0


# tables -------------------------------------------------------------------------------------------


def made_up_row(**given):
    row = dict.fromkeys(COLUMNS, 0)
    row |= {
        "suite": "sheets", "model": "EIRS", "program": "ours", "mode": "step", "output": "none",
        "merge": True, "threads": 1, "members": 1, "repeat": 1, "nodes": 1024, "populations": 5,
        "connections": 11, "steps": 1000, "deltat_s": DELTAT, "time_s": 1000 * DELTAT,
        "scaled": 1000 * DELTAT / 16, "passes": 1, "max_rss_kb": 200_000, "estimate_kb": 210_000,
        "date": "2026-01-01",
    }  # fmt: skip
    row |= given
    ns = row["ns_per_node_step"]
    row["run_s"] = row["wall_s"] = 1e-9 * ns * row["nodes"] * row["steps"] * row["members"]
    return row


@pytest.fixture
def runs():
    """Made-up runs: NFTsim takes 400 ns, ours 8 ns, and 100 or 1 ns for a number written."""
    rows = []
    for repeat in (1, 2, 3):
        shake = 1 + 0.01 * (repeat - 2)
        for name in SYSTEMS:
            for nodes in (1, 144, 1024, 4096, 16384):
                for output in ("none", "three"):
                    values = 3 * nodes * 1000 // 32 if output == "three" else 0
                    for program, speed, write in (("ours", 8.0, 1.0), ("NFTsim", 400.0, 100.0)):
                        ns = (speed + write * values / (nodes * 1000)) * shake
                        rows.append(
                            made_up_row(
                                model=name, nodes=nodes, output=output, program=program,
                                values=values, repeat=repeat, ns_per_node_step=ns,
                                mode="process" if program == "NFTsim" else "step",
                                file_kb=values * 8 / 1024,
                            )
                        )  # fmt: skip
        for threads in (1, 2):
            rows.append(made_up_row(suite="threads", nodes=16384, threads=threads, repeat=repeat,
                                    ns_per_node_step=8.0 / threads))  # fmt: skip
        for merge in (True, False):
            rows.append(made_up_row(suite="merging", merge=merge, repeat=repeat,
                                    ns_per_node_step=8.0 if merge else 20.0))  # fmt: skip
        for members in (1, 64):
            rows.append(made_up_row(suite="ensembles", nodes=1, members=members, repeat=repeat,
                                    mode="ensemble", ns_per_node_step=200 / members))  # fmt: skip
        rows.append(made_up_row(suite="delays", model="EIRS, 80 ms", max_tau_s=0.08,
                                repeat=repeat, ns_per_node_step=8.0))  # fmt: skip
        rows.append(made_up_row(suite="disk", repeat=repeat, ns_per_node_step=8.0))
        rows.append(made_up_row(suite="disk", repeat=repeat, ns_per_node_step=10.0, output="all",
                                mode="write", file_kb=1000.0))  # fmt: skip
        for program, mode, ns in (
            ("ours", "process", 10.0), ("ours", "write", 8.8), ("ours", "step", 8.0),
            ("NFTsim", "process", 500.0),
        ):  # fmt: skip
            rows.append(
                made_up_row(suite="files", model="eirs-nodes-1024", program=program, mode=mode,
                            output="none" if mode == "step" else "file", repeat=repeat,
                            ns_per_node_step=ns)
            )  # fmt: skip
    return pd.DataFrame(rows, columns=list(COLUMNS))


def test_medians_and_spread(runs):
    found = summarise(runs)
    at = found[(found.suite == "sheets") & (found.nodes == 144) & (found.output == "none")]
    assert sorted(at.ns_per_node_step) == pytest.approx([8.0] * 3 + [400.0] * 3)
    assert set(at.repeats) == {3}
    assert at.spread.to_numpy() == pytest.approx(0.02)


def test_ratios_are_taken_repeat_by_repeat(runs):
    which = {"suite": "sheets", "model": "E", "nodes": 144, "output": "none"}
    found = ratio(runs, {**which, "program": "NFTsim"}, {**which, "program": "ours"})
    assert found == pytest.approx((50, 50, 50))
    assert all(map(math.isnan, ratio(runs, {"suite": "none"}, which)))


def test_eq_33_is_fitted_for_each_system_and_program(runs):
    found = fits(runs)
    assert len(found) == 6
    ours = found[(found.program == "ours") & (found.model == "EIRS")].iloc[0]
    assert ours.k_sim == pytest.approx(8e-9 / 25, rel=0.01)
    assert ours.k_out == pytest.approx(1e-9, rel=0.05)
    assert ours.k_sim_per_node_16s == pytest.approx(8e-9 * 2**18, rel=0.01)


def test_table_5_is_for_the_papers_16_seconds(runs):
    found = tables.table5(summarise(runs))
    assert list(found.columns) == list(tables.TABLE5)
    at = found[(found.model == "E") & (found.nodes == 1024) & (found.program == "NFTsim")].iloc[0]
    assert at.run_none_16s == pytest.approx(400e-9 * 1024 * 2**18)
    assert at.run_three_16s > at.run_none_16s
    assert at.per_second == pytest.approx(at.run_three_16s / 16)
    assert at.spread_percent == pytest.approx(2)


def test_tables_are_text():
    table = pd.DataFrame({"a": ["x", "y"], "b": [12345.6, math.nan]})
    assert tables.markdown(table, ["A", "B"]) == (
        "| A | B |\n| --- | ---: |\n| x | 12346 |\n| y | – |"
    )
    text = tables.rst(table, "Title")
    assert text.startswith(".. list-table:: Title\n   :header-rows: 1\n\n   * - a\n     - b\n")


def test_targets_are_judged_by_what_was_measured(runs):
    roof = roofline(summarise(runs), PEAKS)
    found = targets(runs, roof)
    assert list(found.columns) == list(TARGETS)
    count = sum(map(len, SPEED.values())) + len(FILES) + 8
    assert len(found) == count
    verdicts = dict(zip(found.what, found.verdict, strict=True))
    assert verdicts["EIRS, 1024 nodes, one thread, nothing written"] == "reached"
    assert verdicts["figure_1.conf, whole process, start-up included"] == "not measured"
    assert verdicts["two threads against one, EIRS, 16384 nodes"] == "reached"
    assert verdicts["eirs-nodes-1024.conf, what writing adds to our run"] == "reached"
    slow = runs.copy()
    ours = slow.program == "ours"
    slow.loc[ours, ["ns_per_node_step", "run_s", "wall_s"]] *= 100
    verdicts = dict(zip(found.what, targets(slow, roof).verdict, strict=True))
    assert verdicts["EIRS, 1024 nodes, one thread, nothing written"] == "missed"
    assert verdicts["EIRS, one node, per step"] == "missed"


def test_the_roofline_compares_ours_with_the_floor(runs):
    found = roofline(summarise(runs), PEAKS)
    assert list(found.columns) == list(ROOF)
    assert (found.over_floor * found.floor_ns).to_numpy() == pytest.approx(found.ours_ns)
    assert (found.fused_ns <= found.floor_ns).all()
    assert found.stated_flops.notna().all()


def test_the_disk_table(runs):
    found = disk_table(summarise(runs), {"dd": 500.0}).set_index(disk_table(
        summarise(runs), {"dd": 500.0}).what)  # fmt: skip
    assert found.MB_per_s["dd"] == 500.0
    run, extra = (v for name, v in found.MB_per_s.items() if name.startswith("EIRS"))
    megabytes, seconds = 1000 * 1024 / 1e6, 1e-9 * 1024 * 1000
    assert run == pytest.approx(megabytes / (10 * seconds))
    assert extra == pytest.approx(megabytes / (2 * seconds))


def test_a_folder_of_results_has_every_table_and_figure(runs, tmp_path):
    report.write_csv(runs, tmp_path / "runs.csv")
    report.write_machine(tmp_path, PEAKS, {"dd": 1.0})
    assert report.read_machine(tmp_path) == (PEAKS, {"dd": 1.0})
    report.report(tmp_path)
    names = {p.name for p in tmp_path.iterdir()}
    assert names >= {
        "summary.csv", "fits.csv", "table5.csv", "table5.md", "table5.rst", "targets.csv",
        "roofline.csv", "disk.csv", "time-against-nodes.pdf", "time-against-nodes.png",
        "roofline.pdf", "roofline.png", "growth.pdf", "growth.png",
    }  # fmt: skip
    page = tmp_path / "page.md"
    page.write_text("before\n<!-- begin measured -->\nnothing yet\n<!-- end measured -->\nafter\n")
    docs.update(tmp_path, page)
    text = page.read_text()
    assert text.startswith("before\n")
    assert text.endswith("after\n")
    assert "nothing yet" not in text
    assert "Table 5" in text
    for name in docs.FIGURES:
        assert (tmp_path / "figures" / f"benchmark-{name}.png").is_file()
    page.write_text("nothing")
    with pytest.raises(NftsimError, match="has no one"):
        docs.update(tmp_path, page)


def test_the_page_has_its_place(root):
    text = (root / "docs" / "performance.md").read_text()
    assert text.count("<!-- begin measured -->") == text.count("<!-- end measured -->") == 1


def test_figures_do_without_nftsim(runs):
    ours = summarise(runs[runs.program == "ours"])
    texts = figures.against_nodes(ours, roofline(ours, PEAKS)).axes[2].texts
    assert [t.get_text() for t in texts] == ["no NFTsim was given"]


def test_old_results_of_another_form_are_refused(tmp_path):
    (tmp_path / "runs.csv").write_text("a,b\n1,2\n")
    with pytest.raises(NftsimError, match="other columns"):
        report.read_runs(tmp_path)


# measuring ----------------------------------------------------------------------------------------


def test_groups_put_programs_in_turn():
    groups = list(cases.sheets(QUICK, theirs=True))
    assert len(groups) == len(QUICK.nodes) * len(SYSTEMS)
    assert [c.program for c in groups[0]] == ["ours", "NFTsim"] * 2
    assert [c.output for c in groups[0]] == ["none", "none", "three", "three"]
    assert all(c.program == "ours" for g in cases.sheets(QUICK, theirs=False) for c in g)
    counts = [c.threads for c in next(cases.threads(Extent()))]
    assert counts[:2] == [1, 2]
    assert {c.merge for c in next(cases.merging(QUICK))} == {True, False}
    assert {c.members for g in cases.ensembles(Extent()) for c in g} >= {1, 64}


def test_a_program_is_measured():
    used = process.run([sys.executable, "-c", "x = bytearray(50_000_000); print(len(x), end='')"])
    assert used.output == "50000000"
    assert used.wall > 0
    assert used.user > 0
    with pytest.raises(NftsimError, match="exit code 3"):
        process.run([sys.executable, "-c", "raise SystemExit(3)"])
    with pytest.raises(NftsimError, match="cannot be started"):
        process.run(["/nowhere/nothing"])


def test_a_run_of_ours_is_measured_in_its_own_process(tmp_path, monkeypatch, root):
    monkeypatch.setenv("PYTHONPATH", str(root))
    extent = replace(QUICK, repeats=1, seconds=0.0)
    text = conf("E", 144, 64, output="three")
    case = Case("sheets", "E", text, "three", "ours", "write", 64, 144)
    row = next(Bench(tmp_path, None, extent).group([case]))
    assert list(row) == list(COLUMNS)
    assert row["values"] == 3 * 144 * 2
    assert row["file_kb"] > row["values"] * 8 / 1024
    assert row["wall_s"] > 0
    # the process that runs it, its compiled kernels and their compiler
    assert 50_000 < row["max_rss_kb"] < 2_000_000
    assert row["waves"] == 1
    assert row["scaled"] == pytest.approx(64 * DELTAT / 16)


@pytest.mark.slow
def test_the_command_measures_and_reports(tmp_path, monkeypatch, root, capsys):
    monkeypatch.setenv("PYTHONPATH", str(root))
    monkeypatch.delenv("NFTSIM_CPP", raising=False)
    monkeypatch.setattr(machine, "measure", lambda: PEAKS)
    out = tmp_path / "out"
    code = main(["--quick", "--only", "sheets", "--nodes", "144", "--repeats", "1",
                 "--out", str(out)])  # fmt: skip
    assert code == 0
    assert "not measured" in capsys.readouterr().out
    runs = report.read_runs(out)
    assert list(runs.columns) == list(COLUMNS)
    assert len(runs) == 2 * len(SYSTEMS)
    assert json.loads((out / "machine.json").read_text())["flops"] == PEAKS.flops
    # a suite that is measured later joins what is there
    assert main(["--quick", "--only", "delays", "--nodes", "1024", "--out", str(out)]) == 0
    assert set(report.read_runs(out).suite) == {"sheets", "delays"}


@pytest.mark.parametrize("given", [["--only", "sheet"], ["--nodes", "10"], ["--nodes", "x"]])
def test_mistakes_in_arguments_are_answered(given, capsys):
    with pytest.raises(SystemExit) as error:
        main(given)
    assert error.value.code == 2
    assert given[1] in capsys.readouterr().err


def test_a_missing_nftsim_is_named(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("NFTSIM_CPP", "/nowhere/nftsim")
    assert main(["--quick", "--out", str(tmp_path)]) == 2
    assert "NFTSIM_CPP=/nowhere/nftsim" in capsys.readouterr().err
