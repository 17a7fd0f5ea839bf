"""Changing models by dotted path."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest

from nftsim.errors import ModelError
from nftsim.model import Model, library, load_model, parse_model
from nftsim.model.checks import check
from nftsim.model.overrides import override, parse_setting

from .conftest import Edit, Read


def names(model: Model) -> list[str]:
    return list(map(str, model.output.traces))


@pytest.mark.parametrize(
    ("path", "value", "get", "expected"),
    [
        ("time", 5, lambda m: m.time, 5.0),
        ("deltat", "5e-4", lambda m: m.deltat, 5e-4),
        ("nodes", 25, lambda m: m.nodes, 25),
        ("population.1.length", 0.4, lambda m: m.populations[0].length, 0.4),
        ("population.1.q", "3.5", lambda m: m.populations[0].q, 3.5),
        ("population.1.firing.theta", 0.012, lambda m: m.populations[0].firing.theta, 0.012),
        ("Population.1.Firing.QMAX", 250, lambda m: m.populations[0].firing.qmax, 250.0),
        ("population.2.stimulus.1.asd", 2e-4, lambda m: m.populations[1].stimuli[0].asd, 2e-4),
        ("population.2.stimulus.mean", 2, lambda m: m.populations[1].stimuli[0].mean, 2.0),
        ("population.2.stimulus.node", [1, 9], lambda m: m.populations[1].stimuli[0].node, (1, 9)),
        ("coupling.2.nu", -1e-3, lambda m: m.connections[1].coupling.nu, -1e-3),
        ("coupling.002.nu", 1, lambda m: m.connections[1].coupling.nu, 1.0),
        ("coupling.1.nu", range(16), lambda m: m.connections[0].coupling.nu[15], 15.0),
        ("propagator.1.tau", "0.001", lambda m: m.connections[0].propagator.tau, 1e-3),
        ("propagator.1.phi", "Steady", lambda m: m.connections[0].propagator.phi, None),
        ("dendrite.2.alpha", 50, lambda m: m.connections[1].dendrite.alpha, 50.0),
        ("output.interval", 5e-3, lambda m: m.output.interval, 5e-3),
        ("output.start", 0.01, lambda m: m.output.start, 0.01),
        ("output.node", "1 3", lambda m: m.output.nodes, (1, 3)),
        ("output.node", "all", lambda m: m.output.nodes, None),
        ("output.traces", "coupling.1, POP.2", names, ["pop.2.q", "coupling.1.nu"]),
        ("output.traces", [], names, []),
    ],
)  # fmt: skip
def test_every_kind_of_path(
    read: Read, path: str, value: object, get: Callable[[Model], object], expected: object
) -> None:
    model = read()
    changed = override(model, {path: value})
    assert get(changed) == expected
    if path not in ("propagator.1.phi", "output.node"):
        assert changed != model
    assert model == read()


def test_the_grid_is_changed_first_whatever_the_order(read: Read) -> None:
    changed = override(
        read(), {"coupling.1.nu": [1.0] * 4, "longside": 2, "nodes": 4, "output.node": 4}
    )
    assert (changed.shape, len(changed.connections[0].coupling.nu)) == ((2, 2), 4)


def test_new_nodes_make_a_square_unless_longside_is_given(read: Read) -> None:
    model = override(read(), {"nodes": 8, "longside": 4})
    assert model.shape == (2, 4)
    assert override(model, {"nodes": 16}).shape == (4, 4)
    assert override(model, {"longside": None}).longside is None


@pytest.mark.parametrize("name", library())
def test_every_number_of_a_library_model_can_be_replaced_by_itself(name: str) -> None:
    model = load_model(name)
    changes: dict[str, object] = {}
    for c in model.connections:
        for role in ("propagator", "coupling", "dendrite"):
            item = getattr(c, role)
            changes |= {
                f"{role}.{c.index}.{p.path}": getattr(item, attribute)
                for attribute, p in item.parameters().items()
                if getattr(item, attribute) is not None
            }
    assert len(changes) >= 3 * len(model.connections)
    assert override(model, changes) == model


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("couplng.1.nu", 1, "'couplng.1.nu' names nothing. Allowed: time.*Did you mean 'coupling'"),
        ("", 1, "names nothing"),
        ("coupling", 1, "names nothing"),
        ("coupling.1", 1, "names nothing"),
        ("coupling.1.nu.2", 1, "names nothing"),
        ("coupling.3.nu", 1, "no coupling '3'; couplings are numbered 1 to 2"),
        ("coupling.0.nu", 1, "no coupling '0'"),
        ("coupling.٣.nu", 1, "no coupling '٣'"),
        ("coupling.1.nuu", 1, r"Coupling 1 \(Map\) has no 'nuu'. Allowed: nu. Did you mean 'nu'"),
        ("propagator.1.gama", 1, r"Propagator 1 \(Wave\) has no 'gama'.*Did you mean 'gamma'"),
        ("population.3.q", 1, "no population '3'"),
        ("population.2.q", 1, "names nothing. Allowed: population.2.length, population.2.stimulus"),
        ("population.1.stimulus.mean", 1, "Allowed: population.1.length, .*q, .*firing"),
        ("population.2.stimulus.2.mean", 1, "no stimulus '2'; stimuli are numbered 1 to 1"),
        ("population.1.firing.tetha", 1, "has no 'tetha'.*Did you mean 'theta'"),
        ("output.intervals", 1, "Did you mean 'output.interval'"),
        ("output.traces", "propagator.1.fi", "no trace 'propagator.1.fi'.*Did you mean"),
        ("output.node", 0, "node 0 does not exist"),
        ("output.node", 17, "node 17 does not exist"),
        ("nodes", 12.5, "expected a whole number"),
        ("nodes", "many", "expected a number >= 1, found 'many'"),
        ("time", 0, "Time = 0 is out of bounds"),
        ("deltat", math.nan, "found 'nan'"),
        ("deltat", math.inf, "found 'inf'"),
        ("coupling.1.nu", "1e999", "nu = 1e999 is out of bounds"),
        ("coupling.1.nu", "", "nu has no value"),
        ("coupling.1.nu", None, "nu has no value"),
        ("coupling.1.nu", True, "found 'True'"),
        ("coupling.1.nu", {"a": 1}, "expected any finite number"),
        ("coupling.1.nu", [1, 2, 3], r"nu has 3 values; give one, or one per node \(16\)"),
        ("coupling.1.nu", 10**400, "is a word of 401 characters"),
        ("coupling.1.nu", "\x1b[31m", "is not plain text"),
        ("x" * 500, 1, "is a word of 500 characters"),
    ],
)
def test_what_cannot_be_changed_is_refused(
    read: Read, path: str, value: object, message: str
) -> None:
    with pytest.raises(ModelError, match=message) as caught:
        override(read(), {path: value})
    assert str(caught.value).startswith("small.conf, override ")
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 400


def test_one_of_several_stimuli_must_be_named(edit: Edit) -> None:
    old, more = (
        "Stimulus: White",
        "Stimulus: Superimpose: 2 Stimulus: Const - Mean: 1 Stimulus: White",
    )
    model = parse_model(edit((old, more)), "small.conf")
    with pytest.raises(ModelError, match="no stimulus ''; stimuli are numbered 1 to 2"):
        override(model, {"population.2.stimulus.mean": 3})
    changed = override(model, {"population.2.stimulus.2.mean": 3})
    assert [s.mean for s in changed.populations[1].stimuli] == [1.0, 3.0]


def test_a_later_complaint_names_the_override(read: Read) -> None:
    for path, value in (("propagator.1.range", 0.1), ("longside", 5), ("output.interval", 1e-4)):
        with pytest.raises(ModelError, match=rf"^small.conf, override {path}={value}: "):
            check(override(read(), {path: value}))


def test_settings_of_the_command_line() -> None:
    assert parse_setting(" coupling.1.nu = 1 2 ") == ("coupling.1.nu", "1 2")
    assert parse_setting("a=b=c") == ("a", "b=c")
    for text in ("coupling.1.nu", "=3", ""):
        with pytest.raises(ModelError, match=r"expected path=value, e.g. coupling.1.nu="):
            parse_setting(text)


def test_a_decimal_comma_is_not_a_list() -> None:
    with pytest.raises(ModelError, match="Theta has 2 values; give one, or one per node .900."):
        load_model("eirs-wake", {"population.1.firing.theta": "0,013"})
