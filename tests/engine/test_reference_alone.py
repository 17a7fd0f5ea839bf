"""The plain program by itself: closed forms, orientations, and what NFTsim's habits change."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from nftsim.components import couplings, dendrites, firing, plasticity, propagators, slow, stimuli
from nftsim.components.base import Setting
from nftsim.model import Connection, Model, Population
from nftsim.model.checks import check
from nftsim.reference import simulate
from nftsim.reference.couplings import MatrixStrength, Post
from nftsim.reference.grid import diagonal, nearest
from nftsim.reference.plasticity import BCMSpatialStrength
from nftsim.reference.second_order import held_step, linear_step

Array = NDArray[np.float64]
DT = 1e-3


@pytest.mark.parametrize("beta", [300.0, 80.0, 80.0 * (1 + 1e-9), 20.0])
def test_exact_step_is_the_limit_of_small_ones(beta: float) -> None:
    """Distinct rates, equal ones, and two that differ by less than a difference would resolve."""
    step, parts = 0.01, 20_000
    one = np.ones((1, 1))
    a, b, y = 80.0 * one, beta * one, np.array([0.3 * one, -4.0 * one])
    exact = linear_step(y, 2.0 * one, 5.0 * one, a, b, step)
    for i in range(parts):
        # the middle of each part: an error of second order, which vanishes with their number
        y = held_step(y, (2.0 + 3.0 * (i + 0.5) / parts) * one, a, b, step / parts)
    np.testing.assert_allclose(exact, y, rtol=1e-8)


def test_exact_step_keeps_what_is_at_rest() -> None:
    one = np.ones((1, 1))
    y = linear_step(np.array([one, 0 * one]), one, one, 50 * one, 50 * one, DT)
    np.testing.assert_allclose(y.ravel(), [1, 0], atol=1e-14)


def test_a_matrix_is_written_row_by_row_to_column_by_column_from() -> None:
    setting = Setting(DT, 0.1, 3, 3)
    phi = np.array([[1.0, 10.0, 100.0]])
    item = couplings.Matrix(nu=tuple(map(float, range(1, 10))))
    strength = MatrixStrength(item, setting)
    expected = [[321.0, 654.0, 987.0]]  # 1·1 + 2·10 + 3·100 onto the first node
    np.testing.assert_allclose(strength.step(phi, Post(phi, phi)), expected)
    np.testing.assert_array_equal(strength.traces()["nu"][:, 0, 0], [1, 2, 3])


PLASTIC: dict[str, Any] = {
    "nu_max": 8e-3, "dth": 0.25e-6, "pth": 0.45e-6, "xyth": 0.1, "x": 2.3, "y": 2.0,
    "slope": 3e4, "glu_0": 2e-5, "z": 5.0,
}  # fmt: skip


def test_pairs_read_glutamate_where_they_come_from_and_voltage_where_they_go() -> None:
    setting = Setting(DT, 0.1, 2, 2)
    item = plasticity.BCMSpatial(nu=1e-3, t_bcm=0.3, **PLASTIC)
    pairs = BCMSpatialStrength(item, setting)
    pairs.step(np.ones((1, 2)), Post(np.array([[0.0, 0.05]]), np.array([[0.0, 1e-4]])))
    b, h = pairs.traces()["b"][:, 0], pairs.traces()["h"][:, 0]
    assert b[0, 0] == b[0, 1] < b[1, 0] == b[1, 1]
    assert h[0, 0] == h[1, 0] < h[0, 1] == h[1, 1]


def test_a_sphere_is_turned_over_where_its_rows_end() -> None:
    sheet = np.zeros((3, 4))
    sheet[0, 1] = 1.0
    expected = {(0, 0), (0, 2), (1, 1)}
    across = {(0, 0), (0, 2)}
    assert set(zip(*np.nonzero(nearest(sheet)), strict=True)) == expected | {(2, 1)}
    assert set(zip(*np.nonzero(nearest(sheet, True)), strict=True)) == expected | {(2, 2)}
    below = {(1, 0), (1, 2)}
    assert across.isdisjoint(zip(*np.nonzero(diagonal(sheet)), strict=True))
    turned = set(zip(*np.nonzero(diagonal(sheet, True)), strict=True))
    assert turned == below | {(2, 1), (2, 3)}


# what NFTsim's habits change ----------------------------------------------------------------------


def _model(*, nodes: int = 4, own: Any = None, given: Any = None, **more: Any) -> Model:
    """A population with glutamate that acts on itself, and an input."""
    neurons = Population(
        "", 0.4, q=8.0,
        firing=slow.GlutamateResponse(
            lam=1.5e-4, tglu=0.03,
            function=firing.Sigmoid(theta=0.013, sigma=0.0038, qmax=340.0),
        ),
    )  # fmt: skip
    source = Population("", 0.4, stimuli=(more.get("stimulus", stimuli.Const(mean=5.0)),))
    dendrite = dendrites.SecondOrder(alpha=80, beta=300)
    return check(
        Model(
            time=2.0,
            deltat=DT,
            nodes=nodes,
            longside=more.get("longside"),
            populations=(neurons, source),
            connections=(
                Connection(
                    1, 0, 0, propagators.Map(tau=more.get("tau", 0.0)),
                    own or couplings.Map(nu=1e-3), dendrite,
                ),
                Connection(
                    2, 1, 0, propagators.Map(), given or couplings.Map(nu=1e-3), dendrite
                ),
            ),
        )
    )  # fmt: skip


def _both(model: Model, trace: str, steps: int = 1) -> tuple[Array, Array]:
    """Return a trace at the last step, as is right and NFTsim's way."""
    right, theirs = (simulate(model, steps, compat=compat)[trace][-1] for compat in (False, True))
    return right.ravel(), theirs.ravel()


