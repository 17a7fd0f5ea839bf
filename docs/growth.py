"""Simulate next to every fixed point of the library, and bring theory.md in line.

Run ``python -m docs.growth`` from the root of the repository (a quarter of a minute).
"""

from __future__ import annotations

import logging
from collections.abc import Iterator

from docs.tables import table, write
from nftsim.model import load_model
from nftsim.theory.fixed_points import steady_states
from nftsim.theory.stability import stability
from tests.theory.growth import DURATIONS, measured_rates, wave_of

PAGE, NAME = "theory.md", "growth"
HEAD = ("fixed point (number)", "`dominant`", "`dominant_stepped`", "simulated", "k [m⁻¹]")
Row = tuple[str, ...]


def rows(name: str, *, simulate: bool = True) -> Iterator[Row]:
    """Yield a row for each fixed point of a model of the library, lowest first.

    Parameters
    ----------
    name
        The model.
    simulate
        Whether to measure the growth in a simulation; without it, that cell is empty.
    """
    model = load_model(name)
    for i, point in enumerate(steady_states(model).fixed_points):
        found = stability(model, point)
        assert found.dominant is not None
        assert found.stepped is not None
        rate = ""
        if simulate:
            wave = wave_of(model, found.stepped.k)
            rate = number(measured_rates(model, point, DURATIONS[name][i], wave)[0])
        theory = (number(root.value) for root in (found.dominant, found.stepped))
        yield f"`{name}` ({i + 1})", *theory, rate, f"{found.dominant.k:.3g}"


def number(s: complex) -> str:
    """Return a root, or a pair of them, as the page has it."""
    growth = f"{s.real:#.5g}".replace("-", "−")
    return f"{growth} ± {abs(s.imag):.5g}i" if abs(s.imag) > 1e-6 * (1 + abs(s)) else growth


if __name__ == "__main__":
    logging.disable(logging.WARNING)  # some start a little above the largest rate
    every = []
    for name in DURATIONS:
        for row in rows(name):
            print(*row, sep=" | ", flush=True)
            every.append(row)
    write(PAGE, NAME, table(HEAD, every))
