"""Running ``nftsim check`` within the process: it accepts, or refuses in one line."""

from __future__ import annotations

import re
import resource
import time
from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path

import psutil

from nftsim.commands import inspect
from nftsim.errors import NftsimError
from nftsim.notices import Notices

#: Seconds of computing that a file may take, and characters that a message may have.
LONGEST, WIDEST = 1.0, 800


@contextmanager
def little_memory(room: int = 1 << 30) -> Iterator[None]:
    """Let the process take so many bytes more, and no others."""
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    taken = psutil.Process().memory_info().vms
    resource.setrlimit(resource.RLIMIT_AS, (taken + room, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


def complaint(path: Path, *, plan: bool = False) -> str | None:
    """Check a model as the command does; return why it is refused, None if it is accepted.

    Whatever else happens is an error here: another exception, a message that is not one line with
    file and line, a check that takes long.
    """
    began = time.process_time()
    said, warned = StringIO(), StringIO()
    with redirect_stdout(said), redirect_stderr(warned), Notices() as notices:
        try:
            inspect.check(Namespace(model=str(path), set=[], compat=None, plan=plan))
            notices.accept()
        except NftsimError as error:
            message, code = str(error), error.exit_code
        else:
            message, code = None, 0
    assert time.process_time() - began < LONGEST, "slow"
    for line in warned.getvalue().splitlines():
        assert line.startswith("warning: "), line
        assert line.isprintable(), line
    if message is None:
        assert "memory: about" in said.getvalue()
        return None
    assert (said.getvalue(), code) == ("", 2)
    require_line(message, path)
    return message


def require_line(message: str, path: Path) -> None:
    """Require that a message is one line that begins with a file and a line in it."""
    place = re.match(rf"{re.escape(str(path))}:(\d+): \S", message)
    assert place, message[:300]
    assert message.isprintable(), message[:300]
    assert len(message) < WIDEST, message[:300]
    lines = path.read_bytes().count(b"\n") + 1
    assert 1 <= int(place[1]) <= lines, message[:300]
