"""Files that are whole whenever they have their final name."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from nftsim.errors import NftsimError


@contextmanager
def atomic(path: str | Path) -> Iterator[Path]:
    """Yield ``path`` + ``.part`` to write to; rename it to `path` when the block succeeds.

    Parameters
    ----------
    path
        Final name; its folder is created when absent.

    Yields
    ------
    Path
        The temporary name beside it. It is removed when the block raises.

    Raises
    ------
    NftsimError
        If the folder or the file cannot be written.
    """
    final = Path(path)
    part = final.with_name(final.name + ".part")
    try:
        final.parent.mkdir(parents=True, exist_ok=True)
        try:
            yield part
            part.replace(final)
        finally:
            part.unlink(missing_ok=True)
    except OSError as error:
        raise NftsimError(
            f"{final}: cannot be written ({error.strerror or error}). "
            "Choose a folder that exists, is writable and has space left."
        ) from error
