"""`nftsim plot`: every kind of picture of runs of every shape, and what it refuses."""

from __future__ import annotations

import re
import struct
import subprocess
import sys
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import h5py
import numpy as np
import pytest
from PIL import Image

from analysis import busy, plot
from analysis.figures import movie
from nftsim.cli import main
from nftsim.engine.simulate import run_to_file
from nftsim.model import load_model

#: Runs of the waking state, by name: what is changed of the model.
RUNS = {
    "square": {"nodes": 144, "time": 3.0},
    "rectangle": {"nodes": 96, "longside": 12, "time": 2.0},
    "strip": {"nodes": 24, "longside": 24, "time": 2.0},
    "one": {"nodes": 1, "time": 3.0},
    "some": {"nodes": 144, "time": 3.0, "output.node": "1,7,30"},
    "short": {"nodes": 144, "time": 0.015},
}
NO_PICTURE = {
    ("one", "frames"): "single node",
    ("one", "surface"): "single node",
    ("one", "movie"): "single node",
    ("one", "kw"): "single node, which has no wavenumber but 0",
    ("some", "frames"): "not there at all nodes",
    ("some", "surface"): "not there at all nodes",
    ("some", "movie"): "not there at all nodes",
    ("some", "kw"): "3 of 144 nodes",
    ("strip", "surface"): "a single row of nodes",
    ("short", "spectrogram"): "run for longer",
    ("short", "spectrum"): "too few for a spectrum",
    ("short", "frames"): "the same at all nodes",
    ("short", "surface"): "the same at all nodes",
    ("short", "movie"): "the same at all nodes",
    ("short", "kw"): "the same at all nodes",
}


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the runs, and with the pulses of `e-erps`."""
    folder = tmp_path_factory.mktemp("runs")
    for name, changes in RUNS.items():
        run_to_file(load_model("eirs-wake", {"output.start": 0, **changes}), folder / f"{name}.h5")
    pulses = {"nodes": 1024, "deltat": 2.0**-11, "time": 0.25, "output.interval": 2.0**-10}
    pulses |= {"population.2.stimulus.1.node": 500, "population.2.stimulus.2.node": 520}
    run_to_file(load_model("e-erps", pulses), folder / "pulses.h5")
    return folder


Draw = Callable[..., tuple[int, list[str], list[str]]]


@pytest.fixture
def draw(runs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys) -> Draw:
    """Return a function that plots a run: exit code, lines on stderr, files made.

    Of the lines there lack the last, that of what was written, which is checked, and those that
    repeat what guards have found amiss with the run.
    """
    monkeypatch.chdir(tmp_path)

    def call(run: str, kind: str, *more: str) -> tuple[int, list[str], list[str]]:
        before = set(tmp_path.iterdir())
        path = runs / f"{run}.h5"
        source = str(path) if path.exists() and not Path(f"{run}.h5").exists() else run
        code = main(["plot", source, "--kind", kind, *more])
        said = capsys.readouterr()
        assert said.out == ""
        made = sorted(p.name for p in set(tmp_path.iterdir()) - before)
        lines = said.err.splitlines()
        if code == 0:
            assert lines.pop().split("\r")[-1].strip().startswith(f"wrote {made[0]} (")
        return code, [line for line in lines if f"{run}.h5: " not in line or code], made

    return call


def _refused(result: tuple[int, list[str], list[str]]) -> str:
    code, (line,), made = result
    assert (code, made) == (2, [])
    return line


@pytest.mark.parametrize("kind", plot.KINDS)
@pytest.mark.parametrize("run", [*RUNS, "pulses"])
def test_every_kind_of_every_run_is_drawn_or_refused_with_the_reason(
    draw: Draw, run: str, kind: str
) -> None:
    result = draw(run, kind, *(("--frames", "5") if kind == "movie" else ()))
    if (run, kind) in NO_PICTURE:
        assert NO_PICTURE[run, kind] in _refused(result)
        return
    code, said, (name,) = result
    assert code == 0
    assert all(line.startswith("warning: ") for line in said)
    assert Path(name).stem == f"{run}-{kind}"
    assert Path(name).stat().st_size > 3000
    if name.endswith(".png"):
        with Image.open(name) as image:  # no wider than a page of the journal, at 300 dpi
            assert image.width <= 2251
            assert len(image.convert("L").getcolors(256) or ()) > 5  # something is drawn


@pytest.mark.parametrize("suffix", plot.PICTURES)
def test_the_suffix_is_the_format(draw: Draw, suffix: str) -> None:
    code, said, made = draw("pulses", "frames", "-o", f"waves.{suffix}")
    assert (code, said, made) == (0, [], [f"waves.{suffix}"])
    start = Path(made[0]).read_bytes()[:5]
    assert start.startswith({"png": b"\x89PNG", "pdf": b"%PDF", "svg": b"<?xml"}[suffix])


def test_the_same_picture_is_the_same_file(draw: Draw) -> None:
    for name in ("a.svg", "b.svg"):
        draw("pulses", "series", "-o", name)
    assert Path("a.svg").read_bytes() == Path("b.svg").read_bytes()


def test_series_of_several_traces_and_nodes(draw: Draw) -> None:
    more = ("--trace", "Propagator.1.phi", "--trace", "propagator.1.phi", "--node", "1,7")
    assert draw("some", "series", *more, "--stop", "1")[0] == 0


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # its reader's pipes
def test_mp4_has_the_frames_asked_for(draw: Draw) -> None:
    imageio_ffmpeg = pytest.importorskip("imageio_ffmpeg")
    code, said, (name,) = draw("pulses", "movie", "--frames", "12", "--rate", "10")
    assert (code, said, name) == (0, [], "pulses-movie.mp4")
    frames = imageio_ffmpeg.read_frames(name)
    about = next(frames)
    assert about["fps"] == 10
    pictures = list(frames)
    assert len(pictures) == 12
    assert pictures[3] != pictures[11]


def test_gif_shows_what_is_in_the_run(draw: Draw) -> None:
    code, said, (name,) = draw("pulses", "movie", "--frames", "7", "-o", "waves.gif")
    assert (code, said) == (0, [])
    with Image.open(name) as image:
        assert image.n_frames == 7
        assert image.info["duration"] == 40
        frames = []
        for i in range(7):
            image.seek(i)
            frames.append(np.asarray(image.convert("RGB")))
    assert all(np.ptp(a.astype(int) - b).max() > 100 for a, b in pairwise(frames))


def test_without_ffmpeg_movies_are_gifs(draw: Draw, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(movie, "find_spec", lambda _: None)
    code, said, made = draw("pulses", "movie", "--frames", "3")
    assert (code, said, made) == (0, [], ["pulses-movie.gif"])
    line = _refused(draw("pulses", "movie", "-o", "x.mp4"))
    assert line.startswith("x.mp4: mp4 needs imageio-ffmpeg. Run: pip install imageio-ffmpeg")


def test_a_movie_that_fails_leaves_nothing(draw: Draw, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*args: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(movie, "_write_gif", broken)
    assert "No space left" in _refused(draw("pulses", "movie", "-o", "x.gif"))


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("frames", "--trace", "propagator.1.phy"), "Did you mean 'propagator.1.phi'?"),
        (("serie",), "no kind 'serie'. Kinds: series, frames,"),
        (("serie",), "Did you mean 'series'?"),
        (("series", "--node", "999"), "is not there at node 999"),
        (("series", "--node", "one"), "--node one: whole numbers from 1"),
        (("series", "--node", "1,2,3,4,5,6,7,8,9"), "9 nodes in one panel"),
        (("frames", "--node", "3"), "--node is not for --kind frames, which takes --times"),
        (("frames", "--times", "0.1,9"), "no frame at 9 s. Its times are"),
        (("frames", "--times", "0.1", "--start", "0"), "leave out --start and --stop"),
        (("frames", "--start", "8"), "Its times are"),
        (("frames", "--trace", "a", "--trace", "b"), "shows one trace and 2 are named"),
        (("frames", "-o", "x.mp4"), "--kind frames writes .png, .pdf, .svg"),
        (("movie", "-o", "x.png"), "--kind movie writes .mp4, .gif"),
        (("movie", "--rate", "0"), "--rate 0 is no number to draw with"),
        (("spectrum", "--k0", "-1"), "--k0 -1; it is above 0, or 'none'"),
        (("spectrum", "--k0", "ten"), "--k0 ten: numbers"),
        (("kw", "--segment", "80"), "the record has"),
        (("spectrum", "--segment", "80"), "and a segment of 80 s is asked for"),
        (("kw", "--band", "45,1"), "give the lowest and the highest frequency"),
        (("spectrogram", "--node", "1,2"), "is of one node"),
        (("frames", "-o", "no/such/\0"), "cannot be"),
    ],
)
def test_a_mistake_is_one_line(draw: Draw, arguments: tuple[str, ...], words: str) -> None:
    assert words in _refused(draw("square", *arguments))


def test_files_that_are_no_runs(draw: Draw, tmp_path: Path, runs: Path) -> None:
    Path("foreign.h5").write_bytes(b"GIF89a" + struct.pack("d", 0.0))
    with h5py.File("other.h5", "w") as file:
        file["a"] = 1
    Path("cut.h5").write_bytes((runs / "square.h5").read_bytes()[:5000])
    for name, words in (
        ("foreign.h5", "is neither a run"),
        ("other.h5", "HDF5, but not a run"),
        ("cut.h5", "is truncated: it has 5000 of its "),
        ("absent.h5", "no such file"),
    ):
        for kind in plot.KINDS:
            assert words in _refused(draw(name, kind))


def test_a_schematic_of_a_model(draw: Draw) -> None:
    assert draw("bg-corticothalamic", "schematic")[2] == ["bg-corticothalamic-schematic.png"]
    assert "eirs-wake" in _refused(draw("eirs-wace", "schematic"))


def test_on_a_terminal_it_says_what_it_wrote(draw: Draw, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    assert draw("pulses", "movie", "--frames", "4")[0] == 0


def test_other_kinds_of_files_are_named(draw: Draw, tmp_path: Path, runs: Path) -> None:
    (tmp_path / "m.conf").write_text("Time: 1\n")
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "square.h5").write_bytes(b"")
    (tmp_path / "square.h5").write_bytes((runs / "square.h5").read_bytes())
    (tmp_path / "empty.h5").write_bytes(b"")
    (tmp_path / "wake.output").write_bytes(b"Time: 1\n=====\n\n  Time  Pop.1.Q\n        1\n")
    for name, words in (
        ("m.conf", "is a model, and this takes a run, written by 'nftsim run': nftsim run m.conf"),
        ("folder", "is a folder, and this takes a run, .*: name a file; in it are square.h5"),
        ("square", "no such file; this takes a run, .* Did you mean 'square.h5'?"),
        ("empty.h5", "is empty: .*; run it again"),
        ("wake.output", "is NFTsim's text output; .*: nftsim convert wake.output -o wake.h5"),
        ("no/such/run.h5", "no such file, and no folder no/such"),
        ("eirs-wake", "it is a model of the library, .*: nftsim run eirs-wake -o eirs-wake.h5"),
    ):
        line = _refused(draw(name, "frames"))
        assert re.search(words.replace("?", r"\?"), line), line


SLOW = "print(*{'scipy', 'matplotlib', 'pandas'} & {m.split('.')[0] for m in sys.modules})"


@pytest.mark.parametrize(
    "arguments",
    [
        ("plot", "{run}", "--kind", "series", "--trace", "propagator.9.phi"),
        ("plot", "{run}", "--kind", "movie", "--trace", "propagator.9.phi"),
        ("plot", "{run}", "--kind", "frames", "--times", "9"),
        ("plot", "{run}", "--kind", "spectrogram", "--node", "999"),
        ("plot", "{run}", "--kind", "kw", "--start", "9"),
        ("plot", "{run}", "--kind", "kw", "--band", "9,1"),
        ("plot", "no.h5", "--kind", "spectrum"),
        ("plot", "no.conf", "--kind", "schematic"),
        ("view", "{run}", "--trace", "propagator.9.phi"),
        ("view", "{run}", "-o", "x.txt"),
        ("view", "no.h5"),
        ("view", "{run}", "-o", "no/such/x.html"),
        ("plot", "{run}", "--kind", "series", "-o", "no/such/x.png"),
        ("spectrum", "eirs-wake", "--trace", "propagator.1.fi"),
        ("respond", "eirs-wake", "--trace", "propagator.1.fi"),
        ("study", "eirs-wace", "-o", "x"),
        ("study", "eirs-wake", "-o", "no/such"),
        ("study", "eirs-wake", "-o", "x", "--trace", "propagator.1.fi"),
        ("study", "eirs-wake", "-o", "x", "--seeds", "1,1"),
        ("python -m analysis", "no.h5"),
        ("python -m analysis", "{run}", "--segment", "0.01", "--trace", "propagator.9.phi"),
        ("python -m analysis", "{run}", "--segment", "0.01", "--json", "no/such/x.json"),
    ],
)
def test_mistakes_are_told_before_anything_slow_is_imported(
    runs: Path, arguments: tuple[str, ...], root: Path
) -> None:
    words = [word.format(run=runs / "square.h5") for word in arguments]
    place = "nftsim.cli"
    if words[0] == "python -m analysis":
        place, words = "analysis.__main__", words[1:]
    code = f"import sys; from {place} import main; code = main({words!r}); {SLOW}; sys.exit(code)"
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True)
    assert (done.returncode, done.stdout.strip(), done.stderr.count("\n")) == (2, "", 1)


def test_a_folder_that_is_not_there_is_refused_as_by_run(draw: Draw) -> None:
    line = _refused(draw("pulses", "series", "-o", "missing/x.png"))
    assert line == "missing/x.png: the folder missing does not exist; create it first"


def test_the_help_names_every_kind_and_option(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["plot", "--help"])
    assert ended.value.code == 0
    text = capsys.readouterr().out
    for name, kind in plot.KINDS.items():
        assert f"\n  {name} " in text
        assert f"--kind {name}" in text  # an example of each
        assert all(f"--{option} " in text for option in kind.takes)


def test_who_waits_at_a_terminal_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(busy, "PATIENCE", 0.01)
    for terminal in (False, True):
        monkeypatch.setattr("sys.stderr.isatty", lambda terminal=terminal: terminal)
        with busy.busy("drawing x.png"):
            time.sleep(0.1)
        said = capsys.readouterr().err
        assert ("\rdrawing x.png: 0 s" in said) == terminal
    assert said.split("\r")[-2].strip() == ""  # it is wiped out
