"""Several threads give the bits of one."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from nftsim.cli import main
from nftsim.engine.advance import run_chunks
from nftsim.engine.compile import compile_plan
from nftsim.engine.state import State, initial_state
from nftsim.errors import SimulationError
from nftsim.model import load_model

WATCH = {"output.start": 0, "output.interval": 1e-3, "output.traces": "pop.1.q propagator.7.phi"}


def _end(changes: dict[str, Any], steps: int, threads: int) -> tuple[np.ndarray, State]:
    plan = compile_plan(load_model("eirs-wake", {**WATCH, **changes}))
    state = initial_state(plan)
    chunks = run_chunks(plan, state, steps, seed=3, threads=threads, chunk=steps // 2)
    return np.concatenate([c.rows for c in chunks]), state


@pytest.mark.parametrize("threads", [2, 3, 5])
@pytest.mark.parametrize(
    "changes",
    [
        {"nodes": 144},
        {"nodes": 288, "longside": 24},
        {"nodes": 1},
        {"nodes": 144, "topology": "Sphere"},
        {"nodes": 144, "propagator.1.gamma": np.linspace(100, 130, 144)},
    ],
)
def test_threads_do_not_matter(changes: dict[str, Any], threads: int) -> None:
    one, many = _end(changes, 60, 1), _end(changes, 60, threads)
    np.testing.assert_array_equal(one[0], many[0])
    np.testing.assert_array_equal(one[1].fields, many[1].fields)
    assert (one[1].clock, one[1].step) == (many[1].clock, many[1].step)


def test_all_threads_stop_where_one_diverges() -> None:
    messages = []
    for threads in (1, 3):
        with pytest.raises(SimulationError) as failed:
            _end({"nodes": 144, "coupling.11.nu": 1e308}, 60, threads)
        messages.append(str(failed.value))
    assert messages[0] == messages[1]


@pytest.mark.parametrize("threads", ["0", "-1", "two"])
def test_threads_are_counted_from_one(threads: str, capsys: pytest.CaptureFixture[str]) -> None:
    try:
        code = main(["run", "eirs-wake", "-o", "x.h5", f"--threads={threads}"])
    except SystemExit as ended:  # argparse's own refusal
        code = int(ended.code or 0)
    assert code == 2
    assert "threads" in capsys.readouterr().err
