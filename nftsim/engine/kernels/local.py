"""The parts of a step that look at one node at a time: coupling, dendrite, firing response.

Every kernel works on nodes ``lo`` to ``hi`` of rows of ``fields`` (row, node); rows are named by what
they hold. Loops are plain, over contiguous memory, and vectorise.
"""

from __future__ import annotations

import numpy as np

from nftsim.engine.kernels.compiler import kernel
from nftsim.engine.kernels.maths import exp


@kernel
def couple(fields, p, phi, nu, lo, hi):  # type: ignore[no-untyped-def]
    """P_ab = ν_ab φ_ab."""
    for i in range(lo, hi):
        fields[p, i] = nu * fields[phi, i]


@kernel
def couple_per_node(fields, p, phi, params, nu, lo, hi):  # type: ignore[no-untyped-def]
    """P_ab = ν_ab φ_ab with ν in a row of `params`."""
    for i in range(lo, hi):
        fields[p, i] = params[nu, i] * fields[phi, i]


@kernel
def dendrite(fields, v, w, p, m, lo, hi):  # type: ignore[no-untyped-def]
    """Advance (V_ab, W = dV_ab/dt) by one RK4 step with P_ab held: an affine map (see `rk4_map`)."""
    m00, m01, m10, m11, m0, m1 = m[0], m[1], m[2], m[3], m[4], m[5]
    for i in range(lo, hi):
        x = fields[v, i]
        y = fields[w, i]
        u = fields[p, i]
        fields[v, i] = m00 * x + m01 * y + m0 * u
        fields[w, i] = m10 * x + m11 * y + m1 * u


@kernel
def start_sum(fields, total, v, lo, hi):  # type: ignore[no-untyped-def]
    """V_a = V_ab of the first connection."""
    for i in range(lo, hi):
        fields[total, i] = fields[v, i]


@kernel
def add_to_sum(fields, total, v, lo, hi):  # type: ignore[no-untyped-def]
    """V_a += V_ab of a further connection."""
    for i in range(lo, hi):
        fields[total, i] += fields[v, i]


@kernel
def sigmoid(fields, q, v, theta, sigma, qmax, lo, hi):  # type: ignore[no-untyped-def]
    """Q = Qmax / (1 + exp(−(V − θ)/σ')); return how many nodes are not finite."""
    scale = -1.0 / sigma
    bad = 0
    for i in range(lo, hi):
        x = fields[v, i]
        rate = qmax / (1.0 + exp((x - theta) * scale))
        fields[q, i] = rate
        # x − x is 0 for finite x, NaN for the rest; the sigmoid alone would hide an infinite V
        bad += (x - x) + (rate - rate) != 0.0
    return bad


@kernel
def linear(fields, q, v, a, b, lo, hi):  # type: ignore[no-untyped-def]
    """Q = a V + b; return how many nodes are not finite."""
    bad = 0
    for i in range(lo, hi):
        rate = a * fields[v, i] + b
        fields[q, i] = rate
        bad += rate - rate != 0.0
    return bad
