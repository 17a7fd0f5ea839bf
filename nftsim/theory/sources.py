"""What traces of a linear model answer to what is added to other traces."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from nftsim.errors import NftsimError
from nftsim.model import Connection, Trace
from nftsim.theory.closure import Complex, Network
from nftsim.theory.equations import Array
from nftsim.theory.modes import Laplacian
from nftsim.theory.noise import inputs
from nftsim.theory.response import LinearModel
from nftsim.theory.traces import ANSWERING as ANSWERING  # for import from here, too


def rate_of(population: int) -> Trace:
    """Return the trace of a population's rate (from 0)."""
    return Trace("pop", population + 1, "q")


def responses_to(
    linear: LinearModel,
    traces: Sequence[Trace],
    added: Sequence[Trace],
    s: Complex,
    laplacian: Laplacian,
) -> Complex:
    """Return the response of traces to a small deviation added to others, all loops closed.

    A deviation of ``pop.K.q`` adds to the rate that population K sends out, one of ``pop.K.v`` to
    its potential, of ``propagator.K.phi`` to the field that arrives, of ``dendrite.K.v`` to what
    the connection adds to the soma. The trace that it is added to has it, too.

    Parameters
    ----------
    traces, added
        What is read, and what is added to.
    s, laplacian
        Laplace variable [s⁻¹] and mode; they broadcast. It is fastest where `s` has an axis of
        length 1 for the modes.

    Returns
    -------
    ndarray
        Shape (T, S, …).

    Raises
    ------
    NftsimError
        If one of them has no linear response, or the response is infinite.
    """
    for trace in [*traces, *added]:
        if (trace.kind, trace.quantity) not in ANSWERING:
            raise NftsimError(
                f"trace '{trace}' has no linear response; ask for pop.K.q, pop.K.v, "
                "propagator.K.phi or dendrite.K.v"
            )
    try:
        found = _Builder(linear, np.asarray(s)).network(traces, added, laplacian).responses()
    except np.linalg.LinAlgError:
        found = np.full(1, np.nan)
    if not np.isfinite(found).all():
        raise NftsimError(
            f"{linear.model.name}: the fixed point is marginally stable at one of these "
            "frequencies, where the response is infinite; move the frequency or a parameter"
        )
    return found


