"""A workflow that is killed again and again ends with the same files, and little is done twice."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections import defaultdict
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import psutil
import pytest
import yaml

from tests.workflow.conftest import PARTS

#: Steps between checkpoints.
EVERY = 60_000
#: What is the same in all runs of the workflow, but for what it says of its making.
MADE = (".h5", ".json", ".csv", ".pdf", ".png")
OWN = ("times.csv",)
#: What is killed: Snakemake and its jobs, Snakemake alone, a job; and how they are told to end.
KILLS, INTERRUPTS = ("all", "snakemake", "job"), ("ctrl-c", "term")

#: Put at the end of a module that the jobs of runs import: it tells what each process computes, and
#: files do not say when they were started.
TALLY = """

import os as _os
import nftsim.engine.simulate as _simulate
import nftsim.io.writer as _writer


class _Keeper(_simulate.Keeper):
    def _tell(self):
        with open(_os.environ["TALLY"], "a") as file:
            for job in self._jobs:
                file.write(f"{_os.getpid()} {job.place.target} {self._state.step}\\n")

    def __init__(self, *given):
        super().__init__(*given)
        self._tell()

    def look(self):
        self._tell()
        super().look()


_simulate.Keeper = _Keeper
_provenance = _writer.provenance
_writer.provenance = lambda: {**_provenance(), "started": "then"}
"""


def experiment(**changes: Any) -> dict[str, Any]:
    return {
        "model": "eirs-wake",
        "grid": {"nodes": 144},
        "warmup": {"duration": 10.0, "settle": "warn"},
        "duration": 80.0,
        "interval": 5e-3,
        "traces": ["propagator.1.phi"],
        "seeds": [1, 2],
        "together": 2,
    } | changes


SMALL: dict[str, Any] = {
    "checkpoint": EVERY,
    "experiments": {"pair": experiment(duration=40.0)},
    "figures": {},
}
LARGE: dict[str, Any] = {
    "checkpoint": EVERY,
    "experiments": {
        "pair": experiment(),
        "alone": experiment(together=1, duration=60.0),
        # one after the other in one job
        "queue": experiment(
            rng="nftsim", duration=20.0, warmup={"duration": 2.0, "settle": "warn"}
        ),
        "pulse": {
            "model": "e-erps",
            "warmup": {"duration": 0.03125},
            "duration": 0.1171875,
            "interval": 9.765625e-4,
            "traces": ["pop.2.q", "propagator.1.phi"],
            "seeds": [1],
        },
    },
    "figures": {
        "fig07": {"experiment": "pulse", "times": [0.042, 0.052, 0.062, 0.077, 0.086, 0.104]}
    },
}


@dataclass
class Folder:
    """A folder in which a copy of the sources works, and is killed."""

    source: Path
    where: Path
    config: dict[str, Any]
    groups: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.where.mkdir()
        (self.where / "mine.yaml").write_text(yaml.safe_dump(self.config))

    @property
    def tally(self) -> Path:
        return self.where / "tally"

    def start(self) -> subprocess.Popen[bytes]:
        """Start Snakemake in a group of processes of its own."""
        command = [sys.executable, "-m", "snakemake", "--snakefile", str(self.source / "Snakefile")]
        command += ["--configfile", "mine.yaml", "--cores", "2"]
        with (self.where / "said").open("ab") as said:
            process = subprocess.Popen(
                command,
                cwd=self.where,
                env={**os.environ, "NO_COLOR": "1", "TALLY": str(self.tally)},
                stdout=said,
                stderr=said,
                start_new_session=True,
                preexec_fn=_heed_ctrl_c,
            )
        self.groups.append(process.pid)
        return process

    def wait_for_a_run(self, process: subprocess.Popen[bytes]) -> None:
        """Wait until a process simulates, if one still does."""
        before = self.tally.stat().st_size if self.tally.exists() else 0
        while process.poll() is None:
            if self.tally.exists() and self.tally.stat().st_size > before:
                return
            time.sleep(0.02)

    def said(self) -> str:
        return (self.where / "said").read_text()

    def left(self) -> list[str]:
        """Return the processes that live on, a while after the last Snakemake has ended."""
        for _ in range(100):
            alive = [p for p in psutil.process_iter() if _group(p) in self.groups]
            if not alive:
                return []
            time.sleep(0.1)
        return [" ".join(process.cmdline()) for process in alive]

    def end(self) -> None:
        for group in self.groups:
            try:
                os.killpg(group, signal.SIGKILL)
            except ProcessLookupError:
                continue

    def files(self) -> dict[str, bytes]:
        """Return all that there is, with what it holds if that is the same whenever it is made."""
        results = self.where / "results"
        found = {}
        for path in sorted(results.rglob("*")):
            same = path.suffix in MADE and path.name not in OWN and "logs" not in path.parts
            found[str(path.relative_to(results))] = path.read_bytes() if same else b""
        return found

    def segments(self) -> dict[str, list[list[int]]]:
        """Return for each run the steps at which each process that worked on it was."""
        found: dict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
        for line in self.tally.read_text().splitlines():
            pid, run, step = line.split()
            found[run][pid].append(int(step))
        return {run: list(parts.values()) for run, parts in found.items()}


def _heed_ctrl_c() -> None:
    """What is started in the background of a script ignores it, and so would its children."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def _group(process: psutil.Process) -> int:
    try:
        return os.getpgid(process.pid)
    except ProcessLookupError:
        return -1


