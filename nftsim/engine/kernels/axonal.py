"""Axonal propagation: damped waves on the sheet, and delays that differ from node to node.

Constants `c` of a wave are numbers, or rows where they vary over the nodes (see `at`). On a torus
the grid's first and last rows meet as they are; on what NFTsim calls a sphere, turned over.
"""

from __future__ import annotations

from nftsim.engine.kernels.bits import at, row
from nftsim.engine.kernels.compiler import formula, kernel


@formula
def _next(c, i, now, around, old, q_new, q_now, q_around, q_old):
    """φⁿ⁺¹ at one node from its own past and the sums over its neighbours."""
    return (
        at(c[0], i) * now
        + at(c[1], i) * around
        - at(c[2], i) * old
        + at(c[3], i) * q_now
        + at(c[4], i) * q_around
        + at(c[5], i) * q_new
        + at(c[6], i) * q_old
    )


@kernel
def _neighbours(sums, fields, r, lo, hi, below, above, nx):
    """Add up the four neighbours of nodes `lo` to `hi`, which are whole lines.

    The nodes below and above them begin at `below` and `above`. Left and right are taken as if the
    lines were one, and then anew where they meet their own other ends.
    """
    n = hi - lo
    left, right = row(fields, r, lo, hi - 2), row(fields, r, lo + 2, hi)
    down, up = row(fields, r, below + 1, below + n - 1), row(fields, r, above + 1, above + n - 1)
    for i in range(left.size):
        sums[i + 1] = left[i] + right[i] + down[i] + up[i]
    for first in range(0, n, nx):
        last = first + nx - 1
        sums[first] = _four(fields, r, lo, last, first + 1, below + first, above + first)
        sums[last] = _four(fields, r, lo, last - 1, first, below + last, above + last)


@formula
def _beside(line, top, x, nx, ny, turned):
    """First node of the line's sheet, and the nodes below and above place x of a line."""
    y = line - top
    below = top + (y - 1 if y > 0 else ny - 1)
    above = top + (y + 1 if y < ny - 1 else 0)
    under = nx - 1 - x if turned and y == 0 else x
    over = nx - 1 - x if turned and y == ny - 1 else x
    return below * nx + under, above * nx + over


@formula
def _four(fields, r, here, left, right, down, up):
    return fields[r, here + left] + fields[r, here + right] + fields[r, down] + fields[r, up]


@formula
def _node(c, fields, r, line, top, x, nx, ny, turned, diagonal):
    """φⁿ⁺¹ at one node, its neighbours wrapped; diagonal ones count for `diagonal`."""
    new, now, old, q_new, q_now, q_old = r
    here = line * nx
    left = x - 1 if x > 0 else nx - 1
    right = x + 1 if x < nx - 1 else 0
    down, up = _beside(line, top, x, nx, ny, turned)
    around = _four(fields, now, here, left, right, down, up)
    driven = _four(fields, q_now, here, left, right, down, up)
    if diagonal != 0.0:
        below, above = _beside(line, top, left, nx, ny, turned)
        under, over = _beside(line, top, right, nx, ny, turned)
        around += diagonal * (
            fields[now, below] + fields[now, above] + fields[now, under] + fields[now, over]
        )
        driven += diagonal * (
            fields[q_now, below] + fields[q_now, above] + fields[q_now, under] + fields[q_now, over]
        )
    i = here + x
    fields[new, i] = _next(
        c, i, fields[now, i], around, fields[old, i], fields[q_new, i], fields[q_now, i], driven,
        fields[q_old, i],
    )  # fmt: skip


@formula
def _each(c, fields, r, sums, lo, hi):
    """φⁿ⁺¹ on nodes `lo` to `hi` from the sums over their neighbours."""
    new, now, old, q_new, q_now, q_old = r
    # by names of their own, or the loop does not vectorise
    phi, here, before = row(fields, new, lo, hi), row(fields, now, lo, hi), row(fields, old, lo, hi)
    q, q_here = row(fields, q_new, lo, hi), row(fields, q_now, lo, hi)
    q_before = row(fields, q_old, lo, hi)
    around, driven = row(sums, 0, 0, hi - lo), row(sums, 1, 0, hi - lo)
    for i in range(phi.size):
        phi[i] = _next(
            c, i, here[i], around[i], before[i], q[i], q_here[i], driven[i], q_before[i]
        )  # fmt: skip


@formula
def _shifted(params, first, i, j):
    return (
        row(params, first, i, j),
        row(params, first + 1, i, j),
        row(params, first + 2, i, j),
        row(params, first + 3, i, j),
        row(params, first + 4, i, j),
        row(params, first + 5, i, j),
        row(params, first + 6, i, j),
    )


@kernel
def _lines(fields, r, c, params, rows, nx, ny, first, last, sums):
    """φⁿ⁺¹ on some lines of a torus, for which `sums` has room."""
    start, end = first * nx, last * nx
    line = first
    while line < last:
        top = line // ny * ny
        y = line - top
        # all lines but a sheet's first and last have their neighbours at the same distance
        stop = line + 1 if y == 0 or y == ny - 1 else min(last, top + ny - 1)
        below = (top + (y - 1 if y > 0 else ny - 1)) * nx
        above = (top + (y + 1 if y < ny - 1 else 0)) * nx
        lo, hi = line * nx, stop * nx
        for j in range(2):
            part = row(sums, j, lo - start, hi - start)
            _neighbours(part, fields, r[1] if j == 0 else r[4], lo, hi, below, above, nx)
        line = stop
    if rows < 0:
        _each(c, fields, r, sums, start, end)
    else:
        _each(_shifted(params, rows, start, end), fields, r, sums, start, end)


@kernel
def wave(fields, r, c, params, rows, nx, ny, turned, first, last, diagonal, sums):
    """Advance φ by the explicit scheme of Sanz-Leon et al. (2018), Eq 32.

    ``r`` holds rows of `fields`: φ and Q at steps n+1, n, n−1. Done are lines `first` to `last` of
    the grid (members one below the other, ny lines each). The row of φⁿ⁺¹ may be that of φⁿ⁻¹: only
    its centre is read. What is read from neighbours is all of step n, so that blocks of lines can
    be done in any order. Constants are `c`, or rows of `params` from `rows` where that is not
    negative. The two rows of `sums` are for sums over neighbours; as many lines are done at a time
    as have room in them.
    """
    if diagonal == 0.0 and not turned and nx >= 3:
        together = sums.shape[1] // nx
        while first < last:
            stop = min(last, first + together)
            _lines(fields, r, c, params, rows, nx, ny, first, stop, sums)
            first = stop
        return
    for line in range(first, last):
        top = line // ny * ny  # first grid line of this member
        for x in range(nx):
            if rows < 0:
                _node(c, fields, r, line, top, x, nx, ny, turned, diagonal)
            else:
                each = _shifted(params, rows, 0, params.shape[1])
                _node(each, fields, r, line, top, x, nx, ny, turned, diagonal)


@kernel
def gather(out, fields, base, length, time, delays, lo):
    """Collect Q_b(t − τ) on nodes from `lo` where τ [steps] differs from node to node."""
    for i in range(out.size):
        out[i] = fields[base + (time - delays[i]) % length, lo + i]
