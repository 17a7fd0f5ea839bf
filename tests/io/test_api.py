"""The names of the package, runs in memory and in files, and the examples of docs/python.md."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import replace
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest

import nftsim
from nftsim import Model, Output, Run, Trace, read_run, simulate
from nftsim.engine.simulate import run_to_file
from nftsim.errors import ModelError, NftsimError
from nftsim.io.hdf5 import open_run
from nftsim.memory import Memory
from nftsim.model import load_model, parse_model

from ..model.conftest import SMALL

SHAPES = Path(__file__).parents[1] / "data" / "text-output.output"


@pytest.fixture
def model() -> Model:
    return parse_model(SMALL, "small")


@pytest.fixture
def every() -> Model:
    """A model with traces of every shape."""
    model = nftsim.io.recording.read_text(SHAPES).model
    return replace(model, output=replace(model.output, nodes=None))


def same(a: Run, b: Run) -> None:
    assert list(a) == list(b)
    np.testing.assert_array_equal(a.time, b.time)
    for name in a:
        np.testing.assert_array_equal(a[name], b[name])
    assert a.model == b.model


def test_importing_the_package_loads_nothing() -> None:
    heavy = "{'numpy', 'h5py', 'numba', 'pandas'}"
    code = f"import sys, nftsim; print(sorted({heavy} & set(sys.modules)))"
    found = subprocess.run(
        [sys.executable, "-c", code],
        cwd=Path(__file__).parents[2], capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert found.stdout == "[]\n"


def test_every_name_is_there() -> None:
    assert {"simulate", "load_model", "read_run", "linear_spectrum"} <= set(nftsim.__all__)
    assert all(getattr(nftsim, name) is not None for name in nftsim.__all__)
    assert dir(nftsim) == sorted(nftsim.__all__)
    assert nftsim.components.propagators.Wave.keyword == "Wave"
    with pytest.raises(AttributeError, match="module 'nftsim' has no attribute 'simulat'"):
        nftsim.simulat  # noqa: B018


def test_type_checkers_are_told_every_name(root: Path) -> None:
    text = (root / "nftsim" / "__init__.pyi").read_text()
    told = re.findall(r"^from (\S+) import (\w+) as \2$", text, flags=re.MULTILINE)
    assert {name for _, name in told} == set(nftsim.__all__) - {"__version__"}
    for module, name in told:
        assert getattr(import_module(module), name) is getattr(nftsim, name)


def test_a_run_in_memory_is_that_of_a_file(model: Model, tmp_path: Path) -> None:
    run = simulate(model, seed=5)
    run_to_file(model, tmp_path / "run.h5", seed=5)
    assert (run.seed, run.interval, run.model) == (5, 0.002, model)
    assert run["Propagator.1.PHI"].shape == (10, 4, 4)
    same(run, read_run(tmp_path / "run.h5"))
    assert "10 times of pop.1.q, pop.1.v, propagator.1.phi" in repr(run)


def test_every_shape_of_trace(every: Model, tmp_path: Path) -> None:
    run = simulate(every, compat="nftsim")
    assert run["pop.1.q"].shape == (3, 2, 2)
    assert run["dendrite.4.beta"].shape == (3,)
    assert run["coupling.3.nu"].shape == (3, 4, 2, 2)
    chosen = simulate(replace(every, output=replace(every.output, nodes=(3, 1))), compat="nftsim")
    assert chosen["pop.1.q"].shape == (3, 2)
    assert chosen["coupling.3.nu"].shape == (3, 4, 2)
    np.testing.assert_array_equal(
        chosen["coupling.1.nu"], run["coupling.1.nu"].reshape(3, 4, 4)[..., [2, 0]]
    )
    for name in ("run.h5", "run.output"):
        run.save(tmp_path / name)
        again = read_run(tmp_path / name)
        assert list(again) == list(run)
        for trace in run:
            np.testing.assert_allclose(again[trace], run[trace], rtol=1e-14)


def test_it_agrees_with_nftsim_in_every_shape() -> None:
    recorded = read_run(SHAPES)
    run = simulate(recorded.model, compat="nftsim")
    np.testing.assert_allclose(run.time, recorded.time, rtol=1e-14)
    assert list(run) == list(recorded)
    for name in run:
        scale = np.abs(recorded[name]).max()
        np.testing.assert_allclose(run[name], recorded[name], rtol=0, atol=1e-9 * scale)


def test_a_run_goes_on_from_memory_as_from_a_file(model: Model, tmp_path: Path) -> None:
    first = simulate(model, seed=3)
    first.save(tmp_path / "first.h5")
    whole = simulate(replace(model, time=0.04), seed=3)
    for start in (first, tmp_path / "first.h5", read_run(tmp_path / "first.h5")):
        second = simulate(model, initial=start)
        assert second.seed == 3
        np.testing.assert_array_equal(
            np.concatenate([first["pop.1.q"], second["pop.1.q"]]), whole["pop.1.q"]
        )
    first.save(tmp_path / "first.output")
    with pytest.raises(NftsimError, match="no end state to start from"):
        simulate(model, initial=read_run(tmp_path / "first.output"))


def test_models_by_name_and_changed(model: Model) -> None:
    changes = {"nodes": 25, "population.2.stimulus.asd": 0, "output.traces": ["pop.1.q"]}
    run = simulate(model, overrides=changes, duration=0.01)
    assert run["pop.1.q"].shape == (5, 5, 5)
    assert list(run) == ["pop.1.q"]
    assert run.model.time == 0.01
    library = simulate("ei", overrides={"time": 0.01, "output.start": 0})
    assert library.model.name == "ei"
    with pytest.raises(ModelError, match="is not a perfect square"):
        simulate(replace(model, nodes=17))
    with pytest.raises(NftsimError, match="Did you mean 'eirs-wake'"):
        simulate("eirs-wke")
    with pytest.raises(NftsimError, match="compat 'matlab' is not known; give \"nftsim\""):
        simulate(model, compat="matlab")


def test_progress_is_told(model: Model) -> None:
    told: list[tuple[int, int]] = []
    simulate(model, progress=lambda done, total: told.append((done, total)))
    assert told[-1] == (20, 20)


def test_names_that_are_not_there(model: Model) -> None:
    run = simulate(model)
    with pytest.raises(NftsimError, match="no trace 'pop.1.w'. It has: pop.1.q, .* Did you mean"):
        run["pop.1.w"]
    with pytest.raises(KeyError):
        run["pop.1.w"]
    assert "pop.1.w" not in run
    assert "pop.1.q" in run
    assert len(run) == 3
    assert (run.units("pop.1.v"), run.units("pop.1.q")) == ("V", "s⁻¹")


def test_xarray(every: Model) -> None:
    pytest.importorskip("xarray")
    run = simulate(every, compat="nftsim")
    data = run.to_xarray()
    assert data["pop.1.q"].dims == ("time", "y", "x")
    assert data["dendrite.4.beta"].dims == ("time",)
    assert data["coupling.3.nu"].dims == ("time", "from", "y", "x")
    assert data["from"].values.tolist() == [1, 2, 3, 4]
    np.testing.assert_allclose(data["x"], [0.025, 0.075])
    assert {data[n].attrs["units"] for n in ("time", "x", "y")} == {"s", "m"}
    assert data["pop.1.v"].attrs["units"] == "V"
    np.testing.assert_array_equal(data["pop.1.q"].values, run["pop.1.q"])
    nodes = replace(every, output=replace(every.output, nodes=(3, 1)))
    assert simulate(nodes, compat="nftsim").to_xarray()["node"].values.tolist() == [3, 1]


def test_xarray_that_is_missing(model: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "xarray", None)
    with pytest.raises(NftsimError, match="needs xarray; run: pip install xarray"):
        simulate(model).to_xarray()


def test_saving_keeps_what_the_run_says_of_itself(model: Model, tmp_path: Path) -> None:
    run_to_file(model, tmp_path / "run.h5", seed=5)
    read_run(tmp_path / "run.h5").save(tmp_path / "again.h5")
    with open_run(tmp_path / "run.h5") as a, open_run(tmp_path / "again.h5") as b:
        assert a.attrs == b.attrs
        assert a.traces == b.traces
        assert a.state()[1] == b.state()[1]
    (tmp_path / "notes.output").write_text("mine")
    with pytest.raises(NftsimError, match="exists and is not a run; it is left alone"):
        simulate(model).save(tmp_path / "notes.output")


def test_more_output_than_memory_is_refused(model: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nftsim.io.run.memory", lambda: Memory(1000, "this machine has"))
    with pytest.raises(NftsimError, match="run it to a file, or write less often"):
        simulate(model)


@pytest.mark.parametrize("content", [b"", b"Time: 1\n", b"\x89HDF\r\n\x1a\n half"])
def test_files_that_are_no_runs(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "file.h5"
    path.write_bytes(content)
    with pytest.raises(NftsimError, match="file.h5: "):
        read_run(path)
    with pytest.raises(NftsimError, match="no such file"):
        read_run(tmp_path / "absent.h5")


def test_a_table_of_another_model(tmp_path: Path) -> None:
    path = tmp_path / "other.output"
    path.write_bytes(SHAPES.read_bytes().replace(b"Output: Node: 3 1", b"Output: Node: All"))
    with pytest.raises(NftsimError, match="pop.3.q has 2 columns, and its model asks for 4"):
        read_run(path)
    path.write_bytes(SHAPES.read_bytes().replace(b"Output: Node: 3 1", b"Output: Node: 3 2"))
    with pytest.raises(NftsimError, match="pop.3.q has columns of other nodes than its model"):
        read_run(path)


def test_nodes_listed_twice(every: Model, tmp_path: Path) -> None:
    run = simulate(replace(every, output=replace(every.output, nodes=(3, 1, 3))), compat="nftsim")
    assert run["coupling.3.nu"].shape == (3, 4, 3)
    run.save(tmp_path / "run.output")
    same_shapes = read_run(tmp_path / "run.output")
    for name in run:
        np.testing.assert_allclose(same_shapes[name], run[name], rtol=1e-14)


def test_traces_can_be_asked_for_that_nftsim_does_not_write(every: Model) -> None:
    wanted = (Trace("pop", 1, "glu"), Trace("dendrite", 4, "v"), Trace("coupling", 1, "ca"))
    run = simulate(replace(every, output=Output(traces=wanted)))
    assert list(run) == ["pop.1.glu", "dendrite.4.v", "coupling.1.ca"]


def test_the_examples_of_the_page(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("xarray")
    monkeypatch.chdir(tmp_path)
    page = (root / "docs" / "python.md").read_text(encoding="utf-8")
    examples = re.findall(r"^```python\n(.*?)^```", page, flags=re.DOTALL | re.MULTILINE)
    assert len(examples) == 8
    scope: dict[str, object] = {}
    for example in examples:
        exec(compile(example, "python.md", "exec", dont_inherit=True), scope)
    model, first = scope["model"], scope["first"]
    assert isinstance(model, Model)
    assert isinstance(first, Run)
    assert parse_model(nftsim.to_conf(model), "again") == model
    assert first.seed == 7
    same(first, scope["again"])  # type: ignore[arg-type]
    ratios = np.asarray(scope["measured"]) / scope["theory"].power  # type: ignore[attr-defined]
    assert np.all((ratios > 0.5) & (ratios < 2)), ratios
    out = capsys.readouterr().out
    assert "<Run of eirs-wake: " in out
    assert "s⁻¹" in out
    assert load_model("eirs-wake").nodes == 900
