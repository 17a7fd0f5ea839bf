"""Other simulators, measured on request: they solve other things, and their labels say what."""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from analysis.benchmark import process
from analysis.benchmark.models import DELTAT
from nftsim.errors import NftsimError

log = logging.getLogger(__name__)

FOLDER = Path(__file__).parent / "peers"
#: Script → the package that it needs, as pip names it.
PEERS = {"py_pde": "py-pde", "neurolib_wc": "neurolib", "tvb_jr": "tvb-library"}
#: Steps that each makes, and node updates at most.
STEPS, WORK = 16384, 2**21

COLUMNS = ["package", "nodes", "steps", "seconds", "ns_per_node_step", "solves"]


def measure(python: str, nodes: Sequence[int]) -> pd.DataFrame:
    """Return one row per peer and size that could be run.

    Parameters
    ----------
    python
        The Python that has the packages.
    nodes
        Sizes.
    """
    rows = []
    for script, package in PEERS.items():
        for n in nodes:
            # networks keep matrices of all pairs of nodes
            steps = max(256, min(STEPS, WORK // (n if script == "py_pde" else n * 16)))
            command = [python, str(FOLDER / f"{script}.py"), str(n), str(steps), repr(DELTAT)]
            try:
                found = json.loads(process.run(command).output.splitlines()[-1])
            except NftsimError as error:
                advice = f"; install it: {python} -m pip install {package}"
                missing = "No module named" in str(error)
                log.warning("%s: %s%s", package, error, advice if missing else "")
                break
            seconds = float(found["seconds"])
            per_step = 1e9 * seconds / (n * steps)
            log.info("%-12s %6d nodes: %9.2f ns per node and step", package, n, per_step)
            rows.append((package, n, steps, seconds, per_step, found["solves"]))
    return pd.DataFrame(rows, columns=COLUMNS)
