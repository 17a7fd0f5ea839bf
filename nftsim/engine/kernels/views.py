"""Parts of fields, and the constants of an operation: numbers, or rows where they vary."""

from __future__ import annotations

from nftsim.engine.kernels.bits import row
from nftsim.engine.kernels.compiler import formula


@formula
def at_clock(rings, ring, time):
    """Row of a ring's value at a clock reading."""
    length = rings[ring, 1]
    # most rings keep one value, and a division costs as much as a row of a small grid
    return rings[ring, 0] if length == 1 else rings[ring, 0] + time % length


@formula
def part(fields, rings, ring, time, lo, hi):
    """Nodes `lo` to `hi` of a ring's value at a clock reading."""
    return row(fields, at_clock(rings, ring, time), lo, hi)


@formula
def three(table, o, j=0):
    """Return three numbers of row o, from column j."""
    return table[o, j], table[o, j + 1], table[o, j + 2]


@formula
def four(table, o, j=0):
    """Return four numbers of row o, from column j."""
    return table[o, j], table[o, j + 1], table[o, j + 2], table[o, j + 3]


@formula
def three_rows(params, r, lo, hi):
    """Return nodes `lo` to `hi` of three rows, from row r."""
    return row(params, r, lo, hi), row(params, r + 1, lo, hi), row(params, r + 2, lo, hi)


@formula
def four_rows(params, r, lo, hi):
    """Return nodes `lo` to `hi` of four rows, from row r."""
    return (
        row(params, r, lo, hi),
        row(params, r + 1, lo, hi),
        row(params, r + 2, lo, hi),
        row(params, r + 3, lo, hi),
    )
