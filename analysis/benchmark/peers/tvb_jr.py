"""TVB: a network of Jansen–Rit nodes with delays and noise, by Heun, in numpy."""

import json
import sys
import time
from importlib import import_module
from typing import Any

import numpy as np

SOLVES = "Jansen-Rit network, four neighbours coupled, delays and noise, Heun: another model"


def main(nodes: int, steps: int, deltat: float) -> float:
    """Return the seconds of a run."""
    lab: Any = import_module("tvb.simulator.lab")
    ring = np.eye(nodes)
    weights = sum(np.roll(ring, k, axis=1) for k in (-2, -1, 1, 2)) / 4
    lengths = np.full((nodes, nodes), 50.0)  # mm
    labels = np.array([str(i) for i in range(nodes)])
    connectivity = lab.connectivity.Connectivity(
        weights=weights,
        tract_lengths=lengths,
        region_labels=labels,
        centres=np.zeros((nodes, 3)),
        speed=np.array([10.0]),
    )
    simulator = lab.simulator.Simulator(
        model=lab.models.JansenRit(),
        connectivity=connectivity,
        coupling=lab.coupling.SigmoidalJansenRit(),
        integrator=lab.integrators.HeunStochastic(
            dt=1e3 * deltat, noise=lab.noise.Additive(nsig=np.array([1e-6]))
        ),
        monitors=[lab.monitors.SubSample(period=32e3 * deltat)],
        simulation_length=steps * 1e3 * deltat,
    ).configure()
    begun = time.perf_counter()
    simulator.run()
    return time.perf_counter() - begun


if __name__ == "__main__":
    seconds = main(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]))
    print(json.dumps({"seconds": seconds, "solves": SOLVES}))
