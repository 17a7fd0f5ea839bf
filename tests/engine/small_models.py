"""Small models that between them do every operation of the kernels, compiled or not.

``python -m tests.engine.small_models OUT.npz`` runs them and saves every trace at every step; with
``NUMBA_DISABLE_JIT=1`` it does so in plain Python, where coverage sees the kernels.
"""

from __future__ import annotations

import logging
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from nftsim.errors import SimulationError
from nftsim.model import Model, parse_model
from nftsim.model.checks import check
from tests.engine.machinery import Array, engine_run
from tests.model.sound import EVERY, SOUND, Keys, conf, declared, kind
from tests.parity.tables import read_table

NODES = 9
#: Steps of each; of the two long ones, all they have.
STEPS = 8

# both together have every operation of the program, on a rectangle
STATIC = """
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


PLASTIC = """
Time: 1.5 Deltat: 0.05
Nodes: 6 Longside nodes: 3
Connection matrix:
From: 1 2 3 4 5
To 1: 1 2 3 4 5
To 2: 6 0 0 0 7
To 3: 0 0 0 0 8
To 4: 0 0 0 0 9
To 5: 0 0 0 0 0
Population 1: plastic
Length: 0.3
Q: 8 9 10 11 12 13
Firing: GlutamateResponse - Lambda: 2e-5 tGlu: 0.3 0.4 0.3 0.03 0.3 0.4
 Function: Sigmoid Theta: 0.01292 Sigma: 0.0038 Qmax: 340
 Dendrite 1: Integral - alpha: 8 beta: 20
 Dendrite 2: Ramp - alpha: 8 beta: 20 alpha2: 5 beta2: 10 t1: 0.2 t2: 0.6 t3: 0.8 t4: 1.2
 Dendrite 3: alpha: 8 9 8 9 8 9 beta: 20
 Dendrite 4: Integral - alpha: 8 beta: 8 9 8 9 8 9
 Dendrite 5: alpha: 8 beta: 20
Population 2: bursting
Length: 0.3
Q: 5
Firing: Bursting Sigma: 0.0038 Qmax: 340 Htilde: 30 Xtilde: 8 gX: 3e-3 gH: 1e-3 ic: 1.3e-3
 taux: 0.5 tauh: 0.7 ax: 0.9 mu: 0.15 gX2: 4e-3 tx1: 0.1 tx2: 0.3 tx3: 0.6 tx4: 0.9
 Dendrite 6: alpha: 8 beta: 20
 Dendrite 7: alpha: 8 beta: 20
Population 3: quadratic
Length: 0.3
Q: 5
Firing: Function: Quadratic a: 50 b: 40 c: 3
 Dendrite 8: alpha: 8 beta: 20
Population 4: cubic
Length: 0.3
Q: 5
Firing: Function: Cubic a: 500 b: 50 c: 40 d: 3
 Dendrite 9: alpha: 8 beta: 20
Population 5: input
Length: 0.3
Stimulus: Superimpose: 5
 Stimulus: PulseSine - Amplitude: 1 2 3 4 5 6 Width: 0.3 Pulses: 2
 Stimulus: PAS - ISI: -0.1 N20 width: 0.2 N20 height: 3
  P25 width: 0.3 P25 height: 2 TMS width: 0.1 TMS height: 5
 Stimulus: Burst - Amplitude: 5 Width: 0.05 Bursts: 2 Burst Frequency: 5
  Oscillation Frequency: 1.5 On: 1 Off: 0.2
 Stimulus: WhiteCoherent - Node: 2 5 Mean: 1 StdDev: 2
 Stimulus: White - Mean: 1 2 3 4 5 6 ASD: 1e-3 2e-3 3e-3 4e-3 5e-3 6e-3
Propagator 1: WaveLegacy - Tau: 0.1 Range: 0.3 gamma: 4
Propagator 2: HarmonicIntegral - Tau: 0.05 gamma: 5
Propagator 3: Wave - Tau: 0.05 Range: 0.25 gamma: 4 5 4 5 4 5
Propagator 4: Harmonic - gamma: 4 5 4 5 4 5
Propagator 5: Map - Tau: 0
Propagator 6: Map - Tau: 0 0.05 0.1 0.15 0.2 0.25
Propagator 7: HarmonicIntegral - gamma: 4 5 4 5 4 5
Propagator 8: WaveLegacy - Range: 0.25 0.3 0.25 0.3 0.25 0.3 gamma: 4
Propagator 9: Map - Tau: 0.05
Coupling 1: CaDP - nu: 1e-3 nu_max: 8e-3 Dth: .25e-6 Pth: .45e-6 xyth: 0.1 x: 0.3 y: 0.2 B: 3e4
 glu_0: 2e-5 tCa: 0.5 gNMDA: 1e-4 z: 1
Coupling 2: BCM - nu: 1e-3 nu_max: 8e-3 Dth: .25e-6 Pth: .45e-6 xyth: 0.1 x: 0.3 y: 0.2 B: 3e4
 glu_0: 2e-5 tCa: 0.03 gNMDA: 1e-4 z: 1 2 1 2 1 2 t_BCM: 7
