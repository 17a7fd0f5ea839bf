"""What each kind of operation does with its integers: which rows it hands to which kernel.

Every function takes the operation's row ``a`` of integers and its constants ``c`` (see
`nftsim.engine.kernels.program`), and works on nodes `lo` to `hi` in the step from `clock`.
"""

from __future__ import annotations

import numpy as np

from nftsim.engine.kernels import axonal, drive, local, plastic
from nftsim.engine.kernels.bits import row
from nftsim.engine.kernels.compiler import formula
from nftsim.engine.kernels.kinds import DENDRITE_INTEGRAL, DENDRITE_TIMED, ROWS
from nftsim.engine.kernels.views import (
    at_clock,
    four,
    four_rows,
    part,
    three,
    three_rows,
)


@formula
def dendrite(ops, coefs, o, fields, rings, params, lo, hi, clock, k, waveforms):
    """(v, w, φ, delay, total, before, third ring, table): advance V_ab and add it to V_a."""
    kind, phi, delay, r = ops[o, 0], ops[o, 3], ops[o, 4], ops[o, ROWS]
    new = clock + 1
    v, w = part(fields, rings, ops[o, 1], new, lo, hi), part(fields, rings, ops[o, 2], new, lo, hi)
    phi = part(fields, rings, phi, clock - delay, lo, hi)
    total, before = part(fields, rings, ops[o, 5], new, lo, hi), float(ops[o, 6])
    if kind == DENDRITE_INTEGRAL:
        last = part(fields, rings, ops[o, 7], new, lo, hi)
        if r < 0:
            c = three(coefs, o) + three(coefs, o, 3) + three(coefs, o, 6)
            local.dendrite_linear(v, w, last, phi, total, before, c)
        else:
            each = three_rows(params, r, lo, hi) + three_rows(params, r + 3, lo, hi)
            each = each + three_rows(params, r + 6, lo, hi)
            local.dendrite_linear(v, w, last, phi, total, before, each)
    elif kind == DENDRITE_TIMED:
        t = ops[o, 8]
        m = (waveforms[t, k], waveforms[t + 1, k], waveforms[t + 2, k], waveforms[t + 3, k])
        b = (waveforms[t + 4, k], waveforms[t + 5, k])
        drive.fill(part(fields, rings, ops[o, 7], new, lo, hi), waveforms[t + 6, k])
        if r < 0:
            local.dendrite(v, w, phi, total, before, m + b + (coefs[o, 0],))
        else:
            local.dendrite(v, w, phi, total, before, m + b + (row(params, r, lo, hi),))
    elif r < 0:
        local.dendrite(v, w, phi, total, before, three(coefs, o) + four(coefs, o, 3))
    else:
        each = three_rows(params, r, lo, hi) + four_rows(params, r + 3, lo, hi)
        local.dendrite(v, w, phi, total, before, each)


@formula
def soma(ops, coefs, o, fields, rings, params, lo, hi, clock):
    """(v, w, Q, three of φ and delay): all dendrites of a population together, and its sigmoid."""
    r, new = ops[o, ROWS], clock + 1
    v, w = part(fields, rings, ops[o, 1], new, lo, hi), part(fields, rings, ops[o, 2], new, lo, hi)
    q = part(fields, rings, ops[o, 3], new, lo, hi)
    x = part(fields, rings, ops[o, 4], clock - ops[o, 5], lo, hi)
    y = part(fields, rings, ops[o, 6], clock - ops[o, 7], lo, hi)
    z = part(fields, rings, ops[o, 8], clock - ops[o, 9], lo, hi)
    if r < 0:
        c = three(coefs, o) + three(coefs, o, 3) + three(coefs, o, 6) + three(coefs, o, 9)
        return local.soma(v, w, q, x, y, z, c)
    m = three_rows(params, r, lo, hi) + three_rows(params, r + 3, lo, hi)
    s = three_rows(params, r + 6, lo, hi) + three_rows(params, r + 9, lo, hi)
    return local.soma(v, w, q, x, y, z, m + s)


@formula
def weigh(ops, coefs, o, fields, rings, params, lo, hi, clock):
    """(P, before, three of φ and delay): P = Σ ν φ, added to what was weighed before."""
    r = ops[o, ROWS]
    p, before = part(fields, rings, ops[o, 1], clock + 1, lo, hi), float(ops[o, 2])
    x = part(fields, rings, ops[o, 3], clock - ops[o, 4], lo, hi)
    y = part(fields, rings, ops[o, 5], clock - ops[o, 6], lo, hi)
    z = part(fields, rings, ops[o, 7], clock - ops[o, 8], lo, hi)
    if r < 0:
        local.weigh(p, before, x, y, z, three(coefs, o))
    else:
        local.weigh(p, before, x, y, z, three_rows(params, r, lo, hi))


