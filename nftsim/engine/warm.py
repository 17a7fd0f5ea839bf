"""Compile the kernels into the cache: ``python -m nftsim.engine.warm``."""

from __future__ import annotations

from nftsim.engine.advance import run_chunks
from nftsim.engine.compile import compile_plan
from nftsim.engine.state import initial_state
from nftsim.model import parse_model

_SMALLEST = """
Time: 2e-3 Deltat: 1e-3
Nodes: 1
Connection matrix:
From: 1
To 1: 0
Population 1: Stimulation
Length: 1
Stimulus: White - Mean: 0 StdDev: 1
Output: Node: All
Population: 1
"""


def warm() -> None:
    """Run two steps with each generator, which compiles every kernel there is."""
    model = parse_model(_SMALLEST, "warm")
    for rng in ("counter", "nftsim"):
        plan = compile_plan(model, rng=rng)
        for _ in run_chunks(plan, initial_state(plan), model.steps, seed=1):
            pass


if __name__ == "__main__":
    warm()
