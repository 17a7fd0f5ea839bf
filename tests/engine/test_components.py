"""Every component alone in focus: the compiled program does what the plain one does."""

from __future__ import annotations

import inspect

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from nftsim.components import ROLES, Component
from nftsim.model import Model
from tests.engine.draws import DRAWS
from tests.engine.machinery import agree, models

TOLERANCE = 1e-12
COMPONENTS = [kind for base in ROLES.values() for kind in base.registry.values()]
few = settings(
    max_examples=10,
    derandomize=True,
    deadline=None,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


def _label(kind: type[Component]) -> str:
    return f"{kind.role}-{kind.__name__}"


def _parts(model: Model) -> set[type[Component]]:
    """Return the components in a model."""
    found: list[object] = [s for p in model.populations for s in p.stimuli]
    found += [p.firing for p in model.populations]
    for c in model.connections:
        found += [c.propagator, c.coupling, c.dendrite]
    return {type(item) for item in found if isinstance(item, Component)}


@pytest.mark.parametrize("compat", [False, True], ids=["right", "nftsim"])
@pytest.mark.parametrize("kind", COMPONENTS, ids=_label)
def test_kernel_equals_reference(kind: type[Component], compat: bool) -> None:
    @given(model=models(focus=kind), seed=st.integers(0, 2**63 - 1))
    @few
    def same(model: Model, seed: int) -> None:
        assert kind in _parts(model)
        rng = "nftsim" if compat else "counter"
        found = agree(model, model.steps, seed=seed, rng=rng, compat=compat)
        assert found < (TOLERANCE, "")

    same()


def test_all_components_are_drawn() -> None:
    """None is left out, and the registry that says so is not empty."""
    assert all(base.registry for base in ROLES.values())
    assert len(COMPONENTS) == len(set(COMPONENTS)) >= 31
    assert set(DRAWS) == set(COMPONENTS)


def test_every_concrete_component_is_registered() -> None:
    """A class that can be made and is not in its registry would escape all other tests."""

    def below(kind: type[Component]) -> set[type[Component]]:
        return {kind}.union(*map(below, kind.__subclasses__()))

    for base in ROLES.values():
        package = {k for k in below(base) if k.__module__.startswith("nftsim.")}
        named = {k for k in package if not inspect.isabstract(k) and "keyword" in k.__dict__}
        assert named == set(base.registry.values())
