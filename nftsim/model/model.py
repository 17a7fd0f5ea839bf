"""A model as data: populations, connections, grid, time and output, all frozen."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from nftsim.components.base import Component, Field, NodeValue, Setting, array, number, plain
from nftsim.components.couplings import Coupling
from nftsim.components.dendrites import Dendrite
from nftsim.components.firing import Firing
from nftsim.components.propagators import Propagator
from nftsim.components.stimuli import Stimulus
from nftsim.errors import NftsimError, suggestion


@dataclass(frozen=True)
class Population:
    """Neurons of one kind on a sheet (with a firing response), or an external input (with stimuli).

    Attributes
    ----------
    name
        As in the file.
    length
        Physical length of the sheet's x axis [m].
    q
        Initial rate of a neural population [s⁻¹], one or one per node; None for an input.
    firing
        Firing response of a neural population; None for an input.
    stimuli
        What drives an input; empty for a neural population.
    """

    name: str
    length: float
    q: NodeValue | None = None
    firing: Firing | None = None
    stimuli: tuple[Stimulus, ...] = ()

    def __post_init__(self) -> None:
        """Keep an array or list of rates as a tuple."""
        object.__setattr__(self, "q", plain(self.q))

    @property
    def neural(self) -> bool:
        """Whether the rate is computed rather than prescribed."""
        return self.firing is not None

    @property
    def initial_rate(self) -> NodeValue:
        """Rate of the constant history at the start [s⁻¹]: Q, or the first Mean, or 0."""
        if self.q is not None:
            return self.q
        return next((s.start for s in self.stimuli if s.start is not None), 0.0)

    @property
    def background(self) -> NodeValue:
        """Lasting mean rate of an input's stimuli together [s⁻¹]."""
        return number(np.asarray(sum(array(s.background) for s in self.stimuli)))


@dataclass(frozen=True)
class Connection:
    """One entry of the connection matrix: population `pre` acts on population `post` (from 0)."""

    index: int
    pre: int
    post: int
    propagator: Propagator
    coupling: Coupling
    dendrite: Dendrite


@dataclass(frozen=True, order=True)
class Trace:
    """Something the output can hold: a field of an object, e.g. ``propagator.1.phi``.

    Of a field with a value for every pair of nodes it may be the part from one node, counted from
    1: ``coupling.2.nu.3``.
    """

    kind: str
    index: int
    quantity: str

    @property
    def whole(self) -> Trace:
        """What it is a part of; itself, if it is no part."""
        return replace(self, quantity=self.quantity.partition(".")[0])

    @property
    def origin(self) -> int | None:
        """The node (from 1) that it is the part from; None: it is no part."""
        return int(self.quantity.partition(".")[2] or 0) or None

    def __str__(self) -> str:
        """Return the name, lower case."""
        return f"{self.kind}.{self.index}.{self.quantity}"


@dataclass(frozen=True)
class Output:
    """What is written: which nodes (from 1; None: all), from when, how often [s], which traces."""

    nodes: tuple[int, ...] | None = None
    start: float = 0.0
    interval: float | None = None
    traces: tuple[Trace, ...] = ()


