"""Compiling a model to a plan: which rings of fields there are, and the operations of a step."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import ArrayLike

from nftsim.components.base import Array, NodeValue, Setting, array
from nftsim.components.firing import Firing, GlutamateResponse
from nftsim.components.propagators import Wave
from nftsim.components.stimuli import White
from nftsim.engine.assembly import Assembly
from nftsim.engine.kernels import kinds
from nftsim.engine.kernels.kinds import STEPS
from nftsim.engine.plan import Drive, Integers, Plan, Source
from nftsim.model.model import Connection, Model, Trace
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
        connection, plasticity that sees V = 0 first, the spacing of a rectangle taken as
        Length/√Nodes in noise.
    """
    return _Compiler(model, rng, compat).plan()


@dataclass
class _Compiler:
    model: Model
    rng: str
    compat: bool
    made: Assembly = field(init=False)
    drives: list[Drive] = field(default_factory=list)
    #: Trace → where it is to be read.
    sources: dict[tuple[str, int, str], Source] = field(default_factory=dict)
    #: Of each population, the ring of V_a and of glutamate.
    somas: dict[int, int] = field(default_factory=dict)
    glutamate: dict[int, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.made = Assembly(self.model.nodes)

    def plan(self) -> Plan:
        model = self.model
        rates = [
            self.made.ring(f"pop.{i + 1}.q", array(p.initial_rate), self._memory(i))
            for i, p in enumerate(model.populations)
        ]
        fields, delayed = self._fields(rates)
        for a, population in enumerate(model.populations):
            self.sources["pop", a + 1, "q"] = Source(rates[a])
            if population.firing is None:
                self._stimuli(a, rates[a])
            else:
                self._population(a, population.firing, rates[a], fields)
        self._propagators(fields, delayed)
        traces, columns = self._traces()
        ops, coefs, rings, params, delays = self.made.arrays()
        return Plan(
            model=model,
            compat=self.compat,
            rng=self.rng,
            ops=ops,
            coefs=coefs,
            rings=rings,
            sizes=self.made.sizes,
            names=self.made.names,
            starts=self.made.starts,
            constants=frozenset(self.made.constants),
            params=params,
            delays=delays,
            drives=self.drives,
            timed=self.made.timed,
            waveforms=self.made.waveforms,
            tables=self.made.tables,
            rates=rates,
            potentials=[self.somas.get(a, -1) for a in range(len(model.populations))],
            traces=traces,
            columns=columns,
            start=start_steps(model),
            interval=interval_steps(model),
        )

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
                needed = max(needed, self._steps(np.max(propagator.tau)) + reach + 1)
        return needed

    # propagators --------------------------------------------------------------------------------

    def _fields(self, rates: list[int]) -> tuple[list[Source], list[Source]]:
        """Return, per connection, where φ_ab and where Q_b(t − τ) are to be read."""
        fields, delayed = [], []
        for c in self.model.connections:
            propagator, owner = c.propagator.on(self.model.nodes), f"propagator.{c.index}"
            rate = self.model.populations[c.pre].initial_rate
            source = self._delayed(c, rates[c.pre], rate)
            delayed.append(source)
            start = array(rate if propagator.phi is None else propagator.phi)
            if propagator.step:
                state = self.made.state(owner, propagator.step, {"phi": start, "input": start})
                source = Source(state["phi"])
            elif propagator.phi is not None and propagator.phi != rate:
                # an initial field of its own, until the first step replaces it; two steps are kept
                # of whatever other nodes may read
                source = Source(self.made.ring(f"{owner}.phi", start, 2))
            fields.append(source)
            self.sources["propagator", c.index, "phi"] = source
        return fields, delayed

    def _delayed(self, c: Connection, ring: int, rate: NodeValue) -> Source:
        tau = c.propagator.tau
        if not isinstance(tau, tuple):
            return Source(ring, self._steps(tau))
        step = c.propagator.on(self.model.nodes).step
        self.made.delays.append([self._steps(t) for t in tau])
        length = 1 + (STEPS[step].reach if step else 1)
        return Source(self.made.ring(f"propagator.{c.index}.rate", array(rate), length))

    def _propagators(self, fields: list[Source], delayed: list[Source]) -> None:
        row = 0
        for c, phi, rate in zip(self.model.connections, fields, delayed, strict=True):
            propagator = c.propagator.on(self.model.nodes)
            if isinstance(c.propagator.tau, tuple):
                # rings of rates were made first, in order of the populations
                self.made.op(kinds.GATHER, rate.ring, c.pre, row)
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

    # populations --------------------------------------------------------------------------------

    def _population(self, a: int, firing: Firing, rate: int, fields: list[Source]) -> None:
        """Emit couplings, dendrites and the firing response of a population."""
        inputs = self.model.inputs_of[a]
        first = [self._potential(c) for c in inputs]
        total: Array = np.asarray(sum(first))
        if self.compat and any(c.coupling.glutamate for c in inputs):
            # only plasticity reads V before it is summed anew, and NFTsim's sees 0 there
            total = np.zeros(())
        self.somas[a] = soma = self.made.ring(f"pop.{a + 1}.v", total)
        self.sources["pop", a + 1, "v"] = Source(soma)
        owner = f"pop.{a + 1}"
        if isinstance(firing, GlutamateResponse):
            state = self.made.state(owner, firing.step, firing.initial(self._setting(a)))
            self.glutamate[a] = state["glu"]
            self.sources["pop", a + 1, "glu"] = Source(state["glu"])
        # all couplings before the first dendrite, which begins V anew
        weighted = [self._coupling(c, fields[c.index - 1]) for c in inputs]
        for before, (c, start) in enumerate(zip(inputs, first, strict=True)):
            self._dendrite(c, *weighted[before], start, soma, before)
        self._fire(owner, a, firing, rate, soma)
        if isinstance(firing, GlutamateResponse):
            self._release(owner, a, firing, fields)

    def _potential(self, c: Connection) -> Array:
        """Return V_ab at the start, one number or per node: ν_ab Q_b, unless it is given."""
        if c.dendrite.v is not None:
            return array(c.dendrite.v)
        rate = array(self.model.populations[c.pre].initial_rate)
        return c.coupling.potential(rate, self._setting(c.post), compat=self.compat)

    def _setting(self, population: int) -> Setting:
        return self.model.setting(population, compat=self.compat)

    def _coupling(self, c: Connection, phi: Source) -> tuple[Source, ArrayLike]:
        """Emit a coupling; return the field that its dendrite takes, and ν to multiply it by."""
        coupling, owner, setting = c.coupling, f"coupling.{c.index}", self._setting(c.post)
        if not coupling.step:
            return phi, array(coupling.start(setting))
        p = self.made.ring(f"{owner}.p", 0.0)
        state = self.made.state(owner, coupling.step, coupling.initial(setting))
        for name, ring in state.items():
            self.sources["coupling", c.index, name] = Source(ring)
        args = [p, phi.ring, phi.delay, state["nu"]]
        coefs: tuple[Array, ...] = ()
        if coupling.glutamate:
            args += [self.somas[c.post], self.glutamate[c.post]]
            coefs = coupling.coefficients(setting)
        elif coupling.step == "timed strength":
            args.append(self.made.timeline(coupling, setting))
        else:
            self.made.constants.add(f"{owner}.nu")
        self.made.op(STEPS[coupling.step].kind, *args, coefs=coefs)
        return Source(p), 1.0

    def _dendrite(
        self, c: Connection, phi: Source, nu: ArrayLike, start: Array, total: int, before: int
    ) -> None:
        """Emit the dendrite of a connection, `before` others having been summed."""
        dendrite, setting = c.dendrite, self._setting(c.post)
        starts = {"v": start, "input": start, **dendrite.initial(setting)}
        state = self.made.state(f"dendrite.{c.index}", dendrite.step, starts)
        v, w, *third = state.values()
        args = [v, w, phi.ring, phi.delay, total, min(before, 1), *(third or [0])]
        coefs: tuple[ArrayLike, ...] = (nu,)
        if dendrite.step == "dendrite timed":
            args.append(self.made.timeline(dendrite, setting))
        else:
            coefs = (*dendrite.coefficients(setting), nu)
        self.made.op(STEPS[dendrite.step].kind, *args, coefs=coefs)
        for name, ring in state.items():
            self.sources["dendrite", c.index, name] = Source(ring)

    def _fire(self, owner: str, a: int, firing: Firing, rate: int, soma: int) -> None:
        function = firing.function if isinstance(firing, GlutamateResponse) else firing
        setting = self._setting(a)
        args = [rate, soma]
        if function.memory:
            state = self.made.state(owner, function.step, function.initial(setting))
            for name, ring in state.items():
                self.sources["pop", a + 1, name] = Source(ring)
            args += [next(iter(state.values())), self.made.timeline(function, setting)]
        coefs = function.coefficients(setting)
        self.made.op(STEPS[function.step].kind, *args, coefs=coefs)

    def _release(self, owner: str, a: int, firing: GlutamateResponse, fields: list[Source]) -> None:
        """Emit the sum of excitatory fields and the glutamate that they release."""
        total = self.made.ring(f"{owner}.excitation", 0.0)
        before = 0
        for c in self.model.inputs_of[a]:
            share = c.coupling.excitatory(compat=self.compat)
            if not np.any(share):
                continue
            phi = fields[c.index - 1]
            mask = self.made.row(share) if share.ndim else -1
            self.made.op(kinds.ACCUMULATE, total, phi.ring, phi.delay, min(before, 1), mask)
            before += 1
        coefs = firing.coefficients(self._setting(a))
        self.made.op(STEPS[firing.step].kind, self.glutamate[a], total, coefs=coefs)

    # stimuli ------------------------------------------------------------------------------------

    def _stimuli(self, population: int, rate: int) -> None:
        self.made.op(kinds.CLEAR, rate)
        for j, stimulus in enumerate(self.model.populations[population].stimuli, start=1):
            acts = self._acts(stimulus.node)
            mask = -1 if acts.ndim == 0 else self.made.row(acts)
            drive = Drive(stimulus, f"population.{population + 1}.stimulus.{j}")
            self.drives.append(drive)
            if stimulus.spatial:
                drive.field = self.made.table()
                self.made.op(kinds.ADD_FIELD, rate, drive.field, mask)
            else:
                drive.waveform = self.made.waveform()
                self.made.op(kinds.ADD, rate, drive.waveform, mask)
            if isinstance(stimulus, White):
                self._noise(population, rate, stimulus, drive, acts)

    def _noise(
        self, population: int, rate: int, stimulus: White, drive: Drive, acts: Array
    ) -> None:
        drive.window = self.made.waveform()
        stream = len([d for d in self.drives if d.window >= 0]) - 1
        z = self.made.ring(f"noise.{stream + 1}", 0.0, 2)
        if self.rng == "nftsim":
            drive.table = self.made.table()
            self.made.op(kinds.TAKE, z, drive.table)
        else:
            self.made.op(kinds.DRAW_COHERENT if stimulus.coherent else kinds.DRAW, z, stream)
        sigma = self._sigma(population, stimulus)
        if sigma.ndim or acts.ndim:
            # one row for both, unless σ is the same everywhere
            each = self.made.row(sigma * acts if sigma.ndim else acts)
            factor = 1.0 if sigma.ndim else float(sigma)
            self.made.op(kinds.ADD_NOISE, rate, z, drive.window, each, coefs=(factor,))
        else:
            self.made.op(kinds.ADD_NOISE, rate, z, drive.window, -1, coefs=(sigma,))

    def _sigma(self, population: int, stimulus: White) -> Array:
        """Return σ; NFTsim takes a rectangle's spacing as Length/√Nodes."""
        setting = self._setting(population)
        if not self.compat:
            return stimulus.deviation(setting)
        spacing = self.model.populations[population].length / np.sqrt(setting.nodes)
        return stimulus.deviation(replace(setting, spacing=spacing), sheet=stimulus.coherent)

    def _acts(self, nodes: tuple[int, ...]) -> Array:
        """Return how often each node (from 1) is listed, shape (node,); 1 if none is."""
        if not nodes:
            return np.ones(())
        acts = np.zeros(self.model.nodes)
        np.add.at(acts, np.array(nodes) - 1, 1.0)  # a node listed twice is driven twice
        return acts

    # output -------------------------------------------------------------------------------------

    def _traces(self) -> tuple[Integers, list[tuple[int, int]]]:
        """Return what to sample, and which of it makes up each trace: (first, count)."""
        rows: list[list[int]] = []
        columns = []
        for trace in self.model.output.traces:
            source = self._source(trace)
            count = self.model.nodes if self.model.field_of(trace).matrix else 1
            columns.append((len(rows), count))
            rows += [[source.ring, source.delay, i] for i in range(count)]
        return np.array(rows, dtype=np.int64).reshape(-1, 3), columns

    def _source(self, trace: Trace) -> Source:
        key = (trace.kind, trace.index, trace.quantity)
        if key not in self.sources:
            # a strength that no step changes
            coupling = self.model.connection(trace.index).coupling
            value = array(coupling.start(self._setting(self.model.sheet_of(trace))))
            self.sources[key] = Source(self.made.constant(str(trace), value))
        return self.sources[key]
