"""Guard rails: each finds what it is for, with its figures, and says nothing of sound models."""

from __future__ import annotations

import json
import logging
import math
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import nftsim
from nftsim.components.propagators import Wave
from nftsim.engine.simulate import file_sink, run_members, run_to_file
from nftsim.guards import GUARDS, Finding, Watch, findings_of, found_after, found_before
from nftsim.guards.before import ALIASED, COURANT
from nftsim.guards.declare import to_text
from nftsim.guards.filters import low_of
from nftsim.guards.watch import STRETCHES
from nftsim.io.hdf5 import open_run
from nftsim.model import Trace, library, load_model
from nftsim.theory.linear import linear_spectrum
from tests.model.conftest import SMALL

POINT = {"nodes": 1, "time": 10, "output.start": 0}


def before(name: str = "eirs-wake", /, **overrides: object) -> dict[str, str]:
    changes = {k.replace("__", "."): v for k, v in overrides.items()}
    return {f.guard: str(f) for f in found_before(load_model(name, changes))}


def seen(model: str, overrides: Mapping[str, object]) -> dict[str, str]:
    run = nftsim.simulate(model, overrides=overrides)
    return {f.guard: str(f) for f in findings_of(run.attrs)}


def test_the_guards_are_those_that_are_documented(root: Path) -> None:
    page = (root / "docs/guard-rails.md").read_text()
    assert len(GUARDS) >= 6
    assert {g.stage for g in GUARDS.values()} == {"before", "after"}
    for name, declared in GUARDS.items():
        assert f"| {name} | {declared.applies} |" in page
        assert declared.check.__doc__


#: What is amiss with models of the library as shipped, and true.
TRUE_ALARMS = {"e-erps": {"wrap-around"}}


@pytest.mark.parametrize("name", library())
def test_models_of_the_library_raise_no_false_alarm(name: str) -> None:
    assert set(before(name)) == TRUE_ALARMS.get(name, set())


# before a run -----------------------------------------------------------------------------------


@pytest.mark.parametrize("share", [0.94, 0.96, 0.999])
def test_waves_near_the_courant_limit_swing_as_far_as_it_says(share: float) -> None:
    model = load_model("e-erps", {"nodes": 4096})
    wave, setting = model.connection(1).propagator, model.setting(0)
    assert isinstance(wave, Wave)
    fast = share * COURANT / wave.courant(setting) * 30.0
    found = before("e-erps", propagator__1__gamma=fast)
    if share < 0.95:
        assert "Courant number" not in found
        return
    said = found["Courant number"]
    assert f"{share * COURANT:.4g} is close to its limit 0.7071" in said
    # the mode that alternates along both axes, kicked once
    p, decay = share * COURANT, math.exp(-fast * model.deltat)
    past, now, largest = 0.0, 1.0, 1.0
    for _ in range(2000):
        past, now = now, decay * (2 - 8 * p * p) * now - decay**2 * past
        largest = max(largest, abs(now))
    claimed = float(said.split("up to ")[1].split(" times")[0])
    assert largest <= claimed * 1.01
    assert largest > 0.3 * claimed
    least = float(said.split("Deltat <= ")[1].split(" s")[0])
    slower: dict[str, Any] = {"deltat": least, "output__interval": 4 * least}
    assert "Courant number" not in before("e-erps", propagator__1__gamma=fast, **slower)


def test_a_step_that_is_longer_than_a_response_is_found() -> None:
    quick: dict[str, Any] = {
        "nodes": 1,
        "deltat": 2e-3,
        "output__interval": 0.004,
        "propagator__7__tau": 0.042,
    }
    said = before(**quick, propagator__9__tau=0.042)["time step"]
    assert "0.0013 s of Dendrite 1" in said
    assert "use Deltat <= 0.0013 s" in said
    quick["deltat"] = 1e-3
    assert "time step" not in before(**quick, propagator__9__tau=0.042)


def test_waves_that_come_round_are_found() -> None:
    said = before("e-erps")["wrap-around"]
    # L = 0.5 m, r = 0.2 m, γ = 30 /s: L/(γ r) = 1/12 s, e^{−2.5} = 8.2%, from 0.03125 s to 0.25 s
    assert "0.5 m, in 0.0833 s with 8.2% of their strength" in said
    assert "0.219 s after the first local stimulus" in said
    assert "wrap-around" not in before("e-erps", time=0.11)
    # short axons forget before they are round
    assert "wrap-around" not in before("e-erps", propagator__1__range=0.1)
    # and what all nodes have alike makes no wave
    everywhere: dict[str, Any] = dict.fromkeys(
        ("population__2__stimulus__1__node", "population__2__stimulus__2__node"),
        " ".join(map(str, range(1, 17))),
    )
    assert "wrap-around" in before("e-erps", **everywhere)
    assert "wrap-around" not in before("ei")


