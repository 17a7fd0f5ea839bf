"""Which measurements there are: groups of cases that are taken in turn, so that they compare."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from analysis.benchmark.models import NODES, SYSTEMS, conf, scaled_steps

#: Node updates of a run of NFTsim's: about ten seconds of EIRS; ours makes more steps, as it is
#: faster and its runs would be too short to time.
WORK, QUICK_WORK, OURS = 2**25, 2**20, 8


@dataclass(frozen=True)
class Case:
    """One thing to measure.

    Attributes
    ----------
    suite, model
        Where it belongs, and the model's name.
    text
        The ``.conf`` text.
    output
        ``none``, ``three``, ``all``, or ``file`` for what a file asks for.
    program
        ``ours``, or ``NFTsim``.
    mode
        How ours runs: ``step``, ``write``, ``ensemble`` (see `analysis.benchmark.worker`), or
        ``process``, the command ``nftsim run`` with all it takes. NFTsim always is a process.
    steps, nodes
        Size of the run.
    merge, threads, members
        How our engine runs.
    """

    suite: str
    model: str
    text: str
    output: str
    program: str
    mode: str
    steps: int
    nodes: int
    merge: bool = True
    threads: int = 1
    members: int = 1


@dataclass(frozen=True)
class Extent:
    """How much is measured.

    Attributes
    ----------
    nodes, work
        Sheets, and node updates per run of NFTsim's.
    seconds
        How long ours goes on with passes over a run.
    repeats, alone, limit
        Repeats of a group, of one that compares ours with ours, and the time after which no further
        one begins [s].
    members
        Sizes of ensembles.
    files
        Stems of files to run; None: all.
    """

    nodes: tuple[int, ...] = NODES
    work: float = WORK
    seconds: float = 1.0
    repeats: int = 5
    alone: int = 5
    limit: float = 300.0
    members: tuple[int, ...] = (1, 4, 16, 64, 256)
    files: tuple[str, ...] | None = None


QUICK = Extent((1, 144, 1024), QUICK_WORK, 0.1, 2, 1, 10.0, (1, 64), ("ei-default",))


def sheets(extent: Extent, theirs: bool) -> Iterator[list[Case]]:
    """Yield the paper's benchmark: every system and sheet, without and with output."""
    for nodes in extent.nodes:
        for system in SYSTEMS:
            group = []
            for output in ("none", "three"):
                group.append(_sheet(system, nodes, output, extent))
                if theirs:
                    shorter = replace(extent, work=extent.work / OURS)
                    their = _sheet(system, nodes, output, shorter)
                    group.append(replace(their, program="NFTsim", mode="process"))
            yield group


def merging(extent: Extent) -> Iterator[list[Case]]:
    """Yield every sheet with all that the file states computed, and with the plan merged."""
    for nodes in [n for n in extent.nodes if n > 1]:
        for system in SYSTEMS:
            merged = replace(_sheet(system, nodes, "none", extent), suite="merging")
            yield [merged, replace(merged, merge=False)]


def threads(extent: Extent) -> Iterator[list[Case]]:
    """Yield large sheets with one thread and more, up to the cores of the machine."""
    cores = len(os.sched_getaffinity(0))
    counts = sorted({1, 2, cores, *(2**k for k in range(20) if 2**k <= cores)} - {0})
    for nodes in [n for n in extent.nodes if n >= 1024]:
        one = replace(_sheet("EIRS", nodes, "none", extent), suite="threads")
        yield [replace(one, threads=count) for count in counts if count <= max(cores, 2)]


def ensembles(extent: Extent) -> Iterator[list[Case]]:
    """Yield one-node and 144-node models with one member and more."""
    for nodes in [n for n in extent.nodes if n <= 144]:
        group = []
        for members in [m for m in extent.members if m * nodes <= 16384]:
            steps = scaled_steps(nodes * members, OURS * extent.work)
            text = conf("EIRS", nodes, steps)
            one = Case("ensembles", "EIRS", text, "none", "ours", "ensemble", steps, nodes)
            group.append(replace(one, members=members))
        yield group


def delays(extent: Extent) -> Iterator[list[Case]]:
    """Yield EIRS with delays from none to half a second, which lengthen its histories."""
    for nodes in [n for n in extent.nodes if n >= 1024][:: 2 if len(extent.nodes) > 3 else 1]:
        steps = scaled_steps(nodes, OURS * extent.work)
        group = []
        for delay in (0.0, 0.02, 0.08, 0.32):
            text = conf("EIRS", nodes, steps, delay=delay)
            name = f"EIRS, {1e3 * delay:g} ms"
            group.append(Case("delays", name, text, "none", "ours", "step", steps, nodes))
        yield group


def everything(extent: Extent) -> Iterator[list[Case]]:
    """Yield every field of all nodes written, and nothing, on one sheet."""
    nodes = max(n for n in extent.nodes if n <= 4096)
    group = [_sheet("EIRS", nodes, output, extent) for output in ("none", "all")]
    yield [replace(case, suite="disk") for case in group]


def files(extent: Extent, paths: Iterable[Path], theirs: bool) -> Iterator[list[Case]]:
    """Yield model files as they are: whole processes, and ours without start-up and output."""
    from nftsim import load_model

    for path in paths:
        if extent.files is not None and path.stem not in extent.files:
            continue
        model, text = load_model(path, compat=True), path.read_text(encoding="latin-1")
        whole = Case("files", path.stem, text, "file", "ours", "process", model.steps, model.nodes)
        cases = [whole]
        if theirs:
            cases.append(replace(whole, program="NFTsim"))
        cases.append(replace(whole, mode="write"))
        cases.append(replace(whole, mode="step", output="none", text=without_output(text)))
        yield cases


def without_output(text: str) -> str:
    """Return a model's text with nothing asked for."""
    head, found, tail = text.rpartition("Output:")
    if not found:
        raise ValueError("the text has no output section")
    lists = r"^(Population|Dendrite|Propagator|Coupling):.*$"
    return head + found + re.sub(lists, r"\1:", tail, flags=re.M)


def shortened(text: str, steps: int) -> str:
    """Return a model's text with nothing asked for and a run of a few steps."""
    found = re.search(r"\bDeltat:\s*(\S+)", text)
    if not found:
        raise ValueError("the text has no Deltat")
    text = without_output(text)
    text = re.sub(r"^Output:.*$", "Output: Node: 1 Start: 0", text, flags=re.M)
    return re.sub(r"\bTime:\s*\S+", f"Time: {steps * float(found[1])!r}", text, count=1)


def _sheet(system: str, nodes: int, output: str, extent: Extent) -> Case:
    steps = scaled_steps(nodes, OURS * extent.work)
    text = conf(system, nodes, steps, output=output)
    mode = "step" if output == "none" else "write"
    return Case("sheets", system, text, output, "ours", mode, steps, nodes)
