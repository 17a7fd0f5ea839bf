"""Figure 2: response of a dendrite to an impulse of presynaptic rate."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import ArrayLike, NDArray

from analysis.figures.style import COLOURS, COLUMN, figure, styled


def response(u: ArrayLike, alpha: float, beta: float) -> NDArray[np.float64]:
    """Impulse response L(u) of the second-order dendrite (Sanz-Leon et al. 2018, Eq 5).

    Parameters
    ----------
    u
        Time since the impulse [s].
    alpha, beta
        Decay and rise rate [s⁻¹].

    Returns
    -------
    ndarray
        L(u) [s⁻¹]; zero before the impulse.
    """
    time = np.asarray(u, float)
    after = np.maximum(time, 0.0)
    if alpha == beta:
        shape = alpha**2 * after * np.exp(-alpha * after)
    else:
        difference = np.exp(-alpha * after) - np.exp(-beta * after)
        shape = alpha * beta / (beta - alpha) * difference
    return np.where(time < 0, 0.0, shape)


def peak_time(alpha: float, beta: float) -> float:
    """Time of the largest response, ln(β/α)/(β−α) [s]."""
    return 1 / alpha if alpha == beta else float(np.log(beta / alpha) / (beta - alpha))


@styled
def draw(alpha: float = 45.0, beta: float = 185.0) -> Figure:
    """Draw L(u), its peak marked.

    Parameters
    ----------
    alpha, beta
        Decay and rise rate [s⁻¹].

    Returns
    -------
    Figure
    """
    fig = figure(COLUMN * 0.65, 6.0)
    axes = fig.add_subplot()
    peak = peak_time(alpha, beta)
    top = float(response(peak, alpha, beta))
    end = peak + 5 / min(alpha, beta)
    u = np.linspace(-0.05 * end, end, 1001)
    axes.plot(1e3 * u, response(u, alpha, beta), color=COLOURS["black"])
    axes.plot(
        [1e3 * peak, 1e3 * peak], [0, top], color=COLOURS["blue"], linestyle="--", linewidth=0.8
    )
    axes.plot(1e3 * peak, top, "o", color=COLOURS["blue"], markersize=4)
    axes.annotate(
        rf"peak: $\ln(\beta/\alpha)/(\beta-\alpha)$ = {1e3 * peak:.1f} ms",
        (1e3 * peak, top),
        xytext=(8, 0),
        textcoords="offset points",
        va="center",
    )
    axes.text(
        0.97,
        0.62,
        rf"$\alpha$ = {alpha:g} s$^{{-1}}$" + "\n" + rf"$\beta$ = {beta:g} s$^{{-1}}$",
        transform=axes.transAxes,
        ha="right",
    )
    axes.set(
        xlabel=r"Time since the impulse, $u$ (ms)",
        ylabel=r"Response, $L(u)$ (s$^{-1}$)",
        xlim=(1e3 * u[0], 1e3 * u[-1]),
        ylim=(0, 1.1 * top),
    )
    return fig


def caption(alpha: float = 45.0, beta: float = 185.0) -> str:
    """Return the caption, with the numbers.

    Parameters
    ----------
    alpha, beta
        Decay and rise rate [s⁻¹].

    Returns
    -------
    str
    """
    peak = peak_time(alpha, beta)
    return (
        f"Dendritic response L(u) to an impulse, for a decay rate α = {alpha:g} s⁻¹ and a rise "
        f"rate β = {beta:g} s⁻¹. It peaks {1e3 * peak:.2f} ms after the impulse, at "
        f"{float(response(peak, alpha, beta)):.2f} s⁻¹, and its integral is 1."
    )
