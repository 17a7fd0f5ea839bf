"""A linearised model as delay equations, x' = A x + Σ_j B_j R x(t − τ_j), of each spatial mode.

States are those of the dendrites of each population, of the fields that its rate drives, and of
what its response remembers. Equal dendrites of a population are one, as are equal fields: what
they would add are copies that decay by themselves. Stimuli are constant and have no states. Only
loops are written out: what connections outside of loops pass on moves no eigenvalue.

The eigenvalues, det(s − A − Σ_j B_j R e^{−sτ_j}) = 0, are the zeros of the characteristic function
det(1 − ρ (ν L Γ e^{−sτ} + f)) of `nftsim.theory.response`, with its poles cleared: this determinant
is that one times Π (s − p) over the poles p of all states, and an entire function of s.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.sparse.csgraph import connected_components

from nftsim.components.base import Component, array
from nftsim.components.maps import StateSpace
from nftsim.errors import NftsimError
from nftsim.model import Connection
from nftsim.theory.equations import Array, Indices
from nftsim.theory.mean_field import responses
from nftsim.theory.modes import Eigenvalues, Laplacian
from nftsim.theory.response import LinearModel

Complex = NDArray[np.complex128]
#: Largest radius within which roots are looked for [s⁻¹].
FASTEST = 1e9
#: A dendrite of a population, or a field of one.
Key = tuple[int, Component]


@dataclass(frozen=True)
class Delayed:
    """What one rate, some time ago, adds to the derivatives: B Q(t − τ).

    Attributes
    ----------
    rate
        Which rate (row of `DelaySystem.rates`).
    onto
        B, shape (n,) [unit of the state].
    tau
        τ > 0 [s].
    """

    rate: int
    onto: Array
    tau: float


@dataclass(frozen=True)
class DelaySystem:
    """Delay equations of one mode.

    Attributes
    ----------
    now
        A, shape (n, n) [s⁻¹].
    rates
        R, how rates follow from the states, shape (P, n).
    delayed
        Terms with delays.
    """

    now: Array
    rates: Array
    delayed: tuple[Delayed, ...]

    def matrix(self, s: Complex) -> Complex:
        """Return s − A − Σ B R e^{−sτ}, shape (…, n, n)."""
        found = s[..., None, None] * np.eye(len(self.now)) - self.now
        for term in self.delayed:
            factor = np.exp(-s * term.tau)[..., None, None]
            found = found - np.outer(term.onto, self.rates[term.rate]) * factor
        return np.asarray(found, dtype=complex)

    def derivative(self, s: Complex) -> Complex:
        """Return the derivative of `matrix` by s, shape (…, n, n)."""
        found = np.broadcast_to(np.eye(len(self.now), dtype=complex), (*s.shape, *self.now.shape))
        for term in self.delayed:
            factor = term.tau * np.exp(-s * term.tau)[..., None, None]
            found = found + np.outer(term.onto, self.rates[term.rate]) * factor
        return found


@dataclass(frozen=True)
class DelayModel:
    """What the delay equations of all modes are made of.

    Attributes
    ----------
    linear
        The linear response, of the equations (not of the steps).
    """

    linear: LinearModel

    @cached_property
    def inner(self) -> tuple[Connection, ...]:
        """Connections from a neural population; the others carry no deviation."""
        neural = self.linear.model.neural
        return tuple(c for c in self.linear.model.connections if c.pre in neural)

    @cached_property
    def dispersive(self) -> bool:
        """Whether anything depends on the mode."""
        return any(self.linear.propagator(c).dispersive for c in self.inner)

    @cached_property
    def longest(self) -> float:
        """Longest delay [s]."""
        return max((_tau(c) for c in self.inner), default=0.0)

    @cached_property
    def looped(self) -> tuple[Connection, ...]:
        """Those of `inner` that are in loops; the others do not move an eigenvalue."""
        linear = self.linear
        count = len(linear.model.populations)
        acts = np.zeros((count, count))
        for c in self.inner:
            acts[c.pre, c.post] += abs(linear.slopes[c.post] * linear.strengths[c.index - 1])
        _, part = connected_components(acts, directed=True, connection="strong")
        return tuple(c for c in self.inner if part[c.pre] == part[c.post] and acts[c.pre, c.post])

    def dendrites(self) -> dict[Key, StateSpace]:
        """Return the dendrites of each population (from 0)."""
        return {(c.post, c.dendrite): c.dendrite.state_space() for c in self.inner}

    def fields(self, laplacian: Laplacian) -> dict[Key, StateSpace]:
        """Return the fields of each population (from 0), of one mode or several."""
        return {self.field(c): self.propagation(c, laplacian) for c in self.inner}

    def field(self, c: Connection) -> Key:
        """Return the key of the field that a connection carries."""
        return c.pre, self.linear.propagator(c)

    def propagation(self, c: Connection, laplacian: Laplacian) -> StateSpace:
        """Return the equations of the field that a connection carries."""
        acts = self.linear.propagator(c)
        mode = laplacian.of(acts.diagonal) if isinstance(laplacian, Eigenvalues) else laplacian
        spacing = self.linear.model.spacing(c.pre) or 1.0
        return acts.state_space(np.asarray(mode) / spacing**2)

    def poles(self, laplacian: Laplacian) -> Complex:
        """Return the poles of all states, shape (modes, n) [s⁻¹], for several modes."""
        spaces: Iterable[StateSpace] = [
            *self.dendrites().values(),
            *self.fields(laplacian).values(),
            *(f.state_space() for f in responses(self.linear.model)),
        ]
        count = len(np.atleast_1d(one_of(laplacian)))
        rows = [np.broadcast_to(s.poles, (count, s.poles.shape[-1])) for s in spaces]
        return np.concatenate(rows, axis=1)

    def radius(self, laplacian: Laplacian, left: float) -> float:
        """Return a radius beyond which loops are too weak for a root of any of several modes.

        On |s| ≥ radius, Re s ≥ `left`, the elements of ρ (ν L Γ e^{−sτ} + f) are at most those of a
        matrix B with det(1 − B) ≥ 1/e. There |ln det(1 − …)| ≤ −ln det(1 − B) ≤ 1, term by term of
        the series −Σ tr Tⁿ/n: no root, and an argument between −1 and 1.
        """
        memories = [f.state_space() for f in responses(self.linear.model)]
        spaces = [*self.dendrites().values(), *self.fields(laplacian).values(), *memories]
        radius = 1.1 * max((s.extent for s in spaces), default=0.0) + 1.0
        while True:
            loops = self._loops(laplacian, left, radius)
            largest = np.abs(np.linalg.eigvals(loops)).max(initial=0.0)
            if largest < 1 and np.linalg.det(np.eye(loops.shape[-1]) - loops).min() > np.exp(-1.0):
                return radius
            radius *= 1.2
            if not radius < FASTEST:
                raise NftsimError(
                    f"{self.linear.model.name}: deviations may grow or turn at {FASTEST:g} s^-1 "
                    "and more, too fast to judge stability; check the strengths and rates"
                )

    def _loops(self, laplacian: Laplacian, left: float, radius: float) -> Array:
        """Return B of `radius`, shape (modes, P, P)."""
        linear = self.linear
        row = {population: i for i, population in enumerate(linear.model.neural)}
        count = len(np.atleast_1d(one_of(laplacian)))
        loops = np.zeros((count, len(row), len(row)))
        fields = {key: space.bound(radius) for key, space in self.fields(laplacian).items()}
        dendrites = {key: float(s.bound(radius)) for key, s in self.dendrites().items()}
        for c in self.inner:
            synapse = abs(linear.strengths[c.index - 1]) * dendrites[c.post, c.dendrite]
            arrival = fields[self.field(c)] * np.exp(-left * _tau(c))
            loops[:, row[c.post], row[c.pre]] += synapse * arrival
        for i, firing in enumerate(responses(linear.model)):
            loops[:, i, i] += float(firing.state_space().bound(radius))
        return np.asarray(np.abs(linear.slopes[list(row)])[:, None] * loops)

    def system(self, laplacian: Laplacian) -> DelaySystem:
        """Return the delay equations of one mode."""
        linear = self.linear
        dendrites, fields = self.dendrites(), self.fields(laplacian)
        memories = [f.state_space() for f in responses(linear.model)]
        blocks = [*dendrites.values(), *fields.values(), *memories]
        ends = np.cumsum([0, *(b.system.shape[-1] for b in blocks)])
        places = [slice(a, b) for a, b in pairwise(ends)]
        size = int(ends[-1])
        now = np.zeros((size, size))
        for block, place in zip(blocks, places, strict=True):
            now[place, place] = block.system
        at = dict(zip([*dendrites, *fields], places, strict=False))
        own = places[len(dendrites) + len(fields) :]

        row = {population: i for i, population in enumerate(linear.model.neural)}
        rates = np.zeros((len(row), size))
        for key, block in dendrites.items():
            rates[row[key[0]], at[key]] += block.reading
        for i, (block, place) in enumerate(zip(memories, own, strict=True)):
            rates[i, place] += block.reading
        rates *= linear.slopes[list(row), None]
        for i, (block, place) in enumerate(zip(memories, own, strict=True)):
            now[place] += np.outer(block.drive, rates[i])

        inputs: dict[tuple[int, float], Array] = {}  # by rate and delay

        def add(pre: int, tau: float, onto: slice, weights: Array) -> None:
            inputs.setdefault((row[pre], tau), np.zeros(size))[onto] += weights

        for pre, acts in {self.field(c): None for c in self.looped}:
            add(pre, _delay(acts), at[pre, acts], fields[pre, acts].drive)
        for c in self.looped:
            weights = linear.strengths[c.index - 1] * dendrites[c.post, c.dendrite].drive
            place, block = at[c.post, c.dendrite], fields[self.field(c)]
            now[place, at[self.field(c)]] += np.outer(weights, block.reading)
            if block.direct:
                add(c.pre, _tau(c), place, weights * block.direct)
        for (rate, tau), onto in inputs.items():
            if tau == 0:
                now += np.outer(onto, rates[rate])
        terms = (Delayed(r, onto, tau) for (r, tau), onto in inputs.items() if tau > 0)
        return DelaySystem(now, rates, tuple(terms))


def one_of(laplacian: Laplacian) -> Array:
    """Return the number that stands for each mode."""
    return laplacian.nearest if isinstance(laplacian, Eigenvalues) else laplacian


def pick(laplacian: Laplacian, which: int | slice | Indices | None) -> Laplacian:
    """Return some of the modes, or one (an index from 0), or the one with an axis (None)."""
    if isinstance(laplacian, Eigenvalues):
        return Eigenvalues(laplacian.nearest[which], laplacian.diagonal[which])
    return np.asarray(laplacian[which])


def _tau(c: Connection) -> float:
    return _delay(c.propagator)


def _delay(acts: Component) -> float:
    return float(array(acts.tau))  # type: ignore[attr-defined]
