"""What can be said of a run before it is made: from the model's numbers alone."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from nftsim.components.base import Array, Setting, array
from nftsim.components.dendrites import SecondOrder
from nftsim.components.propagators import Damped, Wave
from nftsim.components.stimuli import Stimulus
from nftsim.guards.after import FULL, name_of
from nftsim.guards.declare import Finding, all_of, at_most, guard
from nftsim.guards.filters import Low, lows
from nftsim.model.keys import label
from nftsim.model.model import Connection, Model
from nftsim.model.steps import interval_steps

#: The largest Courant number of the five-point stencil, and the share of it from which short waves
#: overshoot.
COURANT, NEAR = math.sqrt(0.5), 0.95
#: Longest step over the shortest time constant with which a response is resolved at all.
COARSE = 1.0
#: Strength with which a wave may come round a sheet unnoticed, relative to that which it had.
ROUND = 0.01
#: Share of a trace's variance that may lie above the highest frequency that its rows show.
ALIASED = 0.01


@dataclass(frozen=True)
class Planned:
    """A run before it is made.

    The model as resolved, whether it is a warm-up, and whether another run's end is its start.
    """

    model: Model
    warmup: bool = False
    goes_on: bool = False


def found_before(model: Model, *, warmup: bool = False, goes_on: bool = False) -> list[Finding]:
    """Return what the guards find amiss with a run that is to be made.

    Parameters
    ----------
    model
        A checked model, with the length and the output of the run.
    warmup
        Whether deterministic stimuli rest at their mean.
    goes_on
        Whether it starts from the end of another run, not from the model's initial values.
    """
    return all_of("before", Planned(model, warmup, goes_on))


@guard("Courant number", "sheets with waves", "before")
def courant(run: Planned) -> Iterator[tuple[str, str]]:
    """Find waves so close to the limit that the shortest ones swing far before they decay.

    The mode that alternates along both axes has z² − 2E c z + E² = 0 with c = 1 − 4p² and the
    decay E of a step, so its response to a kick is E^n sin((n+1)θ)/sin θ with c = cos θ: at the
    limit it first grows as n. Beyond the limit it grows for ever, and the model is refused.
    """
    model = run.model
    for name, _, wave, setting in _waves(model):
        p = wave.courant(setting)
        if NEAR * COURANT < p <= COURANT:
            theta = math.acos(max(-1.0, 1 - 4 * p * p))
            swing = min(1 / max(math.sin(theta), 1e-300), 1 / (setting.deltat * _damping(wave)))
            least = NEAR * COURANT * setting.deltat / p
            yield (
                f"{name}: Courant number {p:.4g} is close to its limit {COURANT:.4g}: waves of two "
                f"nodes' length swing up to {swing:.3g} times as far as they are driven",
                f"use Deltat <= {at_most(least, 4)} s, or fewer nodes",
            )


@guard("time step", "all", "before")
def time_step(run: Planned) -> Iterator[tuple[str, str]]:
    """Find a step that is long against the fastest response of the model.

    A response with rate x is made with its input held over a step: it is late by Δt/2, which is a
    phase of x Δt/2 where the response has its corner.
    """
    model = run.model
    fastest, name = 0.0, ""
    for c in model.connections:
        for path, item, rates in _rates(c):
            top = max(float(np.max(r)) for r in rates)
            if top > fastest:
                fastest, name = top, f"{label(f'{path}.{c.index}', item)}"
    if fastest * model.deltat > COARSE:
        phase = math.degrees(fastest * model.deltat / 2)
        yield (
            f"Deltat = {model.deltat:g} s is longer than the shortest time constant, "
            f"{1 / fastest:.3g} s of {name}, whose phase at its corner is off by about "
            f"{phase:.2g}°",
            f"use Deltat <= {at_most(COARSE / fastest, 2)} s",
        )


def _rates(c: Connection) -> Iterator[tuple[str, str, list[Array]]]:
    """Yield the responses of a connection: role, keyword, rates."""
    if isinstance(c.dendrite, SecondOrder):
        yield "dendrite", c.dendrite.keyword, [array(c.dendrite.alpha), array(c.dendrite.beta)]
    if isinstance(c.propagator, Damped):
        yield "propagator", c.propagator.keyword, [c.propagator.damping]


@guard("start", "runs that start from rates", "before")
def start(run: Planned) -> Iterator[tuple[str, str]]:
    """Find populations that start firing as fast as they can, as at an upper fixed point."""
    model = run.model
    if run.goes_on:
        return
    full = {i: q for i in model.neural if (q := _share(model, i)) > FULL}
    if full:
        names = ", ".join(name_of(model, i) for i in full)
        yield (
            f"population {names} starts with {100 * min(full.values()):.3g}% of its largest rate "
            "or more: it is saturated, and hardly answers to anything",
            "start from a lower fixed point (nftsim steady --all; --steady N), or leave it so",
        )


def _share(model: Model, population: int) -> float:
    """Return a population's mean initial rate over its largest one; 0 without either."""
    start, firing = model.populations[population].q, model.populations[population].firing
    top = firing.bounds[1] if firing is not None else math.inf
    return float(np.mean(start)) / top if start is not None and math.isfinite(top) else 0.0


