"""``python -m analysis RUN.h5``, and the figure of an experiment."""

import json
import shutil

import h5py
import numpy as np
import pytest

from analysis.__main__ import compare_runs, main
from analysis.figures import agreement
from nftsim.engine.simulate import run_to_file
from nftsim.io.contained import seal
from nftsim.model import load_model


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    path = tmp_path_factory.mktemp("runs") / "wake.h5"
    output = {"output.start": 0, "output.interval": 5e-3, "output.traces": "propagator.1.phi"}
    model = load_model("eirs-wake", {"nodes": 144, "deltat": 5e-4, **output})
    run_to_file(model, path, duration=60.0, seed=2)
    return path


def test_one_command_says_whether_they_agree(run, tmp_path, capsys):
    stem = tmp_path / "wake"
    options = ["--k0", "none", "--segment", "2", "--start", "5", "--trace", "propagator.1.phi"]
    wanted = ["--json", f"{stem}.json", "--figure", str(stem)]
    assert main([str(run), *options, *wanted]) == 0
    out = capsys.readouterr().out
    assert out.splitlines()[0].split()[:4] == ["band", "f_lo", "f_hi", "ratio"]
    assert "Scheme: the steps change power by up to +" in out
    assert "Statistics: chance may explain the deviations" in out
    stored = json.loads((tmp_path / "wake.json").read_text())
    assert stored["scores"]["consistent"] is True
    assert all(1e-3 < stored["scores"][p] < 1 - 1e-3 for p in ("p", "p_groups"))
    assert all(b["scheme"] > 0.02 for b in stored["bands"] if b["f_lo"] >= 2)
    made = {path.name for path in tmp_path.iterdir()}
    assert made == {"wake.json", "wake.csv", "wake.pdf", "wake.png"}


def test_the_caption_says_what_the_comparison_found(run, tmp_path):
    found, measured, theory = compare_runs([run], k0=None)
    caption = agreement.caption(measured, found)
    assert f"Verdict: {found.verdict}." in caption
    assert "no volume conduction" in caption
    fig = agreement.draw(measured, found, theory)
    fig.draw_without_rendering()
    words = " ".join(text.get_text() for axes in fig.axes for text in axes.texts)
    assert found.verdict in words
    assert "p = " in words
    z = fig.axes[2].lines[1].get_ydata()
    np.testing.assert_array_equal(z, found.scores.z)


def test_mistakes_are_one_line(run, tmp_path, capsys):
    assert main([str(tmp_path / "none.h5")]) == 2
    assert capsys.readouterr().err.count("\n") == 1
    assert main([str(run), "--trace", "propagator.9.phi"]) == 2
    assert "It has: propagator.1.phi" in capsys.readouterr().err


def test_a_wrong_simulation_disagrees(run, tmp_path, capsys):
    """The file's model is not what was run: its strength was changed afterwards."""
    path = shutil.copy(run, tmp_path / "other.h5")
    with h5py.File(path, "r+") as file:
        text = file.attrs["model"]
        model = load_model("eirs-wake")
        old = model.connection(11).coupling.nu
        assert repr(old) in text
        file.attrs["model"] = text.replace(repr(old), repr(1.2 * old))
        seal(file)
    assert main([str(path), "--k0", "none", "--segment", "1"]) == 1
    assert "chance does not explain" in capsys.readouterr().out
