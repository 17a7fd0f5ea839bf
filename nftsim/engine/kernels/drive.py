"""Rates of stimulus populations: waveforms and noise, added up."""

from __future__ import annotations

import numpy as np

from nftsim.engine.kernels.compiler import kernel
from nftsim.engine.kernels.noise import normal_pair


@kernel
def clear(fields, q, lo, hi):  # type: ignore[no-untyped-def]
    """Q = 0, before stimuli are added."""
    for i in range(lo, hi):
        fields[q, i] = 0.0


@kernel
def add(fields, q, value, params, mask, lo, hi):  # type: ignore[no-untyped-def]
    """Q += value, on the nodes where the mask is 1 (mask row −1: everywhere)."""
    if mask < 0:
        for i in range(lo, hi):
            fields[q, i] += value
    else:
        for i in range(lo, hi):
            fields[q, i] += value * params[mask, i]


@kernel
def draw(fields, z, spare, seeds, stream, pair, nodes, lo, hi):  # type: ignore[no-untyped-def]
    """Draw the standard normal deviates of a pair of steps: `z` for this one, `spare` for the next."""
    start = lo
    while start < hi:
        member = start // nodes
        stop = min(hi, (member + 1) * nodes)
        seed = seeds[member]
        offset = member * nodes
        for i in range(start, stop):
            a, b = normal_pair(seed, stream, pair, np.uint64(i - offset))
            fields[z, i] = a
            fields[spare, i] = b
        start = stop


@kernel
def add_noise(fields, q, z, sigma, params, mask, lo, hi):  # type: ignore[no-untyped-def]
    """Q += σ z, on the nodes where the mask is 1 (mask row −1: everywhere)."""
    if mask < 0:
        for i in range(lo, hi):
            fields[q, i] += sigma * fields[z, i]
    else:
        for i in range(lo, hi):
            fields[q, i] += sigma * params[mask, i] * fields[z, i]


@kernel
def take(fields, z, table, step, lo, hi):  # type: ignore[no-untyped-def]
    """Take the deviates of a step from a table (step, node)."""
    for i in range(lo, hi):
        fields[z, i] = table[step, i]
