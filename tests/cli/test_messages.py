"""What the command line says: help, lists, warnings, and nothing more than needed."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from matplotlib.figure import Figure

from analysis.figures import style
from analysis.provenance import made
from nftsim import __version__
from nftsim.arguments import VERBS
from nftsim.components import ROLES
from nftsim.engine.simulate import run_to_file
from nftsim.listing import HEADINGS
from nftsim.model import library, load_model, parse_model

from .conftest import Command, Edited

PROPAGATORS = "propagator.1.phi … propagator.2.phi."


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


def test_what_writes_a_file_says_so_unless_it_is_to_be_quiet(nftsim: Command, folder: Path) -> None:
    writes: tuple[tuple[str, ...], ...] = (
        ("run", "small.conf", "-o", "run.h5"),
        ("convert", "run.h5", "-o", "run.output"),
        ("convert", "run.h5", "run.conf"),
        ("plot", "run.h5", "--kind", "series"),
        ("view", "run.h5"),
    )
    for command in writes:
        result = nftsim(*command)
        (name,) = result.files
        size = (folder / name).stat().st_size
        written = f"{size / 1e6:.1f} MB" if size >= 1e5 else f"{size / 1e3:.1f} kB"
        (line,) = result.wrote
        assert line.startswith(f"wrote {name} ({written})")
        assert (result.code, result.out, result.err) == (0, "", [])
        (folder / name).rename(folder / "aside")
        result = nftsim(*command, "--quiet")
        assert (result.code, result.out, result.err, result.wrote) == (0, "", [], [])
        (folder / "aside").unlink()


def test_in_place_of_nftsim_it_is_silent_but_for_a_terminal(
    nftsim: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert nftsim("-i", "small.conf", "-o", "a.output").wrote == []
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    assert nftsim("-i", "small.conf", "-o", "b.output").wrote[0].startswith("wrote b.output (")


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
        "glu",
        "dendrite.K.v  V_ab [V]: potential that this connection adds to the soma (written only",
        "Pulses       n: number of pulses (default 1)",
        "V            V_ab(0) [V]: initial potential (default Steady)",
    ):
        assert line in text


def test_list_of_a_few(nftsim: Command) -> None:
    text = nftsim("list", "wave").out
    assert text.startswith("propagators:\n  Wave ")
    assert "WaveLegacy" in text
    assert "Harmonic" not in text
    assert nftsim("list", "Dendrite", "ramp").out.count("\n  Ramp ") == 1
    assert "\n  ei " in nftsim("list", "models").out
    parts = nftsim("list", "components").out
    assert parts + "\n" in nftsim("list").out + "\n"
    assert "\n  ei " not in parts
    message = nftsim("list", "compnents").refused()
    assert message.endswith("'nftsim list components' a part of it. Did you mean 'components'?")
    message = nftsim("list", "wavelegasy").refused()
    assert message.startswith("nothing is called 'wavelegasy'")
    assert message.endswith("Did you mean 'WaveLegacy'?")


def test_a_misspelt_command_is_guessed(nftsim: Command) -> None:
    assert "Did you mean 'study'? (see 'nftsim --help')" in nftsim("stduy", "ei").refused()
    assert "Did you mean" not in nftsim("xyz").refused()


def test_another_number_is_no_guess(nftsim: Command) -> None:
    found = nftsim("check", "small.conf", "--set", "output.traces=propagator.99.phi").refused()
    assert found.endswith("no trace 'propagator.99.phi' in model small. It has " + PROPAGATORS)
    found = nftsim("check", "small.conf", "--set", "output.traces=propagatr.1.phi").refused()
    assert found.endswith("Did you mean 'propagator.1.phi'?")


def test_what_a_run_replaces_is_said(nftsim: Command, folder: Path) -> None:
    run = ("run", "small.conf", "-o", "run.h5")
    assert nftsim(*run).err == []
    (said,) = nftsim(*run).err
    assert re.fullmatch(
        r"run\.h5: is there already, of [\d-]+ [\d:]+; it is replaced when the run is done", said
    )
    assert nftsim(*run, "--quiet").err == []


def test_a_plan_says_what_its_words_mean(nftsim: Command) -> None:
    found = nftsim("check", "small.conf", "--plan").out
    assert "an operation computes one or a few fields of all nodes; a row is one field" in found


def test_a_missing_file_is_answered_by_what_is_taken(nftsim: Command) -> None:
    assert (
        nftsim("info", "no.h5")
        .refused()
        .endswith(
            "a run, a model (.conf), a name from 'nftsim list models', or a result of the workflow."
        )
    )


def test_list_as_json(nftsim: Command) -> None:
    found = json.loads(nftsim("list", "--json").out)
    assert {m["name"] for m in found["models"]} == set(library())
    assert all(m["title"] and m["title"] in m["text"] for m in found["models"])
    names = {(c["role"], c["name"]) for c in found["components"]}
    assert names == {(role, k) for role, base in ROLES.items() for k in base.registry}
    (wave,) = (c for c in found["components"] if c["name"] == "Wave")
    assert wave["source"]
    assert {p["name"]: p["needed"] for p in wave["parameters"]}["Tau"] == "default 0"
    assert wave["outputs"][0]["trace"] == "propagator.K.phi"


def examples(text: str) -> list[list[str]]:
    """Return the command lines that a help shows, without what is said of them."""
    found = re.findall(r"^  (nftsim(?: .*?)?)(?:  .*)?$", text, flags=re.MULTILINE)
    assert found
    return [line.split()[1:] for line in found]


@pytest.fixture
def prepared(folder: Path) -> Path:
    """The folder with the files that examples name: models, runs and a text output."""
    for name in ("my-model.conf", "nftsim.conf"):
        (folder / name).write_text((folder / "small.conf").read_text())
    model = parse_model((folder / "small.conf").read_text(), "small")
    run_to_file(model, folder / "my-run.output")
    wake = {"nodes": 400, "time": 0.0625, "output.start": 0}
    run_to_file(load_model("eirs-wake", wake), folder / "wake.h5")
    experiment = folder / "results" / "eirs-wake" / "1"
    experiment.mkdir(parents=True)
    (experiment / "warmup.h5").write_bytes((folder / "wake.h5").read_bytes())
    start = experiment / "warmup.h5"
    run_to_file(load_model("eirs-wake", wake), experiment / "main.h5", initial=start)
    figures = folder / "results" / "figures"
    figures.mkdir()
    style.save(Figure(), figures / "fig10_spectrum", made([start], {"k0": 10.0}))
    return folder


@pytest.mark.parametrize("verb", ["", *VERBS, "-i"])
def test_every_example_of_the_help_runs(nftsim: Command, prepared: Path, verb: str) -> None:
    shown = examples(nftsim(*verb.split(), "--help").out)
    if verb in VERBS:
        assert len(shown) >= 2
        assert all(example[0] == verb for example in shown)
    elif not verb:
        assert {example[0] for example in shown} == {*VERBS, "-i"}
    for example in shown:
        length = "0.02" if "my-model.conf" in example else "0.0625"
        short = ["--duration", length] if example[:1] == ["run"] else []
        if "nodes=10000" in example:
            continue  # a large grid: right, but not small
        result = nftsim(*example, *short)
        allowed = ("warning: no -", "warning: Propagator 1 (Wave): waves come round the sheet")
        if "--steady" in example:  # at the highest fixed point
            allowed += ("warning: population 1 (Excitatory), 2 (Inhibitory), 3 (Reticular), 4",)
        # examples write the same file
        fresh = [line for line in result.err if ": is there already, of " not in line]
        warned = [line for line in fresh if not line.startswith(allowed)]
        assert (result.code, warned) == (0, []), example


def test_help_teaches(nftsim: Command) -> None:
    result = nftsim("--help")
    assert result.code == 0
    for line in ("nftsim check my-model.conf", "Exit code: 0 done", "in place of NFTsim"):
        assert line in result.out
    assert all(f"\n    {verb} " in result.out for verb in VERBS)
    for verb in ("run", "check", "steady", "spectrum", "convert"):
        text = nftsim(verb, "--help").out
        assert "population.K.length|q|firing.P|stimulus.J.P" in text
        assert "examples:" in text
    assert "--set" not in nftsim("list", "--help").out
    assert nftsim("--version").out == f"nftsim {__version__}\n"


@pytest.mark.parametrize("words", ["-?", "-h"])
def test_help_as_nftsim_has_it(nftsim: Command, words: str) -> None:
    assert nftsim(words).out == nftsim("--help").out
    assert nftsim("-i", "x.conf", words).out == nftsim("-i", "--help").out


@pytest.mark.parametrize(
    "arguments",
    [[], ["rum"], ["run", "small.conf"], ["check"], ["info"], ["convert"], ["-x"]],
)
def test_usage_errors_are_one_line_too(nftsim: Command, arguments: list[str]) -> None:
    assert re.search(r"^nftsim.*\(see 'nftsim.*--help'\)$", nftsim(*arguments).refused())
