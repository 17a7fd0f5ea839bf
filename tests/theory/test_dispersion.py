"""The dispersion relation of a model's own waves."""

from __future__ import annotations

import numpy as np
import pytest

from nftsim.errors import NftsimError
from nftsim.model import load_model
from nftsim.theory.dispersion import dispersion
from nftsim.theory.fixed_points import steady_states
from nftsim.theory.linear import gains
from nftsim.theory.response import linearise
from tests.theory.small_models import network, noise_only

GRID = "Nodes: 64"


def test_wave_in_a_loop_by_hand() -> None:
    # with fast dendrites (1 + s/γ)² + k²r² ≈ ρν: s = −γ ± γ √(ρν − k²r²)
    gamma, reach, nu = 50.0, 0.2, 2e-4
    model = network(
        [[nu]],
        firing=["Linear a: 1000 b: 0"],
        propagator=f"Wave - Tau: 0 Range: {reach} gamma: {gamma}",
        grid=GRID,
        parts={"Dendrite 1": "alpha: 9e3 beta: 9e3"},
    )
    k = np.linspace(0, 20, 9)
    found = dispersion(model, k, count=1)
    expected = -gamma + gamma * np.sqrt(1000 * nu - (k * reach) ** 2 + 0j)
    assert found.growth[:, 0] == pytest.approx(expected.real, abs=1.5)
    assert 2 * np.pi * np.abs(found.frequency[:, 0]) == pytest.approx(
        expected.imag, rel=0.02, abs=2
    )
    assert found.frequency[-1, 0] > 25


@pytest.mark.parametrize("wavenumbers", ["continuous", "grid"])
def test_branches_are_roots_and_are_followed(wavenumbers: str) -> None:
    model = load_model("eirs-wake")
    point = steady_states(model).lowest
    k = np.linspace(0, 50, 26)
    found = dispersion(model, k, count=3, wavenumbers=wavenumbers, fixed_point=point)
    assert found.roots.shape == (26, 3)
    linear = linearise(model, point, wavenumbers)
    spacing = model.spacing(0)
    eigenvalue = (k * spacing) ** 2 if wavenumbers == "continuous" else 2 - 2 * np.cos(k * spacing)
    matrix = linear.response(found.roots, eigenvalue[:, None])
    assert np.abs(np.linalg.det(matrix)).max() < 1e-7
    # the alpha rhythm is one branch
    assert found.frequency[:, 1].min() > 8
    assert np.abs(np.diff(found.frequency[:, 1])).max() < 1
    assert (found.frequency >= 0).all()
    assert list(found.to_frame().columns) == ["k", "branch", "growth", "frequency"]


@pytest.mark.parametrize("step", [1.0, 5.0, 20.0])
def test_branches_keep_their_number_whatever_the_step(step: float) -> None:
    model = load_model("eirs-wake")
    k = np.arange(0.0, 61.0, step)
    found = dispersion(model, k, count=3)
    # theta, alpha and its harmonic
    assert found.frequency[-1] == pytest.approx([3.23, 11.58, 20.99], abs=0.01)
    assert found.growth[-1] == pytest.approx([-44.64, -33.01, -35.68], abs=0.01)


def test_two_real_branches_go_on_as_one_pair() -> None:
    found = dispersion(load_model("ei"), np.arange(0.0, 61.0, 10.0), count=2)
    assert np.isfinite(found.roots[:, 0]).all()
    assert (found.frequency[:2, 0] == 0).all()
    assert (found.frequency[2:, 0] > 10).all()
    assert np.isfinite(found.roots[:2, 1]).all()
    assert np.isnan(found.growth[2:, 1]).all()
    assert np.isnan(found.frequency[2:, 1]).all()
    assert found.joined.tolist() == [-1, 0]


def test_bare_poles_are_no_waves() -> None:
    # of two equal populations the difference decays by the dendrites alone, at −80 and −500
    model = network([[2e-5, 2e-5], [2e-5, 2e-5]])
    known = gains(model, steady_states(model).chosen)
    gain = known[1, 1] + known[1, 2]
    found = dispersion(model, [0.0, 10.0], count=4)
    # (1 + s/80) (1 + s/500) = 2 G
    expected = np.sort(np.roots([1, 580, 80 * 500 * (1 - gain)]))[::-1]
    assert found.roots == pytest.approx(np.tile(expected, (2, 1)), rel=1e-9)


def test_bad_requests() -> None:
    model = load_model("eirs-wake")
    with pytest.raises(NftsimError, match="take the continuous or the grid"):
        dispersion(model, [0.0], wavenumbers="scheme")
    with pytest.raises(NftsimError, match="k must be a list of one or more finite"):
        dispersion(model, [np.inf])
    with pytest.raises(NftsimError, match="only inputs, and no waves"):
        dispersion(noise_only(), [0.0])
    with pytest.raises(NftsimError, match="more than the grid has"):
        dispersion(model, [1e3], wavenumbers="grid")


def test_a_field_that_acts_on_next_to_nothing_does_not_oscillate_at_k_0() -> None:
    # its root −γ is double, which rounding must not part into a pair
    model = network([[1e-40]], propagator="Wave - Tau: 0 Range: 0.2 gamma: 50", grid=GRID)
    found = dispersion(model, [0.0, 10.0], count=1)
    assert found.roots[0] == pytest.approx(-50)
    assert found.frequency[0] == 0
    assert found.frequency[1] == pytest.approx(50 * 0.2 * 10 / (2 * np.pi))
