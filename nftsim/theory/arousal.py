"""Stability of the corticothalamic system by three numbers, X, Y and Z: the states of arousal.

Where cortical synapses are taken to act at once, and the loop through the reticular nucleus to be
as slow as the direct one, deviations from a fixed point grow as e^{st} with

    (1 + s/γ)² − X − Y (1 − G) L² e^{−s t0}/(1 − G L²) = 0,   k = 0,

L = 1/((1 + s/α)(1 + s/β)), G = G_srs = −Z (α + β)²/(αβ): X is the strength of the loops within the
cortex, Y of those through the thalamus, Z of the loop within it (Robinson, Rennie & Rowe 2002).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nftsim.components.dendrites import SecondOrder
from nftsim.components.propagators import Wave
from nftsim.errors import NftsimError
from nftsim.model import Model
from nftsim.theory.equations import Array

Complex = NDArray[np.complex128]

#: Frequencies on the imaginary axis: the highest [Hz], and how many.
HIGHEST, COUNT = 120.0, 60_001
#: Beyond this, strengths Y are not looked at.
FARTHEST = 20.0


@dataclass(frozen=True)
class Boundary:
    """Where the state Y = 0 becomes unstable as Y grows or falls, at each X.

    Attributes
    ----------
    x
        Shape (n,).
    y
        Shape (n,); NaN where nothing in reach is.
    frequency
        Of the oscillation that begins there, shape (n,) [Hz].
    """

    x: Array
    y: Array
    frequency: Array


@dataclass(frozen=True)
class Arousal:
    """Rates of the dendrites α, β and of the cortex γ [s⁻¹], and the delay t0 [s]."""

    alpha: float
    beta: float
    gamma: float
    delay: float

    @classmethod
    def of(cls, model: Model) -> Arousal:
        """Return those of a corticothalamic model with one kind of dendrite and one wave.

        Raises
        ------
        NftsimError
            If there are several, or none.
        """
        neural = set(model.neural)
        inner = [c for c in model.connections if c.pre in neural]
        dendrites = [c.dendrite for c in inner if isinstance(c.dendrite, SecondOrder)]
        rates = {(float(np.max(d.alpha)), float(np.max(d.beta))) for d in dendrites}
        waves = {c.pre: c.propagator for c in inner if isinstance(c.propagator, Wave)}
        speeds = {float(np.max(w.damping)) for w in waves.values()}
        if len(rates) != 1 or len(speeds) != 1 or len(waves) != 1:
            raise NftsimError(
                f"{model.name}: X, Y and Z tell its stability only with one kind of dendrite and "
                "one kind of wave"
            )
        ((alpha, beta),), (cortex,) = rates, waves
        tau = {(c.post, c.pre): float(np.max(c.propagator.tau)) for c in inner}
        there = {b for b, a in tau if a == cortex and (cortex, b) in tau}
        ways = [tau[b, cortex] + tau[cortex, b] for b in there]
        return cls(alpha, beta, speeds.pop(), max(ways))

    def thalamic(self, s: Complex, z: float) -> Complex:
        """Return the factor of Y, which is 1 at s = 0."""
        low = 1 / ((1 + s / self.alpha) * (1 + s / self.beta))
        loop = -z * (self.alpha + self.beta) ** 2 / (self.alpha * self.beta)
        return np.asarray((1 - loop) * low**2 * np.exp(-s * self.delay) / (1 - loop * low**2))

    def function(self, s: Complex, x: float, y: float, z: float) -> Complex:
        """Return the characteristic function, whose zeros are the growth rates."""
        return np.asarray((1 + s / self.gamma) ** 2 - x - y * self.thalamic(s, z))

    def boundaries(self, x: ArrayLike, z: float) -> tuple[Boundary, Boundary]:
        """Return the lower and the upper end of the stable Y for each X, at one Z.

        Between them all deviations decay; this is so at Y = 0 if X < 1 and 0 ≤ Z < 1.

        Parameters
        ----------
        x
            Shape (n,), below 1.
        z
            From 0 to below 1.
        """
        across = np.asarray(x, dtype=float)
        if not (0 <= z < 1 and (across < 1).all()):
            raise NftsimError(f"Z = {z:g}: nothing is stable unless 0 <= Z < 1 and X < 1")
        f = np.linspace(0.0, HIGHEST, COUNT)[1:]
        s = np.asarray(2j * np.pi * f, dtype=complex)
        cortical, thalamic = (1 + s / self.gamma) ** 2, self.thalamic(s, z)
        with np.errstate(divide="ignore"):
            y = cortical.imag / thalamic.imag
        own = cortical.real - y * thalamic.real
        ends = np.full((2, 2, len(across)), np.nan)  # lower and upper; Y and frequency
        ends[1, 0], ends[1, 1] = 1 - across, 0.0  # X + Y = 1, where s = 0
        for i, target in enumerate(across):
            crossing = np.flatnonzero((own[:-1] - target) * (own[1:] - target) <= 0)
            part = (target - own[crossing]) / (own[crossing + 1] - own[crossing])
            at = y[crossing] + part * (y[crossing + 1] - y[crossing])
            there = f[crossing] + part * (f[crossing + 1] - f[crossing])
            near = np.abs(y[crossing + 1] - y[crossing]) < 1 + np.abs(at)
            near &= np.abs(at) < FARTHEST
            for side, sign in enumerate((-1, 1)):
                for value, frequency in zip(at[near], there[near], strict=True):
                    if sign * value > 0 and not sign * value >= sign * ends[side, 0, i]:
                        ends[side, :, i] = value, frequency
        lower, upper = (Boundary(across, *end) for end in ends)
        return lower, upper
