"""Errors of schemes against exact solutions, each as a function of the level of refinement."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np

from analysis.convergence.listeners import DRIVE, LENGTH, bursting, listener, plastic, rms
from nftsim.api import simulate
from nftsim.components import Dendrite, Propagator
from nftsim.components.firing import Linear
from nftsim.components.plasticity import CaDP
from nftsim.components.propagators import Wave
from nftsim.components.slow import GlutamateResponse
from nftsim.components.stimuli import Const, Sine
from nftsim.model import Model

#: Damping rate [s⁻¹] and range [m] of the waves.
GAMMA, RANGE = 32.0, 0.25
#: Smooth inputs have run for this long, and the start has died away, before errors count [s].
SETTLED = 0.75


def _relaxation(t: float, alpha: float, beta: float) -> float:
    """Return the response of a dendrite at t to an input of 1 from t = 0 on, from rest."""
    if alpha == beta:
        return 1 - (1 + alpha * t) * math.exp(-alpha * t)
    return 1 - (beta * math.exp(-alpha * t) - alpha * math.exp(-beta * t)) / (beta - alpha)


def _last(model: Model, trace: str, exact: float) -> tuple[float, float]:
    found = float(simulate(model)[trace].flat[-1])
    return model.deltat, abs(found / exact - 1)


def _heard(item: Dendrite | Propagator) -> tuple[str, dict[str, Any], Any]:
    """Return the trace that shows a component, its place in a model, and its response at DRIVE."""
    s = np.array(2j * np.pi * DRIVE)
    if isinstance(item, Dendrite):
        return "dendrite.1.v", {"dendrite": item}, item.transfer(s)
    return "propagator.1.phi", {"propagator": item}, item.transfer(s, np.array(0.0))


def step(item: Dendrite | Propagator, alpha: float, beta: float, level: int) -> tuple[float, float]:
    """Error for a constant input that begins at t = 0: it is held, as RK4 assumes."""
    trace, place, _ = _heard(item)
    model = listener(Const(mean=3.0), trace, time=1 / 32, deltat=2.0**-level, **place)
    return _last(model, trace, 3.0 * _relaxation(1 / 32, alpha, beta))


def sine(item: Dendrite | Propagator, late: int, level: int) -> tuple[float, float]:
    """Error for a sine, against the response to the sine of so many steps before."""
    trace, place, response = _heard(item)
    drive = Sine(amplitude=1.0, frequency=DRIVE)
    run = simulate(listener(drive, trace, time=1.0, deltat=2.0**-level, **place))
    end = run.time > SETTLED
    t = run.time[end] - late * 2.0**-level
    exact = np.imag(response * np.exp(2j * np.pi * DRIVE * t))
    return 2.0**-level, rms(run[trace][end].ravel() - exact) / rms(exact)


def _standing_wave(
    kind: type[Wave], treatment: str, n: int, dt: float, cycles: int
) -> tuple[float, float]:
    """Error for cos(kx) cos(ky) sin(Ωt) with so many cycles along each side of n nodes.

    Against the solution on the ``sheet``, or on its ``grid``, where k² is the stencil's eigenvalue,
    so that the error is that of time alone.
    """
    wave, angle = kind(range=RANGE, gamma=GAMMA), 2 * np.pi * cycles / n
    row = np.cos(angle * np.arange(n))
    pattern = np.outer(row, row)
    drive = Sine(amplitude=tuple(pattern.ravel().tolist()), frequency=DRIVE)
    grid: dict[str, Any] = {"time": 1.0, "deltat": dt, "nodes": n * n, "longside": n}
    model = listener(drive, "propagator.1.phi", propagator=wave, **grid)
    run = simulate(replace(model, output=replace(model.output, start=SETTLED)))
    squared = 2 * angle**2 if treatment == "sheet" else _eigenvalue(angle, kind.diagonal)
    k2 = np.array(squared * (n / LENGTH) ** 2)
    response = wave.transfer(np.array(2j * np.pi * DRIVE), k2)
    in_time = np.imag(response * np.exp(2j * np.pi * DRIVE * run.time))
    exact = in_time[:, None, None] * pattern
    return dt, rms(run["propagator.1.phi"] - exact) / rms(exact)


def _eigenvalue(angle: float, diagonal: float) -> float:
    """Return −∇² of the stencil at one angle per node along x and y, in units of the spacing."""
    c = math.cos(angle)
    return (4 * (1 - c) + 4 * diagonal * (1 - c * c)) / (1 + 2 * diagonal)


def wave_jointly(kind: type[Wave], level: int) -> tuple[float, float]:
    """Error of a wave, time and space refined together."""
    n = 2**level
    return _standing_wave(kind, "sheet", n, 1 / (16 * n), 1)  # Courant number ½


def wave_in_space(kind: type[Wave], level: int) -> tuple[float, float]:
    """Error of a wave with steps so short that only space counts."""
    n = 2**level
    error = _standing_wave(kind, "sheet", n, 1 / 10240, 1)[1]  # Courant number 0.05 at most
    return LENGTH / n, error


def wave_in_time(kind: type[Wave], cycles: int, level: int) -> tuple[float, float]:
    """Error of a wave on a given grid."""
    return _standing_wave(kind, "grid", 16, 2.0**-level, cycles)


def glutamate(level: int) -> tuple[float, float]:
    """Error of glutamate that a constant field releases."""
    lam, tglu, rate, t = 2e-3, 0.03, 5.0, 1 / 16
    response = GlutamateResponse(lam=lam, tglu=tglu, function=Linear(a=1.0, b=0.0))
    model = listener(Const(mean=rate), "pop.1.glu", firing=response, time=t, deltat=2.0**-level)
    return _last(model, "pop.1.glu", lam * rate * tglu * -np.expm1(-t / tglu))


def slow_currents(level: int) -> tuple[float, float]:
    """Error of X and H that relax to a constant, as threshold and rate rest."""
    taux, tauh, ax, t, v = 0.01, 0.02, 0.06, 1 / 32, 2e-3
    firing = bursting(gx=0.0, gh=0.0, taux=taux, tauh=tauh, ax=ax)
    model = listener(Const(mean=v), "pop.1.htilde", firing=firing, time=t, deltat=2.0**-level)
    target = 3 * ax * float(firing.rate(np.array(v)))
    return _last(model, "pop.1.htilde", target * _relaxation(t, 1 / taux, 1 / tauh))


def calcium(level: int) -> tuple[float, float]:
    """Error of calcium that flows in at a constant rate."""
    run = simulate(plastic(CaDP, "coupling.1.ca coupling.1.b coupling.1.h", level, z=0.0))
    ca, b, h = (float(run[f"coupling.1.{x}"].flat[-1]) for x in ("ca", "b", "h"))
    tca, g, t = 0.05, 2e-3, 1 / 4
    exact = -g * b * h * tca * math.expm1(-t / tca) + 1e-8 * math.exp(-t / tca)
    return 2.0**-level, abs(ca / exact - 1)
