"""How kernels are compiled: one decorator, and a cache that cannot go stale.

Numba keys its cache by the file a function stands in and does not notice that a callee in another
file changed. So the folder itself is keyed, by a digest of all kernel sources, numba's version and
the CPU; the setting is put back at once, so that other users of numba in the process keep theirs.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import numba

F = TypeVar("F", bound=Callable[..., Any])

_config: Any = numba.config  # its settings are made at run time


def cache_folder() -> Path:
    """Return the folder of compiled kernels for these sources, this numba and this CPU."""
    import llvmlite.binding as llvm

    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    digest.update(f"{numba.__version__} {llvm.get_host_cpu_name()}".encode())
    digest.update(llvm.get_host_cpu_features().flatten().encode())
    base = os.environ.get("NFTSIM_CACHE_DIR") or os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return Path(base).expanduser() / "nftsim" / "kernels" / digest.hexdigest()[:20]


_FOLDER = cache_folder()


def compiled() -> bool:
    """Tell whether the kernels are in the cache; if not, the first run compiles them."""
    return any(_FOLDER.glob("**/program.advance*.nbc"))


def kernel(function: F) -> F:
    """Compile a kernel: cached; NaN stays NaN (no fastmath beyond fused multiply-add).

    ``error_model="numpy"``: numba's default makes a branch of every possible division by zero, and
    no loop with a branch vectorises.
    """
    return _compile(function)


def formula(function: F) -> F:
    """Compile a formula that loops of kernels call: inlined always, or those do not vectorise."""
    return _compile(function, forceinline=True)


def _compile(function: F, **options: Any) -> F:
    before = _config.CACHE_DIR
    _config.CACHE_DIR = str(_FOLDER)
    try:
        compiled: F = numba.njit(
            cache=_writable(),
            error_model="numpy",
            fastmath={"contract"},
            nogil=True,
            **options,
        )(function)
    finally:
        _config.CACHE_DIR = before
    return compiled


def _writable() -> bool:
    """Tell whether the cache can be used; without it kernels are compiled in every process."""
    try:
        _FOLDER.mkdir(parents=True, exist_ok=True)
    except OSError:
        return False
    return os.access(_FOLDER, os.W_OK)
