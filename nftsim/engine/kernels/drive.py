"""Rates of stimulus populations: waveforms and noise, added up."""

from __future__ import annotations

import numpy as np

from nftsim.engine.kernels.bits import at
from nftsim.engine.kernels.compiler import kernel
from nftsim.engine.kernels.noise import box_muller, words_as_doubles


@kernel
def fill(q, value):
    """Set all nodes to a value."""
    for i in range(q.size):
        q[i] = value


@kernel
def add(q, value):
    """Q += value."""
    for i in range(q.size):
        q[i] += value


@kernel
def add_masked(q, value, mask):
    """Q += value where the mask is 1."""
    for i in range(q.size):
        q[i] += value * mask[i]


@kernel
def add_field(q, each, lo):
    """Q += a value for every node, from a row of a table."""
    for i in range(q.size):
        q[i] += each[lo + i]


@kernel
def add_field_masked(q, each, lo, mask):
    """Q += a value for every node, where the mask is 1."""
    for i in range(q.size):
        q[i] += each[lo + i] * mask[i]


@kernel
def noisy(q, z, mean, window, sigma):
    """Q = mean + σ z while the window is 1."""
    for i in range(q.size):
        q[i] = mean + (at(sigma, i) * window) * z[i]


@kernel
def add_noise(q, z, window, sigma):
    """Q += σ z while the window is 1."""
    for i in range(q.size):
        q[i] += (at(sigma, i) * window) * z[i]


@kernel
def add_noise_masked(q, z, window, sigma, mask):
    """Q += σ z while the window is 1, where the mask is."""
    for i in range(q.size):
        q[i] += (at(sigma, i) * window) * mask[i] * z[i]


@kernel
def draw(z, spare, keys, stream, pair, nodes):
    """Draw the standard normal deviates of a pair of steps: those of the even one, and of the odd.

    A node's deviates are a function of its member's seed, `keys`, and of its number, `nodes`.
    """
    for i in range(z.size):
        a, b = words_as_doubles(keys[i], stream, pair, nodes[i])
        z[i] = a
        spare[i] = b
    _normal(z, spare)


@kernel
def draw_coherent(z, spare, keys, stream, pair):
    """Do as `draw`, with the deviates of node 0 for all nodes."""
    for i in range(z.size):
        a, b = words_as_doubles(keys[i], stream, pair, np.uint64(0))
        z[i] = a
        spare[i] = b
    _normal(z, spare)


@kernel
def _normal(z, spare):
    # apart from the words: of two short chains of operations more are in flight than of a long one
    for i in range(z.size):
        a, b = box_muller(z[i], spare[i])
        z[i] = a
        spare[i] = b


@kernel
def take(z, table, lo):
    """Take the deviates of a step from a row of a table."""
    for i in range(z.size):
        z[i] = table[lo + i]
