"""``nftsim steady`` and ``nftsim run --steady``."""

from __future__ import annotations

import json

import numpy as np
import pytest

from nftsim import read_run
from tests.cli.conftest import Command


def test_json_has_stability_and_gains(nftsim: Command) -> None:
    result = nftsim("steady", "eirs-eyes-closed", "--json")
    assert (result.code, result.err) == (0, [])
    found = json.loads(result.out)
    assert found["chosen"] == 1
    first, second, third = found["fixed_points"]
    assert [p["stable"] for p in (first, second, third)] == [True, False, False]
    assert [p["stable_k0"] for p in (first, second, third)] == [True, False, False]
    assert first["unstable_roots"] == []
    assert first["dominant"]["re"] == pytest.approx(-1.25378, abs=1e-4)
    assert second["unstable_roots"] == [{"k": 0.0, "count": 1}]
    assert [r["count"] for r in third["unstable_roots"]] == [4, 4, 4, 2]
    assert third["dominant"]["k"] == pytest.approx(17.7715, abs=1e-3)
    assert third["dominant"]["im"] == pytest.approx(193.4375, abs=1e-3)
    assert {k: first["gains"][0][k] for k in ("onto", "from")} == {"onto": 1, "from": 1}
    assert first["loop_gains"]["X"] == pytest.approx(0.4059, abs=1e-3)


def test_text_shows_the_lowest_stable_one_or_all(nftsim: Command) -> None:
    text = nftsim("steady", "eirs-wake").out
    assert text.startswith("fixed point 1 of 3: stable; deviations decay by 2.4994 s^-1, k = 0")
    assert "X 0.4755" in text
    assert "2 others: 2 (unstable), 3 (stable); --all shows all" in text
    whole = nftsim("steady", "eirs-wake", "--all").out
    assert "fixed point 3 of 3: stable" in whole
    assert "others" not in whole
    assert whole.count("in a simulation with steps of 0.0001 s they decay") == 2
    assert "the list of fixed points is certainly complete" in whole
    assert "  4 Relay " in whole


def test_another_than_the_lowest_is_a_warning(nftsim: Command) -> None:
    result = nftsim("steady", "eirs-bursting")
    assert result.out.startswith("fixed point 3 of 3: stable")
    (line,) = result.err
    assert line.startswith("warning: eirs-bursting: the lowest fixed point is unstable; number 3")


def test_stability_that_is_not_known_says_why(nftsim: Command) -> None:
    np.save("tau.npy", np.tile([0.0, 2.0**-10], 32 * 32))
    varied = ["steady", "ei", "--set", "propagator.1.tau=tau.npy"]
    result = nftsim(*varied)
    assert "stability not known" in result.out
    (line,) = result.err
    assert "Tau varies over the nodes" in line
    (point,) = json.loads(nftsim(*varied, "--json").out)["fixed_points"]
    assert (point["stable"], point["dominant"]) == (None, None)


def test_simulations_from_random_rates(nftsim: Command) -> None:
    result = nftsim("steady", "tms-bcm", "--simulate", "--starts", 3)
    assert "3 runs: fixed point 1, Q 11.1641" in result.out
    found = json.loads(nftsim("steady", "tms-bcm", "--simulate", "--starts", 2, "--json").out)
    assert found["simulated"][0]["starts"] == 2


def test_starts_without_simulate_are_refused(nftsim: Command) -> None:
    assert "add --simulate" in nftsim("steady", "tms-bcm", "--starts", 3).refused()


@pytest.mark.parametrize(("number", "rate"), [(None, 5.248361501), (2, 7.108052543)])
def test_a_run_starts_at_a_fixed_point(nftsim: Command, number: int | None, rate: float) -> None:
    given = ["--steady"] if number is None else ["--steady", number]
    changes = ["nodes=1", "output.start=0", "output.interval=9.765625e-4", "output.traces=pop.1.q"]
    settings = [word for change in changes for word in ("--set", change)]
    settings += ["--duration", "0.01"]
    result = nftsim("run", "eirs-eyes-closed", "-o", "run.h5", *settings, *given)
    assert result.code == 0, result.err
    assert read_run("run.h5")["pop.1.q"][0].item() == pytest.approx(rate, rel=1e-6)


def test_a_run_at_an_unstable_point_is_a_warning(nftsim: Command) -> None:
    settings = ["--set", "nodes=1", "--set", "output.start=0", "--duration", "0.01"]
    result = nftsim("run", "eirs-wake", "-o", "run.h5", *settings, "--steady", 2)
    assert result.code == 0
    unstable, saturated = result.err
    assert "fixed point 2 is unstable: deviations grow by " in unstable
    assert "population 3 (Reticular) starts with 100% of its largest rate" in saturated


def test_a_run_at_a_saturated_point_is_a_warning_and_says_where_it_began(nftsim: Command) -> None:
    settings = ["--set", "nodes=1", "--set", "output.start=0", "--duration", "0.01"]
    result = nftsim("run", "eirs-wake", "-o", "run.h5", *settings, "--steady", 3)
    (line,) = result.err
    assert "4 (Relay) starts with 100% of its largest rate or more: it is saturated" in line
    lines = nftsim("info", "run.h5").out.splitlines()
    assert "start: fixed point 3 (--steady)" in lines
    assert any(told.startswith("warning (start): ") for told in lines)
    result = nftsim("run", "eirs-wake", "-o", "next.h5", *settings, "--initial", "run.h5")
    # what it was before, this run does not know
    (line,) = result.err
    assert "(Relay) fires with 100% of its largest rate or more: it is saturated" in line
    assert "start: the end of run.h5 (--initial)" in nftsim("info", "next.h5").out.splitlines()


def test_a_fixed_point_that_is_not_there_is_refused(nftsim: Command) -> None:
    line = nftsim("run", "eirs-wake", "-o", "run.h5", "--steady", 4).refused()
    assert "fixed point 4 is wanted, but eirs-wake has fixed points 1 to 3" in line


def test_two_starts_are_refused(nftsim: Command) -> None:
    line = nftsim("run", "eirs-wake", "-o", "r.h5", "--steady", "--initial", "x.h5").refused()
    assert "--steady and --initial" in line
