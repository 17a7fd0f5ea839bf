"""The cache of machine code: built once, never stale, never damaged code, whoever asks at once."""

from __future__ import annotations

import logging
import os
import resource
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from nftsim.engine import native
from nftsim.engine.cache import NOWHERE, cache_folder
from nftsim.engine.kernels import entries

#: Runs a little with an empty cache, and says whether this process compiled the kernels.
_RUN = """
import sys
from nftsim.engine import native
import numpy as np

state, table = np.zeros(315, dtype=np.uint64), np.zeros((2, 3))
native.seed(state, 7)
native.fill(state, np.array([True, False]), table)
print("numba" in sys.modules, table.tobytes().hex())
"""


@pytest.mark.skipif(native.interpreted(), reason="the compiler is off")
def test_processes_that_start_at_once_compile_once(tmp_path: Path) -> None:
    environment = {**os.environ, "NFTSIM_CACHE_DIR": str(tmp_path)}
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", _RUN], env=environment, stdout=subprocess.PIPE, text=True
        )
        for _ in range(4)
    ]
    said = [process.communicate(timeout=500)[0].split() for process in processes]
    assert [p.returncode for p in processes] == [0] * 4
    assert len({numbers for _, numbers in said}) == 1
    assert [built for built, _ in said].count("True") == 1
    # the code and the lock, and no temporary file
    folder = tmp_path / "nftsim" / "kernels"
    assert sorted(p.suffix for p in folder.iterdir()) == ["", ".lock"]


def test_damaged_code_is_not_run(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING, logger="nftsim")
    path = tmp_path / "code"
    native._write(path, b"machine code", {"advance": "symbol"})
    assert native._read(path) == (b"machine code", {"advance": "symbol"})
    assert not caplog.records
    whole = path.read_bytes()
    for damaged in (whole[:-1], whole[:20], b"", whole.replace(b"machine", b"Machine")):
        path.write_bytes(damaged)
        assert native._read(path) is None
        assert "damaged" in caplog.text
        caplog.clear()
    assert native._read(tmp_path / "none") is None


def test_a_cache_that_cannot_be_written_is_no_obstacle(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING, logger="nftsim")
    (tmp_path / "file").touch()
    place = tmp_path / "file" / "code"
    with native._alone(place):
        native._write(place, b"machine code", {})
    assert "NFTSIM_CACHE_DIR" in caplog.text
    assert [p.name for p in tmp_path.iterdir()] == ["file"]


#: Bytes that a file may have where the disk counts as full.
LITTLE = 2000


@pytest.fixture
def _full_disk() -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (LITTLE, hard))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.fixture
def _read_only(tmp_path: Path) -> Iterator[None]:
    root = os.geteuid() == 0  # who may write anything
    tmp_path.chmod(0o500)
    if root:
        os.seteuid(65534)
    yield
    if root:
        os.seteuid(0)
    tmp_path.chmod(0o700)


@pytest.mark.parametrize("state", ["_full_disk", "_read_only"])
def test_a_disk_that_takes_nothing_is_no_obstacle(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    request: pytest.FixtureRequest,
    state: str,
) -> None:
    """Kernels are compiled in memory, with a word; nothing is left behind."""
    caplog.set_level(logging.WARNING, logger="nftsim")
    built = bytes(5 * LITTLE), {"advance": "symbol"}
    monkeypatch.setattr(entries, "build", lambda: built)
    place = tmp_path / "nftsim" / "kernels" / "code"
    monkeypatch.setattr(native, "cache_file", lambda: place)
    request.getfixturevalue(state)
    assert native._code() == built
    assert native._code() == built
    assert caplog.text.count("cannot keep the compiled kernels") == 2
    assert "NFTSIM_CACHE_DIR" in caplog.text
    left = {"_full_disk": {"nftsim", "kernels", "code.lock"}, "_read_only": set()}
    if os.geteuid() == 0 or state == "_full_disk":
        assert {path.name for path in tmp_path.rglob("*")} == left[state]


class TestWithoutAHome:
    """As in containers that run under a number nobody has given a name."""

    @pytest.fixture(autouse=True)
    def _nobody(
        self,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        def unknown(number: int) -> None:
            raise KeyError(f"getpwuid(): uid not found: {number}")

        for name in ("HOME", "XDG_CACHE_HOME", "NFTSIM_CACHE_DIR"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setattr("pwd.getpwuid", unknown)
        monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
        caplog.set_level(logging.WARNING, logger="nftsim")

    @staticmethod
    def folder() -> Path:
        found: Path = cache_folder.__wrapped__()
        return found

    def test_the_cache_is_with_the_temporary_files(
        self, tmp_path: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        ours = tmp_path / f"nftsim-{os.getuid()}"
        assert self.folder() == ours / "kernels"
        assert ours.stat().st_mode & 0o777 == 0o700
        assert f"no home folder for ~/.cache: compiled kernels are kept in {ours}" in caplog.text
        assert "Set NFTSIM_CACHE_DIR" in caplog.text
        assert self.folder() == ours / "kernels"

    def test_code_of_others_is_not_run(
        self, tmp_path: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        ours = tmp_path / f"nftsim-{os.getuid()}"
        ours.mkdir()
        ours.chmod(0o777)
        assert self.folder() == NOWHERE / "kernels"
        ours.rmdir()
        (tmp_path / "elsewhere").mkdir(mode=0o700)
        ours.symlink_to(tmp_path / "elsewhere")
        assert self.folder() == NOWHERE / "kernels"
        assert caplog.text.count("kept nowhere") == 2

    def test_where_nothing_can_be_kept_either_it_is_in_memory(
        self, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        monkeypatch.setattr("tempfile.tempdir", "/dev/null/tmp")
        assert self.folder() == NOWHERE / "kernels"
        place = self.folder() / "code"
        with native._alone(place):
            assert native._read(place) is None
            native._write(place, b"machine code", {})
        assert "cannot keep" in caplog.text

    def test_it_may_be_said_where(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("NFTSIM_CACHE_DIR", str(tmp_path / "mine"))
        assert self.folder() == tmp_path / "mine" / "nftsim" / "kernels"


def test_the_cache_is_keyed_by_sources_and_compiler(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = native.cache_file.__wrapped__
    before = file()
    monkeypatch.setattr(native.metadata, "version", str)
    other = file()
    monkeypatch.setattr(native, "_KERNELS", tmp_path)
    (tmp_path / "kernel.py").write_text("x = 1")
    third = file()
    (tmp_path / "kernel.py").write_text("x = 2")
    assert len({before, other, third, file()}) == 4


@pytest.mark.skipif(native.interpreted(), reason="the compiler is off")
def test_what_the_machine_code_would_misread_is_refused() -> None:
    state = np.zeros(315, dtype=np.uint64)
    for wrong in (state.astype(float), state[::2], state[None]):
        with pytest.raises(TypeError, match="state is"):
            native.seed(wrong, 1)
    with pytest.raises(ValueError, match="argument"):
        native._function("seed")(state)


@pytest.mark.skipif(native.interpreted(), reason="the compiler is off")
def test_large_seeds_keep_their_bits() -> None:
    words = []
    for value in (1, 2**63, 2**64 - 1):
        state = np.zeros(315, dtype=np.uint64)
        native.seed(state, value)
        words.append(int(state[0]))
    assert words == [1, 2**63, 2**64 - 1]
