"""A small model, as text, that the tests of this folder change."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from nftsim.model import Model, parse_model

SMALL = """A small model
with two lines of header

Time: 0.02 Deltat: 0.001
Nodes: 16

Connection matrix:
From: 1 2
To 1: 1 2
To 2: 0 0

Population 1: Excitatory cells
 Length: 0.5
 Q: 10
 Firing: Function: Sigmoid Theta: 0.013 Sigma: 0.0038 Qmax: 340
  Dendrite 1: alpha: 83 beta: 769
  Dendrite 2: alpha: 83 beta: 769

Population 2: Noise
 Length: 0.5
 Stimulus: White - Onset: 0 Mean: 1 ASD: 1e-4

Propagator 1: Wave - Tau: 0.002 Range: 0.3 gamma: 30
Propagator 2: Map - Tau: 0

Coupling 1: Map - nu: 1e-4
Coupling 2: Map - nu: 2e-4

Output: Node: All Start: 0 Interval: 0.002
Population: 1
Dendrite:
Propagator: 1.phi
Coupling:
"""

Edit = Callable[..., str]
Read = Callable[..., Model]


@pytest.fixture
def edit() -> Edit:
    """Return the small model's text with (old, new) replacements; old must occur."""

    def edited(*pairs: tuple[str, str]) -> str:
        text = SMALL
        for old, new in pairs:
            assert old in text, old
            text = text.replace(old, new)
        return text

    return edited


@pytest.fixture
def read(edit: Edit) -> Read:
    """Return the small model, read with replacements, unchecked."""

    def model(*pairs: tuple[str, str]) -> Model:
        return parse_model(edit(*pairs), "small.conf")

    return model


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working directory but for a waveform, ``wave.npy``."""
    monkeypatch.chdir(tmp_path)
    np.save("wave.npy", np.linspace(0, 1, 30))
    return tmp_path
