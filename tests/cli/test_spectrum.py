"""``spectrum``: what linear theory says, as table, CSV and JSON."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from nftsim import linear_spectrum, load_model, steady_states
from nftsim.model.library import library
from nftsim.theory.cross import transfer_function

from .conftest import Command

PHI = ("spectrum", "eirs-wake", "--set", "nodes=144", "--trace", "propagator.1.phi")


def test_json_is_what_python_gives(nftsim: Command) -> None:
    result = nftsim(*PHI, "--frequencies", "1,2.5,10", "--json")
    assert (result.code, result.err, result.files) == (0, [], set())
    found = json.loads(result.out)
    about = {"trace": "propagator.1.phi", "wavenumbers": "grid", "k0": 10.0, "aliases": 0}
    about |= {"model": "eirs-wake", "fixed_point": 1, "stable": True, "interval": None}
    assert about.items() <= found.items()
    assert found.keys() - about.keys() == {"frequencies", "power", "units", "provenance"}
    expected = linear_spectrum(
        load_model("eirs-wake", {"nodes": 144}), "propagator.1.phi", [1, 2.5, 10]
    )
    assert found["frequencies"] == [1, 2.5, 10]
    assert found["power"] == expected.power.tolist()
    assert found["units"] == expected.units


def test_table_and_csv(nftsim: Command) -> None:
    note, head, *lines = nftsim(*PHI, "--fmin", 2, "--fmax", 3, "--df", 0.25).out.splitlines()
    assert note == "# with volume conduction, k0 = 10 /m; --k0 none for the field itself"
    assert head.split() == ["f", "[Hz]", "P", "[s-2", "Hz-1]"]
    table = np.array([line.split() for line in lines], dtype=float)
    np.testing.assert_allclose(table[:, 0], [2, 2.25, 2.5, 2.75, 3])
    result = nftsim(*PHI, "--fmin", 2, "--fmax", 3, "--df", 0.25, "--csv")
    rows = list(csv.reader(result.out.splitlines()))
    assert rows[0] == ["frequency [Hz]", "power [s-2 Hz-1]"]
    np.testing.assert_allclose(np.array(rows[1:], dtype=float), table, rtol=1e-6)


@pytest.mark.parametrize(
    ("low", "high", "step", "count"), [(1, 45, 0.1, 441), (0, 1, 0.3, 4), (5, 5, 1, 1)]
)
def test_the_last_frequency_belongs_to_them(
    nftsim: Command, low: float, high: float, step: float, count: int
) -> None:
    options = ("--fmin", low, "--fmax", high, "--df", step, "--json")
    f = json.loads(nftsim(*PHI, *options).out)["frequencies"]
    np.testing.assert_allclose(f, low + step * np.arange(count), rtol=1e-12)


def test_filter_and_wavenumbers_change_it(nftsim: Command) -> None:
    def power(*options: object) -> float:
        out = nftsim(*PHI, "--frequencies", "30", "--json", *options).out
        return float(json.loads(out)["power"][0])

    assert power() == power("--k0", 10) == power("--wavenumbers", "grid")
    assert power("--k0", "none") > power("--k0", "37.5") > power()
    assert power("--k0", "none", "--wavenumbers", "continuous") < power("--k0", "none")


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (["--frequencies", "1,two"], "--frequencies: 'two' is not a frequency; give numbers"),
        (["--frequencies", "1,-2"], "'-2' is not a frequency"),
        (["--frequencies", "-3,4"], "'-3' is not a frequency"),
        (["--frequencies", ""], "'' is not a frequency"),
        (["--frequencies", "1", "--df", "1"], "--frequencies contradicts --df"),
        (["--fmin", "3", "--fmax", "2"], "--fmin 3 --fmax 2: give 0 <= fmin <= fmax"),
        (["--fmin", "nan"], "--fmin nan"),
        (["--df", "0"], "--df 0: give a number > 0"),
        (["--df", "1e-9"], "--df 1e-09: more than 1000000 frequencies"),
        (["--k0", "-1"], "--k0 -1: give a number > 0 in 1/m, or none"),
        (["--k0", "all"], "--k0 all: give"),
        (["--wavenumbers", "some"], "argument --wavenumbers: invalid choice: 'some'"),
        (["--json", "--csv"], "not allowed with argument"),
        (["--trace", "propagator.1.phy"], "Did you mean 'propagator.1.phi'"),
        (["--trace", "pop.1"], "trace 'pop.1' means 2 traces"),
        (["--at", "0"], "--at 0: eirs-wake has no such fixed point; give 1 to 3, lowest first"),
        (["--at", "4"], "--at 4: eirs-wake has no such fixed point; give 1 to 3, lowest first"),
        (["--at", "low"], "argument --at: invalid int value: 'low'"),
        (["--with", "pop.4.r"], "--with: no trace 'pop.4.r'"),
        (["--with", "some"], "There are pop.K.q (K from 1 to 5), pop.K.v (K from 1 to 4)"),
        (["--with", "pop.4.q", "--from", "pop.5.q"], "--from contradicts --with"),
        (["--from", "coupling.1.nu"], "trace 'coupling.1.nu' has no linear response; ask for"),
        (["--k", "3"], "--k is the wavenumber of a transfer function; name its --from TRACE"),
        (["--from", "pop.5.q", "--k", "nan"], "--k nan: give a finite number"),
        (["--interval", "1e-3"], "--interval matters to --wavenumbers scheme alone"),
        (["--interval", "0", "--wavenumbers", "scheme"], "--interval 0: give a number > 0 in s"),
        (
            ["--interval", "1.6e-4", "--wavenumbers", "scheme"],
            "a multiple of Deltat = 0.0001 s, e.g. 0.0002",
        ),
    ],
)
def test_bad_options(nftsim: Command, options: list[str], complaint: str) -> None:
    asked = PHI[:-2] if "--trace" in options else PHI
    assert complaint in nftsim(*asked, *options).refused()


def test_the_scheme_has_aliases_and_nftsims_delays(nftsim: Command) -> None:
    def power(*options: object) -> float:
        out = nftsim(*PHI, "--frequencies", "90", "--k0", "none", "--json", *options).out
        return float(json.loads(out)["power"][0])

    scheme = ("--wavenumbers", "scheme")
    expected = linear_spectrum(
        load_model("eirs-wake", {"nodes": 144}),
        "propagator.1.phi",
        [90.0],
        k0=None,
        wavenumbers="scheme",
    )
    note = nftsim(*PHI, *scheme, "--k0", "none").out.splitlines()[1]
    assert note == "# of samples, with 8 aliases of each frequency"
    assert power(*scheme) == expected.power[0] == power(*scheme, "--interval", "5e-3")
    # sampled slowly, faster noise folds onto it
    assert power(*scheme, "--interval", "1e-2") > 2 * power(*scheme, "--interval", "1e-4")
    late = ("--set", "propagator.3.tau=0.04006")
    assert power(*scheme, *late) != power(*scheme, *late, "--compat", "nftsim")


def test_another_fixed_point(nftsim: Command) -> None:
    def power(*options: object) -> list[float]:
        out = nftsim(*PHI, "--frequencies", "3,10", "--json", *options).out
        found: list[float] = json.loads(out)["power"]
        return found

    model = load_model("eirs-wake", {"nodes": 144})
    points = steady_states(model).fixed_points
    assert power() == power("--at", 1) != power("--at", 3)
    expected = linear_spectrum(model, "propagator.1.phi", [3, 10], fixed_point=points[2])
    assert power("--at", 3) == expected.power.tolist()


@pytest.mark.parametrize("more", [[], ["--with", "pop.4.q"], ["--from", "pop.5.q"]])
def test_an_unstable_fixed_point_is_a_warning(nftsim: Command, more: list[str]) -> None:
    result = nftsim(*PHI, "--frequencies", "10", "--at", 2, *more, "--json")
    (line,) = result.err
    assert line.startswith("warning: eirs-wake: fixed point 2 is unstable: deviations grow by ")
    assert "no simulation stays near" in line
    assert "--at" in line
    found = json.loads(result.out)
    assert (found["fixed_point"], found["stable"]) == (2, False)


def test_the_default_may_not_be_the_lowest(nftsim: Command) -> None:
    result = nftsim("spectrum", "eirs-bursting", *PHI[-2:], "--frequencies", "10", "--json")
    (line,) = result.err
    assert "the lowest that is not, is taken; --at 1 takes the lowest" in line
    found = json.loads(result.out)
    assert (found["fixed_point"], found["stable"]) == (3, True)


def test_steps_may_be_unstable_where_the_equations_are_not(nftsim: Command) -> None:
    # loops close a step late: an oscillation that just decays grows in long steps
    model = ("spectrum", "eirs-spindle", "--trace", "pop.1.q", "--set", "nodes=1")
    long = ("--set", "coupling.9.nu=0.005128", "--set", "deltat=5e-4", "--frequencies", "10")
    for treatment, stable in (("grid", True), ("scheme", False)):
        result = nftsim(*model, *long, "--wavenumbers", treatment, "--json")
        assert json.loads(result.out)["stable"] is stable, result.err
        assert any("but not in steps of Deltat" in line for line in result.err) is not stable


def test_frequencies_that_samples_do_not_have(nftsim: Command) -> None:
    result = nftsim(*PHI, "--wavenumbers", "scheme", "--frequencies", "90,110")
    (line,) = result.err
    assert "frequencies up to 100 Hz" in line
    assert "--interval" in line


def test_two_traces(nftsim: Command) -> None:
    options = ("--frequencies", "3,10", "--with", "pop.4.q")
    found = json.loads(nftsim(*PHI, *options, "--json").out)
    assert found["traces"] == ["propagator.1.phi", "pop.4.q"]
    assert all(0 < c < 1 for c in found["coherence"])
    rows = list(csv.reader(nftsim(*PHI, *options, "--csv").out.splitlines()))
    assert rows[0] == ["frequency [Hz]", "|cross| [s-2 Hz-1]", "phase [rad]", "coherence [1]"]
    table = np.array(rows[1:], dtype=float)
    cross = np.array(found["cross"]["re"]) + 1j * np.array(found["cross"]["im"])
    np.testing.assert_allclose(table[:, 1], np.abs(cross), rtol=1e-12)
    np.testing.assert_allclose(table[:, 3], found["coherence"], rtol=1e-12)
    note, late, _, *lines = nftsim(*PHI, *options).out.splitlines()
    assert note.startswith("# with volume conduction")
    assert late == "# phase: by how much propagator.1.phi comes later than pop.4.q"
    shown = np.array([line.split() for line in lines], dtype=float)
    np.testing.assert_allclose(shown, table, rtol=1e-6)


def test_transfer_function(nftsim: Command) -> None:
    options = ("--frequencies", "3,10", "--from", "pop.5.q", "--k", 12)
    found = json.loads(nftsim(*PHI, *options, "--json").out)
    model = load_model("eirs-wake", {"nodes": 144})
    expected = transfer_function(model, "propagator.1.phi", "pop.5.q", [3, 10], k=12)
    about = {"from": "pop.5.q", "to": "propagator.1.phi", "units": "1", "k": 12}
    assert about.items() <= found.items()
    assert found["transfer"] == {"re": expected.real.tolist(), "im": expected.imag.tolist()}
    note, head, first, _ = nftsim(*PHI, *options).out.splitlines()
    assert note == "# propagator.1.phi per deviation of pop.5.q, with k = 12 /m along x"
    assert head.split() == ["f", "[Hz]", "gain", "[1]", "phase", "[rad]"]
    assert float(first.split()[1]) == pytest.approx(abs(expected[0]), rel=1e-6)


def test_stimuli_that_a_spectrum_leaves_out_are_named(nftsim: Command, folder: Path) -> None:
    noise = "Stimulus: White - Onset: 0 Mean: 1 "
    text = library()["eirs-wake"].read_text()
    assert noise in text
    pulse = "Stimulus: PulseRect - Amplitude: 1 Width: 0.01\n"
    both = text.replace(noise, f"Stimulus: Superimpose: 2\n {pulse} {noise}")
    (folder / "both.conf").write_text(both)
    options = ("--trace", "propagator.1.phi", "--frequencies", 3, "--set", "nodes=144")
    result = nftsim("spectrum", "both.conf", *options, "--json")
    (line,) = result.err
    assert "both.conf:" in line
    assert "(PulseRect) is no noise, and left out of the spectrum; nftsim respond" in line
    found = json.loads(result.out)
    assert line == f"warning: {found['left_out'][0]}"
    plain = json.loads(nftsim(*PHI, "--frequencies", 3, "--json").out)
    assert found["power"] == plain["power"]
    assert nftsim("respond", "both.conf", *options[:2], "--duration", 0.01).code == 0


def test_an_option_given_twice_is_refused(nftsim: Command) -> None:
    line = nftsim(*PHI, "--trace", "pop.1.q").refused()
    assert "argument --trace: given twice" in line


def test_models_without_a_spectrum(nftsim: Command) -> None:
    line = nftsim("spectrum", "e-erps", "--trace", "pop.1.q").refused()
    assert "no stimulus is noise" in line
    assert "nftsim respond" in line
    assert "are required: --trace" in nftsim("spectrum", "ei").refused()
    plastic = nftsim("spectrum", "tms-cadp", "--trace", "pop.1.q").refused()
    assert "(CaDP) has no linear theory: its strength is plastic; use a Map coupling" in plastic
    inputs = nftsim("spectrum", "ei", "--trace", "pop.3.q", "--at", 9)
    assert inputs.code == 2
