"""Linear theory in numbers: gains, and power spectra in absolute units."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from nftsim.components.stimuli import White
from nftsim.errors import NftsimError
from nftsim.model import Model, Trace
from nftsim.theory.equations import Array
from nftsim.theory.fixed_points import FixedPoint
from nftsim.theory.modes import grid_modes
from nftsim.theory.response import angular, inputs, linearise

#: Modes times frequencies that are solved at once: some 100 MB for EIRS.
BLOCK = 100_000


def spectrum(
    model: Model,
    fixed_point: FixedPoint,
    trace: str | Trace,
    frequencies: ArrayLike,
    *,
    k0: float | None = 10.0,
    wavenumbers: str = "continuous",
) -> Array:
    """Return the power spectrum of a trace driven by the model's white noise.

    Parameters
    ----------
    model, fixed_point
        A model and the state around which it is linearised.
    trace
        ``pop.K.q``, ``pop.K.v``, ``propagator.K.phi`` or ``dendrite.K.v``.
    frequencies
        Shape (n,) [Hz], not negative.
    k0
        Cut-off of volume conduction F = exp(−k²/k0²) on power [m⁻¹], by the true k on the trace's
        sheet; None for no filter.
    wavenumbers
        ``continuous`` for the model's equations, ``grid`` for the Laplacian of the simulation's
        five-point stencil.

    Returns
    -------
    ndarray
        One-sided density, shape (n,) [unit of the trace squared Hz⁻¹], summed over the modes of
        the torus: without the filter, its integral over f > 0 is the variance at a node.

    Raises
    ------
    NftsimError
        If no noise reaches the trace, or the model has no linear theory.

    Notes
    -----
    Noise of variance σ² at each of N nodes, redrawn every Δt, has the one-sided density 2σ²Δt at a
    node, spread evenly over the N modes. Hence

        P(f) = Σ_inputs (2σ²Δt/N) Σ_k |T(k, ω)|² F(k),

    which with σ² = (2π)³ ASD²/(Δt Δx²) is 4π ASD² Σ_k Δkx Δky |T|² F (Robinson et al. 2001), and
    for one node 4π ASD² |T|². Noise on some of the nodes counts by their share, which is exact for
    the mean over the sheet. Independent inputs add in power. If the fixed point is not stable, no
    simulation stays near it and this spectrum describes none.
    """
    f = _checked(frequencies)
    which = _one(model, trace)
    power = noise_power(model)
    linear = linearise(model, fixed_point)
    modes = grid_modes(model.shape, model.spacing(model.sheet_of(which)), k0, wavenumbers)
    blocks = np.array_split(f, math.ceil(len(f) * len(modes.weight) / BLOCK))
    responses = (linear.transfer(which, angular(b)[:, None], modes.laplacian) for b in blocks)
    total = np.concatenate(
        [
            np.einsum("fmi,m,i->f", np.abs(r) ** 2, modes.weight, power / model.nodes)
            for r in responses
        ]
    )
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


def noise_power(model: Model) -> Array:
    """Return the one-sided density 2σ²Δt at a node of every input [s⁻² Hz⁻¹], sheet's mean.

    Raises
    ------
    NftsimError
        If no input has noise.
    """
    which = inputs(model)
    power = np.zeros(len(which))
    for i, index in enumerate(which):
        for stimulus in model.populations[index].stimuli:
            if isinstance(stimulus, White):
                share = len(set(stimulus.node)) / model.nodes if stimulus.node else 1.0
                sigma = stimulus.deviation(model.setting(index))
                power[i] += 2 * sigma**2 * model.deltat * share
    if not power.any():
        raise NftsimError(
            f"{model.name}: no stimulus is noise, and only noise has a power spectrum in the "
            "linear theory; use a White stimulus with ASD or StdDev > 0, or take the spectrum of a "
            "simulation"
        )
    return power


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
