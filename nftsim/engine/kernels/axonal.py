"""Axonal propagation: the damped wave on the torus, and delays that differ from node to node."""

from __future__ import annotations

from nftsim.engine.kernels.bits import row
from nftsim.engine.kernels.compiler import formula, kernel


@formula
def _next(c, now, around, old, q_new, q_now, q_around, q_old):
    """φⁿ⁺¹ at one node from its own past and the sums over its four neighbours."""
    return (
        c[0] * now
        + c[1] * around
        - c[2] * old
        + c[3] * q_now
        + c[4] * q_around
        + c[5] * q_new
        + c[6] * q_old
    )


@formula
def _at_edge(c, fields, r, i, left, right, down, up):
    """φⁿ⁺¹ at a node whose neighbours along x wrap around."""
    new, now, old, q_new, q_now, q_old = r
    around = fields[now, left] + fields[now, right] + fields[now, down] + fields[now, up]
    driven = fields[q_now, left] + fields[q_now, right] + fields[q_now, down] + fields[q_now, up]
    fields[new, i] = _next(
        c, fields[now, i], around, fields[old, i], fields[q_new, i], fields[q_now, i], driven,
        fields[q_old, i],
    )  # fmt: skip


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
    """φⁿ⁺¹ along a row of nodes, whose neighbours are the same rows shifted."""
    for i in range(phi.size):
        around = left[i] + right[i] + down[i] + up[i]
        driven = q_left[i] + q_right[i] + q_down[i] + q_up[i]
        phi[i] = _next(c, phi_now[i], around, old[i], q_new[i], q[i], driven, q_old[i])


@kernel
def wave(fields, new, now, old, q_new, q_now, q_old, p2, e, g, nx, ny, first, last):
    """Advance φ by the explicit five-point scheme of Sanz-Leon et al. (2018), Eq 32.

    ``new`` to ``q_old`` are rows of `fields`: φ and Q at steps n+1, n, n−1. Done are rows `first`
    to `last` of the grid (members one below the other, ny rows each). ``new`` may be the row of
    φⁿ⁻¹: only its centre is read. What is read from neighbours is all of step n, so that blocks of
    rows can be done in any order.
    """
    # E[(2−4p²)φⁿ + p²Σ₄φⁿ − Eφⁿ⁻¹ + g{(10−4p²)Qⁿ + p²Σ₄Qⁿ + Qⁿ⁺¹/E + E Qⁿ⁻¹}], multiplied out
    c = (
        e * (2.0 - 4.0 * p2),
        e * p2,
        e * e,
        e * g * (10.0 - 4.0 * p2),
        e * g * p2,
        g,
        e * e * g,
    )
    r = (new, now, old, q_new, q_now, q_old)
    for line in range(first, last):
        top = line // ny * ny  # first grid row of this member
        y = line - top
        here = line * nx
        down = (top + (y - 1 if y > 0 else ny - 1)) * nx
        up = (top + (y + 1 if y < ny - 1 else 0)) * nx
        end = nx - 1
        _at_edge(c, fields, r, here, here + end, here + (1 if nx > 1 else 0), down, up)
        if nx == 1:
            continue
        _at_edge(c, fields, r, here + end, here + end - 1, here, down + end, up + end)
        i, j = here + 1, here + end
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


@kernel
def gather(out, fields, base, length, time, delays, lo):
    """Collect Q_b(t − τ) on nodes from `lo` where τ [steps] differs from node to node."""
    for i in range(out.size):
        out[i] = fields[base + (time - delays[i]) % length, lo + i]
