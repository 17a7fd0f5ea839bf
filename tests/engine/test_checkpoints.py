"""Runs that are cut off at any moment go on, and end in the same file to the byte."""

from __future__ import annotations

import os
import random
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from tqdm import tqdm

from nftsim import provenance
from nftsim.cli import main
from nftsim.engine import checkpoints
from nftsim.engine.simulate import file_sink, run_members, run_to_file
from nftsim.errors import NftsimError, SimulationError
from nftsim.io import alone
from nftsim.io.checkpoint import Place
from nftsim.io.journal import Journal, restore
from nftsim.model import Model, load_model

#: Output often enough that chunks of the file are not full at checkpoints.
SHORT = {"nodes": 144, "time": 0.6, "output.start": 0, "output.interval": 1e-3}
EVERY = 1000


@pytest.fixture(scope="module")
def model() -> Model:
    return load_model("eirs-wake", SHORT)


@pytest.fixture(autouse=True)
def _same_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files say when they were started; apart from that they are to be the same bytes."""
    told = provenance.provenance() | {"started": "then"}
    monkeypatch.setattr("nftsim.io.writer.provenance", lambda: told)
    # so that there are several chunks, after which a run may be cut off
    monkeypatch.setattr("nftsim.engine.advance.CHUNK_WORK", 400_000)


class CutOffError(BaseException):
    """Stands for the end of a process, as nothing handles it."""


def cut_off_at(step: int) -> Callable[[int, int], None]:
    def progress(done: int, total: int) -> None:
        if done >= step:
            raise CutOffError

    return progress


def killed(model: Model, path: Path, step: int, **options: Any) -> None:
    """Run in a process of its own, which is killed after some step as by power loss."""
    child = os.fork()
    if child == 0:
        try:
            run_to_file(
                model,
                path,
                progress=lambda done, _: os._exit(9) if done >= step else None,
                **options,
            )
        finally:
            os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9


FORMS = {
    "plain": {},
    "compressed": {"compress": "gzip"},
    "single": {"single": True},
    "text": {},
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("rng", ["counter", "nftsim"])
def test_a_killed_run_ends_in_the_same_bytes(
    model: Model, tmp_path: Path, form: str, rng: str
) -> None:
    name = "run.output" if form == "text" else "run.h5"
    whole, cut = tmp_path / "whole" / name, tmp_path / "cut" / name
    whole.parent.mkdir()
    cut.parent.mkdir()
    how = {"checkpoint": EVERY, "rng": rng, **FORMS[form]}
    run_to_file(model, whole, **how)
    for step in (1500, 2200, 4300):
        killed(model, cut, step, **how)
        assert Place(cut).checkpoint.exists()
        assert Place(cut).lock.path.exists()
        assert not cut.exists()
    made: list[int] = []
    run_to_file(model, cut, progress=lambda done, _: made.append(done), **how)
    # what it goes on from is no more than an interval (and a chunk) back
    assert made[0] > 4300 - EVERY
    assert cut.read_bytes() == whole.read_bytes()
    assert [p.name for p in cut.parent.iterdir()] == [name]
    # and no byte depends on when checkpoints are made, or whether
    for every in (0, "0.02s", 700):
        other = tmp_path / str(every) / name
        other.parent.mkdir()
        run_to_file(model, other, **how | {"checkpoint": every})
        assert other.read_bytes() == whole.read_bytes()


def test_the_command_says_from_where_it_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "run.h5"
    words = [f"--set={name}={value}" for name, value in SHORT.items()]
    command = ["run", "eirs-wake", "-o", str(path), *words]
    model = load_model("eirs-wake", SHORT)
    bars: list[dict[str, Any]] = []

    def bar(**how: Any) -> Any:
        bars.append(how)
        return tqdm(**how)

    monkeypatch.setattr("tqdm.tqdm", bar)
    killed(model, path, 4300, checkpoint=EVERY)
    assert main(command) == 0
    goes_on = rf"{path}: goes on at step (\d+) of 6000, t = [\d.]+ s \(checkpoint of "
    found = re.match(goes_on, capsys.readouterr().err)
    assert found is not None
    # steps of the earlier process do not count in the rate
    assert [(bar["initial"], bar["total"]) for bar in bars] == [(int(found[1]), 6000)]
    killed(model, path, 4300, checkpoint=EVERY)
    assert main([*command, "--quiet"]) == 0
    assert capsys.readouterr().err == ""


def test_members_go_on_together(model: Model, tmp_path: Path) -> None:
    def run(folder: Path, **options: Any) -> None:
        folder.mkdir(exist_ok=True)
        files = [folder / f"{seed}.h5" for seed in (1, 2, 3)]
        members = [{"model": model, "seed": int(path.stem), "target": path} for path in files]
        run_members(members, [file_sink(p) for p in files], checkpoint=EVERY, **options)

    run(tmp_path / "whole")
    with pytest.raises(CutOffError):
        run(tmp_path / "cut", progress=cut_off_at(3 * 2500))
    assert len(list((tmp_path / "cut").glob("*.checkpoint"))) == 3
    # one of the three lost its last checkpoint: it begins anew, by itself
    Place(tmp_path / "cut" / "2.h5").checkpoint.unlink()
    run(tmp_path / "cut")
    for seed in (1, 2, 3):
        cut, whole = (tmp_path / f / f"{seed}.h5" for f in ("cut", "whole"))
        assert cut.read_bytes() == whole.read_bytes()
    assert len(list((tmp_path / "cut").iterdir())) == 3


def test_only_the_same_run_goes_on(
    model: Model, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("WARNING", logger="nftsim")
    target = tmp_path / "run.h5"

    def cut() -> None:
        with pytest.raises(CutOffError):
            run_to_file(model, target, checkpoint=EVERY, progress=cut_off_at(2000))

    cut()
    changes: dict[str, dict[str, Any]] = {
        "seed '1' then, '2' now; give": {"seed": 2},
        "model 'Time: 0.6 Deltat: .*' then, 'Time: 0.3 Deltat: .*' now; give": {"duration": 0.3},
        "generator 'counter' then, 'nftsim' now": {"rng": "nftsim"},
        "form of the file; give": {"single": True},
    }
    for words, change in changes.items():
        with pytest.raises(NftsimError, match=f"another run, which differs in .*{words}"):
            run_to_file(model, target, resume=True, **change)
    assert Place(target).checkpoint.exists()
    made: list[int] = []
    note = lambda done, _: made.append(done)  # noqa: E731
    run_to_file(model, target, seed=2, progress=note)
    assert made[0] < EVERY
    assert "another run" in caplog.text
    assert [p.name for p in tmp_path.iterdir()] == ["run.h5"]
    cut()
    made.clear()
    run_to_file(model, target, resume=False, progress=note)
    assert made[0] < EVERY
    cut()
    run_to_file(model, target, single=True)
    with h5py.File(target) as file:
        assert file[str(model.output.traces[0])].dtype == np.float32


@pytest.mark.parametrize("harm", ["cut short", "other bytes", "empty", "no part", "short part"])
def test_a_damaged_checkpoint_is_not_used(
    model: Model, tmp_path: Path, harm: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("WARNING", logger="nftsim")
    whole, target = tmp_path / "whole.h5", tmp_path / "run.h5"
    run_to_file(model, whole, checkpoint=EVERY)
    with pytest.raises(CutOffError):
        run_to_file(model, target, checkpoint=EVERY, progress=cut_off_at(2000))
    place = Place(target)
    content = place.checkpoint.read_bytes()
    middle = len(content) // 2
    if harm == "cut short":
        place.checkpoint.write_bytes(content[:middle])
    elif harm == "other bytes":
        place.checkpoint.write_bytes(content[:middle] + b"\0\1\2" + content[middle + 3 :])
    elif harm == "empty":
        place.checkpoint.write_bytes(b"")
    elif harm == "no part":
        place.part.unlink()
    else:
        os.truncate(place.part, 100)
    run_to_file(model, target, checkpoint=EVERY)
    assert place.checkpoint.name in caplog.text
    assert target.read_bytes() == whole.read_bytes()


def test_a_run_that_is_told_to_stop_leaves_a_checkpoint(
    model: Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, target = tmp_path / "whole.h5", tmp_path / "run.h5"
    run_to_file(model, whole, checkpoint=0)

    def stopped(done: int, total: int) -> None:
        if done > 2000:
            raise KeyboardInterrupt

    # a short run is not worth it
    with pytest.raises(KeyboardInterrupt):
        run_to_file(model, target, progress=stopped)
    assert [p.name for p in tmp_path.iterdir()] == ["whole.h5"]
    monkeypatch.setattr(checkpoints, "WORTH", 0.0)
    with pytest.raises(KeyboardInterrupt):
        run_to_file(model, target, progress=stopped)
    made: list[int] = []
    run_to_file(model, target, progress=lambda done, _: made.append(done))
    assert made[0] > 2000
    assert target.read_bytes() == whole.read_bytes()


def test_a_run_that_diverges_leaves_nothing(tmp_path: Path) -> None:
    place = Place(tmp_path / "run.h5")
    sink = file_sink(place.target)(load_model("eirs-wake", SHORT), 5, {})
    with sink:
        sink.checkpoint("run", {}, {})
        assert place.checkpoint.exists()
        sink.__exit__(SimulationError, SimulationError("diverged"), None)
    assert list(tmp_path.iterdir()) == []


def test_two_processes_do_not_write_one_file(model: Model, tmp_path: Path) -> None:
    target = tmp_path / "run.h5"
    first = file_sink(target)(model, 5, {})
    with first, pytest.raises(NftsimError, match="another process"):
        file_sink(target)(model, 5, {})
    with pytest.raises(NftsimError, match="another process"), file_sink(target)(model, 5, {}):
        run_to_file(model, target)
    run_to_file(model, target, duration=0.05)


def test_files_whose_turn_has_not_come_are_kept_from_others(
    model: Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One run after the other in a process: it gives signs of life for all of them."""
    files = [tmp_path / f"{seed}.h5" for seed in (1, 2)]
    members = [{"model": model, "seed": int(f.stem), "target": f, "rng": "nftsim"} for f in files]
    monkeypatch.setattr(alone, "BEAT", 0.0)
    ages: list[float] = []

    def progress(done: int, total: int) -> None:
        for file in files:
            path = Place(file).lock.path
            ages.append(path.stat().st_mtime)
            os.utime(path, (1.0, 1.0))

    run_members(members, [file_sink(file) for file in files], progress=progress)
    assert len(ages) > 8
    assert min(ages) > 1.0


