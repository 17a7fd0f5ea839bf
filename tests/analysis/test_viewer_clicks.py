"""The page of a run: what a person sees who clicks on it."""

from __future__ import annotations

import io
import json
from pathlib import Path

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest
from scipy import signal

import nftsim
from analysis.viewer.pack import TOP
from analysis.viewer.page import viewer
from nftsim.cli import main
from tests.browser import Browser, Opened

from .viewer_pages import NX, NY, made, number


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A rectangle with two pulses, and two traces."""
    folder = tmp_path_factory.mktemp("viewer")
    return made(folder, "run.h5", "output.traces=propagator.1.phi,pop.1.v")


@pytest.fixture(scope="module")
def page(run: Path) -> Path:
    return viewer(run, run.with_suffix(".html"))


def click(opened: Opened, canvas: str, x: float, y: float) -> None:
    """Click a plot, at parts of its axes."""
    box = json.loads(opened.page.get_attribute(canvas, "data-box"))
    left, top = box["left"] + x * box["width"], box["top"] + (1 - y) * box["height"]
    opened.page.click(canvas, position={"x": left, "y": top})


def pixels(opened: Opened, canvas: str, places: list[tuple[float, float]]) -> list[np.ndarray]:
    """Return the colours that are seen on a plot, at parts of its axes."""
    box = json.loads(opened.page.get_attribute(canvas, "data-box"))
    seen = plt.imread(io.BytesIO(opened.page.locator(canvas).screenshot()))
    found = []
    for x, y in places:
        across, down = box["left"] + x * box["width"], box["top"] + (1 - y) * box["height"]
        found.append(255 * seen[int(down), int(across), :3])
    return found


def test_it_opens_where_something_is_seen(
    browser: Browser, run: Path, page: Path, tmp_path: Path
) -> None:
    """Not on the first row, which is uniform; and in colours that show the waves on a drift."""
    steady = tmp_path / "steady.h5"
    assert main(["run", str(run.parent / "pulses.conf"), "-o", str(steady), "--steady"]) == 0
    pages = {run: (page, "frame"), steady: (viewer(steady, tmp_path / "steady.html"), "run")}
    for source, (shown, colours) in pages.items():
        phi = nftsim.read_run(source)["propagator.1.phi"]
        with browser.open(shown) as opened:
            row = opened.page.evaluate("state.row")
            assert row == phi.std(axis=(1, 2)).argmax() > 0
            assert opened.text("#now").endswith(f"row {row + 1} of 100")
            assert opened.page.input_value("#colours") == colours
            everywhere = [((x + 0.2) / NX, (y + 0.8) / NY) for y in range(NY) for x in range(NX)]
            assert len(np.unique(np.round(pixels(opened, "#field", everywhere)), axis=0)) > 10
            drift = phi.mean(axis=(1, 2), keepdims=True) if colours == "frame" else 0.0
            node = np.ptp((phi - drift).reshape(100, -1), axis=0).argmax()
            assert opened.page.evaluate("state.node") == node
            opened.page.select_option("#colours", "run")
            opened.page.select_option("#trace", "0")
            assert opened.page.input_value("#colours") == "run"  # what is chosen stays
            assert opened.complaints == []


def test_clicking_a_node_shows_its_series_and_spectrum(
    browser: Browser, run: Path, page: Path
) -> None:
    phi = nftsim.read_run(run)["propagator.1.phi"]
    step = np.ptp(phi) / TOP
    with browser.open(page) as opened:
        assert opened.page.title() == "Two pulses on a sheet."
        opened.page.fill("#time", "44")
        click(opened, "#field", 8.5 / NX, 6.5 / NY)  # node 105, one to the right of a pulse
        assert opened.text("#node") == "Node 105, x = 26.6 cm, y = 20.3 cm"
        assert "45 of 100" in opened.text("#now")
        assert number(opened.text("#value")) == pytest.approx(phi[44, 6, 8], abs=2 * step)
        f, power = signal.welch(phi[:, 6, 8], 1e3, nperseg=24)
        box = json.loads(opened.page.get_attribute("#spectrum", "data-box"))
        # the pointer at the third frequency of twelve
        opened.page.hover("#spectrum", position={"x": box["left"] + box["width"] * 2 / 11, "y": 50})
        frequency, level = opened.text("#peak").removeprefix("At ").split(" Hz: ")
        assert float(frequency) == pytest.approx(f[3], rel=1e-3)
        assert number(level) == pytest.approx(power[3], rel=1e-2)
        opened.page.check("#log")
        click(opened, "#series", 1.0, 0.5)
        assert "100 of 100" in opened.text("#now")
        assert number(opened.text("#value")) == pytest.approx(phi[-1, 6, 8], abs=2 * step)
        opened.page.focus("#field")
        opened.page.keyboard.press("ArrowUp")
        assert opened.text("#node").startswith("Node 121,")
        assert opened.complaints == []


def test_the_colours_are_those_of_the_values(browser: Browser, run: Path, page: Path) -> None:
    phi = nftsim.read_run(run)["propagator.1.phi"]
    nodes = [(6, 7), (1, 0), (11, 15), (0, 15)]
    with browser.open(page) as opened:
        opened.page.fill("#time", "44")
        opened.page.select_option("#colours", "frame")
        places = [((x + 0.2) / NX, (y + 0.8) / NY) for y, x in nodes]  # beside the ring
        shares = [(phi[44, y, x] - phi[44].min()) / np.ptp(phi[44]) for y, x in nodes]
        wanted = [mpl.colormaps["cividis"](share, bytes=True)[:3] for share in shares]
        np.testing.assert_allclose(pixels(opened, "#field", places), wanted, atol=4)
        assert np.ptp(shares) > 0.9
        assert opened.complaints == []


def test_it_plays_and_pauses(browser: Browser, page: Path) -> None:
    with browser.open(page) as opened:
        before = opened.page.evaluate("document.querySelector('#field').toDataURL()")
        opened.page.select_option("#speed", "0.1")
        opened.page.click("#play")
        assert opened.text("#play") == "Pause"
        for _ in range(100):
            opened.page.wait_for_timeout(50)
            if opened.page.evaluate("state.row") > 20:
                break
        opened.page.click("#play")
        assert opened.text("#play") == "Play"
        row = opened.page.evaluate("state.row")
        assert row > 20
        assert opened.page.evaluate("document.querySelector('#field').toDataURL()") != before
        opened.page.wait_for_timeout(100)
        assert opened.page.evaluate("state.row") == row
        assert opened.page.input_value("#time") == str(row)
        assert opened.complaints == []


def test_another_trace(browser: Browser, run: Path, page: Path) -> None:
    v = nftsim.read_run(run)["pop.1.v"]
    with browser.open(page) as opened:
        opened.page.fill("#time", "60")
        click(opened, "#field", 0.5 / NX, 1.5 / NY)  # node 17, of the first pulse
        opened.page.select_option("#trace", "1")
        assert opened.text("#node").startswith("Node 17,")
        assert number(opened.text("#value")) == pytest.approx(v[60, 1, 0], rel=1e-3)
        assert opened.text("#value").endswith(" V")
        assert "V² Hz⁻¹" in opened.text("#peak")
        assert opened.complaints == []


def test_one_node_has_series_and_spectrum_alone(browser: Browser, tmp_path: Path) -> None:
    changes = [f"population.2.stimulus.{i}.node=1" for i in (1, 2)]
    run = made(tmp_path, "one.h5", "nodes=1", "longside=1", *changes)
    with browser.open(viewer(run, tmp_path / "one.html")) as opened:
        assert not opened.page.is_visible("#field")
        assert opened.page.is_visible("#series")
        assert opened.page.is_visible("#spectrum")
        assert opened.text("#node") == "Node 1"
        assert opened.complaints == []


def test_a_few_nodes_lie_where_they_are(browser: Browser, tmp_path: Path) -> None:
    run = made(tmp_path, "few.h5", "output.node=1,105,192")
    phi = nftsim.read_run(run)["propagator.1.phi"]
    with browser.open(viewer(run, tmp_path / "few.html")) as opened:
        opened.page.fill("#time", "50")
        for index, (x, y) in enumerate([(2.0, 1.0), (8.0, 7.0), (14.0, 11.0)]):  # the nearest
            click(opened, "#field", x / NX, y / NY)
            assert opened.text("#node").startswith(f"Node {[1, 105, 192][index]},")
            shown = number(opened.text("#value"))
            assert shown == pytest.approx(phi[50, index], abs=2 * np.ptp(phi) / TOP)
        assert opened.complaints == []


def test_a_run_too_short_for_a_spectrum(browser: Browser, tmp_path: Path) -> None:
    run = made(tmp_path, "short.h5", "time=0.01")
    with browser.open(viewer(run, tmp_path / "short.html")) as opened:
        assert opened.text("#peak") == "Too few rows for a spectrum."
        assert not opened.page.is_visible("#spectrum")
        assert opened.complaints == []
