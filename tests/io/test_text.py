"""NFTsim's text output: to the byte, row by row, whole or not at all; and reading it."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nftsim.errors import ModelError, NftsimError
from nftsim.io.recording import Recording, is_text_run, read_text
from nftsim.io.text import TextWriter, blocks
from nftsim.model import Model, Output, Trace, parse_model

#: Written by NFTsim 1.1, from a model of our own with columns of every shape.
SHAPES = Path(__file__).parents[1] / "data" / "text-output.output"
REFERENCE = Path(__file__).parents[3] / "shared" / "reference" / "nftsim-tests"
RECORDED = [SHAPES, *sorted(REFERENCE.glob("*.output"))]


def written(model: Model, header: bytes, time: np.ndarray, values: list[np.ndarray]) -> bytes:
    stream = io.BytesIO()
    with TextWriter(stream, model, header) as writer:
        writer.write(time, values)
        writer.finish()
    return stream.getvalue()


def in_order(recording: Recording, model: Model) -> list[np.ndarray]:
    found = recording.traces(model)
    assert list(found) == list(model.output.traces)
    return [values for values, _ in found.values()]


@pytest.mark.parametrize("path", RECORDED, ids=lambda p: p.stem)
def test_what_nftsim_wrote_is_written_again_to_the_byte(path: Path) -> None:
    recording = read_text(path)
    model = recording.model
    again = written(model, recording.header, recording.time, in_order(recording, model))
    assert again == path.read_bytes()


def test_shapes_and_order_of_what_is_read() -> None:
    recording = read_text(SHAPES)
    model = recording.model
    found = recording.traces(model)
    assert {str(t): v.shape for t, (v, _) in found.items()} == {
        "pop.3.q": (3, 2),
        "pop.2.modtheta": (3, 2),
        "pop.2.htilde": (3, 2),
        "pop.1.q": (3, 2),
        "pop.1.v": (3, 2),
        "dendrite.4.beta": (3,),
        "dendrite.2.v": (3, 2),
        "propagator.4.phi": (3, 2),
        "propagator.1.phi": (3, 2),
        "coupling.3.nu": (3, 4, 2),
        "coupling.1.b": (3, 4, 2),
        "coupling.1.nutilde": (3, 4, 2),
        "coupling.1.nu": (3, 4, 2),
        "coupling.1.h": (3, 4, 2),
        "coupling.2.nu": (3, 2),
    }
    assert all(
        nodes == ((1,) if t.quantity == "beta" else (3, 1)) for t, (_, nodes) in found.items()
    )
    # to nodes 3 and 1, from nodes 1 to 4: rows of the file are to, columns from
    strengths, _ = found[Trace("coupling", 3, "nu")]
    expected = [[9e-4, 1e-4], [1e-3, 2e-4], [1.1e-3, 3e-4], [1.2e-3, 4e-4]]
    np.testing.assert_array_equal(strengths[0], expected)


def test_kinds_come_in_the_order_of_nftsim_whatever_the_order_asked_for() -> None:
    model = read_text(SHAPES).model
    backwards = tuple(reversed(model.output.traces))
    model = replace(model, output=replace(model.output, nodes=None, traces=backwards))
    names = [b.name for b in blocks(model)]
    assert names[:5] == ["Pop.1.V", "Pop.1.Q", "Pop.2.HTilde", "Pop.2.modtheta", "Pop.3.Q"]
    kinds = [name.split(".")[0] for name in names if not name.startswith("C.Matrix")]
    assert kinds == sorted(kinds, key=["Pop", "Dendrite", "Propagator", "Coupling"].index)
    # fields of a coupling with pairs take turns; its from-nodes are all nodes
    pairs = [name for name in names if name.startswith("C.Matrix.1.")]
    first = ["nu_Ca.1", "nu.1", "nutilde.1", "Ca.1", "nu_Ca.2"]
    assert pairs[:5] == [f"C.Matrix.1.{name}" for name in first]
    assert len(pairs) == 4 * model.nodes


@pytest.mark.parametrize("chunks", [[3], [1, 1, 1], [0, 2, 0, 1]])
def test_chunks_make_no_difference(chunks: list[int], tmp_path: Path) -> None:
    recording = read_text(SHAPES)
    model = recording.model
    values = in_order(recording, model)
    target, row = tmp_path / "run.output", 0
    with TextWriter(target, model, recording.header) as writer:
        for count in chunks:
            part = slice(row, row + count)
            writer.write(recording.time[part], [v[part] for v in values])
            row += count
            assert not target.exists()
        writer.finish()
    assert target.read_bytes() == SHAPES.read_bytes()
    assert [p.name for p in tmp_path.iterdir()] == ["run.output"]


def test_an_unfinished_file_is_removed(tmp_path: Path) -> None:
    model = read_text(SHAPES).model
    target = tmp_path / "run.output"
    target.write_text("older")

    def fail() -> None:
        with TextWriter(target, model):
            assert (tmp_path / "run.output.part").exists()
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()
    assert target.read_text() == "older"
    assert [p.name for p in tmp_path.iterdir()] == ["run.output"]


SMALLEST = """Time: 1 Deltat: 0.5
Nodes: 1
Connection matrix:
From: 1
To 1: 0
Population 1: one
Length: 1
Stimulus: Const - Mean: 1
Output: Node: All
Population: 1
"""


def rows_of(time: float, value: float) -> str:
    model = parse_model(SMALLEST, "smallest")
    text = written(model, b"", np.array([time]), [np.array([[value]])]).decode()
    return text.splitlines()[-1]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1.0, " 1.00000000000000e+00"),
        (-1.5e-300, "-1.50000000000000e-300"),
        (0.0, " 0.00000000000000e+00"),
        (-0.0, " -0.00000000000000e+00"),  # C++: not < 0, hence a space; then its own sign
        (float("nan"), "nan"),
        (float("-inf"), "-inf"),
        (1 / 3, " 3.33333333333333e-01"),
    ],
)
def test_signs_and_digits(value: float, text: str) -> None:
    assert rows_of(0.5, value) == f" 5.00000000000000e-01   {text}  "


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_numbers_survive_to_the_digits_written(value: float) -> None:
    assert float(rows_of(0.5, value).split()[1]) == float(f"{value:.14e}")


def test_the_model_stands_for_itself_without_a_header() -> None:
    model = parse_model(SMALLEST, "smallest")
    stream = io.BytesIO()
    with TextWriter(stream, model) as writer:
        writer.finish()
    text = stream.getvalue().decode()
    header, _, table = text.partition("\n=============================================\n\n")
    assert parse_model(header, "again") == model
    assert table == (
        "                 Time                 Pop.1.Q  \n"
        "                                            1  \n"
    )


@pytest.mark.parametrize("encoding", ["utf-8", "latin-1"])
def test_headers_keep_their_bytes(encoding: str, tmp_path: Path) -> None:
    header = f"Réticulaire\n{SMALLEST}".encode(encoding).replace(b"\n", b"\r\n")
    model = parse_model(SMALLEST, "smallest")
    target = tmp_path / "run.output"
    data = written(model, header, np.array([0.5]), [np.array([[1.0]])])
    target.write_bytes(data)
    recording = read_text(target)
    assert recording.header == header
    assert recording.text.startswith("Réticulaire")
    assert recording.model == replace(model, header="Réticulaire")


def test_a_rule_in_the_models_own_text_is_no_end(tmp_path: Path) -> None:
    header = b"=====\n\nTimes change\n=====\n" + SMALLEST.encode()
    target = tmp_path / "run.output"
    model = parse_model(SMALLEST, "smallest")
    target.write_bytes(written(model, header, np.array([0.5]), [np.array([[1.0]])]))
    assert read_text(target).header == header


def test_a_run_without_rows(tmp_path: Path) -> None:
    target = tmp_path / "run.output"
    target.write_bytes(written(parse_model(SMALLEST, "m"), SMALLEST.encode(), np.empty(0), []))
    recording = read_text(target)
    assert recording.time.shape == (0,)
    assert recording.traces(recording.model)[Trace("pop", 1, "q")][0].shape == (0, 1)


DAMAGE = {
    "no rule": (lambda b: b.replace(b"====", b"----"), "not NFTsim's text output"),
    "empty": (lambda b: b[:0], "not NFTsim's text output"),
    "cut in a row": (lambda b: b[:-30], "its last row has no end"),
    "cut in the names": (lambda b: b[: b.index(b"Pop.2.modtheta")], "names 2 columns, and"),
    "a word": (lambda b: b.replace(b" 7.69921823880753e+00", b" seven", 1), "could not convert"),
    "a number too few": (
        lambda b: b.replace(b" 7.69921823880753e+00", b"", 1),
        "number of columns",
    ),
    "other names": (lambda b: b.replace(b"Pop.1.V", b"Pop.1.W"), "column 'Pop.1.W' is of nothing"),
    "no such pair": (lambda b: b.replace(b"C.Matrix.3.nu.2", b"C.Matrix.2.nu.2"), "of nothing"),
    "no model": (lambda b: b.replace(b"Nodes: 4", b"Nudes: 4"), r"damaged.output:\d+: "),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_files_that_are_not_whole_are_refused_in_one_line(damage: str, tmp_path: Path) -> None:
    change, complaint = DAMAGE[damage]
    path = tmp_path / "damaged.output"
    path.write_bytes(change(SHAPES.read_bytes()))
    with pytest.raises(NftsimError, match=complaint) as caught:  # noqa: PT012
        recording = read_text(path)
        recording.traces(recording.model)
    assert "\n" not in str(caught.value)
    assert str(path) in str(caught.value) or isinstance(caught.value, ModelError)


def test_files_that_are_no_text_runs(tmp_path: Path) -> None:
    assert is_text_run(SHAPES)
    assert not is_text_run(tmp_path / "absent")
    assert not is_text_run(Path(__file__))
    with pytest.raises(NftsimError, match="no such file"):
        read_text(tmp_path / "absent.output")


def test_a_place_that_cannot_be_written(tmp_path: Path) -> None:
    model = parse_model(SMALLEST, "smallest")
    with pytest.raises(NftsimError, match="cannot be written: No such file"):
        TextWriter(tmp_path / "absent" / "run.output", model)
    full = Path("/dev/full").open("wb", buffering=0)  # noqa: SIM115
    with full, pytest.raises(NftsimError, match="writing failed: No space left on device"):
        TextWriter(full, model)


def test_output_of_nothing() -> None:
    model = replace(parse_model(SMALLEST, "smallest"), output=Output())
    assert written(model, b"", np.array([0.5]), []).endswith(b" 5.00000000000000e-01  \n")
