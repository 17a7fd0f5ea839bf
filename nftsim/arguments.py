"""Commands and options of the command line, and its help."""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, NoReturn

from nftsim import __version__, theory_options
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
  nftsim convert wake.h5 wake.output             as NFTsim's text

in place of NFTsim, without a command:
  nftsim -i my-model.conf -o my-model.output     what NFTsim does, as it does it
                                                 (-t, -v, and defaults: 'nftsim -i --help')
"""
#: What is run where nothing is named.
DEFAULT = "nftsim.conf"
#: Examples of each command: the command line, and what it is for.
TEACH = {
    "run": """
  nftsim run my-model.conf -o my-run.h5
  nftsim run eirs-wake -o wake.h5 --duration 2 --seed 7 --set nodes=400 --set output.start=0
  nftsim run eirs-wake -o next.h5 --initial wake.h5 --set nodes=400 --set output.start=0
  nftsim run eirs-wake -o high.h5 --steady 3 --duration 1 --set output.start=0
  nftsim run my-model.conf -o my-run.output --compat nftsim
""",
    "check": """
  nftsim check my-model.conf
  nftsim check eirs-wake --set nodes=10000 --set deltat=5e-5
  nftsim check eirs-wake --plan
""",
    "list": """
  nftsim list
  nftsim list wave
  nftsim list dendrite --json
""",
    "steady": """
  nftsim steady eirs-wake
  nftsim steady eirs-wake --all
  nftsim steady eirs-wake --set coupling.1.nu=0.0015 --json
  nftsim steady eirs-wake --simulate --starts 16
""",
    "branches": """
  nftsim branches eirs-wake --parameter coupling.9.nu --from 0 --to 0.006
  nftsim branches eirs-wake --parameter coupling.3.nu,coupling.6.nu --from 0 --to 2e-3 --csv
  nftsim branches eirs-wake --parameter coupling.9.nu --from 0 --to 0.006 --set nodes=1 --json
""",
    "map": """
  nftsim map eirs-wake --x coupling.9.nu 0 0.006 25 --y coupling.10.nu -0.003 0 13 --set nodes=1
  nftsim map my-model.conf --x coupling.1.nu 0 1e-3 9 --y population.1.firing.theta .01 .02 9 --csv
""",
    "spectrum": """
  nftsim spectrum eirs-wake --trace propagator.1.phi --frequencies 1,2,5,10
  nftsim spectrum eirs-wake --trace propagator.1.phi --fmin 1 --fmax 45 --df 0.25 --csv
  nftsim spectrum my-model.conf --trace pop.1.q --k0 none --wavenumbers scheme --json
  nftsim spectrum eirs-wake --trace propagator.1.phi --with pop.4.q
  nftsim spectrum eirs-wake --trace propagator.1.phi --from pop.5.q --k 20
""",
    "respond": """
  nftsim respond e-erps --trace propagator.1.phi --node 2000,2097 --csv
  nftsim respond eirs-wake --trace propagator.1.phi --impulse pop.5.q --duration 0.5
""",
    "waves": """
  nftsim waves eirs-wake
  nftsim waves eirs-spindle --kmax 30 --dk 1 --branches 2 --csv
""",
    "convert": """
  nftsim convert wake.h5 wake.output
  nftsim convert my-run.output my-run-copy.h5
  nftsim convert eirs-wake my-wake.conf --set nodes=400
""",
    "info": """
  nftsim info wake.h5
  nftsim info my-run.output
  nftsim info eirs-wake --json
