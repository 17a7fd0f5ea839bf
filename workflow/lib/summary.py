"""What was run and what came of it, in tables: the core of the report's overview."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import h5py

from analysis.comparison import Scores, read_comparison
from analysis.files import atomic, read_json
from analysis.wording import in_words, probability
from nftsim.guards import Finding, findings_of
from nftsim.io.contained import readable

RESULTS = Path("results")
#: Instead of a verdict.
NOT_ASKED = "not asked"


@dataclass(frozen=True)
class Experiment:
    """What was run: a row of ``experiments.csv``.

    Attributes
    ----------
    experiment, model
        Names.
    nodes
        Of the grid, ``ny x nx``.
    seeds, duration_s
        How many runs, and the length of each [s].
    settled
        How many of their warm-ups had settled at the fixed point.
    verdict
        On the agreement with linear theory, or `NOT_ASKED`.
    warnings
        Names of the guards that have found something amiss with its main runs.
    p
        Of chance, smaller of the two of `analysis.comparison.Scores`; empty where there is none.
    """

    experiment: str
    model: str
    nodes: str
    seeds: int
    duration_s: float
    settled: str
    verdict: str
    p: str
    warnings: str


@dataclass(frozen=True)
class Times:
    """What it took: a row of ``times.csv``.

    Attributes
    ----------
    experiment
        Its name.
    jobs
        How many jobs of warm-up and main runs there were; one may have run several seeds.
    warmup_s, main_s
        Wall time of all their jobs together [s].
    slowdown
        Wall time of the main runs over the time simulated.
    memory_MB
        Largest memory of a job.
    """

    experiment: str
    jobs: int
    warmup_s: float
    main_s: float
    slowdown: float
    memory_MB: float


def summarise(
    settings: Mapping[str, Mapping[str, Any]], output: Any, results: Path = RESULTS
) -> None:
    """Write the tables and the text of the overview.

    Parameters
    ----------
    settings
        Per experiment ``model``, ``seeds``, ``duration`` and whether it has a ``comparison``.
    output
        Paths ``experiments``, ``times`` (CSV) and ``text`` (reStructuredText).
    results
        The folder of the results.
    """
    warned = {name: _found(given["seeds"], results / name) for name, given in settings.items()}
    ran = [
        _experiment(name, given, results / name, warned[name]) for name, given in settings.items()
    ]
    took = [_times(name, given, results / name) for name, given in settings.items()]
    _write_csv(output.experiments, Experiment, ran)
    _write_csv(output.times, Times, took)
    judged = [row.experiment for row in ran if row.verdict != NOT_ASKED]
    parts = [
        _heading("What was run"),
        _table(Experiment, ran),
        _heading("Warnings"),
        *_warnings(warned),
        _heading("Agreement with linear theory"),
        *[_judgement(name, results / name) for name in judged],
        *([] if judged else ["No experiment asks for it.\n"]),
        _heading("Run times"),
        _table(Times, took),
        _heading("Provenance"),
        *_provenance(settings, results),
    ]
    with atomic(output.text) as part:
        part.write_text("\n".join(parts), encoding="utf-8")


def _experiment(
    name: str, given: Mapping[str, Any], folder: Path, warned: Mapping[str, Sequence[Finding]]
) -> Experiment:
    seeds = list(given["seeds"])
    first = folder / str(seeds[0]) / "main.h5"
    with readable(first), h5py.File(first) as run:
        shape = (len(run["y"]), len(run["x"]))
    reports = [read_json(folder / str(s) / "settled.json") for s in seeds]
    settled = sum(bool(r["settled"]) and bool(r.get("at_fixed_point", True)) for r in reports)
    verdict, p = NOT_ASKED, ""
    if given["comparison"]:
        found = read_comparison(folder / "comparison.json")
        verdict = found.verdict
        p = "" if found.scores is None else _least(found.scores)
    return Experiment(
        name,
        Path(str(given["model"])).stem,
        f"{shape[0]} x {shape[1]}",
        len(seeds),
        float(given["duration"]),
        f"{settled} of {len(seeds)}",
        verdict,
        p,
        "; ".join(warned),
    )


def _least(scores: Scores) -> str:
    """Return the smaller p of a comparison, ``0.41`` or ``< 1e-15``."""
    text = probability(min(scores.p, scores.p_groups))
    return text.removeprefix("p ").removeprefix("= ")


def _found(seeds: Sequence[int], folder: Path) -> dict[str, list[Finding]]:
    """Return what guards have found amiss with the main runs of an experiment, by guard."""
    found: dict[str, list[Finding]] = {}
    for seed in seeds:
        path = folder / str(seed) / "main.h5"
        with readable(path), h5py.File(path) as run:
            for finding in findings_of(run.attrs):
                found.setdefault(finding.guard, []).append(finding)
    return found


def _warnings(warned: Mapping[str, Mapping[str, Sequence[Finding]]]) -> Iterator[str]:
    """Yield a line for each guard that has found something in an experiment."""
    if not any(warned.values()):
        yield "No guard has found anything amiss with a main run.\n"
        return
    for name, found in warned.items():
        for guard, findings in found.items():
            more = len(findings) - 1
            others = f" So also in {more} more." if more else ""
            yield f"- **{name}, {guard}:** {_escaped(str(findings[0]))}.{others}"
    yield ""


def _escaped(text: str) -> str:
    """Return a text whose characters mean nothing in reStructuredText."""
    return re.sub(r"([\\*`|_])", r"\\\1", text)


def _times(name: str, given: Mapping[str, Any], folder: Path) -> Times:
    """Add up the benchmarks of the jobs; that of several seeds lies with the first of them."""
    seconds, memory, jobs = {"warmup": 0.0, "simulate": 0.0}, 0.0, 0
    for step in seconds:
        for seed in given["seeds"]:
            file = folder / str(seed) / "logs" / f"{step}.benchmark.tsv"
            if file.is_file():
                jobs += 1
                lines = file.read_text(encoding="utf-8").splitlines()
                for row in csv.DictReader(lines, delimiter="\t"):
                    seconds[step] += float(row["s"])
                    memory = max(memory, _number(row["max_rss"]))
    simulated = float(given["duration"]) * len(given["seeds"])
    slowdown = seconds["simulate"] / simulated
    return Times(
        name,
        jobs,
        round(seconds["warmup"], 1),
        round(seconds["simulate"], 1),
        float(f"{slowdown:.3g}"),
        round(memory),
    )


def _number(text: str) -> float:
    """Return the number of a benchmark, 0 where a job was too short to be looked at."""
    try:
        return float(text)
    except ValueError:
        return 0.0


def _judgement(name: str, folder: Path) -> str:
    found = read_comparison(folder / "comparison.json")
    if found.verdict == "none":
        return f"**{name}: no verdict.** {_escaped(found.reason)}.\n"
    bands = ", ".join(f"{b.band} {b.ratio:.3g} ± {2 * b.sem:.2g}" for b in found.bands)
    return (
        f"**{name}: {found.verdict}.** {in_words(found)} Simulated over analytic power, "
        f"± two standard errors: {bands}.\n"
    )


def _provenance(settings: Mapping[str, Mapping[str, Any]], results: Path) -> list[str]:
    """Say which code and machine made the runs, once for all that have it in common."""
    made: dict[str, list[str]] = {}
    for name, given in settings.items():
        for seed in given["seeds"]:
            path = results / name / str(seed) / "main.h5"
            with readable(path), h5py.File(path) as run:
                said = dict(run.attrs)
            text = (
                f"nftsim {said['nftsim_version']} (sources {said['source_digest']}), Python "
                f"{said['python']}, {said['packages']}, on {said['machine']}"
            )
            made.setdefault(text, []).append(name)
    return [f"- {text}: {', '.join(dict.fromkeys(names))}" for text, names in made.items()] + [""]


def _write_csv(path: str, kind: type[Any], rows: Iterable[Any]) -> None:
    with atomic(path) as part, part.open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, [field.name for field in fields(kind)], lineterminator="\n")
        table.writeheader()
        table.writerows(asdict(row) for row in rows)


def _heading(text: str) -> str:
    return f"{text}\n{'-' * len(text)}\n"


def _table(kind: type[Any], rows: Sequence[Any]) -> str:
    """Return a table in reStructuredText."""
    names = [field.name for field in fields(kind)]
    lines = [".. list-table::", "   :header-rows: 1", ""]
    for row in [{name: _head(name) for name in names}, *map(asdict, rows)]:
        cells = [f"{row[name]:g}" if isinstance(row[name], float) else row[name] for name in names]
        lines += [f"   {'* -' if index == 0 else '  -'} {c}" for index, c in enumerate(cells)]
    return "\n".join(lines) + "\n"


def _head(name: str) -> str:
    """Return the head of a column, ``duration [s]`` for ``duration_s``."""
    words, _, unit = name.partition("_")
    return f"{words} [{unit}]" if unit else words
