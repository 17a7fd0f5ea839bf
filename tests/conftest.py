"""Fixtures that all tests share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser import Browser, started

ROOT = Path(__file__).resolve().parents[1]
REFERENCE = ROOT.parent / "shared" / "reference"

#: Marks of tests that are run only where the -m expression names them.
ON_DEMAND = ("exhaustive", "slurm")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what takes long or needs more than Python, unless it is asked for.

    Files of few and long tests come first, so that no process waits for another in the end.
    """
    items.sort(key=lambda item: "workflow" not in item.path.parts)
    asked = str(config.getoption("markexpr"))
    unasked = {mark for mark in ON_DEMAND if mark not in asked}
    left_out = [i for i in items if any(mark.name in unasked for mark in i.iter_markers())]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]


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
