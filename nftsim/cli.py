"""The command line: ``nftsim run | check | steady | list``."""

from __future__ import annotations

import argparse
import json
import math
import os
import signal
import sys
import threading
from collections.abc import Sequence
from dataclasses import replace

from nftsim.arguments import parser
from nftsim.errors import NftsimError
from nftsim.listing import listing
from nftsim.model import Model, load_model
from nftsim.model.overrides import parse_setting
from nftsim.notices import Notices


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; return its exit code: 0, 1 for a failed simulation, 2 for bad input."""
    options = parser(COMMANDS).parse_args(arguments)
    with Notices() as notices:
        options.accepted = notices.accept
        try:
            options.command(options)
            notices.accept()
            sys.stdout.flush()
        except NftsimError as error:
            if error.exit_code == 1:  # the model was accepted: it ran
                notices.accept()
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


def _load(options: argparse.Namespace) -> Model:
    changes = dict(parse_setting(text) for text in options.set)
    return load_model(options.model, changes, compat=options.compat is not None)


def _run(options: argparse.Namespace) -> None:
    duration, seed = options.duration, options.seed
    if duration is not None and not 0 < duration < math.inf:
        raise NftsimError(f"--duration {duration:g}: give a finite time > 0 in seconds")
    if seed is not None and not 0 <= seed < 2**64:
        raise NftsimError(f"--seed {seed}: give a whole number from 0 to 2^64 - 1")
    _require_consistent(options)
    model = _load(options)
    if duration is not None:
        # complaints about the length of the run are about this number, not the file's
        model = replace(model, places={**model.places, "time": f"--duration {duration:g}"})
    # slow to import, and not needed to find that a model is wrong
    from tqdm import tqdm

    from nftsim.engine.simulate import run_to_file

    quiet = not sys.stderr.isatty()
    ended = _when_terminated()
    with tqdm(total=model.steps, unit="step", unit_scale=True, disable=quiet, delay=1) as bar:

        def progress(done: int, total: int) -> None:
            options.accepted()
            bar.total = total
            bar.update(done - bar.n)
            if ended.is_set():
                sys.exit(128 + signal.SIGTERM)

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
    if not quiet:
        options.accepted()
        print(f"wrote {options.output}", file=sys.stderr)


def _when_terminated() -> threading.Event:
    """Return what is set when a batch system ends the job, so that it ends between two chunks."""
    ended = threading.Event()
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, lambda *_: ended.set())
    return ended


def _require_consistent(options: argparse.Namespace) -> None:
    """Refuse options of a run that contradict each other."""
    if not options.output:
        raise NftsimError("--output: its name is empty; name a file, e.g. run.h5")
    if options.compat and options.rng == "counter":
        raise NftsimError(
            "--rng counter contradicts --compat nftsim, which draws noise as NFTsim does; leave "
            "one of them out"
        )
    if options.seed is not None and (options.compat or options.rng == "nftsim"):
        cause = "--compat nftsim" if options.compat else "--rng nftsim"
        raise NftsimError(
            f"--seed {options.seed} has no effect with {cause}; use Ranseed, e.g. "
            "--set population.K.stimulus.J.ranseed=7"
        )


def _check(options: argparse.Namespace) -> None:
    model = _load(options)
    from nftsim.engine.compile import compile_plan
    from nftsim.engine.limits import require_memory, required_memory

    plan = compile_plan(model, compat=options.compat is not None)
    require_memory(plan)
    ny, nx = model.shape
    neural = len(model.neural)
    print(
        f"{model.name}: {_count(neural, 'neural population')}, "
        f"{_count(len(model.populations) - neural, 'input')}, "
        f"{_count(len(model.connections), 'connection')}"
    )
    print(f"grid: {nx} x {ny} nodes; {_count(model.steps, 'step')} of {model.deltat:g} s")
    for c in model.connections:
        propagator = c.propagator.on(model.nodes)
        if propagator.keyword == "Wave":
            number = propagator.coefficients(model.setting(c.pre))[0] ** 0.5
            print(f"propagator {c.index}: Courant number {number:.3g} (limit 0.707)")
    every = "every step" if plan.interval == 1 else f"every {plan.interval} steps"
    traces = ", ".join(map(str, model.output.traces)) or "nothing"
    print(f"output: {traces}; {every}")
    print(f"memory: about {required_memory(plan) / 2**20:.0f} MiB")


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


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
    for line in listing():
        print(line)


COMMANDS = {"run": _run, "check": _check, "steady": _steady, "list": _list}


if __name__ == "__main__":
    sys.exit(main())
