"""Sweeps whose points fail, in every way: each is in the table, and none is in another's way."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest

from nftsim.errors import NftsimError
from nftsim.io.hdf5 import open_run
from tests.workflow.small_sweeps import NU, RUNNING, made, run
from workflow.lib import sweep_runs
from workflow.lib.settings import checked
from workflow.lib.sweep_store import Journal
from workflow.lib.sweeps import Sweeps

#: A linear population that feeds back on itself, which grows beyond all bounds where a nu > 1.
CONF = """
Time: 1 Deltat: 1e-3
Nodes: 1
Connection matrix:
From: 1 2
To 1: 1 2
To 2: 0 0
Population 1: runaway
Length: 1
Q: 1
Firing: Function: Linear a: 1e6 b: 0
 Dendrite 1: alpha: 100 beta: 300
 Dendrite 2: alpha: 100 beta: 300
Population 2: noise
Length: 1
Stimulus: White - Mean: 1 ASD: 0.01
Propagator 1: Map - Tau: 0
Propagator 2: Map - Tau: 0
Coupling 1: Map - nu: 1e-7
Coupling 2: Map - nu: 1e-6
Output: Node: All
Population: 1.q
"""
RUNAWAY = "coupling.1.nu"
LINEAR: dict[str, Any] = {
    "model": "runaway.conf",
    "traces": ["pop.1.q"],
    "seeds": [1],
    "measures": ["mean", "variance"],
    "unstable": "run",
}


@pytest.fixture(autouse=True)
def _elsewhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    Path("runaway.conf").write_text(CONF)


@pytest.fixture
def together(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Return how many members are run together, each time that some are."""
    sizes: list[int] = []
    both = sweep_runs._both

    def noted(waiting: Sequence[Any], *rest: Any) -> Any:
        sizes.append(len(waiting))
        return both(waiting, *rest)

    monkeypatch.setattr(sweep_runs, "_both", noted)
    return sizes


def forgotten() -> None:
    """Forget what has been run."""
    shutil.rmtree("results")


def test_where_one_diverges_the_rest_is_run_in_halves(
    tiny: dict[str, Any], together: list[int]
) -> None:
    calm = run(made(tiny, **LINEAR, parameters={RUNAWAY: [1e-7, 2e-7, 3e-7]}))
    assert together == [3]
    assert set(calm["status"]) <= {"ok", "unsettled"}
    forgotten()
    together.clear()
    found = run(made(tiny, **LINEAR, parameters={RUNAWAY: [1e-7, 2e-7, 1.0, 3e-7]}))
    assert together == [4, 2, 2, 1, 1]
    assert found["status"][2] == "diverged"
    assert "runaway" in found["note"][2]
    assert pd.isna(found["pop.1.q.mean"][2])
    rest = found[found[RUNAWAY] != 1.0].reset_index(drop=True)
    pd.testing.assert_frame_equal(rest, calm)


def test_all_may_diverge(tiny: dict[str, Any]) -> None:
    found = run(made(tiny, **LINEAR, parameters={RUNAWAY: [1.0, 2.0]}))
    assert list(found["status"]) == ["diverged", "diverged"]


@pytest.mark.parametrize("change", [("NODES", 2), ("LONG", 0.0)])
def test_how_many_are_run_at_a_time_and_whether_in_files_changes_nothing(
    tiny: dict[str, Any], together: list[int], monkeypatch: pytest.MonkeyPatch, change: Any
) -> None:
    wanted = {"parameters": {NU: [1e-3, 1.1e-3, 1.2e-3]}, "seeds": [1], "measures": ["mean"]}
    before = run(made(tiny, **wanted))
    forgotten()
    monkeypatch.setattr(sweep_runs, *change)
    pd.testing.assert_frame_equal(run(made(tiny, **wanted)), before)
    assert together == ([3, 2, 1] if change[0] == "NODES" else [3, 3])
    assert list(Path("results/sweeps/s").glob("making/*")) == []


def test_a_combination_that_the_model_does_not_allow_is_refused_alone(
    tiny: dict[str, Any],
) -> None:
    """Each value is allowed with the first of the other; both at once make waves too fast."""
    axes = {"propagator.1.gamma": [116, 1160], "propagator.1.range": [0.086, 0.43]}
    short = {"duration": 0.1, "warmup": {"duration": 0.1}, "seeds": [1], "measures": ["mean"]}
    sweep = made(tiny, grid={"nodes": 144}, parameters=axes, **short)
    found = run(sweep)
    assert list(found["status"] == "refused") == [False, False, False, True]
    assert "Courant" in found["note"][3]
    assert found["propagator.1.phi.mean"].notna().tolist() == [True, True, True, False]


def test_a_fixed_point_that_is_not_there_is_told(tiny: dict[str, Any]) -> None:
    where = {"duration": 0.5, "fixed_point": 9}
    found = run(made(tiny, parameters={NU: [1e-3]}, warmup=where, measures=["mean"], seeds=[1]))
    assert found["status"][0] == "no fixed point"
    assert found["note"][0] == "there is no fixed point 9"


