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
def _inside(
    c,
    phi,
    phi_now,
    left,
    right,
    down,
    up,
    old,
    q_new,
    q,
    q_left,
    q_right,
    q_down,
    q_up,
    q_old,
):
    """φⁿ⁺¹ along a line of nodes, whose neighbours are the same lines shifted."""
    for i in range(phi.size):
        around = left[i] + right[i] + down[i] + up[i]
        driven = q_left[i] + q_right[i] + q_down[i] + q_up[i]
        phi[i] = _next(c, i, phi_now[i], around, old[i], q_new[i], q[i], driven, q_old[i])


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
def _along(c, fields, r, line, top, nx, ny):
    """φⁿ⁺¹ along a line but for its ends, on a torus; c are those of the nodes from its second."""
    new, now, old, q_new, q_now, q_old = r
    y = line - top
    i, j = line * nx + 1, line * nx + nx - 1
    down = (top + (y - 1 if y > 0 else ny - 1)) * nx
    up = (top + (y + 1 if y < ny - 1 else 0)) * nx
    end = nx - 1
    _inside(
        c,
        row(fields, new, i, j),
        row(fields, now, i, j),
        row(fields, now, i - 1, j - 1),
        row(fields, now, i + 1, j + 1),
        row(fields, now, down + 1, down + end),
        row(fields, now, up + 1, up + end),
        row(fields, old, i, j),
        row(fields, q_new, i, j),
        row(fields, q_now, i, j),
        row(fields, q_now, i - 1, j - 1),
        row(fields, q_now, i + 1, j + 1),
        row(fields, q_now, down + 1, down + end),
        row(fields, q_now, up + 1, up + end),
        row(fields, q_old, i, j),
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
def wave(fields, r, c, params, rows, nx, ny, turned, first, last, diagonal):
    """Advance φ by the explicit scheme of Sanz-Leon et al. (2018), Eq 32.

    ``r`` holds rows of `fields`: φ and Q at steps n+1, n, n−1. Done are lines `first` to `last` of
    the grid (members one below the other, ny lines each). The row of φⁿ⁺¹ may be that of φⁿ⁻¹: only
    its centre is read. What is read from neighbours is all of step n, so that blocks of lines can
    be done in any order. Constants are `c`, or rows of `params` from `rows` where that is not
    negative.
    """
    for line in range(first, last):
        top = line // ny * ny  # first grid line of this member
        y = line - top
        seam = turned and (y == 0 or y == ny - 1)
        if diagonal != 0.0 or seam or nx < 3:
            for x in range(nx):
                if rows < 0:
                    _node(c, fields, r, line, top, x, nx, ny, turned, diagonal)
                else:
                    each = _shifted(params, rows, 0, params.shape[1])
                    _node(each, fields, r, line, top, x, nx, ny, turned, diagonal)
            continue
        if rows < 0:
            _node(c, fields, r, line, top, 0, nx, ny, turned, 0.0)
            _node(c, fields, r, line, top, nx - 1, nx, ny, turned, 0.0)
            _along(c, fields, r, line, top, nx, ny)
        else:
            each = _shifted(params, rows, 0, params.shape[1])
            _node(each, fields, r, line, top, 0, nx, ny, turned, 0.0)
            _node(each, fields, r, line, top, nx - 1, nx, ny, turned, 0.0)
            each = _shifted(params, rows, line * nx + 1, line * nx + nx - 1)
            _along(each, fields, r, line, top, nx, ny)


@kernel
def gather(out, fields, base, length, time, delays, lo):
    """Collect Q_b(t − τ) on nodes from `lo` where τ [steps] differs from node to node."""
    for i in range(out.size):
        out[i] = fields[base + (time - delays[i]) % length, lo + i]
