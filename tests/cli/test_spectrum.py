"""``spectrum``: what linear theory says, as table, CSV and JSON."""

from __future__ import annotations

import csv
import json

import numpy as np
import pytest

from nftsim import linear_spectrum, load_model

from .conftest import Command

PHI = ("spectrum", "eirs-wake", "--set", "nodes=144", "--trace", "propagator.1.phi")


def test_json_is_what_python_gives(nftsim: Command) -> None:
    result = nftsim(*PHI, "--frequencies", "1,2.5,10", "--json")
    assert (result.code, result.err, result.files) == (0, [], set())
    found = json.loads(result.out)
    assert found.keys() == {"frequencies", "power", "units"}
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
    ],
)
def test_bad_options(nftsim: Command, options: list[str], complaint: str) -> None:
    assert complaint in nftsim(*PHI, *options).refused()


def test_models_without_a_spectrum(nftsim: Command) -> None:
    assert "no stimulus is noise" in nftsim("spectrum", "e-erps", "--trace", "pop.1.q").refused()
    assert "are required: --trace" in nftsim("spectrum", "ei").refused()
