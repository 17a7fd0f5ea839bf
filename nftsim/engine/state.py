"""The state of a run: fields with their histories, clocks, and random generators."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nftsim.engine import native
from nftsim.engine.kernels import kinds
from nftsim.engine.kernels.signatures import WORDS
from nftsim.engine.plan import Plan

log = logging.getLogger(__name__)


@dataclass
class State:
    """Everything that the next step depends on; saved and restored bit for bit.

    Attributes
    ----------
    fields
        float64 (row, node, padded), laid out by the plan's rings.
    clock
        Steps since the histories were filled; it places rings and noise.
    step
        Steps since t = 0 of the present run.
    clocks
        float64: each stimulus's own time [s], which accumulates Δt, and then what each timed
        component carries from step to step (see `Component.timeline`).
    generators
        uint64 (noise, 315): NFTsim's generators; empty with counter-based noise.
    """

    fields: NDArray[np.float64]
    clock: int
    step: int
    clocks: NDArray[np.float64]
    generators: NDArray[np.uint64]


def initial_state(plan: Plan) -> State:
    """Return the state of constant histories that the model's initial values describe."""
    nodes = plan.model.nodes
    fields = np.zeros((plan.rows, plan.stride))
    for base, size, start in zip(plan.rings[:, 0], plan.sizes, plan.starts, strict=True):
        fields[base : base + size, :nodes] = start
    return State(fields, 0, 0, start_clocks(plan), _generators(plan))


def start_clocks(plan: Plan) -> NDArray[np.float64]:
    """Return the stimuli's clocks, and what timed components carry, at t = 0."""
    clocks = np.array([d.stimulus.clock_start for d in plan.drives], dtype=float)
    return np.concatenate([clocks, *(t.item.carried(t.setting) for t in plan.timed)])


def _generators(plan: Plan) -> NDArray[np.uint64]:
    if plan.rng != "nftsim":
        return np.zeros((0, WORDS), dtype=np.uint64)
    states = np.zeros((len(plan.noises), WORDS), dtype=np.uint64)
    for i, drive in enumerate(plan.noises):
        given = getattr(drive.stimulus, "ranseed", None)
        # NFTsim's default seeds count all generators of a file, seeded ones too
        native.seed(states[i], i + 1 if given is None else int(given))
    return states


class Histories(Mapping[str, NDArray[np.float64]]):
    """Every ring by name, oldest value first: shape (length, node), copied when it is asked for.

    What has a value for every pair of nodes is of shape (from, to). What no step changes is left
    out.
    """

    def __init__(self, plan: Plan, state: State) -> None:
        self._fields, self._nodes = state.fields, plan.model.nodes
        places = _places(plan, state.clock)
        self._rows = {name: rows for name, rows in places if name not in plan.constants}

    def __getitem__(self, name: str) -> NDArray[np.float64]:
        return self._fields[self._rows[name], : self._nodes]

    def __iter__(self) -> Iterator[str]:
        return iter(self._rows)

    def __len__(self) -> int:
        return len(self._rows)


def continued_state(
    plan: Plan,
    saved: Mapping[str, NDArray[np.float64]],
    clock: int,
    generators: NDArray[np.uint64],
) -> State:
    """Return the state from which a plan goes on where a saved one ended, at t = 0.

    What the plan has in common with the saved state is taken over bit for bit. A history longer
    than the saved one is continued into the past with its oldest value, and rates with delays that
    vary over nodes are collected anew, so that a uniform run can start a nonuniform one.
    """
    state = initial_state(plan)
    state.clock = clock
    nodes = plan.model.nodes
    for name, rows in _places(plan, clock):
        old, length = saved.get(name), len(rows)
        if old is None or name in plan.constants:
            continue
        if len(old) < length:
            if np.any(old != old[0]):
                log.warning(
                    "%s: %d steps of history are needed, %d are there; the oldest value stands "
                    "for those before; use the longer delays in the first run too, or run it "
                    "with --no-merge",
                    name, length, len(old),
                )  # fmt: skip
            old = np.concatenate([np.repeat(old[:1], length - len(old), axis=0), old])
        state.fields[rows, :nodes] = old[len(old) - length :]
    _collect(plan, state)
    if generators.shape == state.generators.shape:
        state.generators[:] = generators
    return state


def _collect(plan: Plan, state: State) -> None:
    """Collect the rates with delays that vary over nodes from the history as it now is."""
    node = np.arange(plan.model.nodes)
    for op in plan.ops[plan.ops[:, 0] == kinds.GATHER]:
        ring, source, row = op[1:4].tolist()
        base, length = plan.rings[ring].tolist()
        first, depth = plan.rings[source].tolist()
        for back in range(length):
            age = plan.delays[row] + back
            values = state.fields[first + (state.clock - age) % depth, node]
            state.fields[base + (state.clock - back) % length, : node.size] = values


def _places(plan: Plan, clock: int) -> Iterator[tuple[str, NDArray[np.int64]]]:
    """Yield the name and the rows of each ring, from its oldest value to its newest."""
    for name, (base, length), size in zip(plan.names, plan.rings, plan.sizes, strict=True):
        turn = np.arange(clock - length + 1, clock + 1) % length
        yield name, base + (turn if size == length else np.arange(size))
