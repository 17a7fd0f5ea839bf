"""Growing deviations at the fixed points of a family: how many in every mode, and their roots."""

from __future__ import annotations

import numpy as np

from nftsim.errors import NftsimError
from nftsim.notices import quiet
from nftsim.theory.characteristic import count_right, nearby_root, rightmost_roots
from nftsim.theory.delays import DelayModel, pick
from nftsim.theory.equations import Array, Indices
from nftsim.theory.family import Family
from nftsim.theory.frozen import frozen
from nftsim.theory.mean_field import feedbacks
from nftsim.theory.modes import Laplacian
from nftsim.theory.response import linearise
from nftsim.theory.stability import mode_wavenumbers
from nftsim.theory.states import FixedPoint

#: Decaying roots of one mode that are looked at where one crosses the imaginary axis.
BEYOND = 4


class Spread:
    """Roots of the characteristic function along a family of models.

    Places are given by the value of the parameter and the potentials of the fixed point, what a
    moving threshold adds included, shape (P,) [V]. Modes are those that the grid's symmetry leaves,
    k = 0 first. `unknown` says why roots cannot be counted, where that is so.
    """

    def __init__(self, family: Family) -> None:
        self.family = family
        self.unknown = ""
        self._k = np.zeros(1)

    def counts(self, value: float, potentials: Array) -> Indices | None:
        """Return the number of growing roots of each mode, shape (M,); None if not known."""
        if self.unknown:
            return None
        try:
            delays, laplacian = self._delays(value, potentials)
            if not delays.dispersive:  # all modes have the roots of the first one
                return np.repeat(
                    count_right(delays, pick(laplacian, slice(0, 1)), 0.0), len(self._k)
                )
            return count_right(delays, laplacian, 0.0)
        except NftsimError as error:
            self.unknown = str(error)
            return None

    def roots(self, value: float, potentials: Array, mode: int) -> list[complex]:
        """Return roots of one mode [s⁻¹], the closest to the imaginary axis first."""
        delays, laplacian = self._delays(value, potentials)
        own = pick(laplacian, mode)
        growing = int(count_right(delays, pick(own, None), 0.0)[0])
        roots = rightmost_roots(delays.linear, own, growing + BEYOND)
        upper = roots[roots.imag >= 0]
        return [complex(r) for r in upper[np.argsort(np.abs(upper.real))]]

    def near(self, value: float, potentials: Array, mode: int, guess: complex) -> complex | None:
        """Return the root of one mode near a guess [s⁻¹]."""
        delays, laplacian = self._delays(value, potentials)
        return nearby_root(delays.linear, pick(laplacian, mode), guess)

    def wavenumber(self, mode: int) -> float:
        """Return k [m⁻¹]."""
        return float(self._k[mode])

    def _delays(self, value: float, potentials: Array) -> tuple[DelayModel, Laplacian]:
        with quiet("nftsim.theory"):
            model = self.family.model(value)
            rates = self.family.equations(value).rates(potentials)
            point = FixedPoint(rates, potentials - feedbacks(model) * rates, 0.0)
            linear = linearise(frozen(model)[0], point, "grid")
            first = model.neural[0]
            self._k = mode_wavenumbers(linear, first)
            return DelayModel(linear), linear.modes(first).laplacian