def test_who_waits_for_one_file_keeps_the_others(
    model: Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = [tmp_path / f"{seed}.h5" for seed in (1, 2)]
    members = [{"model": model, "seed": int(f.stem), "target": f} for f in files]
    monkeypatch.setattr(alone, "BEAT", 0.0)
    first, other = Place(files[0]).lock, Place(files[1]).lock
    other.acquire()
    waits = 0

    def wait(_: str) -> None:
        nonlocal waits
        waits += 1
        assert first.path.stat().st_mtime > 1.0
        os.utime(first.path, (1.0, 1.0))
        if waits == 3:
            other.release()

    run_members(members, [file_sink(file) for file in files], wait=wait)
    assert waits == 3


def test_who_has_lost_a_file_writes_nothing_more_into_it(model: Model, tmp_path: Path) -> None:
    """HDF5 holds back what it has been given, and writes it at the latest when it closes."""
    place = Place(tmp_path / "run.h5")
    trace = np.ones((1, *model.shape))
    sink = file_sink(place.target)(model, 5, {})
    with pytest.raises(NftsimError, match="taken over"), sink:  # noqa: PT012
        sink.checkpoint("run", {}, {})
        sink.write(np.zeros(5), [np.repeat(trace, 5, axis=0) for _ in model.output.traces])
        place.lock.path.unlink()  # and another machine has it now
        theirs = Place(place.target).lock
        theirs.acquire()
        place.part.write_bytes(b"theirs")
        sink.write(np.zeros(0), [trace[:0] for _ in model.output.traces])
    assert place.part.read_bytes() == b"theirs"
    assert place.checkpoint.exists()
    assert theirs.held


def test_a_name_that_cannot_be_given_is_an_error_of_ours(model: Model, tmp_path: Path) -> None:
    target = tmp_path / "run.h5"

    def in_the_way(done: int, total: int) -> None:
        target.mkdir(exist_ok=True)

    with pytest.raises(NftsimError, match=r"run\.h5: writing failed: Is a directory"):
        run_to_file(model, target, duration=0.01, progress=in_the_way)
    assert [p.name for p in tmp_path.iterdir()] == ["run.h5"]


def test_a_full_disk_keeps_the_checkpoint(
    model: Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, target = tmp_path / "whole.h5", tmp_path / "run.h5"
    run_to_file(model, whole, checkpoint=EVERY)
    with pytest.raises(CutOffError):
        run_to_file(model, target, checkpoint=EVERY, progress=cut_off_at(2000))
    saved = Place(target).checkpoint.read_bytes()

    def no_room(*args: Any) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as full:
        full.setattr(Journal, "keep", no_room)
        with pytest.raises(NftsimError, match="No space left.*goes on"):
            run_to_file(model, target, checkpoint=EVERY)
    assert Place(target).checkpoint.read_bytes() == saved
    run_to_file(model, target, checkpoint=EVERY)
    assert target.read_bytes() == whole.read_bytes()


def test_a_journal_puts_back_what_was_overwritten(tmp_path: Path) -> None:
    rng = random.Random(5)
    for case in range(100):
        path, book = tmp_path / f"{case}", tmp_path / f"{case}.journal"
        before = rng.randbytes(rng.randrange(0, 300))
        path.write_bytes(before)
        journal = Journal(book, len(before))
        content = bytearray(before)
        for _ in range(rng.randrange(1, 12)):
            start = rng.randrange(0, 320)
            data = rng.randbytes(rng.randrange(0, 80))
            missing = journal.missing(start, start + len(data))
            if missing:
                journal.keep([(a, bytes(content[a:b])) for a, b in missing])
            content[len(content) :] = bytes(max(0, start + len(data) - len(content)))
            content[start : start + len(data)] = data
            path.write_bytes(content)
        if book.exists():
            # a piece that was cut off in the writing belongs to a write that never was
            with book.open("ab") as file:
                file.write(rng.randbytes(rng.randrange(0, 40)))
        for _ in range(2):
            restore(path, book, len(before))
            assert path.read_bytes() == before


def test_what_a_torn_piece_is_followed_by_is_put_back_too(tmp_path: Path) -> None:
    """A disk was full or a process killed in the writing of a journal, and the run went on."""
    path, book = tmp_path / "run", tmp_path / "journal"
    path.write_bytes(b"0123456789")
    Journal(book, 10).keep([(0, b"01"), (2, b"23")])
    os.truncate(book, book.stat().st_size - 1)
    path.write_bytes(b"ab23456789")
    for _ in range(2):
        restore(path, book, 10)
        assert path.read_bytes() == b"0123456789"
        Journal(book, 10).keep([(5, b"567")])
        path.write_bytes(b"01234xyz89")


def test_a_checkpoint_does_not_outlive_its_part(model: Model, tmp_path: Path) -> None:
    """A run that was begun anew and cut off leaves no part that looks like the other's."""
    whole, target = tmp_path / "whole.h5", tmp_path / "run.h5"
    run_to_file(model, whole, checkpoint=0)
    for changes in ({"seed": 2}, {"resume": False}):
        with pytest.raises(CutOffError):
            run_to_file(model, target, checkpoint=EVERY, progress=cut_off_at(1500))
        killed(model, target, 5000, checkpoint=0, **changes)
        run_to_file(model, target)
        assert target.read_bytes() == whole.read_bytes()
        target.unlink()


def test_runs_killed_at_random_moments(tmp_path: Path) -> None:
    """Five kills of the command itself, wherever they hit."""
    rng = random.Random(3)
    command = [sys.executable, "-m", "nftsim", "run", "eirs-wake", "--checkpoint", "2000"]
    command += [f"--set={k}={v}" for k, v in {**SHORT, "time": 12.0}.items()]

    def numbers(path: Path) -> dict[str, Any]:
        with h5py.File(path) as file:
            return {k: v[()].tobytes() for k, v in file.items() if isinstance(v, h5py.Dataset)}

    whole, cut = tmp_path / "whole.h5", tmp_path / "cut.h5"
    start = time.monotonic()
    subprocess.run([*command, "-o", str(whole)], check=True)
    length = time.monotonic() - start
    kills = 0
    for _ in range(5):
        process = subprocess.Popen([*command, "-o", str(cut)])
        try:
            process.wait(timeout=rng.uniform(0.3, 1.0) * length / 2)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.wait()
            kills += 1
    assert kills >= 2
    subprocess.run([*command, "-o", str(cut)], check=True)
    assert numbers(cut) == numbers(whole)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["cut.h5", "whole.h5"]
