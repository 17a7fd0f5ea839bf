"""One look for all figures: sizes, fonts, colours that the colour-blind can tell apart, saving."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from functools import wraps
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.axis import XAxis, YAxis
from matplotlib.figure import Figure
from matplotlib.ticker import NullFormatter, StrMethodFormatter

from analysis.files import atomic
from nftsim.origin import FIELDS, to_text

#: Widths of a PLoS figure [cm]: a text column, and the most a page takes.
COLUMN, PAGE = 13.2, 19.05

#: What ends before this time is drawn in ms [s].
SHORT = 2.0

#: Okabe & Ito (2008), distinct for all common kinds of colour vision.
COLOURS = {
    "black": "#000000",
    "orange": "#E69F00",
    "sky": "#56B4E9",
    "green": "#009E73",
    "blue": "#0072B2",
    "red": "#D55E00",
    "purple": "#CC79A7",
    "grey": "#8C8C8C",
}
#: Positive and negative deviations.
POSITIVE, NEGATIVE = COLOURS["red"], COLOURS["blue"]
DIVERGING = "RdBu_r"
#: Amounts from little to much; even in lightness, and made for colour-blind eyes.
SEQUENTIAL = "viridis"

_SETTINGS: Any = {
    "font.family": "DejaVu Sans",
    "font.size": 8,
    "axes.titlesize": 8,
    "axes.labelsize": 8,
    "axes.labelpad": 2,
    "axes.linewidth": 0.6,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "xtick.labelsize": 7.5,
    "ytick.labelsize": 7.5,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "xtick.minor.width": 0.4,
    "ytick.minor.width": 0.4,
    "legend.fontsize": 7.5,
    "legend.frameon": False,
    "lines.linewidth": 1.1,
    "mathtext.fontset": "dejavusans",
    "pdf.fonttype": 42,
    "savefig.dpi": 300,
    "svg.hashsalt": "nftsim",  # else the names of its parts are drawn by chance
    "figure.dpi": 150,
}

P = ParamSpec("P")
R = TypeVar("R")


def styled(draw: Callable[P, R]) -> Callable[P, R]:
    """Run a function that draws under the style of this module, and leave no trace of it."""

    @wraps(draw)
    def inner(*args: P.args, **kwargs: P.kwargs) -> R:
        with mpl.rc_context(_SETTINGS):
            return draw(*args, **kwargs)

    return inner


def figure(width: float, height: float, *, constrained: bool = True) -> Figure:
    """Return an empty figure of this size [cm]; `constrained`: matplotlib spaces the axes."""
    size = (width / 2.54, height / 2.54)
    return Figure(figsize=size, layout="constrained" if constrained else None)


def panel_letter(index: int) -> str:
    """Return ``(a)``, ``(b)``, … for 0, 1, …."""
    return f"({chr(ord('a') + index)})"


def signed(value: float, spec: str = "g") -> str:
    """Format a number with a true minus sign.

    Parameters
    ----------
    value
        The number.
    spec
        Format specification.

    Returns
    -------
    str
    """
    return format(value, spec).replace("-", "\N{MINUS SIGN}")


def clock(end: float) -> tuple[float, str]:
    """Return the factor from s, and the unit, in which times up to `end` [s] are drawn."""
    return (1e3, "ms") if end < SHORT else (1.0, "s")


#: Share of the time between samples to which the time of one is drawn, and most decimals.
EXACT, MOST_DECIMALS = 0.1, 6


def decimals(times: Sequence[float], step: float) -> int:
    """Return how many decimals say which samples these times are of.

    Parameters
    ----------
    times
        As they are drawn, such as in ms.
    step
        Between samples, in the same unit.
    """
    for digits in range(MOST_DECIMALS):
        if all(abs(time - round(time, digits)) <= EXACT * step for time in times):
            return digits
    return MOST_DECIMALS


#: Fewer ticks than this say too little of a logarithmic axis.
FEW = 3


def _round_between(low: float, high: float, digits: Sequence[float]) -> list[float]:
    """Return the numbers between two others that are one of these digits times a power of 10."""
    every = (digit * 10.0**power for power in range(-2, 5) for digit in digits)
    return [number for number in every if low <= number <= high]


def log_frequencies(axis: XAxis | YAxis, low: float, high: float) -> None:
    """Make an axis one of frequencies from `low` to `high` [Hz], logarithmic, with round ticks."""
    axis.axes.set(**{f"{axis.axis_name}scale": "log", f"{axis.axis_name}lim": (low, high)})
    ticks = _round_between(low, high, (1, 2, 5))
    if len(ticks) < FEW:
        ticks = _round_between(low, high, (1, 1.5, 2, 3, 4, 5, 7))
    axis.set_ticks(ticks if ticks and high < 1.6 * ticks[-1] else [*ticks, high])
    axis.set_major_formatter(StrMethodFormatter("{x:g}"))
    axis.set_minor_formatter(NullFormatter())
    axis.set_label_text("Frequency (Hz)")


def legend_above(axes: Axes, title: str, columns: int = 3) -> None:
    """Put the legend above the axes, where it hides nothing, under a title."""
    axes.legend(
        loc="lower left",
        bbox_to_anchor=(0, 1),
        title=title,
        title_fontsize=8,
        alignment="left",
        ncols=columns,
        handlelength=2.2,
        borderaxespad=0.2,
    )


def power_of_ten(largest: float) -> int:
    """Return the exponent to divide out of values up to `largest`; 0 where they read well."""
    if not 0 < largest < math.inf or 0.01 <= largest < 1000:
        return 0
    return math.floor(math.log10(largest))


#: What an axis without a unit says instead.
PURE = "dimensionless"


def with_unit(quantity: str, unit: str, exponent: int = 0) -> str:
    """Return the label of an axis that shows a quantity over 10^`exponent` of its unit."""
    factor = rf"$10^{{{exponent}}}$ " if exponent else ""
    return f"{quantity} ({factor}{unit or PURE})"


#: Formats of a figure → what of their metadata to leave out: dates, and names of programs with
#: their versions, would make equal figures differ.
FORMATS: dict[str, dict[str, None]] = {
    "pdf": {"CreationDate": None, "Producer": None, "Creator": None},
    "png": {"Software": None},
    "svg": {"Date": None, "Creator": None},
}


@styled
def write(fig: Figure, path: str | Path, made: Mapping[str, Any] | None = None) -> Path:
    """Write a figure to a file of the format of its suffix, the same bytes for the same figure.

    Parameters
    ----------
    fig
        What to write.
    path
        File whose suffix is one of `FORMATS`.
    made
        Where it comes from (see `analysis.provenance.made`), for the metadata of the file.

    Raises
    ------
    NftsimError
        If the file cannot be written.
    """
    final = Path(path)
    kind = final.suffix[1:].lower()
    with atomic(final) as part:
        about = {} if made is None else {FIELDS[kind]: to_text(made)}
        fig.savefig(part, format=kind, metadata={**FORMATS[kind], **about})
    return final


def save(fig: Figure, stem: str | Path, made: Mapping[str, Any] | None = None) -> tuple[Path, Path]:
    """Write a figure as PDF (vector) and PNG (300 dpi), as `write` does.

    Parameters
    ----------
    fig
        What to write.
    stem
        Path without suffix.
    made
        As of `write`.

    Returns
    -------
    tuple of Path
        The PDF and the PNG.

    Raises
    ------
    NftsimError
        If a file cannot be written.
    """
    return write(fig, f"{stem}.pdf", made), write(fig, f"{stem}.png", made)
