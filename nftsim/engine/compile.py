"""Compiling a model to a plan: which rings of fields there are, and the operations of a step."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from nftsim.components.base import Array, Setting, array
from nftsim.components.firing import Firing, Sigmoid
from nftsim.components.slow import GlutamateResponse
from nftsim.engine.assembly import Assembly
from nftsim.engine.fields import Fields
from nftsim.engine.inputs import Inputs
from nftsim.engine.kernels import kinds
from nftsim.engine.kernels.kinds import STEPS
from nftsim.engine.merge import (
    asked_dendrites,
    axons,
    counterparts,
    population_classes,
    simplified,
)
from nftsim.engine.plan import Integers, Plan, Source
from nftsim.model.model import Connection, Model, Trace
from nftsim.model.steps import interval_steps, start_steps

#: A field and the strength to multiply it by.
Weighted = tuple[Source, Array]


def compile_plan(
    model: Model,
    *,
    rng: str = "counter",
    compat: bool = False,
    merge: bool = True,
    delays: bool = True,
    tabled: bool = False,
) -> Plan:
    """Compile a model.

    Parameters
    ----------
    model
        A checked model.
    rng
        ``counter``: noise is a function of seed, stream, step and node; ``nftsim``: drawn as NFTsim
        draws it.
    compat
        Follow NFTsim's habits: delays truncated to steps, fields started at the rate and potentials
        with the first ν of a connection, plasticity that sees V = 0 first, the spacing of a
        rectangle taken as Length/√Nodes in noise.
    merge
        Compute once what is mathematically the same (see `nftsim.engine.merge`); results agree to
        rounding.
    delays
        Merge fields that differ by a delay, too.
    tabled
        Keep a rate for every node of each stimulus, even where they are equal.
    """
    return _Compiler(model, rng, compat, merge, delays and not compat, tabled).plan()


@dataclass
class _Compiler:
    model: Model
    rng: str
    compat: bool
    merge: bool
    delays: bool
    tabled: bool
    made: Assembly = field(init=False)
    #: Trace → where it is to be read.
    sources: dict[tuple[str, int, str], Source] = field(default_factory=dict)
    #: Of each population, the ring of V_a and of glutamate.
    somas: dict[int, int] = field(default_factory=dict)
    glutamate: dict[int, int] = field(default_factory=dict)
    #: Merged dendrites: name of their state → the connections whose sum it is.
    sums: dict[str, tuple[int, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.original = self.model
        model = self.model = simplified(self.model, compat=self.compat)
        self.made = Assembly(model.nodes)
        self.inputs = Inputs(self.made, model, self.rng, self.compat, self.merge, self.tabled)
        count = len(model.populations)
        self.classes = population_classes(model) if self.merge else list(range(count))
        self.axons = axons(model, self.classes, merge=self.merge, delays=self.delays)
        self.asked = asked_dendrites(model, self.classes)
        self.fields = Fields(self.made, model, self.classes, self.axons, self.compat, self.sources)

    def plan(self) -> Plan:
        model = self.model
        rates = {
            i: self.made.ring(f"pop.{i + 1}.q", array(p.initial_rate), self.fields.memory(i))
            for i, p in enumerate(model.populations)
            if self.classes[i] == i
        }
        fields, delayed = self.fields.make(rates)
        for a, rate in rates.items():
            firing = model.populations[a].firing
            self.sources["pop", a + 1, "q"] = Source(rate)
            if firing is None:
                self.inputs.emit(a, rate)
            else:
                self._population(a, firing, rate, fields)
        for a in range(len(model.populations)):
            self._share(a)
        self.fields.advance(fields, delayed)
        traces, columns = self._traces()
        ops, coefs, rings, params, delays = self.made.arrays()
        return Plan(
            model=self.original,
            compat=self.compat,
            rng=self.rng,
            merged=self.merge,
            classes=self.classes,
            axons=self.axons,
            sums=self.sums,
            sources=self.sources,
            ops=ops,
            coefs=coefs,
            rings=rings,
            sizes=self.made.sizes,
            names=self.made.names,
            starts=self.made.starts,
            constants=frozenset(self.made.constants),
            params=params,
            delays=delays,
            drives=self.inputs.drives,
            timed=self.made.timed,
            waveforms=self.made.waveforms,
            tables=self.made.tables,
            traces=traces,
            columns=columns,
            start=start_steps(model),
            interval=interval_steps(model),
        )

    def _share(self, a: int) -> None:
        """Let a population that is like another one be read where that one is."""
        if self.classes[a] == a:
            return
        twins = {("pop", self.classes[a] + 1): a + 1}
        for mine, first in counterparts(self.model, self.classes, a).items():
            twins |= {("dendrite", first): mine, ("coupling", first): mine}
        for (kind, index, quantity), source in list(self.sources.items()):
            if (kind, index) in twins:
                self.sources[kind, twins[kind, index], quantity] = source

    def _setting(self, population: int) -> Setting:
        return self.model.setting(population, compat=self.compat)

    # populations --------------------------------------------------------------------------------

    def _population(self, a: int, firing: Firing, rate: int, fields: dict[int, Source]) -> None:
        """Emit couplings, dendrites and the firing response of a population."""
        inputs, owner = self.model.inputs_of[a], f"pop.{a + 1}"
        if isinstance(firing, GlutamateResponse):
            state = self.made.state(owner, firing.step, firing.initial(self._setting(a)))
            self.glutamate[a] = state["glu"]
            self.sources["pop", a + 1, "glu"] = Source(state["glu"])
        first = {c.index: self._potential(c) for c in inputs}
        total: Array = np.asarray(sum(first.values()))
        if self.compat and any(c.coupling.glutamate for c in inputs):
            # only plasticity reads V before it is summed anew, and NFTsim's sees 0 there
            total = np.zeros(())
        groups = self._dendrite_groups(inputs)
        if isinstance(firing, Sigmoid) and self._together(groups):
            weighted = {c.index: self._coupling(c, fields[c.index]) for c in inputs}
            self._soma(groups[0], weighted, total, rate, firing)
        else:
            self.somas[a] = soma = self.made.ring(f"{owner}.v", total)
            self.sources["pop", a + 1, "v"] = Source(soma)
            # all couplings before the first dendrite, which begins V anew
            weighted = {c.index: self._coupling(c, fields[c.index]) for c in inputs}
            for before, group in enumerate(groups):
                start = np.asarray(sum(first[c.index] for c in group))
                self._dendrite(group, weighted, start, soma, before)
            self._fire(owner, a, firing, rate, soma)
        if isinstance(firing, GlutamateResponse):
            self._release(owner, a, firing, fields)

    def _dendrite_groups(self, inputs: Sequence[Connection]) -> list[list[Connection]]:
        """Return the connections whose dendrites are one: equal, linear, not asked for apart."""
        groups: dict[Hashable, list[Connection]] = {}
        for c in inputs:
            apart = not self.merge or c.index in self.asked or not c.dendrite.summable
            key: Hashable = c.index if apart else replace(c.dendrite, v=None)
            groups.setdefault(key, []).append(c)
        return list(groups.values())

    def _together(self, groups: list[list[Connection]]) -> bool:
        """Whether one operation does all dendrites of a population and its sigmoid."""
        plain = all(c.dendrite.step == "dendrite" for c in groups[0])
        plastic = any(c.coupling.glutamate for c in groups[0])
        return self.merge and len(groups) == 1 and plain and not plastic

    def _potential(self, c: Connection) -> Array:
        """Return V_ab at the start, one number or per node: ν_ab Q_b, unless it is given."""
        if c.dendrite.v is not None:
            return array(c.dendrite.v)
        rate = array(self.model.populations[c.pre].initial_rate)
        return c.coupling.potential(rate, self._setting(c.post), compat=self.compat)

    def _coupling(self, c: Connection, phi: Source) -> Weighted:
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
        return Source(p), array(1.0)

    def _dendrite_state(self, group: Sequence[Connection], start: Array) -> dict[str, int]:
        """Make the state of a dendrite, or of the sum of several."""
        dendrite, first = group[0].dendrite, group[0].index
        starts = {"v": start, "input": start, **dendrite.initial(self._setting(group[0].post))}
        if len(group) > 1:
            self.sums[f"dendrites.{first}"] = tuple(c.index for c in group)
            return self.made.state(f"dendrites.{first}", dendrite.step, starts)
        state = self.made.state(f"dendrite.{first}", dendrite.step, starts)
        for name, ring in state.items():
            self.sources["dendrite", first, name] = Source(ring)
        return state

    def _weigh(self, owner: str, inputs: Sequence[Weighted]) -> Source:
        """Emit P = Σ ν φ; return where it is."""
        p = self.made.ring(f"{owner}.p", 0.0)
        for k in range(0, len(inputs), kinds.INPUTS):
            places, strengths = _padded(inputs[k : k + kinds.INPUTS])
            self.made.op(kinds.WEIGH, p, min(k, 1), *places, coefs=strengths)
        return Source(p)

    def _soma(
        self,
        group: Sequence[Connection],
        weighted: dict[int, Weighted],
        start: Array,
        rate: int,
        firing: Sigmoid,
    ) -> None:
        """Emit all dendrites of a population together with its sigmoid."""
        a, dendrite = group[0].post, group[0].dendrite
        state = self._dendrite_state(group, start)
        self.somas[a] = state["v"]
        self.sources["pop", a + 1, "v"] = Source(state["v"])
        inputs = [weighted[c.index] for c in group]
        if len(inputs) > kinds.INPUTS:
            inputs = [(self._weigh(f"pop.{a + 1}", inputs), array(1.0))]
        places, strengths = _padded(inputs)
        setting = self._setting(a)
        coefs = (*dendrite.coefficients(setting), *strengths, *firing.coefficients(setting))
        self.made.op(kinds.SOMA, state["v"], state["w"], rate, *places, coefs=coefs)

    def _dendrite(
        self,
        group: Sequence[Connection],
        weighted: dict[int, Weighted],
        start: Array,
        total: int,
        before: int,
    ) -> None:
        """Emit a dendrite, or equal ones together, `before` others having been summed."""
        dendrite, setting = group[0].dendrite, self._setting(group[0].post)
        state = self._dendrite_state(group, start)
        phi, nu = weighted[group[0].index]
        if len(group) > 1:
            owner = f"dendrites.{group[0].index}"
            phi, nu = self._weigh(owner, [weighted[c.index] for c in group]), array(1.0)
        v, w, *third = state.values()
        args = [v, w, phi.ring, phi.delay, total, min(before, 1), *(third or [0])]
        coefs: tuple[Array, ...] = (nu,)
        if dendrite.step == "dendrite timed":
            args.append(self.made.timeline(dendrite, setting))
        else:
            coefs = (*dendrite.coefficients(setting), nu)
        self.made.op(STEPS[dendrite.step].kind, *args, coefs=coefs)

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

    def _release(
        self, owner: str, a: int, firing: GlutamateResponse, fields: dict[int, Source]
    ) -> None:
        """Emit the sum of excitatory fields and the glutamate that they release."""
        total = self.made.ring(f"{owner}.excitation", 0.0)
        before = 0
        for c in self.model.inputs_of[a]:
            share = c.coupling.excitatory(compat=self.compat)
            if not np.any(share):
                continue
            phi = fields[c.index]
            mask = self.made.row(share) if share.ndim else -1
            self.made.op(kinds.ACCUMULATE, total, phi.ring, phi.delay, min(before, 1), mask)
            before += 1
        coefs = firing.coefficients(self._setting(a))
        self.made.op(STEPS[firing.step].kind, self.glutamate[a], total, coefs=coefs)

    # output -------------------------------------------------------------------------------------

    def _traces(self) -> tuple[Integers, list[tuple[int, int]]]:
        """Return what to sample, and which of it makes up each trace: (first, count)."""
        rows: list[list[int]] = []
        columns = []
        for trace in self.model.output.traces:
            source = self._source(trace.whole)
            pairs = self.model.field_of(trace).matrix
            origins = range(self.model.nodes) if pairs else [(trace.origin or 1) - 1]
            columns.append((len(rows), len(origins)))
            rows += [[source.ring, source.delay, i] for i in origins]
        return np.array(rows, dtype=np.int64).reshape(-1, 3), columns

    def _source(self, trace: Trace) -> Source:
        key = (trace.kind, trace.index, trace.quantity)
        if key not in self.sources:
            # a strength that no step changes
            coupling = self.model.connection(trace.index).coupling
            value = array(coupling.start(self._setting(self.model.sheet_of(trace))))
            self.sources[key] = Source(self.made.constant(str(trace), value))
        return self.sources[key]


def _padded(inputs: Sequence[Weighted]) -> tuple[list[int], tuple[Array, ...]]:
    """Return rings and delays, and strengths, of as many inputs as an operation takes.

    What is missing is the first field with strength 0.
    """
    full = [*inputs, *[(inputs[0][0], array(0.0))] * (kinds.INPUTS - len(inputs))]
    places = [number for source, _ in full for number in (source.ring, source.delay)]
    return places, tuple(nu for _, nu in full)
