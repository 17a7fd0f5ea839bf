"""``nftsim run``, and the command that takes NFTsim's options."""

from __future__ import annotations

import argparse
import logging
import math
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

from nftsim.arguments.parsers import DEFAULT
from nftsim.commands import load
from nftsim.errors import NftsimError
from nftsim.io.checkpoint import Place
from nftsim.io.convert import HDF5, is_text
from nftsim.io.recognise import Kind, kind_of, no_run
from nftsim.io.text import TextWriter
from nftsim.model import Model, library, load_model
from nftsim.notices import bar_size, wrote
from nftsim.stopping import stoppable

log = logging.getLogger(__name__)


def run(options: argparse.Namespace) -> None:
    """Simulate a model and write the run to a file."""
    duration, seed = options.duration, options.seed
    if duration is not None and not 0 < duration < math.inf:
        raise NftsimError(f"--duration {duration:g}: give a finite time > 0 in seconds")
    if seed is not None and not 0 <= seed < 2**64:
        raise NftsimError(f"--seed {seed}: give a whole number from 0 to 2^64 - 1")
    if not 1 <= options.threads <= 1024:
        raise NftsimError(f"--threads {options.threads}: give a whole number from 1 to 1024")
    _require_consistent(options)
    model, point = load(options, duration), None
    if options.steady is not None:
        model, point = _at_fixed_point(model, options.steady)
    plain = not options.set and duration is None and options.steady is None
    target: Path | BinaryIO = Path(options.output)
    if is_text(options.output) and (options.compress or options.single):
        raise NftsimError("--compress and --single are for HDF5; name the output e.g. run.h5")
    _simulate(
        options,
        model,
        target,
        text=is_text(options.output),
        header=_as_it_stands(options.model) if plain else None,
        duration=duration,
        seed=seed,
        initial=options.initial,
        steady=point,
        rng=options.rng,
        compat=options.compat is not None,
        threads=options.threads,
        merge=not options.no_merge,
        compress=options.compress,
        single=options.single,
        checkpoint=options.checkpoint,
        resume=True if options.resume else False if options.fresh else "own",
    )


def _at_fixed_point(model: Model, number: int) -> tuple[Model, int]:
    """Return the model starting at a fixed point, and its number: 1 the lowest, 0 lowest stable."""
    from nftsim.theory.fixed_points import steady_states

    states = steady_states(model)
    start = model.with_rates(states.numbered(number).rates.tolist())
    return start, number or states.choice + 1


def dropin(options: argparse.Namespace) -> None:
    """Simulate a model as NFTsim does, and write what NFTsim writes."""
    if options.model is None:
        options.model = DEFAULT
        log.warning("no -i: reading %s", DEFAULT)
    source = Path(options.model)
    stamp = f"_{datetime.now():%Y-%m-%dT%H%M%S}" if options.time_stamp else ""
    output = options.output
    if output is None:
        output = str(source.with_suffix("")) + f"{stamp}.output"
        if not options.verbose:
            log.warning("no -o: writing to %s", output)
    elif not output:
        raise NftsimError("-o: its name is empty; name a file, e.g. model.output")
    options.output = output
    options.quiet = not sys.stderr.isatty()  # scripts that run NFTsim expect nothing
    model = load_model(options.model, compat=True)
    target = sys.stdout.buffer if options.verbose else Path(output)
    text = options.verbose or Path(output).suffix.lower() not in HDF5
    _simulate(options, model, target, text=text, header=_as_it_stands(options.model), compat=True)


def _as_it_stands(name: str) -> bytes:
    """Return the text of a model, which text output begins with."""
    path = Path(name)
    return (path if path.is_file() else library()[name]).read_bytes()


def _simulate(
    options: argparse.Namespace,
    model: Model,
    target: Path | BinaryIO,
    *,
    text: bool,
    header: bytes | None,
    compress: str | None = None,
    single: bool = False,
    **how: Any,
) -> None:
    """Run a model into a file or stream, with a bar that shows how far it is."""
    # slow to import, and not needed to find that a model is wrong
    from nftsim.engine import simulate
    from nftsim.engine.native import compiled

    def open_text(
        resolved: Model, rows: int, about: dict[str, Any], place: Place | None = None
    ) -> TextWriter:
        del rows, about
        options.accepted()
        return TextWriter(target, resolved, header, place)

    if sys.stderr.isatty() and not options.quiet and not compiled():
        options.accepted()
        print("compiling the kernels, once: about half a minute", file=sys.stderr)
    try:
        with _progress(options, target) as progress:
            if text:
                place = target if isinstance(target, Path) else None
                form = f"text {header!r}"
                simulate.run(model, open_text, progress=progress, target=place, form=form, **how)
            else:
                how |= {"compress": compress, "single": single}
                simulate.run_to_file(model, options.output, progress=progress, **how)
    except (KeyboardInterrupt, SystemExit) as stop:
        if not isinstance(target, Path) or not Place(target).checkpoint.exists():
            raise
        print(f"{target}: interrupted; the same command goes on from there", file=sys.stderr)
        sys.exit(stop.code if isinstance(stop, SystemExit) else 128 + signal.SIGINT)
    if isinstance(target, Path):
        wrote(options, target)


@contextmanager
def _progress(
    options: argparse.Namespace, target: Path | BinaryIO
) -> Iterator[Callable[[int, int], None]]:
    """Give what a run tells its progress; it ends the run if the process is to end."""
    from tqdm import tqdm

    quiet = options.quiet or not sys.stderr.isatty()
    bar: tqdm[Any] | None = None
    with stoppable() as obey, ExitStack() as opened:

        def progress(done: int, total: int) -> None:
            nonlocal bar
            options.accepted()
            if bar is None:
                _tell_replaced(options, target)
                # what was done before it was cut off is no part of the rate
                how = {
                    "unit": "step",
                    "unit_scale": True,
                    "disable": quiet,
                    "delay": 1,
                    **bar_size(),
                }
                bar = opened.enter_context(tqdm(total=total, initial=done, **how))
            bar.update(done - bar.n)
            obey()

        yield progress


def _tell_replaced(options: argparse.Namespace, target: Path | BinaryIO) -> None:
    """Say that the run will take the place of a file, while that can still be stopped."""
    if isinstance(target, Path) and target.is_file() and not options.quiet:
        made = f"{datetime.fromtimestamp(target.stat().st_mtime):%Y-%m-%d %H:%M:%S}"
        said = f"{target}: is there already, of {made}; it is replaced when the run is done"
        print(said, file=sys.stderr)


def _require_initial(path: str) -> None:
    """Refuse what a run cannot start from, before anything slow."""
    kind = kind_of(path)
    if kind is Kind.TEXT:
        raise NftsimError(
            f"--initial {path}: text output has no end state to start from; make the run again "
            "into a .h5 file"
        )
    if kind is not Kind.RUN:
        raise NftsimError(f"--initial {no_run(path)}")


def _require_consistent(options: argparse.Namespace) -> None:
    """Refuse options of a run that contradict each other."""
    if not options.output:
        raise NftsimError("--output: its name is empty; name a file, e.g. run.h5")
    if options.steady is not None and options.initial is not None:
        raise NftsimError("--steady and --initial both say where to start; leave one of them out")
    if options.initial is not None:
        _require_initial(options.initial)
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
