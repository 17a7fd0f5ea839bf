"""Growth rates measured in simulations that start next to a fixed point."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from nftsim.api import simulate
from nftsim.components.slow import Bursting
from nftsim.components.stimuli import Const
from nftsim.model import Model, Output, Trace
from nftsim.model.overrides import override
from nftsim.theory.fixed_points import FixedPoint
from nftsim.theory.mean_field import background

Array = NDArray[np.float64]
Complex = NDArray[np.complex128]

#: How far from the fixed point runs start [s⁻¹].
AWAY = 1e-4
#: Length of the runs next to each fixed point of a model of the library, lowest first [s]: long
#: enough for the dominant root to stand out, and over before deviations are too large, or rounding.
DURATIONS = {
    "bg-corticothalamic": (0.4, 0.7, 0.3),
    "e-erps": (0.2,),
    "ei": (0.3,),
    "eirs-aerp": (1.5, 0.5, 0.2),
    "eirs-bursting": (3.0, 0.45, 3.0),
    "eirs-eyes-closed": (2.0, 2.0, 1.6),
    "eirs-spindle": (0.7, 0.35, 0.1),
    "eirs-wake": (1.0, 0.35, 0.08),
    "emirs": (1.2, 0.7, 0.25),
    "tms-bcm": (0.15,),
    "tms-cadp": (0.15,),
}
#: Samples of a run; exponentials that are told apart, at most; smallest share of one that counts.
SAMPLES, EXPONENTIALS, SHARE = 300, 12, 1e-3
#: Singular values above rounding, in units of its root mean square; signals that are too coarse.
ABOVE, COARSE = 20.0, 1e-5


def measured_rates(
    model: Model, point: FixedPoint, duration: float, wave: tuple[int, int] = (0, 0)
) -> Complex:
    """Rates s at which deviations of a spatial mode grow in a simulation, rightmost first.

    Two runs start 1e-4 s⁻¹ times random numbers of order 1 above and below the point, in the rates
    and in what else there is to start (X and H of bursting cells), as a cosine with `wave` periods
    along y and x. Half of their difference is free of what is even in the deviation, and of what
    changes without one. The second half of the runs counts.
    """
    interval = max(1, round(duration / SAMPLES / model.deltat)) * model.deltat
    populations = tuple(
        p if p.neural else replace(p, stimuli=(Const(mean=background(model, i)),))
        for i, p in enumerate(model.populations)
    )
    traces = signals(model)
    calm = replace(model, populations=populations, output=Output(interval=interval, traces=traces))
    calm = calm.with_rates(point.rates.tolist())
    shape = cosine(model, wave)
    moved = (override(calm, start(calm, shape, sign)) for sign in (1, -1))
    whole = round(duration / interval) * interval
    up, down = (simulate(one, duration=whole) for one in moved)
    found, rounding = [], []
    for trace in map(str, traces):
        above, below = (
            np.asarray(run[trace]).reshape(-1, model.nodes) @ shape for run in (up, down)
        )
        half = len(above) // 2
        deviation = (above - below)[half:] / 2
        size, values = np.abs(deviation).max(), np.abs(up[trace]).max()
        if size > 0:
            found.append(deviation / size)
            rounding.append(np.finfo(float).eps * values / size)
    noise = np.array(rounding)
    fine = noise <= max(COARSE, 2 * noise.min())
    return exponents(np.stack(found)[fine], interval, float(noise[fine].max()))


def wave_of(model: Model, k: float) -> tuple[int, int]:
    """Return a mode of a wavenumber, in periods along y and x."""
    (ny, nx), spacing = model.shape, model.spacing(model.neural[0]) or 1.0
    y, x = np.mgrid[: ny // 2 + 1, : nx // 2 + 1]
    off = np.abs(2 * np.pi * np.hypot(y / ny, x / nx) / spacing - k)
    row, column = np.unravel_index(np.argmin(off), off.shape)
    return int(row), int(column)


def signals(model: Model) -> tuple[Trace, ...]:
    """Return all that deviates: potentials, fields of neural populations, X and H."""
    neural = model.neural
    potentials = [Trace("pop", i + 1, "v") for i in neural]
    fields = [Trace("propagator", c.index, "phi") for c in model.connections if c.pre in neural]
    slow = [Trace("pop", i + 1, n) for i in neural for n in memory(model, i)]
    return (*potentials, *fields, *slow)


def memory(model: Model, population: int) -> tuple[str, ...]:
    """Return the states of a population's own that a file can start."""
    bursting = isinstance(model.populations[population].firing, Bursting)
    return ("xtilde", "htilde") if bursting else ()


def cosine(model: Model, wave: tuple[int, int]) -> Array:
    """Return a spatial mode, shape (nodes,)."""
    ny, nx = model.shape
    y, x = np.mgrid[:ny, :nx]
    return np.cos(2 * np.pi * (wave[0] * y / ny + wave[1] * x / nx)).ravel()


def start(model: Model, shape: Array, sign: int) -> dict[str, object]:
    """Return the overrides that move the start of a model at rest."""
    kicks = AWAY * np.random.default_rng(0).standard_normal(len(model.neural))
    moved: dict[str, object] = {}
    for i, kick in zip(model.neural, kicks, strict=True):
        population = model.populations[i]
        states = {f"population.{i + 1}.q": population.q}
        for name in memory(model, i):
            states[f"population.{i + 1}.firing.{name}"] = getattr(population.firing, name)
        for path, value in states.items():
            values = value + sign * kick * shape
            moved[path] = tuple(values.tolist()) if model.nodes > 1 else float(values[0])
    return moved


def exponents(x: Array, interval: float, noise: float) -> Complex:
    """Rates of the exponentials that signals, shape (signals, time), are sums of.

    The linear map from each stretch of the signals to the next, within the few combinations that
    are above rounding, has e^{s interval} as eigenvalues (the matrix pencil).
    """
    length = x.shape[1] // 2
    stretches = np.concatenate([x[:, i : x.shape[1] - length + i] for i in range(length)])
    before, after = stretches[:, :-1], stretches[:, 1:]
    u, size, v = np.linalg.svd(before, full_matrices=False)
    least = max(ABOVE * noise * np.sqrt(max(before.shape)), 1e-10 * size[0])
    rank = min(EXPONENTIALS, max(1, int((size > least).sum())))
    step = u[:, :rank].T @ after @ v[:rank].T / size[:rank]
    z, modes = np.linalg.eig(step)
    amplitude = np.abs(np.linalg.solve(modes, u[:, :rank].T @ before[:, 0]))
    s = np.log(z.astype(complex))[amplitude > SHARE * amplitude.max()] / interval
    return np.asarray(s[np.argsort(-s.real)])