def kill(process: subprocess.Popen[bytes], kind: str) -> bool:
    """Kill something of a Snakemake that runs; tell whether there was something to be killed."""
    try:
        if kind == "job":
            jobs = psutil.Process(process.pid).children()
            if not jobs:
                return False
            jobs[0].kill()
        elif kind == "snakemake":
            process.kill()
        else:
            number = {"all": signal.SIGKILL, "ctrl-c": signal.SIGINT, "term": signal.SIGTERM}[kind]
            os.killpg(process.pid, number)
    except (ProcessLookupError, psutil.Error):
        return False
    return True


def computed_twice(folder: Folder) -> int:
    """Return the most steps of any run that were computed again after a kill."""
    worst = 0
    for run, parts in folder.segments().items():
        assert parts[0][0] == 0, run
        for before, after in pairwise(parts):
            worst = max(worst, before[-1] - after[0])
    return worst


def survive(
    root: Path, where: Path, config: dict[str, Any], kills: int, seed: int, kinds: tuple[str, ...]
) -> str:
    """Kill a workflow so many times at random moments, and see what becomes of it."""
    source = where / "source"
    source.mkdir()
    for part in PARTS:
        origin = root / part
        if origin.is_dir():
            ignore = shutil.ignore_patterns("__pycache__", "*.pyc")
            shutil.copytree(origin, source / part, ignore=ignore)
        else:
            shutil.copy2(origin, source / part)
    with (source / "workflow/lib/runs.py").open("a") as file:
        file.write(TALLY)
    whole = Folder(source, where / "whole", config)
    begun = time.monotonic()
    assert whole.start().wait() == 0, whole.said()
    length = time.monotonic() - begun
    wanted, chance = whole.files(), random.Random(seed)
    count: dict[str, int] = dict.fromkeys(KILLS + INTERRUPTS, 0)
    worst, starts = 0, 0
    while sum(count[kind] for kind in KILLS) < kills:
        folder = Folder(source, where / f"cut-{starts}", config)
        try:
            while True:
                starts += 1
                process = folder.start()
                if sum(count[kind] for kind in KILLS) < kills:
                    # at any moment, or at one when something is simulated
                    if chance.random() < 0.3:
                        moment = chance.uniform(0, length)
                    else:
                        folder.wait_for_a_run(process)
                        moment = chance.uniform(0, 2)
                    try:
                        process.wait(moment)
                    except subprocess.TimeoutExpired:
                        kind = chance.choice(kinds)
                        count[kind] += kill(process, kind)
                # where only Snakemake was killed, the next one meets its jobs
                if process.wait() == 0:
                    break
                assert starts < 10 * kills, folder.said()
            got = folder.files()
            assert sorted(got) == sorted(wanted), folder.said()
            assert [name for name in wanted if got[name] != wanted[name]] == []
            worst = max(worst, computed_twice(folder))
            assert worst <= EVERY
            assert folder.left() == []
        finally:
            folder.end()
        shutil.rmtree(folder.where)
    numbers = ", ".join(f"{kind} {number}" for kind, number in count.items())
    return (
        f"{numbers}; {starts} starts; at most {worst} steps of a run computed twice, {EVERY} "
        f"between checkpoints; {length:.0f} s undisturbed"
    )


def test_five_kills(root: Path, tmp_path: Path) -> None:
    print(survive(root, tmp_path, SMALL, kills=5, seed=1, kinds=KILLS))


@pytest.mark.exhaustive
@pytest.mark.slow
def test_fifty_kills(root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    seed = int(time.time())
    found = survive(root, tmp_path, LARGE, kills=50, seed=seed, kinds=KILLS + INTERRUPTS)
    with capsys.disabled():
        print(f"\n{found}")
