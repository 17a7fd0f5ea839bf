"""``nftsim branches`` and ``nftsim map``: fixed points along one parameter, and over two."""

from __future__ import annotations

import argparse
import math
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import numpy as np

from nftsim.commands import counted, load, print_result
from nftsim.errors import ModelError, NftsimError
from nftsim.notices import bar_size

if TYPE_CHECKING:
    from nftsim.theory.branch_data import Branches, Event, StateBranch
    from nftsim.theory.stability_map import StabilityMap

#: Most values of a parameter of a map.
MOST = 1000
#: When progress is first shown, and how often [s].
FIRST, EVERY = 1.0, 0.5


@contextmanager
def told() -> Iterator[Callable[[float], None]]:
    """Give what a computation tells its share done, shown on a terminal once it takes a while.

    A thread draws, so that the time goes on however long a computation tells of nothing.
    """
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from tqdm import tqdm

    done, over = 0.0, threading.Event()
    how = {"delay": FIRST, "mininterval": 0, "miniters": 0, "leave": False, **bar_size()}
    form = "{percentage:3.0f}%|{bar}| {elapsed}<{remaining}"

    def progress(share: float) -> None:
        nonlocal done
        done = share

    with tqdm(total=1.0, bar_format=form, **how) as bar:

        def draw() -> None:
            while not over.wait(EVERY):
                bar.update(done - bar.n)

        thread = threading.Thread(target=draw, daemon=True)
        thread.start()
        try:
            yield progress
        finally:
            over.set()
            thread.join()


def branches(options: argparse.Namespace) -> None:
    """Print the branches of fixed points along a parameter."""
    if not 2 <= options.samples <= MOST:
        raise NftsimError(f"--samples {options.samples}: give a whole number from 2 to {MOST}")
    low, high = options.low, options.high
    if not -math.inf < low < high < math.inf:
        raise NftsimError(
            f"--from {low:.12g} --to {high:.12g}: give finite numbers, the smaller one first"
        )
    model = load(options)
    with named({"--parameter": options.parameter}), told() as progress:
        from nftsim.theory.branches import branches as follow

        found = follow(
            model,
            options.parameter,
            low,
            high,
            stability=not options.no_stability,
            samples=options.samples,
            progress=progress,
        )
    if options.json:
        print_result(found.to_dict(), options, model)
    elif options.csv:
        print(found.to_frame().to_csv(index=False), end="")
    else:
        print("\n".join(_lines(found, options.samples)))


@contextmanager
def named(options: dict[str, str]) -> Iterator[None]:
    """Name the option, of those with a parameter each, that an error is about."""
    try:
        yield
    except ModelError as error:
        for option, paths in options.items():
            if error.place in [path.strip() for path in paths.split(",")]:
                raise NftsimError(f"{option} {error}") from None
        raise


def _lines(found: Branches, samples: int) -> Iterator[str]:
    yield (
        f"{found.parameter} from {found.low:g} to {found.high:g}: "
        f"{counted(len(found.branches), 'branch', 'branches')}"
    )
    if found.complete:
        yield (
            f"certain: they hold every fixed point at {samples} values of the parameter, evenly "
            "spaced; not excluded: a closed branch between two of these values"
        )
    else:
        yield "not certain: there may be other branches"
    for number, branch in enumerate(found.branches, start=1):
        yield ""
        yield from _branch(number, branch, found.populations)


def _branch(number: int, branch: StateBranch, populations: list[str]) -> Iterator[str]:
    closed = ", closed" if branch.closed else ""
    yield f"branch {number}: {counted(len(branch.values), 'point')}{closed}"
    width = max(len(name) for name in [*populations, "branch point"])
    heads = "".join(f"  {name[:12]:>12}" for name in populations)
    yield f"  {'':<{width}}  {'value':>12}{heads}"
    ends = [("begins", 0), ("ends", -1)]
    rows = [_row(word, float(branch.values[i]), branch.rates[i], width) for word, i in ends]
    rows = [r + _verdict(int(branch.unstable[i])) for r, (_, i) in zip(rows, ends, strict=True)]
    yield rows[0]
    for event in branch.events:
        yield _row(event.kind, event.value, event.rates, width) + _about(event)
    yield rows[1]


def _row(word: str, value: float, rates: np.ndarray, width: int) -> str:
    return f"  {word:<{width}}  {value:>12.7g}" + "".join(f"  {q:>12.6g}" for q in rates)


def _verdict(unstable: int) -> str:
    if unstable < 0:
        return ""
    return f"  {counted(unstable, 'growing root')}" if unstable else "  stable"


def _about(event: Event) -> str:
    if event.k is None or event.frequency is None:
        return ""
    text = f"  {event.frequency:.5g} Hz, k = {event.k:.5g} m^-1"
    return f"{text}; stability changes here" if event.decides else text


def map_(options: argparse.Namespace) -> None:
    """Print how many fixed points there are over two parameters, and how many are stable."""
    axes = [_axis(words) for words in (options.x, options.y)]
    model = load(options)
    from nftsim.theory.stability_map import stability_map

    (first, x), (second, y) = axes
    with named({"--x": first, "--y": second}), told() as progress:
        found = stability_map(model, (first, second), x, y, progress=progress)
    if options.json:
        print_result(found.to_dict(), options, model)
    elif options.csv:
        print(found.to_frame().to_csv(index=False), end="")
    else:
        print("\n".join(_picture(found)))


def _axis(words: list[str]) -> tuple[str, np.ndarray]:
    name, *numbers = words
    try:
        low, high, count = float(numbers[0]), float(numbers[1]), int(numbers[2])
    except ValueError:
        raise NftsimError(
            f"{' '.join(words)}: give a parameter, from, to, and how many values, e.g. "
            "coupling.9.nu 0 0.006 25"
        ) from None
    if not (np.isfinite([low, high]).all() and low < high and 2 <= count <= MOST):
        raise NftsimError(
            f"{' '.join(words)}: give finite numbers, the smaller first, and 2 to {MOST} values"
        )
    return name, np.linspace(low, high, count)


def _picture(found: StabilityMap) -> Iterator[str]:
    """Yield the map as digits: how many fixed points are stable, above how many there are."""
    across, up = found.parameters
    yield f"across: {across}, {found.x[0]:g} to {found.x[-1]:g}"
    yield f"up: {up}, {found.y[0]:g} to {found.y[-1]:g}"
    known = bool((found.stable >= 0).all())
    shown = [("fixed points", found.fixed_points)]
    shown += [("of these stable", found.stable)] if known else []
    for title, counts in shown:
        yield ""
        yield f"{title}:"
        for value, row in zip(found.y[::-1], counts[::-1], strict=True):
            yield f"  {value:>12.6g}  " + "".join("+" if n > 9 else str(n) for n in row)
    yield ""
    if found.complete.all():
        yield "certain: these are all fixed points at each of these values"
    else:
        yield (
            "not certain at every pair of values, where there may be more: see 'complete' in --json"
        )
