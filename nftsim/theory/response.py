"""Linear response of any model around a fixed point.

Small deviations obey Q_a = ρ_a Σ_b ν_ab L_ab(s) Γ_ab(s, k²) e^{−sτ_ab} Q_b, with s = −iω (Fourier
sign e^{−iωt}) and ρ_a the slope of the firing response; stimuli drive it. Sources: Robinson et al.
2001 (the corticothalamic special case), Sanz-Leon et al. 2018. A response whose threshold follows
the own rate adds ρ_a f_a(s) Q_a, f its `feedback` (Zhao & Robinson 2015).

A number called `laplacian` is −∇² of a mode in units of the grid spacing (see
`nftsim.theory.modes`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nftsim.components.base import Component, array
from nftsim.errors import NftsimError
from nftsim.model import Connection, Model, Trace
from nftsim.theory.equations import Array
from nftsim.theory.fixed_points import FixedPoint
from nftsim.theory.mean_field import feedbacks, responses, strength
from nftsim.theory.noise import inputs
from nftsim.theory.uniform import require_linear, uniform

Complex = NDArray[np.complex128]


@dataclass(frozen=True)
class LinearModel:
    """A model's linear response at one fixed point; made by `linearise`.

    Attributes
    ----------
    model
        The model, uniform.
    slopes
        ρ_a = dQ_a/dV_a of every population, 0 for inputs, shape (P,) [V⁻¹ s⁻¹].
    strengths
        ν_ab of every connection, shape (C,) [V s].
    """

    model: Model
    slopes: Array
    strengths: Array

    def arrival(self, c: Connection, s: Complex, laplacian: Array) -> Complex:
        """Return Γ e^{−sτ}, from the rate of the presynaptic population to the field φ.

        Parameters
        ----------
        c
            The connection.
        s, laplacian
            Laplace variable [s⁻¹] and mode; they broadcast.
        """
        model = self.model
        # a single node may have no length; its only mode is k = 0
        k2 = laplacian / (model.spacing(c.pre) or 1.0) ** 2
        delay = np.exp(-s * array(c.propagator.tau))
        return np.asarray(c.propagator.on(model.nodes).transfer(s, k2) * delay)

    def potential(self, c: Connection, s: Complex, laplacian: Array) -> Complex:
        """Return ν L Γ e^{−sτ}, from the presynaptic rate to the potential V_ab [V s]."""
        weighted = self.strengths[c.index - 1] * c.dendrite.transfer(s)
        return np.asarray(weighted * self.arrival(c, s, laplacian))

    def potentials(self, s: Complex, laplacian: Array) -> Complex:
        """Return the response of all V_a to all Q_b, inputs included, shape (…, P, P) [V s]."""
        count = len(self.model.populations)
        matrix = np.zeros((*np.broadcast_shapes(s.shape, laplacian.shape), count, count), complex)
        # connections often share their components: each response is computed once
        known: dict[tuple[Component | int | float, ...], Complex] = {}
        for c in self.model.connections:
            key = (c.propagator, c.dendrite, c.pre, float(self.strengths[c.index - 1]))
            if key not in known:
                known[key] = self.potential(c, s, laplacian)
            matrix[..., c.post, c.pre] += known[key]
        return matrix

    def response(self, s: Complex, laplacian: Array) -> Complex:
        """Return 1 − ρ (ν L Γ e^{−sτ} + f), whose determinant is the characteristic function.

        Returns
        -------
        ndarray
            Shape (…, N, N), rows and columns the neural populations in file order.
        """
        return self._closed(self.potentials(s, laplacian), s)

    def _closed(self, potentials: Complex, s: Complex) -> Complex:
        inside = np.array(self.model.neural, dtype=np.intp)
        loops = potentials[..., inside[:, None], inside]
        for a, firing in enumerate(responses(self.model)):
            loops[..., a, a] += firing.feedback(s)
        return np.asarray(np.eye(len(inside)) - self.slopes[inside, None] * loops)

    def transfer(self, trace: Trace, s: Complex, laplacian: Array) -> Complex:
        """Return the response of a trace to a rate added to each input.

        Returns
        -------
        ndarray
            Shape (…, I), the inputs (populations with stimuli) in file order.
        """
        potentials = self.potentials(s, laplacian)
        inside, outside = np.array(self.model.neural, dtype=np.intp), inputs(self.model)
        drive = self.slopes[inside, None] * potentials[..., inside[:, None], outside]
        row = self._reading(trace, s, laplacian, potentials)
        # solved for the one trace rather than for every input
        adjoint = np.swapaxes(self._closed(potentials, s), -1, -2)
        try:
            through = np.linalg.solve(adjoint, row[..., inside, None])[..., 0]
        except np.linalg.LinAlgError:
            raise NftsimError(
                f"{self.model.name}: the fixed point is marginally stable at one of these "
                "frequencies, where the response is infinite; move the frequency or a parameter"
            ) from None
        return np.einsum("...n,...ni->...i", through, drive) + row[..., outside]

    def _reading(self, trace: Trace, s: Complex, laplacian: Array, potentials: Complex) -> Complex:
        """Return how a trace reads the rates of all populations, shape (…, P)."""
        row = np.zeros(potentials.shape[:-1], complex)
        what = (trace.kind, trace.quantity)
        if what == ("pop", "q"):
            row[..., trace.index - 1] = 1
        elif what == ("pop", "v"):
            row[...] = potentials[..., trace.index - 1, :]
        elif what == ("propagator", "phi"):
            c = self.model.connection(trace.index)
            row[..., c.pre] = self.arrival(c, s, laplacian)
        elif what == ("dendrite", "v"):
            c = self.model.connection(trace.index)
            row[..., c.pre] = self.potential(c, s, laplacian)
        else:
            raise NftsimError(
                f"trace '{trace}' has no linear response; ask for pop.K.q, pop.K.v, "
                "propagator.K.phi or dendrite.K.v"
            )
        return row


def linearise(model: Model, fixed_point: FixedPoint) -> LinearModel:
    """Return the linear response of a model around one of its fixed points.

    Raises
    ------
    NftsimError
        If the model is not uniform, has a component without a linear response, or the fixed point
        is of another model.
    """
    if len(fixed_point.rates) != len(model.neural):
        raise NftsimError(
            f"{model.name} has {len(model.neural)} neural populations, but the fixed point has "
            f"{len(fixed_point.rates)} rates; take one of steady_states(model)"
        )
    require_linear(model)
    model = uniform(model)
    potentials = fixed_point.voltages + feedbacks(model) * fixed_point.rates
    slopes = np.zeros(len(model.populations))
    for i, firing, v in zip(model.neural, responses(model), potentials, strict=True):
        slopes[i] = firing.static.slope(np.asarray(v))
    strengths = np.array([strength(model, c) for c in model.connections])
    return LinearModel(model, slopes, strengths)


def angular(frequencies: ArrayLike) -> Complex:
    """Return s = −iω for frequencies [Hz], with the Fourier sign e^{−iωt}."""
    return -2j * np.pi * np.asarray(frequencies, dtype=float)
