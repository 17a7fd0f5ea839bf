"""What the machine can do, measured by small kernels compiled as ours are; and what it is."""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numba
import numpy as np
import psutil
from numpy.typing import NDArray

from nftsim.provenance import provenance

Array = NDArray[np.float64]

#: Doubles that stay in the first-level cache, with room for a second array.
_SMALL = 512
#: Multiply-adds of a pass over an array; how long a kernel is timed [s], and how often.
_CHAIN, _SECONDS, _TRIES = 8, 0.01, 30

_njit: Any = numba.njit(error_model="numpy", fastmath={"contract"})


@_njit
def _fused(x: Array, y: Array, times: int) -> None:
    # iterations do not depend on each other, so that enough short chains are in flight
    for _ in range(times):
        for i in range(x.size):
            p = y[i]
            q = x[i]
            for _ in range(_CHAIN):
                p = p * q + 0.5
            y[i] = p


@_njit
def _divided(x: Array, y: Array, times: int) -> None:
    for _ in range(times):
        for i in range(x.size):
            y[i] = 1.0 / (x[i] + y[i])


@_njit
def _rooted(x: Array, y: Array, times: int) -> None:
    for _ in range(times):
        for i in range(x.size):
            y[i] = np.sqrt(x[i] + y[i])


@_njit
def _triad(a: Array, b: Array, c: Array, times: int) -> None:
    for k in range(times):
        s = 1.0 + 1e-9 * k
        for i in range(a.size):
            a[i] = b[i] + s * c[i]


@dataclass(frozen=True)
class Machine:
    """Peaks of one core.

    Attributes
    ----------
    flops
        Floating-point operations per second, fused multiply-adds on what is in cache.
    divide, root
        Seconds per division and square root in a vectorised loop.
    bandwidth
        Level → bytes per second of a triad (two rows read, one written) that fits there.
    sizes
        Level → its size [bytes]; memory: what there is.
    about
        Processor, cores, versions.
    """

    flops: float
    divide: float
    root: float
    bandwidth: dict[str, float]
    sizes: dict[str, int]
    about: dict[str, str]

    @property
    def slot(self) -> float:
        """Seconds that one operation takes, a fused multiply-add or another of its width."""
        return 2 / self.flops

    def or_better(self, before: Machine) -> Machine:
        """Return the better of both: what other work kept the machine from now, it still can do."""
        if before.about["processor"] != self.about["processor"]:
            return self
        levels = self.bandwidth
        return replace(
            self,
            flops=max(self.flops, before.flops),
            divide=min(self.divide, before.divide),
            root=min(self.root, before.root),
            bandwidth={k: max(levels[k], before.bandwidth.get(k, 0.0)) for k in levels},
        )

    def level(self, size: float) -> str:
        """Return the first level of memory that holds so many bytes."""
        return next((name for name, holds in self.sizes.items() if size <= holds), "memory")


def measure() -> Machine:
    """Measure the peaks: about five seconds, the compilation included."""
    x, y = np.full(_SMALL, 0.5), np.ones(_SMALL)
    fused = _fastest(lambda times: _fused(x, y, times)) / (_SMALL * _CHAIN)
    divide = _fastest(lambda times: _divided(x, y, times)) / _SMALL
    root = _fastest(lambda times: _rooted(x, y, times)) / _SMALL
    sizes = cache_sizes()
    bandwidth = {}
    for level, size in sizes.items():
        # half of a cache; of memory, more than any cache holds
        total = size // 2 if level != "memory" else min(size // 8, 4 * sizes["L3"])
        n = max(total // 24 // 8 * 8, 64)
        a, b, c = np.zeros(n), np.ones(n), np.ones(n)
        bandwidth[level] = 24 * n / _fastest(lambda times: _triad(a, b, c, times))  # noqa: B023
    return Machine(2 / fused, divide, root, bandwidth, sizes, about())


def _fastest(once: Callable[[int], None]) -> float:
    """Return the seconds of one of many repetitions in the fastest try."""
    once(1)
    times = 1
    while True:
        start = time.perf_counter()
        once(times)
        spent = time.perf_counter() - start
        if spent > _SECONDS / 4:
            break
        times *= 2
    times = max(1, round(times * _SECONDS / spent))
    best = np.inf
    for _ in range(_TRIES):
        start = time.perf_counter()
        once(times)
        best = min(best, (time.perf_counter() - start) / times)
    return float(best)


def cache_sizes() -> dict[str, int]:
    """Return the bytes of each level that holds data, as one core sees it; and of memory."""
    found = {"L1": 32 * 2**10, "L2": 2**20, "L3": 32 * 2**20}
    units = {"K": 2**10, "M": 2**20, "G": 2**30}
    for index in Path("/sys/devices/system/cpu/cpu0/cache").glob("index*"):
        if (index / "type").read_text().strip() == "Instruction":
            continue
        level, size = (index / "level").read_text().strip(), (index / "size").read_text().strip()
        if f"L{level}" in found:
            found[f"L{level}"] = int(size[:-1]) * units[size[-1]]
    return {**found, "memory": psutil.virtual_memory().total}


def about() -> dict[str, str]:
    """Return what the machine is, and the versions that were measured."""
    return {
        **provenance(),
        "processor": _processor(),
        "cores": str(len(os.sched_getaffinity(0))),
        "memory": f"{psutil.virtual_memory().total / 2**30:.1f} GiB",
        "system": platform.platform(),
        "load": f"{os.getloadavg()[0]:.2f} before the measurements",
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor()
