"""The equations of a model's uniform, constant states, with all strengths and inputs as numbers."""

from __future__ import annotations

import logging

import numpy as np

from nftsim.components.base import array
from nftsim.components.couplings import Map, Matrix
from nftsim.components.firing import Firing
from nftsim.components.plasticity import BCMSpatial
from nftsim.model import Connection, Model
from nftsim.model.keys import label
from nftsim.theory.equations import Array, Equations
from nftsim.theory.noise import acting
from nftsim.theory.uniform import ramping, uniform, varied_state

log = logging.getLogger(__name__)


def strength(model: Model, connection: Connection) -> float:
    """Return the synaptic strength ν_ab [V s] that a uniform field meets, at t = 0.

    Of a coupling between all pairs of nodes it is the sum Σ_i ν_ji over a row.

    Raises
    ------
    NftsimError
        If it varies over the nodes.
    """
    coupling, path = connection.coupling, f"coupling.{connection.index}"
    if isinstance(coupling, (Matrix, BCMSpatial)):
        pairs = coupling.strengths(model.nodes)  # (from, to)
        values, scale = pairs.sum(axis=0), float(np.abs(pairs).sum(axis=0).max())
        found = f"the sums of nu over the rows differ ({values.min():g} to {values.max():g} V s)"
    else:
        values = array(coupling.start(model.setting(connection.pre)))
        scale = float(np.abs(values).max())
        found = "nu varies over the nodes"
    if np.ptp(values) > 1e-12 * scale:  # sums of the same numbers differ by rounding
        named = f"{label(path, coupling.keyword)}: {found}"
        raise varied_state(model, f"{path}.nu", named)
    return float(values.mean())


def warn_of_changes(model: Model) -> None:
    """Warn of what changes in time, so that a steady state is that of the start."""
    for c in model.connections:
        path = f"coupling.{c.index}"
        if not isinstance(c.coupling, (Map, Matrix)):
            log.warning(
                "%s: %s: %s; the fixed point is that of the strength at the start, %g V s",
                model.place(path),
                label(path, c.coupling.keyword),
                c.coupling.nonlinear,
                strength(model, c),
            )
    for i in model.neural:
        firing, path = model.populations[i].firing, f"population.{i + 1}.firing"
        if firing is not None and ramping(firing):
            log.warning(
                "%s: %s: its conductances change in time; the fixed point is that of gX and gH",
                model.place(path),
                label(path, firing.keyword),
            )


def background(model: Model, index: int) -> float:
    """Return the lasting mean rate of an input [s⁻¹], averaged over the sheet.

    Raises
    ------
    NftsimError
        If a mean varies over the nodes.
    """
    total = 0.0
    for j, stimulus in enumerate(model.populations[index].stimuli, start=1):
        mean = stimulus.background
        if isinstance(mean, tuple):
            path = f"population.{index + 1}.stimulus.{j}"
            found = f"{label(path, stimulus.keyword)}: Mean varies over the nodes"
            raise varied_state(model, f"{path}.mean", found)
        # a node listed twice is driven twice
        share = len(stimulus.node) / model.nodes if stimulus.node else 1.0
        if mean and np.ptp(acting(model, stimulus)):
            log.warning(
                "%s: a %s stimulus acts on some nodes more than on others; the uniform fixed "
                "point counts a share of %.3g of its mean",
                model.name,
                stimulus.keyword,
                share,
            )
        total += share * mean
    return total


def feedbacks(model: Model) -> Array:
    """Return how strongly each neural population acts on itself beside its connections [V s].

    Shape (P,). This is what responses with a moving threshold add in a steady state: the response
    proper is at the potential V_a plus this times Q_a (see `Firing.feedback`).
    """
    zero = np.zeros((), dtype=complex)
    found = [f.feedback(zero).real for f in responses(model)]
    return np.array(found, dtype=float).reshape(-1)


def responses(model: Model) -> tuple[Firing, ...]:
    """Return the firing responses of the neural populations, in file order."""
    firing = [model.populations[i].firing for i in model.neural]
    return tuple(f for f in firing if f is not None)


def model_equations(model: Model) -> Equations:
    """Return the fixed-point equations of the neural populations of a model, in file order.

    Potentials are those of the responses without memory: V_a plus `feedbacks` times Q_a.

    Raises
    ------
    NftsimError
        If responses, strengths or inputs vary over the nodes.
    """
    model = uniform(model, steady=True)
    row = {population: i for i, population in enumerate(model.neural)}
    inputs = {i: background(model, i) for i in range(len(model.populations)) if i not in row}
    nu = np.diag(feedbacks(model))
    drive = np.zeros(len(row))
    for c in model.connections:
        if c.pre in row:
            nu[row[c.post], row[c.pre]] += strength(model, c)
        else:
            drive[row[c.post]] += strength(model, c) * inputs[c.pre]
    return Equations(tuple(f.static for f in responses(model)), nu, drive)
