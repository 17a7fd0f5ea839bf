"""Files that hold no stimulus, and arrays and other overrides that do not fit a model."""

from __future__ import annotations

import re
from pathlib import Path

import h5py
import numpy as np
import pytest

from nftsim.errors import ModelError
from nftsim.model import load_model

from .sound import LINE, REMEDY, SOUND, conf, refusal

pytestmark = pytest.mark.usefixtures("folder")

TEXT_AS_NUMBERS = "cannot be read as numbers: .*; name a .npy or HDF5 file of numbers"


def _write_files() -> None:
    values = np.ones((30, 9))
    arrays = {
        "nine": values[0],
        "eight": values[0, :8],
        "four": values[:, :4],
        "cube": np.ones((3, 3, 9)),
        "nan": np.where(np.arange(270).reshape(30, 9) == 20, np.nan, values),
        "infinite": np.array([1, np.inf]),
        "holed": np.array([1e-4, *[np.nan] * 8]),
        "negative": -values[0],
        "empty": np.ones(0),
        "single": np.float64(3),
        "complex": 1j * values,
        "words": np.array(["1", "2"]),
        "dates": np.zeros(3, dtype="M8[s]"),
        "records": np.zeros(3, dtype=[("a", "f8")]),
    }
    for name, array in arrays.items():
        np.save(f"{name}.npy", array)
    np.save("objects.npy", np.array([1, None], dtype=object), allow_pickle=True)
    np.savez("archive.npz", a=values)
    Path("zip.npy").write_bytes(Path("archive.npz").read_bytes())
    Path("table.csv").write_text("1,2\n3,4\n")
    Path("table.npy").write_text("1,2\n3,4\n5,6\n")
    Path("nothing.npy").touch()
    Path("cut.npy").write_bytes(Path("nine.npy").read_bytes()[:150])
    Path("folder.npy").mkdir()
    with Path("boast.npy").open("wb") as file:  # a header alone
        head = {"descr": "<f8", "fortran_order": False, "shape": (10**14,)}
        np.lib.format.write_array_header_1_0(file, head)
    with h5py.File("data.h5", "w") as file:
        file["wave"] = values[:, 0]
        file["group/field"] = values
        file["words"] = "hello"
        file["empty"] = h5py.Empty("f8")
        file["complex"] = 1j * values
        file.create_dataset("boast", shape=(10**14,), chunks=(1000,), dtype="f8")


@pytest.mark.parametrize(
    ("file", "message"),
    [
        ("none.npy", r"none.npy: no such file; name a .npy or HDF5 file of numbers"),
        ("folder.npy", r"folder.npy: is no file; name a"),
        ("four.npy", r"four.npy holds 30 x 4; give \(time,\) or \(time, node\) with 9 nodes"),
        ("cube.npy", r"cube.npy holds 3 x 3 x 9; give \(time,\) or \(time, node\) with 9 nodes"),
        ("single.npy", r"single.npy holds one number; give \(time,\) or"),
        ("nan.npy", "nan.npy: sample 3 is not finite; give finite numbers"),
        ("infinite.npy", "infinite.npy: sample 2 is not finite; give finite numbers"),
        ("empty.npy", "empty.npy holds no samples; give at least one"),
        ("complex.npy", "cannot be read as numbers: it holds complex128; name a"),
        *((f"{name}.npy", TEXT_AS_NUMBERS) for name in ("words", "dates", "records", "objects")),
        *((f"{name}.npy", TEXT_AS_NUMBERS) for name in ("zip", "table", "nothing", "cut", "boast")),
        ("archive.npz", TEXT_AS_NUMBERS),
        ("table.csv", TEXT_AS_NUMBERS),
        ("data.h5", "data.h5: name one of its datasets. It has: boast, complex, empty, group/fie"),
        ("data.h5 Dataset: wav", "data.h5: no dataset 'wav'. It has: boast, complex, empty, gr"),
        ("data.h5 Dataset: group", "data.h5: no dataset 'group'. It has: .*group/field"),
        *((f"data.h5 Dataset: {name}", TEXT_AS_NUMBERS) for name in ("words", "empty", "complex")),
        ("data.h5 Dataset: boast", TEXT_AS_NUMBERS),
    ],
)
def test_a_file_that_holds_no_stimulus(file: str, message: str) -> None:
    _write_files()
    keys = {**SOUND["stimulus"]["Data"], "File": file}
    assert re.search(message, refusal(conf("stimulus", "Data", keys), "stimulus", "Data"))


def test_a_pickled_array_is_not_loaded() -> None:
    class Bomb:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return Path.touch, (Path("exploded"),)  # type: ignore[return-value]

    np.save("bomb.npy", np.array([Bomb()], dtype=object), allow_pickle=True)
    keys = {**SOUND["stimulus"]["Data"], "File": "bomb.npy"}
    found = refusal(conf("stimulus", "Data", keys), "stimulus", "Data")
    assert "Object arrays cannot be loaded when allow_pickle=False" in found
    assert not Path("exploded").exists()


