"""Bad components through the command line: exit code 2, one line, nothing written."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from ..model.sound import LINE, SOUND, Keys, conf, declared
from .conftest import Command

#: A component of each kind with keys that are wrong, and what is said.
SAMPLE: list[tuple[str, str, Keys, str]] = [
    ("propagator", "WaveLegacy", {"gamma": "-1"}, "(WaveLegacy): gamma = -1 is out of bounds; giv"),
    ("propagator", "HarmonicIntegral", {"Tau": "1 2"}, "Tau has 2 values; give one, or one per no"),
    ("coupling", "Matrix", {"nu": "1 2 3 4 5 6 7 8 9"}, "nu has 9 values; give one, or one per pa"),
    ("coupling", "Ramp", {"timepoints": "0.01"}, "has 1 timepoints for 3 values of nu; give one"),
    ("coupling", "DiffArctan", {"t_half_down": "0"}, "t_half_down = 0 s must be > t_half_up = 0.5"),
    ("coupling", "BCM", {"t_BCM": "0"}, "t_BCM = 0 is out of bounds; give a number > 0"),
    ("dendrite", "Ramp", {"t2": "0"}, "t2 = 0 s must be > t1 = 0.002 s; give t1 < t2 <= t3 < t4"),
    ("dendrite", "Integral", {"alpha": "0"}, "alpha = 0 is out of bounds; give a number > 0"),
    ("firing", "Bursting", {"Sigma": "0"}, "Sigma = 0 is out of bounds; give a number > 0"),
    ("firing", "GlutamateResponse", {"tGlu": "0"}, "tGlu must be > 0 where Lambda > 0; add 'tGlu:"),
    ("stimulus", "PAS", {"Duration": "-1"}, "Duration = -1 is out of bounds; give a number >= 0"),
    ("stimulus", "Burst", {"Node": "0"}, "Node: node 0 does not exist; nodes are 1 to 9"),
    ("stimulus", "Data", {"File": "none.npy"}, "none.npy: no such file; name a .npy or HDF5 file"),
]


@pytest.mark.parametrize("output", ["run.h5", "run.output"])
@pytest.mark.parametrize("fault", SAMPLE, ids=lambda f: "-".join((f[0], f[1], *f[2])))
def test_a_bad_component(
    nftsim: Command, folder: Path, fault: tuple[str, str, Keys, str], output: str
) -> None:
    role, keyword, keys, complaint = fault
    np.save("wave.npy", np.ones(30))
    Path("bad.conf").write_text(conf(role, keyword, {**SOUND[role][keyword], **keys}))
    place = f"bad.conf:{LINE[role]}: "
    commands = [("check", "bad.conf"), ("run", "bad.conf", "-o", output)]
    for command in (*commands, ("-i", "bad.conf", "-o", output)):
        message = nftsim(*command).refused()
        assert message.startswith(place)
        assert complaint in message


def test_plasticity_without_glutamate(nftsim: Command, folder: Path) -> None:
    Path("bad.conf").write_text(conf("coupling", "CaDP", firing=declared("firing", "Sigmoid")))
    message = nftsim("run", "bad.conf", "-o", "run.h5").refused()
    assert message.startswith(f"bad.conf:{LINE['coupling']}: Coupling 1 (CaDP) reads the glutamate")


def test_an_array_that_does_not_fit(nftsim: Command, folder: Path) -> None:
    Path("bad.conf").write_text(conf("coupling", "Map"))
    np.save("eight.npy", np.ones(8))
    change = ("--set", "coupling.1.nu=eight.npy")
    message = nftsim("run", "bad.conf", "-o", "run.h5", *change).refused()
    assert message.startswith("bad, override coupling.1.nu=eight.npy: Coupling 1 (Map): nu has 8")


# what the theory has no answer to ---------------------------------------------------------------

NOISE = "Stimulus: White - Mean: 1 ASD: 1e-4"
#: What each command says is possible.
INSTEAD = {
    "spectrum": "take the spectrum of a simulation (nftsim run)",
    "respond": "simulate with the stimulus and without it",
    "waves": "of a simulation (nftsim run, then nftsim plot --kind kw)",
}


@pytest.mark.parametrize(
    ("role", "keyword", "complaint"),
    [
        ("coupling", "Matrix", "has no linear theory: it couples the spatial modes"),
        ("coupling", "Ramp", "has no linear theory: its strength changes in time"),
        ("coupling", "DiffArctan", "has no linear theory: its strength changes in time"),
        ("coupling", "CaDP", "has no linear theory: its strength is plastic"),
        ("coupling", "BCM", "has no linear theory: its strength is plastic"),
        ("coupling", "BCM-Spatial", "has no linear theory: its strengths are plastic and couple"),
        ("dendrite", "Ramp", "has no linear theory: its rates change in time"),
        ("firing", "Bursting", "has no linear theory: its conductances change in time"),
    ],
)
def test_a_spectrum_of_what_has_none(
    nftsim: Command, folder: Path, role: str, keyword: str, complaint: str
) -> None:
    Path("bad.conf").write_text(conf(role, keyword, stimulus=NOISE))
    phi = ("bad.conf", "--trace", "propagator.1.phi")
    for command in (
        ("spectrum", *phi),
        ("spectrum", *phi, "--wavenumbers", "scheme"),
        ("spectrum", *phi, "--with", "pop.1.q"),
        ("spectrum", *phi, "--from", "pop.1.q"),
        ("respond", *phi, "--impulse", "pop.1.q"),
        ("waves", "bad.conf"),
    ):
        message = nftsim(*command).refused()
        assert message.startswith(f"bad.conf:{LINE[role]}: ")
        assert f"({keyword}) {complaint}" in message
        assert INSTEAD[command[0]] in message


@pytest.mark.parametrize(
    "command", [("spectrum",), ("respond", "--impulse", "pop.1.q"), ("waves",)], ids=str
)
def test_theory_around_no_fixed_point(
    nftsim: Command, folder: Path, command: tuple[str, ...]
) -> None:
    # Q = V² + 100: more than any potential that it causes
    text = conf("firing", "Quadratic", {"a": "1e6", "b": "0", "c": "1e4"}, stimulus=NOISE)
    Path("bad.conf").write_text(text)
    trace = () if command == ("waves",) else ("--trace", "pop.1.q")
    for option in ((), ("--at", 1)):
        message = nftsim(*command, "bad.conf", *trace, *option).refused()
        assert message.startswith("bad: no fixed point")
        assert "nftsim run" in message


@pytest.mark.parametrize("keyword", [k for k in SOUND["stimulus"] if "White" not in k])
def test_a_spectrum_of_what_is_not_noise(nftsim: Command, folder: Path, keyword: str) -> None:
    np.save("wave.npy", np.ones(30))
    Path("bad.conf").write_text(conf("stimulus", keyword))
    message = nftsim("spectrum", "bad.conf", "--trace", "propagator.1.phi").refused()
    assert message.startswith("bad: no stimulus is noise")
    assert "use a White stimulus with ASD or StdDev > 0" in message


def test_a_spectrum_of_what_varies_over_the_nodes(nftsim: Command, folder: Path) -> None:
    rates = {"V": "Steady", "alpha": "80 81 82 83 84 85 86 87 88", "beta": "500"}
    Path("bad.conf").write_text(conf("dendrite", "", rates, stimulus=NOISE))
    message = nftsim("spectrum", "bad.conf", "--trace", "propagator.1.phi").refused()
    assert message.startswith(f"bad.conf:{LINE['dendrite']}: Dendrite 1: alpha varies over the")
    assert "give one alpha, or take the spectrum of a simulation" in message


def test_a_spectrum_of_a_trace_that_has_none(nftsim: Command, folder: Path) -> None:
    Path("bad.conf").write_text(conf("coupling", "Map", stimulus=NOISE))
    for trace, complaint in (
        ("coupling.1.nu", "trace 'coupling.1.nu' has no linear response; ask for pop.K.q"),
        ("propagator.9.phi", "no trace 'propagator.9.phi' in model bad. There are pop."),
    ):
        assert complaint in nftsim("spectrum", "bad.conf", "--trace", trace).refused()


def test_steady_states_of_a_matrix_with_unequal_rows(nftsim: Command, folder: Path) -> None:
    strengths = " ".join(f"{n}e-6" for n in range(81))
    Path("bad.conf").write_text(conf("coupling", "Matrix", {"nu": strengths}))
    message = nftsim("steady", "bad.conf").refused()
    assert message.startswith(f"bad.conf:{LINE['coupling']}: Coupling 1 (Matrix): the sums of nu o")


def test_a_sphere_has_no_spectrum(nftsim: Command, folder: Path) -> None:
    text = conf("propagator", "Wave", stimulus=NOISE)
    Path("bad.conf").write_text(text.replace("Nodes: 9", "Nodes: 9 Topology: Sphere"))
    message = nftsim("spectrum", "bad.conf", "--trace", "propagator.1.phi").refused()
    assert message.startswith("bad.conf:3: a Sphere has no linear theory")