def test_guards_that_find_something_are_named_in_the_table(tiny: dict[str, Any]) -> None:
    wide = made(tiny, parameters={NU: [1e-3]}, interval=0.05, seeds=[1], measures=["mean"])
    assert list(run(wide)["warnings"]) == ["aliasing"]
    forgotten()
    kept = made(tiny, parameters={NU: [1e-3]}, interval=0.05, seeds=[1], measures=["mean"],
                keep="runs")  # fmt: skip
    found = run(kept)
    assert list(found["warnings"]) == ["aliasing"]
    with open_run(f"results/sweeps/s/{found['run'][0]}") as file:
        assert "aliasing" in file.attrs["warnings"]
    forgotten()
    fine = made(tiny, parameters={NU: [1e-3]}, seeds=[1], measures=["mean"])
    assert list(run(fine)["warnings"]) == [""]


def test_a_sweep_or_a_part_that_is_not_there_is_named(tiny: dict[str, Any]) -> None:
    sweep = made(tiny, parameters={NU: [1e-3]})
    sweeps = Sweeps({"s": sweep.settings})
    with pytest.raises(NftsimError, match=r"^sweeps\.t is not in the configuration"):
        sweeps["t"]
    with pytest.raises(NftsimError, match=r"^sweeps\.s has 1 parts, from 0; not 1\.$"):
        sweeps.members(SimpleNamespace(sweep="s", part="1"))
    first = SimpleNamespace(sweep="s", part="0")
    assert len(sweeps.members(first)) == 2
    assert sweeps.memory(first, 2) == 2 * sweeps.memory(first, 1) >= 2000
    assert sweeps.minutes(first, 2) == 2 * sweeps.minutes(first, 1) > 0


def test_a_place_that_cannot_be_written_ends_the_job_in_one_line(tiny: dict[str, Any]) -> None:
    sweep = made(tiny, parameters={NU: [1e-3]}, seeds=[1])
    Path("results").write_text("in the way")
    with pytest.raises(NftsimError, match=r"done/0\.jsonl: cannot be written") as caught:
        run(sweep)
    assert len(str(caught.value).splitlines()) == 1


def test_a_journal_that_another_process_has_taken_over_takes_no_more(tmp_path: Path) -> None:
    path = tmp_path / "done" / "0.jsonl"
    with Journal(path, RUNNING["wait"]) as journal:
        journal.add([{"id": "a"}])
        journal._lock.path.unlink()
        journal._lock.path.write_text("{}")
        with pytest.raises(NftsimError, match="has been taken over"):
            journal.add([{"id": "b"}])
    assert path.read_text().count("\n") == 1


MANY = {"from": 0, "to": 1, "count": 1000}
#: What the checks of a sweep refuse, and the words that say why.
FAULTS = [
    ({"parameters": {NU: {"from": 1, "to": 1, "count": 3}}}, f"parameters.{NU}", "the same"),
    ({"parameters": {"output.node": [1]}}, "parameters.output.node", "changes no run"),
    ({"parameters": {}, "points": [{NU: 1e-3}, {"coupling.1.nu": 1}]}, "points.1", "the first has"),
    ({"parameters": {}, "points": [{NU: 1e-3}, {NU: "x"}]}, "points.1", NU),
    ({"parameters": {NU: MANY, "coupling.1.nu": MANY}}, "parameters", "at most 200000"),
    ({"warmup": {"fixed_point": 1}}, "warmup.duration", "is missing"),
    ({"parameters": {}, "figure": {}}, "figure", "no parameter to draw along"),
    ({"parameters": {NU: [1e-3]}, "figure": {"colour": "mean"}}, "figure.colour", "two parameters"),
    ({"spectrum": {"segment": 0.5, "bands": {"x": [2, 3]}}}, "spectrum.bands.x", "narrower"),
    ({"model": "absent.conf"}, "model", "absent.conf"),
]


@pytest.mark.parametrize(("changes", "place", "why"), FAULTS)
def test_settings_that_do_not_fit_are_refused_in_one_line(
    tiny: dict[str, Any], changes: dict[str, Any], place: str, why: str
) -> None:
    with pytest.raises(NftsimError) as caught:
        made(tiny, **changes)
    (line,) = str(caught.value).splitlines()
    assert line.startswith(f"config.yaml: sweeps.s.{place}")
    assert why in line


def test_an_experiment_that_is_not_there_is_named(tiny: dict[str, Any]) -> None:
    tiny["sweeps"] = {"s": {"experiments": ["nosie"], "parameters": {NU: [1e-3]}}}
    with pytest.raises(NftsimError, match=r"sweeps\.s\.experiments: .*Did you mean 'noise'"):
        checked(tiny)
