"""Where a result comes from: versions, digest of the sources, machine."""

from __future__ import annotations

import hashlib
import platform
from datetime import UTC, datetime
from functools import cache
from importlib import metadata
from pathlib import Path

from nftsim import __version__


@cache
def code_digest() -> str:
    """Return a digest of the package's Python and model files."""
    root = Path(__file__).parent
    digest = hashlib.sha256()
    for path in sorted([*root.rglob("*.py"), *root.rglob("*.conf")]):
        digest.update(path.relative_to(root).as_posix().encode() + b"\0")
        digest.update(path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def provenance() -> dict[str, str]:
    """Return what a result file says of its making."""
    versions = {name: metadata.version(name) for name in ("numpy", "numba", "h5py", "scipy")}
    return {
        "nftsim_version": __version__,
        "source_digest": code_digest(),
        "packages": " ".join(f"{k}={v}" for k, v in versions.items()),
        "python": platform.python_version(),
        "host": platform.node(),
        "machine": f"{platform.system()} {platform.machine()}",
        "started": datetime.now(UTC).isoformat(timespec="seconds"),
    }
