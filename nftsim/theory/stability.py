"""Stability of fixed points: roots of the characteristic function, for every spatial mode.

Deviations grow as e^{st}, s a root of det(1 − ρ (ν L Γ e^{−sτ} + f)) with its poles cleared (see
`nftsim.theory.delays`). Two independent ways meet: the argument principle says how many roots are
right of a line, for all modes at once; eigenvalues of a discretised delay system, refined by
Newton's method, say where they are. The rightmost root of all modes is found when it is a root and
no mode has one further right.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace

import numpy as np

from nftsim.errors import NftsimError
from nftsim.model import Model
from nftsim.theory.characteristic import (
    LEVEL,
    count_right,
    rightmost,
)
from nftsim.theory.delays import DelayModel, one_of, pick
from nftsim.theory.equations import Array, Indices
from nftsim.theory.frozen import frozen, on_one_node
from nftsim.theory.response import LinearModel, linearise
from nftsim.theory.states import FixedPoint
from nftsim.theory.stepped import Steps
from nftsim.theory.uniform import require_linear

log = logging.getLogger(__name__)

#: (k [m⁻¹], number of roots) of modes.
Counts = tuple[tuple[float, int], ...]
#: Modes that are looked at, at most, in each round after the first.
SPREAD = 8


@dataclass(frozen=True)
class Root:
    """One way in which deviations grow or decay.

    Attributes
    ----------
    k
        Wavenumber [m⁻¹].
    value
        s: growth rate + i angular frequency, which is not negative [s⁻¹].
    """

    k: float
    value: complex

    @property
    def growth(self) -> float:
        """Growth rate [s⁻¹]."""
        return self.value.real

    @property
    def frequency(self) -> float:
        """Frequency [Hz]."""
        return self.value.imag / (2 * np.pi)

    def __str__(self) -> str:
        """Return how deviations grow or decay, in words."""
        verb = "grow" if self.growth >= 0 else "decay"
        rate = f"{verb} by {abs(self.growth):.5g} s^-1"
        return f"{rate} at {self.frequency:.5g} Hz" if self.frequency else rate

    def to_dict(self) -> dict[str, float]:
        """Return plain numbers, for JSON."""
        return {"k": self.k, "re": self.value.real, "im": self.value.imag}


@dataclass(frozen=True)
class Stability:
    """Whether deviations from a fixed point grow.

    Attributes
    ----------
    unstable
        (k [m⁻¹], number of growing roots) of the modes that have any, lowest k first. A conjugate
        pair is two roots; modes that differ by direction alone are one k.
    dominant, dominant_k0
        The root with the largest growth rate, of all modes and of k = 0; None if nothing moves.
    stepped
        The dominant root in a simulation, of all modes: steps of Δt shift each root a little. None
        if nothing moves, or it is near none of the equations' roots.
    unstable_stepped
        As `unstable`, in a simulation.
    held
        What changes in time and was held as at the start, in words.
    unknown
        Why only k = 0 was looked at; empty: all modes of the grid were.
    """

    unstable: Counts
    dominant: Root | None
    dominant_k0: Root | None
    stepped: Root | None = None
    unstable_stepped: Counts = ()
    held: tuple[str, ...] = ()
    unknown: str = ""

    @property
    def stable(self) -> bool | None:
        """Whether all deviations decay; None if that is not known of those that are not uniform."""
        decays = self.dominant is None or self.dominant.growth < 0
        return None if self.unknown and decays else decays

    @property
    def stable_k0(self) -> bool:
        """Whether all uniform deviations decay."""
        return self.dominant_k0 is None or self.dominant_k0.growth < 0

    @property
    def stable_stepped(self) -> bool | None:
        """Whether all deviations decay in a simulation; None as of `stable`."""
        return None if self.unknown and not self.unstable_stepped else not self.unstable_stepped


def stability(model: Model, fixed_point: FixedPoint, *, wavenumbers: str = "grid") -> Stability:
    """Tell whether a fixed point is stable, against deviations of every spatial mode.

    Parameters
    ----------
    model
        Any uniform model. What changes in time is held as at the start. Where modes do not evolve
        by themselves (strengths between pairs of nodes, a sphere), only k = 0 is looked at.
    fixed_point
        One of its `nftsim.theory.fixed_points.steady_states`.
    wavenumbers
        ``grid`` for the Laplacian of the simulation's stencil, ``continuous`` for that of the
        model's equations, both at the modes of the grid. Time is continuous in both.

    Raises
    ------
    NftsimError
        If parameters vary over the nodes.
    """
    if wavenumbers not in ("grid", "continuous"):
        raise NftsimError(
            f"wavenumbers '{wavenumbers}' is unknown for stability. Allowed: grid, continuous"
        )
    still, held = frozen(model)
    unknown = ""
    try:
        require_linear(still)
    except NftsimError as error:
        still, unknown = on_one_node(still), str(error)
    found = _Search(DelayModel(linearise(still, fixed_point, wavenumbers))).result()
    return replace(found, held=tuple(held), unknown=unknown)


class _Search:
    """Looking for the rightmost root of all modes."""

    def __init__(self, delays: DelayModel) -> None:
        self.delays = delays
        linear = delays.linear
        first = linear.model.neural[0]
        modes = linear.modes(first)
        self.laplacian = modes.laplacian
        self.k = mode_wavenumbers(linear, first)
        if not delays.dispersive:  # all modes have the roots of the first one
            self.laplacian = pick(self.laplacian, slice(0, 1))
        self.roots: dict[int, complex] = {}  # the rightmost one, by mode

    def result(self) -> Stability:
        count = len(one_of(self.laplacian))
        if not self.delays.inner:
            return Stability((), None, None)
        self._look(np.unique([0, count - 1]))
        while True:
            best = self._best()
            line = self.roots[best].real
            ahead = self._ahead(line + LEVEL * (1 + abs(line)))
            if len(ahead) == 0:
                break
            self._look(ahead[:: -(-len(ahead) // SPREAD)])
        unstable = self._growing(count_right(self.delays, self.laplacian, 0.0), self.k)
        dominant = Root(float(self.k[best]), self.roots[best])
        stepped, growing = self._in_steps()
        return Stability(unstable, dominant, Root(0.0, self.roots[0]), stepped, growing)

    def _in_steps(self) -> tuple[Root | None, Counts]:
        """Return the rightmost root in a simulation, and how many roots grow there."""
        linear = replace(self.delays.linear, wavenumbers="grid")
        first = linear.model.neural[0]
        k, laplacian = mode_wavenumbers(linear, first), linear.modes(first).laplacian
        known = self.roots
        if self.delays.linear.wavenumbers != "grid":  # whose modes are numbered otherwise
            known = {0: self.roots[0]}
        if not self.delays.dispersive:
            laplacian = pick(laplacian, slice(0, 1))
        steps = Steps(DelayModel(linear))
        found = steps.rightmost(laplacian, known)
        growing = self._growing(steps.count_outside(laplacian, 0.0), k)
        return None if found is None else Root(float(k[found[0]]), found[1]), growing

    def _growing(self, counts: Indices, k: Array) -> Counts:
        """Return the modes that have growing roots, and how many, lowest k first."""
        if not self.delays.dispersive:
            counts = np.repeat(counts, len(k))
        return tuple(sorted((float(k[i]), int(n)) for i, n in enumerate(counts) if n))

    def _best(self) -> int:
        """Return the mode with the rightmost root; of level ones the one with the lowest k."""
        most = max(s.real for s in self.roots.values())
        level = most - LEVEL * (1 + abs(most))
        return min(m for m, s in self.roots.items() if s.real >= level)

    def _ahead(self, line: float) -> Indices:
        """Return the modes with roots right of a line that are not known yet."""
        counts = count_right(self.delays, self.laplacian, line)
        ahead = np.flatnonzero(counts)
        fresh = np.setdiff1d(ahead, list(self.roots))
        if len(fresh) < len(ahead):
            log.warning(
                "%s: a root right of %.3g s^-1 is counted, but not found",
                self.delays.linear.model.name,
                line,
            )
        return fresh

    def _look(self, modes: Indices) -> None:
        for mode in modes:
            root = rightmost(self.delays, pick(self.laplacian, mode), 1)[0]
            self.roots[int(mode)] = complex(root.real, abs(root.imag))


def mode_wavenumbers(linear: LinearModel, population: int) -> Array:
    """Return the true k of each of the joined modes [m⁻¹], shape (M,)."""
    model = linear.model
    modes = linear.modes(population)
    ny, nx = model.shape
    py, px = (2 * np.pi * np.fft.fftfreq(n) for n in (ny, nx))
    phase = np.sqrt(py[:, None] ** 2 + px[None, :] ** 2).ravel()
    k = np.zeros(len(modes))
    k[modes.group] = phase[modes.kept] / (model.spacing(population) or 1.0)
    return k
