"""The page of a run: what it holds."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from scipy import signal

import nftsim
from analysis.viewer.pack import TOP, Thinning, quantised, thinning
from analysis.viewer.page import viewer
from nftsim.cli import main
from nftsim.components.couplings import Matrix
from nftsim.components.dendrites import Ramp
from nftsim.errors import NftsimError
from nftsim.io.contained import WORDS, words_sum
from tests.browser import Browser

from .viewer_pages import NX, NY, held, made, number, samples_of, values


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A rectangle with two pulses, and two traces."""
    folder = tmp_path_factory.mktemp("viewer")
    return made(folder, "run.h5", "output.traces=propagator.1.phi,pop.1.v")


@pytest.fixture(scope="module")
def page(run: Path) -> Path:
    return viewer(run, run.with_suffix(".html"))


def test_numbers_come_back_within_half_a_step() -> None:
    given = np.random.default_rng(1).normal(size=1000)
    back = values(quantised(given))
    assert np.abs(back - given).max() <= 0.5001 * np.ptp(given) / TOP
    assert values(quantised(np.full(3, -2.5))).tolist() == [-2.5] * 3


@pytest.mark.parametrize(
    ("rows", "shape", "budget", "expected"),
    [
        (1000, (10, 10), 2e5, Thinning(1, 1)),
        (1001, (10, 10), 2e5, Thinning(2, 1)),
        (100, (10, 10), 2e4, Thinning(1, 1)),  # few rows are kept as they are
        (1000, (100, 100), 2e6, Thinning(3, 2)),  # 100 rows are too few: 2500 nodes, 334 rows
        (1000, (), 100, Thinning(20, 1)),
        (1000, (30,), 600, Thinning(100, 1)),
    ],
)
def test_what_is_left_out(
    rows: int, shape: tuple[int, ...], budget: float, expected: Thinning
) -> None:
    assert thinning(rows, shape, budget) == expected
    kept = np.prod([-(-n // expected.nodes) for n in shape]) * -(-rows // expected.rows)
    assert 2 * kept <= budget


def test_the_page_holds_the_run(run: Path, page: Path) -> None:
    packed = {trace["name"]: trace for trace in held(page)["traces"]}
    read = nftsim.read_run(run)
    assert list(packed) == ["propagator.1.phi", "pop.1.v"]
    for name, trace in packed.items():
        span = np.ptp(read[name])
        samples = samples_of(trace).reshape(100, NY, NX)
        np.testing.assert_allclose(samples, read[name], atol=span / TOP)
        assert (trace["grid"], trace["rows"], trace["every"]) == ([NY, NX], 100, 1)
        assert trace["size"] == pytest.approx([0.375, 0.5])
        spectra = trace["spectra"]
        f, power = signal.welch(read[name][:, 6, 7], 1e3, nperseg=24)
        found = 10 ** values(spectra["power"]).reshape(NY, NX, -1)[6, 7]
        assert spectra["spacing"] == pytest.approx(f[1])
        np.testing.assert_allclose(found, power[1:], rtol=1e-3)


def test_a_small_page_stays_small_and_says_what_is_missing(run: Path, tmp_path: Path) -> None:
    with h5py.File(run) as file, h5py.File(tmp_path / "long.h5", "w") as longer:
        for key, value in file.attrs.items():
            longer.attrs[key] = value
        longer["time"] = 1e-3 * np.arange(1, 3001)
        longer["x"], longer["y"] = file["x"][:], file["y"][:]
        for name in ("time", "y", "x"):
            longer[name].make_scale(name)
        field = np.random.default_rng(2).normal(size=(3000, NY, NX))
        item = longer.create_dataset("propagator.1.phi", data=field)
        for axis, name in enumerate(("time", "y", "x")):
            item.dims[axis].attach_scale(longer[name])
        for key in ("units", "long_name", "sheet", "Ly", "Lx"):
            item.attrs[key] = file["propagator.1.phi"].attrs[key]
        longer.attrs[WORDS] = words_sum(longer)
    page = viewer(tmp_path / "long.h5", tmp_path / "long.html", size=0.4)
    assert 0.25e6 < page.stat().st_size <= 0.4e6
    trace = held(page)["traces"][0]
    assert trace["every"] > 1
    kept = samples_of(trace).reshape(-1, NY, NX)
    np.testing.assert_allclose(kept, field[:: trace["every"]], atol=np.ptp(field) / TOP)
    assert trace["means"] is None  # noise does not drift
    # of every row, not of those that are kept
    last = trace["spectra"]["first"] + trace["spectra"]["spacing"] * (trace["spectra"]["count"] - 1)
    assert last == pytest.approx(500)


def test_a_stretch_of_time(run: Path, tmp_path: Path) -> None:
    page = viewer(run, tmp_path / "part.html", trace="POP.1.V", start=0.02, stop=0.0502)
    content = held(page)
    assert (content["rows"], content["of"]) == (31, 100)
    assert [trace["name"] for trace in content["traces"]] == ["pop.1.v"]
    trace = content["traces"][0]
    assert trace["start"] == pytest.approx(0.02)
    assert trace["spectra"] is None  # too few rows


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"trace": "propagator.2.phi"}, "no trace 'propagator.2.phi'. It has: pop.1.v, prop"),
        ({"start": 5.0}, "no rows from 5 s to its end; it has 0.001 s to 0.1 s"),
        ({"size": 0.2}, "a page of 0.2 MB cannot show 2 traces"),
    ],
)
def test_what_cannot_be_shown_is_said(
    run: Path, tmp_path: Path, options: dict[str, Any], message: str
) -> None:
    with pytest.raises(NftsimError, match=message):
        viewer(run, tmp_path / "never.html", **options)
    assert not (tmp_path / "never.html").exists()


