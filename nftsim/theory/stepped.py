"""Stability in steps: how small deviations grow in a simulation, in every spatial mode.

A step of Δt multiplies a deviation by ζ = e^{sΔt}, ζ a root of det(1 − ρ (ν L Γ ζ^{−d} + f)) with
its poles cleared, where L, Γ and f are those of the steps (see `nftsim.theory.response`). All
deviations decay if no root lies outside the unit circle. The argument principle along circles
|ζ| = e^{cΔt}, that is on Re s = c with |Im s| ≤ π/Δt, counts the roots outside, of all modes at
once. Where they are follows from those of the equations, which steps shift a little.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from nftsim.theory.characteristic import (
    LEVEL,
    characteristic,
    counted,
    first_points,
    nearby_root,
    rightmost,
)
from nftsim.theory.contour import turns
from nftsim.theory.delays import DelayModel, one_of, pick
from nftsim.theory.equations import Array, Indices
from nftsim.theory.mean_field import responses
from nftsim.theory.modes import Eigenvalues, Laplacian
from nftsim.theory.response import LinearModel

Complex = NDArray[np.complex128]

#: Points on a circle beyond the radius outside of which loops of the equations are too weak.
BEYOND = 32
#: Modes that are looked at in one round, and roots of the equations from which each is.
SPREAD, GUESSES = 8, 6
#: How far steps may shift the pole of a component, as a share of 1 s⁻¹ + |s|.
NEAR = 0.1


@dataclass(frozen=True)
class Steps:
    """The steps of a model around a fixed point.

    Attributes
    ----------
    delays
        The equations, with the Laplacian of the grid.
    """

    delays: DelayModel

    @cached_property
    def linear(self) -> LinearModel:
        """The linear response of the steps."""
        return replace(self.delays.linear, wavenumbers="scheme")

    def poles(self, laplacian: Laplacian) -> Complex:
        """Return the rates of all states without input, shape (modes, n) [s⁻¹]."""
        linear, inner = self.linear, self.delays.inner
        model = linear.model
        count = len(np.atleast_1d(one_of(laplacian)))
        dendrites = {(c.post, c.dendrite) for c in inner}
        rows = [d.discrete_poles(model.setting(post)) for post, d in dendrites]
        for i, firing in zip(model.neural, responses(model), strict=True):
            rows.append(firing.discrete_poles(float(linear.slopes[i]), model.setting(i)))
        factors = [np.broadcast_to(row, (count, len(row))) for row in rows]
        for pre, acts in {(c.pre, linear.propagator(c)) for c in inner}:
            own = laplacian.of(acts.diagonal) if isinstance(laplacian, Eigenvalues) else laplacian
            factors.append(acts.discrete_poles(np.atleast_1d(own), model.setting(pre)))
        with np.errstate(divide="ignore"):
            return np.asarray(np.log(np.concatenate(factors, axis=1)) / model.deltat)

    def count_outside(self, laplacian: Laplacian, left: float) -> Indices:
        """Return how many roots of each mode have |ζ| > e^{left Δt}, shape (M,)."""
        delays, end = self.delays, np.pi / self.linear.model.deltat
        poles = self.poles(laplacian)

        def half(rest: Indices, line: float) -> Array:
            some = pick(laplacian, rest)
            response = characteristic(self.linear, some)

            def function(s: Complex, mode: Indices) -> Complex:
                value = response(s, mode)
                return np.where(s.imag == end, value.real + 0j, value)  # real there, to rounding

            radius = min(delays.radius(some, line), end)
            first = first_points(delays, radius, poles[rest], line)
            far = np.geomspace(radius, end, BEYOND)
            far[-1] = end
            first = np.concatenate([first, np.tile(far, (len(rest), 1))], axis=1)
            # what is wanted is the turn from ζ < 0 to ζ > 0, without the angle at the first
            last = function(np.full(len(rest), line + 1j * end), np.arange(len(rest)))
            return np.asarray(turns(function, line, first) - np.angle(last) / np.pi)

        return counted(half, poles, left)

    def root(self, laplacian: Laplacian, guess: complex) -> complex | None:
        """Return the root of one mode near one of the equations [s⁻¹]; None if there is none."""
        found = nearby_root(self.linear, laplacian, guess)
        if found is None:  # near the pole of a component that loops leave alone
            poles = self.poles(laplacian)[0]
            poles = poles[poles.imag >= -LEVEL * (1 + np.abs(poles))]
            nearest = poles[np.argmin(np.abs(poles - guess))] if len(poles) else np.inf
            found = complex(nearest) if abs(nearest - guess) < NEAR * (1 + abs(guess)) else None
        return None if found is None else complex(found.real, abs(found.imag))

    def rightmost(
        self, laplacian: Laplacian, known: dict[int, complex]
    ) -> tuple[int, complex] | None:
        """Return the mode with the rightmost root of all, and the root [s⁻¹].

        Parameters
        ----------
        laplacian
            All modes, shape (M,).
        known
            The rightmost root of the equations of some modes, by mode [s⁻¹].

        Returns
        -------
        tuple or None
            None if it is near none of the equations' rightmost roots.
        """
        roots = {m: self.root(pick(laplacian, m), s) for m, s in known.items()}
        looked: set[int] = set()
        while True:
            best = _best(roots)
            if best is None:
                ahead = np.array(list(roots))
            else:
                line = best[1].real
                ahead = np.flatnonzero(self.count_outside(laplacian, line + _level(line)))
                if len(ahead) == 0:
                    return best
            fresh = [int(m) for m in ahead if m not in looked]
            if not fresh:
                return None
            for mode in fresh[:: -(-len(fresh) // SPREAD)]:
                looked.add(mode)
                roots[mode] = self._look(pick(laplacian, mode))

    def _look(self, laplacian: Laplacian) -> complex | None:
        """Return the rightmost root of one mode that is near one of the equations'."""
        guesses = rightmost(self.delays, laplacian, GUESSES)
        near = [self.root(laplacian, complex(s)) for s in guesses]
        return max((s for s in near if s is not None), key=lambda s: s.real, default=None)


def _level(line: float) -> float:
    """Return the distance of real parts that are rounding."""
    return LEVEL * (1 + abs(line))


def _best(roots: dict[int, complex | None]) -> tuple[int, complex] | None:
    """Return the mode with the rightmost root, of level ones the first."""
    known = {m: s for m, s in roots.items() if s is not None}
    if not known:
        return None
    most = max(s.real for s in known.values())
    mode = min(m for m, s in known.items() if s.real >= most - _level(most))
    return mode, known[mode]
