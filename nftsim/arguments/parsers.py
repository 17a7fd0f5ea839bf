"""The parser of the command line, and that of NFTsim's own options."""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, NoReturn

from nftsim import __version__
from nftsim.arguments.table import VERBS
from nftsim.errors import suggestion
from nftsim.plugins import Command

#: What a command does with its options.
Action = Callable[[argparse.Namespace], None]

DESCRIPTION = """Neural field simulation: models in NFTsim's .conf format, runs in HDF5 or as text.

Exit code: 0 done, 1 the simulation diverged, 2 bad input (a line on stderr says what and where)."""
EXAMPLES = """examples ('nftsim COMMAND --help' has more):
  nftsim list                                    models of the library, and components
  nftsim check my-model.conf                     does it make sense? how much memory will it take?
  nftsim steady eirs-wake --json                 its fixed points, and whether they are stable
  nftsim spectrum eirs-wake --trace propagator.1.phi --fmin 1 --fmax 45 --df 0.5
                                                 its power spectrum, in theory
  nftsim respond e-erps --trace propagator.1.phi --node 2000
                                                 what its pulses evoke, in theory
  nftsim waves eirs-wake                         its own rhythms: frequency and damping along k
  nftsim branches eirs-wake --parameter coupling.9.nu --from 0.002 --to 0.003 --set nodes=1
                                                 its fixed points as a strength changes
  nftsim map eirs-wake --x coupling.9.nu 0 6e-3 9 --y coupling.10.nu -2e-3 0 5 --set nodes=1
                                                 how many there are, over two strengths
  nftsim run e-erps -o erp.h5                    waves that two pulses evoke
  nftsim run eirs-wake -o wake.h5 --duration 5 --set output.start=0 --set nodes=400
                                                 five seconds of noise, on a smaller grid
  nftsim info wake.h5                            what is in it
  nftsim verify wake.h5                          does it come out the same here?
  nftsim convert wake.h5 wake.output             as NFTsim's text

in place of NFTsim, without a command:
  nftsim -i my-model.conf -o my-model.output     what NFTsim does, as it does it
                                                 (-t, -v, and defaults: 'nftsim -i --help')
"""
#: What is run where nothing is named.
DEFAULT = "nftsim.conf"
CHANGES = """
paths for --set (K, J count from 1; P is a parameter, see 'nftsim list'):
  time, deltat, nodes, longside                  the run and its grid
  population.K.length|q|firing.P|stimulus.J.P    a population, its response, its stimuli
  propagator.K.P, coupling.K.P, dendrite.K.P     a connection
  output.node|start|interval|traces              what is written, e.g. output.traces=pop.1.q
"""
DROPIN = (
    """Run a model in place of NFTsim: its options, its habits (as --compat nftsim), its text."""
)
DROPIN_EXAMPLES = """examples:
  nftsim                                         nftsim.conf, if it is here, to nftsim.output
  nftsim -i my-model.conf                        to my-model.output
  nftsim -i my-model.conf -o my-run.h5           the same numbers, in HDF5

A name that ends in .h5 or .hdf5 is HDF5, any other is NFTsim's text.
'nftsim --help' lists the commands that do more.
"""


class _Parser(argparse.ArgumentParser):
    """Argument parser whose errors are one line, like all others, and that knows -1e-3."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # argparse takes negative numbers with an exponent, and lists of them, for options
        self._negative_number_matcher = re.compile(r"^-(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?(,.*)?$")

    def error(self, message: str) -> NoReturn:
        if choice := re.search(r"invalid choice: '(.*)' \(choose from (.*)\)", message):
            allowed = [word.strip("'") for word in choice[2].split(", ")]
            message += suggestion(choice[1], allowed)
        self.exit(2, f"{self.prog}: {message} (see '{self.prog} --help')\n")


def parser(
    actions: Mapping[str, Action], added: Mapping[str, Command] = MappingProxyType({})
) -> argparse.ArgumentParser:
    """Return the parser of the command line.

    Parameters
    ----------
    actions
        What the commands of this package do, by their name.
    added
        Commands of other packages.
    """
    top = _Parser(
        "nftsim",
        description=DESCRIPTION,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    top.add_argument("--version", action="version", version=f"nftsim {__version__}")
    verbs = top.add_subparsers(required=True, metavar="COMMAND")
    own = {
        name: Command(verb.text, verb.examples, verb.add, actions[name])
        for name, verb in VERBS.items()
    }
    for name, command in {**own, **{n: c for n, c in added.items() if n not in own}}.items():
        text = command.text
        sub: argparse.ArgumentParser = verbs.add_parser(
            name,
            help=text,
            description=f"{text[0].upper()}{text[1:]}.",
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        command.add(sub)
        settable = "--set" in sub._option_string_actions
        sub.epilog = f"examples:{command.examples}{CHANGES if settable else ''}"
        sub.set_defaults(command=command.run)
    return top


def dropin_parser(action: Action) -> argparse.ArgumentParser:
    """Return the parser of NFTsim's own options."""
    top = _Parser(
        "nftsim",
        usage="nftsim [-i MODEL.conf] [-o FILE] [-t] [-v]",
        description=DROPIN,
        epilog=DROPIN_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    top.add_argument(
        "-i",
        "--input",
        dest="model",
        metavar="MODEL.conf",
        help=f"the model (default: {DEFAULT})",
    )
    top.add_argument(
        "-o",
        "--output",
        metavar="FILE",
        help="file to write (default: the model's name with .output for .conf)",
    )
    top.add_argument(
        "-t",
        "--time-stamp",
        action="store_true",
        help="put the time into the name of the file, if none is given",
    )
    top.add_argument(
        "-v", "--verbose", action="store_true", help="write the text to stdout, and no file"
    )
    top.set_defaults(command=action)
    return top
