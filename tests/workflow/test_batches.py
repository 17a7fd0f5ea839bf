"""Which seeds share a job, what that job is given, and that no number depends on either."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import h5py
import numpy as np
import pytest

from nftsim.engine.compile import compile_plan
from nftsim.engine.limits import estimated_time, required_memory
from workflow.lib.batches import Batch, batches, planned, record, size
from workflow.lib.experiments import Experiments
from workflow.lib.settings import checked

if TYPE_CHECKING:
    from tests.workflow.conftest import Finished, Snakemake

NOISE = SimpleNamespace(experiment="noise")


@pytest.fixture(autouse=True)
def _elsewhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)


def _experiments(tiny: dict[str, Any], **changes: Any) -> Experiments:
    tiny["experiments"]["noise"] |= changes
    return Experiments(checked(tiny)["experiments"])


def _recorded(*groups: list[int]) -> None:
    for group in groups:
        record([f"results/x/{seed}/main.h5" for seed in group])


def test_seeds_come_in_their_order() -> None:
    assert planned("x", [5, 3, 4, 1], 2) == [[5, 3], [4, 1]]
    assert planned("x", [5, 3, 4], 9) == [[5, 3, 4]]
    assert planned("x", [5, 3], 1) == [[5], [3]]


@pytest.mark.parametrize(
    ("seeds", "most", "expected"),
    [
        ([1, 2, 3, 4], 9, [[1, 2], [3], [4]]),  # 4 is new
        ([1, 2, 3, 4, 5], 9, [[1, 2], [3], [4, 5]]),
        ([4, 1, 2, 3], 9, [[1, 2], [3], [4]]),
        ([3, 2, 1], 9, [[3], [1, 2]]),
        ([2, 3], 9, [[2], [3]]),  # 1 is no longer wanted
        ([1, 2, 3], 1, [[3], [1], [2]]),  # two are too many
        ([7, 1, 8, 2], 2, [[1, 2], [7, 8]]),
    ],
)
def test_those_run_together_stay_together(
    seeds: list[int], most: int, expected: list[list[int]]
) -> None:
    _recorded([1, 2], [3])
    assert planned("x", seeds, most) == expected
    assert planned("y", seeds, 9) == [seeds]


def test_the_latest_record_of_a_seed_counts_and_none_twice() -> None:
    _recorded([1, 2, 3], [1, 4])
    assert planned("x", [1, 2, 3, 4], 9) == [[1, 4], [2, 3]]
    Path("results/x/1/logs/together.json").write_text("[1,")
    assert planned("x", [1], 9) == [[1]]


@pytest.mark.parametrize(
    ("changes", "most"),
    [
        ({}, 1),  # 144 nodes
        ({"grid": {}}, 1),  # 900 nodes
        ({"grid": {"nodes": 1}}, 256),
        ({"together": 40}, 40),
        ({"rng": "nftsim"}, 1),
        ({"compat": "nftsim"}, 1),
    ],
)
def test_how_many_seeds_are_put_together(
    tiny: dict[str, Any], changes: dict[str, Any], most: int
) -> None:
    assert size(_experiments(tiny, **({"together": "auto"} | changes)), "noise") == most


def test_rules_are_made_for_any_seed_and_for_groups(tiny: dict[str, Any]) -> None:
    experiments = _experiments(tiny, seeds=[8, 9, 3], together=2)
    one, group = batches(experiments)
    assert one.rule("warmup") == "warmup"
    assert one.files("main.h5") == ["results/{experiment}/{seed}/main.h5"]
    assert one.of(experiments.noise)(NOISE)["rng"] == "counter"
    assert group.rule("warmup") == "warmup_noise_8"
    assert group.files("main.h5") == ["results/noise/8/main.h5", "results/noise/9/main.h5"]
    assert group.shared("steady.json") == "results/noise/steady.json"
    assert group.of(experiments.value("duration"))(None) == 2.0


@pytest.mark.parametrize(
    ("nodes", "wanted", "threads"),
    [
        (144, None, 1), (4096, "auto", 1), (8100, "auto", 1), (8281, "auto", 2),
        (16384, "auto", 4), (65536, "auto", 4), (144, 3, 3),
    ],
)  # fmt: skip
def test_threads(tiny: dict[str, Any], nodes: int, wanted: Any, threads: int) -> None:
    changes = {} if wanted is None else {"threads": wanted}
    experiments = _experiments(tiny, grid={"nodes": nodes}, **changes)
    assert Batch(experiments).threads(NOISE) == threads


def test_memory_grows_with_nodes_seeds_and_attempts(tiny: dict[str, Any]) -> None:
    small = _experiments(tiny)
    assert Batch(small).memory(NOISE, 1) == 1000
    assert Batch(small).memory(NOISE, 3) == 3000
    large = _experiments(tiny, grid={"nodes": 65536}, overrides={"deltat": 5e-5})
    plan = compile_plan(large.loaded("noise"), merge=False)
    one, two = (Batch(large, "noise", seeds).memory(None, 1) for seeds in [("1",), ("1", "2")])
    assert one == pytest.approx(1.5e-6 * required_memory(plan), abs=1)
    assert two - one == pytest.approx(1.5e-6 * plan.memory(), abs=1)


def test_time_grows_with_length_nodes_seeds_and_attempts(tiny: dict[str, Any]) -> None:
    small = Batch(_experiments(tiny))
    assert small.minutes("duration")(NOISE, 1) == 11
    assert small.minutes("duration")(NOISE, 3) == 33
    large = _experiments(tiny, grid={"nodes": 65536}, duration=100.0)
    seconds = estimated_time(compile_plan(large.loaded("noise"), merge=False), 1_000_000)
    one, two = (Batch(large, "noise", s).minutes("duration")(None, 1) for s in [("1",), ("1", "2")])
    assert one == pytest.approx(10 + 4 * seconds / 60, abs=1)
    assert two - one == pytest.approx(4 * seconds / 60, rel=0.01)
    warmup = Batch(large).minutes("warmup.duration")(NOISE, 1)
    assert warmup - 10 == pytest.approx((one - 10) / 100, abs=1)


def test_a_warmup_of_another_model_is_not_merged(tiny: dict[str, Any]) -> None:
    assert _experiments(tiny).warmup_merge(NOISE)
    own = {"duration": 1.0, "overrides": {"coupling.1.nu": 1e-3}}
    assert not _experiments(tiny, warmup=own).warmup_merge(NOISE)
    assert _experiments(tiny, warmup=own, overrides=own["overrides"]).warmup_merge(NOISE)


def _contents(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = {}
    with h5py.File(path) as file:
        found["merged"] = file.attrs["merged"]

        def take(name: str, item: Any) -> None:
            if isinstance(item, h5py.Dataset):
                found[name] = item[()]

        file.visititems(take)
    return found


@pytest.mark.slow
def test_together_and_threaded_runs_are_bit_for_bit_those_of_one_seed(
    snakemake: Snakemake, tiny: dict[str, Any], tmp_path: Path
) -> None:
    both = tiny["experiments"].pop("noise") | {"spectrum": None, "comparison": None}
    both["duration"] = 0.5
    both["seeds"] = [7, 2, 5]
    both["warmup"]["overrides"] = {"coupling.1.nu": 1.1e-3}
    own = {
        "experiments": {
            "both": both | {"threads": 2},
            "apart": both | {"together": 1, "seeds": [7, 5]},
        }
    }
    done = snakemake(own)
    assert done.returncode == 0, done.stderr
    assert "rule warmup_both_7:" in done.stdout + done.stderr
    assert "warmup_apart" not in done.stdout + done.stderr
    for seed in (7, 5):
        for name in ("warmup.h5", "main.h5"):
            one = _contents(tmp_path / f"results/apart/{seed}" / name)
            shared = _contents(tmp_path / f"results/both/{seed}" / name)
            assert one.keys() == shared.keys()
            assert any(key.startswith("state/") for key in one)
            assert one["merged"] == (name == "main.h5")
            for key, values in one.items():
                np.testing.assert_array_equal(values, shared[key], err_msg=f"{seed} {name} {key}")
    assert not (tmp_path / "results/both/2/logs/warmup.log").exists()
    log = (tmp_path / "results/both/7/logs/warmup.log").read_text()
    assert "seed 5: " in log


#: What follows from the main runs of an experiment with a comparison.
DOWNSTREAM = {"simulate", "spectrum", "compare", "agreement", "fig10", "summary"}


@pytest.mark.slow
class TestReruns:
    """What a change of the seeds, or of how they are run, brings about after a run of all."""

    def test_seeds_that_are_added_are_run_without_the_others(
        self, finished: Finished, tiny: dict[str, Any]
    ) -> None:
        tiny["experiments"]["noise"]["seeds"] = [1, 2, 3]
        done = finished.run("--dry-run", config=tiny)
        text = done.stdout + done.stderr
        assert "output: results/noise/3/main.h5\n" in text
        assert "output: results/noise/1/" not in text
        tiny["experiments"]["noise"]["seeds"] = [4, 1, 2, 3]
        done = finished.run("--dry-run", config=tiny)
        text = done.stdout + done.stderr
        assert "output: results/noise/4/main.h5, results/noise/3/main.h5\n" in text
        assert "output: results/noise/1/" not in text

    def test_a_seed_that_is_taken_away_runs_no_warmup(
        self, finished: Finished, tiny: dict[str, Any]
    ) -> None:
        tiny["experiments"]["noise"]["seeds"] = [2]
        assert finished.planned(tiny) == DOWNSTREAM

    @pytest.mark.parametrize(
        ("key", "value", "rules"),
        [
            ("threads", 2, set()),
            ("threads", "auto", set()),
            ("together", 2, set()),
            ("together", 300, set()),
            ("together", 1, DOWNSTREAM),
        ],
    )
    def test_threads_run_nothing_and_smaller_groups_no_warmup(
        self, finished: Finished, tiny: dict[str, Any], key: str, value: Any, rules: set[str]
    ) -> None:
        tiny["experiments"]["noise"][key] = value
        assert finished.planned(tiny) == rules
