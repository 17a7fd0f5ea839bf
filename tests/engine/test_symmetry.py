"""Rectangular grids: a run transposed is the run of the transposed model."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from nftsim.model import Model, load_model
from tests.engine.machinery import engine_run

DX = 0.02
SITE = (3, 17)  # row and column of the stimulus where there are 16 rows and 24 columns

CONF = """
Time: 0.2 Deltat: 5e-4
Nodes: {nodes} Longside nodes: {nx}
Connection matrix:
From: 1 2 3
To 1: 1 2 3
To 2: 4 5 0
To 3: 0 0 0
Population 1: excitatory
Length: {length}
Q: 8
Firing: Function: Sigmoid Theta: 0.01292 Sigma: 0.0038 Qmax: 340
 Dendrite 1: alpha: 83 beta: 769
 Dendrite 2: alpha: 83 beta: 769
 Dendrite 3: alpha: 83 beta: 769
Population 2: inhibitory
Length: {length}
Q: 8
Firing: Function: Sigmoid Theta: 0.01292 Sigma: 0.0038 Qmax: 340
 Dendrite 4: alpha: 60 beta: 240
 Dendrite 5: alpha: 60 beta: 240
Population 3: stimulus
Length: {length}
Stimulus: Superimpose: 2
 Stimulus: PulseRect - Onset: 0.01 Node: {node} Amplitude: 500 Width: 0.01
 Stimulus: Const - Mean: 10
Propagator 1: Wave - Tau: 0.003 Range: 0.08 gamma: 116
Propagator 2: Map - Tau: 0
Propagator 3: Map - Tau: 0.004
Propagator 4: Wave - Range: 0.1 gamma: 80
Propagator 5: Wave - Tau: 0.001 Range: 0.05 velocity: 5
Coupling 1: Map - nu: {nu}
Coupling 2: Map - nu: -1.5e-3
Coupling 3: Map - nu: 1e-3
Coupling 4: Map - nu: 1.6e-3
Coupling 5: Map - nu: -1.5e-3
Output: Node: All
Propagator: 1.phi
"""


def _model(folder: Path, transposed: bool) -> Model:
    ny, nx = (24, 16) if transposed else (16, 24)
    y, x = SITE[::-1] if transposed else SITE
    nu = 1.6e-3 * (1 + 0.1 * np.random.default_rng(3).random((16, 24)))
    nu = nu.T if transposed else nu
    text = CONF.format(
        nodes=ny * nx,
        nx=nx,
        length=nx * DX,
        node=1 + x + y * nx,
        nu=" ".join(map(repr, nu.ravel().tolist())),
    )
    file = folder / f"{nx}.conf"
    file.write_text(text)
    return load_model(file)


def test_transposed_grid(tmp_path: Path) -> None:
    wide = _model(tmp_path, transposed=False)
    tall = _model(tmp_path, transposed=True)
    assert wide.shape == tall.shape[::-1]
    ours, theirs = engine_run(wide, wide.steps), engine_run(tall, tall.steps)
    assert ours.keys() == theirs.keys()
    for name, a in ours.items():
        b = theirs[name].transpose(0, 2, 1)
        assert np.abs(a - b).max() <= 1e-12 * np.abs(a).max(), name
    # the pulse has spread, and not evenly: the comparison is of something
    assert ours["propagator.1.phi"][-1].std() > 1e-3


@pytest.mark.parametrize("shift", [(0, 5), (7, 0), (11, 13)])
def test_torus_has_no_edges(tmp_path: Path, shift: tuple[int, int]) -> None:
    """A stimulus moved along the torus moves the response with it."""
    ny, nx = 16, 24
    fields = []
    for dy, dx in ((0, 0), shift):
        y, x = (SITE[0] + dy) % ny, (SITE[1] + dx) % nx
        text = CONF.format(nodes=ny * nx, nx=nx, length=nx * DX, node=1 + x + y * nx, nu=1.6e-3)
        file = tmp_path / f"{dy}-{dx}.conf"
        file.write_text(text)
        fields.append(engine_run(load_model(file), 400)["propagator.1.phi"])
    moved = np.roll(fields[0], shift, axis=(1, 2))
    assert np.abs(fields[1] - moved).max() <= 1e-12 * np.abs(moved).max()
