"""Commands and options of the command line, and its help."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from typing import Any, NoReturn

from nftsim import __version__

#: What a command does with its options.
Action = Callable[[argparse.Namespace], None]

DESCRIPTION = """Neural field simulation: models in NFTsim's .conf format, runs in HDF5.

Exit code: 0 done, 1 the simulation diverged, 2 bad input (a line on stderr says what and where)."""
EXAMPLES = """examples:
  nftsim list                                    models of the library, and components
  nftsim check my-model.conf                     does it make sense? how much memory will it take?
  nftsim steady eirs-wake --json                 its fixed points
  nftsim run e-erps -o erp.h5                    waves that two pulses evoke
  nftsim run eirs-wake -o wake.h5 --duration 5 --set output.start=0 --set nodes=400
                                                 five seconds of noise, on a smaller grid
"""
CHANGES = """paths for --set (K, J count from 1; P is a parameter, see 'nftsim list'):
  time, deltat, nodes, longside                  the run and its grid
  population.K.length|q|firing.P|stimulus.J.P    a population, its response, its stimuli
  propagator.K.P, coupling.K.P, dendrite.K.P     a connection
  output.node|start|interval|traces              what is written, e.g. output.traces=pop.1.q
"""


class _Parser(argparse.ArgumentParser):
    """Argument parser whose errors are one line, like all others."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message} (see '{self.prog} --help')\n")


def parser(actions: Mapping[str, Action]) -> argparse.ArgumentParser:
    """Return the parser of the command line, whose commands do these actions, by their name."""
    top = _Parser(
        "nftsim",
        description=DESCRIPTION,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    top.add_argument("--version", action="version", version=f"nftsim {__version__}")
    verbs = top.add_subparsers(required=True, metavar="COMMAND")

    def command(name: str, text: str) -> argparse.ArgumentParser:
        return _command(verbs, name, actions[name], text)

    run = command("run", "simulate a model and write the run to an HDF5 file")
    check = command("check", "read a model, check it, and say what running it takes")
    steady = command("steady", "find the fixed points of a model")
    steady.add_argument("--json", action="store_true", help="print JSON instead of a table")
    for verb in (run, check, steady):
        _add_model(verb)
    _add_run(run)
    command("list", "list the models of the library and the components")
    return top


def _command(verbs: Any, name: str, action: Action, text: str) -> argparse.ArgumentParser:
    sub: argparse.ArgumentParser = verbs.add_parser(
        name,
        help=text,
        description=f"{text[0].upper()}{text[1:]}.",
        epilog=None if name == "list" else CHANGES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    sub.set_defaults(command=action, model="")
    return sub


def _add_model(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("model", metavar="MODEL", help="a .conf file, or a name from 'nftsim list'")
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="PATH=VALUE",
        help="change a value by dotted path, e.g. coupling.1.nu=0.0015; may be repeated",
    )
    parser.add_argument(
        "--compat",
        choices=["nftsim"],
        help="do as NFTsim does (truncated delays, its noise, …), for exact comparison",
    )


def _add_run(run: argparse.ArgumentParser) -> None:
    run.add_argument("-o", "--output", required=True, metavar="RUN.h5", help="file to write")
    run.add_argument(
        "--duration",
        type=float,
        metavar="S",
        help="length of the run [s] (default: the model's Time)",
    )
    run.add_argument(
        "--seed",
        type=int,
        help="seed of the noise (default: that of the --initial run, else 1)",
    )
    run.add_argument(
        "--initial", metavar="RUN.h5", help="start, at t = 0, from the end state of this run"
    )
    run.add_argument(
        "--rng",
        choices=["counter", "nftsim"],
        help="noise: 'counter', a function of seed, step and node, or 'nftsim', drawn as NFTsim "
        "draws it, with seeds from the model (Ranseed); default: that of the --initial run, else "
        "counter",
    )
