"""Compiling stimuli: the operations and tables that make the rate of an input."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from nftsim.components.base import Array
from nftsim.components.stimuli import Stimulus, White
from nftsim.engine.assembly import Assembly
from nftsim.engine.kernels import kinds
from nftsim.engine.plan import Drive
from nftsim.model.model import Model


@dataclass
class Inputs:
    """The stimuli of a model; arguments as of `nftsim.engine.compile.compile_plan`.

    Attributes
    ----------
    made
        What is added to.
    drives
        One entry for each stimulus, in order.
    """

    made: Assembly
    model: Model
    rng: str
    compat: bool
    merge: bool
    tabled: bool
    drives: list[Drive] = field(default_factory=list)

    def emit(self, population: int, rate: int) -> None:
        """Emit the operations that fill the rate of a population with stimuli."""
        stimuli = self.model.populations[population].stimuli
        if self.merge and len(stimuli) == 1 and self._lone_noise(population, rate, stimuli[0]):
            return
        self.made.op(kinds.CLEAR, rate)
        for j, stimulus in enumerate(self.model.populations[population].stimuli, start=1):
            acts = self._acts(stimulus.node)
            mask = -1 if acts.ndim == 0 else self.made.row(acts)
            drive = Drive(stimulus, f"population.{population + 1}.stimulus.{j}")
            self.drives.append(drive)
            if stimulus.spatial or self.tabled:
                drive.field = self.made.table()
                self.made.op(kinds.ADD_FIELD, rate, drive.field, mask)
            else:
                drive.waveform = self.made.waveform()
                self.made.op(kinds.ADD, rate, drive.waveform, mask)
            if isinstance(stimulus, White):
                self._noise(population, rate, stimulus, drive, mask)

    def _lone_noise(self, population: int, rate: int, stimulus: Stimulus) -> bool:
        """Emit mean and noise in one operation, if a White alone acts on all nodes alike."""
        if not isinstance(stimulus, White) or stimulus.spatial or stimulus.node or self.tabled:
            return False
        sigma = self._sigma(population, stimulus)
        drive = Drive(stimulus, f"population.{population + 1}.stimulus.1", self.made.waveform())
        self.drives.append(drive)
        z = self._deviates(stimulus, drive)
        self.made.op(kinds.NOISY, rate, z, drive.waveform, drive.window, coefs=(sigma,))
        return True

    def _deviates(self, stimulus: White, drive: Drive) -> int:
        """Emit the drawing of a stimulus's deviates; return their ring."""
        drive.window = self.made.waveform()
        stream = len([d for d in self.drives if d.window >= 0]) - 1
        z = self.made.ring(f"noise.{stream + 1}", 0.0, 2)
        if self.rng == "nftsim":
            drive.table = self.made.table()
            self.made.op(kinds.TAKE, z, drive.table)
        else:
            self.made.op(kinds.DRAW_COHERENT if stimulus.coherent else kinds.DRAW, z, stream)
        return z

    def _noise(self, population: int, rate: int, stimulus: White, drive: Drive, mask: int) -> None:
        z = self._deviates(stimulus, drive)
        sigma = self._sigma(population, stimulus)
        self.made.op(kinds.ADD_NOISE, rate, z, drive.window, mask, coefs=(sigma,))

    def _sigma(self, population: int, stimulus: White) -> Array:
        """Return σ; NFTsim takes a rectangle's spacing as Length/√Nodes."""
        setting = self.model.setting(population, compat=self.compat)
        if not self.compat:
            return stimulus.deviation(setting)
        spacing = self.model.populations[population].length / np.sqrt(setting.nodes)
        return stimulus.deviation(replace(setting, spacing=spacing), sheet=stimulus.coherent)

    def _acts(self, nodes: tuple[int, ...]) -> Array:
        """Return how often each node (from 1) is listed, shape (node,); 1 if none is."""
        if not nodes:
            return np.ones(())
        acts = np.zeros(self.model.nodes)
        np.add.at(acts, np.array(nodes) - 1, 1.0)  # a node listed twice is driven twice
        return acts
