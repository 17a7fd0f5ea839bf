"""The plan of a run: a model as plain arrays, which the kernels read."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nftsim.components.base import NodeValue
from nftsim.components.stimuli import Stimulus
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


@dataclass(frozen=True)
class Drive:
    """One stimulus of the plan: its rows in the table of waveforms, and its noise.

    Attributes
    ----------
    stimulus, place
        The declaration, and its dotted path in the model.
    waveform, window
        Row of its deterministic rate; row of the window of its noise (−1: none).
    sigma
        Standard deviation of its noise per node and step [s⁻¹].
    """

    stimulus: Stimulus
    place: str
    waveform: int
    window: int = -1
    sigma: float = 0.0


@dataclass
class Plan:
    """A model as arrays (see `nftsim.engine.kernels.program.advance` for their layout).

    `names` and `starts` say what each ring holds and with what it begins; `rates` and `potentials`
    hold, per population, the ring of Q_a and of V_a (−1: none).
    """

    model: Model
    compat: bool
    rng: str
    ops: Integers
    coefs: Floats
    rings: Integers
    names: list[str]
    starts: list[NodeValue]
    params: Floats
    delays: Integers
    drives: list[Drive]
    rates: list[int]
    potentials: list[int]
    traces: Integers
    start: int
    interval: int

    @property
    def rows(self) -> int:
        """Rows of the array of fields."""
        return int(self.rings[:, 1].sum())

    @property
    def stride(self) -> int:
        """Doubles from row to row: padded, as rows a power of two apart compete for cache."""
        nodes = -(-self.model.nodes // 8) * 8
        return nodes + 8 if nodes * 8 % 4096 == 0 else nodes

    @property
    def block(self) -> int:
        """Grid rows stepped together, so that what a step touches stays in cache."""
        ny, nx = self.model.shape
        touched = 8 * nx * len(self.ops)
        return max(1, min(ny, BLOCK_BYTES // touched))

    @property
    def grid(self) -> Integers:
        """(ny, nx, members)."""
        return np.array([*self.model.shape, 1], dtype=np.int64)

    @property
    def noises(self) -> list[Drive]:
        """The drives that are noise, in order of creation."""
        return [d for d in self.drives if d.window >= 0]

    def memory(self) -> int:
        """Return the bytes that the fields take: rows × nodes × 8."""
        return 8 * self.rows * self.stride
