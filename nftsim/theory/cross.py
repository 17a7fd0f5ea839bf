"""Two traces: transfer functions from one to the other, cross-spectra and coherence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nftsim.errors import NftsimError
from nftsim.model import Model, Trace
from nftsim.theory.equations import Array
from nftsim.theory.fixed_points import FixedPoint
from nftsim.theory.linear import aliased, checked_frequencies, one_trace, rest, slices
from nftsim.theory.noise import inputs, noise_density
from nftsim.theory.response import LinearModel, angular, linearise
from nftsim.theory.sources import rate_of, responses_to
from nftsim.theory.units import unit

Complex = NDArray[np.complex128]


@dataclass(frozen=True)
class CrossSpectrum:
    """The cross-spectrum of two traces x and y, with their own spectra.

    Attributes
    ----------
    frequencies
        Shape (n,) [Hz].
    cross
        One-sided density of ⟨x y*⟩, shape (n,) [`units`]; with the Fourier sign e^{−iωt}, so that
        its phase is that by which x comes later than y.
    first, second
        Power of x and of y, shape (n,), each in its trace's unit squared Hz⁻¹.
    units
        Of `cross`.
    traces
        Names of x and y.
    """

    frequencies: Array
    cross: Complex
    first: Array
    second: Array
    units: str
    traces: tuple[str, str]

    @property
    def coherence(self) -> Array:
        """|⟨x y*⟩|²/(⟨|x|²⟩⟨|y|²⟩), between 0 and 1, shape (n,) [1]."""
        return np.asarray(np.abs(self.cross) ** 2 / (self.first * self.second))

    @property
    def phase(self) -> Array:
        """By how much x comes later than y, −π to π, shape (n,) [rad]."""
        return np.angle(self.cross)

    def to_dict(self) -> dict[str, Any]:
        """Return plain lists, for JSON."""
        return {
            "frequencies": self.frequencies.tolist(),
            "cross": {"re": self.cross.real.tolist(), "im": self.cross.imag.tolist()},
            "power": [self.first.tolist(), self.second.tolist()],
            "coherence": self.coherence.tolist(),
            "phase": self.phase.tolist(),
            "traces": list(self.traces),
            "units": self.units,
        }


def cross_spectrum(
    model: Model,
    first: str | Trace,
    second: str | Trace,
    frequencies: ArrayLike,
    *,
    apart: tuple[int, int] = (0, 0),
    k0: float | None = 10.0,
    wavenumbers: str = "grid",
    fixed_point: FixedPoint | None = None,
    interval: float | None = None,
    compat: bool = False,
) -> CrossSpectrum:
    """Return the cross-spectrum of two traces driven by the model's white noise.

    Parameters
    ----------
    model, frequencies, k0, wavenumbers, fixed_point, interval, compat
        As of `nftsim.theory.linear.linear_spectrum`; volume conduction acts on the first trace's
        sheet.
    first, second
        The traces x and y.
    apart
        How many nodes along y and x the second is away from the first.

    Raises
    ------
    NftsimError
        If noise reaches one of them not at all, or the model has no linear theory.

    Notes
    -----
    Σ_i Σ_k p_i(k) X_i(k, ω) Y_i(k, ω)* F(k) cos(k·r), with the transfer functions X and Y from each
    input and the distance r; see `nftsim.theory.linear.linear_spectrum`.
    """
    pair = [one_trace(model, t) for t in (first, second)]
    f = checked_frequencies(frequencies)
    linear = linearise(model, rest(model, fixed_point), wavenumbers, compat=compat)
    density = noise_density(model, compat=compat)
    modes = linear.modes(model.sheet_of(pair[0]), k0)
    py, px = (
        2 * np.pi * np.fft.fftfreq(n) * away for n, away in zip(model.shape, apart, strict=True)
    )
    distance = np.cos(py[:, None] + px)
    weights = np.stack([modes.filtered(d) for d in density])
    across = np.stack([modes.filtered(d * distance) for d in density])
    added = [rate_of(i) for i in inputs(model)]

    def both(f: Array) -> Complex:
        parts = []
        for part in slices(len(f), modes):
            s = angular(f[part])[:, None]
            x, y = responses_to(linear, pair, added, s, modes.laplacian)
            products = ((x, y, across), (x, x, weights), (y, y, weights))
            # what no mode tells apart answers alike in all of them
            parts.append(np.stack([_sum(a * b.conj(), w, len(s)) for a, b, w in products], axis=-1))
        return np.concatenate(parts)

    total, _ = aliased(both, linear, f, interval)
    for trace, power in zip(pair, (total[:, 1], total[:, 2]), strict=True):
        if not power.any():
            raise NftsimError(
                f"{model.name}: no noise reaches {trace}, so it has no spectrum; ask for a trace "
                "downstream of a White stimulus"
            )
    units = [model.field_of(t).unit for t in pair]
    return CrossSpectrum(
        f,
        total[:, 0],
        total[:, 1].real,
        total[:, 2].real,
        unit(*units, per=("Hz",)),
        (str(pair[0]), str(pair[1])),
    )


def _sum(product: Complex, weights: Array, count: int) -> Complex:
    """Return Σ_i Σ_m of a product, shape (I, n, M or 1), with weights, shape (I, M)."""
    whole = np.broadcast_to(product, (len(weights), count, weights.shape[1]))
    return np.asarray(np.einsum("ifm,im->f", whole, weights))


def transfer_function(
    model: Model,
    trace: str | Trace,
    source: str | Trace,
    frequencies: ArrayLike,
    *,
    k: float = 0.0,
    wavenumbers: str = "grid",
    fixed_point: FixedPoint | None = None,
    compat: bool = False,
) -> Complex:
    """Return the response of one trace to a small deviation added to another, all loops closed.

    Parameters
    ----------
    model
        A uniform model on a torus, with constant strengths and rates.
    trace, source
        What is read, and what is added to: a rate sent out (``pop.K.q``), the potential of a
        population (``pop.K.v``) or of one of its dendrites (``dendrite.K.v``), or the field that
        arrives by a connection (``propagator.K.phi``).
    frequencies
        Shape (n,) [Hz], not negative.
    k
        Wavenumber of the deviation [m⁻¹], along x; 0 for one that is the same everywhere.
    wavenumbers, fixed_point, compat
        As of `nftsim.theory.linear.linear_spectrum`.

    Returns
    -------
    ndarray
        Shape (n,) [unit of the trace per unit of the source], with the Fourier sign e^{−iωt}: a
        delay τ is e^{+iωτ}.
    """
    read, added = one_trace(model, trace), one_trace(model, source)
    f = checked_frequencies(frequencies)
    linear = linearise(model, rest(model, fixed_point), wavenumbers, compat=compat)
    found = responses_to(linear, [read], [added], angular(f), wave(linear, added, np.asarray(k)))
    return np.broadcast_to(found[0, 0], f.shape).copy()


def transfer_units(model: Model, trace: Trace, source: Trace) -> str:
    """Return the unit of a transfer function from `source` to `trace`."""
    return unit(model.field_of(trace).unit, per=(model.field_of(source).unit,))


def wave(linear: LinearModel, trace: Trace, k: Array) -> Array:
    """Return −∇² in units of the grid spacing of waves along x on a trace's sheet, shape of `k`.

    Raises
    ------
    NftsimError
        If the grid has no such waves.
    """
    model = linear.model
    spacing = model.spacing(model.sheet_of(trace))
    if linear.wavenumbers == "continuous":
        return np.asarray((k * (spacing or 1.0)) ** 2)
    most = np.pi / spacing if spacing > 0 else 0.0
    if np.any(np.abs(k) > most * (1 + 1e-9)):
        raise NftsimError(
            f"k = {np.max(np.abs(k)):g} m^-1 is more than the grid has; give at most {most:.6g}, "
            "or take the continuous wavenumbers"
        )
    # along an axis diagonal neighbours see the same
    return np.asarray(2 - 2 * np.cos(k * spacing))
