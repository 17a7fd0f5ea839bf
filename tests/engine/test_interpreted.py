"""The kernels as plain Python, without the compiler: the same numbers, and coverage sees them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nftsim.engine.compile import compile_plan
from nftsim.engine.kernels import kinds
from nftsim.engine.kernels.program import advance
from tests.engine.machinery import Array, watched, worst_difference
from tests.engine.small_models import complaint, run_all, small_models

#: Share of the lines of the kernels that the small models reach, at least.
COVERED = 0.95


@pytest.fixture(scope="module")
def interpreted(tmp_path_factory: pytest.TempPathFactory, root: Path) -> Path:
    """A folder with what the small models give without the compiler, and the coverage of that."""
    folder: Path = tmp_path_factory.mktemp("interpreted")
    measure = [sys.executable, "-m", "coverage"]
    data = f"--data-file={folder / 'coverage'}"
    models = ["-m", "tests.engine.small_models", str(folder / "runs.npz")]
    where = "--source=nftsim.engine.kernels"
    for command in (
        ["run", data, where, *models],
        ["json", data, "-q", "-o", str(folder / "coverage.json")],
    ):
        subprocess.run(
            [*measure, *command],
            check=True,
            cwd=root,
            env={**os.environ, "NUMBA_DISABLE_JIT": "1", "PYTHONWARNINGS": "ignore"},
        )
    return folder


def test_the_small_models_have_every_kind_of_operation(tmp_path: Path) -> None:
    found: set[int] = set()
    for model in small_models(tmp_path).values():
        for rng in ("counter", "nftsim"):
            for summed in (False, True):
                plan = compile_plan(watched(model, summed=summed), rng=rng)
                found |= set(plan.ops[:, 0].tolist())
    declared = {k: v for k, v in vars(kinds).items() if k.isupper() and isinstance(v, int)}
    numbers = {v for k, v in declared.items() if k not in kinds.SIZES}
    assert len(numbers) > 20
    assert numbers <= found


def test_compiled_equals_interpreted(interpreted: Path, tmp_path: Path) -> None:
    if not hasattr(advance, "py_func"):
        pytest.skip("the compiler is off")
    with np.load(interpreted / "runs.npz") as saved:
        slow = {name: saved[name] for name in saved.files}
    assert str(slow.pop("complaint")) == complaint() != ""
    fast = run_all(tmp_path)
    theirs: dict[str, dict[str, Array]] = {}
    for name, values in slow.items():
        case, _, trace = name.partition("|")
        theirs.setdefault(case, {})[trace] = values
    assert len(fast) > 100
    assert fast.keys() == theirs.keys()
    worst = max((*worst_difference(ours, theirs[case]), case) for case, ours in fast.items())
    print(f"worst of {len(fast)} runs: {worst}")
    assert worst[0] <= 1e-12, worst


def test_the_small_models_cover_the_kernels(interpreted: Path) -> None:
    report: dict[str, Any] = json.loads((interpreted / "coverage.json").read_text())
    assert len(report["files"]) >= 10
    for name, found in {**report["files"], "all": {"summary": report["totals"]}}.items():
        lines, covered = (found["summary"][k] for k in ("num_statements", "covered_lines"))
        missing = found.get("missing_lines", "")
        print(f"{name:45} {covered:4} of {lines:4} lines, without {missing or 'none'}")
    totals = report["totals"]
    assert totals["covered_lines"] >= COVERED * totals["num_statements"]
