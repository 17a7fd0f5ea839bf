"""Gains of the corticothalamic loops, against numbers calculated independently."""

from __future__ import annotations

import pytest

from nftsim.model import load_model
from nftsim.model.overrides import override
from nftsim.theory.fixed_points import steady_states
from nftsim.theory.loop_gains import connection_gains, loop_gains

#: G_ee, G_ei, G_ese, G_esre, G_srs; X, Y, Z at the lowest fixed point.
KNOWN = {
    "eirs-eyes-closed": (2.074, -4.110, 5.994, -1.671, -0.647, 0.4059, 0.5135, 0.0571),
    "eirs-wake": (2.631, -4.532, 8.018, -4.507, -0.589, 0.4755, 0.3994, 0.0519),
    "eirs-spindle": (6.646, -7.034, 1.328, -0.957, -5.300, 0.8272, 0.0073, 0.8341),
}


@pytest.mark.parametrize("name", KNOWN)
def test_known_gains(name: str) -> None:
    model = load_model(name)
    found = loop_gains(model, steady_states(model).lowest)
    assert found is not None
    assert list(found.to_dict()) == ["G_ee", "G_ei", "G_ese", "G_esre", "G_srs", "X", "Y", "Z"]
    assert list(found.to_dict().values()) == pytest.approx(KNOWN[name], abs=1e-3, rel=1e-3)


@pytest.mark.parametrize("name", ["emirs", "ei", "eirs-aerp", "bg-corticothalamic"])
def test_other_models_have_none(name: str) -> None:
    # in eirs-aerp inhibitory neurons do not fire as excitatory ones do
    model = load_model(name)
    assert loop_gains(model, steady_states(model).lowest) is None


def test_dendrites_that_differ_leave_z_open() -> None:
    model = override(load_model("eirs-wake"), {"dendrite.10.alpha": 50.0})
    found = loop_gains(model, steady_states(model).lowest)
    assert found is not None
    assert found.z is None
    assert found.x == pytest.approx(0.4755, abs=1e-3)


def test_gains_where_strengths_change_are_those_of_the_start() -> None:
    model = load_model("tms-bcm")
    point = steady_states(model).lowest
    found = connection_gains(model, point)
    assert set(found) == {(2, 1), (2, 2)}
    assert all(g > 0 for g in found.values())
