"""The command line: ``nftsim run | check | steady | list``."""

from __future__ import annotations

import argparse
import json
import logging
import math
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, NoReturn

from nftsim import __version__
from nftsim.components import ROLES
from nftsim.errors import NftsimError
from nftsim.model import Model, library, load_model
from nftsim.model.overrides import parse_setting

DESCRIPTION = """Neural field simulation: models in NFTsim's .conf format, runs in HDF5.

Exit code: 0 done, 1 the simulation diverged, 2 bad input (a line on stderr says what and where)."""
EXAMPLES = """examples:
  nftsim list                                    models of the library, and components
  nftsim check my-model.conf                     does it make sense? how much memory will it take?
  nftsim steady eirs-wake --json                 its fixed points
  nftsim run eirs-wake -o wake.h5 --duration 5   five seconds of noise-driven activity
  nftsim run e-erps -o erp.h5 --set population.1.firing.theta=0.013 --set nodes=1024
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


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; return its exit code: 0, 1 for a failed simulation, 2 for bad input."""
    options = _parser().parse_args(arguments)
    with _warnings_to_stderr():
        try:
            options.command(options)
            sys.stdout.flush()
        except NftsimError as error:
            return _fail(str(error), error.exit_code)
        except BrokenPipeError:  # the reader of a pipe, say `head`, has seen enough
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        except OSError as error:
            return _fail(f"{error.filename or options.model}: {error.strerror or error}", 2)
        except KeyboardInterrupt:
            return _fail("interrupted; nothing was written", 130)
    return 0


def _fail(message: str, code: int) -> int:
    """Print a message as one line that a terminal can show, whatever the input held."""
    line = "".join(c if c.isprintable() else " " for c in message)
    print(line, file=sys.stderr)
    return code


@contextmanager
def _warnings_to_stderr() -> Iterator[None]:
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("warning: %(message)s"))
    handler.setLevel(logging.WARNING)
    logger = logging.getLogger("nftsim")
    logger.addHandler(handler)
    try:
        yield
    finally:
        logger.removeHandler(handler)


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        "nftsim",
        description=DESCRIPTION,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"nftsim {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    run = _add_command(commands, "run", _run, "simulate a model and write the run to an HDF5 file")
    check = _add_command(
        commands, "check", _check, "read a model, check it, and say what running it takes"
    )
    steady = _add_command(commands, "steady", _steady, "find the fixed points of a model")
    steady.add_argument("--json", action="store_true", help="print JSON instead of a table")
    for command in (run, check, steady):
        _add_model(command)
    _add_run(run)
    _add_command(commands, "list", _list, "list the models of the library and the components")
    return parser


def _add_command(commands: Any, name: str, command: Any, text: str) -> argparse.ArgumentParser:
    sub: argparse.ArgumentParser = commands.add_parser(
        name,
        help=text,
        description=f"{text[0].upper()}{text[1:]}.",
        epilog=None if name == "list" else CHANGES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    sub.set_defaults(command=command, model="")
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
        help="follow NFTsim's habits (truncated delays, its noise, …), for exact comparison",
    )


def _add_run(run: argparse.ArgumentParser) -> None:
    run.add_argument("-o", "--output", required=True, metavar="RUN.h5", help="file to write")
    run.add_argument(
        "--duration",
        type=float,
        metavar="S",
        help="length of the run [s] (default: the model's Time)",
    )
    run.add_argument("--seed", type=int, default=1, help="seed of the noise (default: 1)")
    run.add_argument(
        "--initial", metavar="RUN.h5", help="start, at t = 0, from the end state of this run"
    )
    run.add_argument(
        "--rng",
        choices=["counter", "nftsim"],
        default="counter",
        help="noise: a function of seed, step and node (default), or drawn as NFTsim draws it, "
        "whose seeds are in the model (Ranseed)",
    )


def _load(options: argparse.Namespace) -> Model:
    changes = dict(parse_setting(text) for text in options.set)
    return load_model(options.model, changes, compat=options.compat is not None)


def _run(options: argparse.Namespace) -> None:
    duration, seed = options.duration, options.seed
    if duration is not None and not 0 < duration < math.inf:
        raise NftsimError(f"--duration {duration:g}: give a finite time > 0 in seconds")
    if not 0 <= seed < 2**64:
        raise NftsimError(f"--seed {seed}: give a whole number from 0 to 2^64 - 1")
    model = _load(options)
    if duration is not None:
        # complaints about the length of the run are about this number, not the file's
        model = replace(model, places={**model.places, "time": f"--duration {duration:g}"})
    # slow to import, and not needed to find that a model is wrong
    from tqdm import tqdm

    from nftsim.engine.simulate import run_to_file

    quiet = not sys.stderr.isatty()
    with tqdm(total=model.steps, unit="step", unit_scale=True, disable=quiet, delay=1) as bar:

        def progress(done: int, total: int) -> None:
            bar.total = total
            bar.update(done - bar.n)

        run_to_file(
            model,
            options.output,
            duration=duration,
            seed=seed,
            initial=options.initial,
            rng=options.rng,
            compat=options.compat is not None,
            progress=progress,
        )


def _check(options: argparse.Namespace) -> None:
    model = _load(options)
    from nftsim.engine.compile import compile_plan
    from nftsim.engine.simulate import require_memory, required_memory

    plan = compile_plan(model, compat=options.compat is not None)
    require_memory(plan)
    ny, nx = model.shape
    neural = len(model.neural)
    print(
        f"{model.name}: {neural} neural populations, {len(model.populations) - neural} inputs, "
        f"{len(model.connections)} connections"
    )
    print(f"grid: {nx} x {ny} nodes; {model.steps} steps of {model.deltat:g} s")
    for c in model.connections:
        propagator = c.propagator.on(model.nodes)
        if propagator.keyword == "Wave":
            number = propagator.coefficients(model.setting(c.pre))[0] ** 0.5
            print(f"propagator {c.index}: Courant number {number:.3g} (limit 0.707)")
    traces = ", ".join(map(str, model.output.traces)) or "nothing"
    print(f"output: {traces}; every {plan.interval} steps")
    print(f"memory: about {required_memory(plan) / 2**20:.0f} MiB")


def _steady(options: argparse.Namespace) -> None:
    model = _load(options)
    from nftsim.theory.fixed_points import steady_states

    found = steady_states(model)
    if options.json:
        print(json.dumps(found.to_dict(), indent=2))
    else:
        print(found.to_frame().to_string(index=False))


def _list(options: argparse.Namespace) -> None:
    del options
    print("models:")
    for name, path in library().items():
        title = path.read_text(encoding="utf-8").strip().splitlines()[0]
        print(f"  {name:18s} {title}")
    for role, base in ROLES.items():
        print(f"\n{role}s:")
        for keyword, cls in base.registry.items():
            print(f"  {keyword or '(no name)':14s} {cls.equation}    [{cls.source}]")
            for p in cls.parameters().values():
                note = " (optional)" if p.optional else ""
                unit = f" [{p.unit}]" if p.unit else ""
                print(f"      {p.keyword:12s} {p.symbol}{unit}: {p.text}{note}")


if __name__ == "__main__":
    sys.exit(main())
