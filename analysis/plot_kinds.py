"""The kinds of pictures that `nftsim plot` makes, and the options that each takes.

What draws is imported when it is needed, so that the help comes at once.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from nftsim.errors import NftsimError
from nftsim.io.hdf5 import open_run
from nftsim.model import Model, load_model

if TYPE_CHECKING:
    from matplotlib.figure import Figure

PICTURES = ("png", "pdf", "svg")
MOVIES = ("mp4", "gif")


@dataclass(frozen=True)
class Kind:
    """A kind of picture: what it shows, the options it takes, and what makes it."""

    text: str
    takes: tuple[str, ...]
    make: Callable[[argparse.Namespace], None]
    formats: tuple[str, ...] = PICTURES


def _numbers(text: str | None, option: str, kind: type[int] | type[float]) -> list[float]:
    """Return the numbers of an option, with commas between."""
    try:
        return [kind(word) for word in text.split(",")] if text else []
    except ValueError:
        what = "whole numbers from 1" if kind is int else "numbers"
        raise NftsimError(f"nftsim plot: --{option} {text}: {what} with commas between") from None


def _trace(options: argparse.Namespace) -> str:
    """Return the trace to draw: that named, if the run has it, else the first field."""
    with open_run(options.run) as run:
        if options.trace:
            run.dataset(options.trace[0])  # or a word on what there is
            return str(options.trace[0]).lower()
        if not run.traces:
            raise NftsimError(f"{options.run}: holds no trace; set output.traces of its model")
        fields = [name for name in run.traces if name.startswith("propagator.")]
        return (fields or run.traces)[0]


def _write(fig: Figure, options: argparse.Namespace) -> None:
    from analysis.figures import style

    style.write(fig, options.output)


def _series(options: argparse.Namespace) -> None:
    from analysis.figures import series

    nodes = [int(n) for n in _numbers(options.node, "node", int)]
    start, stop = options.start, options.stop
    traces = options.trace or [_trace(options)]
    _write(series.draw_run(options.run, traces, nodes, start=start, stop=stop), options)


def _times(options: argparse.Namespace, trace: str) -> list[float]:
    from analysis.figures import snapshots

    if options.times and (options.start is not None or options.stop is not None):
        raise NftsimError("nftsim plot: --times says which frames; leave out --start and --stop")
    return _numbers(options.times, "times", float) or snapshots.eventful(
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

    nodes = [int(n) for n in _numbers(options.node, "node", int)]
    if len(nodes) > 1:
        raise NftsimError("nftsim plot: --kind spectrogram is of one node; name one by --node")
    fig = spectrogram.draw_run(
        options.run,
        _trace(options),
        nodes[0] if nodes else None,
        start=options.start,
        stop=options.stop,
        band=_band(options),
    )
    _write(fig, options)


def _wavenumbers(options: argparse.Namespace) -> None:
    from analysis.figures import wavenumber_map

    fig = wavenumber_map.draw_run(
        options.run,
        _trace(options),
        segment=options.segment,
        start=options.start,
        stop=options.stop,
        band=_band(options),
    )
    _write(fig, options)


def _spectrum(options: argparse.Namespace) -> None:
    from analysis.figures import power

    k0 = None if options.k0 == "none" else float((_numbers(options.k0, "k0", float) or [10.0])[0])
    if k0 is not None and not k0 > 0:
        raise NftsimError(f"nftsim plot: --k0 {k0:g}; it is above 0, or 'none'")
    drawn = power.draw_run(
        options.run, _trace(options), k0=k0, segment=options.segment or 4.0, start=options.start
    )
    _write(drawn.figure, options)
    for note in drawn.notes:
        print(f"warning: {note}", file=sys.stderr)


def _band(options: argparse.Namespace) -> tuple[float, float] | None:
    if options.band is None:
        return None
    ends = _numbers(options.band, "band", float)
    if len(ends) != 2 or not 0 <= ends[0] < ends[1]:
        raise NftsimError(
            f"nftsim plot: --band {options.band}; give the lowest and the highest frequency [Hz], "
            "such as 1,45"
        )
    return ends[0], ends[1]


def _schematic(options: argparse.Namespace) -> None:
    from analysis.figures import fig09_schematics

    _write(fig09_schematics.draw([_model(options.run)]), options)


def _model(source: str) -> Model:
    """Return the model of a run, or a model itself."""
    if Path(source).suffix.lower() in (".h5", ".hdf5"):
        with open_run(source) as run:
            return run.model
    return load_model(source)


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
