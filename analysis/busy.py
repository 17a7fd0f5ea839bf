"""A word to whoever waits at a terminal."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread

#: Nobody needs to be told of what takes less [s].
PATIENCE = 1.5


@contextmanager
def busy(text: str) -> Iterator[None]:
    """Say what is being done, and for how long, once it takes a while; nothing without a terminal.

    Parameters
    ----------
    text
        What is being done.
    """
    if not sys.stderr.isatty():
        yield
        return
    done, began = Event(), time.monotonic()

    def tell() -> None:
        wait, width = PATIENCE, 0
        while not done.wait(wait):
            line = f"{text}: {time.monotonic() - began:.0f} s"
            width, wait = len(line), 1.0
            print(f"\r{line}", end="", file=sys.stderr, flush=True)
        print("\r" + " " * width, end="\r", file=sys.stderr, flush=True)

    teller = Thread(target=tell, daemon=True)
    teller.start()
    try:
        yield
    finally:
        done.set()
        teller.join()
