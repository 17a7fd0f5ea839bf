"""py-pde: the cortical sheet E without delay and noise, by explicit RK4, compiled by numba."""

import json
import math
import sys
import time
from importlib import import_module
from typing import Any

SOLVES = "E without delay and noise, RK4, periodic sheet"
#: Rates [s⁻¹], range [m], strengths [V s], input [s⁻¹], as in the benchmark's E.
EQUATIONS = {
    "phi": "rate",
    "rate": "116**2 * (340 / (1 + exp((0.01292 - v) / 0.0038)) - phi) - 2 * 116 * rate"
    " + (116 * 0.086)**2 * laplace(phi)",
    "v": "w",
    "w": "83.33 * 769.2 * (5e-5 * phi + 1e-3 - v) - (83.33 + 769.2) * w",
}


def main(nodes: int, steps: int, deltat: float) -> float:
    """Return the seconds of a run, compilation excluded."""
    pde: Any = import_module("pde")
    side = math.isqrt(nodes)
    grid = pde.CartesianGrid([[0, 0.5]] * 2, [side, side], periodic=True)
    start = pde.FieldCollection([pde.ScalarField(grid, x) for x in (17.6, 0.0, 0.0019, 0.0)])
    equation = pde.PDE(EQUATIONS)
    solver = pde.RungeKuttaSolver(equation, backend="numba")
    step = solver.make_stepper(start, dt=deltat)
    state = start.copy()
    step(state, 0.0, 2 * deltat)
    begun = time.perf_counter()
    step(state, 0.0, steps * deltat)
    return time.perf_counter() - begun


if __name__ == "__main__":
    seconds = main(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]))
    print(json.dumps({"seconds": seconds, "solves": SOLVES}))
