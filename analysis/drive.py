"""What drives a run: noise, which spectra are of, and what is no steady noise."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from nftsim.components.base import array
from nftsim.components.stimuli import PulseSine, PulseTrain, Steady, Stimulus, White
from nftsim.model import Model


def stimuli(model: Model) -> Iterator[tuple[int, Stimulus]]:
    """Yield the number of its population, from 1, and each stimulus of a model."""
    for number, population in enumerate(model.populations, 1):
        for stimulus in population.stimuli:
            yield number, stimulus


def noisy(model: Model) -> bool:
    """Tell whether any stimulus is noise; else equal runs are equal, and chance has no part."""
    return any(_strength(s) > 0 for _, s in stimuli(model) if isinstance(s, White))


def _strength(noise: White) -> float:
    given = [value for value in (noise.asd, noise.stddev) if value is not None]
    return float(max(np.max(array(value)) for value in given))


def events(model: Model, start: float, stop: float) -> list[str]:
    """Return what acts from `start` to `stop` [s] besides steady means and noise.

    Linear theory of spectra knows nothing of it.

    Returns
    -------
    list of str
        Such as ``PulseRect of population 2``, each once.
    """
    found = [
        f"{stimulus.keyword} of population {number}"
        for number, stimulus in stimuli(model)
        if _acts(stimulus, start, stop) and not _steady(stimulus, start, stop)
    ]
    return list(dict.fromkeys(found))


def _acts(stimulus: Stimulus, start: float, stop: float) -> bool:
    """Tell whether a stimulus acts at any time from `start` to `stop`."""
    if isinstance(stimulus, PulseTrain | PulseSine):
        return any(begun + stimulus.width > start for begun in stimulus.onsets(stop))
    return stimulus.onset < stop and stimulus.onset + stimulus.duration > start


def _steady(stimulus: Stimulus, start: float, stop: float) -> bool:
    """Tell whether a stimulus has a mean, and acts all the time from `start` to `stop`."""
    lasts = stimulus.onset <= max(start, 0.0) and stimulus.onset + stimulus.duration >= stop
    return isinstance(stimulus, Steady) and lasts
