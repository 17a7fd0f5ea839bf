"""NFTsim's text output, written to the byte as NFTsim writes it.

A file is the ``.conf`` text as it stood, a rule of ='s, a row of names (``Pop.1.Q``), a row of node
numbers, and a row of numbers for each time. Every node of a trace has a column of its own. See
`nftsim.io.recording` for reading it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from nftsim.errors import SimulationError
from nftsim.io.checkpoint import Place
from nftsim.io.part import Part
from nftsim.model import Model, to_conf

Array = NDArray[np.float64]

RULE = "=" * 45
#: NFTsim's names of the kinds of objects, in the order of its columns.
KINDS = {"pop": "Pop", "dendrite": "Dendrite", "propagator": "Propagator", "coupling": "Coupling"}
#: What a name begins with where there is a value for every pair of nodes.
PAIRS = "C.Matrix"
#: A name or node number; a number of the table. Two spaces stand before and after each trace.
_LABEL = "  {:>20}"
_NUMBER = " % .14e"


@dataclass(frozen=True)
class Block:
    """The columns of one name.

    Attributes
    ----------
    name
        As in the row of names.
    trace
        Which trace of the model's output they hold, from 0.
    source
        From which node (from 0), where there is a value for every pair of nodes; else None.
    single
        Whether it is one column, for all nodes.
    """

    name: str
    trace: int
    source: int | None = None
    single: bool = False


def blocks(model: Model) -> list[Block]:
    """Return the blocks of a model's output in the order in which NFTsim writes them.

    Populations come first, then dendrites, propagators and couplings, each as listed. Where a
    coupling has fields with a value for every pair of nodes, these take turns, one from-node after
    the other.
    """
    kinds = list(KINDS)
    traces = model.output.traces
    order = sorted(range(len(traces)), key=lambda i: kinds.index(traces[i].kind))
    found = []
    for (kind, number, matrix), group in groupby(
        order,
        key=lambda i: (traces[i].kind, traces[i].index, model.field_of(traces[i]).matrix),
    ):
        fields = [(i, model.field_of(traces[i])) for i in group]
        for source in range(model.nodes) if matrix else (None,):
            for i, field in fields:
                pairs = matrix or traces[i].origin is not None
                name = f"{PAIRS if pairs else KINDS[kind]}.{number}.{field.text_name or field.name}"
                if source is not None:
                    name += f".{source + 1}"
                found.append(Block(name, i, source, field.single))
    return found


class TextWriter:
    """Takes the rows of a run as they come and writes them as text; a context manager.

    Parameters
    ----------
    target
        The file, written beside it under another name and renamed when whole; or a binary stream,
        which is written to directly.
    model
        What is run; its output section says which columns there are.
    header
        The model's text as it stood (default: that of `nftsim.model.to_conf`).
    place
        Where the file is made and what it goes on from, if its lock is held already.

    Raises
    ------
    NftsimError
        If the file cannot be written; nothing is left behind.
    """

    def __init__(
        self,
        target: Path | BinaryIO,
        model: Model,
        header: str | bytes | None = None,
        place: Place | None = None,
    ) -> None:
        text = to_conf(model) if header is None else header
        self._blocks = blocks(model)
        nodes = model.output.nodes or tuple(range(1, model.nodes + 1))
        names, labels = f" {'Time':>20}  ", f"   {'':>20}"
        self._row = f"{_NUMBER[1:]}  "
        for block in self._blocks:
            columns = (1,) if block.single else nodes
            names += _LABEL.format(block.name) * len(columns) + "  "
            labels += "".join(map(_LABEL.format, columns)) + "  "
            self._row += _NUMBER * len(columns) + "  "
        self._row += "\n"
        self._part = Part(target, place)
        if place is not None and place.going_on is not None:
            return
        self._part.write(text.encode() if isinstance(text, str) else text)
        self._part.write(f"\n{RULE}\n\n{names}\n{labels}\n".encode())

    def write(self, time: Array, values: Sequence[Array]) -> None:
        """Append rows.

        Parameters
        ----------
        time
            Their times [s], shape (row,).
        values
            An array for each trace of the model's output: shape (row, node), (row,) for one value
            for all nodes, or (row, from, node). Axes (y, x) may stand for that of nodes.
        """
        rows = len(time)
        if not rows:
            return
        parts = [time.reshape(rows, 1)]
        for block in self._blocks:
            value = values[block.trace]
            if block.source is not None:
                value = value[:, block.source]
            parts.append(value.reshape(rows, -1))
        self._part.write("".join(self._lines(np.concatenate(parts, axis=1))).encode())

    def _lines(self, table: Array) -> Iterator[str]:
        # a number that is not negative has a space for its sign: so has -0, but NaN has none
        odd = ((table == 0) & np.signbit(table) | np.isnan(table)).any(axis=1)
        for numbers, strange in zip(table.tolist(), odd.tolist(), strict=True):
            line = self._row % tuple(numbers)
            if strange:
                line = line.replace(" -0.00000000000000e+00", "  -0.00000000000000e+00")
                line = line.replace("  nan", " nan")
            yield line

    def checkpoint(self, run: str, facts: Mapping[str, Any], arrays: Mapping[str, Any]) -> None:
        """Keep what is needed to go on from here (see `nftsim.io.writer.RunWriter.checkpoint`)."""
        self._part.checkpoint(run, facts, arrays)

    def tell(self, about: Mapping[str, Any]) -> None:
        """Take what the run says of itself; text has no place for it."""

    def finish(self, end: Any = None) -> None:
        """Give the file its name; text has no place for an end state."""
        del end
        self._part.finish()

    def __enter__(self) -> TextWriter:
        return self

    def __exit__(self, kind: type[BaseException] | None, *exc: object) -> None:
        self._part.discard(diverged=kind is not None and issubclass(kind, SimulationError))
