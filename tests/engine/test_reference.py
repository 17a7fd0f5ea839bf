"""The compiled program does what the plain one does, on models of every kind."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings

from nftsim.components import ROLES
from nftsim.model import Model, library, load_model
from nftsim.reference import RULES
from tests.engine.machinery import agree, models

TOLERANCE = 1e-12
often = settings(
    max_examples=150,
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)


@given(model=models())
@often
def test_kernels_equal_reference(model: Model) -> None:
    assert agree(model, model.steps, seed=7) < (TOLERANCE, "")


@given(model=models())
@settings(often, max_examples=60)
def test_kernels_equal_reference_with_the_habits_of_nftsim(model: Model) -> None:
    assert agree(model, model.steps, rng="nftsim", compat=True) < (TOLERANCE, "")


@pytest.mark.parametrize("name", sorted(library()))
def test_kernels_equal_reference_on_the_library(name: str) -> None:
    model = load_model(name)
    assert agree(model, 60, seed=3) < (TOLERANCE, "")


def test_every_component_has_a_rule() -> None:
    assert all(role.registry for role in ROLES.values())
    known = {role: set(base.registry.values()) for role, base in ROLES.items()}
    assert {role: set(rules) for role, rules in RULES.items()} == known
