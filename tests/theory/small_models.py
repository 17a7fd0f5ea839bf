"""Small models for the tests of the theory, and the closed form of the EIRS spectrum."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from nftsim.model import Model, parse_model
from nftsim.model.checks import check
from nftsim.theory.fixed_points import FixedPoint
from nftsim.theory.linear import gains

Array = NDArray[np.float64]

SIGMOID = "Sigmoid Theta: 0.013 Sigma: 0.0038 Qmax: 340"


def noise_only(stimulus: str = "White - Mean: 1 StdDev: 0.5", grid: str = "Nodes: 16") -> Model:
    """One input without neurons."""
    return check(
        parse_model(
            f"Time: 1 Deltat: 1e-3\n{grid}\n"
            "Connection matrix:\nFrom: 1\nTo 1: 0\n"
            f"Population 1: Noise\n Length: 0.5\n Stimulus: {stimulus}\n"
            "Output: Node: All\n"
        )
    )


def network(
    weights: list[list[float]],
    *,
    firing: list[str] | None = None,
    stimulus: str = "Const - Mean: 1",
    onto: list[float] | None = None,
    grid: str = "Nodes: 1",
    lengths: list[float] | None = None,
    propagator: str = "Map - Tau: 0",
    parts: dict[str, str] | None = None,
) -> Model:
    """Neural populations with strengths `weights[to][from]`, and one input, `onto[to]`.

    `firing` goes after ``Firing: Function:``, or after ``Firing:`` if it has a ``Function:`` of its
    own. `parts` replaces objects, e.g. ``{"Coupling 1": "Ramp - nu: …"}``. Connections are numbered
    by population, the input last.
    """
    parts = {} if parts is None else parts
    count = len(weights)
    onto = [1e-3] * count if onto is None else onto
    firing = [SIGMOID] * count if firing is None else firing
    lengths = [0.5] * (count + 1) if lengths is None else lengths
    links = [
        (post, pre, nu)
        for post, row in enumerate(weights)
        for pre, nu in enumerate([*row, onto[post]])
        if nu != 0 or pre == count  # a population without any input is not a neural one
    ]
    index = {(post, pre): i for i, (post, pre, _) in enumerate(links, start=1)}
    size = range(count + 1)
    lines = ["Time: 4 Deltat: 1e-4", grid, "Connection matrix:"]
    lines.append("From: " + " ".join(str(b + 1) for b in size))
    lines += [f"To {a + 1}: " + " ".join(str(index.get((a, b), 0)) for b in size) for a in size]
    for a in range(count):
        lines += [f"Population {a + 1}: P{a + 1}", f"Length: {lengths[a]} Q: 10"]
        prefix = "Firing:" if "Function:" in firing[a] else "Firing: Function:"
        lines.append(f"{prefix} {firing[a]}")
        for i in (i for (post, _), i in index.items() if post == a):
            dendrite = parts.get(f"Dendrite {i}", "alpha: 80 beta: 500")
            lines.append(f"Dendrite {i}: {dendrite}")
    lines += [f"Population {count + 1}: Input", f"Length: {lengths[-1]}", f"Stimulus: {stimulus}"]
    for i, (_, _, nu) in enumerate(links, start=1):
        kinds = {"Propagator": propagator, "Coupling": f"Map - nu: {nu!r}"}
        lines += [f"{k} {i}: {parts.get(f'{k} {i}', text)}" for k, text in kinds.items()]
    return check(parse_model("\n".join([*lines, "Output: Node: All\n"])))


def loop_gains(model: Model, fixed_point: FixedPoint) -> dict[str, float]:
    """Gains of the loops of an EIRS model, as they are named in the literature."""
    g = gains(model, fixed_point)
    return {
        "ee": g[1, 1],
        "ei": g[1, 2],
        "ese": g[1, 4] * g[4, 1],
        "esre": g[1, 4] * g[4, 3] * g[3, 1],
        "srs": g[4, 3] * g[3, 4],
        "esn": g[1, 4] * g[4, 5],
    }


def closed_eirs_spectrum(
    model: Model, fixed_point: FixedPoint, f: Array, k0: float | None, *, grid: bool
) -> Array:
    """One-sided spectrum of φ_e in closed form (Robinson et al. 2001-2003), s⁻² Hz⁻¹."""
    g = loop_gains(model, fixed_point)
    dendrite: Any = model.connections[0].dendrite
    wave: Any = model.connections[0].propagator
    stimulus: Any = model.populations[4].stimuli[0]
    t0 = 2 * float(model.connections[2].propagator.tau)  # type: ignore[arg-type]
    w = 2 * np.pi * f
    low = 1 / ((1 - 1j * w / dendrite.alpha) * (1 - 1j * w / dendrite.beta))
    thalamic = 1 - low**2 * g["srs"]
    q2r2 = (1 - 1j * w / wave.gamma) ** 2 - (
        low * g["ee"] + (low**2 * g["ese"] + low**3 * g["esre"]) * np.exp(1j * w * t0) / thalamic
    ) / (1 - low * g["ei"])
    ny, nx = model.shape
    ly, lx = model.extent(0)
    kx = 2 * np.pi * np.fft.fftfreq(nx, lx / nx)
    ky = 2 * np.pi * np.fft.fftfreq(ny, ly / ny)
    k2 = (ky[:, None] ** 2 + kx**2).ravel()
    dx = lx / nx
    stencil = ((4 - 2 * np.cos(ky * dx)[:, None] - 2 * np.cos(kx * dx)) / dx**2).ravel()
    laplacian = stencil if grid else k2
    seen = np.ones_like(k2) if k0 is None else np.exp(-k2 / k0**2)
    numerator = g["esn"] * low**2 * np.exp(1j * w * t0 / 2) / (thalamic * (1 - low * g["ei"]))
    response = numerator[:, None] / (laplacian * wave.range**2 + q2r2[:, None])
    area_element = (2 * np.pi / lx) * (2 * np.pi / ly)
    power = (np.abs(response) ** 2 * seen).sum(axis=1)
    return np.asarray(4 * np.pi * stimulus.asd**2 * area_element * power)
