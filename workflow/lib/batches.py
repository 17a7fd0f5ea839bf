"""Which seeds of an experiment are run together, in one job, and what the rules ask about them."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from analysis.files import atomic
from workflow.lib.experiments import Experiments, Lookup

#: Nodes of all seeds together beyond which no time is gained: a row that fills vectors and loops.
NODES = 256
#: Most seeds that are put together without being told: each has a file open.
SEEDS = 256
#: Nodes from which one run is given several threads, two for so many, and the most it is given.
THREADED, THREADS = 8192, 4
#: Time to reserve for a job: so many minutes for what surrounds a run, as starting on a busy node
#: and compiling the kernels, and so many times the estimate, for slower processors.
MINUTES, SLACK = 10, 4


@dataclass(frozen=True)
class Batch:
    """Seeds of one experiment that one job runs; or, with wildcards for both, any one seed.

    Attributes
    ----------
    experiments
        All experiments.
    experiment, seeds
        Name, and seeds as in names of files.
    """

    experiments: Experiments
    experiment: str = "{experiment}"
    seeds: tuple[str, ...] = ("{seed}",)

    @property
    def any(self) -> bool:
        """Whether this stands for any one seed of any experiment."""
        return self.seeds == ("{seed}",)

    def rule(self, step: str) -> str:
        """Return the name of the rule for a step: ``warmup``, or ``warmup_NAME_FIRST``."""
        return step if self.any else f"{step}_{self.experiment}_{self.seeds[0]}"

    def shared(self, file: str) -> str:
        """Return the path of a file of the experiment."""
        return f"results/{self.experiment}/{file}"

    def files(self, file: str) -> list[str]:
        """Return the paths of a file that each seed has."""
        return [self.shared(f"{seed}/{file}") for seed in self.seeds]

    def of(self, lookup: Lookup) -> Lookup:
        """Return an input or params function that looks something of the experiment up."""
        return lambda wildcards: lookup(wildcards if self.any else self)

    def threads(self, wildcards: Any) -> int:
        """Return how many threads the job is worth."""
        name = self._name(wildcards)
        wanted = self.experiments[name]["threads"]
        if wanted != "auto":
            return int(wanted)
        nodes = self.experiments.loaded(name).nodes * len(self.seeds)
        return min(THREADS, max(1, 2 * nodes // THREADED))

    def memory(self, wildcards: Any, attempt: int) -> int:
        """Return the memory to reserve [MB]: the estimate of the simulator and half more."""
        from nftsim.engine.limits import required_memory  # slow to import, not always needed

        plan = self.experiments.plan(self._name(wildcards))
        if plan is None:
            return 1000 * attempt
        needed = required_memory(plan) + (len(self.seeds) - 1) * plan.memory()
        return max(1000, int(1.5e-6 * needed)) * attempt

    def minutes(self, duration: str) -> Callable[..., int]:
        """Return a resource function that gives the time to reserve [min].

        Parameters
        ----------
        duration
            The setting that has the time to simulate: ``duration`` or ``warmup.duration``.
        """

        def reserve(wildcards: Any, attempt: int) -> int:
            from nftsim.engine.limits import estimated_time

            plan = self.experiments.plan(self._name(wildcards))
            if plan is None:
                return MINUTES * attempt
            length = self.of(self.experiments.value(duration))(wildcards)
            steps = math.ceil(length / plan.model.deltat)
            seconds = estimated_time(plan, steps, len(self.seeds))
            return math.ceil(MINUTES + SLACK * seconds / 60) * attempt

        return reserve

    def _name(self, wildcards: Any) -> str:
        return str(wildcards.experiment if self.any else self.experiment)


def batches(experiments: Experiments) -> Iterator[Batch]:
    """Yield what the rules for runs are made for: any one seed, and all seeds run together."""
    yield Batch(experiments)
    for name, settings in experiments.settings.items():
        if len(settings["seeds"]) > 1:
            for seeds in planned(name, settings["seeds"], size(experiments, name)):
                if len(seeds) > 1:
                    yield Batch(experiments, name, tuple(map(str, seeds)))


def size(experiments: Experiments, name: str) -> int:
    """Return how many seeds of an experiment may be run together."""
    settings = experiments[name]
    if settings["together"] != "auto":
        return int(settings["together"])
    if experiments.noise(Batch(experiments, name))["rng"] != "counter":
        return 1  # its numbers come one after another, so each run is stepped alone
    return max(1, min(SEEDS, NODES // experiments.loaded(name).nodes))


def planned(name: str, seeds: Sequence[int], most: int) -> list[list[int]]:
    """Return the seeds of an experiment in batches.

    Those that have been run together stay together, as far as they are still wanted and are not
    more than `most`: a job makes all of its files, so a seed that joined others that are done would
    have them run again. The rest come in their order, `most` at a time.
    """
    found: list[list[int]] = []
    new: list[int] = []
    placed: set[int] = set()
    for seed in seeds:
        if seed in placed:
            continue
        past = [s for s in _recorded(name, seed) if s in seeds and s not in placed]
        if seed in past and len(past) <= most:
            found.append(past)
            placed.update(past)
        else:
            new.append(seed)
    new = [seed for seed in new if seed not in placed]
    return found + [new[at : at + most] for at in range(0, len(new), most)]


def seed_of(run: str | Path) -> int:
    """Return the seed that a file is of, from its path."""
    return int(Path(run).parent.name)


def record(runs: Sequence[str]) -> None:
    """Write for each of some runs which seeds it was run together with (see `planned`)."""
    seeds = [seed_of(run) for run in runs]
    for run in runs:
        with atomic(Path(run).parent / "logs" / "together.json") as part:
            part.write_text(json.dumps(seeds) + "\n")


def _recorded(name: str, seed: int) -> list[int]:
    try:
        found = json.loads(Path(f"results/{name}/{seed}/logs/together.json").read_text())
    except (OSError, ValueError):
        return []
    return [int(s) for s in found]
