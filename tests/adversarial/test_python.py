"""Arguments of the wrong kind from Python: one clear error of ours."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import nftsim
from nftsim.engine.simulate import run_to_file

ODD: list[Any] = [1, 1.5, b"x", object(), float("nan"), 10**400, 1j, np.zeros(3), int]
CALLS: dict[str, Callable[[Any], Any]] = {
    "simulate": nftsim.simulate,
    "load_model": nftsim.load_model,
    "parse_model": nftsim.parse_model,
    "read_run": nftsim.read_run,
    "steady_states": nftsim.steady_states,
    "to_conf": nftsim.to_conf,
    "overrides": lambda odd: nftsim.load_model("small.conf", {odd: 1}),
    "nodes": lambda odd: nftsim.load_model("small.conf", {"nodes": [odd, 2]}),
}


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("odd", ODD[:-2], ids=lambda odd: type(odd).__name__)
def test_an_argument_of_the_wrong_kind_is_refused(folder: Path, call: str, odd: Any) -> None:
    with pytest.raises(nftsim.NftsimError) as caught:
        CALLS[call](odd)
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 700


class _Odd:
    """Of no use anywhere."""


ANY: list[Any] = ["x", b"x", [], {}, 1j, float("nan"), _Odd(), np.zeros((2, 2))]
SOME = ANY[:2] + ANY[3:]  # without the empty list
HUGE: list[Any] = [10**400, 10**5000]


def _simulate(**options: Any) -> Any:
    return nftsim.simulate("small.conf", **({"duration": 0.005} | options))


def _to_file(**options: Any) -> None:
    run_to_file(nftsim.load_model("small.conf"), "run.h5", duration=0.005, **options)


def _together(**options: Any) -> Any:
    return nftsim.simulate_ensemble("small.conf", **({"duration": 0.005} | options))


@cache
def _rest() -> Any:
    return nftsim.steady_states("eirs-wake").chosen


def _spectrum(trace: Any = "propagator.1.phi", f: Any = (1.0, 2.0), **options: Any) -> Any:
    return nftsim.linear_spectrum("eirs-wake", trace, f, **({"fixed_point": _rest()} | options))


def _settled(**options: Any) -> Any:
    return nftsim.settled_states("small.conf", **({"starts": 1, "duration": 0.01} | options))


#: A call for each argument, and what it must refuse.
ARGUMENTS: dict[str, tuple[Callable[[Any], Any], list[Any]]] = {
    "threads": (lambda odd: _simulate(threads=odd), [*ANY, *HUGE, 0, -1, 1.5, None]),
    "progress": (lambda odd: _simulate(progress=odd), [*ANY, *HUGE, 0, True]),
    "seed": (lambda odd: _simulate(seed=odd), [*ANY, *HUGE, -1, 1.5]),
    "compat": (lambda odd: _simulate(compat=odd), [*ANY, *HUGE, 0, True]),
    "initial": (lambda odd: _simulate(initial=odd), [*ANY, *HUGE, 0, False]),
    "duration": (lambda odd: _simulate(duration=odd), [*ANY, *HUGE, -1.0]),
    "overrides": (
        lambda odd: _simulate(overrides=odd),
        ["x", b"x", [], 1j, _Odd(), np.zeros((2, 2)), 0],
    ),
    "checkpoint": (lambda odd: _to_file(checkpoint=odd), [*ANY, HUGE[1], 1.5, -1, True, "1e999s"]),
    "rng": (lambda odd: _to_file(rng=odd), [*ANY, *HUGE, 0]),
    "compress": (lambda odd: _to_file(compress=odd), [*ANY, *HUGE, 0, ""]),
    "path": (
        lambda odd: run_to_file(nftsim.load_model("small.conf"), odd),
        [*ANY[1:], *HUGE, 0, None],
    ),
    "save": (lambda odd: _simulate().save(odd), [*ANY[1:5], 0, None]),
    "seeds": (lambda odd: _together(seeds=odd), [*SOME, *HUGE, 1.5, ["x"], [None, -1]]),
    "changes": (lambda odd: _together(overrides=odd), [*SOME, *HUGE, 0, [1], ["x"]]),
    "starts": (lambda odd: _together(seeds=[1, 2], initial=odd), [*ANY, 0, ["x"]]),
    "team": (lambda odd: _together(seeds=[1], threads=odd), [*ANY, 0]),
    "report": (lambda odd: _together(seeds=[1], progress=odd), [*ANY, 0]),
    "frequencies": (lambda odd: _spectrum(f=odd), [*ANY, *HUGE, 1.0, ["a"], [None], [1j], [-1.0]]),
    "trace": (lambda odd: _spectrum(trace=odd), [*ANY, *HUGE, 0, None]),
    "k0": (lambda odd: _spectrum(k0=odd), [*ANY, *HUGE, 0, ""]),
    "wavenumbers": (lambda odd: _spectrum(wavenumbers=odd), [*ANY, *HUGE, 0, None]),
    "fixed point": (lambda odd: _spectrum(fixed_point=odd), [*ANY, *HUGE, 0]),
    "interval": (lambda odd: _spectrum(wavenumbers="scheme", interval=odd), [*ANY, *HUGE, 0]),
    "settling starts": (lambda odd: _settled(starts=odd), [*ANY, 0, 1.5, None]),
    "settling seed": (lambda odd: _settled(seed=odd), [*ANY, -1, 1.5, None]),
    "settling duration": (lambda odd: _settled(duration=odd), [*ANY, *HUGE, 0, None]),
}


@pytest.mark.parametrize("argument", ARGUMENTS)
def test_no_argument_of_the_wrong_kind_raises_anything_else(folder: Path, argument: str) -> None:
    call, refused = ARGUMENTS[argument]
    for odd in refused:
        with pytest.raises(nftsim.NftsimError) as caught:
            call(odd)
        assert str(caught.value).isprintable()
        assert len(str(caught.value)) < 700
    assert [path.name for path in folder.iterdir()] == ["small.conf"]


@pytest.mark.parametrize("odd", ["long", [], {}, object()])
def test_a_duration_that_is_no_number_is_refused(folder: Path, odd: Any) -> None:
    with pytest.raises(nftsim.NftsimError, match="expected a duration"):
        nftsim.simulate("small.conf", duration=odd)
