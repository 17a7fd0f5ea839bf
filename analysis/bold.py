"""BOLD signals from rates: neural activity → flow → volume and deoxyhaemoglobin → signal.

With what is 1 at rest, flow f, volume v and deoxyhaemoglobin q, and the drive u, the relative
change of the rate:

    f″ + κ f′ + γ (f − 1) = ε u(t − delay)
    τ v′ = f − v^{1/α}                      inflow of blood less outflow
    τ q′ = g(f, v, q) − v^{1/α} q/v         what tissue gives off less what flows out
    y = V0 [k1 (1 − q) + k2 (1 − q/v) + k3 (1 − v)]

Each node is on its own: nothing flows from one to the next. `Balloon` and `Uniform` differ in g,
and in their numbers.

The flow is linear and is filtered exactly for rates that go in straight lines between samples;
volume and deoxyhaemoglobin are integrated by `scipy.integrate.solve_ivp`.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, fields
from pathlib import Path
from typing import ClassVar

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import integrate, interpolate, signal

from analysis.field import Array, Field, Source, as_field
from nftsim.errors import NftsimError
from nftsim.io.run import Run

#: The flow is computed at least so often [s]: it changes over seconds, and is smooth between.
FINEST, COARSEST = 0.01, 0.025
#: Relative and absolute tolerance of the integration.
TOLERANCE = 1e-9


@dataclass(frozen=True, kw_only=True)
class Balloon:
    """The balloon model (Buxton et al. 1998) with flow as in Friston et al. (2000).

    Capillaries give off a share E = 1 − (1 − E0)^{1/f} of the oxygen that flows in:
    g = f E/E0. The numbers are those of Friston et al. (2003): decay of the flow signal κ,
    autoregulation γ, transit time τ, stiffness α and extraction E0; V0 and k1 = 7 E0, k2 = 2,
    k3 = 2 E0 − 0.2 are for 1.5 T (Buxton et al. 1998).

    Attributes
    ----------
    efficacy
        ε, flow signal that a doubling of the rate (u = 1) raises [s⁻²].
    kappa, gamma
        Decay rate of the flow signal κ [s⁻¹]; elimination by the flow γ [s⁻²].
    tau
        Time that blood takes through the veins at rest τ [s].
    alpha
        Exponent of volume by flow at rest, v = f^α [].
    extraction
        Share of oxygen that is taken from blood at rest, E0 [].
    volume
        Share of volume that is venous blood at rest, V0 [].
    k1, k2, k3
        Weights of the signal []; None: those that follow from E0.
    delay
        Time from activity to the flow signal [s]; 0 in that model, and 1.2 by way of astrocytes
        in Pang et al. (2017), which puts the peak where it is measured.
    """

    name: ClassVar[str] = "balloon"

    efficacy: float = 0.5
    kappa: float = 0.65
    gamma: float = 0.41
    tau: float = 0.98
    alpha: float = 0.32
    extraction: float = 0.34
    volume: float = 0.02
    k1: float | None = None
    k2: float | None = None
    k3: float | None = None
    delay: float = 0.0

    def __post_init__(self) -> None:
        """Refuse what is not positive, and an extraction of all oxygen or more."""
        for f in fields(self):
            value = getattr(self, f.name)
            sound = value is None or (math.isfinite(value) and value >= 0)
            if not sound or (value == 0 and f.name != "delay"):
                least = ">= 0" if f.name == "delay" else "> 0"
                raise NftsimError(
                    f"BOLD: {f.name} = {value} is out of bounds; give a number {least}"
                )
        if self.extraction >= 1:
            raise NftsimError(
                f"BOLD: extraction = {self.extraction:g} is out of bounds; give a number between "
                "0 and 1"
            )

    @property
    def weights(self) -> tuple[float, float, float]:
        """The weights k1, k2 and k3."""
        e = self.extraction
        usual = (7 * e, 2.0, 2 * e - 0.2)
        given = (self.k1, self.k2, self.k3)
        k1, k2, k3 = (a if a is not None else b for a, b in zip(given, usual, strict=True))
        return k1, k2, k3

    def given_off(self, f: Array, v: Array, q: Array) -> Array:
        """Return g, what deoxyhaemoglobin comes from the tissue, 1 at rest."""
        del v, q
        return np.asarray(f * (1 - (1 - self.extraction) ** (1 / f)) / self.extraction)

    def steady(self, drive: ArrayLike) -> tuple[Array, Array, Array]:
        """Return flow, volume and deoxyhaemoglobin long after a constant drive u set in."""
        f = 1 + self.efficacy / self.gamma * np.asarray(drive, float)
        v = f**self.alpha
        return f, v, self.given_off(f, v, v) * v / f

    def signal(self, v: Array, q: Array) -> Array:
        """Return y, the relative change of the BOLD signal."""
        k1, k2, k3 = self.weights
        return np.asarray(self.volume * (k1 * (1 - q) + k2 * (1 - q / v) + k3 * (1 - v)))


@dataclass(frozen=True, kw_only=True)
class Uniform(Balloon):
    """The haemodynamic model of Drysdale et al. (2010) and Aquino et al. (2012), without space.

    Where activity is the same everywhere, and depth does not count, no pressure differs from place
    to place, and of the equations of that model conservation of blood and of deoxyhaemoglobin is
    left. Tissue takes oxygen at a rate η = E0/τ from the haemoglobin that still has some, whatever
    the flow: g = (1 + ητ) v − ητ q. What is left out are the waves of pressure along the cortex
    and the profile over its depth.

    The numbers are those that its authors use: α = 1/β with β = 1/0.31, τ = 1 s, E0 = 0.4,
    V0 = 0.03, and k1 = 4.2, k2 = 1.7, k3 = 0.41 for 3 T at an echo time of 30 ms.
    """

    name: ClassVar[str] = "uniform"

    tau: float = 1.0
    alpha: float = 0.31
    extraction: float = 0.4
    volume: float = 0.03
    k1: float | None = 4.2
    k2: float | None = 1.7
    k3: float | None = 0.41

    def given_off(self, f: Array, v: Array, q: Array) -> Array:
        """Return g, what deoxyhaemoglobin comes from the tissue, 1 at rest."""
        del f
        return np.asarray((1 + self.extraction) * v - self.extraction * q)

    def steady(self, drive: ArrayLike) -> tuple[Array, Array, Array]:
        """Return flow, volume and deoxyhaemoglobin long after a constant drive u set in."""
        f = 1 + self.efficacy / self.gamma * np.asarray(drive, float)
        v = f**self.alpha
        return f, v, np.asarray((1 + self.extraction) * v / (self.extraction + f / v))


#: The models by name.
MODELS: dict[str, type[Balloon]] = {m.name: m for m in (Balloon, Uniform)}


@dataclass(frozen=True)
class Bold:
    """A BOLD signal, and what it comes from.

    Attributes
    ----------
    time
        Shape (sample,) [s].
    signal
        Relative change y of the signal, shape (sample, …) as the rate's; times 100 it is per cent.
    flow, volume, deoxyhaemoglobin
        f, v and q, 1 at rest, of the same shape.
    model
        The model and its numbers.
    """

    time: Array
    signal: Array
    flow: Array
    volume: Array
    deoxyhaemoglobin: Array
    model: Balloon

    def to_frame(self, column: int = 0) -> pd.DataFrame:
        """Return a table of one node: that of a column from 0."""
        names = ("signal", "flow", "volume", "deoxyhaemoglobin")
        series = {n: np.reshape(getattr(self, n), (len(self.time), -1))[:, column] for n in names}
        return pd.DataFrame({"time": self.time, **series})


def bold(
    rate: Source | ArrayLike,
    interval: float | None = None,
    *,
    model: Balloon | str = "balloon",
    baseline: ArrayLike | None = None,
    sampling: float = 0.1,
    start: float = 0.0,
) -> Bold:
    """Return the BOLD signal that rates give, from rest on.

    Parameters
    ----------
    rate
        Rates [s⁻¹]: a field; a run or its file, whose first field is taken; or, with `interval`, an
        array of shape (time, …), of one population or of every node.
    interval
        Time between the rates of an array [s].
    model
        A `Balloon` or `Uniform`, or the name of one: ``balloon`` or ``uniform``.
    baseline
        Rate at rest [s⁻¹], one, or one for each node; by default the mean over time. The drive is
        u = rate/baseline − 1.
    sampling
        Time between samples of the signal [s].
    start
        Time of the first rate of an array [s].

    Returns
    -------
    Bold
        Its first sample is at the time of the first rate, where all is at rest.

    Raises
    ------
    NftsimError
        If a rate is not finite, a baseline not positive, the record too short, or the rates so low
        that the blood would stop.
    """
    chosen = _model(model)
    if interval is None or isinstance(rate, Field | Run | str | Path):
        field = as_field(rate, "BOLD", interval, arrays=True)
        if field.units != "s⁻¹":
            raise NftsimError(
                f"{field.source}: BOLD comes from rates [s⁻¹], and {field.name} is in "
                f"{field.units}; take a rate, e.g. propagator.1.phi or pop.1.q"
            )
        rate, interval, start = field.values, field.interval, float(field.time[0])
    x = _rates(rate, interval, sampling)
    rest = np.asarray(x.mean(axis=0) if baseline is None else baseline, float)
    if not (np.isfinite(rest).all() and (rest > 0).all()):
        raise NftsimError(
            f"BOLD: a baseline of {float(np.min(rest)):g} s^-1 is not positive; give 'baseline', "
            "the rate at rest"
        )
    try:
        drive = np.broadcast_to(x / rest - 1, x.shape)
    except ValueError:
        raise NftsimError(
            f"BOLD: a baseline of shape {rest.shape} does not fit rates of shape {x.shape[1:]} a "
            "sample; give one, or one for each node"
        ) from None
    flow = _flow(drive.reshape(len(x), -1), interval, chosen)
    count = math.floor((len(x) - 1) * interval / sampling * (1 + 1e-12)) + 1
    times = np.minimum(sampling * np.arange(count), (len(x) - 1) * interval)
    v, q = _vessels(flow, times, chosen)
    f = np.array([flow(t) for t in times.tolist()])
    shape = (count, *x.shape[1:])
    y, f, v, q = (a.reshape(shape) for a in (chosen.signal(v, q), f, v, q))
    return Bold(start + times, y, f, v, q, chosen)


def _model(model: Balloon | str) -> Balloon:
    if isinstance(model, Balloon):
        return model
    if model not in MODELS:
        raise NftsimError(f"BOLD: unknown model '{model}'. Allowed: {', '.join(MODELS)}")
    return MODELS[model]()


def _rates(rate: ArrayLike, interval: float, sampling: float) -> Array:
    for name, value in (("interval", interval), ("sampling", sampling)):
        if not (math.isfinite(value) and value > 0):
            raise NftsimError(f"BOLD: {name} = {value} s is out of bounds; give a number > 0")
    x = np.asarray(rate, float)
    if x.ndim == 0 or (len(x) - 1) * interval < max(sampling, 1.0):
        length = max(x.shape[0] - 1, 0) * interval if x.ndim else 0.0
        raise NftsimError(
            f"BOLD: {length:g} s of rates are too short; the signal takes seconds: give at least "
            f"{max(sampling, 1.0):g} s"
        )
    if not np.isfinite(x).all():
        first = int(np.argwhere(~np.isfinite(x))[0, 0]) + 1
        raise NftsimError(f"BOLD: rate {first} is not finite; give finite rates")
    return x


def _flow(drive: Array, interval: float, model: Balloon) -> Callable[[float], Array]:
    """Return the flow at each node as a function of time [s]; `drive` is (time, node)."""
    parts = math.ceil(interval / COARSEST * (1 - 1e-9))
    if parts > 1:  # straight lines stay straight lines
        known = np.arange(len(drive))
        fine = np.arange((len(drive) - 1) * parts + 1) / parts
        drive = interpolate.make_interp_spline(known, drive, k=1)(fine)
        interval = interval / parts
    system = ([model.efficacy], [1.0, model.kappa, model.gamma])
    above, below, _ = signal.cont2discrete(system, interval, method="foh")
    # a line of zeros before: the drive sets in from rest, and within one interval
    f = 1 + signal.lfilter(above[0], below, drive, axis=0)
    kept = max(1, math.floor(FINEST / interval * (1 + 1e-9)))
    rows = np.append(np.arange(0, len(f) - 1, kept), len(f) - 1)
    if f.min() <= 0:
        when = float(np.argmax((f <= 0).any(axis=1)) * interval)
        raise NftsimError(
            f"BOLD: the flow falls to 0 at {when:.3g} s, with rates so far below the baseline; "
            "give another 'baseline', or a smaller efficacy"
        )
    spline = interpolate.CubicSpline(rows * interval, f[rows], axis=0)
    # before the first rate all is at rest
    return lambda t: spline(t - model.delay) if t > model.delay else np.ones(f.shape[1])


def _vessels(flow: Callable[[float], Array], times: Array, model: Balloon) -> tuple[Array, Array]:
    """Return volume and deoxyhaemoglobin at times, shape (time, node) each."""
    nodes = len(flow(0.0))

    def slope(t: float, state: Array) -> Array:
        v, q = state[:nodes], state[nodes:]
        now = flow(t)
        out = v ** (1 / model.alpha)
        change = [now - out, model.given_off(now, v, q) - out * q / v]
        return np.concatenate(change) / model.tau

    found = integrate.solve_ivp(
        slope,
        (0.0, float(times[-1])),
        np.ones(2 * nodes),
        method="DOP853",
        t_eval=times,
        rtol=TOLERANCE,
        atol=TOLERANCE,
        max_step=model.tau / 2,  # so that no short response is stepped over
    )
    if not found.success:
        raise NftsimError(
            f"BOLD: the integration failed: {found.message}; give another 'baseline', or a smaller "
            "efficacy"
        )
    return found.y[:nodes].T, found.y[nodes:].T
