"""What every script does around its one or two calls: a log, and errors as one clear line."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from nftsim.errors import NftsimError


@contextmanager
def job(snakemake: Any) -> Iterator[logging.Logger]:
    """Log what happens inside to the rule's log file; end the script with one line on an error.

    Warnings and errors also go to standard error. A failure of another kind than `NftsimError` is
    a fault of ours: it leaves its traceback in the log too, and is raised again.

    Parameters
    ----------
    snakemake
        The object that Snakemake gives to a script.
    """
    name = " ".join([snakemake.rule, *snakemake.wildcards])
    log = _logger(name, Path(snakemake.log[0]))
    log.info("started")
    try:
        yield log
    except NftsimError as error:
        log.error("%s", error)
        sys.exit(error.exit_code)
    except Exception:
        log.exception("failed")
        raise
    log.info("done")


def progress(log: logging.Logger, parts: int = 10) -> Callable[[int, int], None]:
    """Return a function of steps made and steps to make that logs every tenth of a run.

    It only logs: bars of several jobs at once would overwrite each other.
    """
    logged = 0

    def report(done: int, total: int) -> None:
        nonlocal logged
        if done * parts // total > logged:
            logged = done * parts // total
            log.info("%d of %d steps", done, total)

    return report


def _logger(name: str, path: Path) -> logging.Logger:
    to_file = logging.FileHandler(path, mode="w", encoding="utf-8")
    to_file.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    to_terminal = logging.StreamHandler(sys.stderr)
    to_terminal.setLevel(logging.WARNING)
    to_terminal.addFilter(lambda record: not record.exc_info)  # Python prints it anyway
    to_terminal.setFormatter(logging.Formatter(f"{name}: %(message)s"))
    logging.basicConfig(level=logging.WARNING, handlers=[to_file, to_terminal], force=True)
    logging.captureWarnings(capture=True)
    for ours in ("nftsim", "analysis", name):  # other packages chatter
        logging.getLogger(ours).setLevel(logging.INFO)
    return logging.getLogger(name)
