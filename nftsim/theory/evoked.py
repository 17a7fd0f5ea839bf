"""What small stimuli evoke, in time: impulse responses, and responses to a model's own stimuli.

Responses are transformed on the circle |ζ| = R > 1 rather than at real frequencies, which weighs
the response at step n with R⁻ⁿ: what a transform of finite length wraps around then is as good as
gone. Where deviations from the fixed point grow, R is larger still.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from nftsim.components.base import accumulate, array
from nftsim.components.stimuli import Const, Stimulus, White
from nftsim.errors import NftsimError
from nftsim.model import Model, Trace
from nftsim.model.keys import label
from nftsim.theory.equations import Array
from nftsim.theory.fixed_points import FixedPoint
from nftsim.theory.linear import one_trace, rest, slices, whole_steps
from nftsim.theory.noise import acting, inputs
from nftsim.theory.response import LinearModel, linearise
from nftsim.theory.sources import rate_of, responses_to
from nftsim.theory.stability import stability
from nftsim.theory.units import unit

Complex = NDArray[np.complex128]

#: R to the power of the length of the transform.
DAMPING = 1e16
#: Most values of a response, over frequencies and nodes: some 2 GB.
MOST = 50_000_000
#: Parts of a stimulus of data that are weaker than this share of the largest are left out.
WEAK = 1e-12


@dataclass(frozen=True)
class Evoked:
    """A response in time: the deviation of a trace from the fixed point.

    Attributes
    ----------
    time
        Shape (n,) [s]: of a response to stimuli the time of the run, from the first step on; of a
        response to an impulse the time since then, from 0 on.
    values
        Shape (n, node) [`units`].
    units
        Of the trace; for an impulse, over the unit of what is pushed times a second.
    trace
        Its name.
    nodes
        Which nodes, from 1, shape (node,).
    """

    time: Array
    values: Array
    units: str
    trace: str
    nodes: tuple[int, ...]


@dataclass(frozen=True)
class Push:
    """A deviation: `course`, shape (step,), times `pattern`, shape (ny, nx), added to a trace."""

    added: Trace
    course: Array
    pattern: Array


def impulse_response(
    model: Model,
    trace: str | Trace,
    source: str | Trace | None = None,
    *,
    duration: float,
    node: int | None = None,
    nodes: Sequence[int] | None = None,
    interval: float | None = None,
    wavenumbers: str = "grid",
    fixed_point: FixedPoint | None = None,
    compat: bool = False,
) -> Evoked:
    """Return the response of a trace to an impulse of one unit times a second.

    Parameters
    ----------
    model, trace, wavenumbers, fixed_point, compat
        As of `nftsim.theory.linear.linear_spectrum`.
    source
        What is pushed (see `nftsim.theory.cross.transfer_function`; default: the rate of the first
        population with stimuli). It is 1/Δt for one step, at t = 0.
    duration, interval
        How long, and between values (default: every step) [s].
    node
        Where (from 1); None: everywhere at once.
    nodes
        Where it is read, from 1 (default: at `node`, or at node 1).

    Returns
    -------
    Evoked
        h(t) at t = 0, Δt, …, so that Σ h e^{iωt} Δt is the transfer function. In a run, whose
        first values are of the step at t = Δt, a push of that step evokes h(t − Δt).
    """
    if source is None:
        first = inputs(model)
        if not first:
            raise NftsimError(
                f"{model.name} has no population with stimuli; name what an impulse is added to"
            )
        source = rate_of(first[0])
    added = one_trace(model, source)
    pattern = np.ones(model.shape)
    if node is not None:
        places = _places(model, [node])
        pattern = np.zeros(model.shape)
        pattern.flat[places] = 1.0
    steps = _steps(model, "duration", duration)
    course = np.zeros(steps)
    course[0] = 1 / model.deltat
    nodes = nodes or ([node] if node is not None else [1])
    point = rest(model, fixed_point)
    linear = linearise(model, point, wavenumbers, compat=compat)
    push = Push(added, course, pattern)
    found = _response(linear, trace, [push], nodes, interval, _growth(model, point), first=0)
    read = one_trace(model, trace)
    units = unit(model.field_of(read).unit, per=(model.field_of(added).unit, "s"))
    return replace(found, units=units)


def evoked_response(
    model: Model,
    trace: str | Trace,
    *,
    duration: float | None = None,
    nodes: Sequence[int] | None = None,
    interval: float | None = None,
    wavenumbers: str = "grid",
    fixed_point: FixedPoint | None = None,
    compat: bool = False,
) -> Evoked:
    """Return the response of a trace to the deterministic stimuli of a model, noise left out.

    Parameters
    ----------
    model, trace, wavenumbers, fixed_point, compat
        As of `nftsim.theory.linear.linear_spectrum`.
    duration, interval
        How long (default: the model's Time), and between values (default: every step) [s].
    nodes
        Where it is read, from 1 (default: everywhere).

    Returns
    -------
    Evoked
        The deviation from the fixed point, at which the model is until t = 0. It is that of a
        simulation as far as the stimuli are small enough for a linear response, and with
        ``scheme`` to rounding. In the other treatments stimuli are straight lines between steps.
    """
    steps = _steps(model, "duration", model.time if duration is None else duration)
    pushes = [push for i in inputs(model) for push in pushes_of(model, i, steps)]
    if not pushes:
        starts = [
            stimulus.onset
            for i in inputs(model)
            for stimulus in model.populations[i].stimuli
            if not stimulus.noise and stimulus.onset >= steps * model.deltat
        ]
        if starts:
            raise NftsimError(
                f"{model.name}: the first stimulus begins at {min(starts):.12g} s, and a duration "
                f"of {steps * model.deltat:.12g} s ends before; give a longer one"
            )
        raise NftsimError(
            f"{model.name}: no stimulus departs from its mean but by noise, so nothing is evoked; "
            "ask for an impulse response, or for the spectrum of the noise (nftsim spectrum)"
        )
    point = rest(model, fixed_point)
    linear = linearise(model, point, wavenumbers, compat=compat)
    everywhere = range(1, model.nodes + 1) if nodes is None else nodes
    return _response(linear, trace, pushes, everywhere, interval, _growth(model, point))


def _growth(model: Model, point: FixedPoint) -> float:
    """Return how fast deviations may grow [s⁻¹], with something to spare; 0 if they do not."""
    dominant = stability(model, point).dominant if model.neural else None
    return 0.0 if dominant is None else max(0.0, 1.1 * dominant.growth)


def pushes_of(model: Model, population: int, steps: int) -> list[Push]:
    """Return by what the stimuli of a population (from 0) depart from their lasting mean."""
    added = rate_of(population)
    found = []
    for stimulus in model.populations[population].stimuli:
        course, where = _course(model, stimulus, steps), acting(model, stimulus)
        if not course.any():
            continue
        if course.ndim == 1:
            found.append(Push(added, course, where))
            continue
        # as few courses times patterns as it is made of: one, where only the level varies
        left, size, right = np.linalg.svd(course, full_matrices=False)
        for j in np.flatnonzero(size > WEAK * size[0]):
            found.append(Push(added, left[:, j] * size[j], right[j].reshape(model.shape) * where))
    return found


def _course(model: Model, stimulus: Stimulus, steps: int) -> Array:
    """Return the rate at each step less the lasting mean, shape (step,) or (step, node)."""
    t = accumulate(stimulus.clock_start, np.full(steps, model.deltat))
    clock = t[:, None] if stimulus.spatial else t
    rate = np.where(stimulus.active(clock), stimulus.waveform(clock, model.deltat), 0.0)
    return np.asarray(rate - array(stimulus.background))


def left_out(model: Model) -> list[str]:
    """Return, in sentences, what of the stimuli a spectrum of the noise knows nothing of."""
    found = []
    for i in inputs(model):
        for j, stimulus in enumerate(model.populations[i].stimuli, start=1):
            path = f"population.{i + 1}.stimulus.{j}"
            name = f"{model.place(path)}: {label(path, stimulus.keyword)}"
            lasts = stimulus.onset <= 0 and math.isinf(stimulus.duration)
            if isinstance(stimulus, White):
                if not lasts:
                    found.append(f"{name} acts for a time; the spectrum is as if it always did")
            elif not (isinstance(stimulus, Const) and lasts):
                found.append(
                    f"{name} is no noise, and left out of the spectrum; nftsim respond shows what "
                    "it evokes"
                )
    return found


def _response(
    linear: LinearModel,
    trace: str | Trace,
    pushes: Sequence[Push],
    nodes: Sequence[int],
    interval: float | None,
    growth: float,
    *,
    first: int = 1,
) -> Evoked:
    """Return the response to pushes at a fixed point of which deviations grow as e^{growth t}.

    Their first step is number `first`, from which time counts.
    """
    model = linear.model
    which, places = one_trace(model, trace), _places(model, nodes)
    every = 1 if interval is None else _steps(model, "interval", interval)
    steps = len(pushes[0].course)
    length = 4 * steps  # silent after the first quarter, so that nothing is left to wrap around
    if length * len(places) > MOST:
        raise NftsimError(
            f"a response of {steps} steps at {len(places)} nodes is too much at once; give a "
            "shorter duration, or fewer nodes"
        )
    dt = model.deltat
    damping = math.log(DAMPING) / length + growth * dt
    turns = np.arange(length // 2 + 1) / length
    s = np.asarray((damping - 2j * np.pi * turns) / dt, dtype=np.complex128)
    weight = np.exp(-damping * np.arange(1, steps + 1))
    drives = [np.conj(np.fft.rfft(np.append(0.0, p.course * weight), length)) for p in pushes]
    modes = linear.modes(model.sheet_of(which))
    group = modes.group.reshape(model.shape)  # nothing is left out without a filter
    shapes = [_by_mode(p.pattern, group, len(modes), places) for p in pushes]
    added = list(dict.fromkeys(p.added for p in pushes))
    spectra = []
    for part in slices(len(s), modes):
        answers = responses_to(linear, [which], added, s[part, None], modes.laplacian)[0]
        each = np.broadcast_to(answers, (len(added), len(s[part]), len(modes)))
        spectra.append(
            sum(
                drive[part, None] * (each[added.index(p.added)] @ shape)
                for p, drive, shape in zip(pushes, drives, shapes, strict=True)
            )
        )
    spectrum = np.concatenate(spectra)
    if not linear.stepped:
        # straight lines between steps rather than impulses
        spectrum *= ((2 * np.sinh(s * dt / 2) / (s * dt)) ** 2)[:, None]
    values: Array = np.fft.irfft(np.conj(spectrum), length, axis=0)[1 : steps + 1] / weight[:, None]
    rows = slice((every - 1) * first, None, every)
    time: Array = dt * np.arange(float(first), steps + first)[rows]
    own = unit(model.field_of(which).unit)
    return Evoked(time, values[rows], own, str(which), tuple(int(p) + 1 for p in places))


def _by_mode(
    pattern: Array, group: NDArray[np.intp], count: int, places: NDArray[np.intp]
) -> Complex:
    """Return a pattern at some nodes, parted by joined modes, shape (M, node)."""
    amplitude = np.fft.fft2(pattern)
    parts = (np.fft.ifft2(np.where(group == m, amplitude, 0)) for m in range(count))
    return np.stack([part.ravel()[places] for part in parts])


def _places(model: Model, nodes: Sequence[int]) -> NDArray[np.intp]:
    for node in nodes:
        if not 1 <= node <= model.nodes:
            raise NftsimError(f"node {node} is not on the grid; give 1 to {model.nodes}")
    return np.array(nodes, dtype=np.intp) - 1


def _steps(model: Model, name: str, time: float) -> int:
    if not (math.isfinite(time) and time > 0 and round(time / model.deltat) >= 1):
        raise NftsimError(
            f"{name} = {time:.12g} s: give a time of at least Deltat = {model.deltat:.12g} s"
        )
    return whole_steps(model, time) if name == "interval" else round(time / model.deltat)
