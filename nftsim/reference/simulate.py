"""The loop over steps: couplings, populations, propagators, in this order."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nftsim.components.stimuli import PulseSigmoid, Stimulus, White
from nftsim.model import Connection, Model
from nftsim.reference.noise import Mersenne, deviates
from nftsim.reference.rules import RULES, per_node

Array = NDArray[np.float64]


def simulate(model: Model, steps: int, *, seed: int = 1, compat: bool = False) -> dict[str, Array]:
    """Return every trace of a model at every step.

    Parameters
    ----------
    model
        A checked model; its output section does not matter.
    steps
        Steps to make.
    seed
        Seed of counter-based noise.
    compat
        Follow NFTsim's habits, and draw noise as it does.

    Returns
    -------
    dict
        Trace name → float64 (step, y, x); the first row is t = Δt.
    """
    return _Run(model, steps, seed, compat).run()


class _Run:
    def __init__(self, model: Model, steps: int, seed: int, compat: bool) -> None:
        self.model, self.steps, self.seed, self.compat = model, steps, seed, compat
        # Q_b at every step from 0 on; before that it was constant
        self.rates = [np.zeros((steps + 1, *model.shape)) for _ in model.populations]
        for history, population in zip(self.rates, model.populations, strict=True):
            history[0] = population.initial_rate
        self.nu = [
            _rule("coupling", c.coupling)(c.coupling, model.shape) for c in model.connections
        ]
        self.phi = [self._start_phi(c) for c in model.connections]
        self.delays = [self._delay(c) for c in model.connections]
        self.fields = [
            _rule("propagator", c.propagator)(c.propagator, model.setting(c.pre), phi)
            for c, phi in zip(model.connections, self.phi, strict=True)
        ]
        self.dendrites = [
            _rule("dendrite", c.dendrite)(c.dendrite, model.setting(c.post), self._start_v(c))
            for c in model.connections
        ]
        self.inputs = [
            [_Input(s, self, i) for s in p.stimuli] for i, p in enumerate(model.populations)
        ]
        self.generators = 0
        for source in (s for sources in self.inputs for s in sources):
            if isinstance(source.stimulus, White):
                source.number(self.generators)
                self.generators += 1

    def run(self) -> dict[str, Array]:
        """Make all steps."""
        names = [str(t) for t in self.model.all_traces()]
        traces = {name: np.empty((self.steps, *self.model.shape)) for name in names}
        for n in range(self.steps):
            for name, value in self._step(n).items():
                traces[name][n] = value
        return traces

    def _step(self, n: int) -> dict[str, Array]:
        """Make step n+1 from step n; return the traces."""
        traces = {}
        weighted = [nu * phi for nu, phi in zip(self.nu, self.phi, strict=True)]
        potentials = [d.step(p) for d, p in zip(self.dendrites, weighted, strict=True)]
        for i, population in enumerate(self.model.populations):
            if population.firing is None:
                self.rates[i][n + 1] = sum(source.rate(n) for source in self.inputs[i])
            else:
                soma = sum(potentials[c.index - 1] for c in self.model.inputs_of[i])
                self.rates[i][n + 1] = _rule("firing", population.firing)(population.firing, soma)
                traces[f"pop.{i + 1}.v"] = soma
            traces[f"pop.{i + 1}.q"] = self.rates[i][n + 1]
        for j, c in enumerate(self.model.connections):
            past = [self._delayed(c, n + 1 - back) for back in range(3)]
            self.phi[j] = self.fields[j].step(*past)
            traces[f"propagator.{c.index}.phi"] = self.phi[j]
            traces[f"dendrite.{c.index}.v"] = potentials[j]
            traces[f"coupling.{c.index}.nu"] = self.nu[j]
        return traces

    def _delayed(self, c: Connection, n: int) -> Array:
        """Return Q_b at step n, less the delay of each node."""
        y, x = np.indices(self.model.shape)
        return self.rates[c.pre][np.maximum(n - self.delays[c.index - 1], 0), y, x]

    def _delay(self, c: Connection) -> NDArray[np.int64]:
        ratio = per_node(c.propagator.tau, self.model.shape) / self.model.deltat
        return (np.trunc(ratio) if self.compat else np.rint(ratio)).astype(np.int64)

    def _start_phi(self, c: Connection) -> Array:
        given = c.propagator.phi
        rate = self.model.populations[c.pre].initial_rate
        return per_node(rate if given is None else given, self.model.shape)

    def _start_v(self, c: Connection) -> Array:
        if c.dendrite.v is not None:
            return per_node(c.dendrite.v, self.model.shape)
        nu = self.nu[c.index - 1]
        if self.compat:
            nu = per_node(float(nu.flat[0]), self.model.shape)  # the first number after 'nu:'
        return nu * self.model.populations[c.pre].initial_rate


class _Input:
    """A stimulus at work: its clock, where it acts, its noise."""

    def __init__(self, stimulus: Stimulus, run: _Run, population: int) -> None:
        self.stimulus, self.run = stimulus, run
        moved = isinstance(stimulus, PulseSigmoid)  # its clock runs from 0, so its window moves
        self.t = 0.0 if moved else -stimulus.onset
        self.end = stimulus.duration + (stimulus.onset if moved else 0.0)
        nodes = np.arange(1, run.model.nodes + 1)
        times = [np.sum(node == np.array(stimulus.node)) for node in nodes]
        self.where = per_node(
            1.0 if not stimulus.node else tuple(map(float, times)), run.model.shape
        )
        self.sigma = self._sigma(population) if isinstance(stimulus, White) else 0.0

    def _sigma(self, population: int) -> float:
        item: Any = self.stimulus
        if item.stddev is not None:
            return float(item.stddev)
        model = self.run.model
        if model.nodes == 1:
            return float(math.sqrt(2 * math.pi / model.deltat) * item.asd)
        length, nx = model.populations[population].length, model.shape[1]
        dx = length / (math.sqrt(model.nodes) if self.run.compat else nx)
        return float(math.sqrt((2 * math.pi) ** 3 * item.asd**2 / (model.deltat * dx**2)))

    def number(self, stream: int) -> None:
        """Take a place among the generators of noise, from 0."""
        self.stream = stream
        given = getattr(self.stimulus, "ranseed", None)
        self.generator = Mersenne(stream + 1 if given is None else given)

    def rate(self, n: int) -> Array:
        """Return the rate at step n+1."""
        model = self.run.model
        self.t += model.deltat
        if not 0 <= self.t < self.end:
            return np.zeros(model.shape)
        waveform = _rule("stimulus", self.stimulus)(self.stimulus, self.t, model.deltat)
        return self.where * (waveform + self.sigma * self._noise(n))

    def _noise(self, n: int) -> Array:
        if not isinstance(self.stimulus, White):
            return np.zeros(self.run.model.shape)
        nodes = self.run.model.nodes
        if self.run.compat:
            z = np.array([self.generator.normal() for _ in range(nodes)])
        else:
            z = deviates(self.run.seed, self.stream, n, nodes)
        return z.reshape(self.run.model.shape)


def _rule(role: str, item: Any) -> Any:
    return RULES[role][type(item)]
