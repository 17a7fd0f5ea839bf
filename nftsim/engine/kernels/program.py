"""One compiled program for all models: a loop over steps, blocks and operations.

An operation is a row of integers, ``ops[o] = (kind, a₁ … a₁₀, rows)``. Its constants stand in
``coefs[o]``, or, where one of them varies over the nodes, in the rows of ``params`` from ``rows``
on (negative: none). Fields live in rings: ring r is ``length`` rows of ``fields`` from ``base``;
its value at clock n stands in row ``base + n % length``; what is not remembered has length 1. The
clock counts steps since the histories were filled. What has a value for every pair of nodes is a
ring of length 1 whose base is the first of as many rows as there are nodes.
"""

from __future__ import annotations

from nftsim.engine.kernels import axonal, drive, kinds, local, operations
from nftsim.engine.kernels.bits import lent
from nftsim.engine.kernels.compiler import formula, kernel
from nftsim.engine.kernels.gate import add, look, wait
from nftsim.engine.kernels.views import at_clock, part


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
    keys,
    numbers,
    sums,
):
    """Do one operation of the step from `clock` on nodes lo to hi; return how many are bad."""
    kind = ops[o, 0]
    nodes = grid[0] * grid[1]
    bad = 0
    if kind <= kinds.LAST_DENDRITE:
        operations.dendrite(ops, coefs, o, fields, rings, params, lo, hi, clock, k, waveforms)
    elif kind == kinds.SOMA:
        bad = operations.soma(ops, coefs, o, fields, rings, params, lo, hi, clock)
    elif kind == kinds.WAVE:
        operations.wave(ops, coefs, o, fields, rings, params, grid, lo, hi, clock, sums)
    elif kind == kinds.SIGMOID:
        bad = operations.sigmoid(ops, coefs, o, fields, rings, params, lo, hi, clock)
    elif kind == kinds.COPY:
        source = part(fields, rings, ops[o, 2], clock + 1 - ops[o, 3], lo, hi)
        local.copy(part(fields, rings, ops[o, 1], clock + 1, lo, hi), source)
    elif kind == kinds.DRAW:
        operations.draw(ops, o, fields, rings, keys, numbers, lo, hi, clock, False)
    elif kind == kinds.ADD_NOISE:
        operations.add_noise(ops, coefs, o, fields, rings, params, lo, hi, clock, k, waveforms)
    elif kind == kinds.NOISY:
        operations.noisy(ops, coefs, o, fields, rings, params, lo, hi, clock, k, waveforms)
    elif kind == kinds.WEIGH:
        operations.weigh(ops, coefs, o, fields, rings, params, lo, hi, clock)
    elif kind == kinds.CLEAR:
        drive.fill(part(fields, rings, ops[o, 1], clock + 1, lo, hi), 0.0)
    elif kind == kinds.ADD:
        operations.add(ops, o, fields, rings, params, lo, hi, clock, k, waveforms)
    elif kind == kinds.HARMONIC:
        operations.harmonic(ops, coefs, o, fields, rings, params, lo, hi, clock)
    elif kind == kinds.HARMONIC_INTEGRAL:
        operations.harmonic_integral(ops, coefs, o, fields, rings, params, lo, hi, clock)
    elif kind == kinds.POLYNOMIAL:
        bad = operations.polynomial(ops, coefs, o, fields, rings, params, lo, hi, clock)
    elif kind == kinds.BURSTING:
        bad = operations.bursting(ops, coefs, o, fields, rings, params, lo, hi, clock, k, waveforms)
    elif kind == kinds.ACCUMULATE:
        operations.accumulate(ops, o, fields, rings, params, lo, hi, clock)
    elif kind == kinds.GLUTAMATE:
        operations.glutamate(ops, coefs, o, fields, rings, params, lo, hi, clock)
    elif kind == kinds.SCALE:
        operations.scale(ops, o, fields, rings, lo, hi, clock, k, waveforms)
    elif kind == kinds.MATRIX:
        operations.matrix(ops, o, fields, rings, nodes, lo, hi, clock)
    elif kind == kinds.PLASTIC:
        operations.strength(ops, coefs, o, fields, rings, params, lo, hi, clock)
    elif kind == kinds.PLASTIC_MATRIX:
        operations.strengths(ops, coefs, o, fields, rings, params, nodes, lo, hi, clock)
    elif kind == kinds.GATHER:
        out, source, r = part(fields, rings, ops[o, 1], clock + 1, lo, hi), ops[o, 2], ops[o, 3]
        base, length = rings[source, 0], rings[source, 1]
        axonal.gather(out, fields, base, length, clock + 1, delays[r, lo:hi], lo)
    elif kind == kinds.ADD_FIELD:
        operations.add_field(ops, o, fields, rings, params, lo, hi, clock, k, tables)
    elif kind == kinds.TAKE:
        drive.take(part(fields, rings, ops[o, 1], clock, lo, hi), tables[ops[o, 2], k], lo)
    elif kind == kinds.DRAW_COHERENT:
        operations.draw(ops, o, fields, rings, keys, numbers, lo, hi, clock, True)
    return bad


