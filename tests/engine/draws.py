"""Random components: one draw for each of the registry, with parameters in sensible ranges.

Rates and times are in units of the time step, so that any time step meets the same dynamics.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from hypothesis import assume
from hypothesis import strategies as st

from nftsim.components import (
    Component,
    couplings,
    dendrites,
    firing,
    plasticity,
    propagators,
    slow,
    stimuli,
)
from nftsim.components.base import NodeValue
from tests.engine.draws_stimuli import STIMULI
from tests.engine.scene import Scene

# propagators ------------------------------------------------------------------------------------


def _arrival(s: Scene) -> dict[str, Any]:
    """Draw delay and initial field."""
    delays = [0, 1, 2, 3, 4, 17]
    fraction = s.draw(st.sampled_from([0.0, 0.0, 0.3, 0.7]))
    tau: NodeValue = (s.draw(st.sampled_from(delays)) + fraction) * s.dt
    if s.yes():
        steps = s.random().choice(delays, s.setting.nodes).tolist()
        tau = tuple((d + fraction) * s.dt for d in steps)
    return {"tau": tau, "phi": s.each(0, 20) if s.yes() else None}


# γΔt below 0.1 would only measure how often rounding is amplified, 1/(γΔt)² times
def _harmonic(kind: Any) -> Callable[[Scene], Component]:
    def draw(s: Scene) -> Component:
        made: Component = kind(gamma=s.each(0.1, 0.5, 1 / s.dt), **_arrival(s))
        return made

    return draw


def _wave(kind: Any) -> Callable[[Scene], Component]:
    def draw(s: Scene) -> Component:
        # p = γΔt r/Δx stays below 0.7 wherever both are largest
        widest, dx = s.number(2.01, 5), s.setting.spacing
        fastest = min(0.5, 0.7 / widest)
        ratio = s.each(min(2.01, widest), widest)
        if s.yes():
            gamma = s.each(0.1, fastest, 1 / s.dt)
            made = kind(range=_times(ratio, dx), gamma=gamma, **_arrival(s))
        else:
            # v = γ r, with the largest γ where r is smallest
            speed = s.each(0.1, fastest, 1 / s.dt * float(np.min(ratio)) * dx)
            made = kind(range=_times(ratio, dx), velocity=speed, **_arrival(s))
        assert isinstance(made, Component)
        return made

    return draw


def _times(value: NodeValue, factor: float) -> NodeValue:
    return tuple(v * factor for v in value) if isinstance(value, tuple) else value * factor


# couplings --------------------------------------------------------------------------------------


def _matrix(s: Scene) -> couplings.Matrix:
    n = s.setting.nodes
    if s.yes():
        return couplings.Matrix(nu=s.number(-1e-3, 2e-3) / n)
    return couplings.Matrix(nu=s.many(n * n, -1e-3 / n, 2e-3 / n))


def _ramp(s: Scene) -> couplings.Ramp:
    count = s.integer(1, 5)
    nu = tuple(s.number(-1e-3, 1e-3) for _ in range(count))
    return couplings.Ramp(nu=nu, timepoints=tuple(s.moments(count)))


def _diff_arctan(s: Scene) -> couplings.DiffArctan:
    time = s.setting.time
    up = s.number(0, 0.5) * time
    item = couplings.DiffArctan(
        nu_min=s.number(-1e-3, 1e-3),
        nu_max=s.number(-1e-3, 1e-3),
        delta=s.number(0.05, 0.5) * time,
        t_half_up=up,
        t_half_down=up + s.number(0.1, 0.6) * time,
    )
    # a profile whose extrema over whole seconds hardly differ would only amplify rounding
    seconds = np.arange(0, max(time, 1.0))
    rise, fall = (seconds - item.t_half_up) / item.delta, (seconds - item.t_half_down) / item.delta
    assume(np.ptp(np.arctan(rise) - np.arctan(fall)) > 0.05)
    return item


def _plastic(s: Scene, sign: float, scale: float, pace: float = 1.0) -> dict[str, Any]:
    """Draw what plastic couplings share: strengths around `scale`, rates times `pace`."""
    # calcium decays over many steps, or within one (at half a step the clamp is
    # on a knife's edge)
    tca = s.each(0.55, 0.7, s.dt) if s.rarely() else s.each(5, 50, s.dt)
    return {
        "nu_max": s.each(2, 8, sign * scale),
        "dth": s.each(1e-7, 3e-7),
        "pth": s.each(3e-7, 6e-7),
        "xyth": s.each(1e-4, 1e-2, pace / s.dt),
        "x": s.each(1e-3, 3e-2, pace / s.dt),
        "y": s.each(1e-3, 3e-2, pace / s.dt),
        "slope": s.each(1e4, 5e4),
        "glu_0": s.each(2e-5, 2e-4),
        "tca": tca,
        "gnmda": s.each(2e-5, 4e-4, 1 / (50 * s.dt)),
        "z": s.each(0.01, 0.3, 1 / s.dt),
    }


def _cadp(s: Scene) -> plasticity.CaDP:
    sign, scale = s.draw(st.sampled_from([1.0, -1.0])), s.number(1e-4, 1e-3)
    return plasticity.CaDP(nu=s.each(0.5, 1.5, sign * scale), **_plastic(s, sign, scale))


def _bcm(s: Scene) -> plasticity.BCM:
    like = _cadp(s)
    shared = {name: getattr(like, name) for name in plasticity.CaDP.parameters()}
    return plasticity.BCM(**shared, **_sliding(s))


def _sliding(s: Scene, slow: float = 1.0) -> dict[str, NodeValue]:
    return {"t_bcm": s.each(20, 200, slow * s.dt), "t_rec": s.each(50, 500, s.dt)}


def _bcm_spatial(s: Scene) -> plasticity.BCMSpatial:
    n, sign = s.setting.nodes, s.draw(st.sampled_from([1.0, -1.0]))
    scale = s.number(2e-4, 2e-3) / n
    if s.yes():
        # 1e-8 beside the diagonal: the ratio ν̃/ν grows by thousands, so all goes slowly, and the
        # aim is positive too, or ν would go through 0
        slow = _plastic(s, 1.0, scale, 1e-4) | _sliding(s, 1e3)
        return plasticity.BCMSpatial(nu=scale, **slow)
    nu = tuple(sign * scale * v for v in s.many(n * n, 0.5, 1.5))
    return plasticity.BCMSpatial(nu=nu, **_plastic(s, sign, scale), **_sliding(s))


# dendrites --------------------------------------------------------------------------------------


def _rates(s: Scene) -> dict[str, Any]:
    alpha = s.each(0.1, 0.8, 1 / s.dt)
    beta = alpha if s.rarely() else s.each(0.1, 1.5, 1 / s.dt)
    return {"alpha": alpha, "beta": beta, "v": s.each(-0.01, 0.02) if s.yes() else None}


def _dendrite_ramp(s: Scene) -> dendrites.Ramp:
    names = ("alpha", "beta", "alpha2", "beta2")
    rates = {name: s.number(0.1, 0.8) / s.dt for name in names}
    t1, t2, t3, t4 = s.moments(4)
    v = s.each(-0.01, 0.02) if s.yes() else None
    return dendrites.Ramp(t1=t1, t2=t2, t3=t2 if s.yes() else t3, t4=t4, v=v, **rates)


# responses --------------------------------------------------------------------------------------


def _sigmoid(s: Scene) -> firing.Sigmoid:
    return firing.Sigmoid(
        theta=s.each(0.005, 0.02), sigma=s.each(4e-3, 8e-3), qmax=s.each(200, 400)
    )


def _quadratic(s: Scene) -> firing.Quadratic:
    return firing.Quadratic(a=s.each(-20, 20), b=s.each(-40, 40), c=s.each(1, 20))


def _cubic(s: Scene) -> firing.Cubic:
    square = s.each(-10, 10)
    return firing.Cubic(a=s.each(-20, 20), b=square, c=s.each(-40, 40), d=s.each(1, 20))


# around the published values (Zhao & Robinson 2015), as stronger currents amplify rounding
def _bursting(s: Scene) -> slow.Bursting:
    ramps: dict[str, float] = {}
    for name, top in (("x", 6.0), ("h", 12.0)):
        if not s.steady and s.yes():
            times = s.moments(4)
            ramps |= {f"t{name}{i}": t for i, t in enumerate(times, start=1)}
            ramps[f"g{name}2"] = s.number(0, top)
    return slow.Bursting(
        sigma=s.each(3e-3, 6e-3),
        qmax=s.each(60, 120),
        htilde=s.each(0, 0.5),
        xtilde=s.each(0, 0.2),
        gx=s.number(0, 6),
        gh=s.number(0, 12),
        ic=s.each(0.1, 0.3),
        taux=s.each(5, 100, s.dt),
        tauh=s.each(5, 100, s.dt),
        ax=s.each(0, 4e-3),
        mu=s.each(10, 20),
        **ramps,
    )


def _glutamate(s: Scene) -> slow.GlutamateResponse:
    # a response with a memory of its own cannot be wrapped
    inner = s.draw(st.sampled_from([firing.Sigmoid, firing.Linear, firing.Quadratic, firing.Cubic]))
    function: firing.Firing = _RESPONSES[inner](s)
    if s.rarely():
        return slow.GlutamateResponse(function=function)
    # glutamate decays over many steps, or within one (at half a step the clamp is
    # on a knife's edge)
    tglu = s.each(0.55, 0.7, s.dt) if s.rarely() else s.each(5, 50, s.dt)
    return slow.GlutamateResponse(
        lam=s.each(1e-7, 1e-5, 1 / (5 * s.dt)), tglu=tglu, function=function
    )


_RESPONSES: dict[type[Component], Callable[[Scene], Any]] = {
    firing.Sigmoid: _sigmoid,
    firing.Linear: lambda s: firing.Linear(a=s.each(-50, 50), b=s.each(1, 20)),
    firing.Quadratic: _quadratic,
    firing.Cubic: _cubic,
    slow.Bursting: _bursting,
    slow.GlutamateResponse: _glutamate,
}


#: Component → its draw.
DRAWS: dict[type[Component], Callable[[Scene], Any]] = {
    propagators.Map: lambda s: propagators.Map(**_arrival(s)),
    propagators.Harmonic: _harmonic(propagators.Harmonic),
    propagators.HarmonicIntegral: _harmonic(propagators.HarmonicIntegral),
    propagators.Wave: _wave(propagators.Wave),
    propagators.WaveLegacy: _wave(propagators.WaveLegacy),
    couplings.Map: lambda s: couplings.Map(nu=s.each(-1e-3, 1e-3)),
    couplings.Matrix: _matrix,
    couplings.Ramp: _ramp,
    couplings.DiffArctan: _diff_arctan,
    plasticity.CaDP: _cadp,
    plasticity.BCM: _bcm,
    plasticity.BCMSpatial: _bcm_spatial,
    dendrites.SecondOrder: lambda s: dendrites.SecondOrder(**_rates(s)),
    dendrites.Integral: lambda s: dendrites.Integral(**_rates(s)),
    dendrites.Ramp: _dendrite_ramp,
    **_RESPONSES,
    **STIMULI,
}

_STEADY = (stimuli.Const, stimuli.White, stimuli.WhiteCoherent)
#: What changes with the time since the start.
TIMED: tuple[type[Component], ...] = (
    couplings.Ramp,
    couplings.DiffArctan,
    dendrites.Ramp,
    *(k for k in STIMULI if k not in _STEADY),
)
