"""Figure 1: the processes within and between populations, with their symbols and units."""

from __future__ import annotations

from matplotlib.figure import Figure

from analysis.figures.diagram import BETWEEN, Box, arrow, canvas, draw_box
from analysis.figures.style import COLOURS, PAGE, styled

_SIZE = 1.15
#: Circles along the middle: symbol, unit, whether it is of a pair of populations.
_MIDDLE = ((r"$V_a$", "V", False), (r"$Q_a$", "s⁻¹", False), (r"$\phi_{ca}$", "s⁻¹", True))


@styled
def draw() -> Figure:
    """Draw the way from the fields that arrive at a population to the one that leaves it.

    Returns
    -------
    Figure
    """
    fig, axes = canvas(PAGE, 7.3)
    middle = 3.8
    rows = {"b": middle + 1.9, "b'": middle, "a": middle - 1.9}
    columns = (1.4, 4.9, 9.2, 12.9, 17.6)
    for pre, y in rows.items():
        phi = Box(columns[0], y, _SIZE, _SIZE, rf"$\phi_{{a{pre}}}$", face=BETWEEN, round=True)
        potential = Box(columns[1], y, _SIZE, _SIZE, rf"$V_{{a{pre}}}$", face=BETWEEN, round=True)
        draw_box(axes, phi)
        draw_box(axes, potential)
        label = rf"$\nu_{{a{pre}}},\ L_{{a{pre}}}$"
        arrow(axes, (phi.x + _SIZE / 2, y), (potential.x - _SIZE / 2, y), label)
        rise = 0.42 * (middle - y) / 1.9
        arrow(
            axes,
            (potential.x + _SIZE / 2, y + 0.3 * rise),
            (columns[2] - _SIZE / 2 - 0.02 + 0.06 * abs(rise), middle - 0.6 * rise),
        )
    for x, (symbol, _, between) in zip(columns[2:], _MIDDLE, strict=True):
        face = BETWEEN if between else "white"
        draw_box(axes, Box(x, middle, _SIZE, _SIZE, symbol, face=face, round=True))
    half = _SIZE / 2
    arrow(axes, (columns[2] + half, middle), (columns[3] - half, middle), r"$S_a(V_a)$")
    arrow(
        axes, (columns[3] + half, middle), (columns[4] - half, middle), r"$\tau_{ca},\ \Gamma_{ca}$"
    )
    words = (
        (columns[0], "axonal fields\nthat arrive (s⁻¹)"),
        (columns[1], "potentials of\nthe dendrites (V)"),
        (columns[2], "soma\npotential (V)"),
        (columns[3], "firing\nrate (s⁻¹)"),
        (columns[4], "axonal field that\nleaves (s⁻¹)"),
    )
    for x, text in words:
        low = middle - (2.75 if x in columns[:2] else 0.85)
        axes.text(x, low, text, ha="center", va="top", fontsize=7.5)
    stages = (
        (0.5 * (columns[0] + columns[1]), "synapses, dendrites"),
        (0.5 * (columns[1] + columns[2]), "sum at the soma"),
        (0.5 * (columns[2] + columns[3]), "firing"),
        (0.5 * (columns[3] + columns[4]), "axons"),
    )
    for x, text in stages:
        axes.text(x, 6.95, text, ha="center", va="center", fontsize=8, color=COLOURS["blue"])
    return fig


def caption() -> str:
    """Return the caption."""
    return (
        "What happens within and between populations. Grey: of a pair of populations; white: of "
        "one. Fields φ_ab arrive at population a from b, b′ and from a itself; synapses of "
        "strength ν_ab [V s] and the dendritic response L_ab [s⁻¹] turn them into potentials V_ab; "
        "their sum is the soma potential V_a; the firing response S_a gives the rate Q_a; and it "
        "reaches population c, which may be a, after a delay τ_ca [s] as the field φ_ca, spread by "
        "the propagator Γ_ca."
    )
