"""What every script does around its one or two calls: a log, errors as one clear line, an end."""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil

from analysis.provenance import made
from nftsim.errors import NftsimError
from nftsim.stopping import stoppable

#: Seconds between two words on waiting.
WORD = 60.0


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
        log.error("%s%s", error, _remedy(snakemake, str(error)))
        sys.exit(error.exit_code)
    except (KeyboardInterrupt, SystemExit) as stop:
        log.warning("stopped before the end; the same command goes on")
        sys.exit(stop.code if isinstance(stop, SystemExit) else 130)
    except Exception:
        log.exception("failed")
        raise
    log.info("done")


def made_by(snakemake: Any, **settings: Any) -> dict[str, Any]:
    """Return what the results of a rule say of their making (see `analysis.provenance.made`).

    Parameters
    ----------
    snakemake
        The object that Snakemake gives to a script.
    **settings
        What was asked for (default: all params of the rule).
    """
    asked = settings or {k: v for k, v in snakemake.params.items() if k != "code"}
    return made(snakemake.input, asked, rule_digest=snakemake.params.code)


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


def _remedy(snakemake: Any, message: str) -> str:
    """Return what to do about an input that Snakemake made, if a message is about one."""
    made = [file for file in snakemake.input if file.startswith("results/")]
    wrong = [file for file in made if message.startswith(f"{file}:")]
    return f" (rm {wrong[0]}; then run snakemake again)" if wrong else ""


@contextmanager
def running(snakemake: Any, log: logging.Logger) -> Iterator[dict[str, Any]]:
    """Yield how a job's runs are made, as arguments of `nftsim.engine.simulate.run_members`.

    Between two chunks the job looks whether it has been told to stop, by Ctrl-C, SIGTERM or the end
    of the Snakemake that started it, and if so ends after a checkpoint. It waits for a job that
    outlived another Snakemake and makes the same files.

    Parameters
    ----------
    snakemake
        The object that Snakemake gives to a script.
    log
        Where to say how far it is.
    """
    tell, parent, said = progress(log), _snakemake(), -WORD

    with stoppable() as obey:

        def look() -> None:
            obey()
            if parent is not None and _gone(parent):
                log.warning("the Snakemake that started this job (process %d) is gone", parent.pid)
                raise SystemExit(3)

        def report(done: int, total: int) -> None:
            tell(done, total)
            look()

        def wait(other: str) -> None:
            nonlocal said
            if time.monotonic() - said >= WORD:
                log.warning("waiting for %s, which is making the same files", other)
                said = time.monotonic()
            look()

        # from the configuration, not a parameter, whose change would have everything made again
        every = snakemake.config.get("checkpoint")
        yield {
            "threads": snakemake.threads,
            "progress": report,
            "wait": wait,
            "checkpoint": every,
        }


def _gone(process: psutil.Process) -> bool:
    """Tell whether a process has ended; it may be listed until its parent has taken note."""
    try:
        return not process.is_running() or bool(process.status() == psutil.STATUS_ZOMBIE)
    except psutil.Error:
        return True


def _snakemake() -> psutil.Process | None:
    """Return the Snakemake that started this process; None if there is none."""
    for process in psutil.Process().parents():
        try:
            words = process.cmdline()
        except psutil.Error:
            continue
        if any(Path(word).name == "snakemake" for word in words):
            return process
    return None


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
