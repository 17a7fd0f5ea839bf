"""Running the members of a sweep: many together, each measured, none in the way of another.

What the model, the theory or the simulation says against a point is a result, and goes into the
table; only what is wrong with the machine ends the job.
"""

from __future__ import annotations

import json
import logging
import math
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from analysis.files import atomic
from analysis.measures import measures
from analysis.settling import judge_level, judge_run
from nftsim.api import collected
from nftsim.engine.simulate import Progress, file_sink, run_members
from nftsim.errors import NftsimError, SimulationError
from nftsim.guards import findings_of
from nftsim.io.hdf5 import open_run
from nftsim.io.run import Run
from workflow.lib.sweep_start import Refused, Start, start_of
from workflow.lib.sweep_store import Journal, Record, read

#: Nodes of all members together that are stepped at a time: more gain little, and what is stepped
#: at a time is lost when the job is cut off.
NODES = 128
#: Seconds of work beyond which members are run in files, with checkpoints, and what a connection
#: of a node takes for a step [s], about.
LONG, WORK = 60.0, 1e-8

#: A finished run: in memory or a file.
Source = Run | Path


def run_part(
    members: Sequence[Record], how: Mapping[str, Any], output: str, running: Mapping[str, Any]
) -> None:
    """Run those members of a part of a sweep that have not been run yet.

    Parameters
    ----------
    members
        As of `workflow.lib.sweep_points.Member.to_dict`.
    how
        What they have in common (see `workflow.lib.sweeps.Sweeps.how`).
    output
        ``results/sweeps/NAME/parts/PART.jsonl``: the records of all members, in order. Records of
        those that are ready are kept in ``done`` beside ``parts``, and kept runs in ``runs``.
    running
        How runs are made, as `workflow.lib.jobs.running` gives it.

    Raises
    ------
    NftsimError
        If a file cannot be written, or memory does not suffice.
    """
    log = logging.getLogger("nftsim.sweep")
    target = Path(output)
    folder = target.parent.parent
    with _said_once(), Journal(folder / "done" / target.name, running["wait"]) as journal:
        running = {**running, "progress": _both_of(running["progress"], journal.beat)}
        known = read(folder / "done")
        missing = [m for m in members if not _there(known.get(m["id"]), folder)]
        log.info("%d of %d members are to be run", len(missing), len(members))
        done = 0
        for group in _groups(missing, how):
            fresh = _run(group, how, folder, running)
            journal.add(fresh)
            known |= {record["id"]: record for record in fresh}
            done += len(group)
            log.info("%d of %d members are done", done, len(missing))
    with atomic(output) as part:
        part.write_text("".join(json.dumps(known[m["id"]]) + "\n" for m in members))


def _both_of(progress: Progress, beat: Callable[[], None]) -> Progress:
    def report(done: int, total: int) -> None:
        beat()
        progress(done, total)

    return report


def _there(record: Record | None, folder: Path) -> bool:
    """Tell whether a member is ready, and its run, if that was kept."""
    if record is None:
        return False
    return "run" not in record or (folder / record["run"]).is_file()


def _groups(members: Sequence[Record], how: Mapping[str, Any]) -> Iterator[list[Record]]:
    """Yield members that are run together."""
    group: list[Record] = []
    nodes = 0
    for member in members:
        nodes_here = int(member["values"].get("nodes", how["bases"][member["experiment"]]["nodes"]))
        if group and nodes + nodes_here > NODES:
            yield group
            group, nodes = [], 0
        group.append(member)
        nodes += nodes_here
    if group:
        yield group


def _run(
    group: Sequence[Record],
    how: Mapping[str, Any],
    folder: Path,
    running: Mapping[str, Any],
) -> list[Record]:
    """Return the records of members that are run together."""
    starts: dict[str, Start | Refused] = {}
    records: list[Record] = []
    waiting: list[tuple[Record, Start]] = []
    for member in group:
        point = json.dumps([member["experiment"], member["values"]])
        if point not in starts:
            starts[point] = start_of(how["bases"][member["experiment"]], member["values"], how)
            running["progress"](0, 1)  # which also looks whether to stop
        start = starts[point]
        if isinstance(start, Start):
            waiting.append((member, start))
        else:
            records.append(_record(member, start.status, str(start), start.facts))
    place = folder / "making" if how["keep"] == "runs" or _long(waiting, how) else None
    for found in _simulated(waiting, how, place, running):
        records.append(_measured(*found, how, folder))
    if place is not None:
        for member, _ in waiting:
            shutil.rmtree(place / member["id"], ignore_errors=True)
    return records


def _record(member: Record, status: str, note: str, numbers: Mapping[str, Any]) -> Record:
    plain = {k: None if isinstance(v, float) and math.isnan(v) else v for k, v in numbers.items()}
    return {"id": member["id"], "status": status, "note": note, "numbers": plain}


def _long(waiting: Sequence[tuple[Record, Start]], how: Mapping[str, Any]) -> bool:
    work = 0.0
    for member, start in waiting:
        base = how["bases"][member["experiment"]]
        steps = (base["duration"] + base["warmup"]["duration"]) / start.model.deltat
        work += WORK * len(start.model.connections) * start.model.nodes * steps
    return work > LONG


