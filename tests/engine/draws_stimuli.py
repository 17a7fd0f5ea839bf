"""Random stimuli: one draw for each of the registry."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from hypothesis import strategies as st

from nftsim.components import Component, Data, stimuli
from tests.engine.scene import Scene

#: Files of `Data`, for as long as the tests run.
_FILES = tempfile.TemporaryDirectory(prefix="nftsim-test-")


def _white(kind: Any) -> Callable[[Scene], Component]:
    def draw(s: Scene) -> Component:
        strength = {"asd": s.each(0, 3e-4)} if s.yes() else {"stddev": s.each(0, 3)}
        seed = s.draw(st.none() | st.integers(0, 2**40))
        made: Component = kind(mean=s.each(-2, 10), ranseed=seed, **strength, **s.window())
        return made

    return draw


def _train(s: Scene) -> dict[str, Any]:
    train: dict[str, Any] = {"amplitude": s.each(-5, 5), "width": s.integer(0, 12) * s.dt}
    repeat = s.draw(st.sampled_from(["once", "period", "frequency"]))
    if repeat == "period":
        train |= {"period": s.integer(1, 30) * s.dt, "pulses": s.integer(1, 4)}
    elif repeat == "frequency":
        train |= {"frequency": s.number(0.02, 0.3) / s.dt, "pulses": s.integer(1, 4)}
    return train | s.window()


def _pulse_sigmoid(s: Scene) -> stimuli.PulseSigmoid:
    sigma = s.number(1, 5) * s.dt if s.yes() else None
    return stimuli.PulseSigmoid(sigma=sigma, **_train(s))


def _pulse_sine(s: Scene) -> stimuli.PulseSine:
    return stimuli.PulseSine(
        amplitude=s.each(-5, 5),
        width=s.integer(1, 12) * s.dt,
        period=s.integer(1, 30) * s.dt,
        phase=s.number(-90, 180),
        pulses=s.integer(1, 4),
        **s.window(),
    )


def _pas(s: Scene) -> stimuli.PAS:
    return stimuli.PAS(
        isi=s.integer(-20, 20) * s.dt,
        n20_width=s.number(1, 20) * s.dt,
        n20_height=s.each(-5, 5),
        p25_width=s.integer(1, 20) * s.dt,
        p25_height=s.each(-5, 5),
        tms_width=s.integer(0, 10) * s.dt,
        tms_height=s.each(-5, 5),
        **s.window(),
    )


def _burst(s: Scene) -> stimuli.Burst:
    return stimuli.Burst(
        amplitude=s.each(-5, 5),
        width=s.number(0.5, 4) * s.dt,
        bursts=s.integer(1, 4),
        frequency=s.number(0.1, 0.4) / s.dt,
        oscillation=s.number(0.02, 0.1) / s.dt,
        on=s.integer(5, 50) * s.dt,
        off=s.integer(0, 20) * s.dt,
        **s.window(),
    )


def _sine(s: Scene) -> stimuli.Sine:
    frequency = s.number(1e-3, 0.2) / s.dt
    return stimuli.Sine(amplitude=s.each(-5, 5), frequency=frequency, **s.window())


def _data(s: Scene) -> Data:
    shape: tuple[int, ...] = (s.integer(1, 40),)
    shape += (s.setting.nodes,) if s.yes() else ()
    values = np.random.default_rng(s.integer(0, 99)).normal(size=shape)
    path = (
        Path(_FILES.name) / f"{hashlib.sha256(values.tobytes()).hexdigest()[:16]}-{len(shape)}.npy"
    )
    if not path.exists():
        np.save(path, values)
    return Data(
        file=str(path),
        interval=s.draw(st.sampled_from([1.0, 2.0, 0.5, 1.7])) * s.dt,
        amplitude=s.number(-5, 5),
        interpolation=s.draw(st.sampled_from(["linear", "hold"])),
        **s.window(),
    )


#: Stimulus → its draw.
STIMULI: dict[type[Component], Callable[[Scene], Any]] = {
    stimuli.Const: lambda s: stimuli.Const(mean=s.each(-2, 10), **s.window()),
    stimuli.Sine: _sine,
    stimuli.PulseRect: lambda s: stimuli.PulseRect(**_train(s)),
    stimuli.PulseSine: _pulse_sine,
    stimuli.PulseSigmoid: _pulse_sigmoid,
    stimuli.PAS: _pas,
    stimuli.Burst: _burst,
    stimuli.White: _white(stimuli.White),
    stimuli.WhiteCoherent: _white(stimuli.WhiteCoherent),
    Data: _data,
}
