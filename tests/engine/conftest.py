"""Settings of the tests of the engine."""

from __future__ import annotations

import logging

import pytest


@pytest.fixture(autouse=True)
def _quiet(caplog: pytest.LogCaptureFixture) -> None:
    """Random models have delays between steps, of which the checks rightly warn."""
    caplog.set_level(logging.ERROR, logger="nftsim")
