"""What the command line says: help, lists, warnings, and nothing more than needed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from nftsim import __version__
from nftsim.components import ROLES
from nftsim.listing import HEADINGS
from nftsim.model import library

from .conftest import Command, Edited


def test_a_tolerated_word_is_a_warning_on_stderr(nftsim: Command, folder: Path) -> None:
    text = (folder / "small.conf").read_text().replace("nu: 1e-4", "nu: 1e-4 oldvalue 3")
    (folder / "small.conf").write_text(text)
    result = nftsim("run", "small.conf", "-o", "run.h5")
    assert (result.code, result.out) == (0, "")
    assert result.err == ["warning: small.conf:26: Coupling 1 (Map): nu: ignored 'oldvalue 3'"]


ODD = ("Tau: 0.002", "Tau: 0.0026")


def test_a_refused_model_has_no_warnings(nftsim: Command, edited: Edited) -> None:
    for fault in ("nu: 1e-4 oldvalue\nCoupling 3: Map - nu: 1", "nu: 1e-4 oldvalue 2\nNodes: 1"):
        result = nftsim("check", edited(("nu: 1e-4", fault)))
        assert (result.code, len(result.err)) == (2, 1)
    result = nftsim("check", edited(ODD, ("gamma: 30", "gamma: 30 gama: 2")))
    assert (result.code, len(result.err)) == (2, 1)
    result = nftsim("run", edited(ODD), "-o", "run.h5", "--initial", "no.h5")
    assert (result.code, len(result.err)) == (2, 1)


def test_a_warning_is_said_once(nftsim: Command, edited: Edited) -> None:
    result = nftsim("run", edited(ODD), "-o", "run.h5", "--compat", "nftsim", "--duration", "0.01")
    assert result.code == 0
    (line,) = result.err
    assert "Tau = 0.0026 s is not a multiple of Deltat = 0.001 s; used as 0.002 s" in line


def test_a_run_on_a_terminal_ends_with_the_name_of_its_file(
    nftsim: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    result = nftsim("run", "small.conf", "-o", "run.h5")
    assert (result.code, result.out, result.err[-1]) == (0, "", "wrote run.h5")


def test_list_names_every_model_component_and_parameter(nftsim: Command) -> None:
    text = nftsim("list").out
    for name in library():
        assert f"\n  {name} " in text
    for role, base in ROLES.items():
        assert f"\n{HEADINGS.get(role, f'{role}s')}:" in text
        for keyword, cls in base.registry.items():
            assert f"\n  {keyword or '(no name)'} " in text
            assert all(p.text in text for p in cls.parameters().values())


def test_list_says_what_may_be_left_out(nftsim: Command) -> None:
    text = nftsim("list").out
    for line in (
        "Tau          τ [s]: axonal delay (default 0)",
        "gamma        γ [s⁻¹]: temporal damping rate (one of gamma, velocity)",
        "ASD          ASD [s⁻¹ Hz^{−1/2}]: amplitude spectral density (one of StdDev, ASD)",
        "Pulses       n: number of pulses (default 1)",
        "V            V_ab(0) [V]: initial potential (default Steady)",
    ):
        assert line in text


def test_every_example_of_the_help_runs(nftsim: Command, folder: Path) -> None:
    (folder / "my-model.conf").write_text((folder / "small.conf").read_text())
    examples = re.findall(r"^  nftsim (.*?)(?:  .*)?$", nftsim("--help").out, flags=re.MULTILINE)
    assert {e.split()[0] for e in examples} == {"list", "check", "steady", "run"}
    for example in examples:
        short = ["--duration", "0.0625"] if example.startswith("run") else []
        result = nftsim(*example.split(), *short)
        assert (result.code, result.err) == (0, []), example


def test_help_teaches(nftsim: Command) -> None:
    result = nftsim("--help")
    assert result.code == 0
    for line in ("examples:", "nftsim check my-model.conf", "Exit code: 0 done"):
        assert line in result.out
    for verb in ("run", "check", "steady"):
        text = nftsim(verb, "--help").out
        assert "population.K.length|q|firing.P|stimulus.J.P" in text
    assert nftsim("--version").out == f"nftsim {__version__}\n"


@pytest.mark.parametrize(
    "arguments", [[], ["rum"], ["run", "small.conf"], ["check"], ["list", "x"]]
)
def test_usage_errors_are_one_line_too(nftsim: Command, arguments: list[str]) -> None:
    assert re.search(r"^nftsim.*\(see 'nftsim.*--help'\)$", nftsim(*arguments).refused())
