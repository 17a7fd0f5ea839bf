"""``respond`` and ``waves``: what linear theory says in time, and along k."""

from __future__ import annotations

import csv
import json

import numpy as np
import pytest

from nftsim import load_model
from nftsim.theory.dispersion import dispersion
from nftsim.theory.evoked import evoked_response, impulse_response

from .conftest import Command

ERPS = ("respond", "e-erps", "--trace", "propagator.1.phi", "--set", "time=0.0625")
WAKE = ("eirs-wake", "--set", "nodes=144")


def test_responses_to_the_models_stimuli(nftsim: Command) -> None:
    options = ("--node", "2000,2097", "--interval", "0.0078125")
    found = json.loads(nftsim(*ERPS, *options, "--json").out)
    model = load_model("e-erps", {"time": 0.0625})
    expected = evoked_response(model, "propagator.1.phi", nodes=[2000, 2097], interval=0.0078125)
    assert found["time"] == expected.time.tolist()
    assert found["response"]["2097"] == expected.values[:, 1].tolist()
    assert found["units"] == "s-1"
    rows = list(csv.reader(nftsim(*ERPS, *options, "--csv").out.splitlines()))
    assert rows[0] == ["time [s]", "node 2000 [s-1]", "node 2097 [s-1]"]
    np.testing.assert_array_equal(np.array(rows[1:], dtype=float)[:, 1:], expected.values)
    assert (found["trace"], found["impulse"]) == ("propagator.1.phi", None)
    note, head, *lines = nftsim(*ERPS, *options).out.splitlines()
    assert note == "# deviation of propagator.1.phi from the fixed point"
    assert head.split()[:2] == ["t", "[s]"]
    assert len(lines) == 8


def test_impulse_response(nftsim: Command) -> None:
    options = ("--trace", "pop.1.v", "--impulse", "pop.5.q", "--push", 7, "--node", "7,8")
    times = ("--duration", 0.1, "--interval", 0.01)
    result = nftsim("respond", *WAKE, *options, *times, "--wavenumbers", "scheme", "--json")
    expected = impulse_response(
        load_model("eirs-wake", {"nodes": 144}),
        "pop.1.v",
        "pop.5.q",
        duration=0.1,
        interval=0.01,
        node=7,
        nodes=[7, 8],
        wavenumbers="scheme",
    )
    found = json.loads(result.out)
    assert found["units"] == "V"
    assert found["impulse"] == {"trace": "pop.5.q", "node": 7}
    assert (found["trace"], found["time"][:2]) == ("pop.1.v", [0.0, 0.01])
    assert found["response"]["8"] == expected.values[:, 1].tolist()


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (["--node", "0"], "--node: node 0 is not on the grid; give 1 to 4096"),
        (["--node", "1,x"], "--node: 'x' is not a node; give numbers from 1"),
        (["--impulse", "pop.1.q", "--push", "9999"], "--push: node 9999 is not on the grid"),
        (["--push", "3"], "--push is where an impulse is; name what it is added to"),
        (["--impulse", "pop.1"], "trace 'pop.1' means 2 traces"),
        (["--duration", "0"], "duration = 0 s: give a time of at least Deltat"),
        (["--interval", "1e-3"], "multiple of Deltat = 0.000244140625 s, e.g. 0.0009765625"),
        (["--at", "2"], "--at 2: e-erps has no such fixed point; give 1, its only one"),
    ],
)
def test_bad_options(nftsim: Command, options: list[str], complaint: str) -> None:
    assert complaint in nftsim(*ERPS, *options).refused()


def test_noise_alone_evokes_nothing(nftsim: Command) -> None:
    line = nftsim("respond", *WAKE, "--trace", "pop.1.q").refused()
    assert "no stimulus departs from its mean but by noise" in line


def test_models_without_linear_theory_say_what_is_possible(nftsim: Command) -> None:
    waves = nftsim("waves", "tms-cadp").refused()
    assert "nftsim plot --kind kw" in waves
    response = nftsim("respond", "tms-cadp", "--trace", "pop.1.q").refused()
    assert "simulate with the stimulus and without it" in response


