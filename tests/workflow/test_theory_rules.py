"""The figures of what theory says over ranges of parameters, made in small."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from nftsim.errors import NftsimError
from tests.workflow.conftest import Snakemake
from workflow.lib.settings import checked

SPINDLES: dict[str, Any] = {
    "model": "eirs-spindle",
    "grid": {"nodes": 144},
    "warmup": {"duration": 0.5, "settle": "warn"},
    "duration": 8.0,
    "interval": 5e-3,
    "traces": ["propagator.1.phi"],
    "seeds": [1],
    "spectrum": {"trace": "propagator.1.phi", "k0": None, "segment": 2},
}
LOUD = {**SPINDLES, "overrides": {"population.5.stimulus.1.asd": 1e-4}}
CONFIG: dict[str, Any] = {
    "experiments": {"quiet": SPINDLES, "loud": LOUD},
    "figures": {
        "multistability": {
            "models": ["eirs-wake"],
            "parameter": "coupling.9.nu",
            "range": [2e-3, 3e-3],
            "nodes": 1,
        },
        "stability_map": {
            "model": "eirs-wake",
            "x": {"parameter": "coupling.9.nu", "range": [1e-3, 3e-3], "count": 3, "label": "x"},
            "y": {"parameter": "coupling.10.nu", "range": [-2e-3, -1e-3], "count": 2, "label": "y"},
            "nodes": 1,
        },
        "sleep_wake": {"panels": {"eirs-wake": ["eirs-wake"]}, "z": [0.1]},
        "spindle_harmonic": {"experiments": ["quiet", "loud"]},
    },
}


def test_the_figures_are_drawn(snakemake: Snakemake, tmp_path: Path) -> None:
    done = snakemake(CONFIG)
    assert done.returncode == 0, done.stdout + done.stderr
    results = tmp_path / "results"
    said = {}
    for name in ("multistability", "stability_map", "sleep_wake", "spindle_harmonic"):
        for suffix in ("pdf", "png"):
            assert (results / f"figures/{name}.{suffix}").stat().st_size > 1e4
        said[name] = (results / f"figures/{name}.rst").read_text()
    assert "Hopf point at 2.802 mV s (10.1 Hz)" in said["multistability"]
    assert "certainly complete" in said["multistability"]
    assert "eirs-wake: X = 0.4755, Y = 0.3994, Z = 0.0519" in said["sleep_wake"]
    assert "1, 1 stable: 50.0%" in said["stability_map"]
    # 1e-4 over the model's own 1e-4/√2
    assert "× 1.41" in said["spindle_harmonic"]
    found = json.loads((results / "theory/branches/eirs-wake.json").read_text())
    assert found["name"] == "eirs-wake"
    table = pd.read_csv(results / "theory/branches/eirs-wake.csv")
    assert len(table) == sum(len(b["values"]) for b in found["branches"])


@pytest.mark.parametrize(
    ("figure", "settings", "said"),
    [
        ("spindle_harmonic", {"experiments": ["quiet", "laud"]}, "there is no 'laud'"),
        ("sleep_wake", {"panels": {"eirs-wake": ["eirs-woke"]}}, "Did you mean 'eirs-wake'"),
        ("multistability", {"range": [1.0, 0.0]}, "the lower end comes first"),
    ],
)
def test_settings_that_contradict_are_refused(
    figure: str, settings: dict[str, Any], said: str
) -> None:
    wanted = {**CONFIG["figures"][figure], **settings}
    config = {**CONFIG, "figures": {figure: wanted}}
    with pytest.raises(NftsimError, match=said):
        checked(config)
