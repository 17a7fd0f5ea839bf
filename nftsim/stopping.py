"""Being told to stop, by Ctrl-C or SIGTERM as batch systems send it: obeyed between two chunks."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def stoppable() -> Iterator[Callable[[], None]]:
    """Take note of signals inside; yield a function that ends the run if there has been one.

    A second Ctrl-C ends it at once. Signals reach the main thread only; elsewhere nothing changes.

    Yields
    ------
    callable
        To be called between chunks; it raises `KeyboardInterrupt` or `SystemExit`, at which a
        checkpoint is made (see `nftsim.engine.checkpoints.Keeper`).
    """
    told: list[int] = []
    before: dict[int, Any] = {}

    def note(number: int, _: object) -> None:
        told.append(number)
        signal.signal(number, signal.default_int_handler if number == signal.SIGINT else note)

    def obey() -> None:
        if told:
            raise KeyboardInterrupt if told[0] == signal.SIGINT else SystemExit(128 + told[0])

    if threading.current_thread() is threading.main_thread():
        before = {n: signal.signal(n, note) for n in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield obey
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
