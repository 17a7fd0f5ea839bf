"""(1/(ab) d²/dt² + (1/a + 1/b) d/dt + 1) y = u over one step: by RK4, and exactly.

The same equation is that of dendrites and, with a = b = γ, of harmonic propagators.
"""

from __future__ import annotations

import numpy as np

from nftsim.reference.grid import Array, rk4


def held_step(y: Array, u: Array, a: Array, b: Array, step: float) -> Array:
    """Advance (y, y') by the four stages of RK4, with the input u held.

    Parameters
    ----------
    y
        The state, shape (2, y, x).
    u
        The input, shape (y, x).
    a, b
        Rates [s⁻¹], shape (y, x).
    step
        Δt [s].
    """

    def slope(s: Array) -> Array:
        return np.array([s[1], a * b * (u - s[0]) - (a + b) * s[1]])

    return rk4(slope, y, step)


def linear_step(y: Array, old: Array, new: Array, a: Array, b: Array, step: float) -> Array:
    """Advance (y, y') exactly, the input going from `old` to `new` in a straight line.

    The line u₀ + s t is followed with a lag, y_p = u₀ + s (t − 1/a − 1/b); the rest obeys the
    equation without input, whose solutions are e^{−at} and E = (e^{−at} − e^{−bt})/(b − a), with
    E(0) = 0, E'(0) = 1; for a = b, E = t e^{−at}.
    """
    s = (new - old) / step
    lag = 1 / a + 1 / b
    decay = np.exp(-a * step)
    between = (b - a) * step
    safe = np.where(between == 0, 1.0, between)
    # (1 − e^{−(b−a)t})/((b−a)t), which is 1 for a double root
    share = np.where(between == 0, 1.0, -np.expm1(-safe) / safe)
    e = decay * step * share
    c = y[0] - (old - s * lag)
    d = y[1] - s + a * c
    # E' = e^{−at} − b E
    return np.array([new - s * lag + c * decay + d * e, s - a * c * decay + d * (decay - b * e)])
