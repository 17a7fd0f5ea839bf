"""One process alone makes a file, and the lock of a dead one keeps nobody from it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import asdict
from pathlib import Path

import psutil
import pytest

from nftsim.errors import NftsimError
from nftsim.io import alone
from nftsim.io.alone import PATIENCE, Holder, Lock

HOLD = """
import sys, time
from pathlib import Path
from nftsim.io.alone import Lock
lock = Lock(Path(sys.argv[1]))
lock.acquire()
print("has it", flush=True)
time.sleep(60)
"""


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "run.h5"


def sign(lock: Lock, holder: Holder, age: float = 0.0) -> None:
    """Leave a lock as somebody else would."""
    lock.path.write_text(json.dumps(asdict(holder)))
    then = time.time() - age
    os.utime(lock.path, (then, then))


def no_locks(file: int) -> None:
    """Stand for a file system that has none."""


def elsewhere() -> Holder:
    return Holder("another-machine", 4711, 1.0)


def test_the_lock_is_there_while_it_is_held(target: Path) -> None:
    lock = Lock(target)
    assert not lock.held
    lock.acquire()
    assert lock.held
    assert Holder.read(lock.path) == Holder.ourselves()
    lock.release()
    assert not lock.held
    assert list(target.parent.iterdir()) == []


def test_another_process_that_lives_is_named_and_a_dead_one_is_not_in_the_way(
    target: Path,
) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(target)], stdout=subprocess.PIPE, text=True
    )
    lock = Lock(target)
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "has it\n"
        with pytest.raises(NftsimError) as error:
            lock.acquire()
        assert f"(process {process.pid} on {os.uname().nodename})" in str(error.value)
        assert str(target) in str(error.value)
        waits: list[str] = []

        def wait(other: str) -> None:
            waits.append(other)
            if len(waits) == 2:
                process.kill()
                process.wait()

        lock.acquire(wait)
        assert lock.held
        assert len(waits) >= 2
        assert str(process.pid) in waits[0]
        lock.release()
    finally:
        process.kill()
        process.communicate()
    assert list(target.parent.iterdir()) == []


@pytest.mark.parametrize("content", ["", "{", '{"host": 1}', "\0\0"])
def test_a_lock_that_nobody_signed_is_free(target: Path, content: str) -> None:
    lock = Lock(target)
    lock.path.write_text(content)
    lock.acquire()
    assert Holder.read(lock.path) == Holder.ourselves()


def test_another_machine_keeps_it_as_long_as_it_gives_signs_of_life(
    target: Path, caplog: pytest.LogCaptureFixture
) -> None:
    lock = Lock(target)
    sign(lock, elsewhere(), age=PATIENCE - 30)
    with pytest.raises(NftsimError, match="process 4711 on another-machine"):
        lock.acquire()
    sign(lock, elsewhere(), age=PATIENCE + 30)
    lock.acquire()
    assert "process 4711 on another-machine is gone" in caplog.text
    lock.release()


def test_one_that_comes_back_notices_that_it_has_lost_it(
    target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As one on another machine that was stopped for long; here locks do not reach each other."""
    monkeypatch.setattr(alone, "_locked", no_locks)
    monkeypatch.setattr(alone, "LOOK", 0.0)
    first, second = Lock(target), Lock(target)
    first.acquire()
    first.require()
    sign(first, elsewhere(), age=PATIENCE + 30)
    second.acquire()
    for action in (first.require, lambda: first.beat() if _overdue(first) else None):
        with pytest.raises(NftsimError, match="has been taken over by process"):
            action()
    first.release()
    assert second.held
    second.release()
    assert list(target.parent.iterdir()) == []


def _overdue(lock: Lock) -> bool:
    lock._beaten -= 2 * alone.BEAT
    return True


def test_signs_of_life_are_given(target: Path) -> None:
    lock = Lock(target)
    lock.acquire()
    os.utime(lock.path, (1.0, 1.0))
    lock.beat()  # not yet
    assert lock.path.stat().st_mtime == 1.0
    assert _overdue(lock)
    lock.beat()
    assert abs(lock.path.stat().st_mtime - time.time()) < 60
    lock.release()


def test_where_files_cannot_be_locked_processes_are_looked_up(
    target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(alone, "_locked", no_locks)
    monkeypatch.setattr(alone, "LOOK", 0.0)
    lock = Lock(target)
    parent = psutil.Process(os.getppid())
    sign(lock, Holder(os.uname().nodename, parent.pid, parent.create_time()))
    with pytest.raises(NftsimError, match=f"process {parent.pid} on"):
        lock.acquire()
    # the number is another's by now
    sign(lock, Holder(os.uname().nodename, parent.pid, parent.create_time() - 100))
    lock.acquire()
    lock.release()


def test_where_files_cannot_be_locked_a_process_that_has_ended_is_dead(
    target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also while its parent has not taken note, as in containers without an init."""
    monkeypatch.setattr(alone, "_locked", no_locks)
    monkeypatch.setattr(alone, "LOOK", 0.0)
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    since = psutil.Process(process.pid).create_time()
    process.kill()
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    lock = Lock(target)
    sign(lock, Holder(os.uname().nodename, process.pid, since))
    lock.acquire()
    lock.release()
    process.communicate()


def test_a_disk_that_is_full_leaves_no_lock(target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_room(*given: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as full:
        full.setattr(alone.os, "pwrite", no_room)
        lock = Lock(target)
        with pytest.raises(OSError, match="No space left"):
            lock.acquire()
        assert not lock.held
    assert list(target.parent.iterdir()) == []
    Lock(target).acquire()


def test_of_two_that_replace_a_dead_one_one_has_it(
    target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other may remove, a moment later, the lock that this one has just made."""
    lock = Lock(target)
    sign(lock, elsewhere(), age=PATIENCE + 30)
    third = Holder("third-machine", 4712, 1.0)

    def meanwhile(seconds: float) -> None:
        lock.path.unlink()
        sign(lock, third)

    monkeypatch.setattr(alone.time, "sleep", meanwhile)
    with pytest.raises(NftsimError, match="process 4712 on third-machine"):
        lock.acquire()
    assert not lock.held
    assert Holder.read(lock.path) == third


def test_a_sign_of_life_that_cannot_be_given_is_no_error(
    target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lock = Lock(target)
    lock.acquire()

    def stale(*given: object) -> None:
        raise OSError(116, "Stale file handle")

    with monkeypatch.context() as away:
        away.setattr(alone.os, "utime", stale)
        assert _overdue(lock)
        lock.beat()
    os.utime(lock.path, (1.0, 1.0))
    lock.beat()
    assert lock.path.stat().st_mtime > 1.0
    lock.release()


def test_a_stopped_process_of_this_machine_keeps_it(target: Path) -> None:
    """Only where locks do not reach is silence taken for death."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(target)], stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "has it\n"
        process.send_signal(signal.SIGSTOP)
        lock = Lock(target)
        os.utime(lock.path, (1.0, 1.0))
        with pytest.raises(NftsimError, match="another process"):
            lock.acquire()
    finally:
        process.kill()
        process.communicate()
