"""What must hold across a whole model before it runs."""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass, replace

import pytest

from nftsim.components import Dendrite
from nftsim.errors import ModelError
from nftsim.model import checks, load_model
from nftsim.model.checks import check
from nftsim.model.steps import delay_steps, interval_steps, start_steps, whole

from .conftest import Read


def test_a_sound_model_passes_in_silence(read: Read, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        model = read()
        assert check(model) is model
    assert not caplog.records


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        (
            "Nodes: 16",
            "Nodes: 15",
            5,
            "15 is not a perfect square .nearest: 9, 16.; for a rectangle",
        ),
        ("Nodes: 16", "Nodes: 16 Longside nodes: 5", 5, "5 does not divide Nodes: 16"),
        ("Length: 0.5\n Q", "Length: 0\n Q", 13, "Length = 0 is out of bounds on a grid of 16"),
        (
            "Range: 0.3",
            "Range: 0.2",
            23,
            "spacing 0.125 m; the .* <= Range/2: use at least 5 nodes",
        ),
        ("Range: 0.3", "", 23, "needs Range; add 'Range: <m>'"),
        ("gamma: 30", "", 23, "needs gamma, or velocity with Range"),
        (
            "gamma: 30",
            "gamma: 501",
            23,
            "not resolved by Deltat = 0.001 s; use Deltat <= 1/.2 gamma",
        ),
        ("Range: 0.3 gamma: 30", "Range: 0.9 gamma: 100", 23, "violates the Courant condition"),
        ("Range: 0.3 gamma: 30", "Range: 0.3 velocity: 90", 23, "violates the Courant condition"),
        ("alpha: 83 beta: 769\n\n", "alpha: 83 beta: 3000\n\n", 17, "beta = 3000 .* unstable"),
        ("ASD: 1e-4", "", 21, "needs 'ASD: <s.*>' or 'StdDev"),
        ("Time: 0.02", "Time: 4e-4", 4, "shorter than one step"),
        ("Time: 0.02", "Time: 1e300", 4, r"1e\+303 steps of Deltat"),
        ("Tau: 0.002", "Tau: 1e9", 23, r"Tau = 1e\+09 s is 1e\+12 steps"),
        ("Interval: 0.002", "Interval: 0.0025", 29, "not a multiple of Deltat.*; use 0.002 or"),
        ("Interval: 0.002", "Interval: 1e-4", 29, "shorter than Deltat"),
        ("Interval: 0.002", "Interval: 1e300", 29, "steps of Deltat"),
        ("Start: 0", "Start: 3", 29, "Start = 3 s is later than the end at Time = 0.02 s"),
        ("Start: 0", "Start: 0.02", 29, "no row .* first is due at .* = 0.022 s.*the run longer"),
        ("Interval: 0.002", "Interval: 0.021", 29, "no row would be written: .* = 0.021 s, and"),
    ],
)
def test_what_cannot_run_is_refused_with_place_and_remedy(
    read: Read, old: str, new: str, line: int, message: str
) -> None:
    model = read((old, new))
    with pytest.raises(ModelError, match=rf"^small.conf:{line}: .*{message}"):
        check(model)


def test_huge_grids_are_refused_before_anything_of_their_size_is_made(read: Read) -> None:
    with pytest.raises(ModelError, match=r"^small.conf:5: Nodes: 10000000000 needs at least"):
        check(read(("Nodes: 16", "Nodes: 10000000000")))


