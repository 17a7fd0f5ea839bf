"""Runs for another time than the model's own, from Python."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import nftsim
from nftsim.model import parse_model

from .conftest import SMALL


@pytest.fixture
def small(tmp_path: Path) -> str:
    file = tmp_path / "small.conf"
    file.write_text(SMALL)
    return str(file)


def test_overrides_are_checked_against_the_duration(small: str) -> None:
    changes = {"output.start": 0.03}  # beyond the model's own time
    expected = 0.03 + np.arange(1, 6) * 0.002
    for model in (small, parse_model(SMALL)):
        run = nftsim.simulate(model, duration=0.04, overrides=changes)
        np.testing.assert_allclose(run.time, expected)
        (member,) = nftsim.simulate_ensemble(model, duration=0.04, overrides=[changes])
        np.testing.assert_allclose(member.time, expected)
    with pytest.raises(nftsim.NftsimError, match="later than the end at Time = 0.02 s"):
        nftsim.simulate(small, overrides=changes)


@pytest.mark.parametrize("start", [0.01, 0.03])
def test_a_start_without_a_row_is_0(small: str, start: float) -> None:
    run = nftsim.simulate(small, duration=0.01, overrides={"output.start": start})
    np.testing.assert_allclose(run.time, np.arange(1, 6) * 0.002)
