"""The analysis reads what the simulator writes: a short run ends in a verdict, not in an error."""

import numpy as np
import pytest

from analysis.agreement import compare
from analysis.settling import judge_run
from analysis.spectra import spectrum_of_runs
from nftsim.engine.simulate import run_to_file
from nftsim.errors import NftsimError
from nftsim.model import load_model
from nftsim.theory.fixed_points import steady_states
from nftsim.theory.linear import spectrum as analytic_spectrum

TRACE = "propagator.1.phi"
GRID = {
    "nodes": 144,
    "output.node": "all",
    "output.start": 0,
    "output.interval": 5e-3,
    "output.traces": [TRACE],
}


@pytest.fixture(scope="module")
def wake():
    model = load_model("eirs-wake", GRID)
    fixed_point = steady_states(model).fixed_points[0]
    return model.with_rates(fixed_point.rates), fixed_point


@pytest.fixture(scope="module")
def path(wake, tmp_path_factory):
    path = tmp_path_factory.mktemp("run") / "main.h5"
    run_to_file(wake[0], path, duration=2.0)
    return path


def test_two_seconds_are_insufficient(wake, path):
    frequency = np.linspace(0, 100, 1001)
    model, fixed_point = wake
    theory = analytic_spectrum(model, fixed_point, TRACE, frequency, k0=10.0, wavenumbers="grid")
    measured = spectrum_of_runs([path], TRACE)
    result = compare(measured, frequency, theory)
    assert result.verdict == "insufficient"
    assert "shorter than a segment" in result.meta["warnings"][0]
    # Within the order of magnitude all the same: two seconds of one run, in absolute units.
    assert all(0.2 < band.ratio < 5 for band in result.bands)


def test_run_can_be_judged(path):
    assert np.isfinite(judge_run(path, TRACE).standard_error)


def test_unknown_trace_is_refused(path):
    with pytest.raises(NftsimError, match=r"propagator\.1\.phi"):
        spectrum_of_runs([path], "propagator.1.phy")
