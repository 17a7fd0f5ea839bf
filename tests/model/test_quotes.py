"""Paths with spaces, commas and colons: in double quotes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import nftsim
from nftsim.errors import ModelError
from nftsim.model import Model, load_model, parse_model, to_conf
from nftsim.model.lexer import entries
from nftsim.model.overrides import override

from .conftest import SMALL, Edit

WHITE = "Stimulus: White - Onset: 0 Mean: 1 ASD: 1e-4"


def stimulus(model: Model) -> Any:
    return model.populations[1].stimuli[0]


def test_what_stands_in_quotes_is_one_value() -> None:
    text = 'File: "my data: 1, 2.npy" Interval: 1 Name: "a" b "c d'
    found = entries(text, 1, frozenset(), "f.conf")
    assert [(e.key, [t.text for t in e.values]) for e in found] == [
        ("File", ['"my data: 1, 2.npy"']),
        ("Interval", ["1"]),
        ("Name", ['"a"', "b", '"c', "d"]),  # the last quote is never closed
    ]
    assert found[0].values[0].unquoted == "my data: 1, 2.npy"
    assert [t.unquoted for t in found[2].values] == ["a", "b", '"c', "d"]
    assert all(t.number is None for t in found[0].values)


@pytest.fixture
def wave(tmp_path: Path) -> Path:
    folder = tmp_path / "a folder, with: marks"
    folder.mkdir()
    np.save(folder / "my data.npy", np.linspace(1, 2, 40))
    return folder / "my data.npy"


def test_a_quoted_path_is_read_run_and_written(edit: Edit, wave: Path, tmp_path: Path) -> None:
    conf = wave.parent / "model.conf"
    conf.write_text(edit((WHITE, 'Stimulus: Data - File: "my data.npy" Interval: 0.001')))
    model = load_model(conf)
    assert stimulus(model).file == str(wave.resolve())
    assert parse_model(to_conf(model)) == model
    run = nftsim.simulate(model, overrides={"output.traces": "pop.2.q"})
    np.testing.assert_allclose(run["pop.2.q"][:, 0, 0], 1 + np.arange(2, 21, 2) / 39, rtol=1e-12)
    for name in ("run.h5", "run.output"):  # the model in either is that of the run
        run.save(tmp_path / name)
        again = nftsim.read_run(tmp_path / name)
        assert stimulus(again.model) == stimulus(model)


def test_a_dataset_may_have_spaces_too(edit: Edit, tmp_path: Path) -> None:
    import h5py

    with h5py.File(tmp_path / "rates.h5", "w") as file:
        file["left thalamus/rate"] = np.ones(40)
    words = 'Data - File: rates.h5 Dataset: "left thalamus/rate" Interval: 0.001'
    model = parse_model(edit((WHITE, f"Stimulus: {words}")), str(tmp_path / "m.conf"))
    assert stimulus(model).dataset == "left thalamus/rate"
    assert parse_model(to_conf(model)) == model


@pytest.mark.parametrize("text", ["{}", '"{}"'])
def test_an_override_takes_it_with_or_without_quotes(wave: Path, edit: Edit, text: str) -> None:
    np.save(wave.parent / "other.npy", np.ones(40))
    stands = edit((WHITE, "Stimulus: Data - File: other.npy Interval: 0.001"))
    model = parse_model(stands, str(wave.parent / "m.conf"))
    changed = override(model, {"population.2.stimulus.file": text.format(wave)})
    assert stimulus(changed).file == str(wave.resolve())
    assert parse_model(to_conf(changed)) == changed


def test_plain_words_are_written_as_before() -> None:
    assert '"' not in to_conf(parse_model(SMALL))


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("File: my data.npy", "takes one path, found 'my data.npy'; write one with spaces in doub"),
        ('File: "my data.npy', "takes one path, found '\"my data.npy'; write one with spaces in"),
        ('File: "my data.npy"', "my data.npy: no such file; name a .npy or HDF5 file"),
        ('File: ""', "is no file; name a .npy or HDF5 file"),
        ('File: my"data".npy', "has a double quote, a line break or more than 248 characters"),
    ],
)
def test_bad_paths_are_one_line(edit: Edit, tmp_path: Path, words: str, message: str) -> None:
    text = edit((WHITE, f"Stimulus: Data - {words} Interval: 0.001"))
    (tmp_path / "m.conf").write_text(text)
    with pytest.raises(ModelError, match=message) as caught:
        load_model(tmp_path / "m.conf")
    assert "\n" not in str(caught.value)
