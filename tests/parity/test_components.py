"""Every component, run with NFTsim's habits, gives NFTsim's numbers: ``source`` in the table."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from nftsim.components import ROLES, Component, Data
from nftsim.model import Model, load_model
from tests.parity.tables import read_table, worst_of_text

CASES: dict[str, dict[str, Any]] = read_table("components.json")["cases"]
TOLERANCE = 1e-9


def _model(case: str, folder: Path) -> Model:
    file = folder / "case.conf"
    file.write_text(CASES[case]["conf"], encoding="utf-8")
    return load_model(file, compat=True)


def _components(model: Model) -> list[Component]:
    found: list[Component] = []
    for population in model.populations:
        found += population.stimuli
        if population.firing is not None:
            found += [population.firing, getattr(population.firing, "function", population.firing)]
    for c in model.connections:
        found += [c.propagator, c.coupling, c.dendrite]
    return found


@pytest.mark.parametrize("case", CASES)
def test_numbers_of_nftsim(case: str, tmp_path: Path) -> None:
    worst, column = worst_of_text(CASES[case], tmp_path)
    print(f"{case}: {worst:.2g} ({column})")
    assert worst <= TOLERANCE


def test_cases_cover_what_nftsim_has(tmp_path: Path) -> None:
    used: set[type[Component]] = set()
    for case in CASES:
        used |= {type(part) for part in _components(_model(case, tmp_path))}
    declared = {kind for role in ROLES.values() for kind in role.registry.values()}
    assert declared - used == {Data}  # which NFTsim does not have
