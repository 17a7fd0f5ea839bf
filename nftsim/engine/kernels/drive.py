"""Rates of stimulus populations: waveforms and noise, added up."""

from __future__ import annotations

import numpy as np

from nftsim.engine.kernels.bits import row
from nftsim.engine.kernels.compiler import kernel
from nftsim.engine.kernels.noise import normal_pair


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
def noisy(q, z, mean, sigma):
    """Q = mean + σ z."""
    for i in range(q.size):
        q[i] = mean + sigma * z[i]


@kernel
def add_noise(q, z, sigma):
    """Q += σ z."""
    for i in range(q.size):
        q[i] += sigma * z[i]


@kernel
def add_noise_masked(q, z, sigma, mask):
    """Q += σ z where the mask is 1."""
    for i in range(q.size):
        q[i] += sigma * mask[i] * z[i]


@kernel
def _draw(z, spare, seed, stream, pair, first):
    for i in range(z.size):
        a, b = normal_pair(seed, stream, pair, first + np.uint64(i))
        z[i] = a
        spare[i] = b


@kernel
def draw(fields, base, seeds, stream, pair, nodes, lo, hi):
    """Draw the standard normal deviates of a pair of steps on nodes `lo` to `hi`.

    Row `base` takes those of the even step, the row after it those of the odd one. Each member has
    a seed of its own, and its nodes are counted from 0.
    """
    start = lo
    while start < hi:
        member = start // nodes
        stop = min(hi, (member + 1) * nodes)
        z, spare = row(fields, base, start, stop), row(fields, base + 1, start, stop)
        _draw(z, spare, seeds[member], stream, pair, np.uint64(start - member * nodes))
        start = stop


@kernel
def draw_coherent(fields, base, seeds, stream, pair, nodes, lo, hi):
    """Do as `draw`, with the deviates of node 0 for all nodes."""
    start = lo
    while start < hi:
        member = start // nodes
        stop = min(hi, (member + 1) * nodes)
        even, odd = normal_pair(seeds[member], stream, pair, np.uint64(0))
        fill(row(fields, base, start, stop), even)
        fill(row(fields, base + 1, start, stop), odd)
        start = stop


@kernel
def take(z, table, lo):
    """Take the deviates of a step from a row of a table."""
    for i in range(z.size):
        z[i] = table[lo + i]
