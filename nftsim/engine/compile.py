"""Compiling a model to a plan: which rings of fields there are, and the operations of a step."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from nftsim.components.base import NodeValue
from nftsim.components.stimuli import White
from nftsim.engine.kernels import program
from nftsim.engine.kernels.program import CONSTANTS, STEPS, WIDTH
from nftsim.engine.plan import Drive, Floats, Integers, Plan, Source
from nftsim.model.model import Connection, Model
from nftsim.model.steps import delay_steps, interval_steps, start_steps


def compile_plan(model: Model, *, rng: str = "counter", compat: bool = False) -> Plan:
    """Compile a model.

    Parameters
    ----------
    model
        A checked model.
    rng
        ``counter``: noise is a function of seed, stream, step and node; ``nftsim``: drawn as NFTsim
        draws it.
    compat
        Follow NFTsim's habits: delays truncated to steps, potentials started with the first ν of a
        connection, the spacing of a rectangle taken as Length/√Nodes in noise.
    """
    return _Compiler(model, rng, compat).plan()


@dataclass
class _Compiler:
    model: Model
    rng: str
    compat: bool
    ops: list[list[int]] = field(default_factory=list)
    coefs: list[list[float]] = field(default_factory=list)
    rings: list[list[int]] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    starts: list[NodeValue] = field(default_factory=list)
    params: list[Floats] = field(default_factory=list)
    delays: list[list[int]] = field(default_factory=list)
    drives: list[Drive] = field(default_factory=list)
    waveforms: int = 0

    def plan(self) -> Plan:
        model = self.model
        rates = [
            self._ring(f"pop.{i + 1}.q", self._memory(i), p.initial_rate)
            for i, p in enumerate(model.populations)
        ]
        fields, delayed = self._fields(rates)
        dendrites, potentials = self._populations(rates, fields)
        self._propagators(fields, delayed)
        traces = self._traces(rates, fields, dendrites, potentials)
        return Plan(
            model=model,
            compat=self.compat,
            rng=self.rng,
            ops=np.array(self.ops, dtype=np.int64).reshape(-1, WIDTH),
            coefs=np.array(self.coefs, dtype=float).reshape(-1, CONSTANTS),
            rings=self._laid_out(),
            names=self.names,
            starts=self.starts,
            params=np.array(self.params, dtype=float).reshape(-1, model.nodes),
            delays=np.array(self.delays, dtype=np.int64).reshape(-1, model.nodes),
            drives=self.drives,
            rates=rates,
            potentials=potentials,
            traces=traces,
            start=start_steps(model),
            interval=interval_steps(model),
        )

    # rings --------------------------------------------------------------------------------------

    def _ring(self, name: str, length: int, start: NodeValue) -> int:
        self.names.append(name)
        self.rings.append([0, length])
        self.starts.append(start)
        return len(self.rings) - 1

    def _state(self, name: str, step: str, start: NodeValue) -> list[int]:
        """Make the rings of a step's state: its result, then what else it keeps, at 0."""
        first, *rest = STEPS[step].rings
        rings = [self._ring(name, first, start)]
        return rings + [self._ring(f"{name}.{j}", n, 0.0) for j, n in enumerate(rest, start=1)]

    def _laid_out(self) -> Integers:
        rings = np.array(self.rings, dtype=np.int64).reshape(-1, 2)
        rings[:, 0] = np.cumsum(rings[:, 1]) - rings[:, 1]
        return rings

    def _op(self, kind: int, *args: int, coefs: tuple[float, ...] = ()) -> None:
        self.ops.append([kind, *args] + [0] * (WIDTH - 1 - len(args)))
        self.coefs.append([*coefs] + [0.0] * (CONSTANTS - len(coefs)))

    def _steps(self, tau: float) -> int:
        return delay_steps(tau, self.model.deltat, compat=self.compat)

    def _memory(self, population: int) -> int:
        """Return the length of a population's history: as short as delays allow."""
        needed = 1
        for c in self.model.connections:
            if c.pre == population:
                propagator = c.propagator.on(self.model.nodes)
                # a map is read in the coming step, when the newest rate is being written beside it
                reach = STEPS[propagator.step].reach if propagator.step else 1
                taus = propagator.tau if isinstance(propagator.tau, tuple) else (propagator.tau,)
                needed = max(needed, self._steps(max(taus)) + reach + 1)
        return needed

    # connections --------------------------------------------------------------------------------

    def _fields(self, rates: list[int]) -> tuple[list[Source], list[Source]]:
        """Return, per connection, where φ_ab and where Q_b(t − τ) are to be read."""
        fields, delayed = [], []
        for c in self.model.connections:
            propagator = c.propagator.on(self.model.nodes)
            rate = self.model.populations[c.pre].initial_rate
            source = self._delayed(c, rates[c.pre], rate)
            delayed.append(source)
            start = rate if propagator.phi is None else propagator.phi
            if propagator.step:
                source = Source(self._state(f"propagator.{c.index}.phi", propagator.step, start)[0])
            elif start != rate:
                # an initial field of its own, until the first step replaces it
                source = Source(self._ring(f"propagator.{c.index}.phi", 1, start))
            fields.append(source)
        return fields, delayed

    def _delayed(self, c: Connection, ring: int, rate: float) -> Source:
        tau = c.propagator.tau
        if not isinstance(tau, tuple):
            return Source(ring, self._steps(tau))
        step = c.propagator.on(self.model.nodes).step
        self.delays.append([self._steps(t) for t in tau])
        length = 1 + (STEPS[step].reach if step else 0)
        return Source(self._ring(f"propagator.{c.index}.rate", length, rate))

    def _propagators(self, fields: list[Source], delayed: list[Source]) -> None:
        row = 0
        for c, phi, rate in zip(self.model.connections, fields, delayed, strict=True):
            propagator = c.propagator.on(self.model.nodes)
            if isinstance(c.propagator.tau, tuple):
                # rings of rates were made first, in order of the populations
                self._op(program.GATHER, rate.ring, c.pre, row)
                row += 1
            if propagator.step:
                step = STEPS[propagator.step]
                state = [phi.ring + j for j in range(len(step.rings))]
                args = [*state, *([0] * (2 - len(state))), rate.ring, rate.delay]
                coefs = propagator.coefficients(self.model.setting(c.pre))
                self._op(step.kind, *args, coefs=coefs)
            elif phi != rate:
                self._op(program.COPY, phi.ring, rate.ring, rate.delay)

    # populations --------------------------------------------------------------------------------

    def _populations(self, rates: list[int], fields: list[Source]) -> tuple[list[int], list[int]]:
        """Emit couplings, dendrites and firing responses; return the rings of V_ab and of V_a."""
        dendrites = [-1] * len(self.model.connections)
        potentials = []
        for a, population in enumerate(self.model.populations):
            if population.firing is None:
                self._stimuli(a, rates[a])
                potentials.append(-1)
                continue
            inputs = self.model.inputs_of[a]
            first = [self._potential(c) for c in inputs]
            total = self._ring(f"pop.{a + 1}.v", 1, _sum(first))
            potentials.append(total)
            for before, (c, start) in enumerate(zip(inputs, first, strict=True)):
                v = self._dendrite(c, fields[c.index - 1], start, total, before)
                dendrites[c.index - 1] = v
            step = STEPS[population.firing.step]
            self._op(step.kind, rates[a], total, coefs=population.firing.coefficients())
        return dendrites, potentials

    def _potential(self, c: Connection) -> NodeValue:
        """Return V_ab at the start: ν_ab Q_b, unless it is given."""
        if c.dendrite.v is not None:
            return c.dendrite.v
        rate = self.model.populations[c.pre].initial_rate
        nu: NodeValue = getattr(c.coupling, "nu", 0.0)
        if isinstance(nu, tuple):
            # NFTsim gives every node the first number after 'nu:'
            return nu[0] * rate if self.compat else tuple(n * rate for n in nu)
        return nu * rate

    def _dendrite(
        self, c: Connection, phi: Source, start: NodeValue, total: int, before: int
    ) -> int:
        """Emit coupling and dendrite of a connection, `before` others having been summed."""
        nu: NodeValue = getattr(c.coupling, "nu", 0.0)
        row = -1
        if isinstance(nu, tuple):
            self.params.append(np.array(nu))
            row, nu = len(self.params) - 1, 0.0
        state = self._state(f"dendrite.{c.index}.v", c.dendrite.step, start)
        coefs = (*c.dendrite.coefficients(self.model.setting(c.post)), nu)
        args = [*state, phi.ring, phi.delay, total, min(before, 1), row]
        self._op(STEPS[c.dendrite.step].kind, *args, coefs=coefs)
        return state[0]

    # stimuli ------------------------------------------------------------------------------------

    def _stimuli(self, population: int, rate: int) -> None:
        self._op(program.CLEAR, rate)
        for j, stimulus in enumerate(self.model.populations[population].stimuli, start=1):
            mask = self._mask(stimulus.node)
            place = f"population.{population + 1}.stimulus.{j}"
            waveform = self._waveform()
            self._op(program.ADD, rate, waveform, mask)
            if not isinstance(stimulus, White):
                self.drives.append(Drive(stimulus, place, waveform))
                continue
            setting = self.model.setting(population)
            sigma = stimulus.deviation(setting)
            if self.compat and stimulus.stddev is None and setting.nodes > 1:
                # NFTsim takes a rectangle's spacing as Length/√Nodes
                sigma *= setting.spacing / (
                    self.model.populations[population].length / np.sqrt(setting.nodes)
                )
            stream = len([d for d in self.drives if d.window >= 0])
            drive = Drive(stimulus, place, waveform, self._waveform(), float(sigma))
            self.drives.append(drive)
            z = self._ring(f"noise.{stream + 1}", 2, 0.0)
            self._op(program.DRAW if self.rng == "counter" else program.TAKE, z, stream)
            self._op(program.ADD_NOISE, rate, z, drive.window, mask, coefs=(drive.sigma,))

    def _waveform(self) -> int:
        self.waveforms += 1
        return self.waveforms - 1

    def _mask(self, nodes: tuple[int, ...]) -> int:
        """Return the row of a mask that is 1 on these nodes (from 1); −1 for all of them."""
        if not nodes:
            return -1
        mask = np.zeros(self.model.nodes)
        np.add.at(mask, np.array(nodes) - 1, 1.0)  # a node listed twice is driven twice
        self.params.append(mask)
        return len(self.params) - 1

    # output -------------------------------------------------------------------------------------

    def _traces(
        self,
        rates: list[int],
        fields: list[Source],
        dendrites: list[int],
        potentials: list[int],
    ) -> Integers:
        found = []
        for trace in self.model.output.traces:
            at = trace.index - 1
            if trace.kind == "pop":
                source = Source(rates[at] if trace.quantity == "q" else potentials[at])
            elif trace.kind == "propagator":
                source = fields[at]
            elif trace.kind == "dendrite":
                source = Source(dendrites[at])
            else:
                nu: NodeValue = getattr(self.model.connections[at].coupling, trace.quantity)
                source = Source(self._ring(str(trace), 1, nu))
            found.append([source.ring, source.delay])
        return np.array(found, dtype=np.int64).reshape(-1, 2)


def _sum(values: list[NodeValue]) -> NodeValue:
    """Return Σ V_ab, per node if any of them varies."""
    total = np.sum(np.broadcast_arrays(*[np.asarray(v) for v in values]), axis=0)
    return tuple(total.tolist()) if total.ndim else float(total)
