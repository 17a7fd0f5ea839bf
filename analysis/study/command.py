"""``nftsim study``: everything about a model, in one command that goes on where it was cut off."""

from __future__ import annotations

import argparse
import logging
import math
import os
import re
import sys
from collections.abc import Iterable
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

from analysis.busy import busy
from analysis.study import settings
from analysis.study.running import LOG, carry_out, snakefile
from nftsim.arguments.verb import add_set
from nftsim.errors import NftsimError
from nftsim.io.place import require_folder
from nftsim.notices import add_quiet
from nftsim.plugins import Command

if TYPE_CHECKING:
    from nftsim.theory.states import SteadyStates

log = logging.getLogger("nftsim.study")

#: A range of more seeds than this is a slip of the finger.
_MOST_SEEDS = 100_000

_EXAMPLES = """
  nftsim study my-model.conf -o my-study
  nftsim study eirs-wake -o wake --set coupling.1.nu=0.0012
  nftsim study eirs-wake -o wake --trace pop.1.q --duration 60 --seeds 1-4 --cores 4
"""
_MORE = """\
Find the fixed points of a model and their stability, simulate it around the lowest stable one,
predict its spectrum by linear theory in the same units, and say by a statistical rule whether the
two agree. All of it goes into a folder, as an experiment of the workflow. The same command goes on
where it was cut off, and does again only what has changed.

The verdict is 'agree', 'disagree', or 'insufficient' if there is too little data to say; each of
them ends with exit code 0. A failed simulation is 1, bad input 2.
"""


def _add(study: argparse.ArgumentParser) -> None:
    study.description = _MORE
    study.add_argument("model", metavar="MODEL", help="a .conf file, or a name from 'nftsim list'")
    study.add_argument(
        "-o", "--output", required=True, metavar="DIR", help="folder of the study, new or its own"
    )
    study.add_argument(
        "--trace",
        metavar="T",
        help="whose spectrum, e.g. propagator.1.phi (default: the first field that the model "
        "writes)",
    )
    study.add_argument(
        "--at",
        type=int,
        metavar="N",
        help="around which fixed point, counted from 1, lowest first (default: the lowest stable "
        "one)",
    )
    study.add_argument(
        "--duration", type=float, metavar="S", help="length of each run [s] (default: 120)"
    )
    study.add_argument(
        "--warmup",
        type=float,
        metavar="S",
        help="length of the warm-up before it [s] (default: 20, or 20 times the slowest decay)",
    )
    study.add_argument(
        "--seeds", metavar="N,N-N,…", help="seeds of the noise, a run each (default: 1-12)"
    )
    study.add_argument(
        "--cores", type=int, metavar="N", help="how many cores to use (default: all)"
    )
    add_set(study)
    add_quiet(study)


def _run(options: argparse.Namespace) -> None:
    folder = Path(options.output)
    _require_numbers(options)
    _require_folder(folder)
    snakefile()
    model, changes = settings.loaded(options)
    settings.require_own(folder, options.model)
    trace = settings.trace_of(model, options.trace)
    # slow to import, and not needed to find that a name or a number is wrong
    from analysis.study.outcome import described, fixed_points, outcome
    from nftsim.commands.points import place_of
    from nftsim.theory.fixed_points import steady_states

    with nullcontext() if options.quiet else busy("fixed points"):
        states = steady_states(model)
        place = place_of(states, model.name, options.at)
        study = settings.planned(options, model, changes, trace, states, place, folder)
        refused = "" if options.at else _refused(states, place, trace)
    options.accepted()
    _say(fixed_points(states, None if refused else place))
    if refused:
        raise NftsimError(f"{model.name}: {refused}")
    print()
    _say(described(study))
    folder.mkdir(exist_ok=True)
    study.write(folder)
    results = f"results/{study.name}"
    targets = [f"{results}/{name}" for name in ("comparison.json", "agreement.png")]
    runs = [f"{results}/{seed}/main.h5" for seed in study.experiment["seeds"]]
    targets = [f"{results}/steady.json", *(targets if study.compared else runs)]
    cores = options.cores or len(os.sched_getaffinity(0))
    try:
        said = carry_out(folder, targets, cores, quiet=options.quiet)
    except (KeyboardInterrupt, SystemExit) as stop:
        print(f"{folder}: interrupted; the same command goes on from there", file=sys.stderr)
        sys.exit(stop.code if isinstance(stop, SystemExit) else 130)
    for text in said:  # what has been said is not said again
        if not any(text in note for note in study.notes):
            log.warning("%s", text)
    print()
    _say(outcome(study, folder))
    print(f"log: {folder / LOG}; the same command does again only what has changed", flush=True)


def _refused(states: SteadyStates, place: int, trace: str) -> str:
    """Return why nothing can come of a study around a point that was not asked for."""
    from analysis.comparable import why_saturated

    if states.warning(place):
        return (
            "no simulation stays at a fixed point, so there is nothing to compare with theory; "
            "nftsim run shows what it does instead"
        )
    if reason := why_saturated(states, place, trace):
        return (
            f"no verdict: {reason}; nftsim run shows what the model does, and --at {place + 1} "
            "simulates it there nonetheless"
        )
    return ""


def _say(lines: Iterable[str]) -> None:
    for line in lines:
        print(line)
    sys.stdout.flush()  # before minutes of work


def _require_numbers(options: argparse.Namespace) -> None:
    """Refuse numbers that no study can have; seeds become a tuple.

    Raises
    ------
    NftsimError
        In one line.
    """
    for name in ("duration", "warmup"):
        value = getattr(options, name)
        if value is not None and not 0 < value < math.inf:
            raise NftsimError(f"--{name} {value:g}: give a finite time > 0 in seconds")
    if options.cores is not None and not 1 <= options.cores <= 1024:
        raise NftsimError(f"--cores {options.cores}: give a whole number from 1 to 1024")
    if options.seeds is None:
        return
    seeds = _seeds(options.seeds)
    if not seeds or len(set(seeds)) < len(seeds) or max(seeds) > 2**53 - 1:
        raise NftsimError(
            f"--seeds {options.seeds}: give different whole numbers from 0 to 2^53 - 1, or ranges "
            "of them, with commas between, e.g. 1,2,3 or 1-12"
        )
    options.seeds = seeds


def _seeds(words: str) -> tuple[int, ...]:
    """Return the numbers of '1,2,7-9'; none if that is not what it is."""
    seeds: list[int] = []
    for word in words.split(","):
        found = re.fullmatch(r"\s*([0-9]{1,16})(?:-([0-9]{1,16}))?\s*", word)
        if found is None:
            return ()
        first, last = int(found[1]), int(found[2] or found[1])
        if not 0 <= last - first < _MOST_SEEDS:
            return ()
        seeds.extend(range(first, last + 1))
    return tuple(seeds)


def _require_folder(folder: Path) -> None:
    """Refuse a folder that cannot be that of a study.

    Raises
    ------
    NftsimError
        In one line.
    """
    if folder.exists() and not folder.is_dir():
        raise NftsimError(f"{folder}: is a file; name a folder for the study")
    require_folder(folder / settings.CONFIG if folder.exists() else folder)
    if not folder.exists() or not any(folder.iterdir()):
        return
    file = folder / settings.CONFIG
    if not (file.is_file() and file.read_text(errors="replace").startswith(settings.MADE)):
        raise NftsimError(
            f"{folder}: is neither empty nor the folder of a study; it is left alone: name another"
        )


COMMAND = Command(
    "do all with a model: fixed points, simulation, spectrum, theory, and whether they agree",
    _EXAMPLES,
    _add,
    _run,
)
