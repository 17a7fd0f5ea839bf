"""What came of a study, in words and a table."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

from analysis.comparison import Comparison, read_comparison
from analysis.study.settings import Study
from analysis.wording import in_words
from nftsim.commands import counted
from nftsim.commands.steady import slowest, verdict
from nftsim.theory.states import SteadyStates


def fixed_points(states: SteadyStates) -> Iterator[str]:
    """Yield lines on the fixed points of a model and their stability, lowest first."""
    count = len(states.fixed_points)
    sure = "certainly all" if states.complete else "others are not excluded"
    yield f"{counted(count, 'fixed point')} ({sure}); rates Q [s^-1]:"
    for i, point in enumerate(states.fixed_points):
        rates = ", ".join(
            f"{name or f'population {n + 1}'} {q:.5g}"
            for n, (name, q) in enumerate(zip(states.populations, point.rates, strict=True))
        )
        yield f"  {i + 1}  {rates}"
        chosen = "; the study is around it" if i == states.choice else ""
        yield f"     {verdict(states, i)}{slowest(states, i)}{chosen}"


def described(study: Study) -> Iterator[str]:
    """Yield lines on what is simulated."""
    told, (ny, nx) = study.experiment, study.model.shape
    runs = counted(len(told["seeds"]), "run")
    length, before = told["duration"], told["warmup"]["duration"]
    yield (
        f"{told['traces'][0]}: {runs} of {length:g} s, each after {before:g} s of warm-up, on "
        f"{nx} x {ny} nodes"
    )
    yield from (f"note: {note}" for note in study.notes)


def outcome(study: Study, folder: Path) -> Iterator[str]:
    """Yield lines on the verdict, and where everything is."""
    place = folder / "results" / study.name
    if study.compared:
        found = read_comparison(place / "comparison.json")
        yield from _table(found)
        yield f"verdict: {found.verdict}"
        yield in_words(found)
        if text := _more(found, *study.experiment["comparison"]["required"]):
            yield text
        yield f"figure: {place / 'agreement.png'} (and .pdf)"
        yield "numbers, beside it: comparison.json, steady.json (and .csv), spectrum.h5, theory.h5"
    else:
        yield f"numbers: {place / 'steady.json'} (and .csv)"
    first = study.experiment["seeds"][0]
    yield f"runs: {place / str(first) / 'main.h5'}" + (
        " and those of the other seeds" if len(study.experiment["seeds"]) > 1 else ""
    )
    yield f"look at one: nftsim view {place / str(first) / 'main.h5'}"


def _table(found: Comparison) -> Iterator[str]:
    """Yield the bands: measured power over that of theory, its standard error, the verdict."""
    yield f"  {'band':<10}  {'measured/theory':>15}  {'standard error':>14}  verdict"
    for band in found.bands:
        yield f"  {band.band:<10}  {band.ratio:>15.4f}  {band.sem:>14.4f}  {band.verdict}"


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
        return "too little data for a verdict: give a longer --duration, or more --seeds"
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
