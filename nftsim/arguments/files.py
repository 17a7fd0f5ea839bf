"""Options of the commands about files: ``list``, ``convert`` and ``info``."""

from __future__ import annotations

import argparse

from nftsim.arguments.verb import Verb, add_json, add_set
from nftsim.notices import add_quiet


def _list(listed: argparse.ArgumentParser) -> None:
    listed.add_argument(
        "words",
        nargs="*",
        metavar="WORD",
        help="only what has these words in its name or role, e.g. 'components'",
    )
    add_json(listed, "text")


def _convert(convert: argparse.ArgumentParser) -> None:
    convert.add_argument(
        "source",
        metavar="SOURCE",
        help="a run (HDF5, or NFTsim's text), a .conf file, or a name from 'nftsim list'",
    )
    convert.add_argument(
        "target",
        nargs="?",
        metavar="TARGET",
        help="what to write, by its extension: .h5 or .hdf5, .output or .txt, or .conf (the model "
        "alone)",
    )
    convert.add_argument("-o", "--output", metavar="TARGET", help="the same, by the usual option")
    add_set(convert)
    add_quiet(convert)


def _info(info: argparse.ArgumentParser) -> None:
    info.add_argument(
        "model",
        metavar="FILE",
        help="a run (HDF5, or NFTsim's text), a .conf file, a name from 'nftsim list', or a result "
        "of the workflow (HDF5, JSON, CSV, PNG, PDF)",
    )
    add_json(info, "text")


#: The commands by name.
VERBS = {
    "list": Verb(
        "list the models of the library, and the components with their parameters",
        """
  nftsim list
  nftsim list models
  nftsim list components
  nftsim list wave
  nftsim list dendrite --json
""",
        _list,
    ),
    "convert": Verb(
        "turn a run into another format, or a model into a plain .conf file",
        """
  nftsim convert wake.h5 wake.output
  nftsim convert my-run.output -o my-run-copy.h5
  nftsim convert eirs-wake my-wake.conf --set nodes=400
""",
        _convert,
    ),
    "info": Verb(
        "say what a file holds: model, traces, times, where it comes from",
        """
  nftsim info wake.h5
  nftsim info my-run.output
  nftsim info eirs-wake --json
  nftsim info results/figures/fig10_spectrum.png
""",
        _info,
    ),
}
