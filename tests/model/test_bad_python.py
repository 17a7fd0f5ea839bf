"""Models made in Python that no file could hold: refused as files are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from nftsim.components import ROLES
from nftsim.components.base import Component
from nftsim.errors import ModelError
from nftsim.model import Model, parse_model
from nftsim.model.checks import check

from .sound import EVERY, REMEDY, conf, kind

pytestmark = pytest.mark.usefixtures("folder")


def refusal(model: Model) -> str:
    """Return why a model is refused."""
    with pytest.raises(ModelError) as caught:
        check(model)
    message = str(caught.value)
    assert message.isprintable()
    assert REMEDY.search(message), message
    return message


def made(role: str = "coupling", keyword: str = "Map") -> Model:
    """Return a sound model that was read from no file."""
    model = parse_model(conf(role, keyword), "model")
    return check(replace(model, places={}))


def part(model: Model, role: str) -> Any:
    """Return the component of a role that `conf` puts into its model."""
    if role == "firing":
        return model.populations[0].firing
    return (
        model.populations[1].stimuli[0]
        if role == "stimulus"
        else getattr(model.connections[0], role)
    )


def with_part(model: Model, role: str, item: Component) -> Model:
    """Return the model with the component of a role replaced."""
    one, two = model.populations
    if role == "firing":
        return replace(model, populations=(replace(one, firing=item), two))
    if role == "stimulus":
        return replace(model, populations=(one, replace(two, stimuli=(item,))))
    first, *others = model.connections
    return replace(model, connections=(replace(first, **{role: item}), *others))


@pytest.mark.parametrize(("role", "keyword"), EVERY)
def test_values_of_every_parameter(role: str, keyword: str) -> None:
    model = made(role, keyword)
    tried = 0
    for name, parameter in kind(role, keyword).parameters().items():
        if parameter.form in ("word", "file", "nodes"):
            continue
        low = [parameter.low - 1] if parameter.low > -np.inf else []
        many = parameter.form in ("per-node", "steady", "matrix")
        each = [np.full(9, -np.inf), (1e-4, np.nan) + (1e-4,) * 7] if many else [(1.0,) * 9]
        if parameter.form == "list":
            each = [(1e-4, np.nan, 1e-4)]
        for value in (np.nan, -np.inf, "0.1", {}, *low, *each):
            item = replace(part(model, role), **{name: value})
            assert parameter.keyword in refusal(with_part(model, role, item))
            tried += 1
    assert tried


@pytest.mark.parametrize("role", ROLES)
def test_a_number_out_of_bounds_is_named(role: str) -> None:
    keyword, name, value, message = {
        "propagator": ("Wave", "gamma", -1, "Propagator 1 (Wave): gamma = -1 is out of bounds"),
        "coupling": ("BCM", "tca", 0, "Coupling 1 (BCM): tCa = 0 is out of bounds"),
        "dendrite": ("", "alpha", (0,) * 9, "Dendrite 1: alpha = 0 is out of bounds"),
        "firing": ("Sigmoid", "sigma", 0, "Population 1, firing (Sigmoid): Sigma = 0 is out of"),
        "stimulus": ("PAS", "duration", -1, "Population 2, stimulus 1 (PAS): Duration = -1 is"),
    }[role]
    model = made(role, keyword)
    item = replace(part(model, role), **{name: value})
    assert refusal(with_part(model, role, item)).startswith(f"model: {message}")


@pytest.mark.parametrize("node", [0, -1, 10])
def test_nodes_that_there_are_not(node: int) -> None:
    model = made("stimulus", "Burst")
    item = replace(part(model, "stimulus"), node=(1, node))
    message = f"node {node} does not exist; nodes are 1 to 9"
    assert message in refusal(with_part(model, "stimulus", item))
    output = replace(model.output, nodes=(1, node))
    assert message in refusal(replace(model, output=output))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda _: {"deltat": 0}, "Model: Deltat = 0 is out of bounds; give a number > 0"),
        (lambda _: {"time": np.nan}, "Model: Time = nan is out of bounds; give a number > 0"),
        (lambda _: {"time": "1"}, "Model: Time: expected a number > 0, found '1'; give numbers"),
        (lambda _: {"nodes": 0}, "Model: Nodes = 0 is out of bounds; give a number >= 1"),
        (lambda _: {"nodes": 2.5}, "Model: Nodes: expected a whole number, found 2.5; give one"),
        (lambda _: {"longside": 0}, "Model: Longside nodes = 0 is out of bounds"),
        (lambda m: {"output": replace(m.output, interval=-1)}, "Output: Interval = -1 is out of"),
        (lambda m: {"output": replace(m.output, start=np.inf)}, "Output: Start = inf is out of"),
        (lambda m: {"populations": m.populations[:1]}, "connection 2 goes from 1 to 0; give ind"),
        (lambda m: {"connections": m.connections[1:]}, "connection 1 has index 2; number them fr"),
        (lambda _: {"connections": ()}, "Population 1 has no input; add a connection onto it"),
        (
            lambda m: {"connections": (m.connections[0], replace(m.connections[1], pre=0))},
            "connection 2 is the second from population 1 to 1; keep one",
        ),
        (
            lambda m: {"connections": (m.connections[0], replace(m.connections[1], post=1))},
            "Population 2 has stimuli, so no inputs; give them to a population of their own",
        ),
        (
            lambda m: {"populations": (m.populations[0], replace(m.populations[1], stimuli=()))},
            "Population 2 needs either a firing response or stimuli",
        ),
        (
            lambda m: {"populations": (replace(m.populations[0], q=None), m.populations[1])},
            "Population 1: Q: expected any finite number, found None; give numbers",
        ),
        (
            lambda m: {"populations": (replace(m.populations[0], q=[1, 2]), m.populations[1])},
            "Population 1: Q has 2 values; give one, or one per node (9)",
        ),
        (
            lambda m: {"populations": (replace(m.populations[0], length=-1), m.populations[1])},
            "Population 1: Length = -1 is out of bounds; give a number >= 0",
        ),
    ],
)
def test_the_parts_of_a_model(change: Callable[[Model], dict[str, Any]], message: str) -> None:
    model = made()
    assert refusal(replace(model, **change(model))).startswith(f"model: {message}")
