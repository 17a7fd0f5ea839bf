"""What a job does when it is told to stop, meets another, or finds what one before it has left."""

from __future__ import annotations

import fcntl
import logging
import os
import platform
import resource
import shutil
import signal
import subprocess
import sys
import time
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psutil
import pytest

from nftsim.engine import checkpoints
from nftsim.errors import NftsimError
from nftsim.io.alone import Lock
from nftsim.io.checkpoint import Place
from nftsim.io.hdf5 import open_run
from nftsim.model import Model, load_model
from workflow.lib import cutoff, jobs
from workflow.lib.jobs import job, running
from workflow.lib.publishing import making, publish, tidy
from workflow.lib.runs import run_seeds

SMALL = {"nodes": 1, "time": 4.0, "output.start": 0, "output.interval": 1e-3}
RUNS = [f"results/noise/{seed}/main.h5" for seed in (1, 2)]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in a folder of one's own, in chunks after which a run may end."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("nftsim.engine.advance.CHUNK_WORK", 4000)
    monkeypatch.setattr(checkpoints, "WORTH", 0.0)
    for run in RUNS:
        (Path(run).parent / "logs").mkdir(parents=True)
    return tmp_path


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    """Logging is the process's; a job sets it up anew."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    for handler in root.handlers:
        if handler not in handlers:
            handler.close()
    root.handlers[:] = handlers
    root.setLevel(level)
    logging.captureWarnings(capture=False)


@pytest.fixture
def model() -> Model:
    return load_model("eirs-wake", SMALL)


def snakemake(**config: Any) -> Any:
    """Return what a script gets."""
    return SimpleNamespace(
        rule="simulate", wildcards=[], log=["job.log"], input=[], threads=1, config=config
    )


HOW: dict[str, Any] = {"threads": 1, "checkpoint": 5000}


def made_anew(model: Model, runs: list[str]) -> list[int]:
    """Make runs; return the steps that were made, one number for each chunk."""
    steps: list[int] = []
    how = {**HOW, "progress": lambda done, _: steps.append(done)}
    publish(run_seeds(model, runs, how=how), runs)
    return steps[1:]  # the first says where it begins


def test_a_job_that_is_started_again_finds_its_runs(model: Model) -> None:
    assert made_anew(model, RUNS)
    before = [Path(run).read_bytes() for run in RUNS]
    # as Snakemake does if it has not seen the job succeed
    for run in RUNS:
        Path(run).unlink()
    assert made_anew(model, RUNS) == []
    assert [Path(run).read_bytes() for run in RUNS] == before
    # another length is another run
    longer = load_model("eirs-wake", {**SMALL, "time": 4.5})
    assert made_anew(longer, RUNS)[-1] == 2 * 45000


def test_one_of_two_runs_that_is_done_is_not_made_again(model: Model) -> None:
    made_anew(model, RUNS[:1])
    assert made_anew(model, RUNS)[-1] == 40000


def test_a_run_that_was_damaged_in_waiting_is_made_again(
    model: Model, caplog: pytest.LogCaptureFixture
) -> None:
    made_anew(model, RUNS[:1])
    whole = Path(RUNS[0]).read_bytes()
    with open_run(RUNS[0]) as file:
        place = file.dataset(file.traces[0]).id.get_chunk_info(0).byte_offset
    with making(RUNS[0]).open("r+b") as damaged:
        damaged.seek(place)
        damaged.write(b"\0\0\0\0\0")
    with pytest.raises(NftsimError, match="damaged"), open_run(RUNS[0]) as file:
        file.read_through()
    assert made_anew(model, RUNS[:1])[-1] == 40000
    assert "it is made anew" in caplog.text
    assert len(Path(RUNS[0]).read_bytes()) == len(whole)
    with open_run(RUNS[0]) as file:
        file.read_through()


def test_names_are_tidied_once_snakemake_has_seen_the_job_succeed(
    model: Model, tmp_path: Path
) -> None:
    made_anew(model, RUNS)
    notes = Path(".snakemake/incomplete")
    notes.mkdir(parents=True)
    code = urlsafe_b64encode(RUNS[1].encode()).decode()
    (notes / code).touch()
    tidy()
    assert not making(RUNS[0]).exists()
    assert making(RUNS[1]).exists()
    # long names are noted in parts
    (notes / code).unlink()
    (notes / f"@{code[:8]}").mkdir()
    (notes / f"@{code[:8]}" / code[8:]).touch()
    tidy()
    assert making(RUNS[1]).exists()
    (notes / f"@{code[:8]}" / code[8:]).unlink()
    # a run that another process makes is left alone
    lock = Lock(making(RUNS[1]))
    lock.acquire()
    tidy()
    assert making(RUNS[1]).exists()
    lock.release()
    tidy()
    assert not Path("results/noise/making").exists()
    assert all(Path(run).exists() for run in RUNS)


def test_what_is_cut_off_is_not_tidied(model: Model) -> None:
    place = cut_off(model)
    tidy()
    assert place.checkpoint.exists()
    # but it is when there is such a run after all
    Path(RUNS[0]).touch()
    tidy()
    assert not Path("results/noise/making").exists()


def cut_off(model: Model) -> Place:
    """Leave a run of which there is a checkpoint, as one that was killed does."""

    def kill(done: int, total: int) -> None:
        if done > 12000:
            os._exit(9)

    child = os.fork()
    if child == 0:
        run_seeds(model, RUNS[:1], how={**HOW, "progress": kill})
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9
    place = Place(making(RUNS[0]))
    assert place.checkpoint.exists()
    return place


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_job_that_is_told_to_stop_leaves_a_checkpoint(model: Model, number: int) -> None:
    def stop(how: dict[str, Any]) -> dict[str, Any]:
        def progress(done: int, total: int) -> None:
            if done > 0:
                os.kill(os.getpid(), number)
            how["progress"](done, total)

        return {**how, "progress": progress}

    with (
        pytest.raises(SystemExit) as end,
        job(snakemake()) as log,
        running(snakemake(checkpoint="60s"), log) as how,
    ):
        run_seeds(model, RUNS[:1], how=stop(how))
    assert end.value.code == 128 + number
    assert signal.getsignal(signal.SIGTERM) == signal.SIG_DFL
    assert "the same command goes on" in Path("job.log").read_text()
    assert Place(making(RUNS[0])).checkpoint.exists()
    assert not Place(making(RUNS[0])).lock.path.exists()
    saved = Place(making(RUNS[0])).saved()
    assert saved is not None
    # the first chunk of a run that begins anew would end there
    assert made_anew(model, RUNS[:1])[0] > saved.facts["step"] > 0


def test_a_job_notices_that_its_snakemake_is_gone(
    model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    parent = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    monkeypatch.setattr(jobs, "_snakemake", lambda: psutil.Process(parent.pid))
    with (  # noqa: PT012  the end comes in the middle of a job
        pytest.raises(SystemExit) as end,
        job(snakemake()) as log,
        running(snakemake(), log) as how,
    ):
        how["progress"](1, 10)
        parent.kill()
        # its own parent need not have taken note
        os.waitid(os.P_PID, parent.pid, os.WEXITED | os.WNOWAIT)
        run_seeds(model, RUNS[:1], how=how)
    parent.wait()
    assert end.value.code == 3
    assert f"(process {parent.pid}) is gone" in Path("job.log").read_text()
    assert parent.stdin is not None
    parent.stdin.close()
    assert Place(making(RUNS[0])).checkpoint.exists()


def test_the_snakemake_of_a_job_is_found() -> None:
    assert jobs._snakemake() is None
    script = (
        "import subprocess, sys\n"
        "inner = 'from workflow.lib.jobs import _snakemake; print(_snakemake().pid)'\n"
        "subprocess.run(['bash', '-c', f'{sys.executable} -c \"{inner}\"; true'])\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", script, "/bin/snakemake"],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[2])},
    )
    assert process.communicate()[0] == f"{process.pid}\n"


def test_a_job_waits_for_one_that_makes_the_same_run_and_goes_on_from_it(
    model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As the job of a Snakemake that was killed, which lives on."""
    child = os.fork()
    if child == 0:
        slow = lambda done, _: time.sleep(0.2) if done < 20000 else os._exit(0)  # noqa: E731
        run_seeds(model, RUNS[:1], how={**HOW, "progress": slow})
    lock = Place(making(RUNS[0])).lock
    while not lock.path.exists():
        time.sleep(0.01)
    first: list[int] = []
    with job(snakemake()) as log, running(snakemake(), log) as how:
        again = {**how, "progress": lambda done, _: first.append(done)}
        publish(run_seeds(model, RUNS[:1], how=again), RUNS[:1])
    os.waitpid(child, 0)
    assert first[0] > 15000
    said = Path("job.log").read_text()
    assert said.count(f"waiting for process {child} on {platform.node()}") == 1


