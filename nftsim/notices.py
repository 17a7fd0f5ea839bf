"""Warnings on the command line: held back until the model is accepted, and each said once."""

from __future__ import annotations

import logging
import sys
from types import TracebackType


class Notices(logging.Handler):
    """Collects the package's warnings; a context manager.

    Whoever is told that a model is refused needs one line, not what was odd about it besides.
    """

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self._held: list[str] = []
        self._known: set[str] = set()
        self._accepted = False

    def emit(self, record: logging.LogRecord) -> None:
        """Take a warning: print it if the model is accepted, else keep it."""
        message = record.getMessage()
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
            print(f"warning: {message}", file=sys.stderr)
        self._held.clear()

    def __enter__(self) -> Notices:
        logging.getLogger("nftsim").addHandler(self)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        logging.getLogger("nftsim").removeHandler(self)
