"""Axonal propagation: the damped wave on the torus, and the damped oscillator without space."""

from __future__ import annotations

import numpy as np

from nftsim.engine.kernels.compiler import formula, kernel


@formula
def _wave_node(fields, rows, c, i, left, right, down, up):  # type: ignore[no-untyped-def]
    """φⁿ⁺¹ at one node from its own past and its four neighbours' present."""
    new, now, old, q_new, q_now, q_old = rows
    c0, c1, c2, d0, d1, d2, d3 = c
    around = fields[now, left] + fields[now, right] + fields[now, down] + fields[now, up]
    driven = fields[q_now, left] + fields[q_now, right] + fields[q_now, down] + fields[q_now, up]
    fields[new, i] = (
        c0 * fields[now, i]
        + c1 * around
        - c2 * fields[old, i]
        + d0 * fields[q_now, i]
        + d1 * driven
        + d2 * fields[q_new, i]
        + d3 * fields[q_old, i]
    )


@kernel
def wave(fields, new, now, old, q_new, q_now, q_old, coefs, nx, ny, first, last):  # type: ignore[no-untyped-def]
    """Advance φ by the explicit five-point scheme of Sanz-Leon et al. (2018), Eq 32.

    Rows `first` to `last` of the grid (members one below the other, ny rows each). ``new`` may be the
    row of φⁿ⁻¹: only its centre is read. What is read from neighbours is all of step n, so that blocks
    of rows can be done in any order.
    """
    p2, e, g = coefs[0], coefs[1], coefs[2]
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
    rows = (new, now, old, q_new, q_now, q_old)
    for row in range(first, last):
        member = row // ny
        y = row - member * ny
        base = row * nx
        down = (member * ny + (y - 1 if y > 0 else ny - 1)) * nx
        up = (member * ny + (y + 1 if y < ny - 1 else 0)) * nx
        end = nx - 1
        # the two columns whose neighbours wrap around stand outside the loop that vectorises
        beside = 1 if nx > 1 else 0
        _wave_node(fields, rows, c, base, base + end, base + beside, down, up)
        for x in range(1, end):
            i = base + x
            _wave_node(fields, rows, c, i, i - 1, i + 1, down + x, up + x)
        if nx > 1:
            _wave_node(fields, rows, c, base + end, base + end - 1, base, down + end, up + end)


@kernel
def harmonic(fields, phi, psi, q, m, lo, hi):  # type: ignore[no-untyped-def]
    """Advance (φ, ψ = dφ/dt) by one RK4 step with Q held: an affine map (see `rk4_map`)."""
    m00, m01, m10, m11, m0, m1 = m[0], m[1], m[2], m[3], m[4], m[5]
    for i in range(lo, hi):
        x = fields[phi, i]
        y = fields[psi, i]
        u = fields[q, i]
        fields[phi, i] = m00 * x + m01 * y + m0 * u
        fields[psi, i] = m10 * x + m11 * y + m1 * u


@kernel
def gather(fields, out, base, length, time, delays, row, lo, hi):  # type: ignore[no-untyped-def]
    """Collect Q_b(t − τ) where τ differs from node to node."""
    for i in range(lo, hi):
        fields[out, i] = fields[base + (time - delays[row, i]) % length, i]
