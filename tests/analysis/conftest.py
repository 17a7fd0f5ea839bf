"""Runs in memory, and fields whose spectrum is known."""

from types import SimpleNamespace

import numpy as np
import pytest
from scipy import signal

from nftsim.model import load_model, parse_model

READERS = (
    "analysis.spectra",
    "analysis.settling",
    "analysis.figures.fig07_frames",
    "analysis.figures.fig08_timeseries",
)

PULSES = """Two pulses on a sheet.
Time: 0.1 Deltat: 0.001
Nodes: 192 Longside nodes: 16
Connection matrix:
From: 1 2
To 1: 1 2
To 2: 0 0
Population 1: Excitatory
 Length: 0.5 Q: 10
 Firing: Function: Sigmoid Theta: 0.013 Sigma: 0.0038 Qmax: 340
 Dendrite 1: alpha: 83 beta: 769
 Dendrite 2: alpha: 83 beta: 769
Population 2: Stimulation
 Length: 0.5
 Stimulus: Superimpose: 2
  Stimulus: PulseRect - Onset: 0.02 Node: 17 Amplitude: 2 Width: 0.002 Frequency: 1 Pulses: 1
  Stimulus: PulseRect - Onset: 0.04 Node: 104 Amplitude: -2 Width: 0.002 Frequency: 1 Pulses: 1
Propagator 1: Wave - Tau: 0 Range: 0.2 gamma: 30
Propagator 2: Map -
Coupling 1: Map - nu: 0
Coupling 2: Map - nu: 1e-4
Output: Node: All Start: 0 Interval: 0.001
Population:
Dendrite:
Propagator: 1.phi
Coupling:
"""


class MemoryRun:
    """What `nftsim.io.hdf5.open_run` returns, without a file."""

    def __init__(self, time, field, extent, model=None):
        self.time = np.asarray(time)
        self.interval = float(self.time[1] - self.time[0])
        self.field = field
        self.sheet = extent
        self.model = model or load_model("eirs-wake")

    def trace(self, name, start=0, stop=None):
        assert name == "propagator.1.phi"
        return self.field[start:stop]

    def extent(self, name):
        assert name == "propagator.1.phi"
        return self.sheet

    def __enter__(self):
        return self

    def __exit__(self, *error):
        return False


@pytest.fixture
def runs(monkeypatch):
    """Runs by path; `runs[path] = run(...)` stores one."""
    stored = {}
    for module in READERS:
        monkeypatch.setattr(f"{module}.open_run", stored.__getitem__)
    return stored


@pytest.fixture
def memory_run():
    return MemoryRun


@pytest.fixture
def pulses():
    """A model with a positive and a negative pulse, each at one node."""
    return parse_model(PULSES, "pulses")


@pytest.fixture(scope="session")
def autoregressive():
    """Fields of independent AR(1) nodes: their factory and their one-sided spectrum."""
    interval, memory = 5e-3, 0.8

    def field(rng, samples, shape):
        noise = rng.standard_normal((samples + 200, *shape))
        return signal.lfilter([1.0], [1.0, -memory], noise, axis=0)[200:]

    def spectrum(frequency):
        phase = np.exp(-2j * np.pi * np.asarray(frequency) * interval)
        return 2 * interval / np.abs(1 - memory * phase) ** 2

    return SimpleNamespace(interval=interval, memory=memory, field=field, spectrum=spectrum)
