"""Running the workflow in a folder of its own."""

from __future__ import annotations

import copy
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

PARTS = ("Snakefile", "workflow", "nftsim", "analysis", "profiles")

#: Small enough to run in seconds; every rule has something to do.
TINY: dict[str, Any] = {
    "experiments": {
        "pulse": {
            "model": "e-erps",
            "warmup": {"duration": 0.03125},
            "duration": 0.1171875,
            "interval": 9.765625e-4,
            "traces": ["pop.2.q", "propagator.1.phi"],
            "seeds": [1],
        },
        "noise": {
            "model": "eirs-wake",
            "grid": {"nodes": 144},
            "warmup": {"duration": 1.0, "settle": "warn"},
            "duration": 2.0,
            "interval": 5e-3,
            "traces": ["propagator.1.phi"],
            "seeds": [1, 2],
            "together": 13,
            "spectrum": {"trace": "propagator.1.phi"},
            "comparison": {},
        },
    },
    "figures": {
        "fig02": {},
        "fig05": {},
        "fig07": {"experiment": "pulse", "times": [0.042, 0.052, 0.062, 0.077, 0.086, 0.104]},
        "fig08": {"experiment": "pulse"},
        "fig09": {"models": ["emirs", "eirs-eyes-closed", "ei", "e-erps"]},
        "fig10": {"experiment": "noise"},
        "thumbnails": {"e-erps": ["pulse"]},
    },
}

Run = subprocess.CompletedProcess[str]
Snakemake = Callable[..., Run]


@pytest.fixture
def tiny() -> dict[str, Any]:
    """A configuration that may be changed."""
    return copy.deepcopy(TINY)


def _snakemake(source: Path, folder: Path, config: Any, *arguments: str) -> Run:
    folder.mkdir(exist_ok=True)
    file = folder / "tiny.yaml"
    file.write_text(yaml.safe_dump(config))
    command = [sys.executable, "-m", "snakemake", "--snakefile", str(source / "Snakefile")]
    command += ["--directory", str(folder), "--configfile", str(file), "--cores", "2", *arguments]
    # a colour code would hide words from the tests
    environment = {**os.environ, "NO_COLOR": "1"}
    return subprocess.run(
        command, capture_output=True, text=True, cwd=folder, env=environment, check=False
    )


@pytest.fixture
def snakemake(root: Path, tmp_path: Path) -> Snakemake:
    """Run the workflow of the repository in a temporary folder: snakemake(config, *arguments)."""
    return lambda config, *arguments: _snakemake(root, tmp_path, config, *arguments)


class Finished:
    """A copy of the sources, and a folder in which they have made everything once."""

    def __init__(self, root: Path, where: Path) -> None:
        self.source, self.folder = where / "source", where / "work"
        ignore = shutil.ignore_patterns("__pycache__", "*.pyc")
        for part in PARTS:
            origin, goal = root / part, self.source / part
            if origin.is_dir():
                shutil.copytree(origin, goal, ignore=ignore)
            else:
                goal.parent.mkdir(exist_ok=True)
                shutil.copy2(origin, goal)
        self.first = self.run()

    def run(self, *arguments: str, config: Any = TINY) -> Run:
        """Run the workflow of the copy again."""
        return _snakemake(self.source, self.folder, config, *arguments)

    def planned(self, config: Any = TINY) -> set[str]:
        """Return the rules that would run now, those of several seeds by the names of one."""
        done = self.run("--dry-run", config=config)
        assert done.returncode == 0, done.stderr
        lines = (done.stdout + done.stderr).splitlines()
        kinds = ("rule ", "localrule ")
        names = {line.split()[1].rstrip(":") for line in lines if line.startswith(kinds)}
        return {re.sub(r"^(warmup|simulate)_.*", r"\1", name) for name in names} - {"all"}

    @property
    def results(self) -> Path:
        """The folder of the results."""
        return self.folder / "results"


@pytest.fixture(scope="session")
def finished(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Finished:
    """The whole workflow, run once in small; tests of it must leave it as it was."""
    done = Finished(root, tmp_path_factory.mktemp("workflow"))
    assert done.first.returncode == 0, done.first.stdout + done.first.stderr
    return done