def test_a_wave_does_come_round_when_it_says(tmp_path: Path) -> None:
    """A sheet of twice the size shows what the torus adds: nothing until L/v less a node's way."""
    changes = {
        "time": 0.2,
        "population.2.stimulus.2.amplitude": 0,
        "output.traces": "propagator.1.phi",
    }
    small = nftsim.simulate("e-erps", overrides={**changes, "population.2.stimulus.1.node": 2016})
    large = nftsim.simulate(
        "e-erps",
        overrides={
            **changes,
            "nodes": 128 * 128,
            "population.1.length": 1.0,
            "population.2.length": 1.0,
            "population.2.stimulus.1.node": 63 * 128 + 64,
        },
    )
    own = small["propagator.1.phi"][:, 31, 31]
    free = large["propagator.1.phi"][:, 63, 63]
    off = np.abs(own - free) / np.abs(free - free[0]).max()
    onset, trip = 0.03125, 0.5 / 6
    until = small.time < onset + 0.9 * trip
    assert off[until].max() < 1e-3
    assert off[~until].max() > 5 * off[until].max()


@pytest.mark.parametrize("interval", [0.01, 0.02, 0.04])
def test_the_share_that_rows_do_not_show_is_at_least_that_of_theory(interval: float) -> None:
    model = load_model("eirs-wake", {"nodes": 1})
    trace = Trace("pop", 4, "q")
    frequencies = np.concatenate([[0.05], np.geomspace(0.1, 1000, 600)])
    power = linear_spectrum(model, str(trace), frequencies, k0=None).power
    parts = 0.5 * (power[1:] + power[:-1]) * np.diff(frequencies)
    exact = parts[frequencies[1:] > 0.5 / interval].sum() / parts.sum()
    low = low_of(model, trace)
    assert low is not None
    share = low.above(0.5 / interval)
    assert 0.5 * exact < share < 6 * exact


