"""The configuration: what is refused, how plainly, and what is filled in."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from nftsim.errors import NftsimError
from workflow.lib.settings import SCHEMA, checked


def put(config: dict[str, Any], path: str, value: Any) -> None:
    """Set a value by path; steps are separated by /."""
    *steps, last = path.split("/")
    for step in steps:
        config = config[step]
    config[last] = value


FAULTS = [
    ("experiment", {}, "top level: unknown key 'experiment'", "Did you mean 'experiments'?"),
    ("experiments/noise/durration", 1, "experiments.noise: unknown key", "mean 'duration'?"),
    ("experiments/noise/warmup/setle", "warn", "experiments.noise.warmup: ", "mean 'settle'?"),
    ("experiments/noise/grid/node", 9, "experiments.noise.grid: ", "mean 'nodes'?"),
    ("experiments/noise/spectrum/seg", 9, "experiments.noise.spectrum: ", "mean 'segment'?"),
    ("experiments/noise/comparison/band", [], "experiments.noise.comparison: ", "mean 'bands'?"),
    ("figures/fig11", {}, "figures: unknown key 'fig11'", "mean 'fig10'?"),
    ("figures/fig07/time", [], "figures.fig07: unknown key 'time'", "mean 'times'?"),
    ("experiments/../up", {}, "experiments: '../up' cannot be a name", "letters, digits"),
    ("experiments/figures", {}, "experiments: 'figures' cannot be a name", "are taken"),
    ("experiments/noise/seeds", ["../1"], "experiments.noise.seeds.0", "'integer'"),
    ("experiments/noise/seeds", [1, 1], "experiments.noise.seeds", "unique"),
    ("experiments/noise/seeds", [-1], "experiments.noise.seeds.0", "must be >= 0, found -1"),
    ("experiments/noise/warmup/duration", -60, "noise.warmup.duration", "must be > 0, found -60"),
    ("experiments/noise/together", 0, "experiments.noise.together", "must be >= 1, found 0"),
    ("experiments/noise/together", "all", "experiments.noise.together", "'^auto$'"),
    ("experiments/noise/threads", 0, "experiments.noise.threads", "must be >= 1, found 0"),
    ("experiments/noise/threads", "many", "experiments.noise.threads", "'^auto$'"),
    ("experiments/noise/interval", 3.33e-3, "experiments.noise: eirs-wake", "not a multiple"),
    ("experiments/noise/grid", {"nodes": 145}, "experiments.noise: eirs-wake", "perfect square"),
    ("experiments/noise/overrides", {"coupling.1.mu": 1}, "experiments.noise: ", "Allowed: nu"),
    ("experiments/noise/warmup/overrides", {"coupling.1.mu": 1}, "experiments.noise: ", "nu"),
    ("experiments/pulse/traces", ["propagator.1.phi", "pop.2.w"], "experiments.pulse: ", "pop.2.q"),
    ("experiments/noise", None, "figures.fig10.experiment", "leave out the figure too"),
    ("experiments/noise/interval", "1e-3", "experiments.noise.interval", "1.0e-3"),
    ("experiments/noise/duration", float("nan"), "experiments.noise.duration", "finite"),
    ("experiments/noise/duration", float("inf"), "experiments.noise.duration", "finite"),
    ("experiments/noise/duration", 0, "experiments.noise.duration", "0"),
    ("experiments/noise/duration", 1e-3, "experiments.noise.duration", "shorter than interval"),
    ("experiments/noise/warmup/duration", 1e-3, "warmup.duration", "shorter than interval"),
    ("experiments/noise/warmup/settle", "maybe", "warmup.settle", "'stop', 'warn'"),
    ("experiments/noise/grid", {"longside": 6}, "experiments.noise.grid", "nodes"),
    ("experiments/noise/overrides", {"a/b": 1}, "experiments.noise.overrides", "a/b"),
    ("experiments/noise/spectrum", None, "experiments.noise.comparison", "give spectrum"),
    ("experiments/noise/spectrum/trace", "pop.1.q", "noise.spectrum.trace", "Add it to traces"),
    ("experiments/noise/spectrum/trace", "propagator.1.phy", "trace", "mean 'propagator.1.phi'?"),
    ("experiments/noise/comparison/bands", [[5, 2]], "noise.comparison.bands", "empty"),
    ("experiments/noise/comparison/bands", [[5, 200]], "noise.comparison.bands", "100 Hz"),
    ("experiments/noise/model", "eirs-wak", "experiments.noise.model", "'eirs-wake'?"),
    ("figures/fig09/models", ["emir"], "figures.fig09.models", "'emirs'?"),
    ("figures/fig07/experiment", "puls", "figures.fig07.experiment", "'pulse'?"),
    ("figures/fig07/trace", "pop.1.q", "figures.fig07.trace", "pop.2.q, propagator.1.phi"),
    ("figures/fig07/times", [0.1] * 5 + [9], "figures.fig07.times", "0.117"),
    ("figures/fig10/experiment", "pulse", "figures.fig10.experiment", "no comparison"),
    ("figures/thumbnails/ei", ["pulse"], "figures.thumbnails.ei", "'pulse' runs e-erps"),
    ("figures/thumbnails/ei", ["puls"], "figures.thumbnails.ei", "'pulse'?"),
    ("figures/thumbnails/ei", [], "figures.thumbnails.ei", "non-empty"),
]


@pytest.mark.parametrize(("path", "value", "place", "remedy"), FAULTS)
def test_a_fault_is_refused_in_one_line_with_place_and_remedy(
    tiny: dict[str, Any], path: str, value: Any, place: str, remedy: str
) -> None:
    # '..' is a step of its own in the name of an experiment
    if path == "experiments/../up":
        tiny["experiments"]["../up"] = value
    else:
        put(tiny, path, value)
    with pytest.raises(NftsimError) as caught:
        checked(tiny, "mine.yaml")
    lines = str(caught.value).splitlines()
    assert len(lines) == 1
    assert lines[0].startswith("mine.yaml: ")
    assert place in lines[0]
    assert remedy in lines[0]


def test_a_misspelt_required_key_has_one_line(tiny: dict[str, Any]) -> None:
    noise = tiny["experiments"]["noise"]
    noise["intervall"] = noise.pop("interval")
    with pytest.raises(NftsimError) as caught:
        checked(tiny)
    assert len(str(caught.value).splitlines()) == 1
    assert "mean 'interval'?" in str(caught.value)
    del noise["intervall"]
    with pytest.raises(NftsimError, match=r"experiments\.noise: 'interval' is missing\.$"):
        checked(tiny)


def test_null_leaves_out_experiments_and_figures(tiny: dict[str, Any]) -> None:
    tiny["experiments"]["noise"] = tiny["figures"]["fig10"] = None
    tiny["figures"]["thumbnails"]["ei"] = None
    settings = checked(tiny)
    assert set(settings["experiments"]) == {"pulse"}
    assert set(settings["figures"]) == {
        "fig02", "fig05", "fig07", "fig08", "fig09", "thumbnails"
    }  # fmt: skip


def test_every_fault_has_its_line(tiny: dict[str, Any]) -> None:
    put(tiny, "experiments/noise/durration", 1)
    put(tiny, "experiments/pulse/seeds", [])
    with pytest.raises(NftsimError) as caught:
        checked(tiny)
    assert len(str(caught.value).splitlines()) == 2


def test_compat_contradicts_a_counter_generator(tiny: dict[str, Any]) -> None:
    tiny["experiments"]["noise"] |= {"rng": "counter", "compat": "nftsim"}
    with pytest.raises(NftsimError, match=r"noise\.rng"):
        checked(tiny)


def test_defaults_are_filled_in_and_the_input_is_left_alone(tiny: dict[str, Any]) -> None:
    settings = checked(tiny)
    noise = settings["experiments"]["noise"]
    assert noise["spectrum"] == {
        "trace": "propagator.1.phi", "k0": 10.0, "segment": 4.0, "resolution": 0.05,
    }  # fmt: skip
    assert noise["comparison"]["tolerance"] == 0.03
    assert noise["warmup"] == {
        "duration": 1.0, "settle": "warn", "overrides": {}, "fixed_point": 0,
    }  # fmt: skip
    assert settings["experiments"]["pulse"]["spectrum"] is None
    assert settings["figures"]["fig08"]["reach"] == 8
    assert tiny["experiments"]["noise"]["comparison"] == {}


def test_numbers_as_keys_and_names_of_traces_in_any_case(tiny: dict[str, Any]) -> None:
    tiny["experiments"]["noise"]["comparison"] = {"max_sem": {2: 0.1}}
    tiny["experiments"]["noise"]["traces"] = ["Propagator.1.Phi"]
    noise = checked(tiny)["experiments"]["noise"]
    assert noise["comparison"]["max_sem"] == {"2": 0.1}
    assert noise["traces"] == ["propagator.1.phi"]


def _properties(schema: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(schema, dict):
        yield from schema.get("properties", {}).items()
        for part in schema.values():
            yield from _properties(part)


def _closed(schema: Any, place: str = "") -> Iterator[str]:
    """Yield the places where an object with named properties lets other keys pass."""
    if isinstance(schema, dict):
        if "properties" in schema and schema.get("additionalProperties") is not False:
            yield place
        for key, part in schema.items():
            yield from _closed(part, f"{place}/{key}")


def test_the_schema_is_closed_and_describes_every_key() -> None:
    schema = yaml.safe_load(SCHEMA.read_text())
    assert list(_closed({k: v for k, v in schema.items() if k != "$defs"})) == []
    assert list(_closed(schema["$defs"])) == []
    properties = list(_properties(schema))
    assert len(properties) > 30
    for key, part in properties:
        assert "description" in part or "$ref" in part, key


def test_the_shipped_configuration_is_valid_and_mentions_every_key(root: Path) -> None:
    text = (root / "config.yaml").read_text()
    checked(yaml.safe_load(text))
    for key, _ in _properties(yaml.safe_load(SCHEMA.read_text())):
        assert re.search(rf"\b{key}:", text) or f"{key}: nodes along x" in text, key
