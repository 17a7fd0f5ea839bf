"""Linear response of any model around a fixed point.

Small deviations obey Q_a = ρ_a Σ_b ν_ab L_ab(s) Γ_ab(s, k²) e^{−sτ_ab} Q_b, with s = −iω (Fourier
sign e^{−iωt}) and ρ_a the slope of the firing response; stimuli drive it. Sources: Robinson et al.
2001 (the corticothalamic special case), Sanz-Leon et al. 2018. A response whose threshold follows
the own rate adds ρ_a f_a(s) Q_a, f its `feedback` (Zhao & Robinson 2015).

The steps of a simulation obey the same with other functions, which components declare as
`discrete`: of ζ = e^{sΔt}, one step forward, and of what the stencil makes of k². In the treatment
``scheme`` everything here is of these, exact for a simulation of small deviations.

A number called `laplacian` is −∇² of a mode in units of the grid spacing (see
`nftsim.theory.modes`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nftsim.components.base import Component
from nftsim.components.propagators import Propagator
from nftsim.errors import NftsimError
from nftsim.model import Connection, Model, Trace
from nftsim.model.steps import delay_steps
from nftsim.theory.equations import Array
from nftsim.theory.fixed_points import FixedPoint
from nftsim.theory.mean_field import feedbacks, responses, strength
from nftsim.theory.modes import Eigenvalues, Laplacian, Modes, grid_modes, require_treatment
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
    wavenumbers
        The treatment (see `nftsim.theory.modes.WAVENUMBERS`).
    compat
        Whether delays are those of NFTsim's habits; only steps know.
    """

    model: Model
    slopes: Array
    strengths: Array
    wavenumbers: str = "continuous"
    compat: bool = False

    @property
    def stepped(self) -> bool:
        """Whether this is the response of the steps rather than of the equations."""
        return self.wavenumbers == "scheme"

    def forward(self, s: Complex) -> Complex:
        """Return ζ = e^{sΔt}, one step forward."""
        return np.exp(s * self.model.deltat)

    def propagator(self, c: Connection) -> Propagator:
        """Return the propagator that acts: on a single node a wave is a harmonic."""
        return c.propagator.on(self.model.nodes)

    def modes(self, population: int, k0: float | None = None) -> Modes:
        """Return the modes, as the treatment has them (see `nftsim.theory.modes.grid_modes`).

        Parameters
        ----------
        population
            On whose sheet (from 0) volume conduction acts.
        k0
            Its cut-off [m⁻¹].
        """
        model = self.model
        waves = [self.propagator(c) for c in model.connections]
        stencils = {p.diagonal for p in waves if p.dispersive}
        return grid_modes(model.shape, model.spacing(population), k0, self.wavenumbers, stencils)

    def delay(self, c: Connection, s: Complex) -> Complex:
        """Return e^{−sτ}; for steps ζ^{−d}, the delay of d steps."""
        tau = float(c.propagator.tau)  # type: ignore[arg-type]  # uniform
        if self.stepped:
            tau = delay_steps(tau, self.model.deltat, compat=self.compat) * self.model.deltat
        return np.exp(-s * tau)

    def gamma(self, c: Connection, s: Complex, laplacian: Laplacian) -> Complex:
        """Return Γ, from the delayed rate to the field φ; arguments as of `arrival`."""
        acts, model = self.propagator(c), self.model
        eigenvalue = laplacian
        if isinstance(laplacian, Eigenvalues):
            eigenvalue = laplacian.of(acts.diagonal)
        if self.stepped:
            setting = model.setting(c.pre, compat=self.compat)
            return acts.discrete(self.forward(s), np.asarray(eigenvalue), setting)
        # a single node may have no length; its only mode is k = 0
        return acts.transfer(s, np.asarray(eigenvalue) / (model.spacing(c.pre) or 1.0) ** 2)

    def arrival(self, c: Connection, s: Complex, laplacian: Laplacian) -> Complex:
        """Return Γ e^{−sτ}, from the rate of the presynaptic population to the field φ.

        Parameters
        ----------
        c
            The connection.
        s, laplacian
            Laplace variable [s⁻¹] and mode; they broadcast.
        """
        return np.asarray(self.gamma(c, s, laplacian) * self.delay(c, s))

    def synapse(self, c: Connection, s: Complex) -> Complex:
        """Return ν L, from the field φ to the potential V_ab [V s]."""
        dendrite = c.dendrite
        if self.stepped:
            setting = self.model.setting(c.post, compat=self.compat)
            return self.strengths[c.index - 1] * dendrite.discrete(self.forward(s), setting)
        return np.asarray(self.strengths[c.index - 1] * dendrite.transfer(s))

    def potential(self, c: Connection, s: Complex, laplacian: Laplacian) -> Complex:
        """Return ν L Γ e^{−sτ}, from the presynaptic rate to the potential V_ab [V s]."""
        return np.asarray(self.synapse(c, s) * self.arrival(c, s, laplacian))

    def feedback(self, s: Complex) -> list[Complex]:
        """Return f of every neural population, in file order (see `Firing.feedback`) [V s]."""
        firing = responses(self.model)
        if not self.stepped:
            return [f.feedback(s) for f in firing]
        z = self.forward(s)
        return [
            f.discrete_feedback(z, float(self.slopes[i]), self.model.setting(i, compat=self.compat))
            for i, f in zip(self.model.neural, firing, strict=True)
        ]

    def potentials(self, s: Complex, laplacian: Laplacian) -> Complex:
        """Return the response of all V_a to all Q_b, inputs included, shape (…, P, P) [V s]."""
        count = len(self.model.populations)
        shape = np.broadcast_shapes(np.shape(s), np.shape(_one_of(laplacian)))
        matrix = np.zeros((*shape, count, count), complex)
        # connections often share their components: each response is computed once
        known: dict[tuple[Component | int | float, ...], Complex] = {}
        for c in self.model.connections:
            key = (c.propagator, c.dendrite, c.pre, float(self.strengths[c.index - 1]))
            if key not in known:
                known[key] = self.potential(c, s, laplacian)
            matrix[..., c.post, c.pre] += known[key]
        return matrix

    def response(self, s: Complex, laplacian: Laplacian) -> Complex:
        """Return 1 − ρ (ν L Γ e^{−sτ} + f), whose determinant is the characteristic function.

        Returns
        -------
        ndarray
            Shape (…, N, N), rows and columns the neural populations in file order.
        """
        inside = np.array(self.model.neural, dtype=np.intp)
        loops = self.potentials(s, laplacian)[..., inside[:, None], inside]
        for a, feedback in enumerate(self.feedback(s)):
            loops[..., a, a] += feedback
        return np.asarray(np.eye(len(inside)) - self.slopes[inside, None] * loops)

    def transfer(self, trace: Trace, s: Complex, laplacian: Laplacian) -> Complex:
        """Return the response of a trace to a rate added to each input.

        Returns
        -------
        ndarray
            Shape (…, I), the inputs (populations with stimuli) in file order.
        """
        from nftsim.theory.sources import rate_of, responses_to  # which needs this module

        added = [rate_of(i) for i in inputs(self.model)]
        found = responses_to(self, [trace], added, s, laplacian)[0]
        shape = np.broadcast_shapes(found.shape[1:], np.shape(s), np.shape(_one_of(laplacian)))
        return np.moveaxis(np.broadcast_to(found, (len(added), *shape)), 0, -1)


