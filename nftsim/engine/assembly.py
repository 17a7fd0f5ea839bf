"""Putting a plan together: rings of fields, rows of parameters, operations, tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nftsim.components.base import Component, Setting
from nftsim.engine.kernels.kinds import CONSTANTS, ROWS, STEPS, WIDTH
from nftsim.engine.plan import Floats, Integers, Timed


@dataclass
class Assembly:
    """What a plan consists of, as it grows.

    Attributes
    ----------
    names, starts, rings, sizes
        Of every ring: its name, with what it begins, (base, length), and how many rows it takes.
    constants
        Names of rings that no step changes: they are only written.
    """

    nodes: int
    ops: list[list[int]] = field(default_factory=list)
    coefs: list[list[float]] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    starts: list[Floats] = field(default_factory=list)
    rings: list[list[int]] = field(default_factory=list)
    sizes: list[int] = field(default_factory=list)
    constants: set[str] = field(default_factory=set)
    params: list[Floats] = field(default_factory=list)
    delays: list[list[int]] = field(default_factory=list)
    timed: list[Timed] = field(default_factory=list)
    waveforms: int = 0
    tables: int = 0

    def ring(self, name: str, start: ArrayLike, length: int = 1, *, pairs: bool = False) -> int:
        """Make a ring that begins with one value, or one per node (and per pair of nodes)."""
        size = self.nodes if pairs else length
        self.rings.append([sum(self.sizes), length])
        self.sizes.append(size)
        self.names.append(name)
        self.starts.append(np.asarray(start, dtype=float))
        return len(self.rings) - 1

    def state(
        self, owner: str, step: str, starts: Mapping[str, ArrayLike], memory: int = 0
    ) -> dict[str, int]:
        """Make the rings of a step's state, named after what they hold; 0 unless said otherwise.

        The first of them, the result, is kept for `memory` steps at least.
        """
        first, *rest = STEPS[step].rings
        made = {}
        for r in (replace(first, length=max(first.length, memory)), *rest):
            start = starts.get(r.name, 0.0)
            made[r.name] = self.ring(f"{owner}.{r.name}", start, r.length, pairs=r.pairs)
        return made

    def constant(self, name: str, value: ArrayLike) -> int:
        """Make a ring that only the output reads."""
        self.constants.add(name)
        return self.ring(name, value)

    def row(self, values: ArrayLike) -> int:
        """Make a row of parameters, one per node."""
        self.params.append(np.broadcast_to(np.asarray(values, dtype=float), self.nodes).copy())
        return len(self.params) - 1

    def op(self, kind: int, *args: int, coefs: Sequence[ArrayLike] = ()) -> None:
        """Emit an operation; constants that vary over the nodes take rows, the others with them."""
        constants = [np.asarray(c, dtype=float) for c in coefs]
        first = -1
        if any(c.ndim for c in constants):
            first = len(self.params)
            for c in constants:
                self.row(c)
        numbers = [0.0 if c.ndim else float(c) for c in constants]
        self.ops.append([kind, *args, *[0] * (ROWS - 1 - len(args)), first])
        self.coefs.append([*numbers, *[0.0] * (CONSTANTS - len(numbers))])

    def waveform(self, rows: int = 1) -> int:
        """Take rows of the table of numbers per step; return the first."""
        self.waveforms += rows
        return self.waveforms - rows

    def table(self) -> int:
        """Take a table of values per step and node."""
        self.tables += 1
        return self.tables - 1

    def timeline(self, item: Component, setting: Setting) -> int:
        """Take the rows that a component fills with its own timeline; return the first."""
        first = self.waveform(item.rest(setting).size)
        self.timed.append(Timed(item, setting, first))
        return first

    def arrays(self) -> tuple[Integers, Floats, Integers, Floats, Integers]:
        """Return operations, constants, rings, parameters and delays as arrays."""
        params: NDArray[np.float64] = np.array(self.params, dtype=float).reshape(-1, self.nodes)
        return (
            np.array(self.ops, dtype=np.int64).reshape(-1, WIDTH),
            np.array(self.coefs, dtype=float).reshape(-1, CONSTANTS),
            np.array(self.rings, dtype=np.int64).reshape(-1, 2),
            params,
            np.array(self.delays, dtype=np.int64).reshape(-1, self.nodes),
        )