def test_rows_too_far_apart_are_found_and_the_remedy_holds() -> None:
    said = before(output__interval=0.05)["aliasing"]
    assert "shows frequencies up to 10 Hz" in said
    assert "of the variance of propagator.1.phi is above" in said
    enough = float(said.split("use Interval <= ")[1].split(" s")[0])
    rounded = 1e-4 * math.floor(enough / 1e-4 + 1e-6)
    assert "aliasing" not in before(output__interval=rounded)
    assert "aliasing" in before(output__interval=1.1 * rounded // 1e-4 * 1e-4)
    # every step, no noise, or another kind of output: nothing to say
    assert "aliasing" not in before("ei", output__interval=0.05, deltat=1e-4)
    low = low_of(load_model("eirs-wake"), Trace("propagator", 1, "phi"))
    assert low is not None
    assert low.above(0.5 / enough) <= ALIASED
    assert low_of(load_model("eirs-wake"), Trace("pop", 5, "q")) is None
    assert low_of(load_model("eirs-wake"), Trace("coupling", 1, "nu")) is None


# after a run ------------------------------------------------------------------------------------


def test_a_start_that_is_still_felt_is_found() -> None:
    said = seen("eirs-wake", {**POINT, "population.3.q": 12})["transient"]
    assert "the start is still felt: the mean of propagator.1.phi in the first" in said
    assert "standard errors" in said
    # it is over after the first seconds
    late = {**POINT, "population.3.q": 12, "time": 20, "output.start": 9}
    assert seen("eirs-wake", late) == {}


@pytest.mark.parametrize(
    ("model", "changes"),
    [
        ("eirs-wake", POINT),
        ("eirs-eyes-closed", {**POINT, "time": 40}),
        ("eirs-spindle", {**POINT, "time": 20}),
        ("eirs-bursting", {"time": 20, "coupling.9.nu": 0.002}),
    ],
)
def test_noise_alone_is_no_transient(model: str, changes: dict[str, object]) -> None:
    runs = nftsim.simulate_ensemble(model, seeds=range(12), overrides=[changes] * 12)
    assert [findings_of(run.attrs) for run in runs] == [[]] * 12


def test_runs_of_pulses_are_not_asked_to_stand_still() -> None:
    assert "transient" not in seen("eirs-aerp", {})
    # nor is one too short to be judged
    assert seen("eirs-wake", {**POINT, "time": 1, "population.3.q": 12}) == {}


def test_saturation_is_found_unless_the_run_was_started_there() -> None:
    burning = {f"population.{i}.q": 250 for i in (1, 2, 3, 4)}
    said = seen("eirs-wake", {**POINT, **burning})["rate"]
    assert "population 1 (Excitatory), 2 (Inhibitory), 3 (Reticular), 4 (Relay) fires with" in said
    assert "100% of its largest rate or more, although it did not start so: it is" in said
    there = {f"population.{i}.q": 339 for i in (1, 2, 3, 4)}
    said = seen("eirs-wake", {**POINT, **there})
    assert "rate" not in said
    assert "(Relay) starts with 99.7% of its largest rate or more: it is saturated" in said["start"]
    assert before("eirs-wake", population__1__q=300) == {}
    # from the end of another run, initial rates say nothing
    model = load_model("eirs-wake", there)
    assert [f.guard for f in found_before(model, goes_on=True)] == []


def test_rates_that_no_neuron_has_are_found(tmp_path: Path) -> None:
    text = SMALL.replace("Sigmoid Theta: 0.013 Sigma: 0.0038 Qmax: 340", "Linear a: 5e4 b: 1500")
    path = tmp_path / "linear.conf"
    path.write_text(text)
    said = seen(str(path), {"nodes": 1})["rate"]
    assert "pop.1.q rises to" in said
    assert "about 1000 s⁻¹: its response has no Qmax" in said


@pytest.mark.parametrize(("value", "word"), [(341.0, "rises to 341"), (-1e-3, "falls to -0.001")])
def test_fields_outside_the_bounds_of_a_response_are_found(value: float, word: str) -> None:
    model = load_model("eirs-wake", POINT)
    watch = Watch(model, 5)
    trace = model.output.traces[0]
    watch.add([(trace, np.array([[8.0], [340.0], [0.0], [8.0]]))])
    assert found_after(watch) == []
    watch.add([(trace, np.array([[value]]))])
    (found,) = found_after(watch)
    assert found.guard == "rate"
    assert word in found.message


def test_what_is_watched_does_not_depend_on_how_rows_come() -> None:
    model = load_model("eirs-wake", {"nodes": 144, "time": 1, "output.start": 0})
    trace, rng = model.output.traces[0], np.random.default_rng(1)
    rows = rng.standard_normal((1000, 144))
    whole, parts, resumed = Watch(model, 1000), Watch(model, 1000), Watch(model, 1000)
    whole.add([(trace, rows)])
    at = 0
    for size in (1, 2, 300, 17, 680):
        # as in an ensemble, where the nodes of others stand beside
        wide = np.concatenate([rows[at : at + size]] * 3, axis=1)[:, 144:288]
        parts.add([(trace, wide)])
        resumed.add([(trace, rows[at : at + size])])
        saved = json.loads(json.dumps(resumed.saved()))
        resumed = Watch(model, 1000)
        resumed.restore(saved)
        at += size
    assert whole.saved() == parts.saved() == resumed.saved()
    expected = rows.reshape(1000, -1).mean(axis=1)
    place = np.arange(1000) * STRETCHES // 1000
    means = [expected[place == i].mean() for i in range(STRETCHES)]
    np.testing.assert_allclose(whole.means(str(trace)), means, rtol=0, atol=1e-15)


# where it is said -------------------------------------------------------------------------------


def test_findings_are_logged_and_filed(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING, logger="nftsim")
    model = load_model("eirs-wake", {**POINT, "output.interval": 0.03, "population.3.q": 12})
    run_to_file(model, tmp_path / "run.h5")
    with open_run(tmp_path / "run.h5") as run:
        found = findings_of(run.attrs)
    assert [f.guard for f in found] == ["aliasing", "transient"]
    for finding in found:
        assert str(finding) in caplog.text
    run_to_file(load_model("eirs-wake", POINT), tmp_path / "sound.h5")
    with open_run(tmp_path / "sound.h5") as run:
        assert run.attrs["warnings"] == "[]"


def test_members_speak_once_and_file_their_own(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING, logger="nftsim")
    model = load_model("eirs-wake", {**POINT, "output.interval": 0.03, "population.3.q": 12})
    files = [tmp_path / f"{seed}.h5" for seed in (1, 2, 3)]
    members = [{"model": model, "seed": int(p.stem), "target": p} for p in files]
    run_members(members, [file_sink(p) for p in files])
    assert caplog.text.count("(aliasing)") == 1
    assert caplog.text.count("the start is still felt") == 1
    assert "(and 2 more like this)" in caplog.text
    run_to_file(model, tmp_path / "alone.h5", seed=2)
    texts = []
    for path in (*files, tmp_path / "alone.h5"):
        with open_run(path) as run:
            texts.append(run.attrs["warnings"])
    assert texts[1] == texts[3]
    assert texts[0].count('"guard"') == 2


def test_attributes_of_strangers_are_no_findings() -> None:
    for text in ("", "{", "7", '"x"', "[1, [2], null]", b"\xff", None):
        assert findings_of({"warnings": text}) == []
    assert findings_of({}) == []
    one = Finding("rate", "too fast", "slow down")
    assert findings_of({"warnings": to_text([one])}) == [one]
    assert str(one) == "too fast; slow down"


def test_guards_cost_less_than_a_hundredth(monkeypatch: pytest.MonkeyPatch) -> None:
    model = load_model("eirs-wake", {"nodes": 900, "time": 24, "output.start": 0})
    spent = [0.0]

    def timed(function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Any:
            start = time.process_time()
            try:
                return function(*args, **kwargs)
            finally:
                spent[0] += time.process_time() - start

        return call

    monkeypatch.setattr(Watch, "add", timed(Watch.add))
    monkeypatch.setattr("nftsim.engine.watching.found_after", timed(found_after))
    monkeypatch.setattr("nftsim.engine.job.found_before", timed(found_before))
    nftsim.simulate(replace(model, time=0.01))
    shares = []
    for _ in range(3):  # the least disturbed counts
        spent[0], start = 0.0, time.process_time()
        nftsim.simulate(model)
        shares.append(spent[0] / (time.process_time() - start))
    assert 0 < min(shares) < 0.01, shares
