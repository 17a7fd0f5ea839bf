"""Growth rates measured in simulations that start next to a fixed point."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from nftsim.api import simulate
from nftsim.components.stimuli import Const
from nftsim.model import Model, Output, Trace
from nftsim.model.overrides import override
from nftsim.theory.fixed_points import FixedPoint
from nftsim.theory.mean_field import background

Array = NDArray[np.float64]
Complex = NDArray[np.complex128]

#: How far from the fixed point runs start [s⁻¹].
AWAY = 1e-4


def measured_rates(
    model: Model, point: FixedPoint, duration: float, wave: tuple[int, int] = (0, 0)
) -> Complex:
    """Rates s at which deviations of a spatial mode grow in a simulation, rightmost first.

    The rates start off the point by 1e-4 s⁻¹ times random numbers of order 1, as a cosine with
    `wave` periods along y and x; the second half of the run counts.
    """
    ny, nx = model.shape
    y, x = np.mgrid[:ny, :nx]
    shape = np.cos(2 * np.pi * (wave[0] * y / ny + wave[1] * x / nx)).ravel()
    interval = max(1, round(min(5e-3, duration / 300) / model.deltat)) * model.deltat
    populations = tuple(
        p if p.neural else replace(p, stimuli=(Const(mean=background(model, i)),))
        for i, p in enumerate(model.populations)
    )
    traces = tuple(Trace("pop", i + 1, "q") for i in model.neural)
    calm = replace(model, populations=populations, output=Output(interval=interval, traces=traces))
    calm = calm.with_rates(point.rates.tolist())
    kick = AWAY * np.random.default_rng(0).standard_normal(len(point.rates))
    moved = override(
        calm,
        {
            f"population.{i + 1}.q": tuple(q + r * shape) if model.nodes > 1 else float(q + r)
            for i, q, r in zip(model.neural, point.rates, kick, strict=True)
        },
    )
    run = simulate(moved, duration=duration)
    deviation = np.stack(
        [
            (np.asarray(run[str(t)]).reshape(-1, model.nodes) - q) @ shape
            for t, q in zip(traces, point.rates, strict=True)
        ]
    )
    return exponents(deviation[:, deviation.shape[1] // 2 :], interval)


def exponents(x: Array, interval: float) -> Complex:
    """Rates of the exponentials that signals, shape (signals, time), are sums of.

    The linear map from each stretch of the signals to the next, within the few combinations that
    are above rounding, has e^{s interval} as eigenvalues.
    """
    length = min(20, x.shape[1] // 3)
    stretches = np.concatenate([x[:, i : x.shape[1] - length + i] for i in range(length)])
    before, after = stretches[:, :-1], stretches[:, 1:]
    u, size, v = np.linalg.svd(before, full_matrices=False)
    rank = min(8, max(1, int((size > 1e-6 * size[0]).sum())))
    step = u[:, :rank].T @ after @ v[:rank].T / size[:rank]
    z, modes = np.linalg.eig(step)
    amplitude = np.abs(np.linalg.solve(modes, u[:, :rank].T @ before[:, 0]))
    s = np.log(z.astype(complex))[amplitude > 1e-3 * amplitude.max()] / interval
    return np.asarray(s[np.argsort(-s.real)])
