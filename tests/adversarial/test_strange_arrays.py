"""Arrays from strangers, as stimuli and as values: they lie in their file, or are refused."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from nftsim.model import load_model

from .conftest import Refused
from .small import SMALL

STIMULUS = SMALL.replace(
    "White - Onset: 0 Mean: 1 StdDev: 1",
    "Data - Onset: 0 File: strange.h5 Dataset: values Interval: 0.001",
)
VALUES = np.linspace(1e-4, 2e-4, 12)


def external(file: h5py.File) -> None:
    file["values"] = h5py.ExternalLink("decoy.h5", "values")


def soft(file: h5py.File) -> None:
    file["values"] = h5py.SoftLink("/other")
    file["other"] = VALUES


def ring(file: h5py.File) -> None:
    file["values"] = h5py.SoftLink("/values")


def through(file: h5py.File) -> None:
    file["values"] = file["/"]


def outside(file: h5py.File) -> None:
    file.create_dataset("values", (12,), "f8", external=[("decoy.raw", 0, 96)])


def virtual(file: h5py.File) -> None:
    layout = h5py.VirtualLayout((12,), "f8")
    layout[...] = h5py.VirtualSource("decoy.h5", "values", shape=(12,))
    file.create_virtual_dataset("values", layout)


def boasting(file: h5py.File) -> None:
    file.create_dataset("values", (10**13,), "f8", chunks=(1000,), compression="gzip")


def words(file: h5py.File) -> None:
    file["values"] = ["1", "2"]


def records(file: h5py.File) -> None:
    file["values"] = np.zeros(12, dtype=[("a", "f8"), ("b", "i4")])


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (external, "'values' is a link to elsewhere"),
        (soft, "'values' is a link to elsewhere"),
        (ring, "'values' is a link to elsewhere"),
        (through, "no dataset 'values'. It has: none"),
        (outside, "'values' is made of other files"),
        (virtual, "'values' is made of other files"),
        (boasting, "'values' has 80000000000000 bytes by its shape, and 0 in the file"),
        (words, "not numbers"),
        (records, "not numbers"),
    ],
)
def test_strange_arrays_are_refused(
    folder: Path, refused: Refused, make: Callable[[h5py.File], Any], message: str
) -> None:
    (folder / "decoy.raw").write_bytes(VALUES.tobytes())
    with h5py.File("decoy.h5", "w") as file:
        file["values"] = VALUES
    with h5py.File("strange.h5", "w") as file:
        make(file)
    (folder / "stimulus.conf").write_text(STIMULUS)
    line = refused("check", "stimulus.conf")
    assert line.startswith("stimulus.conf:16: Population 2, stimulus 1 (Data): ")
    assert message in line
    line = refused("check", "small.conf", "--set", "coupling.1.nu=strange.h5:values")
    assert line.startswith("small, override coupling.1.nu=strange.h5:values: ")
    assert message in line


def test_an_array_in_the_file_itself_is_taken(folder: Path) -> None:
    with h5py.File("sound.h5", "w") as file:
        file["group/values"] = VALUES
    model = load_model("small.conf", {"coupling.1.nu": "sound.h5:group/values"})
    assert model.connection(1).coupling.nu == tuple(VALUES.tolist())
