"""Noise that all nodes share: a simulation against its spectrum, with no constant fitted."""

from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np
import pytest
from scipy.signal import welch

from nftsim.engine.simulate import run_to_file
from nftsim.model.overrides import override
from nftsim.theory.fixed_points import steady_states
from nftsim.theory.linear import linear_spectrum
from tests.theory.small_models import network

DELTAT, EVERY, SETTLED = 2.5e-4, 10, 2000


def test_simulated_spectrum(tmp_path: Path) -> None:
    model = network(
        [[3e-5]],
        stimulus="WhiteCoherent - Mean: 8 StdDev: 0.5",
        grid="Nodes: 16",
        lengths=[0.4, 0.4],
        propagator="Wave - Tau: 0.01 Range: 0.25 gamma: 60",
    )
    model = model.with_rates(steady_states(model).lowest.rates)
    output = {
        "output.interval": EVERY * DELTAT,
        "output.traces": "propagator.1.phi",
        "output.node": "all",
    }
    model = override(model, {"deltat": DELTAT, **output})
    run_to_file(model, tmp_path / "run.h5", duration=150.0, seed=3)
    with h5py.File(tmp_path / "run.h5") as file:
        field = file["propagator.1.phi"][...]
    field = field.reshape(len(field), -1)[SETTLED:]
    assert np.ptp(field, axis=1).max() < 1e-9 * field.max()  # the same at every node
    f, power = welch(field[:, 0], 1 / (EVERY * DELTAT), window="hann", nperseg=2048)
    band = (f > 1) & (f < 30)
    theory = linear_spectrum(model, "propagator.1.phi", f[band], k0=None).power
    # 150 bins of 27 segments: a standard error of 2 %
    assert np.mean(power[band] / theory) == pytest.approx(1, abs=0.06)
