"""Commands that other packages add."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import EntryPoint

import pytest

from nftsim import plugins

from .conftest import Command


def _only(monkeypatch: pytest.MonkeyPatch, *found: EntryPoint) -> None:
    monkeypatch.setattr(plugins, "entry_points", lambda **_: found)


def test_plot_is_found_and_listed(nftsim: Command) -> None:
    assert "plot" in plugins.plugins()
    assert "\n    plot " in nftsim("--help").out


def test_a_broken_command_says_so_and_harms_no_other(
    nftsim: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    _only(monkeypatch, EntryPoint("paint", "no_such_package:COMMAND", plugins.GROUP))
    assert "no_such_package:COMMAND cannot be loaded" in nftsim("--help").out
    assert nftsim("check", "small.conf").code == 0
    line = nftsim("paint").refused()
    assert line.startswith("paint: no_such_package:COMMAND cannot be loaded (No module named")


def test_commands_of_the_package_are_not_replaced(
    nftsim: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    _only(monkeypatch, EntryPoint("run", "no_such_package:COMMAND", plugins.GROUP))
    assert "cannot be loaded" not in nftsim("--help").out
    assert nftsim("run", "small.conf", "-o", "run.h5").code == 0


def test_what_draws_is_not_loaded_for_the_help() -> None:
    code = "import sys; from nftsim.plugins import plugins; plugins()"
    code += "; print('matplotlib' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
