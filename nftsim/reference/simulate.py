"""The loop over steps: couplings, populations, propagators, in this order."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from nftsim.components import couplings
from nftsim.components.base import Setting
from nftsim.components.stimuli import White
from nftsim.model import Connection, Model
from nftsim.reference.couplings import Post, Strength
from nftsim.reference.dendrites import Potential
from nftsim.reference.drive import Source
from nftsim.reference.firing import GlutamateResponse, Response
from nftsim.reference.grid import per_node
from nftsim.reference.propagators import Field
from nftsim.reference.rules import RULES, response_of

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
        Trace name → float64 (step, y, x), the first row at t = Δt; (step,) for a field of which all
        nodes share one value, (step, from, y, x) for one with a value for every pair of nodes.
    """
    run = _Run(model, steps, seed, compat)
    rows = [run.step(n) for n in range(steps)]
    names = [str(t) for t in model.all_traces()]
    return {name: np.array([row[name] for row in rows]) for name in names}


class _Run:
    def __init__(self, model: Model, steps: int, seed: int, compat: bool) -> None:
        self.model, self.compat = model, compat
        # Q_b at every step from 0 on; before that it was constant
        self.rates = [np.zeros((steps + 1, *model.shape)) for _ in model.populations]
        for i, history in enumerate(self.rates):
            history[0] = self._initial_rate(i)
        self.strengths: list[Strength] = [
            RULES["coupling"][type(c.coupling)](c.coupling, self._setting(c.post))
            for c in model.connections
        ]
        self.phi = [self._start_phi(c) for c in model.connections]
        self.delays = [self._delay(c) for c in model.connections]
        sphere = model.topology == "Sphere"
        self.fields: list[Field] = [
            RULES["propagator"][type(c.propagator)](c.propagator, self._setting(c.pre), phi, sphere)
            for c, phi in zip(model.connections, self.phi, strict=True)
        ]
        potentials = [self._start_v(c) for c in model.connections]
        self.dendrites: list[Potential] = [
            RULES["dendrite"][type(c.dendrite)](c.dendrite, self._setting(c.post), v)
            for c, v in zip(model.connections, potentials, strict=True)
        ]
        self.responses: list[Response | None] = [
            response_of(p.firing, self._setting(i)) if p.firing is not None else None
            for i, p in enumerate(model.populations)
        ]
        # what plasticity finds at the first step; under NFTsim's habits nothing
        self.soma = [
            self._sum([potentials[c.index - 1] for c in inputs if not compat])
            for inputs in model.inputs_of
        ]
        self.releases = [self._releases(c) for c in model.connections]
        self.sources: list[list[Source]] = []
        streams = 0
        for i, population in enumerate(model.populations):
            self.sources.append([])
            for s in population.stimuli:
                source = Source(s, model, i, seed=seed, compat=compat, stream=streams)
                self.sources[i].append(source)
                streams += isinstance(s, White)

    # one step ---------------------------------------------------------------------------------

    def step(self, n: int) -> dict[str, Array]:
        """Make step n+1 from step n; return the traces."""
        traces: dict[str, Array] = {}
        connections = self.model.connections
        past = [Post(v, self._glutamate(i)) for i, v in enumerate(self.soma)]
        weighted = [
            strength.step(phi, past[c.post])
            for c, strength, phi in zip(connections, self.strengths, self.phi, strict=True)
        ]
        potentials = [d.step(p) for d, p in zip(self.dendrites, weighted, strict=True)]
        for i, response in enumerate(self.responses):
            inputs = self.model.inputs_of[i]
            if response is None:
                rate = self._sum([source.rate(n) for source in self.sources[i]])
                traces[f"pop.{i + 1}.q"] = self.rates[i][n + 1] = rate
                continue
            self.soma[i] = self._sum([potentials[c.index - 1] for c in inputs])
            released = self._sum(
                [self.releases[c.index - 1] * self.phi[c.index - 1] for c in inputs]
            )
            self.rates[i][n + 1] = response.step(self.soma[i], released)
            own = {"q": self.rates[i][n + 1], "v": self.soma[i], **response.traces()}
            traces |= {f"pop.{i + 1}.{name}": value for name, value in own.items()}
        for j, c in enumerate(connections):
            self.phi[j] = self.fields[j].step(
                *(self._delayed(c, n + 1 - back) for back in range(3))
            )
            traces[f"propagator.{c.index}.phi"] = self.phi[j]
            for kind, item in (("dendrite", self.dendrites[j]), ("coupling", self.strengths[j])):
                traces |= {f"{kind}.{c.index}.{name}": v for name, v in item.traces().items()}
        return traces

    def _delayed(self, c: Connection, n: int) -> Array:
        """Return Q_b at step n, less the delay of each node."""
        y, x = np.indices(self.model.shape)
        return self.rates[c.pre][np.maximum(n - self.delays[c.index - 1], 0), y, x]

    def _glutamate(self, population: int) -> Array:
        response = self.responses[population]
        if isinstance(response, GlutamateResponse):
            return response.glutamate
        return np.zeros(self.model.shape)

    def _sum(self, parts: list[Array]) -> Array:
        return sum(parts, np.zeros(self.model.shape))

    # the start --------------------------------------------------------------------------------

    def _setting(self, population: int) -> Setting:
        model, nx = self.model, self.model.shape[1]
        spacing = model.populations[population].length / nx
        return Setting(model.deltat, spacing, model.nodes, nx, model.time, self.compat)

    def _initial_rate(self, population: int) -> Array:
        """Return Q, or the first mean of a stimulus that has one, or 0."""
        item = self.model.populations[population]
        means = [s.mean for s in item.stimuli if hasattr(s, "mean")]
        return per_node(item.q if item.q is not None else (*means, 0.0)[0], self.model.shape)

    def _delay(self, c: Connection) -> NDArray[np.int64]:
        ratio = per_node(c.propagator.tau, self.model.shape) / self.model.deltat
        return (np.trunc(ratio) if self.compat else np.rint(ratio)).astype(np.int64)

    def _start_phi(self, c: Connection) -> Array:
        propagator, rate = c.propagator, self.rates[c.pre][0]
        if propagator.phi is not None:
            return per_node(propagator.phi, self.model.shape)
        if self.compat:
            return rate.copy()
        # what waves start from is a number that the component declares, as any other
        acting = propagator.on(self.model.nodes)
        start = acting.at_rest(rate.ravel(), self._setting(c.pre))
        return np.reshape(start, self.model.shape).copy()

    def _start_v(self, c: Connection) -> Array:
        if c.dendrite.v is not None:
            return per_node(c.dendrite.v, self.model.shape)
        rate, strength = self.rates[c.pre][0], self.strengths[c.index - 1]
        return strength.first() * rate if self.compat else strength.start(rate)

    def _releases(self, c: Connection) -> NDArray[np.bool_]:
        """Tell at which nodes an input releases glutamate."""
        excites = self.strengths[c.index - 1].excites()
        if not self.compat:
            return excites
        # NFTsim looks at the first number after 'nu:' only, and at none of several of a Map
        several = isinstance(c.coupling, couplings.Map) and np.ndim(c.coupling.nu) > 0
        return np.full(self.model.shape, not several and bool(excites.flat[0]))