def test_the_memory_of_the_machine_is_the_limit(
    read: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    # 2 populations and 2 connections of 16 nodes: at least 6 rows of 128 bytes
    for bytes_present, fits in ((6 * 128, True), (6 * 128 - 1, False)):
        monkeypatch.setattr(
            checks.psutil, "virtual_memory", lambda n=bytes_present: type("M", (), {"total": n})
        )
        if fits:
            check(read())
        else:
            with pytest.raises(ModelError, match="use fewer nodes"):
                check(read())


def test_numbers_too_small_to_compute_with(read: Read) -> None:
    model = read(("Range: 0.3 gamma: 30", "Range: 1e300 velocity: 1e-300"))
    with pytest.raises(ModelError, match=r"^small.conf:23: Propagator 1 \(Wave\): its parameters"):
        check(model)


def test_one_node_is_a_point_without_a_grid(read: Read) -> None:
    check(read(("Nodes: 16", "Nodes: 1"), ("Length: 0.5", "Length: 0")))


@pytest.mark.parametrize(
    ("new", "message"),
    [
        ("Time: 0.0203", "Time = 0.0203 s is not a multiple of Deltat = 0.001 s; it runs 20 steps"),
        ("Tau: 0.0026", "Tau = 0.0026 s is not a multiple of .*; used as 0.003 s"),
        ("Start: 0.0015", "Start = 0.0015 s is not a multiple of .*; truncated"),
    ],
)
def test_times_that_are_rounded_are_reported(
    read: Read, new: str, message: str, caplog: pytest.LogCaptureFixture
) -> None:
    old = {"Time": "Time: 0.02", "Tau": "Tau: 0.002", "Start": "Start: 0"}[new.split(":")[0]]
    with caplog.at_level(logging.WARNING):
        check(read((old, new)))
    (record,) = caplog.records
    assert record.getMessage().startswith("small.conf:")
    assert re.search(message, record.getMessage())


def test_nftsims_way_with_intervals_and_delays(read: Read) -> None:
    model = check(read(("Interval: 0.002", "Interval: 0.0026")), compat=True)
    assert interval_steps(model) == 3
    assert delay_steps(0.043, 1e-4) == 430
    assert delay_steps(0.043, 1e-4, compat=True) == 429


def test_values_left_over_from_another_grid(read: Read) -> None:
    nu = " ".join(["1e-4"] * 16)
    model = read(("nu: 1e-4", f"nu: {nu}"), ("Onset: 0", "Onset: 0 Node: 16"))
    with pytest.raises(ModelError, match=r"26: Coupling 1 \(Map\): nu has 16 values; .*node .36."):
        check(replace(model, nodes=36))
    model = read(("Onset: 0", "Onset: 0 Node: 16"), ("Range: 0.3", "Range: 0.7"))
    with pytest.raises(
        ModelError, match=r"21: Population 2, stimulus 1 \(White\): Node: node 16 does not exist"
    ):
        check(replace(model, nodes=9))
    model = replace(read(("Range: 0.3", "Range: 0.7")), nodes=9)
    with pytest.raises(ModelError, match="29: Output: node 16 does not exist"):
        check(replace(model, output=replace(model.output, nodes=(16,))))


def test_whole_numbers_of_steps_survive_decimal_input() -> None:
    assert whole(0.3, 0.1)
    assert whole(0.005, 2.5e-4)
    assert whole(0.15625, 1.220703e-4)  # a step written with seven digits
    assert not whole(0.00025, 1e-4)
    # a long time hides no fraction of a step
    assert not whole(120.00005, 1e-4)


def test_start_is_truncated_unless_rounding_alone_is_in_the_way(read: Read) -> None:
    assert start_steps(read(("Start: 0", "Start: 0.003"))) == 3
    assert start_steps(read(("Start: 0", "Start: 0.0029"))) == 2


def test_loading_checks() -> None:
    with pytest.raises(ModelError, match=r"override nodes=901: Nodes: 901 is not a perfect square"):
        load_model("eirs-wake", {"nodes": 901})


def test_a_run_of_one_row_is_enough(read: Read) -> None:
    check(read(("Interval: 0.002", "Interval: 0.02")))
    check(read(("Start: 0 Interval: 0.002", "Start: 0.019")))


def test_overrides_of_the_grid_are_named_where_the_file_is_blamed() -> None:
    place = r"eirs-wake.conf:73: .* nodes along x"
    with pytest.raises(ModelError, match=place + r" \(with nodes=25 set\)$"):
        load_model("eirs-wake", {"nodes": 25})
    with pytest.raises(ModelError, match=r"nu=1e-3 2e-3|nu has 2 values") as caught:
        load_model("eirs-wake", {"nodes": 400, "coupling.1.nu": "1e-3 2e-3"})
    assert "set)" not in str(caught.value)


def test_a_component_must_say_what_its_role_needs() -> None:
    """A dendrite without a transfer function is refused when it is made, not when it is used."""

    @dataclass(frozen=True, kw_only=True)
    class Unfinished(Dendrite):
        pass

    with pytest.raises(TypeError, match="abstract"):
        Unfinished()
