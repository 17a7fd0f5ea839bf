"""The models that come with the package, against a second transcription of their sources."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import replace
from fnmatch import fnmatchcase
from pathlib import Path

import pytest

from nftsim.components import Component
from nftsim.components.dendrites import Ramp, SecondOrder
from nftsim.components.firing import Firing
from nftsim.components.plasticity import BCM, CaDP
from nftsim.components.slow import Bursting, GlutamateResponse
from nftsim.model import Model, library, load_model, parse_model, to_conf
from nftsim.theory.fixed_points import steady_states

TABLE = Path(__file__).parents[1] / "data" / "library.csv"
NAMES = [
    "bg-corticothalamic",
    "e-erps",
    "ei",
    "eirs-aerp",
    "eirs-bursting",
    "eirs-eyes-closed",
    "eirs-spindle",
    "eirs-wake",
    "emirs",
    "tms-bcm",
    "tms-cadp",
]
#: The paper's example starts at a round rate, as published.
AWAY_FROM_FIXED_POINT = {"e-erps"}
#: Numbers that are ours, whatever the reference file says; each is named in its model's header.
OURS: dict[str, dict[str, float]] = {
    "eirs-aerp": {"time": 1, "population.5.stimulus.1.onset": 0.125},
}
#: What NFTsim 1.1 takes where a file is silent.
DEFAULTS: dict[str, float] = {
    "tau": 0,
    "pulses": 1,
    "tca": 50e-3,
    "z": 0.01,
    "t_rec": 1e3,
    "tx1": 0, "tx2": 0, "tx3": 0, "tx4": 0,
    "th1": 0, "th2": 0, "th3": 0, "th4": 0,
}  # fmt: skip


def rows(name: str) -> list[dict[str, str]]:
    """Lines of the second transcription for one model."""
    with TABLE.open(newline="") as file:
        found = [row for row in csv.DictReader(file) if row["model"] == name]
    assert found, f"no rows for {name}"
    return found


def numbers(model: Model) -> dict[str, float]:
    """Every number of a model by dotted path, but for what is ours: rates and output."""
    found: dict[str, float] = {
        "time": model.time,
        "deltat": model.deltat,
        "nodes": model.nodes,
    }
    if model.longside is not None:
        found["longside"] = model.longside
    for path, item in components(model):
        for name, declared in item.parameters().items():
            value = getattr(item, name)
            if isinstance(value, tuple) and len(value) == 1:
                value = value[0]
            if isinstance(value, int | float) and name not in INITIAL:
                found[f"{path}.{declared.path}"] = value
    for i, population in enumerate(model.populations, start=1):
        found[f"population.{i}.length"] = population.length
    return found


#: Slow currents of bursting neurons at the start: as much ours as the rates.
INITIAL = ("htilde", "xtilde")


def components(model: Model) -> Iterator[tuple[str, Component]]:
    for i, population in enumerate(model.populations, start=1):
        if population.firing is not None:
            yield f"population.{i}.firing", population.firing
        if isinstance(population.firing, GlutamateResponse):
            yield f"population.{i}.firing", population.firing.function
        for j, stimulus in enumerate(population.stimuli, start=1):
            yield f"population.{i}.stimulus.{j}", stimulus
    for c in model.connections:
        yield f"propagator.{c.index}", c.propagator
        yield f"coupling.{c.index}", c.coupling
        yield f"dendrite.{c.index}", c.dendrite


def physics(model: Model) -> Model:
    """The model without names, header, initial state and output."""
    return replace(
        model,
        header="",
        output=type(model.output)(),
        populations=tuple(
            replace(p, name="", q=None if p.q is None else 0.0, firing=_at_rest(p.firing))
            for p in model.populations
        ),
        connections=tuple(
            replace(
                c,
                propagator=replace(c.propagator, phi=None),
                dendrite=replace(c.dendrite, v=None),
            )
            for c in model.connections
        ),
    )


def _at_rest(firing: Firing | None) -> Firing | None:
    if isinstance(firing, Bursting):
        return replace(firing, htilde=0.0, xtilde=0.0)
    return firing


def changed(name: str, published: Model) -> Model:
    """Return a model of the reference with what its header says that ours has otherwise."""
    if name == "eirs-aerp":
        *neural, sound = published.populations
        (click,) = sound.stimuli
        ours = OURS[name]
        click = replace(click, onset=ours["population.5.stimulus.1.onset"])
        populations = (*neural, replace(sound, stimuli=(click,)))
        return replace(published, time=ours["time"], populations=populations)
    if name == "eirs-bursting":
        ramp = published.connection(9).dendrite
        assert isinstance(ramp, Ramp)
        return with_part(published, 9, dendrite=SecondOrder(alpha=ramp.alpha, beta=ramp.beta))
    if name == "tms-cadp":
        bcm = published.connection(2).coupling
        assert isinstance(bcm, BCM)
        kept = {key: getattr(bcm, key) for key in CaDP.parameters()}
        return with_part(published, 2, coupling=CaDP(**kept))
    return published


def with_part(model: Model, index: int, **part: Component) -> Model:
    """Return a model with another propagator, coupling or dendrite in one connection."""
    connections = list(model.connections)
    connections[index - 1] = replace(connections[index - 1], **part)
    return replace(model, connections=tuple(connections))


def test_the_library_is_complete() -> None:
    assert sorted(library()) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_model_survives_writing_and_reading(name: str) -> None:
    model = load_model(name)
    assert parse_model(to_conf(model)) == model


@pytest.mark.parametrize("name", NAMES)
def test_model_reads_without_warnings(name: str, caplog: pytest.LogCaptureFixture) -> None:
    load_model(name)
    assert not caplog.records


@pytest.mark.parametrize("name", NAMES)
def test_numbers_are_those_of_the_second_transcription(name: str) -> None:
    model = load_model(name)
    have = numbers(model)
    for row in rows(name):
        if row["path"] == "connections":
            assert " ".join(f"{c.post + 1}<{c.pre + 1}" for c in model.connections) == row["value"]
            continue
        matching = {path: v for path, v in have.items() if fnmatchcase(path, row["path"])}
        assert matching, f"{row['path']} is not in the model"
        assert set(matching.values()) == {float(row["value"])}, row


@pytest.mark.parametrize("name", NAMES)
def test_every_number_has_a_source(name: str) -> None:
    model = load_model(name)
    patterns = [row["path"] for row in rows(name)]
    unsourced = [
        path
        for path, value in numbers(model).items()
        if not any(fnmatchcase(path, p) for p in patterns)
        and value != float("inf")  # a stimulus without Duration
        and value != DEFAULTS.get(path.rpartition(".")[2])
        and OURS.get(name, {}).get(path) != value
    ]
    assert unsourced == []
    assert "Sources of the numbers" in model.header
    for file in {row["file"] for row in rows(name)}:
        assert f"configs/{file}" in model.header


@pytest.mark.parametrize("name", NAMES)
def test_header_can_be_read_by_nftsim(name: str) -> None:
    # it takes the first colon for that of Time, and the word for its list of outputs
    assert re.findall(r":|\bOutput\b", load_model(name).header) == []


def test_slow_currents_rest_at_the_rate_of_the_start() -> None:
    population = load_model("eirs-bursting").populations[2]
    firing = population.firing
    assert isinstance(firing, Bursting)
    assert firing.xtilde == pytest.approx(0.003 * population.q, rel=1e-9)
    assert firing.htilde == pytest.approx(3 * 0.003 * population.q, rel=1e-9)


@pytest.mark.parametrize("name", OURS)
def test_header_names_what_is_ours(name: str) -> None:
    words = {"time": "Time", "population.5.stimulus.1.onset": "Onset"}
    model = load_model(name)
    line = next(text for text in model.header.splitlines() if " ours; the file below" in text)
    assert all(words[path] in line for path in OURS[name])
    have = numbers(model)
    assert {path: have[path] for path in OURS[name]} == OURS[name]


@pytest.mark.parametrize("name", NAMES)
def test_sources_say_so_on_the_cited_lines(name: str, reference: Path) -> None:
    for row in rows(name):
        lines = (reference / "nftsim-configs" / row["file"]).read_text().splitlines()
        cited: list[str] = []
        for part in row["line"].split():
            first, _, last = part.partition("-")
            cited += lines[int(first) - 1 : int(last or first)]
        if row["path"] == "connections":
            assert cited[0].startswith("From:")
            continue
        found = re.findall(r"[-+]?\d*\.?\d+(?:[eE][-+]?\d+)?", " ".join(cited))
        assert float(row["value"]) in {float(text) for text in found}, row


@pytest.mark.parametrize("name", NAMES)
def test_model_equals_its_reference_file(name: str, reference: Path) -> None:
    file = rows(name)[0]["file"]
    # unchecked: one of them has numbers that no run could use, which the model leaves out
    published = parse_model((reference / "nftsim-configs" / file).read_text())
    assert physics(load_model(name)) == physics(changed(name, published))


@pytest.mark.parametrize("name", sorted(set(NAMES) - AWAY_FROM_FIXED_POINT))
def test_model_starts_at_its_lowest_fixed_point(name: str) -> None:
    model = load_model(name)
    start = [model.populations[i].q for i in model.neural]
    assert start == pytest.approx(steady_states(model).lowest.rates.tolist(), rel=1e-9)


def test_header_of_the_example_names_its_fixed_point() -> None:
    model = load_model("e-erps")
    (rate,) = steady_states(model).lowest.rates
    assert model.populations[0].q == 10  # e-erps-all-nodes.conf, line 14
    assert f"{rate:.10f}" in model.header
