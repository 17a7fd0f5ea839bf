"""Steady states: complete, exact to rounding, lowest first."""

from __future__ import annotations

import json
import logging

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import expit

from nftsim.errors import NftsimError
from nftsim.model import Model, library, load_model
from nftsim.theory.fixed_points import steady_states
from nftsim.theory.mean_field import model_equations
from nftsim.theory.reduction import reduce
from nftsim.theory.roots import degree, scan_roots
from tests.theory.small_models import SIGMOID, network, noise_only

#: Independent calculation, to nine decimals: rates of e, r and s.
EIRS = {
    "eirs-eyes-closed": (5.248361501, 15.396019758, 8.789733377),
    "eirs-wake": (7.591590424, 19.853079391, 5.055301962),
    "eirs-spindle": (8.458982355, 27.835079120, 0.534828660),
}


@pytest.mark.parametrize("name", EIRS)
def test_lowest_state_of_eirs(name: str) -> None:
    e, i, r, s = steady_states(load_model(name)).lowest.rates
    assert i == e
    assert [e, r, s] == pytest.approx(EIRS[name], abs=1e-9)


def test_ei_has_one_state() -> None:
    found = steady_states(load_model("ei")).fixed_points
    # both populations obey Q = S(ν Q_input + (ν_e − |ν_i|) Q)
    root = brentq(lambda q: 340 * expit((7.5e-4 - 3e-4 * q - 0.013) / 0.0038) - q, 0, 340)
    assert [p.rates.tolist() for p in found] == [pytest.approx([root, root], rel=1e-10)]


def test_e_is_its_response_at_rest() -> None:
    # its coupling to itself is 0
    found = steady_states(load_model("e-erps")).fixed_points
    assert [p.rates.tolist() for p in found] == [pytest.approx([340 * expit(-0.01292 / 0.0038)])]


def test_emirs_starts_where_its_file_says() -> None:
    lowest = steady_states(load_model("emirs")).lowest.rates
    assert lowest == pytest.approx([17.7243, 17.7243, 24.0886, 18.7065, 17.7243], abs=1e-4)


def eirs_scan(model: Model) -> NDArray[np.float64]:
    """Every Q_e of an EIRS model, by a dense scan over V_e in the equations written out."""
    nu = [float(c.coupling.nu) for c in model.connections]  # type: ignore[attr-defined]

    def rate(v: NDArray[np.float64]) -> NDArray[np.float64]:
        return 340 * expit((v - 0.01292) / 0.0038)

    v = np.linspace(-0.1, 1.5, 4_000_001)
    e = rate(v)
    s = (v - (nu[0] + nu[1]) * e) / nu[2]
    r = rate(nu[6] * e + nu[7] * s)
    residual = rate(nu[8] * e + nu[9] * r + nu[10] * 1.0) - s
    return e[1:][np.signbit(residual[1:]) != np.signbit(residual[:-1])]


@pytest.mark.parametrize("name", EIRS)
def test_all_states_of_eirs_are_found(name: str) -> None:
    model = load_model(name)
    expected = eirs_scan(model)
    found = [p.rates[0] for p in steady_states(model).fixed_points]
    assert len(found) == len(expected) == 3
    assert found == pytest.approx(expected.tolist(), rel=1e-3)


@pytest.mark.parametrize("name", library())
def test_states_are_exact_and_lowest_first(name: str) -> None:
    model = load_model(name)
    states = steady_states(model)
    for point in states.fixed_points:
        assert point.residual < 1e-13
        nu = np.zeros((len(model.populations),) * 2)
        for c in model.connections:
            nu[c.post, c.pre] = c.coupling.first
        rates = np.array([p.background for p in model.populations])
        rates[list(model.neural)] = point.rates
        v = (nu @ rates)[list(model.neural)]
        assert point.voltages == pytest.approx(v, abs=1e-15, rel=1e-12)
        responses = [model.populations[i].firing for i in model.neural]
        again = [
            float(f.rate(x + f.feedback(np.zeros(())).real * q))
            for f, x, q in zip(responses, v, point.rates, strict=True)
            if f is not None
        ]
        assert point.rates == pytest.approx(again, abs=1e-10, rel=1e-10)
    first = [p.rates[0] for p in states.fixed_points]
    assert first == sorted(first)
    assert states.lowest is states.fixed_points[0]


def test_a_close_pair_between_scan_points_is_found() -> None:
    # V = ν S(V) + d just inside the fold, where a pair of roots is 2e-7 V apart
    nu, theta, sigma, qmax = 1e-3, 0.013, 0.0038, 340.0
    root = np.sqrt(1 - 4 * sigma / (nu * qmax))
    z = np.log((1 - root) / (1 + root))
    fold = theta + sigma * z
    drive = float(fold - nu * qmax * expit(z)) - 1e-12
    model = network([[nu]], stimulus=f"Const - Mean: {drive / 1e-3!r}")
    voltages = [p.voltages[0] for p in steady_states(model).fixed_points]
    assert len(voltages) == 3
    assert 0 < voltages[1] - voltages[0] < 1e-6
    assert voltages[0] < fold < voltages[1]
    reduction = reduce(model_equations(model))
    assert reduction is not None
    assert len(scan_roots(reduction)) == 3  # by the scan alone


