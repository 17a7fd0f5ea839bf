"""Models that noise drives around a stable fixed point, one or more of every kind with a theory."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from nftsim.components.dendrites import Integral
from nftsim.components.firing import Firing
from nftsim.components.propagators import HarmonicIntegral, Wave, WaveLegacy
from nftsim.components.slow import GlutamateResponse
from nftsim.components.stimuli import Stimulus, White, WhiteCoherent
from nftsim.model import Model, load_model
from nftsim.model.checks import check

#: Where activity is looked at, where a model says nothing else.
TRACE = "propagator.1.phi"
#: So little noise that no curvature of the firing responses is felt.
FAINT = White(mean=1.0, asd=1e-6)


def _driven(model: Model, **stimuli: Stimulus) -> Model:
    """Return a model whose populations (``p5`` and so on) are driven by these."""
    populations = list(model.populations)
    for name, stimulus in stimuli.items():
        index = int(name[1:]) - 1
        populations[index] = replace(populations[index], stimuli=(stimulus,))
    return check(replace(model, populations=tuple(populations)))


def _library(name: str, nodes: int, deltat: float, interval: float, **more: object) -> Model:
    grid: dict[str, object] = {"nodes": nodes, "longside": int(nodes**0.5), "time": 1.0}
    output = {"output.start": 0, "output.interval": interval, "output.traces": TRACE}
    return load_model(name, {**grid, "deltat": deltat, **output, **more})


def _eirs(state: str, nodes: int = 144) -> Model:
    deltat, interval = (5e-4, 5e-3) if state != "eyes-closed" else (2.0**-11, 2.0**-8)
    return _driven(_library(f"eirs-{state}", nodes, deltat, interval), p5=FAINT)


def _exchanged(model: Model, part: str, change: Callable[[Any], Any]) -> Model:
    """Return a model with a part of every connection changed."""
    links = tuple(replace(c, **{part: change(getattr(c, part))}) for c in model.connections)
    return check(replace(model, connections=links))


def _integral(item: Any) -> Integral:
    return Integral(alpha=item.alpha, beta=item.beta)


def _legacy(item: Any) -> Any:
    if not isinstance(item, Wave):
        return item
    return WaveLegacy(tau=item.tau, range=item.range, gamma=item.gamma)


def _harmonic(item: Any) -> Any:
    if not isinstance(item, Wave) or item.tau == 0:  # some waves stay
        return item
    return HarmonicIntegral(tau=item.tau, gamma=item.gamma)


def _glutamate(model: Model) -> Model:
    first: Firing = model.populations[0].firing  # type: ignore[assignment]
    response = GlutamateResponse(lam=1e-3, tglu=0.03, function=first)
    populations = (replace(model.populations[0], firing=response), *model.populations[1:])
    return check(replace(model, populations=populations))


def _cortex(nu: float) -> Model:
    more = {"coupling.1.nu": nu, **{f"population.2.stimulus.{i}.node": 1 for i in (1, 2)}}
    return _driven(_library("e-erps", 144, 2.0**-11, 2.0**-8, **more), p2=FAINT)


def _ei() -> Model:
    model = _library("ei", 196, 2.0**-11, 2.0**-8, **{"output.traces": "propagator.2.phi"})
    return _driven(model, p1=White(mean=5.0, asd=1e-6), p2=White(mean=5.0, asd=2e-6))


def _emirs() -> Model:
    model = _library("emirs", 4, 2.0**-12, 2.0**-8)
    return _driven(model, p6=White(mean=16.0, asd=1e-6))


def _bursting() -> Model:
    # weaker than in the library, where rest is unstable: activity swings slowly
    more = {"coupling.9.nu": 0.0012}
    return _driven(_library("eirs-bursting", 1, 2.0**-11, 2.0**-8, **more), p5=FAINT)


def _coherent() -> Model:
    return _driven(_eirs("wake"), p5=WhiteCoherent(mean=1.0, asd=1e-6))


#: Name → model. Waves spread over sheets of 12 by 12 nodes unless the name says otherwise.
NOISY: Mapping[str, Callable[[], Model]] = {
    "EIRS, eyes closed": lambda: _eirs("eyes-closed"),
    "EIRS, wake": lambda: _eirs("wake"),
    "EIRS, wake, one node": lambda: _eirs("wake", 1),
    "EIRS, spindles": lambda: _eirs("spindle"),
    "EMIRS, four nodes": _emirs,
    "EI, two inputs, 14 by 14": _ei,
    "E, no feedback": lambda: _cortex(0.0),
    "E, ν_ee > 0": lambda: _cortex(1e-4),
    "dendrite `Integral`": lambda: _exchanged(_eirs("wake"), "dendrite", _integral),
    "`HarmonicIntegral`": lambda: _exchanged(_eirs("wake"), "propagator", _harmonic),
    "`WaveLegacy`": lambda: _exchanged(_eirs("wake"), "propagator", _legacy),
    "`Bursting`, one node": _bursting,
    "`WhiteCoherent`": _coherent,
    "`GlutamateResponse`": lambda: _glutamate(_eirs("wake")),
}
