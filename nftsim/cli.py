"""The command line: ``nftsim run | check | steady | list``."""

from __future__ import annotations

import argparse
import json
import logging
import sys
from collections.abc import Sequence

from tqdm import tqdm

from nftsim import __version__
from nftsim.components import ROLES
from nftsim.errors import NftsimError
from nftsim.model import Model, library, load_model
from nftsim.model.overrides import parse_setting

DESCRIPTION = "Neural field simulation: models in NFTsim's .conf format, runs in HDF5."
EXAMPLES = """examples:
  nftsim list                                    models of the library, and components
  nftsim check my-model.conf                     does it make sense? how much memory will it take?
  nftsim steady eirs-wake --json                 its fixed points
  nftsim run eirs-wake -o wake.h5 --duration 5   five seconds of noise-driven activity
  nftsim run e-erps -o erp.h5 --set population.1.firing.theta=0.013 --set output.interval=9.765625e-4
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; return its exit code: 0, 1 for a failed simulation, 2 for bad input."""
    parser = _parser()
    options = parser.parse_args(arguments)
    logging.basicConfig(format="%(levelname)s: %(message)s", level=logging.WARNING, stream=sys.stderr)
    logging.addLevelName(logging.WARNING, "warning")
    try:
        options.command(options)
    except NftsimError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        print("interrupted; nothing was written", file=sys.stderr)
        return 130
    except BrokenPipeError:
        sys.stderr.close()
        return 0
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "nftsim",
        description=DESCRIPTION,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"nftsim {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _add_run(commands)
    for name, command, text in (
        ("check", _check, "read a model, check it, and say what running it takes"),
        ("steady", _steady, "find the fixed points of a model"),
    ):
        sub = _command(commands, name, command, text)
        _add_model(sub)
        if name == "steady":
            sub.add_argument("--json", action="store_true", help="print JSON instead of a table")
    _command(commands, "list", _list, "list the models of the library and the components")
    return parser


def _command(commands, name, command, text) -> argparse.ArgumentParser:  # type: ignore[no-untyped-def]
    sub: argparse.ArgumentParser = commands.add_parser(name, help=text, description=text.capitalize())
    sub.set_defaults(command=command)
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
        help="follow NFTsim's habits (delays truncated to steps, its noise, …) for exact comparison",
    )


def _add_run(commands) -> None:  # type: ignore[no-untyped-def]
    run = _command(commands, "run", _run, "simulate a model and write the run to an HDF5 file")
    _add_model(run)
    run.add_argument("-o", "--output", required=True, metavar="RUN.h5", help="file to write")
    run.add_argument("--duration", type=float, metavar="S", help="length of the run [s]")
    run.add_argument("--seed", type=int, default=1, help="seed of the noise (default: 1)")
    run.add_argument(
        "--initial", metavar="RUN.h5", help="start, at t = 0, from the end state of this run"
    )
    run.add_argument(
        "--rng",
        choices=["counter", "nftsim"],
        default="counter",
        help="noise: a function of seed, step and node (default), or drawn as NFTsim draws it",
    )


def _load(options: argparse.Namespace) -> Model:
    changes = dict(parse_setting(text) for text in options.set)
    return load_model(options.model, changes, compat=options.compat is not None)


def _run(options: argparse.Namespace) -> None:
    from nftsim.engine.simulate import run_to_file

    if options.duration is not None and not options.duration > 0:
        raise NftsimError(f"--duration {options.duration:g}: give a time > 0 in seconds")
    model = _load(options)
    quiet = not sys.stderr.isatty()
    with tqdm(total=model.steps, unit="step", unit_scale=True, disable=quiet, delay=1) as bar:

        def progress(done: int, total: int) -> None:
            bar.total = total
            bar.update(done - bar.n)

        run_to_file(
            model,
            options.output,
            duration=options.duration,
            seed=options.seed,
            initial=options.initial,
            rng=options.rng,
            compat=options.compat is not None,
            progress=progress,
        )


def _check(options: argparse.Namespace) -> None:
    from nftsim.engine.plan import compile_plan
    from nftsim.engine.simulate import require_memory, required_memory

    model = _load(options)
    plan = compile_plan(model, compat=options.compat is not None)
    require_memory(plan)
    ny, nx = model.shape
    neural = len(model.neural)
    print(f"{model.name}: {neural} neural populations, {len(model.populations) - neural} inputs, "
          f"{len(model.connections)} connections")  # fmt: skip
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
    from nftsim.theory.fixed_points import steady_states

    found = steady_states(_load(options))
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
