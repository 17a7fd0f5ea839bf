"""What derived results say of their making, and that it is read back from all kinds of files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import h5py
import pytest

from analysis.agreement import write_comparison
from analysis.comparison import Comparison, read_comparison
from analysis.figures import style
from analysis.provenance import made, write_made
from nftsim.api import simulate
from nftsim.cli import main
from nftsim.engine.simulate import run_to_file
from nftsim.model import load_model
from nftsim.origin import KEY, described, lines, origin, origin_of, to_text
from nftsim.provenance import code_digest

#: Words that mean something in one format or another.
AWKWARD = {"trace": "φ (é) \\ \n <b>&amp;'\"", "k0": None, "segment": 4.0}


@pytest.fixture
def runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in a folder with a run that has been made twice, at different times."""
    monkeypatch.chdir(tmp_path)
    model = load_model("eirs-wake", {"nodes": 1, "time": 0.05, "output.start": 0})
    for name in ("one.h5", "two.h5"):
        run_to_file(model, name, seed=7)
    with h5py.File("two.h5", "a") as file:
        file.attrs["started"] = "2001-01-01T00:00:00+00:00"
    return tmp_path


def test_it_has_code_packages_machine_settings_and_inputs_but_no_date(runs: Path) -> None:
    found = made(["one.h5"], AWKWARD, rule_digest="abc")
    assert set(found) == {
        "nftsim_version", "source_digest", "analysis_digest", "rule_digest", "packages", "python",
        "machine", "cpu", "settings", "inputs",
    }  # fmt: skip
    assert found["source_digest"] == code_digest()
    assert found["analysis_digest"] != code_digest()
    assert {word.partition("=")[0] for word in found["packages"].split()} >= {"numpy", "matplotlib"}
    assert found["settings"] == AWKWARD
    assert found == made([runs / "one.h5"], AWKWARD, rule_digest="abc")


def test_a_run_is_named_by_what_it_is_and_not_by_when_it_was_made(runs: Path) -> None:
    one, two = described("one.h5"), described("two.h5")
    assert one.pop("file") == "one.h5"
    assert two.pop("file") == "two.h5"
    assert one == two
    assert one["seed"] == 7
    with h5py.File("one.h5") as file:
        assert one["run"] == file.attrs["run"]
    other = simulate("eirs-wake", overrides={"nodes": 1}, duration=0.05, seed=8)
    other.save("three.h5")
    assert described("three.h5")["run"] != one["run"]


def test_other_files_are_named_by_their_content_and_absolute_paths_by_their_end(
    tmp_path: Path,
) -> None:
    for name, text in (("a.conf", "x"), ("b.conf", "x"), ("c.conf", "y")):
        (tmp_path / name).write_text(text)
    a, b, c = (described(tmp_path / name) for name in ("a.conf", "b.conf", "c.conf"))
    assert a["file"] == "a.conf"
    assert a["sha256"] == b["sha256"] != c["sha256"]
    assert described(tmp_path / "none.conf") == {"file": "none.conf"}
    (tmp_path / "cut.h5").write_bytes(b"\x89HDF\r\n\x1a\n\0\0")
    assert described(tmp_path / "cut.h5") == {"file": "cut.h5"}
    assert origin(settings={"model": tmp_path / "a.conf"})["settings"] == {"model": "a.conf"}


def _write(kind: str, path: Path, told: dict[str, Any]) -> Path:
    """Write a result of a kind as its writer does."""
    if kind == "h5":
        with h5py.File(path, "w") as file:
            file.attrs[KEY] = to_text(told)
    elif kind == "json":
        nothing = Comparison((), "agree", 0.0, 0.0)
        write_comparison(nothing, path, path.with_suffix(".csv"), told)
        assert read_comparison(path) == nothing
    elif kind == "csv":
        path.write_text("a,b\n")
        write_made(path.with_suffix(".json"), told)
    else:
        figure = style.figure(4, 3)
        figure.add_subplot().plot([1, 2])
        style.write(figure, path, told)
    return path


@pytest.mark.parametrize("kind", ["h5", "json", "csv", "png", "pdf", "svg"])
def test_it_is_read_back_from_every_kind_of_file_and_made_again_to_the_byte(
    tmp_path: Path, kind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    told = made(settings=AWKWARD)
    path = _write(kind, tmp_path / f"one.{kind}", told)
    assert origin_of(path) == told
    if kind != "h5":  # which has times of its own
        assert _write(kind, tmp_path / f"two.{kind}", told).read_bytes() == path.read_bytes()
    assert main(["info", str(path)]) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[0] == f"{path}: result"
    assert f"source_digest: {code_digest()}" in said
    assert "setting segment: 4.0" in said
    assert main(["info", str(path), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)[KEY] == told


def test_info_names_what_a_result_was_made_of(
    runs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    del runs
    _write("png", Path("wake.png"), made(["one.h5"]))
    assert main(["info", "wake.png"]) == 0
    assert f"from one.h5 (run {described('one.h5')['run']}, seed 7)" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.json", b"[1, 2]"),
        ("a.json", b'{"provenance": 5}'),
        ("a.json", b"[" * 100_000),
        ("a.json", b"{"),
        ("a.png", b"\x89PNG\r\n\x1a\n\xff\xff\xff\xfftEXt"),
        ("a.png", b"\x89PNG\r\n\x1a\n\0\0\0\x10tEXtDescription\0{]"),
        ("a.pdf", b"%PDF-1.4 /Subject (no end"),
        ("a.svg", b"<dc:description>\xff</dc:description>"),
        ("a.csv", b"a,b\n"),
    ],
)
def test_what_says_nothing_of_it_is_refused_in_one_line(
    tmp_path: Path, name: str, content: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    assert origin_of(path) is None
    assert main(["info", str(path)]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("\n") == 1
    assert "neither a run" in captured.err


def test_lines_of_a_stranger_s_file_do_not_fail() -> None:
    assert list(lines({"settings": 1, "inputs": [2, {}], "python": None})) == [
        "python: None",
        "from ?",
    ]


def test_commands_say_it_in_their_json(capsys: pytest.CaptureFixture[str]) -> None:
    command = ["steady", "ei", "--set", "nodes=1", "--set", "longside=1", "--json"]
    assert main(command) == 0
    found = json.loads(capsys.readouterr().out)[KEY]
    assert found["settings"] == {"set": ["nodes=1", "longside=1"]}
    assert found["inputs"][0]["file"] == "ei"
    assert len(found["inputs"][0]["sha256"]) == 16
    assert main(command) == 0
    assert json.loads(capsys.readouterr().out)[KEY] == found