# overrides --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("role", "keyword", "path", "value", "message"),
    [
        ("coupling", "Map", "coupling.1.nu", "eight.npy", r"nu has 8 values; .* per node \(9\)"),
        ("coupling", "Map", "coupling.1.nu", "four.npy", r"nu has 120 values; .* per node \(9\)"),
        ("coupling", "Matrix", "coupling.1.nu", "nine.npy", r"9 values; .*\(9 x 9 = 81\)"),
        ("coupling", "BCM-Spatial", "coupling.1.nu", "nine.npy", r"9 values; .*\(9 x 9 = 81\)"),
        ("coupling", "Map", "coupling.1.nu", "no.npy", "no.npy: no such file; name a .npy or HDF5"),
        ("coupling", "Map", "coupling.1.nu", "data.h5", "name one of its datasets. It has: boast"),
        (
            "coupling",
            "Map",
            "coupling.1.nu",
            "data.h5:wav",
            "no dataset 'wav'. It has: boast, comp",
        ),
        ("coupling", "Map", "coupling.1.nu", "holed.npy", "nu: expected any finite .*found 'nan'"),
        ("coupling", "Map", "coupling.1.nu", "objects.npy", TEXT_AS_NUMBERS),
        ("coupling", "Map", "coupling.1.nu", "table.npy", TEXT_AS_NUMBERS),
        ("coupling", "Map", "coupling.1.nu", "table.csv", "nu: expected any finite number, found"),
        ("coupling", "DiffArctan", "coupling.1.delta", "nine.npy", "delta: expected a number > 0"),
        ("coupling", "DiffArctan", "coupling.1.nu", "1", "has no 'nu'. Allowed: nu_min, nu_max"),
        ("coupling", "CaDP", "coupling.1.tca", "0", "tCa = 0 is out of bounds; give a number > 0"),
        (
            "coupling",
            "CaDP",
            "population.1.firing.lambda",
            "-1",
            "Lambda = -1 is out of bounds; giv",
        ),
        (
            "coupling",
            "CaDP",
            "population.1.firing.qmax",
            "0",
            "Qmax = 0 is out of bounds; give a nu",
        ),
        (
            "coupling",
            "CaDP",
            "population.1.firing.function",
            "Linear",
            "has no 'function'. Allowed",
        ),
        ("dendrite", "", "dendrite.1.alpha", "negative.npy", "alpha = -1.0 is out of bounds; give"),
        ("firing", "Bursting", "population.1.firing.tx2", "0", "tx2 = 0 s must be > tx1 = 0.003 s"),
        (
            "stimulus",
            "Data",
            "population.2.stimulus.file",
            "no.npy",
            "no.npy: no such file; name a",
        ),
        (
            "stimulus",
            "Data",
            "population.2.stimulus.file",
            "four.npy",
            "four.npy holds 30 x 4; give",
        ),
        ("stimulus", "PAS", "population.2.stimulus.n20_widht", "1", "Did you mean 'n20_width'?"),
        (
            "stimulus",
            "PAS",
            "population.2.stimulus.node",
            "10",
            "node 10 does not exist; nodes are",
        ),
        (
            "stimulus",
            "Burst",
            "population.2.stimulus.on",
            "0",
            "On = 0 is out of bounds; give a nu",
        ),
        ("propagator", "Map", "population.1.q", "eight.npy", r"Q has 8 values; .* per node \(9\)"),
        (
            "propagator",
            "Map",
            "topology",
            "shpere",
            "unknown topology 'shpere'. Allowed: Torus, Sp",
        ),
    ],
)
def test_an_override_that_does_not_fit(
    folder: Path, role: str, keyword: str, path: str, value: str, message: str
) -> None:
    _write_files()
    (folder / "bad.conf").write_text(conf(role, keyword), encoding="utf-8")
    with pytest.raises(ModelError, match=message) as caught:
        load_model("bad.conf", {path: value})
    found = str(caught.value)
    assert found.startswith(f"bad, override {path}={value}: ")
    assert found.isprintable()
    assert REMEDY.search(found)


def test_an_array_of_python_that_does_not_fit(folder: Path) -> None:
    (folder / "bad.conf").write_text(conf("coupling", "Map"), encoding="utf-8")
    for array, message in (
        (np.ones((3, 4)), "nu has 12 values; give one, or one per node"),
        (np.array([1e-4, *[np.nan] * 8]), "found 'nan'"),
        (np.array([[1j]]), "found '1j'"),
        (np.empty(0), "nu has no value"),
    ):
        with pytest.raises(ModelError, match=rf"^bad, override coupling.1.nu=.*{message}"):
            load_model("bad.conf", {"coupling.1.nu": array})


def test_a_grid_that_stimuli_and_values_do_not_fit(folder: Path) -> None:
    (folder / "bad.conf").write_text(conf("stimulus", "PAS"), encoding="utf-8")
    with pytest.raises(
        ModelError, match=rf"^bad.conf:{LINE['stimulus']}: .* node 3 does not exist"
    ):
        load_model("bad.conf", {"nodes": 1})
    np.save("field.npy", np.ones((30, 9)))
    keys = {**SOUND["stimulus"]["Data"], "File": "field.npy"}
    (folder / "bad.conf").write_text(conf("stimulus", "Data", keys), encoding="utf-8")
    with pytest.raises(ModelError, match=r"holds 30 x 9; give .* with 16 nodes"):
        load_model("bad.conf", {"nodes": 16})
