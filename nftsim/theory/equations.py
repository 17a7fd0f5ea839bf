"""The equations of steady states, Q = S(V) with V = ν Q + d, one row per population."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nftsim.components.firing import Firing, Linear

Array = NDArray[np.float64]
Indices = NDArray[np.intp]


@dataclass(frozen=True)
class Equations:
    """Steady states of P populations: Q_a = S_a(V_a) with V_a = Σ_b ν_ab Q_b + d_a.

    Attributes
    ----------
    firing
        Responses S_a, without memory.
    nu
        Synaptic strengths ν_ab, row a onto, column b from, shape (P, P) [V s].
    drive
        Potential d_a from constant input, shape (P,) [V].
    """

    firing: tuple[Firing, ...]
    nu: Array
    drive: Array

    def __len__(self) -> int:
        """Return the number of populations."""
        return len(self.firing)

    def rates(self, v: Array) -> Array:
        """Return S(V) [s⁻¹], shape of `v`: populations first."""
        return np.stack([f.rate(v[i]) for i, f in enumerate(self.firing)])

    def slopes(self, v: Array) -> Array:
        """Return dS/dV [V⁻¹ s⁻¹], shape of `v`: populations first."""
        return np.stack([f.slope(v[i]) for i, f in enumerate(self.firing)])

    def voltages(self, q: Array) -> Array:
        """Return ν Q + d [V] for rates of shape (P,)."""
        return self.nu @ q + self.drive

    @property
    def scales(self) -> Array:
        """Rates by which residuals are judged, shape (P,) [s⁻¹]."""
        return np.array([f.scale for f in self.firing])

    @property
    def bounds(self) -> Array:
        """Smallest and largest rates, shape (P, 2) [s⁻¹]."""
        return np.array([f.bounds for f in self.firing]).reshape(-1, 2)

    @property
    def bounded(self) -> NDArray[np.bool_]:
        """Which responses have bounds, shape (P,)."""
        return np.asarray(np.isfinite(self.bounds).all(axis=1))

    def part(self, members: Indices, drive: Array) -> Equations:
        """Return the equations of some populations, with what the others add in `drive`."""
        firing = tuple(self.firing[i] for i in members)
        return Equations(firing, self.nu[np.ix_(members, members)], drive)


def merge(equations: Equations) -> tuple[Equations, Indices]:
    """Join populations with the same inputs and response: they fire alike in any steady state.

    Returns
    -------
    Equations
        Of the classes.
    ndarray
        The class of every population, shape (P,).
    """
    group = np.arange(len(equations))
    while True:
        # joining columns can make more rows equal, hence the repetition
        columns = _joined(equations.nu, group)
        keys = [
            (equations.firing[a], equations.drive[a], *columns[a]) for a in range(len(equations))
        ]
        fresh = np.array([keys.index(key) for key in keys], dtype=np.intp)
        members, fresh = np.unique(fresh, return_inverse=True)
        if np.array_equal(fresh, group):
            break
        group = fresh
    joined = Equations(
        tuple(equations.firing[a] for a in members), columns[members], equations.drive[members]
    )
    return joined, group


def _joined(nu: Array, group: Sequence[int] | Indices) -> Array:
    columns = np.zeros((len(nu), int(np.max(group)) + 1))
    for b, g in enumerate(group):
        columns[:, g] += nu[:, b]
    return columns


@dataclass(frozen=True)
class WithoutLinear:
    """Equations with the linear responses solved for: Q_linear = K Q_rest + c.

    Attributes
    ----------
    rest
        Equations of the other populations.
    kept, solved
        Their places and those of the linear ones in the original.
    matrix, constant
        K [1] and c [s⁻¹].
    """

    rest: Equations
    kept: Indices
    solved: Indices
    matrix: Array
    constant: Array

    def expand(self, q: Array) -> Array:
        """Return the rates of all populations from those of the rest, shape (P,) [s⁻¹]."""
        full = np.empty(len(self.kept) + len(self.solved))
        full[self.kept] = q
        full[self.solved] = self.matrix @ q + self.constant
        return full


def eliminate_linear(equations: Equations) -> WithoutLinear:
    """Solve for the populations whose response is a straight line, exactly.

    Raises
    ------
    LinAlgError
        If their equations are singular: no fixed point, or a line of them.
    """
    lines = [(i, f) for i, f in enumerate(equations.firing) if isinstance(f, Linear)]
    solved = np.array([i for i, _ in lines], dtype=np.intp)
    kept = np.setdiff1d(np.arange(len(equations), dtype=np.intp), solved)
    nu, drive = equations.nu, equations.drive
    slope = np.array([f.a for _, f in lines])
    offset = np.array([f.b for _, f in lines])
    system = np.eye(len(lines)) - slope[:, None] * nu[np.ix_(solved, solved)]
    if len(lines) and np.linalg.cond(system) > 1e12:
        raise np.linalg.LinAlgError("the linear responses amplify their own input exactly")
    right = np.column_stack(
        [slope[:, None] * nu[np.ix_(solved, kept)], slope * drive[solved] + offset]
    )
    solution = np.asarray(np.linalg.solve(system, right), dtype=float)
    matrix, constant = solution[:, :-1], solution[:, -1]
    onto = nu[np.ix_(kept, solved)]
    rest = Equations(
        tuple(equations.firing[i] for i in kept),
        nu[np.ix_(kept, kept)] + onto @ matrix,
        drive[kept] + onto @ constant,
    )
    return WithoutLinear(rest, kept, solved, matrix, constant)
