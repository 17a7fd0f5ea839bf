"""Stimuli at work: their clocks, where they act, and their noise."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from nftsim.components.stimuli import PAS, PulseSigmoid, Stimulus, White, WhiteCoherent
from nftsim.model import Model
from nftsim.reference.grid import Array, per_node
from nftsim.reference.noise import Mersenne, deviates
from nftsim.reference.rules import RULES


class Source:
    """A stimulus of a population.

    Parameters
    ----------
    stimulus
        Its declaration.
    model, population
        The model, and the population (from 0) that it drives.
    seed, compat
        As in `simulate`.
    stream
        Its number among the model's stimuli that draw noise, from 0, in file order.
    """

    def __init__(
        self,
        stimulus: Stimulus,
        model: Model,
        population: int,
        *,
        seed: int,
        compat: bool,
        stream: int,
    ) -> None:
        self.stimulus, self.model, self.seed, self.compat = stimulus, model, seed, compat
        self.stream = stream
        self.t, self.end = _clock(stimulus)
        times = [stimulus.node.count(node) for node in range(1, model.nodes + 1)]
        self.where = per_node(tuple(map(float, times)) if stimulus.node else 1.0, model.shape)
        if isinstance(stimulus, White):
            self.sigma = self._sigma(stimulus, population)
            own = stimulus.ranseed
            self.generator = Mersenne(stream + 1 if own is None else own)

    def _sigma(self, item: White, population: int) -> Array:
        """Return the standard deviation at each node."""
        model = self.model
        if item.stddev is not None:
            return per_node(item.stddev, model.shape)
        assert item.asd is not None
        asd = per_node(item.asd, model.shape)
        # NFTsim gives coherent noise the strength of a sheet even where there is only one node
        if model.nodes == 1 and not (self.compat and isinstance(item, WhiteCoherent)):
            return np.asarray(np.sqrt(2 * math.pi * asd**2 / model.deltat))
        length, nx = model.populations[population].length, model.shape[1]
        dx = length / (math.sqrt(model.nodes) if self.compat else nx)
        return np.asarray(np.sqrt((2 * math.pi) ** 3 * asd**2 / (model.deltat * dx**2)))

    def rate(self, n: int) -> Array:
        """Return the rate at step n+1."""
        model, item = self.model, self.stimulus
        self.t += model.deltat
        if not 0 <= self.t < self.end:
            return np.zeros(model.shape)
        rule: Any = RULES["stimulus"][type(item)]
        level = rule(item, self.t, model.deltat, model.shape)
        if isinstance(item, White):
            level = level + self.sigma * self._noise(n)
        return np.asarray(self.where * level)

    def _noise(self, n: int) -> Array:
        """Return one deviate for each node, or the same for all."""
        # the one of coherent noise is that of the first node
        count = 1 if isinstance(self.stimulus, WhiteCoherent) else self.model.nodes
        if self.compat:
            z = np.array([self.generator.normal() for _ in range(count)])
        else:
            z = deviates(self.seed, self.stream, n, count)
        return per_node(tuple(z) if count > 1 else float(z[0]), self.model.shape)


def _clock(stimulus: Stimulus) -> tuple[float, float]:
    """Return the reading of the stimulus's clock at t = 0, and when it ends by it."""
    if isinstance(stimulus, PulseSigmoid):  # its clock runs from 0, so its window moves
        return 0.0, stimulus.duration + stimulus.onset
    early = -stimulus.isi if isinstance(stimulus, PAS) and stimulus.isi < 0 else 0.0
    return -stimulus.onset + early, stimulus.duration
