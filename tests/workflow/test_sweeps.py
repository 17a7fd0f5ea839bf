"""Sweeps: what they run, what they refuse, and that nothing is run twice."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
import yaml

import nftsim
from analysis.figures import sweep as figure
from nftsim.api import collected
from nftsim.errors import NftsimError
from nftsim.model import library
from nftsim.origin import origin_of
from tests.workflow.small_sweeps import NU, RUNNING, SWEEP, made, run
from workflow.lib.settings import checked
from workflow.lib.sweep_labels import labels, squared
from workflow.lib.sweep_points import Member, divided, points, values
from workflow.lib.sweep_store import Journal, read
from workflow.lib.sweeps import Sweeps

if TYPE_CHECKING:
    from tests.workflow.conftest import Snakemake


@pytest.fixture(autouse=True)
def _elsewhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)


def test_values_of_ranges_are_short_numbers_that_stay_when_the_range_is_made_finer() -> None:
    coarse = values({"from": 0, "to": 0.004, "count": 41})
    fine = values({"from": 0, "to": 0.004, "count": 81})
    assert coarse[30] == 0.003
    assert set(coarse) <= set(fine)
    logarithmic = {"from": 1e-3, "to": 1e-1, "count": 3, "scale": "log"}
    assert values(logarithmic) == [1e-3, 1e-2, 1e-1]


def test_points_are_a_grid_pairs_or_as_listed() -> None:
    sweep = {"parameters": {"a": [1, 2], "b": [3, 4]}, "zip": False}
    assert points(sweep) == [{"a": a, "b": b} for a in (1, 2) for b in (3, 4)]
    assert points({**sweep, "zip": True}) == [{"a": 1, "b": 3}, {"a": 2, "b": 4}]
    assert points({**sweep, "points": [{"a": 9, "b": 8}]}) == [{"a": 9, "b": 8}]
    assert points({"parameters": {}, "zip": False}) == [{}]


def _members(count: int, seeds: int = 2) -> list[Member]:
    return [Member(f"{v}-{s}", "e", {"a": v}, s) for v in range(count) for s in range(seeds)]


def test_parts_hold_each_member_once_and_stay_when_one_is_added() -> None:
    before, after = divided(_members(300), 64), divided(_members(301), 64)
    assert sorted(m.id for part in before for m in part) == sorted(m.id for m in _members(300))
    assert max(map(len, before)) <= 1.25 * 600 / len(before) + 2
    old = {m.id: i for i, part in enumerate(before) for m in part}
    moved = [m for i, part in enumerate(after) for m in part if old.get(m.id, i) != i]
    assert len(moved) < 10
    assert all(len({m.values["a"] for m in part}) * 2 == len(part) for part in before)
    assert len(divided(_members(5), 256)) == 1
    assert len(divided(_members(1, seeds=40), 10)) == 4


FAULTS = [
    ({"modell": "ei"}, "sweeps.s: unknown key 'modell'", "Did you mean 'model'?"),
    ({"experiments": ["noise"]}, "sweeps.s.experiments: ", "either experiments or a model"),
    ({"parameters": {"coupling.9.mu": [1]}}, "sweeps.s.parameters.coupling.9.mu: ", "Allowed: nu"),
    ({"parameters": {"coupling.99.nu": [1]}}, "sweeps.s.parameters.coupling.99.nu", "1 to 11"),
    ({"parameters": {"dendrite.1.alpha": [45, -1]}}, "s.parameters.dendrite.1.alpha", "> 0"),
    ({"parameters": {"time": [1, 2]}}, "sweeps.s.parameters.time", "duration"),
    ({"parameters": {NU: {"from": 0, "to": 1, "cout": 3}}}, f"s.parameters.{NU}", "'count'?"),
    ({"parameters": {NU: {"from": 0, "to": 1, "count": 1}}}, f"parameters.{NU}.count", ">= 2"),
    ({"parameters": {NU: {"from": 0, "to": 1, "count": 9, "scale": "log"}}}, NU, "one sign"),
    ({"parameters": {NU: [1, 1]}}, f"sweeps.s.parameters.{NU}", "unique"),
    ({"parameters": {NU: [1e-3], "coupling.1.nu": [1, 2]}, "zip": True}, "sweeps.s.zip", "1"),
    ({"points": [{NU: 1}]}, "sweeps.s.points", "either points or parameters"),
    ({"measures": ["means"]}, "sweeps.s.measures.0", "'mean'"),
    ({"duration": 0.2}, "sweeps.s.spectrum.segment", "longer than the runs"),
    ({"spectrum": {"segment": 1, "bands": {"x": [1, 300]}}}, "sweeps.s.spectrum.bands.x", "100 Hz"),
    (
        {"spectrum": {"segment": 1, "peak": [9, 3], "bands": {"x": [2, 9]}}},
        "sweeps.s.spectrum.peak",
        "lower end",
    ),
    ({"figure": {"x": "coupling.8.nu"}}, "sweeps.s.figure.x", "coupling.9.nu"),
    ({"figure": {"y": ["variants"]}}, "sweeps.s.figure.y", "propagator.1.phi.variance"),
    ({"figure": {"colour": "mean", "y": ["mean"]}}, "sweeps.s.figure.y", "one parameter"),
    ({"traces": ["pop.9.q"]}, "sweeps.s: eirs-wake", "pop.5.q"),
]


@pytest.mark.parametrize(("changes", "place", "remedy"), FAULTS)
def test_a_fault_is_refused_in_one_line(
    tiny: dict[str, Any], changes: dict[str, Any], place: str, remedy: str
) -> None:
    with pytest.raises(NftsimError) as caught:
        made(tiny, **changes)
    lines = str(caught.value).splitlines()
    assert len(lines) == 1, lines
    assert lines[0].startswith("config.yaml: ")
    assert place in lines[0]
    assert remedy in lines[0]


def test_a_sweep_of_an_experiment_inherits_and_changes_it(tiny: dict[str, Any]) -> None:
    tiny["sweeps"] = {
        "s": {"experiments": ["noise"], "parameters": {NU: [1e-3]}, "warmup": {"duration": 3},
              "overrides": {"coupling.1.nu": 1e-3}, "grid": {"nodes": 1},
              "spectrum": {"segment": 1}, "unstable": "run"},
        "none": None,
    }  # fmt: skip
    sweeps = checked(tiny)["sweeps"]
    assert list(sweeps) == ["s"]
    base = sweeps["s"]["bases"]["noise"]
    assert (base["duration"], base["warmup"]["duration"], base["seeds"]) == (2.0, 3, [1, 2])
    assert base["overrides"] == {"coupling.1.nu": 1e-3}
    assert base["grid"] == {"nodes": 1}
    assert Sweeps(sweeps).targets() == [
        "results/sweeps/s/table.csv",
        "results/figures/sweeps/s.pdf",
        "results/figures/sweeps/s.png",
    ]


def test_a_journal_forgets_a_line_that_was_cut_off(tmp_path: Path) -> None:
    path = tmp_path / "done" / "0.jsonl"
    with Journal(path, RUNNING["wait"]) as journal:
        journal.add([{"id": "a", "x": 1}, {"id": "b", "x": 0.1}])
    path.write_bytes(path.read_bytes()[:-5])
    assert list(read(path.parent)) == ["a"]
    with Journal(path, RUNNING["wait"]) as journal:
        journal.add([{"id": "c"}])
    assert list(read(path.parent)) == ["a", "c"]


def test_members_are_what_runs_alone_give_and_are_run_once(
    tiny: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", logger="nftsim.sweep")
    sweep = made(tiny)
    found = run(sweep)
    assert list(found.columns[:5]) == ["experiment", NU, "coupling.10.nu", "seed", "status"]
    assert len(found) == 8
    assert "8 of 8 members are to be run" in caplog.text
    row = found.iloc[5]
    changes = {"nodes": 1, "output.start": 0, "output.interval": 5e-3, NU: row[NU]}
    changes |= {"output.traces": "propagator.1.phi", "coupling.10.nu": row["coupling.10.nu"]}
    model = nftsim.load_model("eirs-wake", changes)
    point = nftsim.steady_states(model).chosen
    start = model.with_rates(point.rates.tolist())
    warmup = collected([{"model": start, "seed": 2, "duration": 0.5, "warmup": True}])[0]
    alone = nftsim.simulate(model, seed=2, duration=1.0, initial=warmup)
    assert row["seed"] == 2
    assert row["propagator.1.phi.mean"] == float(alone["propagator.1.phi"].mean())
    assert row["steady.q"] == float(point.rates[0])
    assert row["propagator.1.phi.theory_slow"] > 0

    caplog.clear()
    again = run(sweep)
    assert "0 of 8 members are to be run" in caplog.text
    pd.testing.assert_frame_equal(found, again)
    caplog.clear()
    more = run(made(tiny, parameters={**SWEEP["parameters"], NU: [1e-3, 1.1e-3, 1.2e-3]}))
    assert "4 of 12 members are to be run" in caplog.text
    kept = more[more[NU] != 1.1e-3].reset_index(drop=True)
    pd.testing.assert_frame_equal(found, kept)


@pytest.mark.parametrize("change", [
    {"duration": 1.5}, {"overrides": {"coupling.1.nu": 1.5e-3}}, {"measures": ["mean"]},
    {"warmup": {"duration": 0.6}}, {"unstable": "run"},
])  # fmt: skip
def test_what_changes_a_result_changes_every_member(
    tiny: dict[str, Any], change: dict[str, Any]
) -> None:
    before = {m.id for m in made(tiny).members}
    assert before.isdisjoint(m.id for m in made(tiny, **change).members)


def test_how_it_is_run_and_an_equal_model_elsewhere_change_none(
    tiny: dict[str, Any], tmp_path: Path
) -> None:
    before = [m.id for m in made(tiny).members]
    assert [m.id for m in made(tiny, together=2, figure=None, keep="runs").members] == before
    text = Path(library()["eirs-wake"]).read_text()
    (tmp_path / "eirs-wake.conf").write_text(text)
    assert [m.id for m in made(tiny, model="eirs-wake.conf").members] == before
    (tmp_path / "eirs-wake.conf").write_text(text.replace("Theta: 0.01292", "Theta: 0.013"))
    assert before != [m.id for m in made(tiny, model="eirs-wake.conf").members]


def test_points_that_cannot_run_are_recorded_and_do_not_stop_others(
    tiny: dict[str, Any],
) -> None:
    # closed eyes: beyond the end of rest there is no stable fixed point; and a Courant number
    sweep = made(
        tiny,
        model="eirs-eyes-closed",
        interval=3.90625e-3,
        seeds=[1],
        parameters={NU: [3e-3, 4e-3]},
        measures=["mean"],
    )
    found = run(sweep)
    assert list(found["status"])[1] == "unstable"
    assert "no simulation stays near" in found["note"][1]
    assert np.isnan(found["propagator.1.phi.mean"].astype(float)[1])
    assert found["propagator.1.phi.mean"].astype(float)[0] > 0


def test_a_saturated_point_has_a_status_and_breaks_the_line(tiny: dict[str, Any]) -> None:
    sweep = made(tiny, seeds=[1], parameters={NU: [1e-3, 1.2e-3, 2.9e-3, 3e-3, 1.1e-3]})
    found = run(sweep).sort_values(NU, ignore_index=True)
    assert list(found["status"]) == ["ok", "ok", "ok", "saturated", "saturated"]
    assert list(found["steady.number"]) == [1, 1, 1, 3, 3]
    assert "population 1 (Excitatory), 2 (Inhibitory), 3 (Reticular), 4" in found["note"][4]
    assert np.isnan(found["propagator.1.phi.theory_slow"].astype(float)[4])
    known = {**sweep.shown, "labels": labels(sweep.shown)}
    lines = figure.draw(found, **known).axes[0].get_lines()
    assert [len(line.get_xdata()) for line in lines] == [3, 2]
    assert [line.get_markerfacecolor() == "white" for line in lines] == [False, True]
    said = figure.caption(found, **known)
    assert "2 with a saturated fixed point" in said
    assert "Lines break where" in said


def test_runs_are_kept_as_files_and_made_again_when_one_is_gone(
    tiny: dict[str, Any], tmp_path: Path
) -> None:
    sweep = made(tiny, keep="runs", parameters={NU: [1e-3, 1.1e-3]}, seeds=[1])
    found = run(sweep)
    folder = tmp_path / "results/sweeps/s"
    kept = folder / found["run"][0]
    mean = nftsim.read_run(kept)["propagator.1.phi"].mean()
    assert mean == found["propagator.1.phi.mean"][0]
    assert not list((folder / "making").iterdir())
    kept.unlink()
    pd.testing.assert_frame_equal(run(sweep), found)
    assert kept.is_file()


@pytest.mark.parametrize(
    "shown", [{}, {"colour": ["mean", "slow", "peak_frequency"], "log": ["colour"]},
              {"y": [["slow", "theory_slow"], "steady.growth"], "labels": {NU: "strength"}}],
)  # fmt: skip
def test_figures_are_drawn_with_labels_and_units(tiny: dict[str, Any], shown: Any) -> None:
    sweep = made(tiny, figure=shown)
    rows = []
    for i, member in enumerate(sweep.members):
        numbers = dict.fromkeys(sweep.columns, 1.0 + i)
        status = "unstable" if i == 3 else "left" if i == 2 else "ok"
        rows.append({"experiment": "e", **member.values, "seed": member.seed, "status": status,
                     **(numbers if i != 3 else {}), "note": "",
                     "warnings": "aliasing; rate" if i == 5 else np.nan})  # fmt: skip
    found = pd.DataFrame(rows)
    known = {**sweep.shown, "labels": labels(sweep.shown)}
    drawn = figure.draw(found, **known)
    text = " ".join(axes.get_xlabel() for axes in drawn.axes)
    assert "V s" in text
    said = figure.caption(found, **known)
    assert "8 runs with 2 seeds" in said
    assert "no stable fixed point" in said
    assert "With warnings of guards: 1 (aliasing, rate)." in said


def test_units_are_squared() -> None:
    assert [squared(u) for u in ("s⁻¹", "V", "V s", "")] == ["s⁻²", "V²", "V² s²", ""]


@pytest.mark.slow
def test_a_sweep_that_is_killed_goes_on_to_the_same_table(
    snakemake: Snakemake, tiny: dict[str, Any], root: Path, tmp_path: Path
) -> None:
    nu = {"from": 1e-3, "to": 1.6e-3, "count": 12}
    sweep = {**SWEEP, "parameters": {NU: nu}, "together": 6, "figure": None}
    sweep |= {"seeds": [1], "measures": ["mean", "bands"]}
    config = {"experiments": {"pulse": tiny["experiments"]["pulse"]}, "sweeps": {"s": sweep}}
    target = "results/sweeps/s/table.csv"
    file = tmp_path / "killed.yaml"
    file.write_text(yaml.safe_dump(config))
    command = [sys.executable, "-m", "snakemake", "-s", str(root / "Snakefile"), target]
    command += ["--cores", "1", "--directory", str(tmp_path), "--configfile", str(file)]
    process = subprocess.Popen(
        command, start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    done = tmp_path / "results/sweeps/s/done"
    until = time.monotonic() + 120
    while not list(done.glob("*.jsonl")) or not read(done):
        assert time.monotonic() < until
        assert process.poll() is None
        time.sleep(0.02)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    before = read(done)
    assert 0 < len(before) < 12
    assert snakemake(config, target).returncode == 0
    lines = [line for f in done.glob("*.jsonl") for line in f.read_text().splitlines()]
    assert len(lines) == 12  # none was run twice
    after = read(done)
    assert before == {known: after[known] for known in before}
    csv = (tmp_path / target).read_bytes()
    made_of = origin_of(tmp_path / target)
    assert made_of is not None
    assert [one["file"] for one in made_of["inputs"]] == [
        f"results/sweeps/s/parts/{part}.jsonl" for part in (0, 1)
    ]
    assert made_of["settings"]["bases"]["eirs-wake"]["duration"] == 1.0
    nothing = snakemake(config, target)
    assert "Nothing to be done" in nothing.stdout + nothing.stderr
    for path in (tmp_path / "results/sweeps/s").glob("*/*.jsonl"):
        path.unlink()
    written = yaml.safe_load(file.read_text())  # with its keys in another order
    whole = run(Sweeps(checked(written)["sweeps"])["s"])
    whole.to_csv(tmp_path / "whole.csv", index=False)
    assert (tmp_path / "whole.csv").read_bytes() == csv
