"""``convert`` and ``info``: between formats, and what files hold."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from nftsim import load_model, read_run
from nftsim.io.hdf5 import open_run
from nftsim.io.recording import read_text
from nftsim.model import library

from .conftest import Command

SHAPES = Path(__file__).parents[1] / "data" / "text-output.output"


@pytest.fixture
def runs(nftsim: Command, folder: Path) -> Path:
    """The folder with a run in it, in both formats."""
    assert nftsim("run", "small.conf", "-o", "run.h5", "--seed", 3).code == 0
    (folder / "theirs.output").write_bytes(SHAPES.read_bytes())
    return folder


def test_from_hdf5_to_text_and_back(nftsim: Command, runs: Path) -> None:
    result = nftsim("convert", "run.h5", "run.output")
    assert (result.code, result.out, result.err, result.files) == (0, "", [], {"run.output"})
    assert nftsim("run", "small.conf", "-o", "same.output", "--seed", 3).code == 0
    ours, same = read_text(runs / "run.output"), read_text(runs / "same.output")
    assert (ours.names, ours.nodes) == (same.names, same.nodes)
    np.testing.assert_array_equal(ours.values, same.values)
    assert ours.model == same.model
    assert nftsim("convert", "run.output", "back.h5").files == {"back.h5"}
    with open_run("run.h5") as a, open_run("back.h5") as b:
        assert a.traces == b.traces
        assert a.model == b.model
        assert a.interval == b.interval
        np.testing.assert_allclose(b.time, a.time, rtol=1e-14)
        for name in a.traces:
            np.testing.assert_allclose(b.trace(name), a.trace(name), rtol=1e-14)
            assert dict(a.dataset(name).attrs.items()).keys() == b.dataset(name).attrs.keys()


def test_what_nftsim_wrote_comes_back_to_the_byte(nftsim: Command, runs: Path) -> None:
    assert nftsim("convert", "theirs.output", "theirs.h5").files == {"theirs.h5"}
    with open_run("theirs.h5") as run:
        assert run.trace("coupling.3.nu").shape == (3, 4, 2)
        assert run.attrs["converted_from"] == "theirs.output"
        assert "seed" not in run.attrs
    assert nftsim("convert", "theirs.h5", "again.txt").files == {"again.txt"}
    assert (runs / "again.txt").read_bytes() == SHAPES.read_bytes()
    message = nftsim("run", "small.conf", "-o", "x.h5", "--initial", "theirs.h5").refused()
    assert "theirs.h5: has no end state to start from" in message


@pytest.mark.parametrize("name", library())
def test_models_survive_reading_and_writing(nftsim: Command, folder: Path, name: str) -> None:
    assert nftsim("convert", name, "copy.conf").files == {"copy.conf"}
    assert load_model(folder / "copy.conf") == load_model(name)
    assert nftsim("convert", "copy.conf", "second.conf").code == 0
    assert (folder / "second.conf").read_bytes() == (folder / "copy.conf").read_bytes()


def test_models_with_changes_and_models_of_runs(nftsim: Command, runs: Path) -> None:
    assert nftsim("convert", "small.conf", "big.conf", "--set", "nodes=25").code == 0
    assert load_model("big.conf") == load_model("small.conf", {"nodes": 25})
    assert nftsim("convert", "run.h5", "of-run.conf").code == 0
    assert load_model("of-run.conf") == load_model("small.conf")
    assert nftsim("convert", "theirs.output", "of-theirs.conf").code == 0
    assert load_model("of-theirs.conf") == read_run("theirs.output").model


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["run.h5", "run.csv"], "run.csv: unknown format '.csv'; end it in .h5 or .hdf5, .output"),
        (["run.h5", "run"], "run: its name does not say the format; end it in .h5"),
        (["small.conf", "run2.h5"], "is a model, not a run; run it: nftsim run small.conf -o run2"),
        (["small.conf", "theirs.conf", "--set", "nodes=17"], "17 is not a perfect square"),
        (["run.h5", "x.output", "--set", "nodes=4"], "run.h5 is a run, and what was run cannot be"),
        (["absent.h5", "x.output"], "absent.h5: no such file; this takes a run, a model"),
        (["small.conf", "small.conf"], "small.conf: is the source itself"),
        (["run.h5", "run.h5"], "run.h5: is the source itself"),
        (["ei", "small.conf"], "small.conf: exists; it is left alone"),
        (["run.h5", "missing/x.output"], "the folder missing does not exist"),
        (["run.h5", "notes.txt"], "notes.txt: exists and is not a run; it is left alone"),
        (["cut.h5", "x.output"], "cut.h5: "),
        (["cut.output", "x.h5"], "cut.output: not a whole text output: its last row has no end"),
    ],
)
def test_bad_input(nftsim: Command, runs: Path, arguments: list[str], complaint: str) -> None:
    (runs / "notes.txt").write_text("mine")
    (runs / "cut.h5").write_bytes((runs / "run.h5").read_bytes()[:1000])
    (runs / "cut.output").write_bytes(SHAPES.read_bytes()[:-30])
    assert complaint in nftsim("convert", *arguments).refused()


def test_info_of_a_run(nftsim: Command, runs: Path) -> None:
    lines = nftsim("info", "run.h5").out.splitlines()
    for line in (
        "run.h5: run, HDF5",
        "A small model",
        "1 neural population, 1 input, 2 connections",
        "grid: 4 x 4 nodes; 20 steps of 0.001 s",
        "  population 1: Excitatory cells (Sigmoid)",
        "  connection 1: Excitatory cells -> Excitatory cells (Wave, Map)",
        "times: 10 rows, 0.002 s to 0.02 s",
        "  propagator.1.phi: 10 x 4 x 4 [s⁻¹], axonal field arriving at the population",
        "start: the model's initial values",
        "seed: 3",
    ):
        assert line in lines
    found = json.loads(nftsim("info", "run.h5", "--json").out)
    assert found["traces"]["pop.1.v"]["units"] == "V"
    assert found["times"] == {"rows": 10, "first": 0.002, "last": 0.02}
    assert found["attributes"]["seed"] == 3
    assert found["model"]["shape"] == [4, 4]


def test_info_of_text_and_of_a_model(nftsim: Command, runs: Path) -> None:
    lines = nftsim("info", "theirs.output").out.splitlines()
    assert lines[0] == "theirs.output: run, NFTsim's text"
    assert "  coupling.3.nu: 3 x 4 x 2 [V s], synaptic strength from node i to node j" in lines
    lines = nftsim("info", "small.conf").out.splitlines()
    assert lines[0] == "small.conf: model"
    assert "output: pop.1.q, pop.1.v, propagator.1.phi; every 2 steps" in lines
    assert json.loads(nftsim("info", "ei", "--json").out)["format"] == "model"
    assert "is neither a file nor a library model" in nftsim("info", "absent").refused()
