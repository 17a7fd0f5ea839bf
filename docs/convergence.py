"""Measure the order of every scheme, and bring the table and the figure of numerics.md in line.

Run ``python -m docs.convergence`` from the root of the repository (seconds).
"""

from __future__ import annotations

import logging
from collections.abc import Sequence

from analysis.convergence import STUDIES, Measured, measure
from analysis.figures.convergence import draw
from docs.tables import FOLDER, table, write

PAGE = "numerics.md"
FIGURE = FOLDER / "figures" / "convergence.png"
HEAD = ("scheme", "driven by", "refined", "declared", "measured", "relative error")


def orders(results: Sequence[Measured]) -> str:
    """Return the table of declared and measured orders."""
    rows = []
    for found in results:
        study = found.study
        declared = f"{study.kind.order}" if study.kind else "–"
        errors = f"{found.errors[0]:.0e} … {found.errors[-1]:.0e}"
        order = f"{found.order:.2f}"
        rows.append((study.scheme, study.drive, study.variable, declared, order, errors))
    return table(HEAD, rows)


if __name__ == "__main__":
    logging.disable(logging.WARNING)  # delays between two steps
    measured = [measure(study) for study in STUDIES]
    write(PAGE, "orders", orders(measured))
    draw(measured).savefig(FIGURE, dpi=150, metadata={"Software": None})
