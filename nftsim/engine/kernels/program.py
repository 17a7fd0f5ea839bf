"""One compiled program for all models: a loop over steps, blocks and operations.

An operation is a row of integers, ``ops[o] = (kind, a₁ … a₈)``, with constants in ``coefs[o]``. Fields
live in rings: ring r is ``length`` rows of ``fields`` from ``base``, and its value at clock n stands in
row ``base + n % length``; what is not remembered has length 1. The clock counts steps since the
histories were filled.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nftsim.engine.kernels import axonal, drive, local
from nftsim.engine.kernels.compiler import formula, kernel

COUPLE = 0
COUPLE_PER_NODE = 1
DENDRITE = 2
START_SUM = 3
ADD_TO_SUM = 4
SIGMOID = 5
LINEAR = 6
CLEAR = 7
ADD = 8
DRAW = 9
TAKE = 10
ADD_NOISE = 11
GATHER = 12
WAVE = 13
HARMONIC = 14

#: Integers and constants of an operation.
WIDTH = 9
CONSTANTS = 6


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
def _row(rings, ring, time):  # type: ignore[no-untyped-def]
    """Row of a ring's value at a clock reading."""
    return rings[ring, 0] + time % rings[ring, 1]


@kernel
def _apply(op, c, fields, rings, params, delays, grid, lo, hi, clock, k, waveforms, tables, seeds):  # type: ignore[no-untyped-def]
    """Do one operation of the step from `clock` to `clock` + 1 on nodes lo to hi; count bad nodes."""
    kind = op[0]
    new = clock + 1
    if kind == COUPLE:
        phi = _row(rings, op[2], clock - op[3])
        local.couple(fields, _row(rings, op[1], new), phi, c[0], lo, hi)
    elif kind == COUPLE_PER_NODE:
        phi = _row(rings, op[2], clock - op[3])
        local.couple_per_node(fields, _row(rings, op[1], new), phi, params, op[4], lo, hi)
    elif kind == DENDRITE:
        v = _row(rings, op[1], new)
        local.dendrite(fields, v, _row(rings, op[2], new), _row(rings, op[3], new), c, lo, hi)
    elif kind == START_SUM:
        local.start_sum(fields, _row(rings, op[1], new), _row(rings, op[2], new), lo, hi)
    elif kind == ADD_TO_SUM:
        local.add_to_sum(fields, _row(rings, op[1], new), _row(rings, op[2], new), lo, hi)
    elif kind == SIGMOID:
        q, v = _row(rings, op[1], new), _row(rings, op[2], new)
        return local.sigmoid(fields, q, v, c[0], c[1], c[2], lo, hi)
    elif kind == LINEAR:
        q, v = _row(rings, op[1], new), _row(rings, op[2], new)
        return local.linear(fields, q, v, c[0], c[1], lo, hi)
    elif kind == CLEAR:
        drive.clear(fields, _row(rings, op[1], new), lo, hi)
    elif kind == ADD:
        drive.add(fields, _row(rings, op[1], new), waveforms[op[2], k], params, op[3], lo, hi)
    elif kind == DRAW:
        if clock % 2 == 0:
            z, spare = rings[op[1], 0], rings[op[1], 0] + 1
            stream, pair = np.uint64(op[2]), np.uint64(clock // 2)
            drive.draw(fields, z, spare, seeds, stream, pair, grid[0] * grid[1], lo, hi)
    elif kind == TAKE:
        drive.take(fields, _row(rings, op[1], clock), tables[op[2]], k, lo, hi)
    elif kind == ADD_NOISE:
        # the amplitude follows the stimulus's window: σ while active, else 0
        sigma = c[0] * waveforms[op[3], k]
        if sigma != 0.0:
            q, z = _row(rings, op[1], new), _row(rings, op[2], clock)
            drive.add_noise(fields, q, z, sigma, params, op[4], lo, hi)
    elif kind == GATHER:
        base, length = rings[op[2], 0], rings[op[2], 1]
        axonal.gather(fields, _row(rings, op[1], new), base, length, new, delays, op[3], lo, hi)
    elif kind == WAVE:
        at = new - op[4]
        axonal.wave(
            fields,
            _row(rings, op[1], new),
            _row(rings, op[1], clock),
            _row(rings, op[1], clock - 1),
            _row(rings, op[3], at),
            _row(rings, op[3], at - 1),
            _row(rings, op[3], at - 2),
            c,
            grid[1],
            grid[0],
            lo // grid[1],
            hi // grid[1],
        )
    elif kind == HARMONIC:
        phi, psi = _row(rings, op[1], new), _row(rings, op[2], new)
        axonal.harmonic(fields, phi, psi, _row(rings, op[3], new - op[4]), c, lo, hi)
    return 0


@kernel
def _sample(fields, rings, traces, nodes, clock, out, row):  # type: ignore[no-untyped-def]
    """Copy the traces asked for at this clock into a row of the output (row, trace, node)."""
    for t in range(traces.shape[0]):
        source = _row(rings, traces[t, 0], clock - traces[t, 1])
        for j in range(nodes.size):
            out[row, t, j] = fields[source, nodes[j]]


@kernel
def advance(  # type: ignore[no-untyped-def]
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
        int64 (operation, 9) and float64 (operation, 6).
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
                    ops[o], coefs[o], fields, rings, params, delays, grid, lo, hi, clock, k,
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
