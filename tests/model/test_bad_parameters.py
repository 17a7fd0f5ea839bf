"""Bad values for every parameter of every component, by what the registry declares of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import numpy as np
import pytest

from nftsim.api import simulate
from nftsim.components import ROLES
from nftsim.components.base import Parameter
from nftsim.errors import NftsimError, SimulationError
from nftsim.model import parse_model
from nftsim.model.checks import check

from .sound import EVERY, LINE, NAME, SOUND, changed, conf, kind, label, refusal

pytestmark = pytest.mark.usefixtures("folder")

NODES = 9
#: Forms of parameters that take numbers.
NUMERIC = frozenset({"number", "per-node", "steady", "matrix", "list", "integer"})


def _parameters() -> Iterator[tuple[str, str, Parameter]]:
    for role, keyword in EVERY:
        for found in kind(role, keyword).parameters().values():
            yield role, keyword, found


ALL = list(_parameters())


def every(*forms: str, which: Callable[[Parameter], bool] = lambda _: True) -> pytest.MarkDecorator:
    """Run a test for every parameter of these forms that is one of those."""
    chosen = [case for case in ALL if case[2].form in forms and which(case[2])]
    assert chosen
    names = ["-".join((c[0], c[1] or "none", c[2].path)) for c in chosen]
    return pytest.mark.parametrize(("role", "keyword", "parameter"), chosen, ids=names)


def test_there_is_a_sound_declaration_of_every_component() -> None:
    assert {(role, k) for role, found in SOUND.items() for k in found} == set(EVERY)
    for role, keyword, parameter in ALL:
        group = next((g for g in kind(role, keyword).alternatives if parameter.keyword in g), ())
        given = SOUND[role][keyword]
        assert (
            parameter.keyword in given
            or any(k in given for k in group)
            or (
                parameter.keyword in ("Dataset", "Frequency")  # of a .npy file; beside Period
            )
        ), (role, keyword, parameter.keyword)


@pytest.mark.parametrize(("role", "keyword"), EVERY)
def test_a_sound_declaration_runs(role: str, keyword: str) -> None:
    run = simulate(check(parse_model(conf(role, keyword), "bad.conf")))
    assert all(np.isfinite(values).all() for values in run.values())


@every(*NUMERIC, "file", which=lambda p: not p.optional)
def test_a_missing_parameter(role: str, keyword: str, parameter: Parameter) -> None:
    keys = changed(role, keyword, parameter.keyword, None)
    found = refusal(conf(role, keyword, keys), role, keyword)
    unit = parameter.unit or "value"
    what = f"'{parameter.keyword}' ({parameter.text}) is missing"
    assert found == f"{what}; add '{parameter.keyword}: <{unit}>'"


@every(*NUMERIC, "file", "word")
def test_a_missing_value(role: str, keyword: str, parameter: Parameter) -> None:
    keys = changed(role, keyword, parameter.keyword, "")
    found = refusal(conf(role, keyword, keys), role, keyword)
    assert found.startswith(f"{parameter.keyword} has no value; give a")


@every(*NUMERIC)
def test_what_is_not_a_finite_number(role: str, keyword: str, parameter: Parameter) -> None:
    for value in ("nan", "inf", "-inf", "abc", "1e999", "0x10", "1_0"):
        keys = changed(role, keyword, parameter.keyword, value)
        found = refusal(conf(role, keyword, keys), role, keyword)
        start = rf"{parameter.keyword}(: expected .*, found '| = ){value}\b"
        assert re.match(start, found), found


@every(*NUMERIC, which=lambda p: p.low > -np.inf)
def test_a_number_out_of_bounds(role: str, keyword: str, parameter: Parameter) -> None:
    for value in ["-1", "-1e-300", *(["0"] if parameter.strict else [])]:
        keys = changed(role, keyword, parameter.keyword, value)
        found = refusal(conf(role, keyword, keys), role, keyword)
        sign = ">" if parameter.strict else ">="
        what = f"{parameter.keyword} = {value} is out of bounds; give a number {sign} 0"
        assert found == what


@every("per-node", "steady", "matrix")
def test_a_wrong_count_of_values(role: str, keyword: str, parameter: Parameter) -> None:
    each, right = "one per node (9)", NODES
    if parameter.form == "matrix":
        each, right = "one per pair of nodes (9 x 9 = 81)", NODES**2
    for count in {2, NODES - 1, NODES, NODES + 1, NODES**2, NODES**2 - 1} - {right}:
        values = " ".join(["1e-4"] * count)
        text = conf(role, keyword, changed(role, keyword, parameter.keyword, values))
        found = refusal(text, role, keyword)
        assert found == f"{parameter.keyword} has {count} values; give one, or {each}"


@every("number")
def test_values_per_node_where_one_is_for_all(
    role: str, keyword: str, parameter: Parameter
) -> None:
    values = " ".join(["1e-4"] * NODES)
    text = conf(role, keyword, changed(role, keyword, parameter.keyword, values))
    found = refusal(text, role, keyword)
    assert found == f"{parameter.keyword} takes one value for all nodes, found 9; give one"


@every("per-node", "matrix")
def test_one_of_many_that_is_not_a_number(role: str, keyword: str, parameter: Parameter) -> None:
    for odd in ("nan", "-inf", "2,5e-4", "1e-4x", "−1e-4"):
        values = " ".join(["1e-4", odd] + ["1e-4"] * (parameter.most(NODES) - 2))
        text = conf(role, keyword, changed(role, keyword, parameter.keyword, values))
        assert f"found '{odd}'" in refusal(text, role, keyword)


@every(*NUMERIC, "file", "word", "nodes")
def test_a_name_in_other_case(role: str, keyword: str, parameter: Parameter) -> None:
    keys = dict(SOUND[role][keyword])
    value = keys.pop(parameter.keyword, "1")
    odd = parameter.keyword.swapcase()
    text = conf(role, keyword, {**keys, odd: value})
    two = " " in odd
    found = refusal(text, role, keyword, owner=f"unknown key '{odd}'" if two else None)
    assert two or found.startswith(f"unknown parameter '{odd}'. Allowed: ")
    assert found.endswith(f"Did you mean '{parameter.keyword}'?")


@every(*NUMERIC, "file", "word", "nodes", which=lambda p: len(p.keyword) > 4)
def test_a_misspelt_name(role: str, keyword: str, parameter: Parameter) -> None:
    name = parameter.keyword
    keys = dict(SOUND[role][keyword])
    odd = name[:-2] + name[-1] + name[-2]
    text = conf(role, keyword, {**keys, odd: keys.pop(name, "1")})
    found = refusal(text, role, keyword, owner=f"unknown key '{odd}'" if " " in odd else None)
    # of alpha2 and the like there are several
    near = name.rstrip("12") if name[-1].isdigit() else f"{name}'?"
    assert f"Did you mean '{near}" in found


@every(*NUMERIC, "file", "word", "nodes")
def test_a_parameter_given_twice(role: str, keyword: str, parameter: Parameter) -> None:
    keys = dict(SOUND[role][keyword])
    value = keys.pop(parameter.keyword, "1")
    twice = f"{value} {parameter.keyword}: {value}"
    found = refusal(conf(role, keyword, {**keys, parameter.keyword: twice}), role, keyword)
    first = f"(first at line {LINE[role]})"
    assert found == f"'{parameter.keyword}' is given twice {first}; keep one"


@pytest.mark.parametrize(("role", "keyword"), [e for e in EVERY if kind(*e).alternatives])
def test_alternatives(role: str, keyword: str) -> None:
    (group,) = kind(role, keyword).alternatives
    keys = {k: v for k, v in SOUND[role][keyword].items() if k not in group}
    none = refusal(conf(role, keyword, keys), role, keyword)
    both = refusal(conf(role, keyword, keys | dict.fromkeys(group, "2")), role, keyword)
    for name in group:
        assert name in none
        assert name in both
    assert "keep" in both


@pytest.mark.parametrize(("role", "keyword"), EVERY)
def test_a_misspelt_component(role: str, keyword: str) -> None:
    odd = f"{keyword}x" if keyword else "Secnod"
    first = f"{role.capitalize()}: " if role in ("firing", "stimulus") else ""
    text = conf(role, keyword, **{role: f"{first}{odd} - "})
    owner = NAME[role].removesuffix(", firing")
    found = refusal(text, role, owner=owner)
    names = [n for n in ROLES[role].registry if n]
    assert found.startswith(f"unknown {role} '{odd}'. Allowed: {', '.join(names)}")
    assert not keyword or "Did you mean '" in found


@pytest.mark.parametrize(("role", "keyword"), EVERY)
def test_numbers_at_the_ends_of_double_precision(role: str, keyword: str) -> None:
    """They are refused, or run, or the run says that it diverged; warnings are errors here."""
    outcomes = 0
    for name, parameter in kind(role, keyword).parameters().items():
        if parameter.form not in NUMERIC - {"integer"}:
            continue
        for value in ("1e308", "-1e308", "5e-324", "1e-200"):
            given = f"{value} 1 2" if parameter.form == "list" else value
            text = conf(role, keyword, changed(role, keyword, parameter.keyword, given))
            complaint, refused = _complaint(text)
            place = (
                f"bad.conf:{LINE[role]}: {label(role, keyword)}"
                if refused
                else "bad.conf: diverged"
            )
            assert not complaint or complaint.startswith(place), (name, value)
            assert len(complaint) < 500, (name, value)
            outcomes += 1
    assert outcomes


def _complaint(text: str) -> tuple[str, bool]:
    """Return what is wrong with a model, if anything, and whether that is seen before it runs."""
    try:
        simulate(check(parse_model(text, "bad.conf")))
    except SimulationError as error:
        return str(error), False
    except NftsimError as error:
        return str(error), True
    return "", False