def test_linear_network_has_the_solution_of_its_linear_equations() -> None:
    nu = np.array([[2e-4, -5e-4], [3e-4, 1e-4]])
    slope, offset = np.array([1500.0, 900.0]), np.array([3.0, -20.0])
    model = network(
        nu.tolist(),
        firing=[
            f"Linear a: {a!r} b: {b!r}"
            for a, b in zip(slope.tolist(), offset.tolist(), strict=True)
        ],
        onto=[1e-3, -2e-3],
    )
    expected = np.linalg.solve(
        np.eye(2) - slope[:, None] * nu, slope * np.array([1e-3, -2e-3]) + offset
    )
    (point,) = steady_states(model).fixed_points
    assert point.rates == pytest.approx(expected, rel=1e-13)
    assert expected.min() < 0  # a straight line is not bounded below


def test_linear_and_sigmoid_populations_mix() -> None:
    model = network([[0, 2e-4], [-4e-4, 0]], firing=["Linear a: 1000 b: 5", SIGMOID])
    (point,) = steady_states(model).fixed_points
    lin, sig = point.rates
    assert lin == pytest.approx(1000 * (2e-4 * sig + 1e-3) + 5, rel=1e-13)
    assert sig == pytest.approx(340 * expit((-4e-4 * lin + 1e-3 - 0.013) / 0.0038), rel=1e-12)


def test_downstream_groups_multiply() -> None:
    # each population feeds on itself, bistable; the second listens to the first, weakly
    bistable = 4e-4
    model = network([[bistable, 0], [1e-6, bistable]], onto=[-1e-2, -1e-2])
    assert len(steady_states(network([[bistable]], onto=[-1e-2])).fixed_points) == 3
    assert len(steady_states(model).fixed_points) == 9


def test_three_fully_connected_populations_need_no_reduction() -> None:
    # from no single potential do the rates follow: only the search from many starts sees these
    nu = [[3e-4, 1e-4, 2e-4], [1.5e-4, 3e-4, 1e-4], [2.5e-4, 1e-4, 3e-4]]
    found = steady_states(network(nu, onto=[-1e-2, -1.2e-2, -1.1e-2])).fixed_points
    assert len(found) == 3
    assert all(p.residual < 1e-13 for p in found)


@given(
    nu=st.lists(st.floats(-2e-3, 2e-3, allow_subnormal=False), min_size=4, max_size=4),
    onto=st.lists(st.floats(-5e-3, 5e-3, allow_subnormal=False), min_size=2, max_size=2),
)
@settings(max_examples=25, deadline=None)
def test_indices_of_two_populations_add_up(nu: list[float], onto: list[float]) -> None:
    # Brouwer's degree: the indices of all fixed points of a map of a box into itself make 1
    model = network([nu[:2], nu[2:]], firing=[SIGMOID, SIGMOID.replace("340", "200")], onto=onto)
    roots = [p.rates for p in steady_states(model).fixed_points]
    assert len(roots) % 2 == 1
    assert degree(model_equations(model), roots) == 1


@pytest.mark.parametrize("name", library())
def test_indices_of_library_models_add_up(name: str) -> None:
    model = load_model(name)
    roots = [p.rates for p in steady_states(model).fixed_points]
    assert degree(model_equations(model), roots) == 1


def test_output_is_plain_data() -> None:
    states = steady_states(load_model("eirs-wake"))
    table = json.loads(json.dumps(states.to_dict()))
    assert list(table) == ["populations", "fixed_points", "complete", "chosen"]
    assert table["populations"] == ["Excitatory", "Inhibitory", "Reticular", "Relay"]
    verdicts = ("stable", "stable_k0", "stable_stepped")
    roots = ("unstable_roots", "unstable_roots_stepped", "dominant", "dominant_stepped")
    assert {tuple(p) for p in table["fixed_points"]} == {("Q", "V", *verdicts, *roots, "residual")}
    assert table["fixed_points"][0]["Q"] == states.lowest.rates.tolist()
    frame = states.to_frame()
    assert list(frame.columns) == ["fixed_point", "population", "Q", "V", "residual", "stable"]
    assert len(frame) == 4 * len(states.fixed_points)
    assert frame["Q"].iloc[:4].tolist() == states.lowest.rates.tolist()


def test_input_to_some_nodes_counts_by_their_share(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, logger="nftsim"):
        part = steady_states(network([[0]], stimulus="Const - Node: 1 3 Mean: 6", grid="Nodes: 4"))
    assert "share of 0.5" in caplog.text
    whole = steady_states(network([[0]], stimulus="Const - Mean: 3", grid="Nodes: 4"))
    assert part.lowest.rates == pytest.approx(whole.lowest.rates, rel=1e-14)


def test_equal_values_per_node_are_uniform() -> None:
    model = load_model("eirs-wake", {"nodes": 144, "coupling.9.nu": [2.661985519e-3] * 144})
    assert steady_states(model).lowest.rates[0] == pytest.approx(7.591590424, abs=1e-9)


def test_loop_gain_of_one_has_no_single_state() -> None:
    model = network([[1e-3]], firing=["Linear a: 1000 b: 0"])
    with pytest.raises(NftsimError, match="loop gain of exactly 1"):
        steady_states(model)


def test_inputs_alone_have_no_steady_state() -> None:
    with pytest.raises(NftsimError, match="no population with a firing response"):
        steady_states(noise_only())
