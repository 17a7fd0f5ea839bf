"""The power that a model's noise puts into each spatial mode."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from nftsim.components.stimuli import Stimulus, White
from nftsim.errors import NftsimError
from nftsim.model import Model
from nftsim.theory.equations import Array


def inputs(model: Model) -> list[int]:
    """Return the indices (from 0) of the populations with stimuli, in file order."""
    return [i for i, p in enumerate(model.populations) if not p.neural]


def noise_density(model: Model, *, compat: bool = False) -> Array:
    """Return the one-sided density of every input in every mode.

    Parameters
    ----------
    model
        Any model on a torus.
    compat
        With NFTsim's habits, which take a rectangle's spacing as Length/√Nodes.

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
                sigma = _pattern(model, stimulus, index, compat=compat)
                if stimulus.coherent:
                    modes = np.abs(np.fft.fft2(sigma) / model.nodes) ** 2
                else:
                    modes = np.full(model.shape, np.mean(sigma**2) / model.nodes)
                density[i] += 2 * model.deltat * modes
    if not density.any():
        raise NftsimError(
            f"{model.name}: no stimulus is noise, and only noise has a power spectrum in the "
            "linear theory; use a White stimulus with ASD or StdDev > 0, take the spectrum of a "
            "simulation, or ask for what stimuli evoke (nftsim respond)"
        )
    return density


def noise_power(model: Model) -> Array:
    """Return the one-sided density at a node of every input, mean over the sheet, shape (I,)."""
    return np.asarray(noise_density(model).sum(axis=(1, 2)))


def _pattern(model: Model, stimulus: White, index: int, *, compat: bool) -> Array:
    """Return σ of every node [s⁻¹], 0 where the stimulus does not act, shape (ny, nx)."""
    setting, sheet = model.setting(index, compat=compat), False
    if compat:
        spacing = model.populations[index].length / np.sqrt(model.nodes)
        setting, sheet = replace(setting, spacing=spacing), stimulus.coherent
    sigma = stimulus.deviation(setting, sheet=sheet)
    return acting(model, stimulus) * (sigma.reshape(model.shape) if sigma.ndim else sigma)


def acting(model: Model, stimulus: Stimulus) -> Array:
    """Return how often a stimulus acts on each node: as often as it is listed, shape (ny, nx)."""
    times = np.zeros(model.nodes)
    np.add.at(times, np.array(stimulus.node, dtype=np.intp) - 1, 1.0)
    return (times if stimulus.node else times + 1).reshape(model.shape)
