"""Figure 4: the kinds of components, what goes into them and what comes out, from the registry."""

from __future__ import annotations

import textwrap

from matplotlib.figure import Figure

from analysis.figures.diagram import BETWEEN, WITHIN, Box, arrow, canvas, draw_box
from analysis.figures.style import PAGE, styled
from nftsim.components import ROLES

#: Role → input, output, whether it connects populations; in the order of a step.
FLOW = {
    "coupling": (r"$\phi_{ab}$ (s⁻¹)", r"$P_{ab}$ (V)", True),
    "dendrite": (r"$P_{ab}$ (V)", r"$V_{ab}$ (V)", True),
    "firing": (r"$V_a = \Sigma_b V_{ab}$ (V)", r"$Q_a$ (s⁻¹)", False),
    "propagator": (r"$Q_a(t-\tau_{ca})$ (s⁻¹)", r"$\phi_{ca}$ (s⁻¹)", True),
    "stimulus": ("time (s), noise", r"$Q_x$ (s⁻¹)", False),
}


def members(role: str) -> list[str]:
    """Return the names of the components of a role; that without a name is ``standard``."""
    return [keyword or "standard" for keyword in ROLES[role].registry]


@styled
def draw() -> Figure:
    """Draw a box for each role with its members, inputs on the left and outputs on the right.

    Returns
    -------
    Figure
    """
    step = 1.75
    fig, axes = canvas(PAGE, step * len(FLOW))
    middle, width, height = PAGE / 2, 9.6, 1.35
    for index, (role, (source, result, between)) in enumerate(FLOW.items()):
        y = step * (len(FLOW) - index - 0.5)
        text = textwrap.fill(", ".join(members(role)), 74)
        face = BETWEEN if between else WITHIN
        draw_box(axes, Box(middle, y, width, height, role, text, face))
        left, right = middle - width / 2, middle + width / 2
        arrow(axes, (left - 1.3, y), (left, y))
        arrow(axes, (right, y), (right + 1.3, y))
        axes.text(left - 1.4, y, source, ha="right", va="center", fontsize=9)
        axes.text(right + 1.4, y, result, ha="left", va="center", fontsize=9)
    return fig


def caption() -> str:
    """Return the caption, with the numbers."""
    counts = ", ".join(f"{len(members(role))} kinds of {role}" for role in FLOW)
    return (
        "The roles of components in the order of a step, with what goes in and what comes out, and "
        "the components that fill them, as the registry has them: "
        f"{counts}. Grey: between two populations; white: within one."
    )