def test_a_response_of_an_unstable_point_is_a_warning(nftsim: Command) -> None:
    options = ("--trace", "pop.1.v", "--impulse", "pop.5.q", "--duration", 0.01, "--at", 2)
    result = nftsim("respond", *WAKE, *options, "--json")
    (line,) = result.err
    assert "fixed point 2 is unstable" in line
    assert "grows without bound" in line
    assert json.loads(result.out)["stable"] is False


def test_dispersion(nftsim: Command) -> None:
    options = ("--kmax", 20, "--dk", 10, "--branches", 2)
    found = json.loads(nftsim("waves", *WAKE, *options, "--json").out)
    expected = dispersion(load_model("eirs-wake", {"nodes": 144}), [0.0, 10.0, 20.0], count=2)
    assert found["k"] == [0, 10, 20]
    assert found["frequency"] == expected.frequency.tolist()
    assert found["growth"] == expected.growth.tolist()
    assert found["units"] == {"k": "m-1", "growth": "s-1", "frequency": "Hz"}
    rows = list(csv.reader(nftsim("waves", *WAKE, *options, "--csv").out.splitlines()))
    assert rows[0] == ["k [m-1]", "branch", "growth [s-1]", "frequency [Hz]"]
    assert len(rows) == 7
    assert len(nftsim("waves", *WAKE, *options).out.splitlines()) == 7


def test_a_branch_that_ends_has_no_rows_and_is_told_of(nftsim: Command) -> None:
    options = ("--set", "coupling.9.nu=0.0016", "--set", "coupling.10.nu=-0.001")
    command = ("waves", *WAKE, *options, "--kmax", 10, "--dk", 5)
    result = nftsim(*command)
    said = "ends after k = 0 m^-1: its root meets that of branch 2, which goes on as the pair"
    assert result.err == [f"eirs-wake: branch 3 {said}"]
    rows = [line.split()[:2] for line in result.out.splitlines()[1:]]
    shown = [["0.0", "1"], ["0.0", "2"], ["0.0", "3"]]
    assert rows == [*shown, ["5.0", "1"], ["5.0", "2"], ["10.0", "1"], ["10.0", "2"]]
    assert len(nftsim(*command, "--csv").out.splitlines()) == 1 + len(rows)
    found = json.loads(nftsim(*command, "--json").out)
    assert [[v is None for v in row] for row in found["growth"]][1:] == 2 * [[False, False, True]]
    assert found["frequency"][1][2] is None


def test_a_branch_that_is_lost_is_told_of(nftsim: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    # no step is short enough for it
    monkeypatch.setattr("nftsim.theory.dispersion.STRIDE", 0.0)
    monkeypatch.setattr("nftsim.theory.dispersion.BEYOND", ())
    result = nftsim("waves", *WAKE, "--kmax", 10, "--dk", 10, "--branches", 1)
    assert result.err == [
        "eirs-wake: branch 1 ends after k = 0 m^-1: its root could not be followed further; begin "
        "beyond, by --kmin"
    ]
    assert len(result.out.splitlines()) == 2


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (["--kmin", "3", "--kmax", "2"], "--kmin 3 --kmax 2: give 0 <= kmin <= kmax, in 1/m"),
        (["--dk", "0"], "--dk 0: give a number > 0 in 1/m"),
        (["--dk", "1e-9"], "at most 10000 wavenumbers"),
        (["--branches", "0"], "--branches 0: give 1 to 20"),
        (["--at", "4"], "--at 4: eirs-wake has no such fixed point; give 1 to 3, lowest first"),
        (["--wavenumbers", "scheme"], "argument --wavenumbers: invalid choice: 'scheme'"),
    ],
)
def test_bad_wavenumbers(nftsim: Command, options: list[str], complaint: str) -> None:
    assert complaint in nftsim("waves", *WAKE, *options).refused()