@kernel
def _all_in_order(nodes, total):
    """Tell whether the nodes are all that there are, in order: then a row can be copied whole."""
    same = nodes.size == total
    for j in range(nodes.size):
        same = same and nodes[j] == j
    return same


@kernel
def _sample(fields, rings, traces, nodes, whole, clock, out, written, lo, hi):
    """Copy the traces asked for at this clock into a row of the output (row, trace, node).

    Done are nodes `lo` to `hi`.
    """
    for t in range(traces.shape[0]):
        source = at_clock(rings, traces[t, 0], clock - traces[t, 1]) + traces[t, 2]
        if whole:
            for j in range(lo, hi):
                out[written, t, j] = fields[source, j]
        else:
            for j in range(nodes.size):
                if lo <= nodes[j] < hi:
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
    keys,
    numbers,
    traces,
    nodes,
    until_row,
    interval,
    out,
    thread,
    threads,
    gate,
    sums,
):
    """Advance the fields by a number of steps, in place.

    Parameters
    ----------
    ops, coefs
        int64 (operation, 12) and float64 (operation, 15).
    rings
        int64 (ring, 2): first row and length.
    fields
        float64 (row, node), nodes of all members side by side.
    params, delays
        float64 and int64 (row, node): parameters and delays [steps] that vary over nodes.
    grid
        int64 (4,): ny, nx, members, and 1 if first and last row meet turned over.
    block
        Grid rows that are stepped together; no result depends on it.
    clock
        Steps since the histories were filled.
    steps
        How many to make.
    waveforms
        float64 (waveform, step): stimulus rates, and the windows of noise.
    tables
        float64 (table, step, node): stimulus rates that differ from node to node, and deviates of
        NFTsim's generator.
    keys, numbers
        uint64 (node,): seed of the noise of each node's member, and its number in it, from 0.
    traces, nodes
        int64 (trace, 3), ring, delay and row of what to sample, and int64 (node,), where.
    until_row, interval
        Steps until the first row of output is due, and between rows.
    out
        float64 (row, trace, node), filled from row 0.
    thread, threads, gate
        Which of how many threads this is, all of which are given the same arrays, and where they
        wait for each other (see `nftsim.engine.kernels.gate`); no result depends on them.
    sums
        float64 (2, any number of nodes, of at least one grid row): room of this thread's own.

    Returns
    -------
    (int, int, int)
        Steps made, rows written, and the number of nodes that are not finite; with any of those it
        stops after the step where they appeared.
    """
    ops, coefs, rings, fields = lent(ops), lent(coefs), lent(rings), lent(fields)
    params, delays, grid = lent(params), lent(delays), lent(grid)
    keys, numbers, sums = lent(keys), lent(numbers), lent(sums)
    waveforms, tables = lent(waveforms), lent(tables)
    ny, nx, members = grid[0], grid[1], grid[2]
    total = ny * members
    begin, end = total * thread // threads, total * (thread + 1) // threads
    whole = _all_in_order(nodes, total * nx)
    written = 0
    for k in range(steps):
        bad = 0
        first = begin
        while first < end:
            last = min(first + block, end)
            lo, hi = first * nx, last * nx
            for o in range(ops.shape[0]):
                bad += _apply(
                    ops, coefs, o, fields, rings, params, delays, grid, lo, hi, clock, k,
                    waveforms, tables, keys, numbers, sums,
                )  # fmt: skip
            first = last
        clock += 1
        if threads > 1:
            # by turns, so that nobody who still looks sees what another finds in the next step
            add(gate, 1 + k % 2, bad)
            wait(gate, (k + 1) * threads)
            bad = look(gate, 1 + k % 2)
        if bad > 0:
            return k + 1, written, bad
        until_row -= 1
        if until_row == 0:
            lo, hi = begin * nx, end * nx
            _sample(fields, rings, traces, nodes, whole, clock, out, written, lo, hi)
            written += 1
            until_row = interval
    return steps, written, 0
