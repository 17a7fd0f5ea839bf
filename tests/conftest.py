"""Fixtures that all tests share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser import Browser, started

ROOT = Path(__file__).resolve().parents[1]
REFERENCE = ROOT.parent / "shared" / "reference"


@pytest.fixture(scope="session")
def root() -> Path:
    """The repository."""
    return ROOT


@pytest.fixture(scope="session")
def reference() -> Path:
    """Models and recorded output of NFTsim, which are not part of this repository."""
    if not REFERENCE.is_dir():
        pytest.skip(f"NFTsim's reference data are not at {REFERENCE}")
    return REFERENCE


@pytest.fixture(scope="module")  # its event loop must not outlive the module
def browser() -> Iterator[Browser]:
    """Headless Chromium; the test is skipped where there is none."""
    with started() as found:
        yield found
