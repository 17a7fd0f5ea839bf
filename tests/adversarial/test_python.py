"""Arguments of the wrong kind from Python: one clear error of ours."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import nftsim

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


@pytest.mark.parametrize("odd", ["long", [], {}, object()])
def test_a_duration_that_is_no_number_is_refused(folder: Path, odd: Any) -> None:
    with pytest.raises(nftsim.NftsimError, match="expected a duration"):
        nftsim.simulate("small.conf", duration=odd)
