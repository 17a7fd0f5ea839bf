"""Memory: estimated within 20%, and a run that does not fit is refused."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from nftsim.cli import main
from nftsim.engine.compile import compile_plan
from nftsim.engine.limits import PROCESS_BYTES, required_memory
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
