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


@formula
def _inside(c, phi, now, sides, down, up, old, q_new, q_now, q_sides, q_down, q_up, q_old):
    """φⁿ⁺¹ on a stretch of nodes; `sides` is the sum of the left and right neighbour of each."""
    for i in range(phi.size):
        around = sides[i] + down[i] + up[i]
        driven = q_sides[i] + q_down[i] + q_up[i]
        phi[i] = _next(c, i, now[i], around, old[i], q_new[i], q_now[i], driven, q_old[i])


@kernel
def _sides(sums, fields, r, lo, hi, nx):
    """Add up the left and right neighbours of nodes `lo` to `hi`, which are whole lines.

    As if the lines were one, and then anew where they meet their own other ends.
    """
    left, right = row(fields, r, lo, hi - 2), row(fields, r, lo + 2, hi)
    for i in range(left.size):
        sums[i + 1] = left[i] + right[i]
    for first in range(0, hi - lo, nx):
        last = first + nx - 1
        sums[first] = fields[r, lo + last] + fields[r, lo + first + 1]
        sums[last] = fields[r, lo + last - 1] + fields[r, lo + first]


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
def _stretch(c, fields, r, sums, lo, hi, start, below, above):
    """φⁿ⁺¹ on nodes `lo` to `hi`, the nodes below and above which begin at two others.

    `start` is the node at which the sums of neighbours begin.
    """
    new, now, old, q_new, q_now, q_old = r
    n = hi - lo
    _inside(
        c,
        row(fields, new, lo, hi),
        row(fields, now, lo, hi),
        row(sums, 0, lo - start, hi - start),
        row(fields, now, below, below + n),
        row(fields, now, above, above + n),
        row(fields, old, lo, hi),
        row(fields, q_new, lo, hi),
        row(fields, q_now, lo, hi),
        row(sums, 1, lo - start, hi - start),
        row(fields, q_now, below, below + n),
        row(fields, q_now, above, above + n),
        row(fields, q_old, lo, hi),
    )


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
    start = first * nx
    _sides(row(sums, 0, 0, last * nx - start), fields, r[1], start, last * nx, nx)
    _sides(row(sums, 1, 0, last * nx - start), fields, r[4], start, last * nx, nx)
    line = first
    while line < last:
        top = line // ny * ny
        y = line - top
        # all lines but a sheet's first and last have their neighbours at the same distance
        stop = line + 1 if y == 0 or y == ny - 1 else min(last, top + ny - 1)
        below = (top + (y - 1 if y > 0 else ny - 1)) * nx
        above = (top + (y + 1 if y < ny - 1 else 0)) * nx
        lo, hi = line * nx, stop * nx
        if rows < 0:
            _stretch(c, fields, r, sums, lo, hi, start, below, above)
        else:
            each = _shifted(params, rows, lo, hi)
            _stretch(each, fields, r, sums, lo, hi, start, below, above)
        line = stop


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
