"""Where a result comes from: versions, digest of the sources, machine."""

from __future__ import annotations

import hashlib
import platform
from datetime import UTC, datetime
from importlib import import_module, metadata
from pathlib import Path

from nftsim import __version__


def source_digest(*packages: str) -> str:
    """Return a digest of the Python and model files of packages or modules, by dotted name."""
    digest = hashlib.sha256()
    for name in sorted(packages):
        origin = Path(str(import_module(name).__file__))
        files = [origin]
        if origin.name == "__init__.py":
            files = sorted([*origin.parent.rglob("*.py"), *origin.parent.rglob("*.conf")])
        for path in files:
            digest.update(path.relative_to(origin.parent).as_posix().encode() + b"\0")
            digest.update(path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def provenance() -> dict[str, str]:
    """Return what a result file says of its making."""
    versions = {name: metadata.version(name) for name in ("numpy", "numba", "h5py", "scipy")}
    return {
        "nftsim_version": __version__,
        "source_digest": source_digest("nftsim"),
        "packages": " ".join(f"{k}={v}" for k, v in versions.items()),
        "python": platform.python_version(),
        "host": platform.node(),
        "machine": f"{platform.system()} {platform.machine()}",
        "started": datetime.now(UTC).isoformat(timespec="seconds"),
    }
