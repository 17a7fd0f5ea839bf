"""Many members of one model, stepped together: their nodes stand side by side in each row.

Members may differ in seed, start and parameters. A parameter that differs becomes a row of numbers,
as one that varies over the nodes; a stimulus that differs, a table. Plans that differ in more than
numbers, as by a delay or by what was merged, cannot be stepped together.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from nftsim.components.stimuli import Stimulus, White
from nftsim.engine.kernels import kinds
from nftsim.engine.kernels.kinds import ROWS
from nftsim.engine.plan import Plan
from nftsim.engine.state import State

Floats = NDArray[np.float64]

#: Where an operation names a row of parameters that is a mask.
MASKS = {kinds.ADD: 3, kinds.ADD_FIELD: 3, kinds.ADD_NOISE: 4, kinds.ACCUMULATE: 5}


def pattern(plan: Plan) -> Hashable:
    """Return what plans must have in common to be stepped together.

    None of it is a number of a model: operations and their fields, delays, what changes in time.
    """
    ops = plan.ops.copy()
    ops[:, ROWS] = -1
    for o, op in enumerate(ops):
        at = MASKS.get(int(op[0]))
        if at is not None:
            ops[o, at] = min(int(op[at]), 0)
    if any(size != length for size, (_, length) in zip(plan.sizes, plan.rings, strict=True)):
        return id(plan)  # values for pairs of nodes are not kept side by side
    timed = tuple((t.item, t.first) for t in plan.timed)
    same = (plan.model.shape, plan.model.deltat, plan.model.topology, plan.model.output)
    return (ops.tobytes(), plan.rings.tobytes(), tuple(plan.names), plan.delays.shape, timed, same)


def drives_alike(plans: Sequence[Plan]) -> bool:
    """Tell whether all members have the same stimuli, but for the strength of noise."""
    first = [_deterministic(d.stimulus) for d in plans[0].drives]
    return all([_deterministic(d.stimulus) for d in p.drives] == first for p in plans)


def _deterministic(stimulus: Stimulus) -> Stimulus:
    if isinstance(stimulus, White):
        return replace(stimulus, stddev=1.0, asd=None, ranseed=None)
    return stimulus


def stack(plans: Sequence[Plan]) -> Plan:
    """Return the plan that steps members together.

    Parameters
    ----------
    plans
        Of each member, all of one `pattern`; if their stimuli differ, compiled with ``tabled``.
    """
    first = plans[0]
    ops, coefs, rows = first.ops.copy(), first.coefs.copy(), _Rows(plans)
    for o in range(len(ops)):
        at = MASKS.get(int(ops[o, 0]))
        if at is not None and ops[o, at] >= 0:
            ops[o, at] = rows.add([p.params[p.ops[o, at]] for p in plans])
        ops[o, ROWS] = rows.constants(o)
    return replace(
        first,
        ops=ops,
        coefs=coefs,
        params=rows.array(),
        delays=np.concatenate([p.delays for p in plans], axis=1),
        parts=tuple(plans),
    )


class _Rows:
    """Rows of parameters for all members."""

    def __init__(self, plans: Sequence[Plan]) -> None:
        self._plans = plans
        self._rows: list[Floats] = []

    def add(self, values: Sequence[Floats]) -> int:
        """Make a row of one number, or one per node, for each member; return its number."""
        nodes = self._plans[0].model.nodes
        self._rows.append(np.concatenate([np.broadcast_to(v, nodes) for v in values]))
        return len(self._rows) - 1

    def constants(self, o: int) -> int:
        """Make the rows of an operation's constants where they differ; return the first, or −1."""
        numbers = np.array([p.coefs[o] for p in self._plans])
        if all(p.ops[o, ROWS] < 0 for p in self._plans) and (numbers == numbers[0]).all():
            return -1
        made = [
            self.add([_constant(p, o, j) for p in self._plans]) for j in range(numbers.shape[1])
        ]
        return made[0]

    def array(self) -> Floats:
        """Return all rows."""
        return np.array(self._rows).reshape(-1, len(self._plans) * self._plans[0].model.nodes)


def _constant(plan: Plan, o: int, j: int) -> Floats:
    first = int(plan.ops[o, ROWS])
    # rows of other operations, or none, may follow those that this one has
    if 0 <= first + j < len(plan.params) and first >= 0:
        return np.asarray(plan.params[first + j])
    return np.asarray(plan.coefs[o, j])


def side_by_side(plan: Plan, states: Sequence[State]) -> State:
    """Return the state of an ensemble from those of its members, which all are at one clock."""
    nodes = plan.model.nodes
    fields = np.zeros((plan.rows, plan.stride))
    fields[:, : plan.lanes] = np.concatenate([s.fields[:, :nodes] for s in states], axis=1)
    clocks = np.concatenate([s.clocks for s in states])
    return State(fields, states[0].clock, states[0].step, clocks, states[0].generators)


def member_state(plan: Plan, state: State, member: int) -> State:
    """Return the state of one member of an ensemble."""
    nodes = plan.model.nodes
    fields = state.fields[:, member * nodes : (member + 1) * nodes]
    clocks = state.clocks.reshape(plan.members, -1)[member]
    return State(fields, state.clock, state.step, clocks, state.generators)