class _Builder:
    """The network of a linear model at given s, but for what depends on the mode.

    Attributes
    ----------
    group
        Of each connection (its index) with a dispersive propagator, which field it carries, delays
        apart.
    leaders
        Of each such field, a connection that carries it.
    rates, fields
        What rates of all populations, and these fields, add to the potential of every population,
        shapes (…, P, P) and (…, P, G).
    """

    def __init__(self, linear: LinearModel, s: Complex) -> None:
        self.linear, self.s = linear, s
        model = linear.model
        self.neural, self.inputs = list(model.neural), inputs(model)
        self.group: dict[int, int] = {}
        self.leaders: list[Connection] = []
        self._group()
        connections, zero = model.connections, np.zeros(())
        self.synapses = [linear.synapse(c, s) for c in connections]
        self.arrivals = [
            linear.delay(c, s) if c.index in self.group else linear.arrival(c, s, zero)
            for c in connections
        ]
        count = len(model.populations)
        self.rates = np.zeros((*s.shape, count, count), complex)
        self.fields = np.zeros((*s.shape, count, len(self.leaders)), complex)
        for c, synapse, arrival in zip(connections, self.synapses, self.arrivals, strict=True):
            if c.index in self.group:
                self.fields[..., c.post, self.group[c.index]] += synapse * arrival
            else:
                self.rates[..., c.post, c.pre] += synapse * arrival

    def _group(self) -> None:
        keys: list[object] = []
        for c in self.linear.model.connections:
            acts = self.linear.propagator(c)
            if acts.dispersive:
                key = (c.pre, replace(acts, tau=0.0))
                if key not in keys:
                    keys.append(key)
                    self.leaders.append(c)
                self.group[c.index] = keys.index(key)

    def network(
        self, traces: Sequence[Trace], added: Sequence[Trace], laplacian: Laplacian
    ) -> Network:
        """Return the network of these readings and sources."""
        rho = self.linear.slopes[self.neural]
        emitted = self._emitted(added)
        own = emitted[self.neural].astype(complex)
        direct = self._direct(added)
        # what is added to an input is all that there is of it
        onto = direct + self.rates[..., self.inputs] @ emitted[self.inputs]
        loops = -rho[:, None] * self.rates[..., self.neural, :][..., self.neural]
        for a, feedback in enumerate(self.linear.feedback(self.s)):
            loops[..., a, a] += 1 - rho[a] * feedback
        rows, carried, at_once = (
            np.stack(parts, axis=-2)
            for parts in zip(*(self._reading(t, added, direct) for t in traces), strict=True)
        )
        kept, origin = self._origins(emitted)
        gamma = [self.linear.gamma(self.leaders[g], self.s, laplacian) for g in kept]
        return Network(
            loops=np.asarray(loops, complex),
            sources=rho[:, None] * onto[..., self.neural, :] + own,
            fields=np.asarray(rho[:, None] * self.fields[..., self.neural, :][..., kept], complex),
            origin=np.array(origin, dtype=np.intp),
            reading=rows[..., self.neural],
            reading_fields=carried[..., kept],
            reading_sources=np.asarray(
                at_once + rows[..., self.inputs] @ emitted[self.inputs], complex
            ),
            gamma=np.stack(gamma) if gamma else np.zeros((0, *[1] * self.s.ndim), complex),
        )

    def _emitted(self, added: Sequence[Trace]) -> Array:
        """Return what is added to the rates, shape (P, S)."""
        emitted = np.zeros((len(self.linear.model.populations), len(added)))
        for j, source in enumerate(added):
            if (source.kind, source.quantity) == ("pop", "q"):
                emitted[source.index - 1, j] = 1
        return emitted

    def _direct(self, added: Sequence[Trace]) -> Complex:
        """Return what is added to the potentials of populations, shape (…, P, S)."""
        model = self.linear.model
        onto = np.zeros((*self.s.shape, len(model.populations), len(added)), complex)
        for j, source in enumerate(added):
            if (source.kind, source.quantity) == ("pop", "v"):
                onto[..., source.index - 1, j] = 1
            elif source.kind != "pop":
                post = model.connection(source.index).post
                weight = self.synapses[source.index - 1] if source.kind == "propagator" else 1.0
                onto[..., post, j] = weight
        return onto

    def _reading(
        self, trace: Trace, added: Sequence[Trace], direct: Complex
    ) -> tuple[Complex, Complex, Complex]:
        """Return how a trace reads rates (…, P), dispersive fields (…, G) and sources (…, S)."""
        rates = np.zeros((*self.s.shape, self.rates.shape[-1]), complex)
        fields = np.zeros((*self.s.shape, len(self.leaders)), complex)
        sources = np.zeros((*self.s.shape, len(added)), complex)
        if trace.kind == "pop":
            a = trace.index - 1
            if trace.quantity == "v":
                return self.rates[..., a, :], self.fields[..., a, :], direct[..., a, :]
            rates[..., a] = 1
            return rates, fields, sources
        c = self.linear.model.connection(trace.index)
        synapse = self.synapses[c.index - 1] if trace.kind == "dendrite" else 1.0
        if c.index in self.group:
            fields[..., self.group[c.index]] = synapse * self.arrivals[c.index - 1]
        else:
            rates[..., c.pre] = synapse * self.arrivals[c.index - 1]
        for j, source in enumerate(added):
            if source == trace:
                sources[..., j] = 1
            elif source.kind == "propagator" and source.index == c.index:
                sources[..., j] = synapse
        return rates, fields, sources

    def _origins(self, emitted: Array) -> tuple[list[int], list[int]]:
        """Return the fields that are at work, and what makes each (see `Network.origin`)."""
        found: list[tuple[int, int]] = []
        for g, c in enumerate(self.leaders):
            if c.pre in self.neural:
                found.append((g, self.neural.index(c.pre)))
            else:
                found += [(g, -1 - j) for j in range(emitted.shape[1]) if emitted[c.pre, j]]
        return [g for g, _ in found], [o for _, o in found]
