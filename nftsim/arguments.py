"""Commands and options of the command line, and its help."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from typing import NoReturn

from nftsim import __version__

#: What a command does with its options.
Action = Callable[[argparse.Namespace], None]

DESCRIPTION = """Neural field simulation: models in NFTsim's .conf format, runs in HDF5 or as text.

Exit code: 0 done, 1 the simulation diverged, 2 bad input (a line on stderr says what and where)."""
EXAMPLES = """examples ('nftsim COMMAND --help' has more):
  nftsim list                                    models of the library, and components
  nftsim check my-model.conf                     does it make sense? how much memory will it take?
  nftsim steady eirs-wake --json                 its fixed points
  nftsim spectrum eirs-wake --trace propagator.1.phi --fmin 1 --fmax 45 --df 0.5
                                                 its power spectrum, in theory
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
  nftsim steady eirs-wake --set coupling.1.nu=0.0015 --json
""",
    "spectrum": """
  nftsim spectrum eirs-wake --trace propagator.1.phi --frequencies 1,2,5,10
  nftsim spectrum eirs-wake --trace propagator.1.phi --fmin 1 --fmax 45 --df 0.25 --csv
  nftsim spectrum my-model.conf --trace pop.1.q --k0 none --wavenumbers continuous --json
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
    for name, (text, add) in VERBS.items():
        sub: argparse.ArgumentParser = verbs.add_parser(
            name,
            help=text,
            description=f"{text[0].upper()}{text[1:]}.",
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        add(sub)
        settable = "--set" in sub._option_string_actions
        sub.epilog = f"examples:{TEACH[name]}{CHANGES if settable else ''}"
        sub.set_defaults(command=actions[name])
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


def _check(check: argparse.ArgumentParser) -> None:
    _add_model(check)
    check.add_argument(
        "--plan", action="store_true", help="say what is computed once, and what a step does"
    )


def _steady(steady: argparse.ArgumentParser) -> None:
    _add_model(steady)
    _add_json(steady, "a table")


def _spectrum(spectrum: argparse.ArgumentParser) -> None:
    _add_model(spectrum, compat=False)
    spectrum.add_argument(
        "--trace", required=True, metavar="T", help="of what, e.g. propagator.1.phi or pop.1.q"
    )
    spectrum.add_argument(
        "--frequencies", metavar="F,F,…", help="where [Hz]; or evenly spaced by the next three"
    )
    for name, default, text in (
        ("--fmin", 1.0, "first frequency [Hz]"),
        ("--fmax", 50.0, "last frequency [Hz]"),
        ("--df", 0.5, "distance of frequencies [Hz]"),
    ):
        spectrum.add_argument(name, type=float, metavar="F", help=f"{text} (default: {default:g})")
    spectrum.add_argument(
        "--k0",
        default="10",
        metavar="K",
        help="cut-off of the low pass by volume conduction exp(-k^2/k0^2) [1/m], or 'none' "
        "(default: 10)",
    )
    spectrum.add_argument(
        "--wavenumbers",
        choices=["grid", "continuous"],
        default="grid",
        help="the Laplacian of the simulation's grid, or that of the equations (default: grid)",
    )
    form = spectrum.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="print JSON instead of a table")
    form.add_argument("--csv", action="store_true", help="print CSV instead of a table")


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
    "steady": ("find the fixed points of a model", _steady),
    "spectrum": ("compute the power spectrum that linear theory gives a model", _spectrum),
    "convert": ("turn a run into another format, or a model into a plain .conf file", _convert),
    "info": ("say what a file holds: model, traces, times, where it comes from", _info),
}
