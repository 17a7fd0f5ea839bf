"""The verdict on the wake spectrum: simulation and theory share no code, and no constant is fitted.

Long enough that every band's standard error is within its limit; the grid is coarser than that of
the figure, as the filtered spectrum is in the lowest modes.
"""

import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pytest

from analysis.agreement import MAX_SEM, judge
from analysis.prediction import predict
from analysis.settling import judge_run
from analysis.spectra import spectrum_of_runs
from nftsim.engine.simulate import run_to_file
from nftsim.model import load_model
from nftsim.theory.fixed_points import steady_states

TRACE = "propagator.1.phi"
#: ν_se: from excitatory cortical to relay neurons.
NU_SE = "coupling.9.nu"
SETTINGS = {
    "nodes": 256,
    "output.node": "all",
    "output.start": 0,
    "output.interval": 5e-3,
    "output.traces": [TRACE],
}
SEEDS = range(1, 13)
DURATION = 110.0


def _run(seed: int, folder: str) -> str:
    model = load_model("eirs-wake", SETTINGS)
    model = model.with_rates(steady_states(model).chosen.rates)
    warm, main = Path(folder, f"warm{seed}.h5"), Path(folder, f"main{seed}.h5")
    run_to_file(model, warm, duration=10.0, seed=seed, warmup=True)
    run_to_file(model, main, duration=DURATION, seed=seed, initial=warm)
    return str(main)


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    folder = str(tmp_path_factory.mktemp("wake"))
    fresh = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(2, mp_context=fresh) as pool:
        return list(pool.map(_run, SEEDS, [folder] * len(SEEDS)))


@pytest.fixture(scope="module")
def measured(runs):
    return spectrum_of_runs(runs, TRACE, k0=10.0)


def _theory(**changes):
    model = load_model("eirs-wake", {**SETTINGS, **changes})
    return predict(model, steady_states(model).chosen, TRACE, k0=10.0, interval=5e-3)


@pytest.mark.slow
def test_wake_agrees(measured):
    result = judge(measured, _theory())
    assert result.verdict == "agree"
    assert 1e-3 < result.scores.p < 1 - 1e-3
    assert 1e-3 < result.scores.p_groups < 1 - 1e-3
    for band in result.bands:
        if band.f_lo >= 2:
            assert band.sem <= (MAX_SEM[5] if band.f_lo >= 5 else MAX_SEM[2])
            assert abs(band.ratio - 1) <= 0.03 + 2 * band.sem


@pytest.mark.slow
def test_a_coupling_off_by_five_percent_disagrees(measured):
    nu = load_model("eirs-wake").connection(9).coupling.nu
    result = judge(measured, _theory(**{NU_SE: 1.05 * nu}))
    assert result.verdict == "disagree"
    assert not result.scores.consistent


@pytest.mark.slow
def test_the_warm_up_had_settled(runs):
    assert all(judge_run(run.replace("main", "warm"), TRACE).settled for run in runs)
