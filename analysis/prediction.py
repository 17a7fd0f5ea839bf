"""Computing what linear theory predicts of a measured spectrum, from a model."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from analysis.predicted import Prediction, frequencies
from nftsim.components.stimuli import White
from nftsim.model import Model
from nftsim.theory.fixed_points import FixedPoint
from nftsim.theory.linear import alias_shifts, one_trace, spectrum
from nftsim.theory.modes import WAVENUMBERS
from nftsim.theory.noise import noise_density
from nftsim.theory.response import angular, linearise

Array = NDArray[np.float64]

#: Modes times frequencies at once.
BLOCK = 100_000
#: Aliases on each side that the scatter takes into account; they hardly change it.
ALIASES = 2


def predict(
    model: Model,
    fixed_point: FixedPoint,
    trace: str,
    *,
    k0: float | None,
    interval: float,
    resolution: float = 0.05,
    compat: bool = False,
) -> Prediction:
    """Return what linear theory says of the spectrum of a trace.

    Parameters
    ----------
    model, fixed_point
        A uniform model, and the state around which it is linear.
    trace
        Name of a trace.
    k0
        Volume conduction [m⁻¹]; None for none.
    interval
        Between samples [s].
    resolution
        Spacing of the frequencies, and the lowest one [Hz].
    compat
        Whether the simulation has NFTsim's habits.

    Returns
    -------
    Prediction
        Up to the Nyquist frequency of the samples.

    Raises
    ------
    NftsimError
        If the model has no linear theory, or no noise reaches the trace.
    """
    f = frequencies(resolution, interval)
    curves = {
        kind: spectrum(
            model, fixed_point, trace, f, k0=k0, wavenumbers=kind, interval=interval, compat=compat
        )
        for kind in WAVENUMBERS
    }
    modes = effective_modes(model, fixed_point, trace, f, k0=k0, interval=interval, compat=compat)
    return Prediction(f, curves, modes)


def effective_modes(
    model: Model,
    fixed_point: FixedPoint,
    trace: str,
    frequency: ArrayLike,
    *,
    k0: float | None,
    interval: float,
    compat: bool = False,
) -> Array:
    """Return how many independent modes of equal power would scatter as the spectrum does.

    Parameters
    ----------
    model, fixed_point, trace, k0, interval, compat
        As of `predict`.
    frequency
        Shape (n,) [Hz].

    Returns
    -------
    ndarray
        (Σ_k p_k)² / Σ_k p_k², shape (n,).

    Notes
    -----
    Not a number if noise differs from node to node: then the modes are not independent.
    """
    f = np.asarray(frequency, float)
    if not _even(model):
        return np.full(len(f), np.nan)
    which = one_trace(model, trace)
    linear = linearise(model, fixed_point, "scheme", compat=compat)
    modes = linear.modes(model.sheet_of(which), k0)
    density = noise_density(model, compat=compat)
    power = np.stack([modes.filtered(d) for d in density])
    every = density.reshape(len(density), -1)[:, modes.kept] * modes.seen
    # Σ p_i p_j over the modes that are joined
    joint = np.array([[np.bincount(modes.group, weights=a * b) for b in every] for a in every])
    shifts = [0.0, *(x for pair in list(alias_shifts(model, interval))[:ALIASES] for x in pair)]
    found = []
    for block in np.array_split(f, math.ceil(len(f) * len(modes) / BLOCK)):
        square = np.zeros((len(block), *power.shape[::-1]))
        for shift in shifts:
            s = angular(np.abs(block + shift))[:, None]
            square += np.abs(linear.transfer(which, s, modes.laplacian)) ** 2
        total = np.einsum("fmi,im->f", square, power)
        scatter = np.einsum("fmi,fmj,ijm->f", square, square, joint)
        unknown = np.full(len(block), np.nan)  # power so small that its square is 0
        found.append(np.divide(total**2, scatter, out=unknown, where=scatter > 0))
    return np.concatenate(found)


def _even(model: Model) -> bool:
    """Tell whether noise is the same at all nodes."""
    noise = [s for p in model.populations for s in p.stimuli if isinstance(s, White)]
    every = list(range(1, model.nodes + 1))
    everywhere = all(not s.node or sorted(s.node) == every for s in noise)
    return everywhere and not any({"asd", "stddev"} & set(s.varying) for s in noise)
