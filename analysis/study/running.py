"""Having the workflow carry out a study: Snakemake as a process, its progress, what it said."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import TextIO

from tqdm import tqdm

import analysis
from nftsim.errors import NftsimError, SimulationError
from nftsim.notices import bar_size

#: What Snakemake and its jobs say goes here, in the folder of the study.
LOG = "study.log"
#: Time between two looks at it [s].
LOOK = 0.2
#: Rule → what it does, for whoever waits.
DOING = {
    "steady": "fixed points",
    "warmup": "warm-up",
    "simulate": "simulation",
    "spectrum": "spectrum",
    "theory": "theory",
    "compare": "comparison",
    "agreement": "figure",
}
_STARTED = re.compile(r"(?:local)?rule ([a-z]+)\S*:$")
_STEPS = re.compile(r"(\d+) of (\d+) steps ")
#: A job's warning or error, as `workflow.lib.jobs` has it.
_SAID = re.compile(rf"(?:{'|'.join(DOING)})[\w-]*(?: [\w-]+)*: (?P<text>.+)$")


def snakefile() -> Path:
    """Return the Snakefile of the clone that this package is installed from.

    Raises
    ------
    NftsimError
        If it is installed without the workflow.
    """
    root = Path(analysis.__file__).resolve().parents[1]
    found = root / "Snakefile"
    if not (found.is_file() and (root / "workflow").is_dir()):
        raise NftsimError(
            f"nftsim study: the workflow is not installed, there is no {found}; clone the "
            "repository, and there: pip install -e ."
        )
    return found


def carry_out(folder: Path, targets: Sequence[str], cores: int, *, quiet: bool) -> list[str]:
    """Have Snakemake make files in a folder that has a configuration.

    Parameters
    ----------
    folder
        Where it works.
    targets
        What it is to make, from there.
    cores
        How many it may use.
    quiet
        Whether not to show how far it is.

    Returns
    -------
    list of str
        What jobs have warned of, each once.

    Raises
    ------
    NftsimError
        If another Snakemake works there.
    SimulationError
        If a job failed, with what it said.
    KeyboardInterrupt, SystemExit
        If this process was told to stop; by then the jobs have stopped, too.
    """
    words = ["--directory", str(folder.resolve()), "--snakefile", str(snakefile())]
    words += ["--cores", str(cores), "--rerun-incomplete", *targets]
    log = folder / LOG
    with log.open("w", encoding="utf-8") as out, log.open(encoding="utf-8") as lines:
        process = subprocess.Popen(
            [sys.executable, "-m", "snakemake", *words],
            stdout=out,
            stderr=subprocess.STDOUT,
            cwd=folder,
            env={**os.environ, "NO_COLOR": "1"},
            start_new_session=True,  # so that it is told to stop by us alone, and once
        )
        with _stopping(process):
            said = list(_followed(process, lines, quiet=quiet))
    if process.returncode == 0:
        return list(dict.fromkeys(said))
    text = log.read_text(encoding="utf-8")
    if "LockException" in text or "cannot be locked" in text:
        raise NftsimError(f"{folder}: another study is at work there; wait until it is done")
    raise SimulationError(f"{_last_word(text)} ({log} has more)")


def _last_word(text: str) -> str:
    """Return what a job said before it failed, else the last line of all."""
    lines = [line.strip() for line in text.splitlines() if line.strip()] or ["nothing was said"]
    word = lines[-1]
    if "RuleException:" in lines[1:]:
        word = lines[lines.index("RuleException:", 1) - 1]
    said = _SAID.match(word)
    return said["text"] if said else word


def _followed(process: subprocess.Popen[bytes], lines: TextIO, *, quiet: bool) -> Iterator[str]:
    """Show how far a Snakemake is until it ends; yield what its jobs warn of."""
    hidden = quiet or not sys.stderr.isatty()
    form = "{desc}: {percentage:3.0f}%|{bar}| {n_fmt} of {total_fmt} steps, {elapsed}"
    look = {"bar_format": form, "leave": False, **bar_size()}
    with tqdm(desc="planning", total=1, disable=hidden, **look) as bar:
        ended = False
        while not ended:
            ended = process.poll() is not None  # before reading, so that the last words are read
            for line in lines:
                text = line.strip()
                if started := _STARTED.match(text):
                    bar.set_description_str(DOING.get(started[1], started[1]))
                elif steps := _STEPS.match(text):
                    bar.total = int(steps[2])
                    bar.update(int(steps[1]) - bar.n)
                elif said := _SAID.match(text):
                    yield said["text"]
            bar.refresh()
            if not ended:
                time.sleep(LOOK)


@contextmanager
def _stopping(process: subprocess.Popen[bytes]) -> Iterator[None]:
    """Have a Snakemake and its jobs stop when this process is told to, and wait for them."""

    def stop(number: int, _: FrameType | None) -> None:
        raise SystemExit(128 + number)

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    except BaseException:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGINT)
            process.wait()
        raise
    finally:
        signal.signal(signal.SIGTERM, before)
