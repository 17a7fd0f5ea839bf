"""Some numbers of NFTsim's recorded output, kept beside the tests: see ``source`` in the table."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nftsim.engine.simulate import run_to_file
from nftsim.io.hdf5 import open_run
from nftsim.model import Model, load_model
from tests.parity.recorded import column

TABLE = json.loads(
    (Path(__file__).parents[1] / "data" / "engine_parity.json").read_text(encoding="utf-8")
)
TOLERANCE = 1e-9

PULSE = """
Time: 0.125 Deltat: 0.0001220703125
Nodes: 64
Connection matrix:
From: 1 2
To 1: 1 2
To 2: 0 0
Population 1: cortex
Length: 0.5
Q: 10
Firing: Function: Sigmoid Theta: 0.01292 Sigma: 0.0038 Qmax: 340
 Dendrite 1: alpha: 83 beta: 769
 Dendrite 2: alpha: 83 beta: 769
Population 2: pulse
Length: 0.5
Stimulus: PulseRect - Onset: 0.09453125 Node: 32 Amplitude: 0.06125 Width: 4.8828125e-04
Propagator 1: Wave - Range: 0.2 gamma: 30
Propagator 2: Map - Tau: 0
Coupling 1: Map - nu: 0
Coupling 2: Map - nu: 1e-4
Output: Node: All Interval: 2.44140625e-04
Propagator: 1.phi
"""
NOISE = """
Time: 1 Deltat: 9.765625e-04
{grid}
Connection matrix:
From: 1
To 1: 0
Population 1: noise
Length: 0.5
Stimulus: White - Mean: 0 ASD: 7.071067811865476e-06
Output: Node: All
Population: 1.q
"""
GRIDS = {
    "stimulus-white-no-grid": "Nodes: 1",
    "stimulus-white-rectangular-grid": "Nodes: 8 Longside nodes: 4",
    "stimulus-white-square-grid": "Nodes: 16",
}
#: The recorded corticothalamic run differs in its numbers from the library's model of that name.
EYES_CLOSED = {
    "time": 1.5,
    "deltat": 2.0**-13,
    "nodes": 256,
    "population.1.q": 6.985843075,
    "population.2.q": 6.985843075,
    "population.3.q": 15.34663006,
    "population.4.q": 5.638256604,
    "population.3.length": 0.05,
    "population.4.length": 0.05,
    "population.5.stimulus.asd": 7.071067811865475e-05,
    "coupling.1.nu": 0.001531636806,
    "coupling.2.nu": -0.009639064111,
    "coupling.3.nu": 0.009732241956,
    "coupling.4.nu": 0.001531636806,
    "coupling.5.nu": -0.009639064111,
    "coupling.6.nu": 0.009732241956,
    "coupling.7.nu": 0.000142800436,
    "coupling.8.nu": 5.770265844e-05,
    "coupling.9.nu": 0.001135474559,
    "coupling.10.nu": -0.001221647707,
    "coupling.11.nu": 0.008221863792,
    "output.node": [1, 136],
    "output.start": 1.25,
    "output.interval": 4.8828125e-04,
    "output.traces": "propagator.1.phi",
}


def _model(case: str, folder: Path) -> Model:
    if case == "eirs-eyes-closed":
        return load_model(case, EYES_CLOSED, compat=True)
    if case == "e-erps":
        traces = {"output.node": 2000, "output.traces": "pop.2.q propagator.1.phi"}
        return load_model(case, traces, compat=True)
    file = folder / f"{case}.conf"
    file.write_text(PULSE if case == "coupling-map" else NOISE.format(grid=GRIDS[case]))
    return load_model(file, compat=True)


@pytest.mark.parametrize("case", TABLE["cases"])
def test_recorded_numbers_of_nftsim(case: str, tmp_path: Path) -> None:
    path = tmp_path / "run.h5"
    run_to_file(_model(case, tmp_path), path, compat=True)
    columns: list[dict[str, Any]] = TABLE["cases"][case]
    assert columns
    with open_run(path) as run:
        for item in columns:
            ours = column(run, item["trace"], item["node"])
            for time, value in item["rows"]:
                row = int(np.argmin(np.abs(run.time - time)))
                assert run.time[row] == pytest.approx(time, abs=1e-12)
                assert abs(ours[row] - value) <= TOLERANCE * item["largest"]
