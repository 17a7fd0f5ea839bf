"""Where compiled kernels are kept: in the user's folder of caches, or a temporary one."""

from __future__ import annotations

import logging
import os
import stat
import tempfile
from functools import cache
from pathlib import Path

log = logging.getLogger(__name__)

#: Stands for a folder where there is none: nothing can be made in it.
NOWHERE = Path(os.devnull) / "nftsim"


@cache
def cache_folder() -> Path:
    """Return the folder for compiled kernels; it need not be there, and may be unusable.

    It is in ``$NFTSIM_CACHE_DIR``, ``$XDG_CACHE_HOME`` or ``~/.cache``. Whoever has no home, as in
    some containers and services, is told so and has it with the temporary files.
    """
    base = os.environ.get("NFTSIM_CACHE_DIR") or os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    try:
        return Path(base).expanduser() / "nftsim" / "kernels"
    except RuntimeError:
        found = _temporary()
        log.warning(
            "there is no home folder for %s: compiled kernels are kept %s. Set NFTSIM_CACHE_DIR to "
            "a folder that can be written",
            base,
            f"in {found}" if found else "nowhere",
        )
        return (found or NOWHERE) / "kernels"


def _temporary() -> Path | None:
    """Return a temporary folder of ours alone: code from it is run, so nobody else may write it."""
    try:
        found = Path(tempfile.gettempdir()) / f"nftsim-{os.getuid()}"
        found.mkdir(mode=0o700, exist_ok=True)
        about = found.lstat()
    except (OSError, AttributeError):  # no such folder can be made; no such user
        return None
    ours = stat.S_ISDIR(about.st_mode) and about.st_uid == os.getuid()
    return found if ours and not about.st_mode & 0o022 else None
