"""Orders of accuracy: errors over steps, with the slopes that are expected."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullFormatter

from analysis.convergence import Measured
from analysis.figures.style import COLOURS, PAGE, PURE, figure, panel_letter, styled

_COLOURS = [COLOURS[name] for name in ("blue", "orange", "green", "red", "purple", "sky", "black")]
_MARKERS = "os^vDPX*h"


@styled
def draw(results: Iterable[Measured]) -> Figure:
    """Draw every measurement: schemes with the input that they assume, with a smooth one, waves.

    Parameters
    ----------
    results
        From `analysis.convergence.measure`.

    Returns
    -------
    Figure
    """
    found = list(results)
    panels = {
        "in time, the input held": [m for m in found if m.study.expected == 4],
        "in time, as models use them": [
            m for m in found if m.study.expected < 4 and not _wave(m) and not _whole(m)
        ],
        "waves; time, space, both": [m for m in found if m.study.expected < 4 and _wave(m)],
        "the whole step": [m for m in found if _whole(m)],
    }
    fig = figure(PAGE, 20.0)
    for i, (axes, (title, shown)) in enumerate(
        zip(fig.subplots(2, 2).ravel(), panels.items(), strict=True)
    ):
        _panel(axes, shown)
        axes.set_title(f"{panel_letter(i)} {title}", loc="left")
    return fig


def _wave(result: Measured) -> bool:
    return "Wave" in result.study.scheme


def _whole(result: Measured) -> bool:
    return result.study.scheme.startswith("whole step")


def _panel(axes: Axes, shown: Sequence[Measured]) -> None:
    for i, result in enumerate(shown):
        study = result.study
        # in space relative to the coarsest, so that metres and seconds share an axis
        axes.plot(
            result.steps / result.steps[0],
            result.errors,
            color=_COLOURS[i % len(_COLOURS)],
            marker=_MARKERS[i % len(_MARKERS)],
            markersize=4,
            markerfacecolor="none",
            linewidth=0.9,
            label=f"{_label(result)}: {result.order:.2f}",
        )
        slope = (result.steps / result.steps[0]) ** study.expected
        axes.plot(
            result.steps / result.steps[0],
            result.errors[0] * slope,
            color=COLOURS["grey"],
            linewidth=0.6,
            linestyle=(0, (4, 3)),
            zorder=0,
        )
    axes.set_xscale("log", base=2)
    axes.set_yscale("log")
    axes.xaxis.set_major_locator(LogLocator(base=2))
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.set_xlabel(f"Step over the coarsest ({PURE})")
    axes.set_ylabel(f"Relative error ({PURE})")
    # below, where they hide no line
    axes.legend(loc="upper left", bbox_to_anchor=(0, -0.2), borderaxespad=0, labelspacing=0.25)


def _label(result: Measured) -> str:
    study = result.study
    name = study.scheme.replace("`", "").removeprefix("whole step: ")
    refined = "" if study.variable == "time" else f", {study.variable}"
    return f"{name}, {study.drive}{refined}"