""",
}
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
        name: Command(text, TEACH[name], add, actions[name]) for name, (text, add) in VERBS.items()
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


def _add_model(verb: argparse.ArgumentParser, *, compat: bool = True) -> None:
    verb.add_argument("model", metavar="MODEL", help="a .conf file, or a name from 'nftsim list'")
    _add_set(verb)
    if compat:
        verb.add_argument(
            "--compat",
            choices=["nftsim"],
            help="do as NFTsim does (truncated delays, its noise, …), for exact comparison",
        )


def _add_set(verb: argparse.ArgumentParser) -> None:
    verb.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="PATH=VALUE",
        help="change a value by dotted path, e.g. coupling.1.nu=0.0015; may be repeated",
    )


def _add_json(verb: argparse.ArgumentParser, instead: str) -> None:
    verb.add_argument("--json", action="store_true", help=f"print JSON instead of {instead}")


def _run(run: argparse.ArgumentParser) -> None:
    _add_model(run)
    run.add_argument(
        "-o",
        "--output",
        required=True,
        metavar="RUN.h5",
        help="file to write: HDF5, or NFTsim's text if its name ends in .output or .txt",
    )
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
        "--steady",
        type=int,
        nargs="?",
        const=0,
        metavar="N",
        help="start at a fixed point, number N of 'nftsim steady --all'; without N the lowest "
        "stable one",
    )
    run.add_argument(
        "--rng",
        choices=["counter", "nftsim"],
        help="noise: 'counter', a function of seed, step and node, or 'nftsim', drawn as NFTsim "
        "draws it, with seeds from the model (Ranseed); default: that of the --initial run, else "
        "counter",
    )
    run.add_argument(
        "--threads",
        type=int,
        default=1,
        metavar="N",
        help="threads for one large sheet; no number depends on it (default 1)",
    )
    run.add_argument(
        "--no-merge",
        action="store_true",
        help="compute every connection on its own, even where several are the same",
    )
    run.add_argument(
        "--compress", choices=["gzip", "lzf"], help="compress HDF5 output (default: not at all)"
    )
    run.add_argument(
        "--single", action="store_true", help="keep HDF5 output in single precision (32 bits)"
    )
    run.add_argument(
        "--checkpoint",
        type=int,
        metavar="STEPS",
        help="keep the state every so many steps; if the run is cut off, the same command goes on "
        "from there (default: after about a minute of computing; 0: never)",
    )
    again = run.add_mutually_exclusive_group()
    again.add_argument(
        "--resume",
        action="store_true",
        help="go on from the last checkpoint, which must be of this run (default: go on if it is, "
        "else start anew)",
    )
    again.add_argument("--fresh", action="store_true", help="start anew, whatever was done before")


def _check(check: argparse.ArgumentParser) -> None:
    _add_model(check)
    check.add_argument(
        "--plan", action="store_true", help="say what is computed once, and what a step does"
    )


def _steady(steady: argparse.ArgumentParser) -> None:
    _add_model(steady)
    _add_json(steady, "text")
    steady.add_argument(
        "--all",
        action="store_true",
        help="show all fixed points (default: the lowest stable one, and how many others there "
        "are; JSON always has all)",
    )
    steady.add_argument(
        "--simulate",
        action="store_true",
        help="also say which states simulations from random rates reach",
    )
    steady.add_argument(
        "--starts", type=int, metavar="N", help="how many simulations (default: 32)"
    )


def _branches(branches: argparse.ArgumentParser) -> None:
    _add_model(branches, compat=False)
    branches.add_argument(
        "--parameter",
        required=True,
        metavar="PATH",
        help="what varies, by dotted path; several with commas between take the same value",
    )
    for name, dest, text in (("--from", "low", "lowest"), ("--to", "high", "highest")):
        branches.add_argument(
            name, dest=dest, type=float, required=True, metavar="A", help=f"{text} value of it"
        )
    branches.add_argument(
        "--samples",
        type=int,
        default=9,
        metavar="N",
        help="at how many values all fixed points are sought, to find every branch (default: 9)",
    )
    branches.add_argument(
        "--no-stability", action="store_true", help="fixed points and folds alone, which is faster"
    )
    _add_forms(branches)


def _map(map_: argparse.ArgumentParser) -> None:
    _add_model(map_, compat=False)
    for axis in ("--x", "--y"):
        map_.add_argument(
            axis,
            nargs=4,
            required=True,
            metavar=("PATH", "FROM", "TO", "N"),
            help=f"parameter along {axis[2:]}, its lowest and highest value, and how many",
        )
    _add_forms(map_)


def _add_forms(verb: argparse.ArgumentParser) -> None:
    form = verb.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="print JSON instead of text")
    form.add_argument("--csv", action="store_true", help="print CSV instead of text")


def _spectrum(spectrum: argparse.ArgumentParser) -> None:
    _add_model(spectrum)
    theory_options.spectrum(spectrum)


def _respond(respond: argparse.ArgumentParser) -> None:
    _add_model(respond)
    theory_options.respond(respond)


def _waves(waves: argparse.ArgumentParser) -> None:
    _add_model(waves, compat=False)
    theory_options.waves(waves)


def _list(listed: argparse.ArgumentParser) -> None:
    listed.add_argument(
        "words", nargs="*", metavar="WORD", help="only what has these words in its name or role"
    )
    _add_json(listed, "text")


def _convert(convert: argparse.ArgumentParser) -> None:
    convert.add_argument(
        "source",
        metavar="SOURCE",
        help="a run (HDF5, or NFTsim's text), a .conf file, or a name from 'nftsim list'",
    )
    convert.add_argument(
        "target",
        metavar="TARGET",
        help="what to write, by its extension: .h5 or .hdf5, .output or .txt, or .conf (the model "
        "alone)",
    )
    _add_set(convert)


def _info(info: argparse.ArgumentParser) -> None:
    info.add_argument(
        "model",
        metavar="FILE",
        help="a run (HDF5, or NFTsim's text), a .conf file, or a name from 'nftsim list'",
    )
    _add_json(info, "text")


#: Commands: what each is for, and what adds its options.
VERBS: dict[str, tuple[str, Callable[[argparse.ArgumentParser], None]]] = {
    "run": ("simulate a model and write the run to a file", _run),
    "check": ("read a model, check it, and say what running it takes", _check),
    "list": ("list the models of the library, and the components with their parameters", _list),
    "steady": ("find the fixed points of a model, and whether they are stable", _steady),
    "branches": ("follow the fixed points of a model along a parameter", _branches),
    "map": ("count the fixed points of a model over two parameters", _map),
    "spectrum": ("compute the power spectrum that linear theory gives a model", _spectrum),
    "respond": ("compute what small stimuli evoke in a model, by linear theory", _respond),
    "waves": ("compute frequency and damping of a model's own waves, along k", _waves),
    "convert": ("turn a run into another format, or a model into a plain .conf file", _convert),
    "info": ("say what a file holds: model, traces, times, where it comes from", _info),
}
