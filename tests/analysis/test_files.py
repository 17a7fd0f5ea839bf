"""Files are whole whenever they have their name, and nothing is left of those that are not."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
import time
from pathlib import Path

import pytest

from analysis.files import OLD, atomic, read_json
from nftsim.errors import NftsimError


def gone() -> int:
    """Return the number of a process that is no more."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def test_a_file_has_its_name_when_it_is_whole(tmp_path: Path) -> None:
    final = tmp_path / "new" / "a.txt"
    with atomic(final) as part:
        part.write_text("half")
        assert not final.exists()
        assert part.parent == final.parent
        part.write_text("whole")
    assert final.read_text() == "whole"
    assert list(final.parent.iterdir()) == [final]


def test_one_that_fails_leaves_the_file_before(tmp_path: Path) -> None:
    final = tmp_path / "a.txt"
    final.write_text("before")

    def fail() -> None:
        with atomic(final) as part:
            part.write_text("half")
            raise ValueError("oh")

    with pytest.raises(ValueError, match="oh"):
        fail()
    assert final.read_text() == "before"
    assert list(tmp_path.iterdir()) == [final]


def test_two_processes_do_not_write_into_one_file(tmp_path: Path) -> None:
    final = tmp_path / "a.txt"
    script = (
        "import sys\n"
        "from analysis.files import atomic\n"
        "with atomic(sys.argv[1]) as part:\n"
        "    part.write_text('theirs'); print(flush=True); input()\n"
    )
    other = subprocess.Popen(
        [sys.executable, "-c", script, str(final)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert other.stdout is not None
    other.stdout.readline()
    with atomic(final) as part:
        part.write_text("ours")
    assert final.read_text() == "ours"
    other.communicate("\n")
    assert other.returncode == 0
    assert final.read_text() == "theirs"
    assert list(tmp_path.iterdir()) == [final]


def test_what_a_killed_process_left_is_removed(tmp_path: Path) -> None:
    final = tmp_path / "a[1].txt"
    names = {
        f"{final.name}.{platform.node()}-{gone()}.part": False,
        f"{final.name}.{platform.node()}-{os.getppid()}.part": True,
        f"{final.name}.another-machine-12.part": True,
        f"{final.name}.another-machine-13.part": False,
        "a1.txt.another-machine-13.part": True,
        f"{final.name}.part": True,
    }
    for name in names:
        (tmp_path / name).touch()
    for path in tmp_path.glob("*-13.part"):
        os.utime(path, (time.time() - 2 * OLD,) * 2)
    with atomic(final) as part:
        part.touch()
    assert {p.name for p in tmp_path.iterdir()} == {
        final.name,
        *(name for name, stays in names.items() if stays),
    }


def test_json_that_is_cut_off_is_named(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    for content in (b"", b'{"a": 1, "b', b"\0\0\0", b"\xff\xfe"):
        path.write_bytes(content)
        with pytest.raises(NftsimError, match=r"a\.json: cannot be read .*; delete it"):
            read_json(path)
    with pytest.raises(NftsimError, match="No such file"):
        read_json(tmp_path / "b.json")
    path.write_text('{"a": 1}')
    assert read_json(path) == {"a": 1}
