"""``nftsim view``: a run as one HTML page."""

from __future__ import annotations

import argparse
from pathlib import Path

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


def _run(options: argparse.Namespace) -> None:
    from analysis.viewer.page import viewer

    path = viewer(
        options.run,
        options.output or Path(options.run).with_suffix(".html"),
        trace=options.trace,
        start=options.start,
        stop=options.stop,
        size=options.size,
    )
    print(f"{path}: {path.stat().st_size / 1e6:.1f} MB, opens in any browser")


COMMAND = Command(
    "write an HTML page that shows a run: animation, and series and spectrum of a node clicked",
    _EXAMPLES,
    _add,
    _run,
)
