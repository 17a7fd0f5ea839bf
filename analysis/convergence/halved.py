"""Errors where there is no exact solution: each run against that at half the step."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from analysis.convergence.listeners import DRIVE, bursting, listener, plastic, rms, writing
from nftsim.api import simulate
from nftsim.components.dendrites import Ramp, SecondOrder
from nftsim.components.plasticity import BCM, CaDP
from nftsim.components.stimuli import Const, Sine
from nftsim.model import Model, load_model
from nftsim.model.checks import check


def halved(make: Callable[[int], Model], trace: str, level: int) -> tuple[float, float]:
    """Return Δt, and how far a run is from that of the next level where both have values."""
    coarse, fine = (make(i) for i in (level, level + 1))
    a, b = (simulate(m)[trace] for m in (coarse, fine))
    b = b[1::2]
    if a.ndim == 3:
        stride = b.shape[-1] // a.shape[-1]
        b = b[:, : a.shape[1], ::stride]
    late = len(a) // 2
    swing = b[late:] - b[late:].mean()
    return coarse.deltat, rms(a[late:] - b[late:]) / rms(swing)


def loop(level: int, *, dendrite: type[SecondOrder] | None = None, n: int = 1) -> Model:
    """Return the corticothalamic system, driven by a sine; n nodes along x."""
    n, dt = n * (2**level if n > 1 else 1), 1.25e-3 / 2**level
    grid = {"deltat": dt, "nodes": 2 * n if n > 1 else 1, "longside": n}
    model = load_model("eirs-wake", {"time": 0.5, "output.start": 0, "output.interval": dt, **grid})
    row = 5 * np.cos(2 * np.pi * np.arange(n) / n)
    amplitude: Any = tuple(np.tile(row, 2).tolist()) if n > 1 else 5.0
    populations = list(model.populations)
    drive = (Const(mean=1.0), Sine(amplitude=amplitude, frequency=DRIVE))
    populations[4] = replace(populations[4], stimuli=drive)
    links = model.connections
    if dendrite:
        links = tuple(replace(c, dendrite=dendrite(alpha=83.0, beta=769.0)) for c in links)
    model = replace(model, populations=tuple(populations), connections=links)
    return check(writing(model, "propagator.1.phi"))


def ramps(level: int) -> Model:
    """Return a dendrite whose rates are on their way."""
    dendrite = Ramp(
        alpha=50.0, beta=120.0, alpha2=100.0, beta2=60.0, t1=0.0, t2=0.25, t3=1.0, t4=2.0, v=0.0
    )
    return listener(
        Const(mean=3.0), "dendrite.1.v", dendrite=dendrite, time=1 / 16, deltat=2.0**-level
    )


def bursts(level: int) -> Model:
    """Return slow currents that feed back on the threshold."""
    firing = bursting(gx=7.6, gh=7.8, taux=0.01, tauh=0.02)
    return listener(Const(mean=2e-3), "pop.1.htilde", firing=firing, time=1 / 4, deltat=2.0**-level)


def synapse(kind: type[CaDP], level: int) -> Model:
    """Return a plastic synapse whose calcium is on its way."""
    more = {"t_bcm": 0.1} if issubclass(kind, BCM) else {}
    return plastic(kind, "coupling.1.nutilde", level, z=1.0, **more)
