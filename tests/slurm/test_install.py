"""Where SLURM cannot be had, one line says why, so that `.ci/run` can go on without."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.slurm.cluster import NoSlurm, install


def test_starting_slurm_takes_root(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(NoSlurm, match="takes root"):
        install()


def test_nothing_to_install_with(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(NoSlurm, match="no apt-get"):
        install()


def test_no_network(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    # as apt-get does: `update` only warns
    apt = tmp_path / "apt-get"
    apt.write_text(
        "#!/bin/sh\n"
        'for word; do [ "$word" = update ] && exit 0; done\n'
        "echo 'E: Unable to locate package slurmd' >&2; exit 100\n"
    )
    apt.chmod(0o755)
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(NoSlurm, match=r"cannot be installed: E: Unable to locate package slurmd$"):
        install()


def test_the_reason_is_one_line(root: Path) -> None:
    # also if it is run by root
    code = (
        "import os, runpy, sys; os.geteuid = lambda: 1000; sys.argv[1:] = ['install']; "
        "runpy.run_module('tests.slurm.cluster', run_name='__main__')"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert done.stderr == "starting SLURM takes root\n"
