"""Glutamate, plastic strengths, and couplings that join every node to every other."""

from __future__ import annotations

from nftsim.engine.kernels.bits import at, row
from nftsim.engine.kernels.compiler import formula, kernel
from nftsim.engine.kernels.maths import exp

#: Steepness of the rates of strengthening and weakening in calcium [l/mol], and of what voltage
#: lets through NMDA receptors [V⁻¹]; reversal potential of calcium and its half point [V].
_CALCIUM = 4e7
_VOLTAGE = 62.0
_REVERSAL = 195e-3
_HALF = 45.5e-3


@kernel
def accumulate(total, phi, before):
    """Add φ to the sum of excitatory fields, which begins anew where `before` is 0."""
    for i in range(total.size):
        total[i] = before * total[i] + phi[i]


@kernel
def accumulate_masked(total, phi, before, mask):
    """Do as `accumulate`, where the mask is 1."""
    for i in range(total.size):
        total[i] = before * total[i] + mask[i] * phi[i]


@formula
def _release(g, source, decay, step):
    slope = source - g * decay
    # what would fall below 0 within the step goes to 0 at once
    return -g if g + slope * step < 0.0 else slope


@kernel
def glutamate(new, old, phi, c):
    """Advance g' = Λ Σφ − g/t by RK4; c = (Λ, 1/t, Δt). With Λ = 0 it is frozen."""
    for i in range(new.size):
        g, lam, decay, step = old[i], at(c[0], i), at(c[1], i), at(c[2], i)
        source = lam * phi[i]
        k1 = _release(g, source, decay, step)
        k2 = _release(g + 0.5 * step * k1, source, decay, step)
        k3 = _release(g + 0.5 * step * k2, source, decay, step)
        k4 = _release(g + step * k3, source, decay, step)
        fresh = g + step / 6.0 * (k1 + 2.0 * k2 + 2.0 * k3 + k4)
        new[i] = g if lam == 0.0 else fresh


@formula
def _share(u, steepness):
    return 1.0 / (1.0 + exp(-steepness * u))


@formula
def _slopes(ca, aim, speed, nu, g, binding, opening, up, down, c):
    """Return the rates of change of Ca, ν̃, ν', ν and g_NMDA."""
    nu_max, t_ca, g0, z, t_bcm, t_rec, step = c
    d_ca = g * binding * opening - ca / t_ca
    d_ca = -ca if ca + d_ca * step < 0.0 else d_ca
    d_aim = up * (nu_max - aim) - down * aim
    d_speed = -2.0 * z * speed + z * z * (aim - nu)
    d_g = 0.0
    if t_bcm > 0.0 and nu != 0.0:
        d_g = -g / t_bcm * (aim / nu - 1.0) + (g0 - g) / t_rec
    return d_ca, d_aim, d_speed, speed, d_g


@formula
def _moved(y, k, step):
    return (
        y[0] + step * k[0],
        y[1] + step * k[1],
        y[2] + step * k[2],
        y[3] + step * k[3],
        y[4] + step * k[4],
    )


@formula
def _advance(y, v, glu, c, i):
    """Return (Ca, ν̃, ν', ν, g) a step later, and B and H, which are held over the step."""
    ca, aim, speed, nu, g = y
    step = at(c[14], i)
    held = (
        at(c[0], i),
        at(c[9], i),
        at(c[10], i),
        at(c[11], i),
        at(c[12], i),
        at(c[13], i),
        step,
    )
    binding = _share(glu - at(c[8], i), at(c[7], i))
    opening = (_REVERSAL - v) * _share(v - _HALF, _VOLTAGE)
    above = _share(ca - at(c[2], i), _CALCIUM)
    up = at(c[3], i) + at(c[5], i) * above
    down = at(c[4], i) + at(c[6], i) * (_share(ca - at(c[1], i), _CALCIUM) - above)
    k1 = _slopes(ca, aim, speed, nu, g, binding, opening, up, down, held)
    a, b, d, e, f = _moved(y, k1, 0.5 * step)
    k2 = _slopes(a, b, d, e, f, binding, opening, up, down, held)
    a, b, d, e, f = _moved(y, k2, 0.5 * step)
    k3 = _slopes(a, b, d, e, f, binding, opening, up, down, held)
    a, b, d, e, f = _moved(y, k3, step)
    k4 = _slopes(a, b, d, e, f, binding, opening, up, down, held)
    total = _moved(k1, k2, 2.0)
    total = _moved(total, k3, 2.0)
    total = _moved(total, k4, 1.0)
    return _moved(y, total, step / 6.0), binding, opening


@kernel
def plastic(p, phi, v, glu, nu, aim, speed, ca, binding, opening, g, c):
    """Advance plastic strengths, one per node; P = ν φ with the new ν.

    c = (ν_max, d_th, p_th, x_th, y_th, x, y, B, glu₀, t_Ca, g₀, z, t_BCM, t_rec, Δt); t_BCM = 0
    keeps g_NMDA.
    """
    for i in range(p.size):
        y = (ca[i], aim[i], speed[i], nu[i], g[i])
        y, binding[i], opening[i] = _advance(y, v[i], glu[i], c, i)
        ca[i], aim[i], speed[i], nu[i], g[i] = y
        p[i] = nu[i] * phi[i]


@kernel
def plastic_pairs(p, fields, phi, glu, v, first, nodes, lo, hi, c):
    """Advance plastic strengths of every pair of nodes, onto nodes `lo` to `hi`; P_j = Σ ν_ij φ_i.

    `phi` and `glu` are rows of all nodes; `first` holds the first rows of ν, ν̃, ν', Ca, B, H and g,
    of which each has as many as there are nodes: one for each node that a strength comes from.
    """
    for j in range(p.size):
        p[j] = 0.0
    for i in range(nodes):
        nu, aim = row(fields, first[0] + i, lo, hi), row(fields, first[1] + i, lo, hi)
        speed, ca = row(fields, first[2] + i, lo, hi), row(fields, first[3] + i, lo, hi)
        binding, opening = row(fields, first[4] + i, lo, hi), row(fields, first[5] + i, lo, hi)
        g = row(fields, first[6] + i, lo, hi)
        for j in range(p.size):
            y = (ca[j], aim[j], speed[j], nu[j], g[j])
            y, binding[j], opening[j] = _advance(y, v[j], glu[i], c, j)
            ca[j], aim[j], speed[j], nu[j], g[j] = y
            p[j] += nu[j] * phi[i]


@kernel
def matrix(p, fields, phi, first, nodes, lo, hi):
    """P_j = Σ_i ν_ij φ_i on nodes `lo` to `hi`; row `first` + i holds the strengths from node i."""
    for j in range(p.size):
        p[j] = 0.0
    for i in range(nodes):
        nu = row(fields, first + i, lo, hi)
        for j in range(p.size):
            p[j] += nu[j] * phi[i]
