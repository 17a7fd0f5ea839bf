"""What commands say on stderr: warnings, each once and after the model is accepted, and results."""

from __future__ import annotations

import argparse
import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType

#: Whose words that are no warnings are shown, too: that a run goes on from a checkpoint.
TELLING = "nftsim.engine.checkpoints"


class Notices(logging.Handler):
    """Collects the package's warnings, and word of going on; a context manager.

    Whoever is told that a model is refused needs one line, not what was odd about it besides.
    """

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        #: Whether to hold back what is no warning, as ``--quiet`` asks for.
        self.quiet = False
        self._level = logging.NOTSET
        self._held: list[str] = []
        self._known: set[str] = set()
        self._accepted = False

    def emit(self, record: logging.LogRecord) -> None:
        """Take a warning: print it if the model is accepted, else keep it."""
        warning = record.levelno >= logging.WARNING
        if self.quiet and not warning:
            return
        message = f"warning: {record.getMessage()}" if warning else record.getMessage()
        if message in self._known:
            return
        self._known.add(message)
        self._held.append(message)
        if self._accepted:
            self.accept()

    def accept(self) -> None:
        """Print what was held back, and from now on every warning as it comes."""
        self._accepted = True
        for message in self._held:
            print(message, file=sys.stderr)
        self._held.clear()

    def __enter__(self) -> Notices:
        logging.getLogger("nftsim").addHandler(self)
        self._level = logging.getLogger(TELLING).level
        logging.getLogger(TELLING).setLevel(logging.INFO)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        logging.getLogger("nftsim").removeHandler(self)
        logging.getLogger(TELLING).setLevel(self._level)


@contextmanager
def quiet(name: str = "nftsim") -> Iterator[None]:
    """Hold back the warnings of a logger, given already or coming many times."""
    logger = logging.getLogger(name)
    before = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(before)


def add_quiet(verb: argparse.ArgumentParser) -> None:
    """Add the option of commands that write files, which `wrote` and bars of progress heed."""
    verb.add_argument(
        "-q", "--quiet", action="store_true", help="do not say what was written, nor how far it is"
    )


def bar_size() -> dict[str, int]:
    """Return columns and lines for bars of progress, where a terminal says that it has none.

    Without them tqdm shows nothing there.
    """
    try:
        columns, lines = os.get_terminal_size(sys.stderr.fileno())
    except (OSError, ValueError):  # no terminal
        return {}
    return {} if columns and lines else {"ncols": 80, "nrows": 24}


def wrote(options: argparse.Namespace, path: str | Path, more: str = "") -> None:
    """Say that a file was written, and how large it is, unless ``--quiet``.

    Parameters
    ----------
    options
        Of the command; what was held back is printed first.
    path
        The file.
    more
        What else is to be said of it.
    """
    if options.quiet:
        return
    options.accepted()
    size = Path(path).stat().st_size
    unit, factor = ("MB", 1e6) if size >= 1e5 else ("kB", 1e3)
    print(f"wrote {path} ({size / factor:.1f} {unit}){more}", file=sys.stderr)
