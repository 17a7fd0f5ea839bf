"""Where a result comes from: versions, digest of the sources, machine."""

from __future__ import annotations

import hashlib
import os
import platform
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from importlib import metadata
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nftsim import __version__

#: Packages whose versions may change a number.
PACKAGES = ("numpy", "numba", "llvmlite", "h5py", "scipy")


@cache
def code_digest(root: Path = Path(__file__).parent) -> str:
    """Return a digest of the Python and model files of a package, by default this one."""
    digest = hashlib.sha256()
    for path in sorted([*root.rglob("*.py"), *root.rglob("*.conf")]):
        digest.update(path.relative_to(root).as_posix().encode() + b"\0")
        digest.update(path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


@cache
def cpu() -> str:
    """Return the type of the processor, as the compiler of the kernels knows it."""
    import llvmlite.binding as llvm

    return str(llvm.get_host_cpu_name())


def making() -> dict[str, str]:
    """Return what a result says of its making, the same on every machine of a kind."""
    versions = {name: metadata.version(name) for name in PACKAGES}
    return {
        "nftsim_version": __version__,
        "source_digest": code_digest(),
        "packages": " ".join(f"{k}={v}" for k, v in versions.items()),
        "python": platform.python_version(),
        "machine": f"{platform.system()} {platform.machine()}",
        "cpu": cpu(),
    }


def provenance() -> dict[str, str]:
    """Return what a run file says of its making: `making`, and where and when that was."""
    return {
        **making(),
        "cores": str(os.cpu_count() or 1),
        "host": platform.node(),
        "started": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def state_digest(
    end: tuple[Mapping[str, NDArray[np.float64]], int, NDArray[np.uint64]],
) -> str:
    """Return a digest of the end state of a run: histories by name, clock, random generators.

    It is the same however the file that holds them is laid out, or when it was made.
    """
    histories, clock, generators = end
    digest = hashlib.sha256(str(clock).encode())
    for name in sorted(histories):
        values = np.ascontiguousarray(histories[name], dtype=float)
        digest.update(f"\0{name}\0{values.shape}\0".encode())
        digest.update(values.data)
    digest.update(np.ascontiguousarray(generators, dtype=np.uint64).data)
    return digest.hexdigest()[:16]
