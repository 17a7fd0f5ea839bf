"""The kinds of pictures that `nftsim plot` makes, and the options that each takes.

What draws is imported when it is needed, so that the help comes at once.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from analysis.field import model_of, require_field
from analysis.plot_checks import band, cutoff, numbers
from nftsim.errors import NftsimError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from analysis.figures.shown import Drawn, Part

PICTURES = ("png", "pdf", "svg")
MOVIES = ("mp4", "gif")
#: Options on which a picture depends, which it says in its metadata.
ASKED = ("kind", "trace", "start", "stop", "times", "node", "band", "segment", "k0")


@dataclass(frozen=True)
class Kind:
    """A kind of picture: what it shows, the options it takes, and what makes it."""

    text: str
    takes: tuple[str, ...]
    make: Callable[[argparse.Namespace], None]
    formats: tuple[str, ...] = PICTURES


def _trace(options: argparse.Namespace) -> str:
    """Return the trace to draw: that named, else the first field."""
    return require_field(options.run, (options.trace or [None])[0])


def _write(fig: Figure, options: argparse.Namespace) -> None:
    from analysis.figures import style
    from analysis.provenance import made

    asked = {k: v for k, v in vars(options).items() if k in ASKED and v is not None}
    style.write(fig, options.output, made([options.run], asked))


def _write_noted(drawn: Drawn, options: argparse.Namespace) -> None:
    """Write a figure, and then say what its reader should know."""
    _write(drawn.figure, options)
    for note in drawn.notes:
        print(f"warning: {note}", file=sys.stderr)


def _series(options: argparse.Namespace) -> None:
    from analysis.figures import series

    nodes = [int(n) for n in numbers(options.node, "node", int)]
    start, stop = options.start, options.stop
    traces = options.trace or [_trace(options)]
    _write(series.draw_run(options.run, traces, nodes, start=start, stop=stop), options)


def _times(options: argparse.Namespace, trace: str) -> list[float]:
    from analysis.figures import snapshots

    return numbers(options.times, "times", float) or snapshots.eventful(
        options.run, trace, options.start, options.stop
    )


def _frames(options: argparse.Namespace) -> None:
    from analysis.figures import snapshots

    trace = _trace(options)
    data = snapshots.read(options.run, trace, _times(options, trace))
    _write(snapshots.draw(data, trace), options)


def _surface(options: argparse.Namespace) -> None:
    from analysis.figures import fig07_frames, snapshots

    trace = _trace(options)
    data = snapshots.read(options.run, trace, _times(options, trace))
    if min(data.deviation.shape[1:]) < 2:
        raise NftsimError(f"{options.run}: a single row of nodes is no surface; plot --kind frames")
    _write(fig07_frames.surfaces(data), options)


def _movie(options: argparse.Namespace) -> None:
    from analysis.figures import movie, snapshots

    trace = _trace(options)
    count = options.frames or movie.MOST
    times = snapshots.evenly(options.run, options.start, options.stop, count)
    data = snapshots.read(options.run, trace, times)
    movie.write(data, trace, options.output, rate=options.rate or movie.RATE)


def _spectrogram(options: argparse.Namespace) -> None:
    from analysis.figures import spectrogram

    nodes = [int(n) for n in numbers(options.node, "node", int)]
    _write(spectrogram.draw_run(_part(options), nodes[0] if nodes else None), options)


def _wavenumbers(options: argparse.Namespace) -> None:
    from analysis.figures import wavenumber_map

    _write_noted(wavenumber_map.draw_run(_part(options), segment=options.segment), options)


def _spectrum(options: argparse.Namespace) -> None:
    from analysis.figures import power

    drawn = power.draw_run(_part(options), k0=cutoff(options), segment=options.segment)
    _write_noted(drawn, options)


def _part(options: argparse.Namespace) -> Part:
    """Return the part of the run that the options name."""
    from analysis.figures.shown import Part

    return Part(options.run, _trace(options), options.start, options.stop, band(options))


def _schematic(options: argparse.Namespace) -> None:
    from analysis.figures import fig09_schematics

    _write(fig09_schematics.draw([model_of(options.run)]), options)


_SPAN = ("start", "stop")
KINDS = {
    "series": Kind(
        "time series: of stimulated nodes, or else the middle one, among their neighbours;\n"
        f"{'':14}or of the nodes named",
        ("node", *_SPAN),
        _series,
    ),
    "frames": Kind("plan views of the sheet at some times", ("times", *_SPAN), _frames),
    "surface": Kind("surfaces at some times, plan views inset", ("times", *_SPAN), _surface),
    "movie": Kind("the sheet in motion, as mp4 or GIF", ("rate", "frames", *_SPAN), _movie, MOVIES),
    "spectrogram": Kind(
        "power of one node over time and frequency", ("node", "band", *_SPAN), _spectrogram
    ),
    "kw": Kind(
        "power over wavenumber and frequency, with the model's own waves",
        ("segment", "band", *_SPAN),
        _wavenumbers,
    ),
    "spectrum": Kind(
        "power over frequency, beside linear theory", ("k0", "segment", "start"), _spectrum
    ),
    "schematic": Kind("populations of the model and their connections", (), _schematic),
}
