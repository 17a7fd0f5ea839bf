"""Dispersion relation: the frequencies and damping of a model's own waves, along k."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from nftsim.errors import NftsimError
from nftsim.model import Model
from nftsim.theory.characteristic import newton, rightmost
from nftsim.theory.chebyshev import eigenvalues
from nftsim.theory.cross import wave
from nftsim.theory.delays import DelayModel
from nftsim.theory.equations import Array
from nftsim.theory.fixed_points import FixedPoint
from nftsim.theory.linear import rest
from nftsim.theory.response import LinearModel, linearise
from nftsim.theory.sources import rate_of

Complex = NDArray[np.complex128]

#: How far a root moves in a step along k, as a share of 1 s⁻¹ + |s|.
STRIDE = 0.02
#: Steps along k, as a share of the largest: the first one, and the shortest.
FIRST, SHORTEST = 1e-3, 1e-8
#: How far beyond a double root its branch is looked for, as a share of the largest k, and how far
#: off there, as a share of 1 s⁻¹ + |s|.
BEYOND, OFF = (1e-7, 1e-6, 1e-5, 1e-4), 0.05
#: Points on the past of each rate, for a first guess there.
POINTS = 32
#: Roots closer than this share of 1 s⁻¹ + |s| are one.
SAME = 1e-6
#: How close a root is to the pole of a component that it is, as a share of 1 s⁻¹ + |s|.
AT_POLE = 1e-5
#: In place of a root beyond the end of a branch.
NONE = complex(np.nan, np.nan)
#: Most roots that are looked at to find those wanted.
MOST = 80


@dataclass(frozen=True)
class Dispersion:
    """The rightmost roots of the characteristic function along k.

    Attributes
    ----------
    k
        Wavenumbers, shape (n,) [m⁻¹].
    roots
        s = growth rate + i angular frequency of each branch, rightmost first at the first k and
        followed from there, shape (n, branch) [s⁻¹]; NaN beyond the end of a branch. Of a
        conjugate pair the one with Im s ≥ 0.
    joined
        Per branch the index of the earlier one that it ends in, as one pair; −1 if in none, shape
        (branch,). A branch that ends in none could not be followed further.
    """

    k: Array
    roots: Complex
    joined: NDArray[np.int64]

    @property
    def growth(self) -> Array:
        """Growth rates Re s, shape (n, branch) [s⁻¹]."""
        return np.asarray(self.roots.real)

    @property
    def frequency(self) -> Array:
        """Frequencies Im s/2π, shape (n, branch) [Hz]."""
        return np.asarray(self.roots.imag / (2 * np.pi))

    def to_frame(self) -> pd.DataFrame:
        """Return a table with one row per wavenumber and branch."""
        n, branches = self.roots.shape
        return pd.DataFrame(
            {
                "k": np.repeat(self.k, branches),
                "branch": np.tile(np.arange(1, branches + 1), n),
                "growth": self.growth.ravel(),
                "frequency": self.frequency.ravel(),
            }
        )


def dispersion(
    model: Model,
    k: ArrayLike,
    *,
    count: int = 3,
    wavenumbers: str = "continuous",
    fixed_point: FixedPoint | None = None,
) -> Dispersion:
    """Return the dispersion relation ω(k) of small deviations that nothing drives.

    Parameters
    ----------
    model
        A uniform model with neural populations.
    k
        Wavenumbers along x on the first neural sheet, shape (n,) [m⁻¹].
    count
        How many branches, if there are as many.
    wavenumbers
        ``continuous`` or ``grid`` (see `nftsim.theory.modes.WAVENUMBERS`).
    fixed_point
        The state around which the model is linearised (default: as in `linear_spectrum`).

    Notes
    -----
    With s = −iω the roots of det(1 − ρ (ν L Γ e^{−sτ} + f)) (see `nftsim.theory.stability`). Each
    branch is followed by itself, by Newton's method from a straight line through its last two
    places, in steps within which it moves by little. Where two real roots meet they go on as one
    pair: so does the first of both branches, and the other ends. Where a pair meets its conjugate
    on the real axis its branch goes on as the rightmost of the two. Poles of components that are
    no waves of the network, and the same for all k (decay by −α), are left out.
    """
    if wavenumbers == "scheme":
        raise NftsimError(
            "the dispersion relation is that of the equations; take the continuous or the grid "
            "wavenumbers"
        )
    if not model.neural:
        raise NftsimError(f"{model.name} has only inputs, and no waves of its own")
    along = np.asarray(k, dtype=float)
    if along.ndim != 1 or not len(along) or not np.isfinite(along).all():
        raise NftsimError("k must be a list of one or more finite numbers [m^-1]")
    linear = linearise(model, rest(model, fixed_point), wavenumbers)
    wave(linear, rate_of(model.neural[0]), along)  # which the grid must have
    waves = _Waves(linear, float(np.abs(along).max()) or 1.0)
    starts = waves.rightmost(float(along[0]), count)
    roots = np.full((len(along), len(starts)), NONE)
    with np.errstate(all="ignore"):
        for j, start in enumerate(starts):
            roots[:, j] = list(waves.followed(along, start))
    return Dispersion(along, *_parted(roots))


@dataclass(frozen=True)
class _Waves:
    """The roots of a linear model along k, of which `largest` is the largest [m⁻¹]."""

    linear: LinearModel
    largest: float

    @cached_property
    def delays(self) -> DelayModel:
        return DelayModel(self.linear)

    def laplacian(self, k: float) -> Array:
        return wave(self.linear, rate_of(self.linear.model.neural[0]), np.asarray(k))

    def rightmost(self, k: float, count: int) -> Complex:
        """Return the rightmost roots with Im s ≥ 0 that are no bare poles, each once."""
        many = 2 * count + 2  # both of each pair are found
        while True:
            found = rightmost(self.delays, self.laplacian(k), many)
            kept: list[complex] = []
            for s in found[found.imag >= -1e-9 * np.abs(found)]:
                if not self._bare(s, k) and not any(_same(s, other) for other in kept):
                    kept.append(complex(s))
            if len(kept) >= count or many >= MOST:
                return np.array(kept[:count], dtype=np.complex128)
            many *= 2

    def _bare(self, s: complex, k: float) -> bool:
        """Tell whether a root is but the pole of a component, at which no loop answers."""
        here = self.laplacian(k)
        at, beyond = self.delays.poles(np.array([here, here + 1]))
        flat = at[np.min(np.abs(at[:, None] - beyond), axis=1) <= SAME * (1 + np.abs(at))]
        near = flat[np.abs(flat - s) <= AT_POLE * (1 + np.abs(s))]
        if not len(near):
            return False
        # a function with a zero there would double
        apart = 10 * AT_POLE * (1 + abs(s)) * np.array([1, 2])
        one, two = np.abs(np.linalg.det(self.linear.response(near[0] + apart, here[None])))
        return bool(two < 1.5 * one)

    def followed(self, along: Array, start: complex) -> Iterator[complex]:
        """Yield the root of a branch at each k, from the first one; NaN beyond its end."""
        k, s, slope, length = float(along[0]), start, 0j, FIRST * self.largest
        yield s
        for goal in along[1:].tolist():
            while k != goal and not np.isnan(s):
                way = goal - k
                part = min(length, abs(way))
                there = goal if part == abs(way) else k + np.copysign(part, way)
                fresh = self._near(there, s + slope * (there - k), s)
                if fresh is not None:
                    slope, k, s = (fresh - s) / (there - k), there, fresh
                    length = 2 * part
                elif part > SHORTEST * self.largest:
                    length = part / 2
                else:
                    k, s = self._beyond(k, goal, s)
                    slope = 0j
            yield s

    def _near(self, k: float, guess: complex, before: complex) -> complex | None:
        """Return the root at a guess; None if there is none, or it has moved far."""
        furthest = STRIDE * (1 + abs(before))
        if abs(guess - before) > furthest:
            return None
        found = newton(self.delays.system(self.laplacian(k)), np.array([guess]))
        if not len(found) or abs(found[0] - before) > furthest:
            return None
        return complex(found[0].real, abs(found[0].imag))

    def _beyond(self, k: float, goal: float, s: complex) -> tuple[float, complex]:
        """Return where a branch goes on beyond a double root: k, and the root; NaN if it ends."""
        for share in BEYOND:
            reach = min(share * self.largest, abs(goal - k))
            there = goal if reach == abs(goal - k) else k + np.copysign(reach, goal - k)
            system = self.delays.system(self.laplacian(there))
            guesses = eigenvalues(system, POINTS)
            roots = newton(system, guesses[np.abs(guesses - s) <= OFF * (1 + abs(s))])
            near = roots[np.abs(roots - s) <= OFF * (1 + abs(s))]
            if len(near):
                found = near[np.argmax(near.real)]
                return there, complex(found.real, abs(found.imag))
        return goal, NONE


def _same(s: complex, other: complex) -> bool:
    return abs(s - other) <= SAME * (1 + abs(s))


def _parted(roots: Complex) -> tuple[Complex, NDArray[np.int64]]:
    """Return the branches, each ended where it has become one with an earlier one, and which."""
    found = roots.copy()
    joined = np.full(roots.shape[1], -1)
    for j in range(1, roots.shape[1]):
        for i in range(j):
            apart = np.abs(roots[:, j] - roots[:, i]) > SAME * (1 + np.abs(roots[:, i]))
            apart |= np.isnan(found[:, i]) | np.isnan(roots[:, j])
            last = np.flatnonzero(apart)
            end = last[-1] + 1 if len(last) else 0
            if end < len(roots):
                found[end:, j] = NONE
                joined[j] = i
    return found, joined
