"""Whether linear theory has anything to say of runs around a fixed point, and if not, why."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from analysis.predicted import Prediction
from analysis.prediction import predict
from nftsim.theory.saturation import saturated
from nftsim.theory.states import SteadyStates
from nftsim.theory.traces import one_trace

#: Standard deviation relative to the fixed point below which a simulation shows rounding.
ROUNDING = 1e-12


def why_saturated(states: SteadyStates, place: int, trace: str) -> str:
    """Return in words that a fixed point is saturated, and what the model does; empty if it is not.

    Parameters
    ----------
    states
        All fixed points of a model.
    place
        Of the one in question, from 0.
    trace
        Whose power is asked for.
    """
    model = states.model
    assert model is not None
    points = states.fixed_points
    full = saturated(model, points[place], one_trace(model, trace))
    if not full:
        return ""
    rate = points[place].rates[model.neural.index(full[0])]
    text = f"fixed point ({place + 1} of {len(points)}, {rate:.4g} s^-1) is saturated"
    stable = [i for i in range(len(points)) if not states.warning(i)]
    only = "the only stable" if stable == [place] else "the"
    return f"{only} {text}{_below(states) if place else ''}"


def _below(states: SteadyStates) -> str:
    """Return what happens around the lowest fixed point, if that is unstable."""
    found = states.stability(0)
    if found is None or found.dominant is None or found.dominant.growth < 0:
        return ""
    if found.dominant.frequency > 0:
        does = f"the model oscillates at {found.dominant.frequency:.3g} Hz"
    else:
        does = f"deviations {found.dominant}"
    return f"; around the lowest one {does}, of which linear theory says nothing"


def why_rounding(states: SteadyStates, place: int, trace: str, prediction: Prediction) -> str:
    """Return in words that what theory predicts is smaller than rounding; empty if it is not."""
    model, point = states.model, states.fixed_points[place]
    assert model is not None
    kind = point.voltages if one_trace(model, trace).quantity == "v" else point.rates
    level = float(np.max(np.abs(kind), initial=0.0))
    power = prediction.curves["scheme"]
    deviation = float(np.sqrt(np.sum(power) * prediction.frequency[0]))
    if deviation > ROUNDING * level:
        return ""
    return (
        f"theory predicts deviations of {deviation:.2g} around {level:.4g}, which is no more than "
        "rounding"
    )


def prediction_of(states: SteadyStates, number: int, trace: str, **options: Any) -> Prediction:
    """Return what theory says of a trace, with the reason if a simulation cannot be compared.

    Parameters
    ----------
    states
        All fixed points of a model.
    number
        Of the one in question, as of `SteadyStates.numbered`.
    trace
        Name of a trace.
    **options
        As of `analysis.prediction.predict`.

    Raises
    ------
    NftsimError
        If there is no such point, the model has no linear theory, or no noise reaches the trace.
    """
    assert states.model is not None
    found = predict(states.model, states.numbered(number), trace, **options)
    place = number - 1 if number else states.choice
    reason = why_saturated(states, place, trace) or why_rounding(states, place, trace, found)
    return replace(found, reason=reason)
