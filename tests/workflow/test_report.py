"""The report: what it says in its overview, and what a person sees who opens and clicks it."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import h5py
import pytest

from nftsim.guards.declare import Finding, to_text
from tests.browser import Browser
from workflow.lib.summary import summarise

if TYPE_CHECKING:
    from tests.workflow.conftest import Finished

CLOSE = Finding("wrap-around", "waves come round", "look earlier")
SETTINGS: dict[str, Any] = {
    "calm": {"model": "models/my.conf", "seeds": [3, 4], "duration": 2.0, "comparison": False}
}


@pytest.fixture
def results(tmp_path: Path) -> Path:
    """Two runs of one job, the second of which had not settled."""
    for seed, settled in ((3, True), (4, False)):
        folder = tmp_path / "calm" / str(seed)
        (folder / "logs").mkdir(parents=True)
        with h5py.File(folder / "main.h5", "w") as run:
            run["y"], run["x"] = [0.1, 0.2], [0.1, 0.2, 0.3]
            run.attrs.update(
                nftsim_version="1.2", source_digest="abc", python="3.11", packages="numpy=2",
                machine="Linux",
            )  # fmt: skip
            found = [Finding("aliasing", f"*half* of seed {seed}", "sample faster")]
            run.attrs["warnings"] = to_text(found if settled else [*found, CLOSE])
        (folder / "settled.json").write_text(json.dumps({"settled": settled}))
    logs = tmp_path / "calm" / "3" / "logs"
    (logs / "warmup.benchmark.tsv").write_text("s\tmax_rss\n1.5\t-\n")
    (logs / "simulate.benchmark.tsv").write_text("s\tmax_rss\n8.0\t120.4\n")
    return tmp_path


def test_the_tables_of_the_overview(results: Path) -> None:
    output = SimpleNamespace(
        experiments=results / "e.csv", times=results / "t.csv", text=results / "o.rst"
    )
    summarise(SETTINGS, output, results)
    (ran,) = csv.DictReader(output.experiments.read_text().splitlines())
    assert ran == {
        "experiment": "calm", "model": "my", "nodes": "2 x 3", "seeds": "2", "duration_s": "2.0",
        "settled": "1 of 2", "verdict": "not asked", "p": "", "warnings": "aliasing; wrap-around",
    }  # fmt: skip
    (took,) = csv.DictReader(output.times.read_text().splitlines())
    # 8 s for two runs of 2 s
    assert took == {
        "experiment": "calm", "jobs": "2", "warmup_s": "1.5", "main_s": "8.0", "slowdown": "2.0",
        "memory_MB": "120",
    }  # fmt: skip
    text = output.text.read_text()
    assert "No experiment asks for it." in text
    assert text.count("nftsim 1.2 (sources abc)") == 1
    assert r"- **calm, aliasing:** \*half\* of seed 3; sample faster. So also in 1 more." in text
    assert "- **calm, wrap-around:** waves come round; look earlier." in text


def test_without_warnings_the_overview_says_so(results: Path) -> None:
    for seed in (3, 4):
        with h5py.File(results / f"calm/{seed}/main.h5", "a") as run:
            del run.attrs["warnings"]
    output = SimpleNamespace(
        experiments=results / "e.csv", times=results / "t.csv", text=results / "o.rst"
    )
    summarise(SETTINGS, output, results)
    assert output.experiments.read_text().splitlines()[1].endswith(",")
    assert "No guard has found anything amiss with a main run." in output.text.read_text()


@pytest.fixture(scope="module")
def report(finished: Finished) -> Path:
    done = finished.run("--report", "report.html")
    assert done.returncode == 0, done.stderr
    return finished.folder / "report.html"


@pytest.mark.slow
def test_the_overview_reads_like_results(browser: Browser, report: Path) -> None:
    with browser.open(report) as opened:
        opened.page.wait_for_selector("text=What was run")
        said = opened.page.inner_text("body")
        expected = ["64 x 64", "noise: insufficient.", "2 of 2", "Run times", "slowdown", "sources"]
        for words in [*expected, "It peaks 10.10 ms after the impulse", "fig07_frames"]:
            assert words in said
        assert "System Message" not in said  # what docutils puts in where it fails
        # its beginning can be reached, however long it is
        title = opened.page.locator(".prose h1").first.bounding_box()
        assert title["y"] >= 0
        assert _serious(opened.complaints) == []


@pytest.mark.slow
def test_every_figure_is_shown(browser: Browser, report: Path) -> None:
    with browser.open(report) as opened:
        opened.page.wait_for_selector("text=What was run")
        known = opened.page.evaluate("results")
        pictures = [path for path in known if path.endswith(".png")]
        assert len(pictures) >= 7
        assert all(known[path]["data_uri"].startswith("data:") for path in known)
        for path in pictures:
            opened.page.reload()
            link = path.removeprefix("results/").removeprefix("figures/").removesuffix(".png")
            opened.page.click(f"a:text-is('{link}')")
            opened.page.wait_for_function(
                """[...document.images].some((i) => i.complete && i.naturalWidth > 500)"""
            )
            assert known[path]["caption"]
            assert opened.page.evaluate("app.state.resultPath") == path
        assert _serious(opened.complaints) == []


def _serious(complaints: list[str]) -> list[str]:
    """Return what is not a word of the report's own style sheets about how they are installed."""
    return [text for text in complaints if "tailwindcss.com should not be used" not in text]
