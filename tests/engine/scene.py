"""Where random components are drawn for: the draw of hypothesis, the sheet, the run."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from hypothesis import strategies as st

from nftsim.components.base import NodeValue, Setting


def numbers(low: float, high: float) -> st.SearchStrategy[float]:
    """Numbers of six digits, on an even grid: floats would depend on which modules are loaded."""
    grid = 10**6
    return st.integers(0, grid).map(lambda k: float(f"{low + (high - low) * k / grid:.6g}"))


@dataclass(frozen=True)
class Scene:
    """Where a component is drawn for: the draw of hypothesis, the sheet, the run.

    Attributes
    ----------
    draw
        The draw.
    setting
        Of the sheet that the component lives on.
    steady
        Whether nothing may depend on the time since the start.
    """

    draw: Any
    setting: Setting
    steady: bool

    @property
    def dt(self) -> float:
        """Δt."""
        return self.setting.deltat

    @property
    def steps(self) -> int:
        """Length of the run."""
        return round(self.setting.time / self.dt)

    def number(self, low: float, high: float) -> float:
        """Draw a number."""
        return float(self.draw(numbers(low, high)))

    def integer(self, low: int, high: int) -> int:
        """Draw a whole number."""
        return int(self.draw(st.integers(low, high)))

    def yes(self) -> bool:
        """Toss a coin."""
        return bool(self.draw(st.booleans()))

    def rarely(self) -> bool:
        """Toss a coin that shows one side in four."""
        return bool(self.draw(st.sampled_from([False, False, False, True])))

    def each(self, low: float, high: float, unit: float = 1.0) -> NodeValue:
        """Draw one number or one per node, in a unit."""
        if self.yes():
            return self.number(low, high) * unit
        return tuple(v * unit for v in self.many(self.setting.nodes, low, high))

    def many(self, count: int, low: float, high: float) -> tuple[float, ...]:
        """Draw many numbers of six digits; by a seed, as hypothesis is slow at thousands."""
        values = self.random().uniform(low, high, count)
        return tuple(float(f"{v:.6g}") for v in values)

    def random(self) -> np.random.Generator:
        """Draw a generator."""
        return np.random.default_rng(self.integer(0, 2**32))

    def moments(self, count: int) -> list[float]:
        """Draw growing times within the run, whole and broken numbers of steps."""
        places = st.integers(1, 2 * self.steps).map(lambda n: n / 2 * self.dt)
        return sorted(self.draw(st.lists(places, min_size=count, max_size=count, unique=True)))

    def window(self) -> dict[str, Any]:
        """Draw when and where a stimulus acts."""
        nodes = st.lists(st.integers(1, self.setting.nodes), max_size=3)
        found: dict[str, Any] = {"node": tuple(self.draw(nodes))}
        if not self.steady:
            found["onset"] = self.integer(-20, 60) * self.dt
            if self.yes():
                found["duration"] = self.integer(0, 60) * self.dt
        return found


def on_sheet(s: Scene, spacing: float) -> Scene:
    """Return the scene on a sheet of another spacing."""
    return replace(s, setting=replace(s.setting, spacing=spacing))