def test_the_command(run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["view", str(run), "-o", str(tmp_path / "page.html")]) == 0
    said = capsys.readouterr()
    assert said.out == ""
    assert re.fullmatch(r"wrote .*page.html \(0\.\d MB\); it opens in any browser\n", said.err)
    assert main(["view", str(tmp_path / "page.html")]) == 2
    assert "is neither a run" in capsys.readouterr().err
    for name in ("page", "page.txt", "page.png"):
        assert main(["view", str(run), "-o", str(tmp_path / name)]) == 2
        assert capsys.readouterr().err == (
            f"{tmp_path / name}: what is written is a page in HTML; end its name in .html, e.g. "
            "page.html\n"
        )
        assert not (tmp_path / name).exists()
    with pytest.raises(NftsimError, match="end its name in .html"):
        viewer(run, tmp_path / "page.pdf")


def test_pairs_of_nodes_are_left_out_and_what_nodes_share_is_shown(
    browser: Browser, run: Path, tmp_path: Path
) -> None:
    copy = tmp_path / "copy.h5"
    copy.write_bytes(run.read_bytes())
    model = nftsim.read_run(run).model
    first, *others = model.connections
    rates = {"alpha": 83.0, "beta": 769.0, "alpha2": 50.0, "beta2": 500.0}
    times = {f"t{i}": 0.01 * i for i in range(1, 5)}
    first = replace(first, coupling=Matrix(nu=1e-4), dendrite=Ramp(**rates, **times))
    with h5py.File(copy, "r+") as file:
        file.attrs["model"] = nftsim.to_conf(replace(model, connections=(first, *others)))
        file["from"] = np.arange(1, 1 + NY * NX)
        file["from"].make_scale("from")
        shared, pairs = 80 + np.arange(100.0), np.zeros((100, NY * NX, NY, NX))
        for name, values, axes in (
            ("dendrite.1.beta", shared, ["time"]),
            ("coupling.1.nu", pairs, ["time", "from", "y", "x"]),
        ):
            item = file.create_dataset(name, data=values)
            for axis, scale in enumerate(axes):
                item.dims[axis].attach_scale(file[scale])
            item.attrs.update(units="s⁻¹", long_name="decay", sheet=1, Ly=0.375, Lx=0.5)
        file.attrs[WORDS] = words_sum(file)
    with pytest.raises(NftsimError, match=r"coupling.1.nu has a value for every pair of nodes"):
        viewer(copy, tmp_path / "never.html", trace="coupling.1.nu")
    page = viewer(copy, tmp_path / "copy.html")
    names = [trace["name"] for trace in held(page)["traces"]]
    assert names == ["propagator.1.phi", "dendrite.1.beta", "pop.1.v"]
    with browser.open(page) as opened:
        opened.page.fill("#time", "20")
        opened.page.select_option("#trace", "1")
        assert opened.text("#node") == "The value that all nodes share"
        assert number(opened.text("#value")) == pytest.approx(100, abs=0.01)
        assert not opened.page.is_visible("#field")
        opened.page.select_option("#trace", "2")
        assert opened.page.is_visible("#field")
        assert opened.complaints == []


def test_names_cannot_end_the_script(run: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.h5"
    copy.write_bytes(run.read_bytes())
    with h5py.File(copy, "r+") as file:
        file.attrs["model"] = "</script><script>alert(1)</script>\n" + file.attrs["model"]
        file.attrs[WORDS] = words_sum(file)
    page = viewer(copy, tmp_path / "copy.html")
    assert page.read_text().count("</script>") == 1
    assert held(page)["title"].startswith("</script>")


# ---- in the browser ----------------------------------------------------------------------------


def test_small_waves_on_a_drift_are_kept(run: Path, page: Path) -> None:
    """16 bits of the drift, 1 s⁻¹, would be as coarse as the waves, 1e-5 s⁻¹."""
    trace = held(page)["traces"][0]
    phi = nftsim.read_run(run)["propagator.1.phi"]
    wave = phi - phi.mean(axis=(1, 2), keepdims=True)
    assert np.ptp(wave) < 1e-2 * np.ptp(phi)
    np.testing.assert_allclose(samples_of(trace).reshape(phi.shape), phi, atol=np.ptp(wave) / TOP)
    assert trace["range"] == pytest.approx({"low": phi.min(), "high": phi.max()})