@guard("wrap-around", "sheets with waves and stimuli that differ between nodes", "before")
def wrap_around(run: Planned) -> Iterator[tuple[str, str]]:
    """Find waves that come round the sheet within the run, and are still felt then.

    The sheet is a torus: a wave meets itself after L/v, v = γ r, L the shorter side. Damping leaves
    e^{−γL/v} = e^{−L/r} of it (Robinson et al. 1997: the Green's function of the wave equation has
    this factor at its front). Stimuli count from the onset of the first that is local.
    """
    model = run.model
    if run.warmup:
        return
    onset = min((s.onset for s in _local(model)), default=math.inf)
    window = model.time - max(onset, 0.0)
    for name, c, wave, setting in _waves(model):
        side = setting.spacing * min(model.shape)
        reach = float(np.max(array(wave.range)))
        trip = side / float(np.max(wave.damping * array(wave.range)))
        left = math.exp(-side / reach)
        if window > trip and left > ROUND:
            yield (
                f"{name}: waves come round the sheet, {side:g} m, in {trip:.3g} s with "
                f"{100 * left:.2g}% of their strength, and the run goes on for {window:.3g} s "
                "after the first local stimulus",
                f"look at the first {trip:.3g} s after a stimulus only, or make Length of "
                f"population {c.pre + 1} and Nodes larger",
            )
            return  # the others, mostly alike, say no more


def _local(model: Model) -> Iterator[Stimulus]:
    """Yield the stimuli that are not the same at all nodes."""
    for population in model.populations:
        for stimulus in population.stimuli:
            alike = getattr(stimulus, "coherent", not stimulus.noise)
            if stimulus.node or stimulus.spatial or not alike:
                yield stimulus


@guard("aliasing", "traces of models with noise", "before")
def aliasing(run: Planned) -> Iterator[tuple[str, str]]:
    """Find rows too far apart for a spectrum: much of the variance is faster than they show.

    Estimated from dendrites and axons alone, along the path from a noise to the trace that holds
    back least (see `nftsim.guards.filters`); loops mostly add slow power, so it is an upper bound.
    """
    model = run.model
    steps = interval_steps(model)
    if steps == 1 or run.warmup:
        return
    nyquist = 0.5 / (steps * model.deltat)
    worst: tuple[float, str, Low] | None = None
    for trace, low in lows(model):
        share = low.above(nyquist)
        if share > ALIASED and (worst is None or share > worst[0]):
            worst = (share, str(trace), low)
    if worst is not None:
        share, name, low = worst
        enough = low.interval(ALIASED, model.deltat)
        yield (
            f"Output: Interval = {steps * model.deltat:g} s shows frequencies up to "
            f"{nyquist:.4g} Hz, and up to {100 * share:.2g}% of the variance of {name} is above, "
            "which a spectrum shows below (aliasing)",
            f"use Interval <= {at_most(enough, 3)} s for spectra, or look at its lowest "
            "frequencies only",
        )


def _waves(model: Model) -> Iterator[tuple[str, Connection, Wave, Setting]]:
    """Yield the waves of a sheet: name, connection, wave, and where it lives."""
    for c in model.connections:
        wave = c.propagator.on(model.nodes)
        if isinstance(wave, Wave):
            yield label(f"propagator.{c.index}", wave.keyword), c, wave, model.setting(c.pre)


def _damping(wave: Wave) -> float:
    return float(np.min(wave.damping))
