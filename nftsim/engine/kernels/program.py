"""One compiled program for all models: a loop over steps, blocks and operations.

An operation is a row of integers, ``ops[o] = (kind, a₁ … a₈)``, with constants in ``coefs[o]``.
Fields live in rings: ring r is ``length`` rows of ``fields`` from ``base``; its value at clock n
stands in row ``base + n % length``; what is not remembered has length 1. The clock counts steps
since the histories were filled.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nftsim.engine.kernels import axonal, drive, local
from nftsim.engine.kernels.bits import row
from nftsim.engine.kernels.compiler import formula, kernel

COPY = 0
DENDRITE = 1
SIGMOID = 2
LINEAR = 3
CLEAR = 4
ADD = 5
DRAW = 6
TAKE = 7
ADD_NOISE = 8
GATHER = 9
WAVE = 10
HARMONIC = 11

#: Integers and constants of an operation.
WIDTH = 9
CONSTANTS = 7


@dataclass(frozen=True)
class Step:
    """How a component's `step` is done: the operation, the rings of its state, its memory.

    Attributes
    ----------
    kind
        The operation.
    rings
        Length of each ring of its state; the first holds the result.
    reach
        How many steps behind its (delayed) input it still reads it.
    """

    kind: int
    rings: tuple[int, ...] = ()
    reach: int = 0


#: Steps by the name that a component declares.
STEPS = {
    "dendrite": Step(DENDRITE, rings=(1, 1)),
    "sigmoid": Step(SIGMOID),
    "linear": Step(LINEAR),
    "wave": Step(WAVE, rings=(2,), reach=2),
    "harmonic": Step(HARMONIC, rings=(1, 1)),
}


@formula
def _row(rings, ring, time):
    """Row of a ring's value at a clock reading."""
    return rings[ring, 0] + time % rings[ring, 1]


@formula
def _part(fields, rings, ring, time, lo, hi):
    """Nodes `lo` to `hi` of a ring's value at a clock reading."""
    return row(fields, _row(rings, ring, time), lo, hi)


