"""Memory: estimated within 20%, and a run that does not fit is refused."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from nftsim.cli import main
from nftsim.engine.compile import compile_plan
from nftsim.engine.limits import PROCESS_BYTES, required_memory
from nftsim.memory import Memory, memory
from nftsim.model import load_model

CHANGES = {"nodes": 128 * 128, "output.start": 0, "output.interval": 1e-3}

# the peak of this process alone: a child starts with its parent's peak in ru_maxrss
SCRIPT = """
import sys
from nftsim.cli import main
code = main(sys.argv[1:])
peak = next(line for line in open("/proc/self/status") if line.startswith("VmHWM"))
print(peak.split()[1])
sys.exit(code)
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="peak memory is read from /proc")
def test_estimate(tmp_path: Path, root: Path) -> None:
    estimate = required_memory(compile_plan(load_model("eirs-wake", CHANGES)))
    settings = [f"--set={path}={value}" for path, value in CHANGES.items()]
    command = ["run", "eirs-wake", "-o", str(tmp_path / "run.h5"), "--duration", "0.1", *settings]
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, *command],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": str(root)},
    )
    measured = 1024 * int(done.stdout)
    print(f"estimated {estimate / 2**20:.0f} MiB, measured {measured / 2**20:.0f} MiB")
    # most of it must be the fields, or this would only compare the interpreter with itself
    assert estimate > 2.5 * PROCESS_BYTES
    assert 1 / 1.2 < measured / estimate < 1.2


def test_too_large_a_run_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    settings = ["--set=propagator.8.tau=1e4", "--set=nodes=10000"]
    command = ["run", "eirs-wake", "-o", str(tmp_path / "run.h5"), "--duration", "0.01", *settings]
    assert main(command) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert "GiB" in error
    assert "shorter delays" in error
    assert not list(tmp_path.iterdir())


def _controlled(root: Path, groups: str, limits: dict[str, str]) -> Path:
    """Make the files by which the system tells of control groups."""
    for name, text in {"proc/self/cgroup": groups, **limits}.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text + "\n")
    return root


V1, V2 = "sys/fs/cgroup/memory", "sys/fs/cgroup"
LIMIT = "memory.limit_in_bytes"
NONE = {LIMIT: "9223372036854771712", "memory.max": "max"}


@pytest.mark.parametrize(
    ("groups", "limits", "expected"),
    [
        ("0::/a/b", {f"{V2}/a/b/memory.max": "4096"}, 4096),
        # a limit holds for all below it, and the least one counts
        ("0::/a/b", {f"{V2}/a/memory.max": "4096", f"{V2}/a/b/memory.max": "max"}, 4096),
        ("0::/a/b", {f"{V2}/a/memory.max": "4096", f"{V2}/a/b/memory.max": "8192"}, 4096),
        ("0::/", {f"{V2}/memory.max": "4096"}, 4096),
        ("0::/../../a", {f"{V2}/memory.max": "4096"}, 4096),
        ("4:memory:/a/b\n0::/", {f"{V1}/a/b/{LIMIT}": "4096"}, 4096),
        ("3:cpu,memory:/a", {f"{V1}/a/{LIMIT}": "4096"}, 4096),
        # a container sees its own group at the top, and is told where that is on the host
        ("4:memory:/docker/0123", {f"{V1}/{LIMIT}": "4096"}, 4096),
        ("4:memory:/a\n0::/a", {f"{V1}/a/{LIMIT}": NONE[LIMIT], f"{V2}/a/memory.max": "max"}, None),
        ("4:cpu:/a", {f"{V1}/a/{LIMIT}": "4096"}, None),
        ("0::/a", {f"{V2}/a/memory.max": "much"}, None),
        ("nonsense", {}, None),
    ],
)
def test_limits_of_control_groups_count(
    tmp_path: Path, groups: str, limits: dict[str, str], expected: int | None
) -> None:
    found = memory(_controlled(tmp_path, groups, limits), {})
    if expected is None:
        assert found == Memory(psutil.virtual_memory().total, "this machine has")
    else:
        assert found == Memory(expected, "its control group allows")


@pytest.mark.parametrize(
    ("variables", "mebibytes"),
    [
        ({"SLURM_MEM_PER_NODE": "100"}, 100),
        ({"SLURM_MEM_PER_CPU": "100", "SLURM_CPUS_ON_NODE": "3"}, 300),
        ({"SLURM_MEM_PER_CPU": "100", "SLURM_CPUS_PER_TASK": "2"}, 200),
        ({"SLURM_MEM_PER_NODE": "0"}, None),
        ({"SLURM_MEM_PER_CPU": "100"}, None),
        ({"SLURM_MEM_PER_NODE": "all"}, None),
        ({"SLURM_MEM_PER_NODE": str(10**9)}, None),
    ],
)
def test_what_slurm_has_granted_counts(
    tmp_path: Path, variables: dict[str, str], mebibytes: int | None
) -> None:
    found = memory(tmp_path, variables)
    if mebibytes is None:
        assert found.whose == "this machine has"
    else:
        assert found == Memory(mebibytes * 2**20, "this job of SLURM has")
    # the least of all counts
    root = _controlled(tmp_path, "0::/", {f"{V2}/memory.max": "4096"})
    assert memory(root, variables).size == 4096


def test_a_run_that_its_job_cannot_hold_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["run", "eirs-wake", "-o", str(tmp_path / "run.h5"), "--duration", "0.01"]
    monkeypatch.setenv("SLURM_MEM_PER_NODE", "50")
    assert main(command) == 2
    assert "GiB of memory and this job of SLURM has 0.0488 GiB: " in capsys.readouterr().err
    assert not list(tmp_path.iterdir())