def test_a_full_disk_stops_a_job_with_a_word_and_it_goes_on_when_there_is_room(
    model: Model, capfd: pytest.CaptureFixture[str]
) -> None:
    wide = load_model("eirs-wake", {**SMALL, "output.interval": 2e-4})
    made_anew(wide, RUNS[:1])
    whole = Path(RUNS[0]).read_bytes()
    Path(RUNS[0]).unlink()
    making(RUNS[0]).unlink()
    most = 250_000
    assert len(whole) > most
    child = os.fork()
    if child == 0:
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
        try:
            with job(snakemake()) as log, running(snakemake(checkpoint=5000), log) as how:
                run_seeds(wide, RUNS[:1], how=how)
        except SystemExit as end:
            os._exit(int(str(end.code)))
        os._exit(9)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 2
    said = capfd.readouterr().err
    assert "File too large; make room, or the same command then goes on" in said
    assert "Traceback" not in said
    place = Place(making(RUNS[0]))
    saved = place.saved()
    assert saved is not None
    assert made_anew(wide, RUNS[:1])[0] > saved.facts["step"]
    assert _same(Path(RUNS[0]).read_bytes(), whole)
    tidy()
    assert not Path("results/noise/making").exists()


def _same(ours: bytes, theirs: bytes) -> bool:
    """Compare two files that say when they were started."""
    return len(ours) == len(theirs) and sum(a != b for a, b in zip(ours, theirs, strict=True)) < 64


