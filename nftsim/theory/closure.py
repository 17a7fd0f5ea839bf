"""The loops of a linear network closed for all spatial modes at once.

Only fields of dispersive propagators depend on the mode, and a model has few different ones. With
ψ_g = Γ_g Q_b(g) for these and everything else solved for at k = 0, once per frequency, what is left
per mode is as small as the number of such fields within loops: one in the corticothalamic model.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nftsim.theory.equations import Indices

Complex = NDArray[np.complex128]


@dataclass(frozen=True)
class Network:
    """A linear network with sources, and what is read of it.

    Q = A⁻¹ (B u + N ψ), ψ_g = Γ_g Q_b(g) or Γ_g u_b(g), y = R Q + S ψ + D u, with N populations
    within the loops, S sources u, G fields ψ and T readings y; … are the frequencies, shaped to
    broadcast with modes.

    Attributes
    ----------
    loops
        A, shape (…, N, N): all but dispersive fields.
    sources
        B, shape (…, N, S).
    fields
        N, shape (…, N, G).
    origin
        Of each field the place of its population in Q; −1 − i where source i makes it; shape (G,).
        A field that neither makes is at rest, and is to be left out.
    reading, reading_fields, reading_sources
        R, S, D, shapes (…, T, N), (…, T, G) and (…, T, S).
    gamma
        Γ_g at every mode, shape (G, …).
    """

    loops: Complex
    sources: Complex
    fields: Complex
    origin: Indices
    reading: Complex
    reading_fields: Complex
    reading_sources: Complex
    gamma: Complex

    def responses(self) -> Complex:
        """Return y for each source, shape (T, S, …).

        Raises
        ------
        LinAlgError
            If a loop is singular at one of the frequencies.
        """
        count = self.sources.shape[-1]
        right = np.concatenate([self.sources, self.fields], axis=-1)
        both = np.asarray(np.linalg.solve(self.loops, right), dtype=np.complex128)
        direct = np.concatenate([self.reading_sources, self.reading_fields], axis=-1)
        out = _first(direct + self.reading @ both)
        inside, outside = np.flatnonzero(self.origin >= 0), np.flatnonzero(self.origin < 0)
        onto = _first(both[..., self.origin[inside], :])
        loops = count + inside
        adjoint = self._adjoint(out[:, loops], onto[:, loops], self.gamma[inside])
        shape = np.broadcast_shapes(self.gamma.shape[1:], out.shape[2:])
        found = np.empty((len(out), count, *shape), complex)
        for t, hears in enumerate(adjoint):
            for i in range(count):
                found[t, i] = out[t, i] + _sum(hears, onto[:, i])
            for g in outside:
                through = out[t, count + g] + _sum(hears, onto[:, count + g])
                found[t, -1 - self.origin[g]] += through * self.gamma[g]
        return found

    def _adjoint(self, out: Complex, within: Complex, gamma: Complex) -> Complex:
        """Return out (1 − Γ W)⁻¹ Γ, by field: how a reading hears what drives each field.

        Parameters
        ----------
        out
            Shape (T, G', …): readings of the fields within loops.
        within
            W, shape (G', G', …): onto the population of a field, from another field.
        gamma
            Shape (G', …).
        """
        size = len(gamma)
        if size == 0:
            return np.empty((len(out), 0, 1), complex)
        if size == 1:
            # zero where a mode is marginally stable, which the infinite response says
            with np.errstate(divide="ignore", invalid="ignore"):
                return np.asarray(out * (gamma[0] / (1 - gamma[0] * within[0, 0])))
        shape = np.broadcast_shapes(gamma.shape[1:], within.shape[2:])
        matrix = np.eye(size)[(..., *[None] * len(shape))] - gamma[:, None] * within
        matrix = np.moveaxis(np.broadcast_to(matrix, (size, size, *shape)), (0, 1), (-1, -2))
        right = np.moveaxis(np.broadcast_to(out, (*out.shape[:2], *shape)), (0, 1), (-1, -2))
        solved = np.linalg.solve(matrix, right)  # of the transpose, so for the readings alone
        return np.asarray(np.moveaxis(solved, (-2, -1), (1, 0)) * gamma)


def _first(a: Complex) -> Complex:
    """Move the last two axes to the front."""
    return np.moveaxis(a, (-2, -1), (0, 1))


def _sum(weights: Complex, values: Complex) -> Complex | float:
    """Return Σ_g of products over the first axis."""
    return sum((w * v for w, v in zip(weights, values, strict=True)), start=0.0)
