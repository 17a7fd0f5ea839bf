"""Branches of fixed points as they are handed on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from nftsim.theory.equations import Array


@dataclass(frozen=True)
class Event:
    """Where something changes along a branch.

    Attributes
    ----------
    kind
        ``fold``: two branches meet and end; ``branch point``: branches cross; ``hopf``: a pair of
        roots crosses the imaginary axis; ``zero``: a real root of a mode with k > 0 does.
    value
        Of the parameter.
    rates
        Of all populations, shape (P,) [s⁻¹].
    k, frequency
        Wavenumber [m⁻¹] of the mode and frequency [Hz] of the root that crosses; None if unknown.
    decides
        Whether the state becomes stable or unstable here, by a root of its own.
    """

    kind: str
    value: float
    rates: Array
    k: float | None = None
    frequency: float | None = None
    decides: bool = False

    def to_dict(self) -> dict[str, Any]:
        """Return plain data, for JSON."""
        return {
            "kind": self.kind,
            "value": self.value,
            "Q": self.rates.tolist(),
            "k": self.k,
            "frequency": self.frequency,
            "decides": self.decides,
        }


@dataclass(frozen=True)
class StateBranch:
    """One branch, point by point.

    Attributes
    ----------
    values
        Of the parameter, shape (n,).
    rates, voltages
        Of the neural populations, shape (n, P) [s⁻¹] and [V].
    unstable
        Growing roots of all modes at each point, shape (n,); −1 where that is not known.
    closed
        Whether the last point is the first.
    events
        In the order of the points.
    """

    values: Array
    rates: Array
    voltages: Array
    unstable: NDArray[np.intp]
    closed: bool
    events: list[Event]

    def to_dict(self) -> dict[str, Any]:
        """Return plain lists, for JSON."""
        stable = [None if n < 0 else bool(n == 0) for n in self.unstable]
        return {
            "values": self.values.tolist(),
            "Q": self.rates.tolist(),
            "V": self.voltages.tolist(),
            "stable": stable,
            "unstable_roots": [None if n < 0 else int(n) for n in self.unstable],
            "closed": self.closed,
            "events": [e.to_dict() for e in self.events],
        }


@dataclass(frozen=True)
class Branches:
    """All branches in a range of a parameter.

    Attributes
    ----------
    parameter
        The dotted path, or paths.
    low, high
        The range.
    present
        Value in the model itself; None if it has several.
    populations
        Names of the neural populations.
    branches
        Those found.
    complete
        Whether at every sampled value the fixed points were certainly all, and each lies on a
        branch. A closed branch between two samples is not excluded.
    """

    parameter: str
    low: float
    high: float
    present: float | None
    populations: list[str]
    branches: list[StateBranch]
    complete: bool

    def to_dict(self) -> dict[str, Any]:
        """Return plain data, for JSON."""
        return {
            "parameter": self.parameter,
            "from": self.low,
            "to": self.high,
            "present": self.present,
            "populations": list(self.populations),
            "branches": [b.to_dict() for b in self.branches],
            "complete": self.complete,
        }

    def to_frame(self) -> pd.DataFrame:
        """Return a table with a row for each point of each branch."""
        parts = []
        for number, branch in enumerate(self.branches, start=1):
            columns: dict[str, Any] = {"branch": number, "parameter": branch.values}
            for name, q in zip(self._columns(), branch.rates.T, strict=True):
                columns[name] = q
            columns["unstable_roots"] = branch.unstable
            parts.append(pd.DataFrame(columns))
        names = ["branch", "parameter", *self._columns(), "unstable_roots"]
        return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=names)

    def _columns(self) -> list[str]:
        return [f"Q.{i}" for i in range(1, len(self.populations) + 1)]