@pytest.mark.parametrize("harm", ["empty", "cut short", "flipped"])
def test_a_damaged_input_is_named_with_what_to_do(model: Model, harm: str) -> None:
    made_anew(model, RUNS[:1])
    tidy()
    content = Path(RUNS[0]).read_bytes()
    with open_run(RUNS[0]) as file:
        group = file._file["state"]
        place = group[max(group, key=lambda n: group[n].size)].id.get_chunk_info(0).byte_offset
    flipped = content[:place] + bytes([content[place] ^ 4]) + content[place + 1 :]
    damaged = {"empty": b"", "cut short": content[: len(content) // 2], "flipped": flipped}[harm]
    Path(RUNS[0]).write_bytes(damaged)
    given = snakemake()
    given.input = [RUNS[0]]
    with pytest.raises(SystemExit) as end, job(given) as log, running(given, log) as how:
        run_seeds(model, RUNS[1:], how=how, initial=RUNS[:1])
    assert end.value.code == 2
    said = Path("job.log").read_text()
    assert f"ERROR {RUNS[0]}: is" in said
    assert f"(rm {RUNS[0]}; then run snakemake again)" in said
    assert "Traceback" not in said


class TestLocksOfSnakemake:
    """The lock on the folder of a Snakemake that was killed."""

    @pytest.fixture(autouse=True)
    def _locked(self) -> Iterator[None]:
        Path(".snakemake/locks").mkdir(parents=True)
        Path(".snakemake/locks/0.input.lock").touch()
        yield
        while cutoff._alive:
            os.close(cutoff._alive.pop())

    @staticmethod
    def take_over(*, main: bool = True) -> bool:
        cutoff.take_over(SimpleNamespace(is_main_process=main))
        return not Path(".snakemake/locks").exists()

    def test_it_is_removed(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert self.take_over()
        assert "was killed; its lock is removed" in capsys.readouterr().err
        assert Path(".snakemake/alive").read_text() == platform.node()

    def test_not_by_its_own_jobs(self) -> None:
        assert not self.take_over(main=False)

    def test_not_where_another_one_lives(self) -> None:
        with Path(".snakemake/alive").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_SH)
            assert not self.take_over()

    def test_not_of_another_machine(self) -> None:
        Path(".snakemake/alive").write_text("another-machine")
        assert not self.take_over()
        os.close(cutoff._alive.pop())
        # nor the second time
        assert not self.take_over()
        os.close(cutoff._alive.pop())
        shutil.rmtree(".snakemake/locks")
        self.take_over()
        assert Path(".snakemake/alive").read_text() == platform.node()

    @pytest.mark.parametrize("content", [b"", bytes(30)], ids=["empty", "zeros"])
    def test_after_a_loss_of_power(self, content: bytes) -> None:
        Path(".snakemake/alive").write_bytes(content)
        assert self.take_over()

    def test_bytes_that_are_no_name_are_no_error(self) -> None:
        Path(".snakemake/alive").write_bytes(b"\xff\xfe")
        assert not self.take_over()

    def test_where_it_cannot_be_removed_nobody_is_kept_waiting(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def not_ours(*given: object) -> None:
            raise PermissionError(13, "Permission denied")

        monkeypatch.setattr(cutoff.shutil, "rmtree", not_ours)
        assert not self.take_over()
        with Path(".snakemake/alive").open("r+") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)

    def test_whoever_has_come_lives(self) -> None:
        assert self.take_over()
        with (
            Path(".snakemake/alive").open("r+") as file,
            pytest.raises(BlockingIOError),
        ):
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