@formula
def harmonic(ops, coefs, o, fields, rings, params, lo, hi, clock):
    """(φ, φ', ·, Q, delay): advance φ with Q held."""
    r, new = ops[o, ROWS], clock + 1
    x, y = (
        part(fields, rings, ops[o, 1], clock, lo, hi),
        part(fields, rings, ops[o, 2], new, lo, hi),
    )
    out = part(fields, rings, ops[o, 1], new, lo, hi)
    u = part(fields, rings, ops[o, 4], new - ops[o, 5], lo, hi)
    if r < 0:
        local.affine(out, x, y, u, three(coefs, o) + three(coefs, o, 3))
    else:
        each = three_rows(params, r, lo, hi) + three_rows(params, r + 3, lo, hi)
        local.affine(out, x, y, u, each)


@formula
def harmonic_integral(ops, coefs, o, fields, rings, params, lo, hi, clock):
    """(φ, φ', last Q, Q, delay): advance φ with Q a straight line."""
    r, new = ops[o, ROWS], clock + 1
    x, y = (
        part(fields, rings, ops[o, 1], clock, lo, hi),
        part(fields, rings, ops[o, 2], new, lo, hi),
    )
    out, last = (
        part(fields, rings, ops[o, 1], new, lo, hi),
        part(fields, rings, ops[o, 3], new, lo, hi),
    )
    u = part(fields, rings, ops[o, 4], new - ops[o, 5], lo, hi)
    if r < 0:
        local.affine_linear(out, x, y, last, u, four(coefs, o) + four(coefs, o, 4))
    else:
        each = four_rows(params, r, lo, hi) + four_rows(params, r + 4, lo, hi)
        local.affine_linear(out, x, y, last, u, each)


@formula
def wave(ops, coefs, o, fields, rings, params, grid, lo, hi, clock, sums):
    """(φ, ·, ·, Q, delay): advance φ; the last constant is the weight of diagonal neighbours."""
    phi, q, at = ops[o, 1], ops[o, 4], clock + 1 - ops[o, 5]
    r = (
        at_clock(rings, phi, clock + 1),
        at_clock(rings, phi, clock),
        at_clock(rings, phi, clock - 1),
        at_clock(rings, q, at),
        at_clock(rings, q, at - 1),
        at_clock(rings, q, at - 2),
    )
    c = three(coefs, o) + four(coefs, o, 3)
    ny, nx, turned = grid[0], grid[1], grid[3] != 0
    first, last, diagonal = lo // nx, hi // nx, coefs[o, 7]
    axonal.wave(fields, r, c, params, ops[o, ROWS], nx, ny, turned, first, last, diagonal, sums)


@formula
def sigmoid(ops, coefs, o, fields, rings, params, lo, hi, clock):
    """(Q, V)."""
    r, new = ops[o, ROWS], clock + 1
    q, v = part(fields, rings, ops[o, 1], new, lo, hi), part(fields, rings, ops[o, 2], new, lo, hi)
    if r < 0:
        return local.sigmoid(q, v, three(coefs, o))
    return local.sigmoid(q, v, three_rows(params, r, lo, hi))


@formula
def polynomial(ops, coefs, o, fields, rings, params, lo, hi, clock):
    """(Q, V)."""
    r, new = ops[o, ROWS], clock + 1
    q, v = part(fields, rings, ops[o, 1], new, lo, hi), part(fields, rings, ops[o, 2], new, lo, hi)
    if r < 0:
        return local.polynomial(q, v, four(coefs, o))
    return local.polynomial(q, v, four_rows(params, r, lo, hi))


