"""The workflow itself, in small: everything is made, once, and again only when it must be."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import h5py
import pandas as pd
import pytest
import yaml

from nftsim.origin import described, origin_of

if TYPE_CHECKING:
    from tests.workflow.conftest import Finished, Snakemake

RULES = {
    "steady", "warmup", "simulate", "spectrum", "theory", "compare",
    "fig02", "fig07", "fig08", "fig09", "fig10", "thumbnail", "agreement",
    "summary", "diagram",
}  # fmt: skip

#: What follows from the main runs of an experiment with a comparison.
DOWNSTREAM = {"simulate", "spectrum", "compare", "agreement", "fig10", "summary"}


def test_a_dry_run_plans_every_rule(snakemake: Snakemake, tiny: dict[str, Any]) -> None:
    done = snakemake(tiny, "--dry-run")
    assert done.returncode == 0, done.stderr
    text = done.stdout + done.stderr
    assert [rule for rule in RULES if f"rule {rule}:" not in text] == []


def test_a_misspelt_key_stops_before_anything(
    snakemake: Snakemake, tiny: dict[str, Any], tmp_path: Path
) -> None:
    tiny["experiments"]["noise"]["durration"] = 3
    done = snakemake(tiny)
    assert done.returncode == 2
    assert "unknown key 'durration'" in done.stderr
    assert "Did you mean 'duration'?" in done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    assert not (tmp_path / "results").exists()


def test_a_bad_override_is_refused_before_anything_also_in_a_dry_run(
    snakemake: Snakemake, tiny: dict[str, Any]
) -> None:
    tiny["experiments"]["noise"]["overrides"] = {"coupling.1.mu": 1.0}
    done = snakemake(tiny, "--dry-run")
    assert done.returncode == 2
    assert [line for line in done.stderr.splitlines() if "experiments.noise: eirs-wake" in line]
    assert "Traceback" not in done.stdout + done.stderr


def test_a_file_of_ones_own_adds_experiments_and_leaves_some_out(
    snakemake: Snakemake, tiny: dict[str, Any], tmp_path: Path
) -> None:
    (tmp_path / "config.yaml").write_text(yaml.safe_dump(tiny))
    own = {
        "experiments": {"noise": None, "own": tiny["experiments"]["noise"]},
        "figures": {"fig09": None, "fig10": {"experiment": "own"}},
    }
    done = snakemake(own, "--dry-run")
    assert done.returncode == 0, done.stderr
    text = done.stdout + done.stderr
    assert "results/own/comparison.json" in text
    assert "results/pulse/1/main.h5" in text
    assert "results/noise" not in text
    assert "fig09" not in text


@pytest.mark.slow
def test_a_warmup_that_leaves_its_fixed_point_stops(
    snakemake: Snakemake, tiny: dict[str, Any], tmp_path: Path
) -> None:
    tiny["experiments"]["noise"] |= {
        "model": "eirs-spindle",
        "overrides": {"coupling.3.nu": 0.004},
        "warmup": {"duration": 2.0, "settle": "stop", "fixed_point": 1},
    }
    done = snakemake(tiny, "results/noise/1/main.h5")
    assert done.returncode != 0
    message = "the warm-up has left the fixed point: mean propagator.1.phi"
    assert f"warmup_noise_1: seed 1: {message}" in done.stderr
    assert "So for 2 of 2 seeds." in done.stderr
    assert "against 33.8" in (tmp_path / "results/noise/1/logs/warmup.log").read_text()
    assert not (tmp_path / "results/noise/1/main.h5").exists()


@pytest.mark.slow
def test_a_warmup_too_short_to_judge_stops(
    snakemake: Snakemake, tiny: dict[str, Any], tmp_path: Path
) -> None:
    tiny["experiments"]["noise"]["warmup"] = {"duration": 0.05, "settle": "stop"}
    tiny["experiments"]["noise"]["seeds"] = [1]
    done = snakemake(tiny, "results/noise/1/main.h5")
    assert done.returncode != 0
    assert "warmup noise 1: the warm-up has not settled" in done.stderr
    assert "warmup.duration longer" in done.stderr
    assert not (tmp_path / "results/noise/1/main.h5").exists()


@pytest.mark.slow
class TestFinished:
    """One run of everything, looked at from several sides."""

    def test_all_files_are_there(self, finished: Finished) -> None:
        files = {str(p.relative_to(finished.results)) for p in finished.results.rglob("*.*")}
        wanted = {
            "pulse/steady.json", "pulse/steady.csv", "pulse/1/warmup.h5", "pulse/1/settled.json",
            "pulse/1/main.h5", "noise/2/main.h5", "noise/spectrum.h5", "noise/theory.h5",
            "noise/comparison.json", "noise/comparison.csv", "noise/logs/steady.log",
            "noise/agreement.pdf", "noise/agreement.png", "noise/agreement.rst",
            "noise/1/logs/simulate.log", "noise/1/logs/simulate.benchmark.tsv",
            "pulse/1/logs/warmup.log", "noise/2/settled.json",
        }  # fmt: skip
        for stem in ("fig02_dendritic_response", "fig05_grid", "fig07_frames", "fig08_timeseries",
                     "fig09_schematics", "fig10_spectrum", "models/e-erps"):  # fmt: skip
            wanted |= {f"figures/{stem}.{suffix}" for suffix in ("pdf", "png", "rst")}
        assert wanted - files == set()
        assert [name for name in files if name.endswith(".part")] == []

    def test_every_result_says_what_made_it(
        self, finished: Finished, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(finished.folder)
        comparison = "results/noise/comparison.json"
        first = {
            "results/noise/steady.json": "eirs-wake.conf",
            "results/noise/steady.csv": "eirs-wake.conf",
            "results/noise/2/settled.json": "results/noise/2/warmup.h5",
            "results/noise/spectrum.h5": "results/noise/1/main.h5",
            "results/noise/theory.h5": "eirs-wake.conf",
            comparison: "results/noise/spectrum.h5",
            "results/noise/comparison.csv": "results/noise/spectrum.h5",
            "results/figures/fig10_spectrum.png": "results/noise/spectrum.h5",
            "results/figures/fig10_spectrum.pdf": "results/noise/spectrum.h5",
            "results/summary/experiments.csv": "results/noise/1/main.h5",
        }
        for path, wanted in first.items():
            found = origin_of(path)
            assert found is not None, path
            assert Path(found["inputs"][0]["file"]).as_posix().endswith(wanted), path
            # what it was made of is still what it says
            for one in found["inputs"]:
                if one["file"].startswith("results/"):
                    assert one == described(one["file"]), path
        assert origin_of(comparison)["settings"]["criteria"]["tolerance"] == 0.03  # type: ignore[index]

    def test_the_main_run_follows_the_warmup(self, finished: Finished) -> None:
        with h5py.File(finished.results / "noise/1/warmup.h5") as file:
            warm = file["time"][:]
        with h5py.File(finished.results / "noise/1/main.h5") as file:
            main = file["time"][:]
            assert file["propagator.1.phi"].shape == (400, 12, 12)
            assert file.attrs["seed"] == 1
        assert warm[-1] == pytest.approx(0, abs=1e-9)
        assert main[0] == pytest.approx(5e-3, abs=1e-9)
        assert main[-1] == pytest.approx(2, abs=1e-9)

    def test_two_seconds_are_insufficient(self, finished: Finished) -> None:
        comparison = json.loads((finished.results / "noise/comparison.json").read_text())
        assert comparison["verdict"] == "insufficient"
        table = pd.read_csv(finished.results / "noise/comparison.csv")
        assert list(table) == [
            "band", "f_lo", "f_hi", "ratio", "sem", "n_eff", "verdict",
            "scheme", "grid", "excess", "chance",
        ]  # fmt: skip
        assert len(table) == 7
        assert "\nnoise: insufficient (1-2 Hz " in finished.first.stderr

    def test_a_quiet_warmup_stays_at_its_fixed_point(self, finished: Finished) -> None:
        report = json.loads((finished.results / "noise/1/settled.json").read_text())
        assert report["at_fixed_point"] is True
        assert report["traces"]["propagator.1.phi"]["level"]["start"] == pytest.approx(
            7.59159, abs=1e-4
        )

    def test_theory_has_all_curves(self, finished: Finished) -> None:
        with h5py.File(finished.results / "noise/theory.h5") as file:
            assert set(file) == {"frequency", "continuous", "grid", "scheme", "modes"}
            assert (file["grid"][:] > 0).all()

    def test_a_second_run_does_nothing(self, finished: Finished) -> None:
        done = finished.run()
        assert done.returncode == 0
        assert "Nothing to be done" in done.stdout + done.stderr

    @pytest.mark.parametrize(
        ("source", "rules"),
        [
            ("analysis/figures/fig08_timeseries.py", {"fig08"}),
            ("analysis/figures/fig05_grid.py", {"diagram"}),
            (
                "nftsim/engine/simulate.py",
                RULES - {"fig02", "fig09", "steady", "theory", "diagram"},
            ),
            ("nftsim/cli.py", set()),
        ],
    )
    def test_a_change_of_a_source_runs_what_uses_it(
        self, finished: Finished, source: str, rules: set[str]
    ) -> None:
        with changed(finished.source / source):
            assert finished.planned() == rules

    def test_another_duration_leaves_the_warmup(
        self, finished: Finished, tiny: dict[str, Any]
    ) -> None:
        tiny["experiments"]["noise"]["duration"] = 3.0
        assert finished.planned(tiny) == DOWNSTREAM


@contextmanager
def changed(path: Path) -> Iterator[None]:
    """Add a line to a file; put it back with its time afterwards."""
    before, stat = path.read_bytes(), path.stat()
    path.write_bytes(before + b"\n# changed\n")
    try:
        yield
    finally:
        path.write_bytes(before)
        os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
