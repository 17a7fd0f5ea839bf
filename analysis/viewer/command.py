"""``nftsim view``: a run as one HTML page."""

from __future__ import annotations

import argparse
from pathlib import Path

from analysis.viewer.shown import require_page, shown_names, shown_rows
from nftsim.io.hdf5 import open_run
from nftsim.notices import add_quiet, wrote
from nftsim.plugins import Command

_EXAMPLES = """
  nftsim view wake.h5
  nftsim view wake.h5 -o alpha.html --trace propagator.1.phi --start 2 --stop 4 --size 5
"""


def _add(view: argparse.ArgumentParser) -> None:
    view.add_argument("run", metavar="RUN.h5", help="a run in HDF5, written by 'nftsim run'")
    view.add_argument(
        "-o", "--output", metavar="PAGE.html", help="file to write (default: RUN.html)"
    )
    view.add_argument(
        "--trace",
        action="append",
        metavar="TRACE",
        help="what is shown; may be repeated (default: every trace)",
    )
    view.add_argument("--start", type=float, metavar="S", help="first time shown [s]")
    view.add_argument("--stop", type=float, metavar="S", help="last time shown [s]")
    view.add_argument(
        "--size",
        type=float,
        default=10.0,
        metavar="MB",
        help="largest size of the page; rows are left out to keep it (default: 10)",
    )
    add_quiet(view)


def _run(options: argparse.Namespace) -> None:
    path = Path(options.output or Path(options.run).with_suffix(".html"))
    require_page(path)
    with open_run(options.run) as run:  # before anything slow: is there something to show?
        shown_names(run, options.trace)
        shown_rows(run, options.start, options.stop)
    from analysis.viewer.page import viewer

    viewer(
        options.run,
        path,
        trace=options.trace,
        start=options.start,
        stop=options.stop,
        size=options.size,
    )
    wrote(options, path, "; it opens in any browser")


COMMAND = Command(
    "write an HTML page that shows a run: animation, and series and spectrum of a node clicked",
    _EXAMPLES,
    _add,
    _run,
)
