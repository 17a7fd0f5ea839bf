"""Compiling propagators: the rings of fields, and the operations that make them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nftsim.components.base import Setting, array
from nftsim.components.propagators import Propagator, Wave
from nftsim.engine.assembly import Assembly
from nftsim.engine.kernels import kinds
from nftsim.engine.kernels.kinds import STEPS
from nftsim.engine.merge import Axon
from nftsim.engine.plan import Source
from nftsim.model.model import Connection, Model
from nftsim.model.steps import delay_steps


@dataclass
class Fields:
    """The fields φ_ab of a model.

    Attributes
    ----------
    made
        What is added to.
    classes, axons
        What is merged (see `nftsim.engine.merge`).
    compat
        Follow NFTsim's habits.
    sources
        Where each quantity is to be read; fields are added.
    """

    made: Assembly
    model: Model
    classes: list[int]
    axons: list[Axon]
    compat: bool
    sources: dict[tuple[str, int, str], Source]

    def _setting(self, population: int) -> Setting:
        return self.model.setting(population, compat=self.compat)

    def _steps(self, tau: float) -> int:
        return delay_steps(tau, self.model.deltat, compat=self.compat)

    def _makes_field(self, c: Connection) -> bool:
        """Whether a connection's propagator makes a field of its own."""
        return self.axons[c.index - 1].leader == c.index

    def _reach(self, propagator: Propagator) -> int:
        # a map is read in the coming step, when the newest rate is being written beside it
        return STEPS[propagator.step].reach if propagator.step else 1

    def memory(self, population: int) -> int:
        """Return the length of a population's history: as short as delays allow."""
        needed = 1
        for c, axon in zip(self.model.connections, self.axons, strict=True):
            propagator = c.propagator.on(self.model.nodes)
            if self.classes[c.pre] == population and (self._makes_field(c) or not propagator.step):
                late = 0 if axon.on_field else self._steps(np.max(propagator.tau))
                needed = max(needed, late + self._reach(propagator) + 1)
        return needed

    def make(self, rates: dict[int, int]) -> tuple[dict[int, Source], dict[int, Source]]:
        """Return where φ_ab of each connection, and Q_b(t − τ) of those that make one, are read."""
        fields: dict[int, Source] = {}
        delayed: dict[int, Source] = {}
        states: dict[int, dict[str, int]] = {}
        for c, axon in zip(self.model.connections, self.axons, strict=True):
            pre = rates[self.classes[c.pre]]
            if self._makes_field(c):
                delayed[c.index] = Source(pre) if axon.on_field else self._delayed(c, pre)
                states[c.index] = self._field_state(c)
            late = self._steps(c.propagator.tau) if axon.on_field else 0  # type: ignore[arg-type]
            for name, ring in states[axon.leader].items():
                self.sources["propagator", c.index, name] = Source(ring, late)
            own = ("propagator", c.index, "phi")
            fields[c.index] = self.sources.setdefault(own, delayed[axon.leader])
        return fields, delayed

    def _field_state(self, c: Connection) -> dict[str, int]:
        """Make the rings of a propagator; none where its field is the delayed rate itself."""
        propagator = c.propagator.on(self.model.nodes)
        # what is read at several delays is kept without any
        late = self.axons[c.index - 1].on_field
        owner = f"{'axon' if late else 'propagator'}.{c.index}"
        rate = self.model.populations[c.pre].initial_rate
        start = array(rate if propagator.phi is None else propagator.phi)
        if propagator.step:
            if propagator.phi is None and not self.compat:
                start = propagator.at_rest(start, self._setting(c.pre))
            starts = {"phi": start, "input": start}
            return self.made.state(owner, propagator.step, starts, self._oldest(c) + 2)
        if propagator.phi is not None and propagator.phi != rate:
            # an initial field of its own, until the first step replaces it; two steps are kept of
            # whatever other nodes may read
            return {"phi": self.made.ring(f"{owner}.phi", start, 2)}
        return {}

    def _oldest(self, leader: Connection) -> int:
        """Return the longest delay, in steps, with which a field is read."""
        late = [
            self._steps(np.max(c.propagator.tau))
            for c, axon in zip(self.model.connections, self.axons, strict=True)
            if axon.leader == leader.index and axon.on_field
        ]
        return max(late, default=0)

    def _delayed(self, c: Connection, ring: int) -> Source:
        tau = c.propagator.tau
        if not isinstance(tau, tuple):
            return Source(ring, self._steps(tau))
        self.made.delays.append([self._steps(t) for t in tau])
        length = 1 + self._reach(c.propagator.on(self.model.nodes))
        rate = array(self.model.populations[c.pre].initial_rate)
        return Source(self.made.ring(f"propagator.{c.index}.rate", rate, length))

    def advance(self, fields: dict[int, Source], delayed: dict[int, Source]) -> None:
        """Emit what makes the fields of the next step from its rates."""
        row = 0
        for index, rate in delayed.items():
            c, phi = self.model.connection(index), fields[index]
            propagator = c.propagator.on(self.model.nodes)
            if isinstance(c.propagator.tau, tuple):
                source = self.sources["pop", c.pre + 1, "q"].ring
                self.made.op(kinds.GATHER, rate.ring, source, row)
                row += 1
            if propagator.step:
                step = STEPS[propagator.step]
                coefs = propagator.coefficients(self._setting(c.pre))
                if isinstance(propagator, Wave):
                    coefs = (*coefs, array(propagator.diagonal))
                rings = [phi.ring + j if j < len(step.rings) else 0 for j in range(3)]
                self.made.op(step.kind, *rings, rate.ring, rate.delay, coefs=coefs)
            elif phi != rate:
                self.made.op(kinds.COPY, phi.ring, rate.ring, rate.delay)
