"""Fixtures that all tests share."""

from __future__ import annotations

from pathlib import Path

import pytest

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
