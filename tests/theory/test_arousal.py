"""Sleep and wake by X, Y and Z: the boundary of stability is where roots cross."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.optimize import root

from nftsim.errors import NftsimError
from nftsim.model import load_model
from nftsim.theory.arousal import Arousal

SYSTEM = Arousal(50.0, 200.0, 100.0, 0.08)


def growing(x: float, y: float, z: float) -> int:
    """Number of growing roots, by the turns of the characteristic function round the half plane."""
    f = np.concatenate([-np.geomspace(3e3, 1e-3, 200_000), np.geomspace(1e-3, 3e3, 200_000)])
    s = 2j * np.pi * f
    # the loop within the thalamus has no growing pole while Z < 1
    turned = np.unwrap(np.angle(SYSTEM.function(s, x, y, z)))
    # (1 + s/γ)² turns by 2π from the lower end of the axis to the upper one
    return round((2 * np.pi - (turned[-1] - turned[0])) / (2 * np.pi))


@pytest.mark.parametrize("z", [0.0, 0.4, 0.9])
@pytest.mark.parametrize("x", [0.0, 0.3, 0.8])
def test_roots_cross_at_the_boundary(x: float, z: float) -> None:
    for end in SYSTEM.boundaries([x], z):
        y, f = float(end.y[0]), float(end.frequency[0])
        assert abs(SYSTEM.function(np.array(2j * np.pi * f), x, y, z)) < 1e-4
        assert growing(x, 0.999 * y, z) == 0
        assert growing(x, 1.001 * y, z) == (2 if f else 1)


def test_a_root_grows_beyond_the_boundary() -> None:
    (end, _) = SYSTEM.boundaries([0.3], 0.4)
    y, f = float(end.y[0]), float(end.frequency[0])

    def both(u: NDArray[np.float64], y: float) -> list[float]:
        value = complex(SYSTEM.function(np.array(u[0] + 1j * u[1]), 0.3, y, 0.4))
        return [value.real, value.imag]

    for share, sign in ((0.99, -1), (1.01, 1)):
        found = root(both, [0.0, 2 * np.pi * f], args=(share * y,))
        assert found.success
        assert np.sign(found.x[0]) == sign


def test_rates_and_delay_of_a_model() -> None:
    found = Arousal.of(load_model("eirs-wake"))
    assert found.gamma == 116
    assert found.delay == pytest.approx(0.085)
    assert found.thalamic(np.zeros((), complex), 0.5) == pytest.approx(1)


def test_what_has_no_boundary_is_refused() -> None:
    with pytest.raises(NftsimError, match="Z < 1"):
        SYSTEM.boundaries([0.3], 1.0)
    with pytest.raises(NftsimError, match="one kind of dendrite"):
        Arousal.of(load_model("eirs-wake", {"dendrite.1.alpha": 50}))
