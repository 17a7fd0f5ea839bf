"""What rules look up: files, overrides, digests; and how scripts report errors."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import h5py
import numpy as np
import pytest

from analysis.agreement import BandResult, Comparison
from analysis.comparison import Scores
from analysis.predicted import Prediction, frequencies
from analysis.settling import Level, Settling
from nftsim.errors import NftsimError, SimulationError
from workflow.lib import settled
from workflow.lib.digest import source_digest, sources
from workflow.lib.drawing import typeset
from workflow.lib.environment import let_scripts_import
from workflow.lib.experiments import Experiments, model_file
from workflow.lib.figures import Figures
from workflow.lib.jobs import progress
from workflow.lib.settings import checked
from workflow.lib.theory import read_theory, write_theory
from workflow.lib.verdict import in_short


@pytest.fixture
def experiments(tiny: dict[str, Any]) -> Experiments:
    tiny["experiments"]["noise"]["overrides"] = {"coupling.1.nu": 1.5e-3}
    tiny["experiments"]["noise"]["warmup"]["overrides"] = {"coupling.1.nu": 1e-3}
    return Experiments(checked(tiny)["experiments"])


NOISE = SimpleNamespace(experiment="noise")
PULSE = SimpleNamespace(experiment="pulse")


def test_overrides_of_main_run_and_warmup(experiments: Experiments) -> None:
    main = experiments.overrides(NOISE)
    assert main == {
        "coupling.1.nu": 1.5e-3,
        "nodes": 144,
        "output.node": "all",
        "output.start": 0.0,
        "output.interval": 5e-3,
        "output.traces": ["propagator.1.phi"],
    }
    assert experiments.warmup_overrides(NOISE) == main | {"coupling.1.nu": 1e-3}


def test_lookups_by_path(experiments: Experiments) -> None:
    assert experiments.value("spectrum.segment")(NOISE) == 4.0
    with pytest.raises(NftsimError, match="'spectrum' is null"):
        experiments.value("spectrum.segment")(PULSE)
    with pytest.raises(NftsimError, match="mean 'noise'"):
        experiments.value("duration")(SimpleNamespace(experiment="nois"))


def test_compat_implies_the_generator(tiny: dict[str, Any]) -> None:
    tiny["experiments"]["noise"]["compat"] = "nftsim"
    experiments = Experiments(checked(tiny)["experiments"])
    assert experiments.noise(NOISE) == {"rng": "nftsim", "compat": True}
    assert experiments.noise(PULSE) == {"rng": "counter", "compat": False}


def test_targets(tiny: dict[str, Any]) -> None:
    del tiny["figures"]["fig07"]
    settings = checked(tiny)
    experiments = Experiments(settings["experiments"])
    assert set(experiments.targets()) == {
        "results/pulse/steady.json", "results/pulse/1/main.h5", "results/noise/comparison.json",
        "results/noise/agreement.pdf", "results/noise/agreement.png",
    }  # fmt: skip
    figures = Figures(settings["figures"], experiments)
    assert len(figures.targets()) == 12
    assert "results/figures/fig05_grid.pdf" in figures.targets()
    assert "results/figures/models/e-erps.png" in figures.targets()
    assert figures.thumbnail_runs(SimpleNamespace(model="e-erps")) == ["results/pulse/1/main.h5"]
    with pytest.raises(NftsimError, match=r"figures\.thumbnails\.ei is not in the configuration"):
        figures.thumbnail_runs(SimpleNamespace(model="ei"))
    assert "results/figures/fig02_dendritic_response.pdf" in figures.targets()
    with pytest.raises(NftsimError, match=r"figures\.fig07 is not in the configuration"):
        figures.value("fig07", "times")(None)


def test_model_files_are_relative_or_as_given(tmp_path: Path) -> None:
    assert not Path(model_file("e-erps")).is_absolute()
    assert Path(model_file("e-erps")).is_file()
    own = tmp_path / "own.conf"
    own.touch()
    assert model_file(str(own)) == str(own)


def test_digest_follows_imports_and_nothing_else(tmp_path: Path) -> None:
    files = {
        "one/__init__.py": "",
        "one/a.py": "from one.sub.b import thing",
        "one/sub/__init__.py": "from . import d",
        "one/sub/b.py": "import two.c",
        "one/sub/d.py": "from ..e import other",
        "one/e.py": "",
        "one/unused.py": "",
        "two/__init__.py": "",
        "two/c.py": "import json",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    found = {p.relative_to(tmp_path).as_posix() for p in sources("one.a", root=tmp_path)}
    assert found == set(files) - {"one/unused.py"}
    assert tmp_path / "one/unused.py" in sources("one", root=tmp_path)

    before = source_digest("one.a", root=tmp_path)
    (tmp_path / "one/unused.py").write_text("x = 1")
    assert source_digest("one.a", root=tmp_path) == before
    (tmp_path / "two/c.py").write_text("import json  # changed")
    assert source_digest("one.a", root=tmp_path) != before
    with pytest.raises(FileNotFoundError, match=r"one\.gone"):
        source_digest("one.gone", root=tmp_path)


def test_scripts_find_this_copy_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(["/a", "/b"]))
    let_scripts_import("/root")
    let_scripts_import("/root")
    assert os.environ["PYTHONPATH"].split(os.pathsep) == ["/root", "/a", "/b"]


SCRIPT = """
from types import SimpleNamespace
from nftsim.errors import ModelError
from workflow.lib.jobs import job
snakemake = SimpleNamespace(rule="simulate", wildcards=["noise", "2"], log=["job.log"], input=[])
with job(snakemake) as log:
    {body}
