"""The state of a run: fields with their histories, clocks, and random generators."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nftsim.engine.kernels import mersenne
from nftsim.engine.plan import Plan


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
        float64 (stimulus,): each stimulus's own time [s], which accumulates Δt.
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
    for (base, length), start in zip(plan.rings, plan.starts, strict=True):
        fields[base : base + length, :nodes] = start
    return State(fields, 0, 0, start_clocks(plan), _generators(plan))


def start_clocks(plan: Plan) -> NDArray[np.float64]:
    """Return the stimuli's clocks at t = 0."""
    return np.array([d.stimulus.clock_start for d in plan.drives], dtype=float)


def _generators(plan: Plan) -> NDArray[np.uint64]:
    if plan.rng != "nftsim":
        return np.zeros((0, mersenne.WORDS), dtype=np.uint64)
    states = np.zeros((len(plan.noises), mersenne.WORDS), dtype=np.uint64)
    for i, drive in enumerate(plan.noises):
        given = getattr(drive.stimulus, "ranseed", None)
        # NFTsim's default seeds count all generators of a file, seeded ones too
        mersenne.seed(states[i], np.uint64(i + 1 if given is None else given))
    return states