@dataclass(frozen=True)
class Model:
    """A neural field model on a torus of `nodes` nodes, `longside` of them along x.

    With `topology` "Sphere" the sheet is turned over where its first and last row meet, as NFTsim's
    sphere is.

    `places` says where each item was read (dotted path → ``file:line``), for messages; models
    compare equal whatever their places and name.
    """

    time: float
    deltat: float
    nodes: int
    populations: tuple[Population, ...]
    connections: tuple[Connection, ...]
    output: Output = Output()
    longside: int | None = None
    header: str = ""
    topology: str = "Torus"
    name: str = field(default="model", compare=False)
    places: Mapping[str, str] = field(default_factory=dict, compare=False, repr=False)

    @property
    def shape(self) -> tuple[int, int]:
        """Grid as (ny, nx): a field of the model is an array of this shape, x innermost."""
        nx = self.longside if self.longside is not None else math.isqrt(self.nodes)
        return self.nodes // nx, nx

    @property
    def steps(self) -> int:
        """Number of time steps of a run of length `time`."""
        return round(self.time / self.deltat)

    @property
    def neural(self) -> tuple[int, ...]:
        """Indices (from 0) of the neural populations, in file order."""
        return tuple(i for i, p in enumerate(self.populations) if p.neural)

    @property
    def inputs_of(self) -> tuple[tuple[Connection, ...], ...]:
        """Connections onto each population, in order of their index."""
        return tuple(
            tuple(c for c in self.connections if c.post == i) for i in range(len(self.populations))
        )

    def connection(self, index: int) -> Connection:
        """Return the connection with this index (from 1)."""
        return self.connections[index - 1]

    def spacing(self, population: int) -> float:
        """Return the grid spacing Δx = Δy of a population's sheet [m]."""
        return self.populations[population].length / self.shape[1]

    def extent(self, population: int) -> tuple[float, float]:
        """Return (Ly, Lx) of a population's sheet [m]."""
        ny, nx = self.shape
        dx = self.spacing(population)
        return ny * dx, nx * dx

    def setting(self, population: int, *, compat: bool = False) -> Setting:
        """Return what a component on a population's sheet needs to know of its surroundings."""
        spacing, longside = self.spacing(population), self.shape[1]
        return Setting(self.deltat, spacing, self.nodes, longside, self.time, compat)

    def place(self, path: str) -> str:
        """Return where an item was read: the nearest known place on its dotted path."""
        while path:
            if path in self.places:
                return self.places[path]
            path = path.rpartition(".")[0]
        return self.name

    def with_rates(self, rates: Sequence[float]) -> Model:
        """Return the model starting at these rates, one per neural population [s⁻¹]."""
        neural = self.neural
        if len(rates) != len(neural):
            raise ValueError(f"{len(neural)} rates are needed, {len(rates)} given")
        fresh = list(self.populations)
        for index, rate in zip(neural, rates, strict=True):
            firing = fresh[index].firing
            assert firing is not None
            fresh[index] = replace(fresh[index], q=float(rate), firing=firing.at_rest(float(rate)))
        # a field or potential of its own would contradict the rates
        connections = tuple(
            replace(
                c, propagator=replace(c.propagator, phi=None), dendrite=replace(c.dendrite, v=None)
            )
            for c in self.connections
        )
        return replace(self, populations=tuple(fresh), connections=connections)

    def traces_of(self, kind: str, index: int) -> list[Trace]:
        """Return all traces of an object (`kind` is pop, propagator, dendrite or coupling)."""
        return [Trace(kind, index, f.name) for f in self.fields_of(kind, index)]

    def field_of(self, trace: Trace) -> Field:
        """Return the declaration of what a trace holds."""
        name, origin = trace.whole.quantity, trace.origin
        found = next(f for f in self.fields_of(trace.kind, trace.index) if f.name == name)
        return found if origin is None else found.part(origin)

    def fields_of(self, kind: str, index: int) -> tuple[Field, ...]:
        """Return the declared outputs of an object; empty if there is no such object."""
        item = self._object(kind, index)
        return () if item is None else item.outputs

    def _object(self, kind: str, index: int) -> Component | None:
        if kind == "pop":
            if not 1 <= index <= len(self.populations):
                return None
            population = self.populations[index - 1]
            return population.firing or population.stimuli[0]
        if not 1 <= index <= len(self.connections):
            return None
        found: Component = getattr(self.connection(index), kind)
        return found

    def all_traces(self) -> list[Trace]:
        """Return every trace the model can write."""
        kinds = [("pop", len(self.populations))]
        kinds += [(k, len(self.connections)) for k in ("dendrite", "propagator", "coupling")]
        return [t for k, n in kinds for i in range(1, n + 1) for t in self.traces_of(k, i)]

    def parse_trace(self, text: str) -> list[Trace]:
        """Return the traces that a name means; an object without a field means all of its fields.

        Any case is accepted, and ``population`` for ``pop``.

        Raises
        ------
        NftsimError
            If the model has no such trace; the message names the nearest.
        """
        name = text.strip().lower()
        name = "pop" + name[len("population") :] if name.startswith("population.") else name
        known = self.all_traces()
        found = [t for t in known if str(t) == name] or [
            t for t in known if f"{t.kind}.{t.index}" == name and not self.field_of(t).asked
        ]
        whole, _, origin = name.rpartition(".")
        if not found and origin.isdecimal() and len(origin) < 10:
            # one from-node of what has a value for every pair
            found = [
                replace(t, quantity=f"{t.quantity}.{int(origin)}")
                for t in known
                if str(t) == whole and self.field_of(t).matrix and 1 <= int(origin) <= self.nodes
            ]
        if not found:
            names = [str(t) for t in known]
            same = [n for n in names if n.startswith(f"{name.partition('.')[0]}.")] or names
            hint = suggestion(name, names) or f" It has {same[0]} … {same[-1]}."
            raise NftsimError(f"no trace '{text}' in model {self.name}.{hint}")
        return found

    def sheet_of(self, trace: Trace) -> int:
        """Return the population (from 0) on whose sheet a trace lives."""
        if trace.kind == "pop":
            return trace.index - 1
        connection = self.connection(trace.index)
        return connection.pre if trace.kind == "propagator" else connection.post
