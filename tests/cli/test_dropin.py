"""The command in place of NFTsim: its options, its defaults, its text."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import h5py
import numpy as np
import pytest

from nftsim import read_run
from nftsim.io.recording import read_text
from nftsim.model import load_model

from .conftest import Command, Edited

ROOT = Path(__file__).parents[2]
SHAPES = ROOT / "tests" / "data" / "text-output.output"
CASES = sorted((ROOT.parent / "shared" / "reference" / "nftsim-tests").glob("*.conf"))


def test_it_writes_the_text_of_nftsim(nftsim: Command, folder: Path) -> None:
    recorded = read_text(SHAPES)
    (folder / "shapes.conf").write_bytes(recorded.header)
    result = nftsim("-i", "shapes.conf", "-o", "shapes.output")
    assert (result.code, result.out, result.err) == (0, "", [])
    assert result.files == {"shapes.output"}
    ours = read_text(folder / "shapes.output")
    # all but the last digits of the numbers
    number = re.compile(rb"[ -]\d\.\d{14}e[+-]\d\d")
    data, theirs = (folder / "shapes.output").read_bytes(), SHAPES.read_bytes()
    assert number.sub(b"#", data) == number.sub(b"#", theirs)
    scale = np.abs(recorded.values).max(axis=0)
    np.testing.assert_array_equal(ours.time, recorded.time)
    assert np.all(np.abs(ours.values - recorded.values) <= 1e-9 * scale)


@pytest.mark.parametrize("case", CASES, ids=lambda p: p.stem)
def test_header_names_and_nodes_are_those_of_nftsim(
    nftsim: Command, folder: Path, case: Path
) -> None:
    """The first row is enough; tests/parity compares all numbers."""
    text = case.read_bytes().decode("latin-1")
    model = load_model(case, compat=True)
    interval = model.output.interval or model.deltat
    body, output = text[: text.rindex("Output:")], text[text.rindex("Output:") :]
    output = re.sub(r"Start: *[\d.]+", "Start: 0", output)
    body = re.sub(r"(?m)^Time: *\S+", f"Time: {2 * interval!r}", body)
    (folder / "case.conf").write_bytes((body + output).encode("latin-1"))
    assert nftsim("--input", "case.conf", "--output", "case.output").code == 0
    rule = b"\n=============================================\n\n"
    header, _, table = (folder / "case.output").read_bytes().partition(rule)
    assert header == (folder / "case.conf").read_bytes()
    expected = case.with_suffix(".output").read_bytes().partition(rule)[2]
    assert table.split(b"\n")[:2] == expected.split(b"\n")[:2]
    assert len(table.split(b"\n")) == 5


def test_it_implies_the_habits_of_nftsim(nftsim: Command, folder: Path, edited: Edited) -> None:
    edited(("Start: 0", "Start: 0.004"))
    assert nftsim("-i", "small.conf", "-o", "a.output").code == 0
    assert nftsim("run", "small.conf", "--compat", "nftsim", "-o", "b.output").code == 0
    assert nftsim("run", "small.conf", "-o", "ours.output").code == 0
    assert nftsim("-i", "small.conf", "-o", "a.h5").code == 0
    a = (folder / "a.output").read_bytes()
    assert a == (folder / "b.output").read_bytes()
    text, hdf5, ours = (read_run(folder / n) for n in ("a.output", "a.h5", "ours.output"))
    np.testing.assert_allclose(text.time, 0.002 * np.arange(1, 9), rtol=1e-13)
    np.testing.assert_allclose(ours.time, 0.004 + 0.002 * np.arange(1, 9), rtol=1e-13)
    for name in text:
        np.testing.assert_allclose(text[name], hdf5[name], rtol=1e-14)
        assert np.any(text[name] != ours[name])
    assert hdf5.attrs["compat"] == 1


@pytest.mark.parametrize(
    ("output", "text"),
    [("x.output", True), ("x.txt", True), ("x", True), ("x.h5", False), ("x.HDF5", False)],
)
def test_the_extension_decides_the_format(
    nftsim: Command, folder: Path, output: str, text: bool
) -> None:
    assert nftsim("-i", "small.conf", "-o", output).files == {output}
    assert h5py.is_hdf5(folder / output) != text


def test_defaults_are_those_of_nftsim(nftsim: Command, folder: Path) -> None:
    result = nftsim("-i", "small.conf")
    assert result.files == {"small.output"}
    assert result.err == ["warning: no -o: writing to small.output"]
    (folder / "sub.dir").mkdir()
    (folder / "sub.dir" / "plain").write_bytes((folder / "small.conf").read_bytes())
    assert nftsim("-i", "sub.dir/plain").files == {"sub.dir/plain.output"}
    assert "no nftsim.conf here to run" in nftsim().refused()
    (folder / "nftsim.conf").write_bytes((folder / "small.conf").read_bytes())
    result = nftsim()
    assert result.files == {"nftsim.output"}
    assert result.err[0] == "warning: no -i: reading nftsim.conf"
    assert nftsim("-o", "named.output").files == {"named.output"}


def test_a_time_stamp_in_the_name(nftsim: Command) -> None:
    (name,) = nftsim("-i", "small.conf", "-t").files
    assert re.fullmatch(r"small_\d{4}-\d\d-\d\dT\d{6}\.output", name)
    assert nftsim("-t", "-i", "small.conf", "-o", "plain.output").files == {"plain.output"}


def test_verbose_writes_to_stdout(nftsim: Command, folder: Path) -> None:
    nftsim("-i", "small.conf", "-o", "small.output")
    for options in (("-v",), ("--verbose", "-o", "other.output")):
        result = nftsim("-i", "small.conf", *options)
        assert (result.code, result.err, result.files) == (0, [], set())
        assert result.out.encode() == (folder / "small.output").read_bytes()


def test_a_text_output_is_replaced_but_nothing_else(nftsim: Command, folder: Path) -> None:
    assert nftsim("-i", "small.conf", "-o", "small.output").code == 0
    before = (folder / "small.output").read_bytes()
    (folder / "small.output").write_bytes(before[: len(before) // 2])
    assert nftsim("-i", "small.conf", "-o", "small.output").code == 0
    assert (folder / "small.output").read_bytes() == before
    (folder / "empty.output").touch()
    assert nftsim("-i", "small.conf", "-o", "empty.output").code == 0
    message = nftsim("-i", "small.conf", "-o", "small.conf").refused()
    assert message.startswith("small.conf: exists and is not a run; it is left alone")


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["-i", "no.conf", "-o", "x.output"], "no.conf: is neither a file nor"),
        (["-i", "small.conf", "-o", "missing/x.output"], "the folder missing does not exist"),
        (["-i", "small.conf", "-o", ""], "-o: its name is empty"),
        (["-i", "small.conf", "-o"], "nftsim: argument -o/--output: expected one argument"),
        (["-i", "small.conf", "x.output"], "nftsim: unrecognized arguments: x.output"),
        (["-i", "small.conf", "--set", "nodes=4"], "unrecognized arguments: --set nodes=4"),
    ],
)
def test_bad_input(nftsim: Command, arguments: list[str], complaint: str) -> None:
    assert complaint in nftsim(*arguments).refused()


def test_a_faulty_model_leaves_nothing(nftsim: Command, edited: Edited) -> None:
    edited(("gamma: 30", "gama: 30"))
    assert nftsim("-i", "small.conf").refused().startswith("small.conf:23: Propagator 1 (Wave): ")


def test_a_run_that_diverges_leaves_no_text(nftsim: Command, edited: Edited) -> None:
    response = ("Sigmoid Theta: 0.013 Sigma: 0.0038 Qmax: 340", "Linear a: 1e9 b: 1")
    edited(response, ("Time: 0.02", "Time: 1"))
    result = nftsim("-i", "small.conf", "-o", "x.output")
    assert (result.code, result.files) == (1, set())
    assert "diverged at t = " in result.err[-1]


def test_as_a_process_into_a_pipe(folder: Path) -> None:
    command = f"set -o pipefail; {sys.executable} -m nftsim -v -i small.conf | head -n 1"
    found = subprocess.run(
        ["bash", "-c", command],
        cwd=folder, capture_output=True, text=True, check=False, timeout=120,
        env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"},
    )  # fmt: skip
    assert found.stderr == ""
    assert found.stdout == (folder / "small.conf").read_text().splitlines()[0] + "\n"