def test_potentials_start_with_the_first_strength() -> None:
    nu = (1e-3, 2e-3, 3e-3, 4e-3)
    right, theirs = _both(_model(given=couplings.Map(nu=nu)), "dendrite.2.v")
    # rest, where V = ν Q from the start
    np.testing.assert_allclose(right, 5.0 * np.array(nu), rtol=1e-12)
    assert theirs[0] == pytest.approx(5e-3)
    assert np.all(np.diff(theirs) > 0)
    assert theirs[3] < 0.5 * right[3]


def test_a_ramp_follows_its_line_and_leads_it_by_a_step_in_nftsim() -> None:
    ramp = couplings.Ramp(nu=(1e-3, 2e-3), timepoints=(2.5 * DT, 6.5 * DT))
    model = _model(nodes=1, given=ramp)
    right, theirs = (
        simulate(model, 9, compat=compat)["coupling.2.nu"].ravel() for compat in (False, True)
    )
    line = np.interp(DT * np.arange(1, 10), ramp.timepoints, ramp.nu)
    np.testing.assert_allclose(right, line, rtol=1e-12)
    # the slope counts for the steps from 3 to 6, whole
    np.testing.assert_allclose(theirs, 1e-3 + 0.25e-3 * np.clip(np.arange(-1, 8), 0, 4), rtol=1e-12)


def test_a_matrix_starts_with_its_sum() -> None:
    right, theirs = _both(_model(given=couplings.Matrix(nu=1e-3)), "dendrite.2.v")
    np.testing.assert_allclose(right, 4 * 5e-3, rtol=1e-12)
    assert theirs[0] < 0.5 * right[0]


def test_plasticity_first_sees_no_voltage() -> None:
    model = _model(nodes=1, own=plasticity.CaDP(nu=1e-3, **PLASTIC))
    right, theirs = _both(model, "coupling.1.h")

    def opening(v: float) -> float:
        return float((195e-3 - v) / (1 + np.exp(-62 * (v - 45.5e-3))))

    assert right == pytest.approx(opening(1e-3 * 8 + 1e-3 * 5))
    assert theirs == pytest.approx(opening(0.0))


def test_strengths_per_node_release_glutamate_where_they_excite() -> None:
    mixed = couplings.Map(nu=(1e-3, -1e-3, 1e-3, 0.0))
    right, theirs = _both(_model(own=couplings.Map(nu=-1e-3), given=mixed), "pop.1.glu")
    assert np.array_equal(right > 0, [True, False, True, False])
    assert np.all(theirs == 0)


def test_delays_are_truncated() -> None:
    model = _model(tau=1.7e-3)
    q, phi = (
        {c: simulate(model, 6, compat=c)[t][:, 0, 0] for c in (False, True)}
        for t in ("pop.1.q", "propagator.1.phi")
    )
    np.testing.assert_array_equal(phi[False][2:], q[False][:-2])
    np.testing.assert_array_equal(phi[True][1:], q[True][:-1])


@pytest.mark.parametrize(
    ("kind", "nodes", "longside", "ratio"),
    [
        (stimuli.White, 8, 2, 8**0.5 / 2),  # Δx = Length/√Nodes, not Length/2
        (stimuli.White, 1, 1, 1.0),
        (stimuli.WhiteCoherent, 1, 1, 2 * np.pi / 0.4),  # √((2π)³/Length²) against √(2π)
    ],
)
def test_spacing_in_noise(kind: Any, nodes: int, longside: int, ratio: float) -> None:
    noise = kind(mean=0.0, asd=1e-3)
    model = _model(nodes=nodes, longside=longside, stimulus=noise)
    sigma = [simulate(model, 1500, compat=c)["pop.2.q"].std() for c in (False, True)]
    assert sigma[1] / sigma[0] == pytest.approx(ratio, rel=0.08)


def test_coherent_noise_is_that_of_the_first_node() -> None:
    kinds = (stimuli.White, stimuli.WhiteCoherent)
    each, shared = (
        simulate(_model(stimulus=kind(mean=1.0, stddev=2.0)), 20, seed=9)["pop.2.q"]
        for kind in kinds
    )
    assert np.ptp(shared, axis=(1, 2)).max() == 0
    np.testing.assert_array_equal(shared[:, 0, 0], each[:, 0, 0])


def test_a_node_listed_twice_is_driven_twice() -> None:
    model = _model(stimulus=stimuli.Const(mean=3.0, node=(2, 2, 4)))
    np.testing.assert_array_equal(simulate(model, 1)["pop.2.q"].ravel(), [0, 6, 0, 3])
