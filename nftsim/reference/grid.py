"""Fields on a sheet as arrays (y, x): per-node values, neighbours, and a step of RK4."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from nftsim.components.base import NodeValue, Setting

Array = NDArray[np.float64]
Shape = tuple[int, int]


def shape_of(setting: Setting) -> Shape:
    """Return (ny, nx)."""
    return setting.nodes // setting.longside, setting.longside


def per_node(value: NodeValue, shape: Shape) -> Array:
    """Return a value, one or one per node, as a field of its own."""
    return np.broadcast_to(np.reshape(value, shape if np.ndim(value) else ()), shape).copy()


def first_of(value: NodeValue) -> float:
    """Return the first number of a value, which stands first in a file too."""
    return float(np.ravel(value)[0])


def surrounded(a: Array, sphere: bool) -> Array:
    """Return a field with a rim of its neighbours, shape (ny + 2, nx + 2).

    Both axes wrap around; on a sphere a row beyond the first or last one is turned over.
    """
    wide = np.pad(a, ((0, 0), (1, 1)), mode="wrap")
    above, below = wide[-1:], wide[:1]
    if sphere:
        above, below = above[:, ::-1], below[:, ::-1]
    return np.concatenate([above, wide, below])


def nearest(a: Array, sphere: bool = False) -> Array:
    """Return the sum over the four nearest neighbours."""
    s = surrounded(a, sphere)
    return np.asarray(s[:-2, 1:-1] + s[2:, 1:-1] + s[1:-1, :-2] + s[1:-1, 2:])


def diagonal(a: Array, sphere: bool = False) -> Array:
    """Return the sum over the four diagonal neighbours."""
    s = surrounded(a, sphere)
    return np.asarray(s[:-2, :-2] + s[:-2, 2:] + s[2:, :-2] + s[2:, 2:])


def rk4(slope: Callable[[Array], Array], y: Array, step: float) -> Array:
    """Advance y' = slope(y) by the classical four stages of Runge and Kutta."""
    k1 = slope(y)
    k2 = slope(y + step / 2 * k1)
    k3 = slope(y + step / 2 * k2)
    k4 = slope(y + step * k3)
    return y + step / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
