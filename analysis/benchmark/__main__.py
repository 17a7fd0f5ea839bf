"""``python -m analysis.benchmark``: measure, and write tables and figures."""

from __future__ import annotations

import argparse
import logging
import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pandas as pd

from analysis.benchmark import cases, docs, machine, others
from analysis.benchmark.cases import QUICK, Case, Extent
from analysis.benchmark.disk import disk_speed
from analysis.benchmark.process import run
from analysis.benchmark.report import read_machine, read_runs, report, write_csv, write_machine
from analysis.benchmark.timing import COLUMNS, Bench
from nftsim.errors import NftsimError

log = logging.getLogger("analysis.benchmark")

ROOT = Path(__file__).resolve().parents[2]
SUITES = ("sheets", "merging", "threads", "ensembles", "delays", "disk", "files")
_TEXT = """\
Measures the speed and memory of nftsim on this machine, and writes tables (CSV) and figures (PDF
and PNG) to OUT. Medians of several repeats; NFTsim, where there is one, takes its turn in each.

  sheets     E, EI and EIRS, driven by noise, on sheets of 1 to 16384 nodes, without output and with
             three fields of all nodes at 512 Hz: the paper's benchmark
  merging    the same with everything computed that the file states, against the merged plan
  threads    EIRS on large sheets with 1, 2, … threads
  ensembles  EIRS on 1 and 144 nodes with 1 to 256 members stepped together
  delays     EIRS with delays from 0 to 320 ms
  disk       every field written, in MB/s, beside dd on the disk of --scratch
  files      NFTsim's benchmark files and figure_1.conf (Abeysuriya 2014) of --reference, as whole
             processes and without start-up

NFTsim: set NFTSIM_CPP to its binary. Built with the compiler's best options, please.

examples:
  make bench                                           everything: one to two hours with NFTsim
  make bench BENCH_ARGS=--quick                        a taste of it: less than two minutes
  NFTSIM_CPP=/opt/nftsim/nftsim make bench             side by side with NFTsim
  python -m analysis.benchmark --only threads,delays   some of it; the rest of OUT is kept
  python -m analysis.benchmark --report --docs         tables, figures and docs from what is in OUT

An idle machine, please: other work shows in the spread (largest less least, by the median).
"""


def main(given: Sequence[str] | None = None) -> int:
    """Measure; return 0, or 2 after a mistake in the arguments."""
    options = _parsed(given)
    try:
        with _logs_to_stderr():
            if not options.report:
                _measure(options)
            found = report(options.out)
            if options.docs:
                docs.update(options.out)
    except NftsimError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    print(found.to_string(index=False, float_format=lambda x: f"{x:.3g}"))
    print(f"\nwrote {options.out}")
    return 0


@contextmanager
def _logs_to_stderr() -> Iterator[None]:
    """Show what the benchmark itself logs; models' warnings, run after run, say nothing new."""
    models, handler = logging.getLogger("nftsim"), logging.StreamHandler()
    before = models.level
    handler.setFormatter(logging.Formatter("%(message)s"))
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    models.setLevel(logging.ERROR)
    try:
        yield
    finally:
        log.removeHandler(handler)
        models.setLevel(before)


