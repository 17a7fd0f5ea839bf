"""Second-order responses as maps over one time step: for RK4, and exact for straight lines."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nftsim.components.base import Array, Component, array

Complex = NDArray[np.complex128]

#: End of the real stability interval of RK4: a rate times Δt may not be larger.
RK4_LIMIT = 2.785


@dataclass(frozen=True)
class StateSpace:
    """A linear response as equations in time: y' = A y + b u, with the output c·y + d u.

    Its transfer function is c·(s − A)⁻¹ b + d.

    Attributes
    ----------
    system, drive, reading
        A, shape (…, n, n) [s⁻¹]; b and c, shapes (…, n).
    direct
        d, how the output follows the input at once.
    """

    system: Array
    drive: Array
    reading: Array
    direct: float = 0.0

    @property
    def poles(self) -> Complex:
        """Rates of the response without input, shape (…, n) [s⁻¹]."""
        return np.asarray(np.linalg.eigvals(self.system), dtype=complex)

    @property
    def extent(self) -> float:
        """Radius around 0 outside of which `bound` holds [s⁻¹]."""
        return float(np.abs(np.linalg.eigvals(np.abs(self.system))).max(initial=0.0))

    def bound(self, radius: float) -> Array:
        """Return the largest |c·(s − A)⁻¹ b + d| for |s| ≥ radius > `extent`, or more, shape (…).

        By elements |(s − A)⁻¹| ≤ (|s| − |A|)⁻¹, from the geometric series.
        """
        outer = radius * np.eye(self.system.shape[-1]) - np.abs(self.system)
        y = np.linalg.solve(outer, np.abs(self.drive)[..., None])[..., 0]
        return np.asarray((np.abs(self.reading) * y).sum(axis=-1) + abs(self.direct))


def memoryless(direct: float) -> StateSpace:
    """Return the response without a state, whose output is `direct` times its input."""
    return StateSpace(np.zeros((0, 0)), np.zeros(0), np.zeros(0), direct)


def first_of(system: Array, drive: Array) -> StateSpace:
    """Return the response whose output is the first of two quantities (see `second_order`)."""
    return StateSpace(system, drive, np.array([1.0, 0.0]))


def second_order(alpha: Array, beta: Array) -> tuple[Array, Array]:
    """Return A and b of y' = A y + b u for (1/(αβ) ∂²/∂t² + (1/α + 1/β) ∂/∂t + 1) y₀ = u.

    Parameters
    ----------
    alpha, beta
        Rates [s⁻¹], shape () or (node,).

    Returns
    -------
    system, drive
        Shapes (…, 2, 2) and (…, 2).
    """
    alpha, beta = np.broadcast_arrays(alpha, beta)
    zero, one = np.zeros_like(alpha, dtype=float), np.ones_like(alpha, dtype=float)
    ab = alpha * beta
    system = np.stack([zero, one, -ab, -(alpha + beta)], axis=-1)
    return system.reshape(*alpha.shape, 2, 2), np.stack([zero, ab], axis=-1)


def held_map(system: Array, drive: Array, step: float) -> tuple[Array, ...]:
    """Return the affine map that one RK4 step is for y' = A y + b u with u held.

    Parameters
    ----------
    system, drive
        A, shape (…, 2, 2) [s⁻¹], and b, shape (…, 2).
    step
        Δt [s].

    Returns
    -------
    tuple of ndarray
        (M₀₀, M₀₁, M₁₀, M₁₁, m₀, m₁) with y ← M y + m u; M is the exponential series to fourth
        order, which is what the four stages of RK4 add up to for a linear system.
    """
    z = step * system
    eye = np.eye(2)
    # Horner form of I + z + z²/2 + z³/6 + z⁴/24 and of (e^z − 1)/z at the same order
    full = eye + z @ (eye + z @ (eye + z @ (eye + z / 4) / 3) / 2)
    held = (step * (eye + z @ (eye + z @ (eye + z / 4) / 3) / 2) @ drive[..., None])[..., 0]
    return (*_entries(full), held[..., 0], held[..., 1])


def linear_map(system: Array, drive: Array, step: float) -> tuple[Array, ...]:
    """Return the exact map over a step for y' = A y + b u with u a straight line from u₀ to u₁.

    Returns
    -------
    tuple of ndarray
        (M₀₀, M₀₁, M₁₀, M₁₁, a₀, a₁, b₀, b₁) with y ← M y + a u₀ + b u₁.
    """
    from scipy.linalg import expm  # slow to import, and few models need it

    # y with u and its slope: u' = slope, slope' = 0
    whole = np.zeros((*system.shape[:-2], 4, 4))
    whole[..., :2, :2] = system
    whole[..., :2, 2] = drive
    whole[..., 2, 3] = 1.0
    moved = expm(step * whole)
    line = moved[..., :2, 3] / step  # of u₁ − u₀
    held = moved[..., :2, 2] - line
    return (
        *_entries(moved[..., :2, :2]),
        held[..., 0],
        held[..., 1],
        line[..., 0],
        line[..., 1],
    )


def held_factor(z: Complex) -> Complex:
    """Return by what a step of RK4 multiplies y of y' = s y, for z = s Δt (see `held_map`)."""
    return np.asarray(1 + z * (1 + z / 2 * (1 + z / 3 * (1 + z / 4))))


def held_transfer(coefficients: tuple[Array, ...], z: Complex) -> Complex:
    """Return y₀/u of y ← M y + m u, step by step, for u the input of the step that makes y.

    Parameters
    ----------
    coefficients
        As of `held_map`.
    z
        ζ, one step forward: what a quantity of the next step is of that of this one.
    """
    m00, m01, m10, m11, b0, b1 = coefficients
    return _resolved(m00, m01, m10, m11, z * b0, z * b1, z)


def linear_transfer(coefficients: tuple[Array, ...], z: Complex) -> Complex:
    """Return y₀/u₁ of y ← M y + a u₀ + b u₁, step by step, u₀ being the u₁ of the step before.

    Parameters
    ----------
    coefficients
        As of `linear_map`.
    z
        ζ, one step forward.
    """
    m00, m01, m10, m11, a0, a1, b0, b1 = coefficients
    return _resolved(m00, m01, m10, m11, a0 + z * b0, a1 + z * b1, z)


def _resolved(
    m00: Array, m01: Array, m10: Array, m11: Array, b0: Complex, b1: Complex, z: Complex
) -> Complex:
    """Return the first element of (ζ − M)⁻¹ b."""
    return np.asarray(((z - m11) * b0 + m01 * b1) / ((z - m00) * (z - m11) - m01 * m10))


def too_short(
    item: Component, names: tuple[str, ...], deltat: float, where: NDArray[np.bool_] | bool = True
) -> list[tuple[str, str]]:
    """Return the first time constant for which RK4 is unstable, as `Component.problems` does.

    Parameters
    ----------
    item, names
        A component, and those of its attributes that are time constants > 0 [s].
    deltat
        Δt [s].
    where
        At which nodes they count.
    """
    for name in names:
        shortest = float(np.min(np.where(where, array(getattr(item, name)), np.inf)))
        if deltat > RK4_LIMIT * shortest:
            keyword = item.parameters()[name].keyword
            return [
                (
                    name,
                    f"{keyword} = {shortest:g} s makes the step unstable with Deltat = {deltat:g} "
                    f"s; use Deltat <= {RK4_LIMIT * shortest:.4g} s",
                )
            ]
    return []


def _entries(matrix: Array) -> tuple[Array, ...]:
    return (matrix[..., 0, 0], matrix[..., 0, 1], matrix[..., 1, 0], matrix[..., 1, 1])
