"""How long a run will take on this machine: a few of its steps are made and timed."""

from __future__ import annotations

import time

from nftsim.engine import native
from nftsim.engine.advance import run_chunks
from nftsim.engine.plan import Plan
from nftsim.engine.state import State, initial_state
from nftsim.errors import NftsimError
from nftsim.notices import quiet

#: Seconds of computing that are timed, and the fields that are not too large for that [bytes].
TRIAL, LARGEST = 0.04, 2**28


def step_time(plan: Plan) -> float | None:
    """Return the time that a step takes on a core of this machine [s].

    It is that of the processor, which others that compute on the same core do not lengthen.

    Parameters
    ----------
    plan
        What is to be run.

    Returns
    -------
    float or None
        None where that cannot be found out in a moment: the kernels are not compiled yet, the sheet
        is too large, or the model diverges at once.
    """
    if native.interpreted() or not native.compiled() or plan.memory() > LARGEST:
        return None
    try:
        with quiet():
            state = initial_state(plan)
            _taken(plan, state, 1)  # loads the kernels, and does not count
            steps, taken = 1, 0.0
            while steps < 10**6:
                taken = _taken(plan, state, steps)
                if taken > TRIAL / 2:
                    break
                steps *= 2
    except NftsimError:
        return None
    return taken / steps


def _taken(plan: Plan, state: State, steps: int) -> float:
    start = time.thread_time()
    for _ in run_chunks(plan, state, steps, seed=1):
        pass
    return time.thread_time() - start
