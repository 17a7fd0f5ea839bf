"""Small models for measuring orders: a population that listens to an input."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from nftsim.components import Coupling, Dendrite, Propagator
from nftsim.components.couplings import Map as Strength
from nftsim.components.dendrites import SecondOrder
from nftsim.components.firing import Firing, Linear
from nftsim.components.plasticity import CaDP
from nftsim.components.propagators import Map
from nftsim.components.slow import Bursting, GlutamateResponse
from nftsim.components.stimuli import Const, Stimulus
from nftsim.model import Connection, Model, Output, Population
from nftsim.model.checks import check

#: Frequency of smooth inputs [Hz], and length of the sheet [m].
DRIVE, LENGTH = 4.0, 1.0
_SYNAPSE: dict[str, float] = {
    "nu": 1e-3, "nu_max": 5e-3, "dth": 0.25e-6, "pth": 0.45e-6, "xyth": 1e-3, "x": 0.02, "y": 0.02,
    "slope": 30e3, "glu_0": 2e-4,
}  # fmt: skip


def rms(values: Any) -> float:
    """Return the root of the mean square."""
    return float(np.sqrt(np.mean(np.square(values))))


def listener(
    stimulus: Stimulus,
    traces: str,
    *,
    propagator: Propagator | None = None,
    coupling: Coupling | None = None,
    dendrite: Dendrite | None = None,
    firing: Firing | None = None,
    **grid: Any,
) -> Model:
    """Return a population that listens to an input, and writes these traces at every step.

    What is not given is a map of strength 1, a dendrite that nobody looks at, or Q = V.
    """
    link = Connection(
        1,
        1,
        0,
        propagator or Map(),
        coupling or Strength(nu=1.0),
        dendrite or SecondOrder(alpha=20.0, beta=40.0),
    )
    response = firing or Linear(a=1.0, b=0.0)
    populations = (
        Population("listener", LENGTH, q=0.0, firing=response),
        Population("input", LENGTH, stimuli=(stimulus,)),
    )
    model = Model(populations=populations, connections=(link,), **{"nodes": 1, **grid})
    return check(writing(model, traces))


def writing(model: Model, names: str) -> Model:
    """Return a model that writes these traces, and no others, at every node and step."""
    traces = tuple(t for name in names.split() for t in model.parse_trace(name))
    return replace(model, output=Output(traces=traces))


def bursting(**changes: float) -> Bursting:
    """Return slow currents of which some numbers are given."""
    numbers = {"sigma": 6e-3, "qmax": 340.0, "ic": 0.5, "ax": 0.06, "mu": 50.0, **changes}
    return Bursting(htilde=0.0, xtilde=0.0, **numbers)


def plastic(kind: type[CaDP], traces: str, level: int, **more: float) -> Model:
    """Return a synapse whose voltage and glutamate rest while calcium builds up."""
    response = GlutamateResponse(lam=0.0, tglu=0.03, function=Linear(a=1.0, b=0.0))
    return listener(
        Const(mean=10.0),
        traces,
        coupling=kind(**_SYNAPSE, **more),
        firing=response,
        time=1 / 4,
        deltat=2.0**-level,
    )
