"""One from-node of what has a value for every pair of nodes: ``Coupling: 2.nu.3``, as NFTsim."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import nftsim
from nftsim.errors import NftsimError
from nftsim.model import Model, Trace, parse_model, to_conf
from tests.model.conftest import SMALL
from tests.model.sound import conf

STRENGTHS = 1e-4 * (1 + np.arange(16.0).reshape(4, 4))  # (to, from)


def model(*wanted: str) -> Model:
    text = SMALL.replace("Nodes: 16", "Nodes: 4").replace("Wave - Tau: 0.002 Range: 0.3", "Map -")
    text = text.replace("Map - gamma: 30", "Map -").replace("Interval: 0.002", "Interval: 0.005")
    numbers = " ".join(map(repr, STRENGTHS.ravel().tolist()))
    text = text.replace("Coupling 2: Map - nu: 2e-4", f"Coupling 2: Matrix - nu: {numbers}")
    return parse_model(text.replace("Coupling:\n", f"Coupling: {' '.join(wanted)}\n"), "m.conf")


def columns(path: Path) -> list[str]:
    lines = path.read_text().splitlines()
    names = next(line for line in lines if line.split()[:1] == ["Time"])
    return [name for name in names.split() if name.startswith(("C.", "Coupling"))]


def test_it_is_a_trace_of_the_nodes_acted_on(tmp_path: Path) -> None:
    wanted = model("2.nu.3")
    assert wanted.output.traces[-1] == Trace("coupling", 2, "nu.3")
    assert (wanted.output.traces[-1].whole, wanted.output.traces[-1].origin) == (
        Trace("coupling", 2, "nu"),
        3,
    )
    assert parse_model(to_conf(wanted)) == wanted
    run = nftsim.simulate(wanted)
    np.testing.assert_array_equal(run["coupling.2.nu.3"].reshape(4, 4), [STRENGTHS[:, 2]] * 4)
    assert run.units("coupling.2.nu.3") == "V s"
    for name in ("run.h5", "run.output"):
        run.save(tmp_path / name)
        again = nftsim.read_run(tmp_path / name)
        assert list(again) == list(run)
        np.testing.assert_allclose(again["coupling.2.nu.3"], run["coupling.2.nu.3"], rtol=1e-13)
    # a block of columns, called as NFTsim calls it
    assert columns(tmp_path / "run.output") == ["C.Matrix.2.nu.3"] * 4


@pytest.mark.parametrize("wanted", [("2.nu.4", "2"), ("2.nu", "2.nu.1"), ("2.nu.2", "2.nu.4")])
def test_beside_others(tmp_path: Path, wanted: tuple[str, str]) -> None:
    run = nftsim.simulate(model(*wanted))
    run.save(tmp_path / "run.output")
    for found in (run, nftsim.read_run(tmp_path / "run.output")):
        for name in (name for name in found if name.startswith("coupling")):
            origin = name.removeprefix("coupling.2.nu").removeprefix(".")
            values = found[name][0].reshape(-1, 4)  # (from, to)
            expected = STRENGTHS.T if not origin else STRENGTHS.T[[int(origin) - 1]]
            np.testing.assert_allclose(values, expected, rtol=1e-13)


def test_plastic_strengths_change_as_all_of_them_do() -> None:
    changes = {"output.traces": "coupling.1.nu,coupling.1.nu.2,coupling.1.b.2"}
    plastic = parse_model(conf("coupling", "BCM-Spatial"), "m.conf")
    run = nftsim.simulate(plastic, overrides=changes)
    np.testing.assert_array_equal(run["coupling.1.nu.2"], run["coupling.1.nu"][:, 1])


@pytest.mark.parametrize("wanted", ["2.nu.5", "2.nu.0", "1.nu.1", "2.nu.x", "2.nu.1.1", "2.1"])
def test_what_there_is_not_is_refused(wanted: str) -> None:
    with pytest.raises(NftsimError, match=f"no trace 'coupling.{wanted}'") as caught:
        model(wanted)
    assert "\n" not in str(caught.value)
