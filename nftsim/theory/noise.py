"""The power that a model's noise puts into each spatial mode."""

from __future__ import annotations

import numpy as np

from nftsim.components.stimuli import White
from nftsim.errors import NftsimError
from nftsim.model import Model
from nftsim.theory.equations import Array


def inputs(model: Model) -> list[int]:
    """Return the indices (from 0) of the populations with stimuli, in file order."""
    return [i for i, p in enumerate(model.populations) if not p.neural]


def noise_density(model: Model) -> Array:
    """Return the one-sided density of every input in every mode.

    Returns
    -------
    ndarray
        Shape (I, ny, nx) [s⁻² Hz⁻¹], modes in the order of `numpy.fft`; the sum over the modes is
        the density at a node, averaged over the sheet.

    Raises
    ------
    NftsimError
        If no input has noise.

    Notes
    -----
    A value of variance σ² that is redrawn every Δt has the one-sided density 2σ²Δt. Independent
    values at N nodes spread it evenly over the modes, 2σ²Δt/N each; with σ different from node to
    node, or 0 at some, the mean of σ² counts. One value ξ for all nodes drives mode k with
    2Δt |σ_k|², where σ_k = Σ_j σ_j e^{−ik·r_j}/N: with a uniform σ the mode k = 0 alone. As every
    mode of a uniform model answers by itself, sums over modes are exact for the mean over the
    sheet, whatever the pattern.
    """
    which = inputs(model)
    density = np.zeros((len(which), *model.shape))
    for i, index in enumerate(which):
        for stimulus in model.populations[index].stimuli:
            if isinstance(stimulus, White):
                sigma = _pattern(model, stimulus, index)
                if stimulus.coherent:
                    modes = np.abs(np.fft.fft2(sigma) / model.nodes) ** 2
                else:
                    modes = np.full(model.shape, np.mean(sigma**2) / model.nodes)
                density[i] += 2 * model.deltat * modes
    if not density.any():
        raise NftsimError(
            f"{model.name}: no stimulus is noise, and only noise has a power spectrum in the "
            "linear theory; use a White stimulus with ASD or StdDev > 0, or take the spectrum of a "
            "simulation"
        )
    return density


def noise_power(model: Model) -> Array:
    """Return the one-sided density at a node of every input, mean over the sheet, shape (I,)."""
    return np.asarray(noise_density(model).sum(axis=(1, 2)))


def _pattern(model: Model, stimulus: White, index: int) -> Array:
    """Return σ of every node [s⁻¹], 0 where the stimulus does not act, shape (ny, nx)."""
    sigma = np.broadcast_to(stimulus.deviation(model.setting(index)), model.nodes).copy()
    if stimulus.node:
        outside = np.ones(model.nodes, dtype=bool)
        outside[np.array(stimulus.node) - 1] = False
        sigma[outside] = 0.0
    return sigma.reshape(model.shape)
