"""How much memory there is for this process: the machine's, or less where a share was granted."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import psutil


@dataclass(frozen=True)
class Memory:
    """An amount of memory.

    Attributes
    ----------
    size
        Bytes.
    whose
        Who has it, for messages: "this machine has", "this job of SLURM has".
    """

    size: int
    whose: str

    def __str__(self) -> str:
        """Return ``this machine has 23.5 GiB``."""
        return f"{self.whose} {self.size / 2**30:.3g} GiB"


def memory(root: Path = Path("/"), environment: Mapping[str, str] = os.environ) -> Memory:
    """Return the memory that this process and its kin may take.

    The least counts of: the machine's; the limits of its control groups, version 1 or 2, as
    containers and batch systems set them; what SLURM has granted the job on this machine.

    Parameters
    ----------
    root
        Where ``proc`` and ``sys`` are.
    environment
        Variables, of which those of SLURM are looked at.
    """
    found = [Memory(psutil.virtual_memory().total, "this machine has")]
    found += [Memory(limit, "its control group allows") for limit in _groups(root)]
    granted = _slurm(environment)
    if granted is not None:
        found.append(Memory(granted, "this job of SLURM has"))
    return min(found, key=lambda memory: memory.size)


def _groups(root: Path) -> Iterator[int]:
    """Yield the limits of the control groups that this process is in [bytes]."""
    try:
        lines = (root / "proc/self/cgroup").read_text().splitlines()
    except (OSError, ValueError):  # another system than Linux
        return
    base = root / "sys/fs/cgroup"
    for line in lines:
        number, _, rest = line.partition(":")
        controllers, _, path = rest.partition(":")
        if number == "0" and not controllers:
            top, name = base, "memory.max"
        elif "memory" in controllers.split(","):
            top, name = base / "memory", "memory.limit_in_bytes"
        else:
            continue
        # a container may see the path of its host; a limit holds for all groups below
        parts = [part for part in PurePosixPath(path).parts if part not in ("/", "..")]
        for depth in range(len(parts) + 1):
            try:
                yield int(top.joinpath(*parts[:depth], name).read_text())
            except (OSError, ValueError):  # no such group, or "max"
                continue


def _slurm(environment: Mapping[str, str]) -> int | None:
    """Return what SLURM has granted on this machine [bytes]; None if it does not say."""

    def number(name: str) -> int:
        text = environment.get(name, "")
        return int(text) if text.isdecimal() else 0

    # in MiB; 0 stands for all that the machine has
    granted = number("SLURM_MEM_PER_NODE")
    if not granted:
        cpus = number("SLURM_CPUS_ON_NODE") or number("SLURM_CPUS_PER_TASK")
        granted = number("SLURM_MEM_PER_CPU") * cpus
    return granted * 2**20 or None