def _parsed(given: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m analysis.benchmark",
        description=_TEXT,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("--quick", action="store_true", help="few sheets, short runs, two repeats")
    add("--only", metavar="SUITES", default=",".join(SUITES), help="some suites, with commas")
    add("--nodes", metavar="N,…", help="sheets to measure (squares)")
    add("--repeats", type=int, metavar="K", help="repeats of each group (default: 5)")
    add("--limit", type=float, metavar="S",
        help="no further repeat begins after so many seconds (default: 300)")  # fmt: skip
    add("--out", type=Path, help="folder of results (default: results/benchmark)")
    add("--scratch", type=Path, help="where models and runs are written (default: OUT)")
    add("--reference", type=Path, default=ROOT.parent / "shared" / "reference",
        help="folder with nftsim-benchmarks/ and nftsim-configs/")  # fmt: skip
    add("--peers", action="store_true", help="also py-pde, neurolib and TVB, if installed")
    add("--peer-python", default=sys.executable, help="the Python that has them")
    add("--report", action="store_true", help="measure nothing; tables and figures anew")
    add("--docs", action="store_true", help="bring docs/performance.md in line with OUT")
    options = parser.parse_args(given)
    options.only = options.only.split(",")
    for name in options.only:
        if name not in SUITES:
            parser.error(f"--only {name}: choose from {', '.join(SUITES)}")
    if options.out is None:
        options.out = ROOT / "results" / ("benchmark-quick" if options.quick else "benchmark")
    options.extent = _extent(parser, options)
    return options


def _extent(parser: argparse.ArgumentParser, options: argparse.Namespace) -> Extent:
    extent = QUICK if options.quick else Extent()
    if options.nodes:
        try:
            extent = replace(extent, nodes=tuple(int(n) for n in options.nodes.split(",")))
        except ValueError:
            parser.error(f"--nodes {options.nodes}: give whole numbers with commas")
        if any(n < 1 or round(n**0.5) ** 2 != n for n in extent.nodes):
            parser.error(f"--nodes {options.nodes}: sheets are square: 1, 144, 1024, …")
    if options.repeats is not None:
        repeats = max(1, options.repeats)
        extent = replace(extent, repeats=repeats, alone=repeats)
    return extent if options.limit is None else replace(extent, limit=options.limit)


def _measure(options: argparse.Namespace) -> None:
    theirs = os.environ.get("NFTSIM_CPP")
    if theirs and not os.access(theirs, os.X_OK):
        raise NftsimError(f"NFTSIM_CPP={theirs}: is not a program; name NFTsim's binary")
    options.out.mkdir(parents=True, exist_ok=True)
    runs = read_runs(options.out)
    rows = runs[~runs.suite.isin(options.only)].to_dict("records")
    before = read_machine(options.out)
    peaks = machine.measure()
    if before is not None:
        peaks = peaks.or_better(before[0])
    log.info("%s, %s cores, %.0f Gflop/s", peaks.about["processor"], peaks.about["cores"],
                 peaks.flops / 1e9)  # fmt: skip
    with tempfile.TemporaryDirectory(dir=options.scratch or options.out) as name:
        folder = Path(name)
        disk = before[1] if before else {}
        if "disk" in options.only:
            disk = disk_speed(folder, 2**29)
        write_machine(options.out, peaks, disk)
        run([sys.executable, "-m", "nftsim.engine.warm"])  # compiling would count as memory
        bench = Bench(folder, theirs, options.extent)
        for group in _groups(options, theirs is not None):
            rows += bench.group(group)
            write_csv(pd.DataFrame(rows, columns=list(COLUMNS)), options.out / "runs.csv")
    if options.peers:
        nodes = [n for n in options.extent.nodes if 144 <= n <= 1024]
        write_csv(others.measure(options.peer_python, nodes), options.out / "peers.csv")


def _groups(options: argparse.Namespace, theirs: bool) -> Iterator[list[Case]]:
    extent, only = options.extent, options.only
    if "sheets" in only:
        yield from cases.sheets(extent, theirs)
    for name, suite in (
        ("merging", cases.merging),
        ("threads", cases.threads),
        ("ensembles", cases.ensembles),
        ("delays", cases.delays),
        ("disk", cases.everything),
    ):
        if name in only:
            yield from suite(extent)
    if "files" in only:
        paths = sorted((options.reference / "nftsim-benchmarks").glob("*.conf"))
        paths += sorted(options.reference.glob("nftsim-configs/Published/*/figure_1.conf"))
        if not paths:
            log.info("files: none in %s", options.reference)
        yield from cases.files(extent, paths, theirs)


if __name__ == "__main__":
    sys.exit(main())
