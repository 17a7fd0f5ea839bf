"""What is drawn of a run, and what comes of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from matplotlib.figure import Figure

from analysis.field import Field, read_field


@dataclass(frozen=True)
class Part:
    """The part of a run that a picture shows.

    Attributes
    ----------
    path
        Run file.
    trace
        Name of the trace (default: the first field of a propagator, else the first trace).
    start, stop
        Times of the first and last sample [s] (default: all of the run).
    band
        Lowest and highest frequency shown [Hz] (default: what the picture finds sensible).
    """

    path: str | Path
    trace: str | None = None
    start: float | None = None
    stop: float | None = None
    band: tuple[float, float] | None = None

    def field(self, nodes: Sequence[int] | None = None) -> Field:
        """Read it, at all nodes that are there or at those named.

        Raises
        ------
        NftsimError
            As `analysis.field.read_field`.
        """
        return read_field(self.path, self.trace, start=self.start, stop=self.stop, nodes=nodes)


@dataclass(frozen=True)
class Drawn:
    """A figure, and what its reader should know, a sentence each."""

    figure: Figure
    notes: tuple[str, ...] = ()