Coupling 3: BCM-Spatial - nu: 1e-3 nu_max: 8e-3 Dth: .25e-6 Pth: .45e-6 xyth: 1e-5 x: 3e-5 y: 2e-5
 B: 3e4
 glu_0: 2e-5 tCa: 0.5 gNMDA: 1e-4 z: 1 t_BCM: 700
Coupling 4: Matrix - nu: 1e-4
Coupling 5: Map - nu: 1e-3 2e-3 3e-3 -1e-3 -2e-3 3e-3
Coupling 6: DiffArctan - nu_min: 1e-3 nu_max: 3e-3 delta: 0.1 t_half_up: 0.5 t_half_down: 1.2
Coupling 7: Ramp - nu: 1e-3 3e-3 timepoints: 0.3 0.9
Coupling 8: Map - nu: 1e-3
Coupling 9: Map - nu: 1e-3
Output: Node: All
Population: 1 1.glu 2 3 4 5
Dendrite: 1 2 2.v 3 4 5
Propagator: 1 2 3 4 5 6 7 8 9
Coupling: 1 2 2.h 3 3.ca 3.gnmda 4 5 6 7
"""


def _varied(role: str, keyword: str) -> Keys:
    """Return a sound declaration with every parameter that can vary from node to node doing so."""
    keys = dict(SOUND[role][keyword])
    for parameter in kind(role, keyword).parameters().values():
        if parameter.keyword in keys and parameter.form in ("per-node", "steady", "matrix"):
            value = keys[parameter.keyword].replace(
                "Steady", "0.001" if role == "dendrite" else "5"
            )
            count = parameter.most(NODES)
            factors = [1 + 0.01 * (i % 5) for i in range(count)]
            if parameter.keyword == "Tau":
                factors = [float(i % 4) for i in range(count)]
            keys[parameter.keyword] = " ".join(f"{float(value) * f:g}" for f in factors)
    return keys


def _texts() -> Iterator[tuple[str, str]]:
    """Yield names and texts of models."""
    for role, keyword in EVERY:
        name = f"{role} {keyword}"
        yield name, conf(role, keyword)
        yield f"{name}, varied", conf(role, keyword, _varied(role, keyword))
        everywhere = {k: v for k, v in _varied(role, keyword).items() if k != "Node"}
        if role == "stimulus":
            yield f"{name}, everywhere", conf(role, keyword, everywhere)
        if keyword == "Data":
            keys = {**SOUND[role][keyword], "File": "field.npy"}
            yield f"{name}, field", conf(role, keyword, keys)
            yield f"{name}, field held", conf(role, keyword, {**keys, "Interpolation": "hold"})
        if keyword.startswith("Wave"):
            for grid in ("9 Topology: Sphere", "6 Longside nodes: 2", "8 Longside nodes: 4"):
                yield f"{name}, {grid}", conf(role, keyword, nodes=grid, length="0.3")
    firing, strength = declared("firing", "GlutamateResponse"), _varied("coupling", "Map")
    yield "excitation, varied", conf("coupling", "Map", strength, firing=firing)
    coupling = declared("coupling", "Map", strength)
    yield "dendrite ramp, varied strength", conf("dendrite", "Ramp", coupling=coupling)
    for case, found in read_table("components.json")["cases"].items():
        yield f"case {case}", found["conf"]


def small_models(folder: Path) -> dict[str, Model]:
    """Return the models by name; the files that some read are written into a folder."""
    np.save(folder / "wave.npy", np.linspace(0, 1, 30))
    np.save(folder / "field.npy", np.linspace(0, 1, 270).reshape(30, 9))
    texts = {"static": STATIC, "plastic": PLASTIC, **dict(_texts())}
    path = str(folder / "small.conf")
    return {name: check(parse_model(text, path), compat=True) for name, text in texts.items()}


def run_all(folder: Path) -> dict[str, dict[str, Array]]:
    """Return the traces of every model, by its name and the generator of its noise."""
    found = {}
    for name, model in small_models(folder).items():
        steps = model.steps if name in ("static", "plastic") else STEPS
        noisy = any(s.noise for p in model.populations for s in p.stimuli)
        for rng in ("counter", "nftsim") if noisy else ("counter",):
            found[f"{name}, {rng}"] = engine_run(model, steps, rng=rng)
        found[f"{name}, summed"] = engine_run(model, steps, summed=True)
    return found


def complaint() -> str:
    """Return what is said of a model that diverges."""
    model = check(parse_model(conf("coupling", "Map", {"nu": "1e308"}), "small.conf"))
    try:
        engine_run(model, STEPS)
    except SimulationError as error:
        return str(error)
    return ""


def main() -> None:
    """Save what `run_all` returns, as ``case|trace``, and `complaint`."""
    logging.disable(logging.WARNING)  # of delays between steps
    with tempfile.TemporaryDirectory() as folder:
        runs = run_all(Path(folder))
    arrays = {
        f"{case}|{name}": values for case, run in runs.items() for name, values in run.items()
    }
    np.savez(sys.argv[1], complaint=np.array(complaint()), **arrays)


if __name__ == "__main__":
    main()
