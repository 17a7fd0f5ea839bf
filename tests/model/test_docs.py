"""The pages of docs/: their tables are those of the components, their examples run."""

from __future__ import annotations

import importlib.util
import math
import re
import shlex
from pathlib import Path
from types import ModuleType
from typing import Any

import h5py
import numpy as np
import pytest

from nftsim.cli import main
from nftsim.components import ROLES
from nftsim.components.stimuli import Stimulus
from nftsim.errors import ModelError
from nftsim.io.hdf5 import open_run
from nftsim.model import Model, load_model
from nftsim.reference import RULES, simulate
from tests.parity.recorded import CASES
from tests.parity.tables import read_table

from .conftest import SMALL, Edit


def page(root: Path, name: str) -> str:
    return (root / "docs" / name).read_text(encoding="utf-8")


def blocks(root: Path, name: str) -> list[str]:
    """Return the Python examples of a page."""
    return re.findall(r"^```python\n(.*?)^```", page(root, name), flags=re.DOTALL | re.MULTILINE)


@pytest.fixture
def tables(root: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("tables", root / "docs" / "tables.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", ["components", "keys", "outputs"])
def test_tables_are_up_to_date(root: Path, tables: ModuleType, name: str) -> None:
    text = page(root, tables.TABLES[name][0])
    assert tables.updated(text, name) == text, "run: python -m docs.tables"


def test_tables_have_every_parameter_of_every_component(root: Path) -> None:
    text = page(root, "file-format.md")
    declared = [
        p
        for base in ROLES.values()
        for c in base.registry.values()
        for p in c.parameters().values()
    ]
    assert len(declared) > 30
    assert all(f"| `{p.keyword}` | {p.symbol} | {p.unit} | {p.text} |" in text for p in declared)


def test_tables_have_every_output_of_every_component(root: Path) -> None:
    text = page(root, "file-format.md")
    table = text.split("<!-- begin outputs -->")[1].split("<!-- end outputs -->")[0]
    lines = [line.split(" | ") for line in table.strip().splitlines()[2:]]
    for role, base in ROLES.items():
        kind = "pop" if role in ("firing", "stimulus") else role
        for keyword, cls in base.registry.items():
            for field in cls.outputs:
                values = "one" if field.single else "one per pair of nodes" if field.matrix else ""
                owner = f"`{keyword}`" if keyword else "second-order dendrite"
                assert any(
                    line[0] == f"| `{kind}.K.{field.name}`"
                    and line[4] == field.text
                    and line[5].startswith(values or "one per node")
                    and ("only when named" in line[5]) == field.asked
                    and (owner in line[6] or line[6].startswith("every"))
                    for line in lines
                ), (role, keyword, field.name)


#: Tables of parity.md, and the cases that each must have.
PARITY: dict[str, list[str]] = {
    "recorded": [f"`{case}`" for case in CASES],
    "components": list(read_table("components.json")["cases"]),
    "shipped": [f"`{case}`" for case in read_table("configs.json")["cases"]],
    "mended": list(read_table("mended.json")["cases"]),
}


@pytest.mark.parametrize("name", PARITY)
def test_every_case_of_parity_is_shown_and_within_the_limit(root: Path, name: str) -> None:
    text = page(root, "parity.md")
    table = text.split(f"<!-- begin {name} -->\n")[1].split(f"<!-- end {name} -->")[0]
    head, _, *lines = [line.strip("| ").split(" | ") for line in table.strip().splitlines()]
    assert [line[0] for line in lines] == PARITY[name], "run: python -m docs.parity"
    errors = [float(line[head.index("worst error")]) for line in lines]
    assert 0 <= min(errors) <= max(errors) < 1e-9


def test_a_stale_table_is_seen(root: Path, tables: ModuleType) -> None:
    text = page(root, "equations.md").replace("Q = a V + b", "Q = a V")
    assert tables.updated(text, "components") != text


def test_links_lead_somewhere(root: Path) -> None:
    pages = [root / "README.md", *sorted((root / "docs").glob("*.md"))]
    for path in pages:
        for target in re.findall(r"\]\(([^)#]+)[^)]*\)", path.read_text(encoding="utf-8")):
            assert target.startswith("https://") or (path.parent / target).exists(), (path, target)


def test_reading_examples_run(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("small.conf").write_text(SMALL)
    assert main(["run", "small.conf", "-o", "run.h5"]) == 0
    examples = blocks(root, "file-format.md")
    assert len(examples) == 4
    for example in examples:
        exec(compile(example, "file-format.md", "exec", dont_inherit=True), {})
    printed = capsys.readouterr().out
    assert "(10, 4, 4) 0.02 Excitatory cells" in printed
    assert "[1.1e-04 1.0e-04 9.0e-05]" in printed


def test_arrays_and_data_as_the_page_says(
    root: Path, edit: Edit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text, folder = page(root, "file-format.md"), tmp_path / "model"
    stimulus = re.search(r"^Stimulus: Data .*$", text, flags=re.MULTILINE)
    command = re.search(r"^nftsim (run .*maps.h5.*)$", text, flags=re.MULTILINE)
    assert stimulus
    assert command
    folder.mkdir()
    monkeypatch.chdir(tmp_path)
    noise = ("Stimulus: White - Onset: 0 Mean: 1 ASD: 1e-4", stimulus[0].replace("0.5", "0.005"))
    (folder / "my-model.conf").write_text(edit(noise, ("Population: 1", "Population: 2")))
    with h5py.File(folder / "rates.h5", "w") as file:  # beside the model
        file["thalamus/rate"] = [1.0, 3.0, 2.0]
    with h5py.File("maps.h5", "w") as file:  # in the working folder
        file["maps/alpha"] = np.linspace(80, 90, 16)
    np.save("nu.npy", np.linspace(1e-4, 2e-4, 16).reshape(4, 4))
    words = shlex.split(command[1].replace("my-model.conf", "model/my-model.conf"))
    assert main([*words, "--set", "output.interval=0.001"]) == 0
    with open_run("run.h5") as run:
        rate, t = run.trace("pop.2.q")[:, 0, 0], run.time
        connection: Any = run.model.connection(1)
        assert "rates.h5:thalamus/rate sha256=" in run.attrs["data"]
    assert connection.coupling.nu == tuple(np.linspace(1e-4, 2e-4, 16).tolist())
    assert connection.dendrite.alpha == tuple(np.linspace(80, 90, 16).tolist())
    line = 10 * np.interp(t, [0.005, 0.007, 0.009], [1.0, 3.0, 2.0])
    inside = (t > 0.0049) & (t < 0.0091)
    np.testing.assert_allclose(rate, np.where(inside, line, 0), rtol=1e-12)


def test_the_worked_example_of_a_component(
    root: Path, edit: Edit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # whatever the example registers is forgotten afterwards
    monkeypatch.setattr(Stimulus, "registry", dict(Stimulus.registry))
    monkeypatch.setitem(RULES, "stimulus", dict(RULES["stimulus"]))
    scope: dict[str, object] = {"__name__": "nftsim.components.example"}
    for example in blocks(root, "extending.md"):
        exec(compile(example, "extending.md", "exec", dont_inherit=True), scope)
    stimulus = re.search(r"^Stimulus: Decay .*$", page(root, "extending.md"), flags=re.MULTILINE)
    assert stimulus
    path, run = tmp_path / "decay.conf", tmp_path / "run.h5"
    text = edit(
        ("Stimulus: White - Onset: 0 Mean: 1 ASD: 1e-4", stimulus[0]),
        ("Population: 1", "Population: 2"),
        ("Interval: 0.002", ""),
    )
    path.write_text(text)
    assert main(["run", str(path), "-o", str(run), "--set", "coupling.2.nu=1e-5"]) == 0
    with open_run(run) as file:
        rate, phi = file.trace("pop.2.q"), file.trace("propagator.1.phi")
    expected = [100 * math.exp(-max(n - 5, 0) / 10) * (n >= 5) for n in range(1, 21)]
    np.testing.assert_allclose(rate[:, 0, 0], expected, rtol=1e-12)
    oracle = simulate(model(path), 20)
    np.testing.assert_allclose(phi, oracle["propagator.1.phi"], rtol=1e-11)
    assert model(path, constant=0.02).populations[1].stimuli[0].constant == 0.02
    with pytest.raises(ModelError, match="Constant = 0 is out of bounds"):
        model(path, constant=0)
    path.write_text(text.replace("Constant:", "Constnat:"))
    with pytest.raises(ModelError, match="Did you mean 'Constant'"):
        model(path)


def model(path: Path, **changes: float) -> Model:
    paths = {f"population.2.stimulus.{name}": value for name, value in changes.items()}
    return load_model(path, {"coupling.2.nu": 1e-5, **paths})


def test_the_example_is_gone() -> None:
    assert "Decay" not in Stimulus.registry
