"""The table of theory.md: growth at every fixed point of the library, in theory and simulated."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from docs.growth import NAME, rows
from tests.theory.growth import DURATIONS

PAGE = Path(__file__).parents[2] / "docs" / "theory.md"
ANEW = "run: python -m docs.growth"


@pytest.fixture(scope="module")
def stated() -> list[tuple[str, ...]]:
    """Rows of the page."""
    text = PAGE.read_text(encoding="utf-8")
    text = text.split(f"<!-- begin {NAME} -->\n")[1].split(f"<!-- end {NAME} -->")[0]
    return [tuple(row.strip("| ").split(" | ")) for row in text.strip().splitlines()[2:]]


def value(cell: str) -> complex:
    """Return the number of a cell."""
    parts = cell.replace("−", "-").rstrip("i").split(" ± ")
    return complex(float(parts[0]), float(parts[1]) if len(parts) == 2 else 0.0)


def test_the_page_has_every_fixed_point_and_all_agree(stated: list[tuple[str, ...]]) -> None:
    named = [f"`{name}` ({i + 1})" for name, of in DURATIONS.items() for i in range(len(of))]
    assert [row[0] for row in stated] == named, ANEW
    for _, _, stepped, simulated, _ in stated:
        assert abs(value(simulated) - value(stepped)) < 5e-3 * abs(value(stepped))


@pytest.mark.parametrize("name", ["ei", "eirs-bursting", "emirs"])
def test_the_page_is_in_line_with_the_theory(name: str, stated: list[tuple[str, ...]]) -> None:
    own = [row for row in stated if row[0].startswith(f"`{name}`")]
    for before, now in zip(own, rows(name, simulate=False), strict=True):
        assert (before[0], before[-1]) == (now[0], now[-1]), ANEW
        for old, new in zip(before[1:3], now[1:3], strict=True):
            np.testing.assert_allclose(value(old), value(new), rtol=2e-5, err_msg=ANEW)


@pytest.mark.parametrize("name", ["ei", "tms-cadp"])
def test_the_page_is_in_line_with_simulations(name: str, stated: list[tuple[str, ...]]) -> None:
    (before,) = [row for row in stated if row[0].startswith(f"`{name}`")]
    (now,) = rows(name)
    np.testing.assert_allclose(value(before[3]), value(now[3]), rtol=1e-3, err_msg=ANEW)