@formula
def bursting(ops, coefs, o, fields, rings, params, lo, hi, clock, k, waveforms):
    """(Q, V, X, table); H, θ, g_X and g_H are the rings after X."""
    r, new, x, t = ops[o, ROWS], clock + 1, ops[o, 3], ops[o, 4]
    q, v = part(fields, rings, ops[o, 1], new, lo, hi), part(fields, rings, ops[o, 2], new, lo, hi)
    first, second = (
        part(fields, rings, x, new, lo, hi),
        part(fields, rings, x + 1, new, lo, hi),
    )
    theta = part(fields, rings, x + 2, new, lo, hi)
    drive.fill(part(fields, rings, x + 3, new, lo, hi), waveforms[t, k])
    drive.fill(part(fields, rings, x + 4, new, lo, hi), waveforms[t + 1, k])
    persistent, slow = waveforms[t + 2, k], waveforms[t + 3, k]
    if r < 0:
        c = three(coefs, o) + three(coefs, o, 3) + four(coefs, o, 6)
        return local.bursting(q, v, first, second, theta, persistent, slow, c)
    each = three_rows(params, r, lo, hi) + three_rows(params, r + 3, lo, hi)
    each = each + four_rows(params, r + 6, lo, hi)
    return local.bursting(q, v, first, second, theta, persistent, slow, each)


@formula
def accumulate(ops, o, fields, rings, params, lo, hi, clock):
    """(sum, φ, delay, before, mask): add an excitatory field of the step before."""
    total = part(fields, rings, ops[o, 1], clock + 1, lo, hi)
    phi = part(fields, rings, ops[o, 2], clock - ops[o, 3], lo, hi)
    if ops[o, 5] < 0:
        plastic.accumulate(total, phi, float(ops[o, 4]))
    else:
        plastic.accumulate_masked(total, phi, float(ops[o, 4]), row(params, ops[o, 5], lo, hi))


@formula
def glutamate(ops, coefs, o, fields, rings, params, lo, hi, clock):
    """(g, sum)."""
    r, new = ops[o, ROWS], clock + 1
    out, old = (
        part(fields, rings, ops[o, 1], new, lo, hi),
        part(fields, rings, ops[o, 1], clock, lo, hi),
    )
    phi = part(fields, rings, ops[o, 2], new, lo, hi)
    if r < 0:
        plastic.glutamate(out, old, phi, three(coefs, o))
    else:
        plastic.glutamate(out, old, phi, three_rows(params, r, lo, hi))


@formula
def scale(ops, o, fields, rings, lo, hi, clock, k, waveforms):
    """(P, φ, delay, ν, table): P = ν φ with the ν of this step."""
    strength = waveforms[ops[o, 5], k]
    drive.fill(part(fields, rings, ops[o, 4], clock + 1, lo, hi), strength)
    phi = part(fields, rings, ops[o, 2], clock - ops[o, 3], lo, hi)
    local.scale(part(fields, rings, ops[o, 1], clock + 1, lo, hi), phi, strength)


@formula
def matrix(ops, o, fields, rings, nodes, lo, hi, clock):
    """(P, φ, delay, ν)."""
    p = part(fields, rings, ops[o, 1], clock + 1, lo, hi)
    phi = part(fields, rings, ops[o, 2], clock - ops[o, 3], 0, nodes)
    plastic.matrix(p, fields, phi, rings[ops[o, 4], 0], nodes, lo, hi)


@formula
def strength(ops, coefs, o, fields, rings, params, lo, hi, clock):
    """(P, φ, delay, ν, V, g): plastic ν; ν̃, ν', Ca, B, H and g_NMDA are the rings after ν."""
    r, new, nu = ops[o, ROWS], clock + 1, ops[o, 4]
    p = part(fields, rings, ops[o, 1], new, lo, hi)
    phi = part(fields, rings, ops[o, 2], clock - ops[o, 3], lo, hi)
    v = part(fields, rings, ops[o, 5], clock, lo, hi)
    glu = part(fields, rings, ops[o, 6], clock, lo, hi)
    one = part(fields, rings, nu, new, lo, hi), part(fields, rings, nu + 1, new, lo, hi)
    two = part(fields, rings, nu + 2, new, lo, hi), part(fields, rings, nu + 3, new, lo, hi)
    three_ = part(fields, rings, nu + 4, new, lo, hi), part(fields, rings, nu + 5, new, lo, hi)
    g = part(fields, rings, nu + 6, new, lo, hi)
    if r < 0:
        c = three(coefs, o) + four(coefs, o, 3) + four(coefs, o, 7) + four(coefs, o, 11)
        plastic.plastic(p, phi, v, glu, *one, *two, *three_, g, c)
    else:
        each = three_rows(params, r, lo, hi) + four_rows(params, r + 3, lo, hi)
        each = each + four_rows(params, r + 7, lo, hi) + four_rows(params, r + 11, lo, hi)
        plastic.plastic(p, phi, v, glu, *one, *two, *three_, g, each)


