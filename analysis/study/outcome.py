"""What came of a study, in words and a table."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

from analysis.comparison import Comparison, read_comparison
from analysis.study.settings import Study
from analysis.wording import causes, in_words
from nftsim.commands import counted
from nftsim.commands.steady import slowest, verdict
from nftsim.theory.states import SteadyStates


def fixed_points(states: SteadyStates, place: int | None) -> Iterator[str]:
    """Yield lines on the fixed points of a model and their stability, lowest first.

    `place` is that which the study is around, from 0; None if there is none.
    """
    count = len(states.fixed_points)
    sure = "certainly all" if states.complete else "others are not excluded"
    yield f"{counted(count, 'fixed point')} ({sure}); rates Q [s^-1]:"
    for i, point in enumerate(states.fixed_points):
        rates = ", ".join(
            f"{name or f'population {n + 1}'} {q:.5g}"
            for n, (name, q) in enumerate(zip(states.populations, point.rates, strict=True))
        )
        yield f"  {i + 1}  {rates}"
        chosen = "; the study is around it" if i == place else ""
        yield f"     {verdict(states, i)}{slowest(states, i)}{chosen}"


def described(study: Study) -> Iterator[str]:
    """Yield lines on what is simulated."""
    told, (ny, nx) = study.experiment, study.model.shape
    runs = counted(len(told["seeds"]), "run")
    length, before = told["duration"], told["warmup"]["duration"]
    each = "each " if len(told["seeds"]) > 1 else ""
    yield (
        f"{told['traces'][0]}: {runs} of {length:g} s, {each}after {before:g} s of warm-up, on "
        f"{nx} x {ny} nodes"
    )
    yield from (f"note: {note}" for note in study.notes)


def outcome(study: Study, folder: Path) -> Iterator[str]:
    """Yield lines on the verdict, and where everything is."""
    place = folder / "results" / study.name
    if study.compared:
        yield from _judged(read_comparison(place / "comparison.json"), study)
        yield f"figure: {place / 'agreement.png'} (and .pdf); the numbers are beside it"
    else:
        yield f"numbers: {place / 'steady.json'} (and .csv)"
    seeds = study.experiment["seeds"]
    others = " and those of the other seeds" if len(seeds) > 1 else ""
    yield f"runs: {place / str(seeds[0]) / 'main.h5'}{others}; nftsim view plays one"


def _judged(found: Comparison, study: Study) -> Iterator[str]:
    """Yield the bands, the verdict and what led to it."""
    if found.verdict == "none":
        yield in_words(found)
        return
    yield from _table(found)
    yield f"verdict: {found.verdict}"
    yield causes(found)
    if text := _more(found, *study.experiment["comparison"]["required"]):
        yield text


def _table(found: Comparison) -> Iterator[str]:
    """Yield the bands: measured power over that of theory, its standard error, the verdict."""
    yield f"  {'band':<10}  {'measured/theory':>15}  {'standard error':>14}  verdict"
    for band in found.bands:
        ratio, error = _number(band.ratio), _number(band.sem)
        yield f"  {band.band:<10}  {ratio:>15}  {error:>14}  {band.verdict}"


def _number(value: float) -> str:
    """Return four digits after the point, or of a number far from 1 four in all."""
    if not math.isfinite(value):
        return "?"
    return f"{value:.4f}" if abs(value) < 10 else f"{value:.4g}"


def _more(found: Comparison, low: float, high: float) -> str:
    """Return how much more data a verdict takes; empty if there is one."""
    if found.verdict != "insufficient":
        return ""
    short = [
        b for b in found.bands
        if b.verdict == "insufficient" and low <= b.f_lo and b.f_hi <= high
    ]  # fmt: skip
    # the standard error of a few blocks is a guess, the scatter that theory knows is not
    errors = [b.chance if math.isfinite(b.chance) else b.sem for b in short]
    factors = [_factor(found, b.f_lo, e, b.n_eff) for b, e in zip(short, errors, strict=True)]
    if not factors or not all(map(math.isfinite, factors)):
        return (
            "too little data for a verdict, which takes 82 s of one run at least: give a longer "
            "--duration, or more --seeds"
        )
    times = max(1.1, *factors)
    return (
        f"too little data for a verdict: about {times:.{0 if times >= 10 else 1}f} times as much "
        "decides; give a longer --duration, or more --seeds"
    )


def _factor(found: Comparison, low: float, sem: float, blocks: float) -> float:
    """Return by how much a band lacks data, of which the standard error is a root."""
    limits = {float(f): float(s) for f, s in found.meta["max_sem"].items()}
    limit = limits[max(f for f in limits if f <= low)]
    least = float(found.meta["min_blocks"])
    return max((sem / limit) ** 2, least / blocks if blocks > 0 else math.inf)
