"""Columns of numbers on the standard output, as a table or as CSV."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

Column = NDArray[np.float64]


def print_columns(
    columns: Mapping[str, Column], *, csv: bool, notes: Sequence[str] = (), first: str = ""
) -> None:
    """Print columns of equal length.

    Parameters
    ----------
    columns
        Heading, with its unit in brackets, → numbers, shape (n,).
    csv
        In full precision, separated by commas; else a table, under the `notes`.
    first
        Heading of the first column in a table, where it differs.
    """
    rows = zip(*(values.tolist() for values in columns.values()), strict=True)
    if csv:
        print(",".join(columns))
        for row in rows:
            print(",".join(repr(value) for value in row))
        return
    for note in notes:
        print(f"# {note}")
    head, *others = columns
    widths = [max(13, len(name)) for name in others]
    names = "  ".join(f"{name:<{width}}" for name, width in zip(others, widths, strict=True))
    print(f"{first or head:>10}  {names}".rstrip())
    for row in rows:
        cells = [f"{value:<{width}.6e}" for value, width in zip(row[1:], widths, strict=True)]
        print(f"{row[0]:>10.6g}  {'  '.join(cells)}".rstrip())
