"""One step of small deviations as a matrix, written out by itself, for the tests of stability."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from nftsim.components.propagators import Map
from nftsim.model.steps import delay_steps
from nftsim.theory.response import LinearModel

Array = NDArray[np.float64]
Complex = NDArray[np.complex128]


def step_roots(linear: LinearModel, laplacian: float) -> Complex:
    """Rates at which deviations of one mode grow, step by step [s⁻¹], rightmost first.

    For second-order dendrites, maps, waves and harmonics, and responses without memory.
    """
    size = len(_advanced(linear, laplacian, None))
    zeta = np.linalg.eigvals(_advanced(linear, laplacian, np.eye(size)).astype(complex))
    zeta = zeta[np.abs(zeta) > 1e-3]
    s = np.log(zeta) / linear.model.deltat
    return np.asarray(s[np.argsort(-s.real)])


def _advanced(linear: LinearModel, laplacian: float, x: Array | None) -> Array:
    """Return states a step later, a column for each of x; without x, any of the right length."""
    model = linear.model
    inner = [c for c in model.connections if c.pre in model.neural]
    delays = {c.index: delay_steps(float(c.propagator.tau), model.deltat) for c in inner}  # type: ignore[arg-type]
    longest = max(delays.values(), default=0) + 3
    rows = 4 * len(inner)  # V, W, φ and the other of the field, of each connection
    if x is None:
        return np.zeros((rows + longest * len(model.neural), 1))
    past = x[rows:].reshape(len(model.neural), longest, -1)  # rates, the newest first
    ends, potentials = [], {a: np.zeros(x.shape[1]) for a in model.neural}
    for i, c in enumerate(inner):
        v, w, phi, _ = x[4 * i : 4 * i + 4]
        m = c.dendrite.coefficients(model.setting(c.post))
        drive = linear.strengths[c.index - 1] * phi
        fresh = (m[0] * v + m[1] * w + m[4] * drive, m[2] * v + m[3] * w + m[5] * drive)
        potentials[c.post] = potentials[c.post] + fresh[0]
        ends.append(fresh)
    rates = np.stack([linear.slopes[a] * potentials[a] for a in model.neural])
    now = np.concatenate([rates[:, None], past], axis=1)
    after = []
    for i, c in enumerate(inner):
        phi, other = x[4 * i + 2 : 4 * i + 4]
        acts = linear.propagator(c)
        q = now[model.neural.index(c.pre), delays[c.index] :]  # delayed: of this step, the last ...
        k = acts.coefficients(model.setting(c.pre))
        if isinstance(acts, Map):
            field = (q[0], np.zeros_like(other))
        elif acts.dispersive:
            around = 4.0 - laplacian
            moved = (k[0] + k[1] * around) * phi - k[2] * other
            field = (moved + (k[3] + k[4] * around) * q[1] + k[5] * q[0] + k[6] * q[2], phi)
        else:
            field = (
                k[0] * phi + k[1] * other + k[4] * q[0],
                k[2] * phi + k[3] * other + k[5] * q[0],
            )
        after += [*ends[i], *field]
    return np.concatenate([np.stack(after), now[:, :longest].reshape(-1, x.shape[1])])