@formula
def _apply(
    ops,
    coefs,
    o,
    fields,
    rings,
    params,
    delays,
    grid,
    lo,
    hi,
    clock,
    k,
    waveforms,
    tables,
    seeds,
):
    """Do one operation of the step from `clock` on nodes lo to hi; return how many are bad."""
    kind, a1, a2, a3, a4 = ops[o, 0], ops[o, 1], ops[o, 2], ops[o, 3], ops[o, 4]
    c0, c1, c2 = coefs[o, 0], coefs[o, 1], coefs[o, 2]
    c3, c4, c5 = coefs[o, 3], coefs[o, 4], coefs[o, 5]
    new = clock + 1
    bad = 0
    if kind == COPY:
        out, source = (
            _part(fields, rings, a1, new, lo, hi),
            _part(fields, rings, a2, new - a3, lo, hi),
        )
        local.copy(out, source)
    elif kind == DENDRITE:
        v, w = (
            _part(fields, rings, a1, new, lo, hi),
            _part(fields, rings, a2, new, lo, hi),
        )
        phi = _part(fields, rings, a3, clock - a4, lo, hi)
        total, before = _part(fields, rings, ops[o, 5], new, lo, hi), float(ops[o, 6])
        if ops[o, 7] < 0:
            nu = coefs[o, 6]
            local.dendrite(v, w, phi, nu, total, before, c0, c1, c2, c3, c4, c5)
        else:
            each = row(params, ops[o, 7], lo, hi)
            local.dendrite_per_node(v, w, phi, each, total, before, c0, c1, c2, c3, c4, c5)
    elif kind == HARMONIC:
        x, y = (
            _part(fields, rings, a1, new, lo, hi),
            _part(fields, rings, a2, new, lo, hi),
        )
        u = _part(fields, rings, a3, new - a4, lo, hi)
        local.affine(x, y, u, c0, c1, c2, c3, c4, c5)
    elif kind == SIGMOID:
        q, v = (
            _part(fields, rings, a1, new, lo, hi),
            _part(fields, rings, a2, new, lo, hi),
        )
        bad = local.sigmoid(q, v, c0, c1, c2)
    elif kind == LINEAR:
        q, v = (
            _part(fields, rings, a1, new, lo, hi),
            _part(fields, rings, a2, new, lo, hi),
        )
        bad = local.linear(q, v, c0, c1)
    elif kind == CLEAR:
        drive.clear(_part(fields, rings, a1, new, lo, hi))
    elif kind == ADD:
        q = _part(fields, rings, a1, new, lo, hi)
        if a3 < 0:
            drive.add(q, waveforms[a2, k])
        else:
            drive.add_masked(q, waveforms[a2, k], row(params, a3, lo, hi))
    elif kind == DRAW:
        if clock % 2 == 0:
            stream, pair = np.uint64(a2), np.uint64(clock // 2)
            drive.draw(fields, rings[a1, 0], seeds, stream, pair, grid[0] * grid[1], lo, hi)
    elif kind == TAKE:
        drive.take(_part(fields, rings, a1, clock, lo, hi), tables[a2, k], lo)
    elif kind == ADD_NOISE:
        # the amplitude follows the stimulus's window: σ while active, else 0
        sigma = c0 * waveforms[a3, k]
        if sigma != 0.0:
            q, z = (
                _part(fields, rings, a1, new, lo, hi),
                _part(fields, rings, a2, clock, lo, hi),
            )
            if a4 < 0:
                drive.add_noise(q, z, sigma)
            else:
                drive.add_noise_masked(q, z, sigma, row(params, a4, lo, hi))
    elif kind == GATHER:
        out = _part(fields, rings, a1, new, lo, hi)
        axonal.gather(out, fields, rings[a2, 0], rings[a2, 1], new, delays[a3, lo:hi], lo)
    elif kind == WAVE:
        at = new - a4
        axonal.wave(
            fields,
            _row(rings, a1, new),
            _row(rings, a1, clock),
            _row(rings, a1, clock - 1),
            _row(rings, a3, at),
            _row(rings, a3, at - 1),
            _row(rings, a3, at - 2),
            c0,
            c1,
            c2,
            grid[1],
            grid[0],
            lo // grid[1],
            hi // grid[1],
        )
    return bad


@kernel
def _sample(fields, rings, traces, nodes, clock, out, written):
    """Copy the traces asked for at this clock into a row of the output (row, trace, node)."""
    for t in range(traces.shape[0]):
        source = _row(rings, traces[t, 0], clock - traces[t, 1])
        for j in range(nodes.size):
            out[written, t, j] = fields[source, nodes[j]]


@kernel
def advance(
    ops,
    coefs,
    rings,
    fields,
    params,
    delays,
    grid,
    block,
    clock,
    steps,
    waveforms,
    tables,
    seeds,
    traces,
    nodes,
    until_row,
    interval,
    out,
):
    """Advance the fields by a number of steps, in place.

    Parameters
    ----------
    ops, coefs
        int64 (operation, 9) and float64 (operation, 7).
    rings
        int64 (ring, 2): first row and length.
    fields
        float64 (row, node), nodes of all members side by side.
    params, delays
        float64 and int64 (row, node): parameters and delays [steps] that vary over nodes.
    grid
        int64 (3,): ny, nx, members.
    block
        Grid rows that are stepped together; no result depends on it.
    clock
        Steps since the histories were filled.
    steps
        How many to make.
    waveforms
        float64 (waveform, step): stimulus rates, and the windows of noise.
    tables
        float64 (table, step, node): deviates drawn beforehand, for NFTsim's generator.
    seeds
        uint64 (member,).
    traces, nodes
        int64 (trace, 2), ring and delay of what to sample, and int64 (node,), where.
    until_row, interval
        Steps until the first row of output is due, and between rows.
    out
        float64 (row, trace, node), filled from row 0.

    Returns
    -------
    (int, int, int)
        Steps made, rows written, and the number of nodes that are not finite; with any of those it
        stops after the step where they appeared.
    """
    ny, nx, members = grid[0], grid[1], grid[2]
    total = ny * members
    written = 0
    for k in range(steps):
        bad = 0
        first = 0
        while first < total:
            last = min(first + block, total)
            lo, hi = first * nx, last * nx
            for o in range(ops.shape[0]):
                bad += _apply(
                    ops, coefs, o, fields, rings, params, delays, grid, lo, hi, clock, k,
                    waveforms, tables, seeds,
                )  # fmt: skip
            first = last
        clock += 1
        if bad > 0:
            return k + 1, written, bad
        until_row -= 1
        if until_row == 0:
            _sample(fields, rings, traces, nodes, clock, out, written)
            written += 1
            until_row = interval
    return steps, written, 0
