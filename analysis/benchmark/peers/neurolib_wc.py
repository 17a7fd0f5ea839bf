"""neurolib: a network of Wilson–Cowan nodes with delays and noise, by Euler, compiled by numba."""

import json
import sys
import time
from importlib import import_module
from typing import Any

import numpy as np

SOLVES = "Wilson-Cowan network, four neighbours coupled, delays and noise, Euler: another model"


def main(nodes: int, steps: int, deltat: float) -> float:
    """Return the seconds of a run, compilation excluded."""
    wc: Any = import_module("neurolib.models.wc")
    ring = np.eye(nodes)
    coupling = sum(np.roll(ring, k, axis=1) for k in (-2, -1, 1, 2)) / 4
    lengths = np.full((nodes, nodes), 50.0)  # mm
    model = wc.WCModel(Cmat=coupling, Dmat=lengths) if nodes > 1 else wc.WCModel()
    model.params["dt"] = 1e3 * deltat
    model.params["sigma_ou"] = 0.01
    model.params["duration"] = 200 * 1e3 * deltat
    model.run()
    model.params["duration"] = steps * 1e3 * deltat
    begun = time.perf_counter()
    model.run()
    return time.perf_counter() - begun


if __name__ == "__main__":
    seconds = main(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]))
    print(json.dumps({"seconds": seconds, "solves": SOLVES}))
