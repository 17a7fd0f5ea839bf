"""Linear theory in numbers: gains, and power spectra in absolute units."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nftsim.errors import NftsimError, number, require_kind
from nftsim.model import Model, Trace
from nftsim.model.steps import interval_steps, whole
from nftsim.theory.equations import Array
from nftsim.theory.fixed_points import FixedPoint, steady_states
from nftsim.theory.modes import Modes
from nftsim.theory.noise import noise_density
from nftsim.theory.response import LinearModel, angular, linearise
from nftsim.theory.traces import one_trace as one_trace  # for import from here, too
from nftsim.theory.uniform import require_linear
from nftsim.theory.units import unit

#: Real or complex numbers.
Values = TypeVar("Values", Array, NDArray[np.complex128])

#: Modes times frequencies that are solved at once: some 10 MB for EIRS.
BLOCK = 100_000
#: Aliases are added until two pairs in a row change no frequency by more than this share.
ALIASES = 1e-9


@dataclass(frozen=True)
class LinearSpectrum:
    """A power spectrum of the linear theory, and what it is of.

    Attributes
    ----------
    frequencies
        Shape (n,) [Hz].
    power
        One-sided density, shape (n,) [`units`].
    units
        ``s-2 Hz-1`` of rates and fields, ``V2 Hz-1`` of potentials.
    trace
        Name of the trace.
    wavenumbers, k0
        As asked for (see `linear_spectrum`).
    fixed_point
        The state around which the model is linearised.
    aliases
        How many frequencies beyond the sampling rate were added to each; 0 but for ``scheme``.
    """

    frequencies: Array
    power: Array
    units: str
    trace: str
    wavenumbers: str
    k0: float | None
    fixed_point: FixedPoint
    aliases: int = 0

    def to_dict(self) -> dict[str, Any]:
        """Return plain lists, for JSON."""
        return {
            "frequencies": self.frequencies.tolist(),
            "power": self.power.tolist(),
            "units": self.units,
            "trace": self.trace,
            "wavenumbers": self.wavenumbers,
            "k0": self.k0,
            "aliases": self.aliases,
        }


def linear_spectrum(
    model: Model,
    trace: str | Trace,
    frequencies: ArrayLike,
    *,
    k0: float | None = 10.0,
    wavenumbers: str = "grid",
    fixed_point: FixedPoint | None = None,
    interval: float | None = None,
    compat: bool = False,
) -> LinearSpectrum:
    """Return the power spectrum of a trace driven by the model's white noise.

    Parameters
    ----------
    model
        A uniform model on a torus, with constant strengths and rates.
    trace
        ``pop.K.q``, ``pop.K.v``, ``propagator.K.phi`` or ``dendrite.K.v``.
    frequencies
        Shape (n,) [Hz], not negative.
    k0
        Cut-off of volume conduction F = exp(−k²/k0²) on power [m⁻¹], by the true k on the trace's
        sheet; None for no filter.
    wavenumbers
        ``continuous`` for the model's equations, ``grid`` for these with the Laplacian of the
        simulation's stencil, ``scheme`` for what the simulation's steps are, exactly: a sampled
        simulation of small deviations has this spectrum, aliases included.
    fixed_point
        The state around which the model is linearised (default: the lowest stable one, or, where
        none is, the lowest).
    interval
        Between samples [s], for the aliases of ``scheme`` (default: that of the model's output).
    compat
        With NFTsim's habits: delays truncated to steps, its spacing in noise.

    Returns
    -------
    LinearSpectrum
        One-sided density [unit of the trace squared Hz⁻¹], summed over the modes of the torus:
        without the filter, its integral over f > 0 is the variance at a node.

    Raises
    ------
    NftsimError
        If no noise reaches the trace, or the model has no linear theory.

    Notes
    -----
    With the one-sided density p_i(k) that input i has in mode k (see
    `nftsim.theory.noise.noise_density`), the spectrum is

        P(f) = Σ_i Σ_k p_i(k) |T_i(k, ω)|² F(k).

    For independent noise at N nodes, p = 2σ²Δt/N; with σ² = (2π)³ ASD²/(Δt Δx²) the sum becomes
    4π ASD² Σ_k Δkx Δky |T|² F (Robinson et al. 2001), and for one node 4π ASD² |T|². Noise that all
    nodes share is in the mode k = 0 alone: 2σ²Δt |T(0, ω)|². Independent inputs add in power. If
    the fixed point is not stable, no simulation stays near it and this spectrum describes none.

    Noise is redrawn every step, so that in discrete time it is white, and ``scheme`` needs no other
    p. Of a trace sampled every K-th step the spectrum is the sum over the K frequencies
    f + m/(KΔt) that a step tells apart; it is cut short where the rest adds nothing.
    """
    require_linear(model)
    which, f = one_trace(model, trace), checked_frequencies(frequencies)
    fixed_point = rest(model, fixed_point)
    linear = linearise(model, fixed_point, wavenumbers, compat=compat)
    power, aliases = _sampled(linear, which, f, k0, interval)
    own = model.field_of(which).unit
    units = unit(own, own, per=("Hz",))
    return LinearSpectrum(f, power, units, str(which), wavenumbers, k0, fixed_point, aliases)


def spectrum(
    model: Model,
    fixed_point: FixedPoint,
    trace: str | Trace,
    frequencies: ArrayLike,
    *,
    k0: float | None = 10.0,
    wavenumbers: str = "continuous",
    interval: float | None = None,
    compat: bool = False,
) -> Array:
    """Return the power of `linear_spectrum` alone, around a given fixed point, shape (n,)."""
    f = checked_frequencies(frequencies)
    which = one_trace(model, trace)
    linear = linearise(model, fixed_point, wavenumbers, compat=compat)
    return _sampled(linear, which, f, k0, interval)[0]


def rest(model: Model, fixed_point: FixedPoint | None = None) -> FixedPoint:
    """Return the fixed point that is asked for: by default the lowest stable one."""
    if fixed_point is not None:
        require_kind(fixed_point, FixedPoint, "a fixed point of steady_states, or None")
        return fixed_point
    require_linear(model)
    # inputs alone have a spectrum, too
    nothing = FixedPoint(np.empty(0), np.empty(0), 0.0)
    return steady_states(model).chosen if model.neural else nothing


def _sampled(
    linear: LinearModel, trace: Trace, f: Array, k0: float | None, interval: float | None
) -> tuple[Array, int]:
    """Return the spectrum at frequencies f [Hz], and how many aliases are in it."""
    model = linear.model
    density = noise_density(model, compat=linear.compat)
    modes = linear.modes(model.sheet_of(trace), k0)
    weights = np.stack([modes.filtered(d) for d in density])

    def power(f: Array) -> Array:
        total = []
        for part in slices(len(f), modes):
            answer = linear.transfer(trace, angular(f[part])[:, None], modes.laplacian)
            square = answer.real**2 + answer.imag**2
            total.append(np.einsum("fmi,im->f", square, weights))
        return np.concatenate(total)

    total, added = aliased(power, linear, f, interval)
    if not total.any():
        raise NftsimError(
            f"{model.name}: no noise reaches {trace}, so it has no spectrum; ask for a trace "
            "downstream of a White stimulus"
        )
    return total, added


def slices(count: int, modes: Modes) -> Iterator[slice]:
    """Yield frequencies, of which there are `count`, in parts to solve at once for all modes."""
    step = max(1, BLOCK // len(modes))
    for first in range(0, count, step):
        yield slice(first, first + step)


def aliased(
    density: Callable[[Array], Values],
    linear: LinearModel,
    f: Array,
    interval: float | None = None,
) -> tuple[Values, int]:
    """Return a density of sampled traces: with its aliases where the treatment is ``scheme``.

    Parameters
    ----------
    density
        Of frequencies [Hz], negative ones too, shape (n,) → (n, …).
    f
        Shape (n,) [Hz].
    interval
        Between samples [s] (default: that of the model's output).

    Returns
    -------
    total, added
        Shape (n, …), and the number of aliases that are in it.
    """
    total = density(f)
    added = small = 0
    for shifts in alias_shifts(linear.model, interval) if linear.stepped else []:
        more = np.sum([density(f + shift) for shift in shifts], axis=0)
        total, added = total + more, added + len(shifts)
        change, size = (np.abs(x).reshape(len(f), -1).max(axis=1) for x in (more, total))
        small = small + 1 if np.all(change <= ALIASES * size) else 0
        if small == 2:
            break
    return total, added


def alias_shifts(model: Model, interval: float | None = None) -> Iterator[list[float]]:
    """Yield the distances of aliases [Hz]: both sides of a frequency, the nearest first.

    Parameters
    ----------
    interval
        Between samples [s] (default: that of the model's output); a whole number of steps.
    """
    count = interval_steps(model) if interval is None else whole_steps(model, interval)
    rate = 1 / (count * model.deltat)
    for m in range(1, count // 2 + 1):
        # of an even number the last on both sides is the same one
        yield [m * rate, -m * rate] if 2 * m < count else [m * rate]


def whole_steps(model: Model, interval: float) -> int:
    """Return the steps between values that are an interval [s] apart.

    Raises
    ------
    NftsimError
        If that is no whole number, 1 or more.
    """
    step = model.deltat
    number(interval, "an interval [s], or None")
    count = round(interval / step) if np.isfinite(interval) else 0
    if count < 1 or not whole(interval, step):
        raise NftsimError(
            f"interval = {interval:.12g} s is no whole number of steps; give a multiple of Deltat "
            f"= {step:.12g} s, e.g. {max(count, 1) * step:.12g}"
        )
    return count


def gains(model: Model, fixed_point: FixedPoint) -> dict[tuple[int, int], float]:
    """Return the gains G_ab = ρ_a ν_ab of all connections at a fixed point.

    Returns
    -------
    dict
        (a, b) → gain [1] onto population a from population b, numbered from 1 as in the file. The
        gain of a loop is the product along it.
    """
    linear = linearise(model, fixed_point)
    return {
        (c.post + 1, c.pre + 1): float(linear.slopes[c.post] * nu)
        for c, nu in zip(model.connections, linear.strengths, strict=True)
    }


def checked_frequencies(frequencies: ArrayLike) -> Array:
    """Return frequencies as an array, shape (n,) [Hz]; refuse what are none."""
    try:
        if np.iscomplexobj(frequencies):
            raise TypeError("complex")
        f = np.asarray(frequencies, dtype=float)
    except (TypeError, ValueError, OverflowError):
        f = np.empty(0)
    if f.ndim != 1 or len(f) == 0:
        raise NftsimError("frequencies must be a list of one or more numbers [Hz]")
    wrong = f[~(np.isfinite(f) & (f >= 0))]
    if len(wrong):
        raise NftsimError(f"frequency {wrong[0]:g} Hz is out of bounds; give finite numbers >= 0")
    return f