@formula
def strengths(ops, coefs, o, fields, rings, params, nodes, lo, hi, clock):
    """Do as `strength`, for every pair of nodes."""
    r, new, nu = ops[o, ROWS], clock + 1, ops[o, 4]
    p = part(fields, rings, ops[o, 1], new, lo, hi)
    phi = part(fields, rings, ops[o, 2], clock - ops[o, 3], 0, nodes)
    v = part(fields, rings, ops[o, 5], clock, lo, hi)
    glu = part(fields, rings, ops[o, 6], clock, 0, nodes)
    first = (
        rings[nu, 0],
        rings[nu + 1, 0],
        rings[nu + 2, 0],
        rings[nu + 3, 0],
        rings[nu + 4, 0],
        rings[nu + 5, 0],
        rings[nu + 6, 0],
    )
    if r < 0:
        c = three(coefs, o) + four(coefs, o, 3) + four(coefs, o, 7) + four(coefs, o, 11)
        plastic.plastic_pairs(p, fields, phi, glu, v, first, nodes, lo, hi, c)
    else:
        each = three_rows(params, r, lo, hi) + four_rows(params, r + 3, lo, hi)
        each = each + four_rows(params, r + 7, lo, hi) + four_rows(params, r + 11, lo, hi)
        plastic.plastic_pairs(p, fields, phi, glu, v, first, nodes, lo, hi, each)


@formula
def add(ops, o, fields, rings, params, lo, hi, clock, k, waveforms):
    """(Q, waveform, mask)."""
    q = part(fields, rings, ops[o, 1], clock + 1, lo, hi)
    if ops[o, 3] < 0:
        drive.add(q, waveforms[ops[o, 2], k])
    else:
        drive.add_masked(q, waveforms[ops[o, 2], k], row(params, ops[o, 3], lo, hi))


@formula
def add_field(ops, o, fields, rings, params, lo, hi, clock, k, tables):
    """(Q, table, mask)."""
    q, each = part(fields, rings, ops[o, 1], clock + 1, lo, hi), tables[ops[o, 2], k]
    if ops[o, 3] < 0:
        drive.add_field(q, each, lo)
    else:
        drive.add_field_masked(q, each, lo, row(params, ops[o, 3], lo, hi))


@formula
def add_noise(ops, coefs, o, fields, rings, params, lo, hi, clock, k, waveforms):
    """(Q, z, window, mask): add σ z; the amplitude follows the stimulus's window."""
    window, r, mask = waveforms[ops[o, 3], k], ops[o, ROWS], ops[o, 4]
    if window != 0.0:
        q = part(fields, rings, ops[o, 1], clock + 1, lo, hi)
        z = part(fields, rings, ops[o, 2], clock, lo, hi)
        if r < 0 and mask < 0:
            drive.add_noise(q, z, window, coefs[o, 0])
        elif mask < 0:
            drive.add_noise(q, z, window, row(params, r, lo, hi))
        elif r < 0:
            drive.add_noise_masked(q, z, window, coefs[o, 0], row(params, mask, lo, hi))
        else:
            sigma = row(params, r, lo, hi)
            drive.add_noise_masked(q, z, window, sigma, row(params, mask, lo, hi))


@formula
def noisy(ops, coefs, o, fields, rings, params, lo, hi, clock, k, waveforms):
    """(Q, z, waveform, window): Q = mean + σ z."""
    r, mean, window = ops[o, ROWS], waveforms[ops[o, 3], k], waveforms[ops[o, 4], k]
    q = part(fields, rings, ops[o, 1], clock + 1, lo, hi)
    z = part(fields, rings, ops[o, 2], clock, lo, hi)
    if r < 0:
        drive.noisy(q, z, mean, window, coefs[o, 0])
    else:
        drive.noisy(q, z, mean, window, row(params, r, lo, hi))


@formula
def draw(ops, o, fields, rings, keys, nodes, lo, hi, clock, coherent):
    """(z, stream): the deviates of this step and the next, where this one is even."""
    if clock % 2 == 0:
        stream, pair = np.uint64(ops[o, 2]), np.uint64(clock // 2)
        base = rings[ops[o, 1], 0]
        z, spare = row(fields, base, lo, hi), row(fields, base + 1, lo, hi)
        if coherent:
            drive.draw_coherent(z, spare, keys[lo:hi], stream, pair)
        else:
            drive.draw(z, spare, keys[lo:hi], stream, pair, nodes[lo:hi])