def _one_of(laplacian: Laplacian) -> Array:
    return laplacian.nearest if isinstance(laplacian, Eigenvalues) else laplacian


def linearise(
    model: Model, fixed_point: FixedPoint, wavenumbers: str = "continuous", *, compat: bool = False
) -> LinearModel:
    """Return the linear response of a model around one of its fixed points.

    Parameters
    ----------
    model, fixed_point
        A uniform model, and one of its `nftsim.theory.fixed_points.steady_states`.
    wavenumbers
        The treatment: ``continuous``, ``grid`` or ``scheme``.
    compat
        Take delays as NFTsim's habits have them, in ``scheme``.

    Raises
    ------
    NftsimError
        If the model is not uniform, has a component without a linear response, the fixed point is
        of another model, or there is no such treatment.
    """
    if len(fixed_point.rates) != len(model.neural):
        raise NftsimError(
            f"{model.name} has {len(model.neural)} neural populations, but the fixed point has "
            f"{len(fixed_point.rates)} rates; take one of steady_states(model)"
        )
    require_treatment(wavenumbers)
    require_linear(model)
    model = uniform(model)
    potentials = fixed_point.voltages + feedbacks(model) * fixed_point.rates
    slopes = np.zeros(len(model.populations))
    for i, firing, v in zip(model.neural, responses(model), potentials, strict=True):
        slopes[i] = firing.static.slope(np.asarray(v))
    strengths = np.array([strength(model, c) for c in model.connections])
    return LinearModel(model, slopes, strengths, wavenumbers, compat)


def angular(frequencies: ArrayLike) -> Complex:
    """Return s = −iω for frequencies [Hz], with the Fourier sign e^{−iωt}."""
    return -2j * np.pi * np.asarray(frequencies, dtype=float)
