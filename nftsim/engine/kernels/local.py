"""The parts of a step that look at one node at a time: second-order responses, firing.

Arguments are rows of fields, or parts of them: float64 (node,). Constants `c` are numbers, or rows
too where they vary over the nodes (see `at`). Loops are plain, over contiguous memory, and
vectorise.
"""

from __future__ import annotations

import numpy as np

from nftsim.engine.kernels.bits import at, to_bits
from nftsim.engine.kernels.compiler import formula, kernel
from nftsim.engine.kernels.maths import exp

_NONE = np.uint64(0)


@kernel
def copy(out, source):
    """Take over what stands in another row."""
    for i in range(out.size):
        out[i] = source[i]


@kernel
def scale(out, source, factor):
    """P = ν φ with ν the same for all nodes."""
    for i in range(out.size):
        out[i] = factor * source[i]


@kernel
def affine(new, x, y, u, c):
    """Advance (x, y = dx/dt) by a step with the input u held (see `held_map`)."""
    for i in range(x.size):
        a = x[i]
        b = y[i]
        new[i] = at(c[0], i) * a + at(c[1], i) * b + at(c[4], i) * u[i]
        y[i] = at(c[2], i) * a + at(c[3], i) * b + at(c[5], i) * u[i]


@kernel
def affine_linear(new, x, y, before, u, c):
    """Advance (x, y = dx/dt) by a step with the input a straight line (see `linear_map`).

    The line goes from `before`, which becomes u, to u.
    """
    for i in range(x.size):
        a = x[i]
        b = y[i]
        u0 = before[i]
        u1 = u[i]
        new[i] = at(c[0], i) * a + at(c[1], i) * b + at(c[4], i) * u0 + at(c[6], i) * u1
        y[i] = at(c[2], i) * a + at(c[3], i) * b + at(c[5], i) * u0 + at(c[7], i) * u1
        before[i] = u1


@kernel
def dendrite(v, w, phi, total, before, c):
    """Advance (V_ab, W = dV_ab/dt) by a step with P_ab = ν_ab φ_ab held; add V_ab to V_a.

    `before` is 0 for the first connection of a population, whose sum V_a begins anew, else 1. The
    last of the constants is ν.
    """
    for i in range(v.size):
        a = v[i]
        b = w[i]
        p = at(c[6], i) * phi[i]
        fresh = at(c[0], i) * a + at(c[1], i) * b + at(c[4], i) * p
        v[i] = fresh
        w[i] = at(c[2], i) * a + at(c[3], i) * b + at(c[5], i) * p
        total[i] = before * total[i] + fresh


@kernel
def dendrite_linear(v, w, last, phi, total, before, c):
    """Do as `dendrite`, with P a straight line from `last`, which becomes P, to P."""
    for i in range(v.size):
        a = v[i]
        b = w[i]
        p0 = last[i]
        p1 = at(c[8], i) * phi[i]
        fresh = at(c[0], i) * a + at(c[1], i) * b + at(c[4], i) * p0 + at(c[6], i) * p1
        v[i] = fresh
        w[i] = at(c[2], i) * a + at(c[3], i) * b + at(c[5], i) * p0 + at(c[7], i) * p1
        last[i] = p1
        total[i] = before * total[i] + fresh


@formula
def _sigmoid(x, shift, scale, qmax):
    """Qmax / (1 + exp(−(V − θ)/σ')), shift = θ/σ' and scale = −1/σ'."""
    # one product: with two, the compiler may fuse either into the sum, and blocks would differ
    return qmax / (1.0 + exp(x * scale + shift))


@formula
def _wrong(x):
    """Return bits that are 0 if x is finite: x − x is 0 for finite x and NaN for the rest."""
    return to_bits(x - x)


@kernel
def weigh(p, before, x, y, z, nu):
    """P = ν φ + ν φ + ν φ, added to what was weighed before."""
    for i in range(p.size):
        p[i] = before * p[i] + (at(nu[0], i) * x[i] + at(nu[1], i) * y[i] + at(nu[2], i) * z[i])


@kernel
def soma(v, w, q, x, y, z, c):
    """Advance the sum V of equal dendrites with P = Σ ν φ held, and fire.

    Return 1 if a potential is not finite, else 0.
    c = (M₀₀, M₀₁, M₁₀, M₁₁, m₀, m₁, three of ν, θ/σ', −1/σ', Qmax).
    """
    wrong = _NONE
    for i in range(v.size):
        a = v[i]
        b = w[i]
        p = at(c[6], i) * x[i] + at(c[7], i) * y[i] + at(c[8], i) * z[i]
        fresh = at(c[0], i) * a + at(c[1], i) * b + at(c[4], i) * p
        v[i] = fresh
        w[i] = at(c[2], i) * a + at(c[3], i) * b + at(c[5], i) * p
        rate = _sigmoid(fresh, at(c[9], i), at(c[10], i), at(c[11], i))
        q[i] = rate
        wrong |= _wrong(fresh)
    return 1 if wrong != _NONE else 0


@kernel
def sigmoid(q, v, c):
    """Q = Qmax / (1 + exp(−(V − θ)/σ')), c = (θ/σ', −1/σ', Qmax); return 1 if a V is not finite."""
    wrong = _NONE
    for i in range(q.size):
        x = v[i]
        rate = _sigmoid(x, at(c[0], i), at(c[1], i), at(c[2], i))
        q[i] = rate
        wrong |= _wrong(x)
    return 1 if wrong != _NONE else 0


@kernel
def polynomial(q, v, c):
    """Q = c₀ + c₁ V + c₂ V² + c₃ V³; return 1 if a number is not finite."""
    wrong = _NONE
    for i in range(q.size):
        x = v[i]
        rate = at(c[0], i) + x * (at(c[1], i) + x * (at(c[2], i) + x * at(c[3], i)))
        q[i] = rate
        wrong |= _wrong(x) | _wrong(rate)
    return 1 if wrong != _NONE else 0


@kernel
def bursting(q, v, x, h, theta, persistent, slow, c):
    """Advance X and H and fire around the threshold θ that they modulate.

    Return 1 if a number is not finite, else 0.
    c = (−1/σ', Qmax, i_c, a_x, 1/μ, and of the RK4 step of (X, H): M₀₀, M₁₀, M₁₁, m₀, m₁);
    `persistent` is 3 i_b and `slow` is i_b − i_a at this step.
    """
    wrong = _NONE
    for i in range(q.size):
        u = v[i]
        ic, per_mu = at(c[2], i), at(c[4], i)
        before = (ic - persistent * x[i] + slow * h[i]) * per_mu
        target = at(c[3], i) * _sigmoid(u - before, 0.0, at(c[0], i), at(c[1], i))
        target = 0.0 if target < 0.0 else target
        fresh = at(c[5], i) * x[i] + at(c[8], i) * target
        h[i] = at(c[6], i) * x[i] + at(c[7], i) * h[i] + at(c[9], i) * target
        x[i] = fresh
        theta[i] = (ic - persistent * fresh + slow * h[i]) * per_mu
        rate = _sigmoid(u - theta[i], 0.0, at(c[0], i), at(c[1], i))
        q[i] = rate
        wrong |= _wrong(u) | _wrong(rate)
    return 1 if wrong != _NONE else 0
