"""Fixed points with every kind of coupling, and what has no linear theory."""

from __future__ import annotations

import logging

import pytest

from nftsim.components import Coupling
from nftsim.errors import NftsimError
from nftsim.model import Model
from nftsim.theory.fixed_points import steady_states
from nftsim.theory.linear import linear_spectrum
from tests.theory.small_models import SIGMOID, network

NOISE = "White - Mean: 1 StdDev: 1"
PLASTIC = (
    "nu: 2e-4 nu_max: 8e-4 Dth: 2.5e-7 Pth: 4.5e-7 xyth: 1e-4 x: 0.023 y: 0.02 B: 3e4 glu_0: 2e-4"
)
#: Kind → (parameters, strength that a uniform field of four nodes meets at the start).
CASES = {
    "Map": ("nu: 2e-4", 2e-4),
    "Matrix": ("nu: " + " ".join(["1e-4 2e-5 3e-5 5e-5"] * 4), 2e-4),
    "Ramp": ("nu: 2e-4 9e-4 timepoints: 0.2 0.6", 2e-4),
    "DiffArctan": (
        "nu_min: 2e-4 nu_max: 9e-4 delta: 0.01 t_half_up: 1.5 t_half_down: 2.5",
        2e-4,
    ),
    "CaDP": (PLASTIC, 2e-4),
    "BCM": (f"{PLASTIC} t_BCM: 7", 2e-4),
    "BCM-Spatial": (f"{PLASTIC} t_BCM: 7", 2e-4 + 3e-8),
}
CHANGING = ["Ramp", "DiffArctan", "CaDP", "BCM", "BCM-Spatial"]
GLUTAMATE = f"GlutamateResponse Lambda: 1e-4 tGlu: 0.03 Function: {SIGMOID}"


def model(kind: str, text: str = "", grid: str = "Nodes: 4") -> Model:
    part = {"Coupling 1": f"{kind} - {text or CASES[kind][0]}"}
    return network([[1.0]], firing=[GLUTAMATE], onto=[7e-3], stimulus=NOISE, grid=grid, parts=part)


def test_every_coupling_has_a_case() -> None:
    assert set(CASES) == set(Coupling.registry)


@pytest.mark.parametrize("kind", CASES)
def test_state_is_that_of_the_strength_at_the_start(kind: str) -> None:
    strength = CASES[kind][1]
    found = steady_states(model(kind)).fixed_points
    plain = steady_states(network([[strength]], onto=[7e-3])).fixed_points
    tolerance = 1e-4 if kind == "DiffArctan" else 1e-12  # whose start is close to nu_min
    assert [p.rates[0] for p in found] == pytest.approx([p.rates[0] for p in plain], rel=tolerance)


@pytest.mark.parametrize("kind", CASES)
def test_strengths_that_change_are_warned_of(kind: str, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, logger="nftsim"):
        steady_states(model(kind))
    expected = f"Coupling 1 ({kind}): its strength"
    assert (expected in caplog.text) == (kind in CHANGING)
    assert ("that of the strength at the start" in caplog.text) == (kind in CHANGING)
    if kind in CHANGING:
        assert caplog.text.count("Coupling 1") == 1


@pytest.mark.parametrize("kind", [k for k in CASES if k != "Map"])
def test_no_linear_theory(kind: str, caplog: pytest.LogCaptureFixture) -> None:
    reason = Coupling.registry[kind].nonlinear  # type: ignore[attr-defined]
    message = rf"model:\d+: Coupling 1 \({kind}\) has no linear theory: {reason}; use a Map"
    with pytest.raises(NftsimError, match=message):
        linear_spectrum(model(kind), "pop.1.q", [1.0])
    assert not caplog.records  # no talk of fixed points on the way


def test_matrix_on_one_node_is_a_number() -> None:
    found = linear_spectrum(model("Matrix", "nu: 2e-4", "Nodes: 1"), "pop.1.q", [1.0, 9.0])
    plain = linear_spectrum(model("Map", "nu: 2e-4", "Nodes: 1"), "pop.1.q", [1.0, 9.0])
    assert found.power == pytest.approx(plain.power, rel=1e-14)


def test_one_number_of_a_matrix_is_for_all_pairs() -> None:
    found = steady_states(model("Matrix", "nu: 5e-5")).lowest
    plain = steady_states(model("Map", "nu: 2e-4")).lowest
    assert found.rates == pytest.approx(plain.rates, rel=1e-13)


def test_rows_are_sums_over_the_columns() -> None:
    # row (to) by row: equal sums over columns would not do
    rows = "1e-4 0 0 0  1e-4 0 0 0  1e-4 0 0 0  1e-4 0 0 0"
    found = steady_states(model("Matrix", f"nu: {rows}")).lowest
    plain = steady_states(model("Map", "nu: 1e-4")).lowest
    assert found.rates == pytest.approx(plain.rates, rel=1e-13)
    columns = "1e-4 1e-4 1e-4 1e-4  0 0 0 0  0 0 0 0  0 0 0 0"
    message = (
        r"model:\d+: Coupling 1 \(Matrix\): the sums of nu over the rows differ \(0 to 0.0004 V s\)"
        r".* no uniform fixed point; warm it up .* coupling.1.nu: <one number>"
    )
    with pytest.raises(NftsimError, match=message):
        steady_states(model("Matrix", f"nu: {columns}"))


def test_rows_that_sum_to_nothing() -> None:
    # equal but for rounding, which is large beside the sums
    rows = " ".join(["0.1 0.2 -0.3 0", "0.2 -0.3 0.1 0", "0 0.1 0.2 -0.3", "-0.3 0 0.2 0.1"])
    found = steady_states(model("Matrix", f"nu: {rows}")).lowest
    assert found.rates == pytest.approx(steady_states(model("Map", "nu: 0")).lowest.rates)


def test_equal_numbers_for_all_pairs_are_not_one_number_for_the_diagonal() -> None:
    text = CASES["BCM-Spatial"][0].replace("nu: 2e-4 nu_max", "nu: " + "5e-5 " * 16 + "nu_max")
    found = steady_states(model("BCM-Spatial", text)).lowest
    plain = steady_states(model("Map", "nu: 2e-4")).lowest
    assert found.rates == pytest.approx(plain.rates, rel=1e-13)
