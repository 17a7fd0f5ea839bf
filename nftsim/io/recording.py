"""Reading NFTsim's text output, whoever wrote it (see `nftsim.io.text` for what is in it)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from nftsim.errors import NftsimError
from nftsim.io.text import KINDS, PAIRS
from nftsim.model import Model, Trace, parse_model

Array = NDArray[np.float64]

#: Bytes that a header may have; a file without a table in there is something else.
LONGEST_HEADER = 64 * 1024 * 1024


@dataclass(frozen=True)
class Recording:
    """A text output as it stands.

    Attributes
    ----------
    path
        The file.
    header
        The text of the model.
    time
        Times of the rows [s], shape (row,).
    names, nodes
        Name and node number of each column.
    values
        The table, shape (row, column).
    """

    path: Path
    header: bytes
    time: Array
    names: tuple[str, ...]
    nodes: tuple[int, ...]
    values: Array

    @property
    def text(self) -> str:
        """The header as text."""
        try:
            return self.header.decode("utf-8-sig")
        except UnicodeDecodeError:
            return self.header.decode("latin-1")  # older NFTsim files carry accented names

    @property
    def model(self) -> Model:
        """The model that its header describes."""
        return replace(parse_model(self.text, str(self.path)), name=self.path.stem)

    def traces(self, model: Model) -> dict[Trace, tuple[Array, tuple[int, ...]]]:
        """Return the columns as traces of a model.

        Returns
        -------
        dict
            Trace → its values, shape (row, node), (row,) or (row, from, node) as declared, and the
            numbers of the nodes from 1.

        Raises
        ------
        NftsimError
            If a name is that of no trace of the model.
        """
        columns: dict[Trace, dict[int, dict[int, int]]] = {}
        for position, (name, node) in enumerate(zip(self.names, self.nodes, strict=True)):
            trace, source = self._trace(model, name)
            columns.setdefault(trace, {}).setdefault(source, {}).setdefault(node, position)
        found = {}
        for trace, sources in columns.items():
            field = model.field_of(trace)
            present = tuple(next(iter(sources.values())))
            # a node may be listed twice
            nodes = present if field.single else model.output.nodes or present
            if set(nodes) != set(present):
                raise NftsimError(
                    f"{self.path}: {trace} has columns of other nodes than its model asks for; it "
                    "is not whole, or its header is that of another run"
                )
            order = [[sources[s][n] for n in nodes] for s in sorted(sources)]
            values = self.values[:, order]
            if field.single:
                values = values[:, 0, 0]
            elif not field.matrix:
                values = values[:, 0]
            found[trace] = (np.ascontiguousarray(values), nodes)
        for trace in model.output.traces:
            if trace.origin is not None and trace.whole in found:
                values, nodes = found[trace.whole]
                found[trace] = (np.ascontiguousarray(values[:, trace.origin - 1]), nodes)
        return found

    def _trace(self, model: Model, name: str) -> tuple[Trace, int]:
        """Return the trace that a name means, and the from-node in it (0: none)."""
        kinds = {text: kind for kind, text in KINDS.items()}
        first, _, rest = name.partition(".")
        pairs = name.startswith(f"{PAIRS}.")
        if pairs:
            first, rest = KINDS["coupling"], name.removeprefix(f"{PAIRS}.")
        number, _, field = rest.partition(".")
        field, _, source = field.partition(".")
        if first in kinds and _whole(number) and (_whole(source) or not pairs):
            for declared in model.fields_of(kinds[first], int(number)):
                known = declared.text_name or declared.name
                if (field, pairs) == (known, declared.matrix):
                    trace = Trace(kinds[first], int(number), declared.name)
                    part = replace(trace, quantity=f"{declared.name}.{source}")
                    if part in model.output.traces and trace not in model.output.traces:
                        return part, 0
                    return trace, int(source or 0)
        raise NftsimError(f"{self.path}: its column {name!a} is of nothing that its model has")


def _whole(word: str) -> bool:
    """Tell whether a word is a whole number that a model may number things with."""
    return word.isascii() and word.isdecimal() and len(word) < 16


def is_text_run(path: Path) -> bool:
    """Tell whether a file looks like NFTsim's text output."""
    try:
        with path.open("rb") as file:
            return _header(file) is not None
    except OSError:
        return False


def read_text(path: str | Path) -> Recording:
    """Read a text output.

    Raises
    ------
    NftsimError
        If there is no such file, or it is not a whole text output.
    """
    path = Path(path)
    if not path.is_file():
        raise NftsimError(f"{path}: no such file; expected the text output of a run")
    with path.open("rb") as file:
        found = _header(file)
        if found is None:
            raise NftsimError(
                f"{path}: not NFTsim's text output: it lacks a line of ='s with a row of names "
                "('Time', 'Pop.1.Q', …) below it"
            )
        header, names = found
        labels = [word.decode("latin-1") for word in file.readline().split()]
        if len(labels) != len(names) or not all(map(_whole, labels)):
            raise NftsimError(
                f"{path}: not a whole text output: it names {len(names)} columns, and numbers "
                f"{len(labels)} nodes; run it again"
            )
        table = _table(path, file, 1 + len(names))
    nodes = tuple(int(label) for label in labels)
    return Recording(path, header, table[:, 0], names, nodes, table[:, 1:])


def _header(file: BinaryIO) -> tuple[bytes, tuple[str, ...]] | None:
    """Return the text before the rule, and the names below it; None if there is no such thing."""
    lines: list[bytes] = []
    length, previous = 0, (b"", b"")
    # a file of another kind may have no ends of lines
    for line in iter(lambda: file.readline(LONGEST_HEADER), b""):
        ruled = previous[0].startswith(b"=====") and not previous[0].strip(b"=\r\n")
        if ruled and not previous[1].strip() and line.split()[:1] == [b"Time"]:
            text = b"".join(lines[:-2])
            # a line break is put before the rule
            text = text[: -2 if text.endswith(b"\r\n") else -1]
            return text, tuple(word.decode("latin-1") for word in line.split()[1:])
        lines.append(line)
        previous = (previous[1], line)
        length += len(line)
        if length > LONGEST_HEADER:
            break
    return None


def _table(path: Path, file: BinaryIO, columns: int) -> Array:
    """Return the rows, shape (row, column)."""
    bad = f"{path}: not a whole text output"
    start = file.tell()
    if start == file.seek(0, 2):
        return np.empty((0, columns))
    file.seek(-1, 2)
    if file.read() != b"\n":
        raise NftsimError(f"{bad}: its last row has no end; run it again")
    file.seek(start)
    try:
        table = np.loadtxt(_lines(file), dtype=float, ndmin=2, comments=None)
    except ValueError as error:
        message = " ".join(str(error).split())
        raise NftsimError(f"{bad}: {message}; run it again") from error
    if table.shape[1] != columns:
        raise NftsimError(
            f"{bad}: its rows have {table.shape[1]} numbers; {columns} are named; run it again"
        )
    return table


def _lines(file: BinaryIO) -> Iterator[str]:
    for line in file:
        yield line.decode("ascii", "replace")
