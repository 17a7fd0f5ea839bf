"""Linear theory in numbers: gains, and power spectra in absolute units."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from nftsim.errors import NftsimError
from nftsim.model import Model, Trace
from nftsim.theory.equations import Array
from nftsim.theory.fixed_points import FixedPoint, steady_states
from nftsim.theory.modes import grid_modes
from nftsim.theory.noise import noise_density
from nftsim.theory.response import angular, linearise
from nftsim.theory.uniform import require_linear

#: Modes times frequencies that are solved at once: some 100 MB for EIRS.
BLOCK = 100_000
#: Unit of a trace → unit of its power spectral density.
UNITS = {"s⁻¹": "s-2 Hz-1", "V": "V2 Hz-1"}


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
    """

    frequencies: Array
    power: Array
    units: str
    trace: str
    wavenumbers: str
    k0: float | None
    fixed_point: FixedPoint

    def to_dict(self) -> dict[str, Any]:
        """Return plain lists, for JSON."""
        return {
            "frequencies": self.frequencies.tolist(),
            "power": self.power.tolist(),
            "units": self.units,
        }


def linear_spectrum(
    model: Model,
    trace: str | Trace,
    frequencies: ArrayLike,
    *,
    k0: float | None = 10.0,
    wavenumbers: str = "grid",
    fixed_point: FixedPoint | None = None,
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
        ``grid`` for the Laplacian of the simulation's five-point stencil, ``continuous`` for that
        of the model's equations.
    fixed_point
        The state around which the model is linearised (default: the lowest one).

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
    """
    require_linear(model)
    which = _one(model, trace)
    if fixed_point is None:
        # inputs alone have a spectrum, too
        nothing = FixedPoint(np.empty(0), np.empty(0), 0.0)
        fixed_point = steady_states(model).lowest if model.neural else nothing
    power = spectrum(model, fixed_point, which, frequencies, k0=k0, wavenumbers=wavenumbers)
    unit = UNITS[model.field_of(which).unit]
    f = np.asarray(frequencies, dtype=float)
    return LinearSpectrum(f, power, unit, str(which), wavenumbers, k0, fixed_point)


def spectrum(
    model: Model,
    fixed_point: FixedPoint,
    trace: str | Trace,
    frequencies: ArrayLike,
    *,
    k0: float | None = 10.0,
    wavenumbers: str = "continuous",
) -> Array:
    """Return the power of `linear_spectrum` alone, around a given fixed point, shape (n,)."""
    f = _checked(frequencies)
    which = _one(model, trace)
    density = noise_density(model)
    linear = linearise(model, fixed_point)
    modes = grid_modes(model.shape, model.spacing(model.sheet_of(which)), k0, wavenumbers)
    power = np.stack([modes.filtered(d) for d in density])
    blocks = np.array_split(f, math.ceil(len(f) * len(modes.laplacian) / BLOCK))
    responses = (linear.transfer(which, angular(b)[:, None], modes.laplacian) for b in blocks)
    total = np.concatenate([np.einsum("fmi,im->f", np.abs(r) ** 2, power) for r in responses])
    if not total.any():
        raise NftsimError(
            f"{model.name}: no noise reaches {which}, so it has no spectrum; ask for a trace "
            "downstream of a White stimulus"
        )
    return total


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


def _one(model: Model, trace: str | Trace) -> Trace:
    found = model.parse_trace(str(trace))
    if len(found) > 1:
        names = ", ".join(str(t) for t in found)
        raise NftsimError(f"trace '{trace}' means {len(found)} traces: {names}; name one of them")
    return found[0]


def _checked(frequencies: ArrayLike) -> Array:
    f = np.asarray(frequencies, dtype=float)
    if f.ndim != 1 or len(f) == 0:
        raise NftsimError("frequencies must be a list of one or more numbers [Hz]")
    wrong = f[~(np.isfinite(f) & (f >= 0))]
    if len(wrong):
        raise NftsimError(f"frequency {wrong[0]:g} Hz is out of bounds; give finite numbers >= 0")
    return f
