"""The parts of a step that look at one node at a time: coupling, second-order responses, firing.

Arguments are rows of fields, or parts of them: float64 (node,). Loops are plain, over contiguous
memory, and vectorise.
"""

from __future__ import annotations

from nftsim.engine.kernels.compiler import kernel
from nftsim.engine.kernels.maths import exp


@kernel
def copy(out, source):
    """Take over what stands in another row."""
    for i in range(out.size):
        out[i] = source[i]


@kernel
def affine(x, y, u, m00, m01, m10, m11, m0, m1):
    """Advance (x, y = dx/dt) by one RK4 step with the input u held (see `rk4_map`)."""
    for i in range(x.size):
        a = x[i]
        b = y[i]
        x[i] = m00 * a + m01 * b + m0 * u[i]
        y[i] = m10 * a + m11 * b + m1 * u[i]


@kernel
def dendrite(v, w, phi, nu, total, before, m00, m01, m10, m11, m0, m1):
    """Advance (V_ab, W = dV_ab/dt) by one RK4 step with P_ab = ν_ab φ_ab held; add V_ab to V_a.

    `before` is 0 for the first connection of a population, whose sum V_a begins anew, else 1.
    """
    for i in range(v.size):
        a = v[i]
        b = w[i]
        p = nu * phi[i]
        c = m00 * a + m01 * b + m0 * p
        v[i] = c
        w[i] = m10 * a + m11 * b + m1 * p
        total[i] = before * total[i] + c


@kernel
def dendrite_per_node(v, w, phi, nu, total, before, m00, m01, m10, m11, m0, m1):
    """Do as `dendrite`, with a ν for every node."""
    for i in range(v.size):
        a = v[i]
        b = w[i]
        p = nu[i] * phi[i]
        c = m00 * a + m01 * b + m0 * p
        v[i] = c
        w[i] = m10 * a + m11 * b + m1 * p
        total[i] = before * total[i] + c


@kernel
def sigmoid(q, v, theta, sigma, qmax):
    """Q = Qmax / (1 + exp(−(V − θ)/σ')); return how many nodes are not finite."""
    scale = -1.0 / sigma
    bad = 0
    for i in range(q.size):
        x = v[i]
        rate = qmax / (1.0 + exp((x - theta) * scale))
        q[i] = rate
        # x − x is 0 for finite x, NaN for the rest; the sigmoid alone would hide an infinite V
        bad += 1 if (x - x) + (rate - rate) != 0.0 else 0
    return bad


@kernel
def linear(q, v, a, b):
    """Q = a V + b; return how many nodes are not finite."""
    bad = 0
    for i in range(q.size):
        rate = a * v[i] + b
        q[i] = rate
        bad += 1 if rate - rate != 0.0 else 0
    return bad