#: A member with where it started, and its warm-up and main run, or what went wrong.
Found = tuple[Record, Start, tuple[Source, Source] | str]


def _simulated(
    waiting: Sequence[tuple[Record, Start]],
    how: Mapping[str, Any],
    place: Path | None,
    running: Mapping[str, Any],
) -> list[Found]:
    """Run members together; in halves, where a field of one of them diverges."""
    if not waiting:
        return []
    try:
        runs = _both(waiting, how, place, running)
    except SimulationError as error:
        if len(waiting) == 1:
            return [(*waiting[0], str(error))]
        half = len(waiting) // 2
        return [
            found
            for some in (waiting[:half], waiting[half:])
            for found in _simulated(some, how, place, running)
        ]
    return [(*one, pair) for one, pair in zip(waiting, runs, strict=True)]


def _both(
    waiting: Sequence[tuple[Record, Start]],
    how: Mapping[str, Any],
    place: Path | None,
    running: Mapping[str, Any],
) -> list[tuple[Source, Source]]:
    """Run the warm-ups of members, and from their ends the main runs."""
    bases = [how["bases"][member["experiment"]] for member, _ in waiting]
    common = [{"seed": m["seed"], **b["noise"]} for (m, _), b in zip(waiting, bases, strict=True)]
    stages: list[list[Source]] = []
    for stage in ("warmup", "main"):
        tasks: list[dict[str, Any]] = []
        for i, ((member, start), base) in enumerate(zip(waiting, bases, strict=True)):
            task = dict(common[i])
            if stage == "warmup":
                task |= {"model": start.warmup, "duration": base["warmup"]["duration"]}
                task |= {"warmup": True, "merge": base["merge"]}
            else:
                task |= {"model": start.model, "duration": base["duration"]}
                task |= {"initial": stages[0][i]}
            if place is not None:
                task["target"] = place / member["id"] / f"{stage}.h5"
            tasks.append(task)
        stages.append(_stage(tasks, running))
    return list(zip(*stages, strict=True))


def _stage(tasks: Sequence[dict[str, Any]], running: Mapping[str, Any]) -> list[Source]:
    """Run models together, in files if they have targets."""
    files = [Path(task["target"]) for task in tasks if "target" in task]
    if not files:
        return list(collected(tasks, **running))
    for file in files:
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise NftsimError(f"{file}: cannot be written: {error.strerror}") from error
    run_members(tasks, [file_sink(file) for file in files], reuse=True, **running)
    return list(files)


def _measured(
    member: Record,
    start: Start,
    runs: tuple[Source, Source] | str,
    how: Mapping[str, Any],
    folder: Path,
) -> Record:
    """Return the record of a member that has been run; keep its run, if that is wanted."""
    if isinstance(runs, str):
        return _record(member, "diverged", runs, start.facts)
    warmup, main = runs
    numbers = dict(start.facts)
    traces = how["bases"][member["experiment"]]["traces"]
    for trace in traces:
        found = measures(main, trace, how["measures"], **how["spectrum"])
        numbers |= {f"{trace}.{name}": value for name, value in found.items()}
    record = _record(member, *_judged(warmup, traces, start.saturated), numbers)
    record["warnings"] = _warned(main)
    if how["keep"] == "runs" and isinstance(main, Path):
        record["run"] = f"runs/{member['id']}.h5"
        kept = folder / record["run"]
        kept.parent.mkdir(exist_ok=True)
        main.replace(kept)
    return record


def _warned(run: Source) -> list[str]:
    """Return the names of the guards that have found something amiss with a run."""
    if isinstance(run, Run):
        return list(dict.fromkeys(f.guard for f in findings_of(run.attrs)))
    with open_run(run) as file:
        return list(dict.fromkeys(f.guard for f in findings_of(file.attrs)))


def _judged(warmup: Source, traces: Sequence[str], saturated: str) -> tuple[str, str]:
    """Return status and note: ``ok``, or what is to be known of the fixed point or the warm-up."""
    levels = [judge_level(warmup, trace) for trace in traces]
    for level in levels:
        if level is not None and not level.stayed:
            return "left", level.message
    if saturated:
        return "saturated", saturated
    for trace in traces:
        verdict = judge_run(warmup, trace)
        if not verdict.settled:
            return "unsettled", verdict.message
    return "ok", ""


@contextmanager
def _said_once() -> Iterator[None]:
    """Let each kind of warning through to the terminal once: members mostly have the same."""
    kinds: set[str] = set()

    def fresh(record: logging.LogRecord) -> bool:
        count = len(kinds)
        kinds.add(str(record.msg))
        return len(kinds) > count

    handlers = [h for h in logging.getLogger().handlers if not isinstance(h, logging.FileHandler)]
    for handler in handlers:
        handler.addFilter(fresh)
    try:
        yield
    finally:
        for handler in handlers:
            handler.removeFilter(fresh)
