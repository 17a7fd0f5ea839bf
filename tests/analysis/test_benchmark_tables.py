"""Fits, tables, targets and figures of made-up runs."""

import math

import numpy as np
import pandas as pd
import pytest

from analysis.benchmark import docs, figures, report, tables
from analysis.benchmark.disk import disk_table
from analysis.benchmark.fit import fit, fits
from analysis.benchmark.roofline import COLUMNS as ROOF
from analysis.benchmark.roofline import roofline
from analysis.benchmark.summary import ratio, summarise
from analysis.benchmark.targets import COLUMNS as TARGETS
from analysis.benchmark.targets import FILES, SPEED, targets
from nftsim.errors import NftsimError
from tests.analysis.made_up_benchmark import PEAKS, made_up_runs


@pytest.fixture
def runs():
    return made_up_runs()


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
