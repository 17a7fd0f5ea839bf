"""Figure 3: who calls whom in a run, checked against the sources by a test."""

from __future__ import annotations

from matplotlib.figure import Figure

from analysis.figures.diagram import BETWEEN, WITHIN, Box, arrow, canvas, draw_box
from analysis.figures.style import COLOURS, PAGE, styled

#: What is drawn: place (column, row from the top), what it is for; by module and function.
PLACES = {
    "nftsim.cli:main": ((0, 0), "the command line"),
    "nftsim.commands.run:run": ((0, 1), "nftsim run"),
    "nftsim.api:simulate": ((2, 0), "the same from Python"),
    "nftsim.model:load_model": ((0, 2), "text → Model, checked"),
    "nftsim.engine.simulate:run": ((1, 1), "a whole run"),
    "nftsim.engine.job:prepare": ((2, 1), "plan, state, seed"),
    "nftsim.engine.compile:compile_plan": ((3, 1), "Model → Plan of arrays"),
    "nftsim.engine.merge:simplified": ((3, 2), "what is the same, once"),
    "nftsim.engine.advance:run_chunks": ((1, 2), "chunks of steps"),
    "nftsim.engine.drive:drive_tables": ((2, 2), "waveforms of stimuli"),
    "nftsim.engine.kernels.program:advance": ((1, 3), "steps, machine code"),
    "nftsim.engine.kernels.operations:dendrite": ((2, 3), "a term of the equations"),
    "nftsim.engine.kernels.local:dendrite": ((3, 3), "its formula, node by node"),
    "nftsim.io.writer:RunWriter": ((0, 3), "rows → HDF5"),
}
#: Caller → what it calls.
CALLS = (
    ("nftsim.cli:main", "nftsim.commands.run:run"),
    ("nftsim.commands.run:run", "nftsim.model:load_model"),
    ("nftsim.commands.run:run", "nftsim.engine.simulate:run"),
    ("nftsim.api:simulate", "nftsim.engine.simulate:run"),
    ("nftsim.engine.simulate:run", "nftsim.engine.job:prepare"),
    ("nftsim.engine.job:prepare", "nftsim.engine.compile:compile_plan"),
    ("nftsim.engine.compile:compile_plan", "nftsim.engine.merge:simplified"),
    ("nftsim.engine.simulate:run", "nftsim.engine.advance:run_chunks"),
    ("nftsim.engine.simulate:run", "nftsim.io.writer:RunWriter"),
    ("nftsim.engine.advance:run_chunks", "nftsim.engine.drive:drive_tables"),
    ("nftsim.engine.advance:run_chunks", "nftsim.engine.kernels.program:advance"),
    ("nftsim.engine.kernels.program:advance", "nftsim.engine.kernels.operations:dendrite"),
    ("nftsim.engine.kernels.operations:dendrite", "nftsim.engine.kernels.local:dendrite"),
)
_WIDTH, _HEIGHT, _ROW = 4.15, 1.25, 2.1


def _box(name: str) -> Box:
    (column, row), text = PLACES[name]
    module, function = name.removeprefix("nftsim.").split(":")
    x = 2.3 + column * (PAGE - 4.6) / 3
    y = 0.9 + (3 - row) * _ROW
    face = BETWEEN if "kernels" in module else WITHIN
    return Box(x, y, _WIDTH, _HEIGHT, function, f"{module}\n{text}", face)


@styled
def draw() -> Figure:
    """Draw the calls of a run.

    Returns
    -------
    Figure
    """
    fig, axes = canvas(PAGE, 0.9 + 3 * _ROW + 0.9)
    boxes = {name: _box(name) for name in PLACES}
    for box in boxes.values():
        draw_box(axes, box)
    for caller, callee in CALLS:
        start, end = boxes[caller], boxes[callee]
        dx, dy = end.x - start.x, end.y - start.y
        if abs(dy) < 0.1:
            side = _WIDTH / 2 if dx > 0 else -_WIDTH / 2
            arrow(axes, (start.x + side, start.y), (end.x - side, end.y))
        else:
            shift = 0.4 * dx
            arrow(
                axes,
                (start.x + shift, start.y - _HEIGHT / 2),
                (end.x - shift, end.y + _HEIGHT / 2),
            )
    axes.text(
        PAGE - 0.2, 0.9 + 3 * _ROW, "grey: compiled by numba,\nno Python while it runs",
        ha="right", va="center", fontsize=7.5, color=COLOURS["blue"],
    )  # fmt: skip
    return fig


def caption() -> str:
    """Return the caption."""
    return (
        "Who calls whom in a run, from the top to the bottom. A model is read and checked; a job "
        "holds its plan (arrays in which what is mathematically the same stands once), its state "
        "and its seed; chunks of steps are made by one compiled program, which calls a kernel for "
        "each term of the equations, here that of dendrites; rows go to the file between chunks."
    )
