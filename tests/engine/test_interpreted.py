"""The kernels as plain Python, without the compiler: so coverage sees them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from nftsim.engine.kernels.program import advance
from nftsim.engine.simulate import run_to_file
from nftsim.io.hdf5 import open_run
from nftsim.model import load_model

# every operation of the program, on a rectangle
CONF = """
Time: 0.03 Deltat: 1e-3
Nodes: 6 Longside nodes: 3
Connection matrix:
From: 1 2 3
To 1: 1 2 3
To 2: 4 0 5
To 3: 0 0 0
Population 1: a
Length: 0.3
Q: 8
Firing: Function: Sigmoid Theta: 0.01292 Sigma: 0.0038 Qmax: 340
 Dendrite 1: alpha: 83 beta: 769
 Dendrite 2: alpha: 83 beta: 769
 Dendrite 3: alpha: 83 beta: 83 V: 1e-3
Population 2: b
Length: 0.3
Q: 5
Firing: Function: Linear a: 100 b: 4
 Dendrite 4: alpha: 83 beta: 769
 Dendrite 5: alpha: 83 beta: 769
Population 3: input
Length: 0.3
Stimulus: Superimpose: 4
 Stimulus: White - Mean: 1 StdDev: 2
 Stimulus: White - Mean: 1 ASD: 1e-4 Node: 2 5
 Stimulus: PulseRect - Onset: 0.01 Node: 4 Amplitude: 5 Width: 0.01
 Stimulus: PulseSigmoid - Onset: 0.005 Amplitude: 5 Width: 0.01
Propagator 1: Wave - Tau: 0.003 Range: 0.25 gamma: 116
Propagator 2: Harmonic - gamma: 100 Tau: 0.001
Propagator 3: Map - Tau: 0 0.001 0.002 0.003 0.004 0.005
Propagator 4: Wave - Tau: 0.002 0.001 0 0.001 0 0.003 Range: 0.3 velocity: 20 phi: 7
Propagator 5: Map - Tau: 0.004 phi: 2
Coupling 1: Map - nu: 1e-3
Coupling 2: Map - nu: -1e-3
Coupling 3: Map - nu: 1e-3 2e-3 3e-3 1e-3 2e-3 3e-3
Coupling 4: Map - nu: 1e-3
Coupling 5: Map - nu: 1e-3
Output: Node: All
Population: 1 2 3
Dendrite: 1 2 3 4 5
Propagator: 1 2 3 4 5
"""


@pytest.mark.parametrize("rng", ["counter", "nftsim"])
def test_compiled_equals_interpreted(rng: str, tmp_path: Path, root: Path) -> None:
    if not hasattr(advance, "py_func"):
        pytest.skip("the compiler is off")
    file = tmp_path / "model.conf"
    file.write_text(CONF)
    slow, fast = tmp_path / "slow.h5", tmp_path / "fast.h5"
    subprocess.run(
        [sys.executable, "-m", "nftsim.cli", "run", str(file), "-o", str(slow), "--rng", rng],
        check=True,
        env={**os.environ, "NUMBA_DISABLE_JIT": "1", "PYTHONPATH": str(root)},
    )
    run_to_file(load_model(file), fast, rng=rng)
    with open_run(slow) as ours, open_run(fast) as theirs:
        assert ours.traces == theirs.traces
        assert len(ours.traces) == 15
        for name in ours.traces:
            a, b = ours.trace(name), theirs.trace(name)
            assert np.abs(a - b).max() <= 1e-12 * np.abs(b).max(), name
