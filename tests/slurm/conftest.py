"""A SLURM for the session, and workflows that send their jobs to it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
import yaml

from tests.slurm.cluster import Cluster, NoSlurm

#: What no workflow here may take longer than [s].
LIMIT = 900.0


@pytest.fixture(scope="session")
def slurm() -> Iterator[Cluster]:
    """The cluster; tests are skipped, with the reason, where there cannot be one."""
    # pytest's own folders are closed to munge's user
    with TemporaryDirectory(prefix="nftsim-slurm-") as folder:
        cluster = Cluster(Path(folder), cpus=4)
        try:
            yield cluster.up()
        except NoSlurm as reason:
            pytest.skip(str(reason))
        finally:
            cluster.down()


class Workflow:
    """The workflow of the repository in a folder of its own, sent to SLURM or run here.

    Parameters
    ----------
    root
        The repository.
    folder
        Where results go.
    config
        The configuration.
    """

    def __init__(self, root: Path, folder: Path, config: dict[str, Any]) -> None:
        self.root, self.folder, self.log = root, folder, folder / "snakemake.log"
        folder.mkdir(exist_ok=True)
        (folder / "config.yaml").write_text(yaml.safe_dump(config))

    def local(self, *arguments: str) -> None:
        """Run it here."""
        with self._started([sys.executable], "--cores", "2", *arguments) as running:
            code = running.wait(LIMIT)
        assert code == 0, self.said()

    @contextmanager
    def on(self, profile: str, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
        """Run it with a profile while the body goes on; the body waits for its end."""
        python = self.root / "build" / "cluster" / "bin" / "python"
        assert python.exists(), "the plugins are missing: run `make test-slurm`"
        profiles = [f"profiles/{profile}", "tests/slurm/quick.yaml"]
        options = [word for name in profiles for word in ("--profile", str(self.root / name))]
        with self._started([str(python)], *options, *arguments) as running:
            yield running

    def said(self) -> str:
        """Return what snakemake has printed so far."""
        return self.log.read_text()

    @contextmanager
    def _started(self, python: list[str], *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
        command = [*python, "-m", "snakemake", "--snakefile", str(self.root / "Snakefile")]
        command += ["--directory", str(self.folder)]
        environment = {**os.environ, "NO_COLOR": "1"}
        with self.log.open("wb") as log:
            running = subprocess.Popen(
                [*command, *arguments],
                cwd=self.folder,
                env=environment,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
            try:
                yield running
            finally:
                if running.poll() is None:
                    os.killpg(running.pid, signal.SIGKILL)
                    running.wait()
