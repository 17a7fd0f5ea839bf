"""The plan of a run: a model as plain arrays, which the kernels read."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nftsim.components.base import Component, Setting
from nftsim.components.stimuli import Stimulus
from nftsim.engine.merge import Axon
from nftsim.model.model import Model

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]

#: Bytes of fields that are stepped together: about what the second-level cache of a core holds.
BLOCK_BYTES = 512 * 1024


@dataclass(frozen=True)
class Source:
    """Where a field is to be read: a ring, and how many steps back."""

    ring: int
    delay: int = 0


@dataclass
class Drive:
    """One stimulus of the plan: its rows in the tables, and its noise.

    Attributes
    ----------
    stimulus, place
        The declaration, and its dotted path in the model.
    waveform, field
        Row of its deterministic rate in the table of numbers per step, or its table of values per
        step and node (−1: the other one).
    window, table
        Row of the window of its noise, and its table of NFTsim's deviates (−1: none).
    """

    stimulus: Stimulus
    place: str
    waveform: int = -1
    field: int = -1
    window: int = -1
    table: int = -1


@dataclass(frozen=True)
class Timed:
    """A component whose step reads numbers that change in time, and the first of their rows."""

    item: Component
    setting: Setting
    first: int


@dataclass
class Plan:
    """A model as arrays (see `nftsim.engine.kernels.program.advance` for their layout).

    `names` and `starts` say what each ring holds and with what it begins, `sizes` how many rows it
    takes; what is in `constants` no step changes. `sources` says where each quantity of the model
    is to be read; `columns`, per trace of the output, which of `traces` it is made of. What was
    merged stands in `classes` (of populations), `axons` (of connections) and `sums` (of dendrites).
    An ensemble's plan has the plans of its members in `parts` (see `nftsim.engine.ensemble`).
    `waveforms` and `tables` count the rows of both tables of stimuli.
    """

    model: Model
    compat: bool
    rng: str
    merged: bool
    classes: list[int]
    axons: list[Axon]
    sums: dict[str, tuple[int, ...]]
    sources: dict[tuple[str, int, str], Source]
    ops: Integers
    coefs: Floats
    rings: Integers
    sizes: list[int]
    names: list[str]
    starts: list[Floats]
    constants: frozenset[str]
    params: Floats
    delays: Integers
    drives: list[Drive]
    timed: list[Timed]
    waveforms: int
    tables: int
    traces: Integers
    columns: list[tuple[int, int]]
    start: int
    interval: int
    parts: tuple[Plan, ...] = ()

    @property
    def members(self) -> int:
        """Models that are stepped side by side."""
        return max(1, len(self.parts))

    @property
    def lanes(self) -> int:
        """Nodes of all members."""
        return self.members * self.model.nodes

    @property
    def rows(self) -> int:
        """Rows of the array of fields."""
        return sum(self.sizes)

    @property
    def stride(self) -> int:
        """Doubles from row to row: padded, as rows a power of two apart compete for cache."""
        nodes = -(-self.lanes // 8) * 8
        return nodes + 8 if nodes * 8 % 4096 == 0 else nodes

    @property
    def block(self) -> int:
        """Grid rows stepped together, so that what a step touches stays in cache."""
        ny, nx = self.model.shape
        touched = 8 * nx * max(len(self.ops), 1)
        return max(1, min(ny * self.members, BLOCK_BYTES // touched))

    @property
    def grid(self) -> Integers:
        """(ny, nx, members, and 1 if the first and the last line meet turned over)."""
        turned = int(self.model.topology == "Sphere")
        return np.array([*self.model.shape, self.members, turned], dtype=np.int64)

    @property
    def noises(self) -> list[Drive]:
        """The drives that are noise, in order of creation."""
        return [d for d in self.drives if d.window >= 0]

    def memory(self) -> int:
        """Return the bytes that the fields take: rows × nodes × 8."""
        return 8 * self.rows * self.stride