"""


def _script(root: Path, folder: Path, body: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", SCRIPT.format(body=body)],
        cwd=folder, env={**os.environ, "PYTHONPATH": str(root)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_bad_input_ends_a_script_with_one_line(root: Path, tmp_path: Path) -> None:
    done = _script(root, tmp_path, "raise ModelError('a.conf:3', 'unknown key')")
    assert done.returncode == 2
    assert done.stderr == "simulate noise 2: a.conf:3: unknown key\n"
    assert "ERROR a.conf:3: unknown key" in (tmp_path / "job.log").read_text()


def test_a_fault_of_ours_leaves_its_traceback_in_the_log(root: Path, tmp_path: Path) -> None:
    done = _script(root, tmp_path, "1 / 0")
    assert done.returncode == 1
    assert "ZeroDivisionError" in (tmp_path / "job.log").read_text()


def test_progress_is_logged_by_tenths(caplog: pytest.LogCaptureFixture) -> None:
    log = logging.getLogger("test")
    caplog.set_level(logging.INFO, "test")
    report = progress(log)
    for done in range(0, 1001, 7):
        report(done, 1001)
    report(1001, 1001)
    assert len(caplog.records) == 10
    assert caplog.messages[-1] == "1001 of 1001 steps"


def test_warnings_go_to_log_and_terminal(root: Path, tmp_path: Path) -> None:
    body = "import warnings; log.info('quiet'); warnings.warn('loud')"
    done = _script(root, tmp_path, body)
    log = (tmp_path / "job.log").read_text()
    assert done.returncode == 0
    assert "quiet" in log
    assert "quiet" not in done.stderr
    assert "loud" in log
    assert "loud" in done.stderr


class _Run:
    traces = ("a", "b")

    def __enter__(self) -> _Run:
        return self

    def __exit__(self, *_: object) -> None:
        pass


def _verdicts(monkeypatch: pytest.MonkeyPatch, **verdicts: bool) -> None:
    def judge(run: str, trace: str) -> Settling:
        return Settling(verdicts[trace], 0.5, 0.1, f"{trace}: differs.")

    monkeypatch.setattr(settled, "open_run", lambda _: _Run())
    monkeypatch.setattr(settled, "judge_run", judge)
    monkeypatch.setattr(settled, "judge_level", lambda *_: None)


def test_an_unsettled_warmup_stops_or_warns(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    report, log = tmp_path / "settled.json", logging.getLogger("test")
    _verdicts(monkeypatch, a=True, b=False)
    with pytest.raises(SimulationError, match=r"b: differs\..* warmup\.duration longer"):
        settled.require_settled(["1/run.h5"], [str(report)], "stop", log)
    settled.require_settled(["1/run.h5"], [str(report)], "warn", log)
    assert [r.levelname for r in caplog.records] == ["WARNING"]
    assert json.loads(report.read_text())["settled"] is False
    _verdicts(monkeypatch, a=True, b=True)
    settled.require_settled(["1/run.h5"], [str(report)], "stop", log)
    assert json.loads(report.read_text())["settled"] is True


def test_a_warmup_that_left_its_fixed_point_stops_or_warns(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    report, log = tmp_path / "settled.json", logging.getLogger("test")
    _verdicts(monkeypatch, a=True, b=True)
    level = Level(False, 33.8, 340.0, "mean a 340 s⁻¹ against 33.8")
    monkeypatch.setattr(settled, "judge_level", lambda _, trace: level if trace == "a" else None)
    with pytest.raises(SimulationError, match="left the fixed point: mean a 340 s⁻¹ against 33.8;"):
        settled.require_settled(["1/run.h5"], [str(report)], "stop", log)
    settled.require_settled(["1/run.h5"], [str(report)], "warn", log)
    assert [r.levelname for r in caplog.records] == ["WARNING"]
    content = json.loads(report.read_text())
    assert (content["settled"], content["at_fixed_point"]) == (True, False)
    assert content["traces"]["a"]["level"]["mean"] == 340.0
    assert content["traces"]["b"]["level"] is None


def test_the_verdict_in_one_line() -> None:
    bands = [BandResult(f"{f}-{f + 1} Hz", f, f + 1, 1.0123, 0.0512, 9, "agree") for f in range(4)]
    bands.append(BandResult("9-10 Hz", 9, 10, 2.0, 0.25, 9, "disagree"))
    agree = Comparison(tuple(bands), "agree", 0.0, 0.0, {})
    assert in_short(agree) == (
        "agree (0-1 Hz 1.01 ± 0.051, 1-2 Hz 1.01 ± 0.051, 2-3 Hz 1.01 ± 0.051, …)"
    )
    assert in_short(replace(agree, verdict="disagree")) == "disagree (9-10 Hz 2 ± 0.25)"
    assert in_short(replace(agree, bands=())) == "agree"
    scores = Scores((1.0,), (0.5,), (1.0,), 0.25, 0.617, 0.1, 1, 0.3, True)
    line = in_short(replace(agree, bands=(), scores=scores))
    assert line == "agree; chance may explain the rest, p = 0.3"
    scores = replace(scores, p=1e-90, consistent=False)
    line = in_short(replace(agree, bands=(), scores=scores))
    assert line == "agree; chance does not explain the rest, p < 1e-15"


def test_theory_files(tmp_path: Path) -> None:
    f = frequencies(0.05, 5e-3)
    assert f[0] == 0.05
    assert f[-1] == pytest.approx(100, abs=1e-9)
    assert len(f) == 2000
    curves = {"grid": 1 / f, "continuous": 2 / f, "scheme": 3 / f}
    write_theory(tmp_path / "theory.h5", Prediction(f, curves, 4 / f), "propagator.1.phi")
    read = read_theory(tmp_path / "theory.h5")
    np.testing.assert_array_equal(read.frequency, f)
    np.testing.assert_array_equal(read.modes, 4 / f)
    assert read.curves.keys() == curves.keys()
    for name, values in curves.items():
        np.testing.assert_array_equal(read.curves[name], values)
    with h5py.File(tmp_path / "theory.h5") as file:
        assert file["grid"].attrs["units"] == "s-2 Hz-1"
        assert file["modes"].attrs["units"] == "1"


def test_captions_have_powers_subscripts_and_minus_signs_as_one_prints_them() -> None:
    found = typeset("φ_ee: ±6.5e-05 s⁻¹ (-2 at 12-20 Hz), 1e+06; ν_se of e-erps, r_1 and r_n")
    assert found.replace("\N{NO-BREAK SPACE}", " ") == (
        "φ\\ :sub:`ee`: ±6.5 × 10⁻⁵ s⁻¹ (−2 at 12-20 Hz), 1 × 10⁶; ν\\ :sub:`se` of e-erps, "
        "r\\ :sub:`1` and r\\ :sub:`n`"
    )
