"""The cache of machine code: built once, never stale, never damaged code, whoever asks at once."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from nftsim.engine import native

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
