"""``nftsim plot``: any picture of a run, from the command line.

The package `nftsim` finds `COMMAND` by its entry point (see `nftsim.plugins`).
"""

from __future__ import annotations

import argparse
import logging
from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path

from analysis.busy import busy
from analysis.field import model_of
from analysis.plot_checks import require_options, require_run
from analysis.plot_kinds import KINDS, MOVIES, PICTURES, Kind
from nftsim.errors import NftsimError, suggestion
from nftsim.io.place import require_folder
from nftsim.notices import add_quiet, wrote
from nftsim.plugins import Command

log = logging.getLogger("nftsim.plot")

EXAMPLES = """
  nftsim plot wake.h5 --kind series
  nftsim plot wake.h5 --kind series --node 1,211 --stop 0.05 -o two-nodes.pdf
  nftsim plot wake.h5 --kind frames --times 0.02,0.04,0.06
  nftsim plot wake.h5 --kind surface --times 0.06
  nftsim plot wake.h5 --kind movie -o wake.gif
  nftsim plot wake.h5 --kind spectrogram --band 2,45
  nftsim plot wake.h5 --kind kw --segment 0.05
  nftsim plot wake.h5 --kind spectrum --k0 none -o wake.pdf
  nftsim plot eirs-wake --kind schematic
"""
#: Shown by the help after the options.
KINDS_HEAD = "kinds, and the options that each takes besides --trace and -o:"


def _add(plot: argparse.ArgumentParser) -> None:
    plot.description = (
        "Draw a run: one picture or movie per call, in journal column width, with units.\n\n"
        + KINDS_HEAD
        + "".join(f"\n  {name:<12}{kind.text}{_options(kind)}" for name, kind in KINDS.items())
    )
    plot.add_argument(
        "run", metavar="RUN.h5", help="a run; for --kind schematic also a model (.conf, or a name)"
    )
    plot.add_argument("--kind", required=True, metavar="KIND", help=f"one of: {', '.join(KINDS)}")
    plot.add_argument(
        "--trace",
        action="append",
        metavar="T",
        help="what to draw, e.g. propagator.1.phi ('nftsim info RUN.h5' lists them; default: the "
        "first field of a propagator). Time series may have several, --trace T1 --trace T2",
    )
    plot.add_argument(
        "-o",
        "--output",
        metavar="FILE",
        help=f"file to write; pictures: {_listed(PICTURES)}, movies: {_listed(MOVIES)} "
        "(default: here, RUN-KIND.png or RUN-movie.mp4)",
    )
    plot.add_argument("--start", type=float, metavar="S", help="leave out what is before [s]")
    plot.add_argument("--stop", type=float, metavar="S", help="leave out what is after [s]")
    plot.add_argument(
        "--times",
        metavar="S,S,…",
        help="times of frames [s] (default: six, spread over the part in which something happens)",
    )
    plot.add_argument("--node", metavar="N,N,…", help="numbers of nodes, from 1")
    plot.add_argument("--band", metavar="LOW,HIGH", help="frequencies shown [Hz]")
    plot.add_argument(
        "--segment", type=float, metavar="S", help="length of Welch's segments [s] (default: 4)"
    )
    plot.add_argument(
        "--k0",
        metavar="K0",
        help="low pass of volume conduction exp(-k^2/k0^2) [1/m], or 'none' (default: 10)",
    )
    plot.add_argument("--rate", type=float, metavar="HZ", help="frames per second (default: 25)")
    plot.add_argument(
        "--frames", type=int, metavar="N", help="how many frames a movie has (default: up to 250)"
    )
    add_quiet(plot)


def _options(kind: Kind) -> str:
    return f"\n{'':14}{' '.join(f'--{name}' for name in kind.takes)}" if kind.takes else ""


def _run(options: argparse.Namespace) -> None:
    """Make the picture that is asked for."""
    if options.kind not in KINDS:
        hint = suggestion(options.kind, KINDS)
        raise NftsimError(
            f"nftsim plot: no kind '{options.kind}'. Kinds: {', '.join(KINDS)}.{hint}"
        )
    kind = KINDS[options.kind]
    known = {name for other in KINDS.values() for name in other.takes}
    require_options(options, options.kind, kind.takes, known)
    if options.output is not None:
        options.output = _named(options, kind)
    if options.kind == "schematic":
        model_of(options.run)  # or a word on what it is
    else:
        require_run(options)
    options.output = options.output or _default(options, kind)
    # a movie has a bar of its own
    silent = options.quiet or kind.formats is MOVIES
    with nullcontext() if silent else busy(f"drawing {options.output}"):
        kind.make(options)
    if options.kind != "schematic":
        _warn(options.run)
    wrote(options, options.output)


def _warn(path: str) -> None:
    """Repeat what guards have found amiss with the run, which the picture shows, too."""
    # slow to import, and not needed to find a mistake
    from nftsim.guards import findings_of
    from nftsim.io.hdf5 import open_run

    with open_run(path) as run:
        for finding in findings_of(run.attrs):
            log.warning("%s: %s", path, finding)


def _default(options: argparse.Namespace, kind: Kind) -> Path:
    """Return the file to write where none is named: here, by the run and the kind."""
    suffix = kind.formats[0]
    if kind.formats is MOVIES:
        from analysis.figures.movie import default_format

        suffix = default_format()
    return Path(f"{Path(options.run).stem}-{options.kind}.{suffix}")


def _named(options: argparse.Namespace, kind: Kind) -> Path:
    """Return the file that is named, whose suffix is one that the kind can have."""
    target = Path(options.output)
    if target.suffix[1:].lower() not in kind.formats:
        raise NftsimError(
            f"{target}: cannot be a {target.suffix or 'file without a suffix'}; --kind "
            f"{options.kind} writes {_listed(kind.formats)}"
        )
    require_folder(target)
    return target


def _listed(formats: Sequence[str]) -> str:
    return ", ".join(f".{name}" for name in formats)


COMMAND = Command(
    "draw a run: series, frames, surface, movie, spectrogram, k-omega map, spectrum, schematic",
    EXAMPLES,
    _add,
    _run,
)
