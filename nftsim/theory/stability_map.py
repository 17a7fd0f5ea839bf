"""Fixed points and their stability over two parameters."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from nftsim.errors import NftsimError
from nftsim.model import Model
from nftsim.notices import quiet
from nftsim.theory.equations import Array
from nftsim.theory.family import Family, Progress, changed, same_path
from nftsim.theory.fixed_points import all_roots
from nftsim.theory.spread import Spread

log = logging.getLogger(__name__)

Counts = NDArray[np.intp]


@dataclass(frozen=True)
class StabilityMap:
    """How many fixed points a model has, and how many of them are stable.

    Attributes
    ----------
    parameters
        Dotted paths of the two.
    present
        Their values in the model itself; None of one that has several.
    x, y
        Their values, shapes (nx,) and (ny,).
    fixed_points
        How many there are, shape (ny, nx).
    stable
        How many of them are stable, against all modes of the grid; −1 where that is not known.
    lowest_stable
        Whether the lowest is, 1 or 0; −1 where that is not known.
    complete
        Whether these are certainly all fixed points, shape (ny, nx).
    """

    parameters: tuple[str, str]
    present: tuple[float | None, float | None]
    x: Array
    y: Array
    fixed_points: Counts
    stable: Counts
    lowest_stable: Counts
    complete: NDArray[np.bool_]

    def to_dict(self) -> dict[str, Any]:
        """Return plain lists, for JSON; unknown numbers are null."""
        return {
            "parameters": list(self.parameters),
            "present": list(self.present),
            "x": self.x.tolist(),
            "y": self.y.tolist(),
            "fixed_points": self.fixed_points.tolist(),
            "stable": _known(self.stable),
            "lowest_stable": _known(self.lowest_stable),
            "complete": self.complete.tolist(),
        }

    def to_frame(self) -> pd.DataFrame:
        """Return a table with a row for each pair of values."""
        x, y = np.meshgrid(self.x, self.y)
        columns = {
            "x": x,
            "y": y,
            "fixed_points": self.fixed_points,
            "stable": self.stable,
            "lowest_stable": self.lowest_stable,
            "complete": self.complete,
        }
        return pd.DataFrame({name: values.ravel() for name, values in columns.items()})


def _known(counts: Counts) -> list[list[int | None]]:
    return [[None if n < 0 else int(n) for n in row] for row in counts]


def stability_map(
    model: Model,
    parameters: tuple[str, str],
    x: ArrayLike,
    y: ArrayLike,
    *,
    progress: Progress = lambda _: None,
) -> StabilityMap:
    """Find all fixed points, and judge them, at all pairs of two values.

    Parameters
    ----------
    model
        As for `nftsim.theory.fixed_points.steady_states`.
    parameters
        Two dotted paths (or each several with commas between, which take one value).
    x, y
        Values of the first and of the second, growing, shapes (nx,) and (ny,), two or more each.
    progress
        Told how much is done.

    Raises
    ------
    NftsimError
        If a parameter names nothing that moves a fixed point, or both name the same; if the model
        has no uniform fixed points.
    """
    if not model.neural:
        raise NftsimError(f"{model.name}: only inputs, so there are no fixed points to map")
    across, up = (np.asarray(values, dtype=float) for values in (x, y))
    for values, name in zip((across, up), parameters, strict=True):
        if values.ndim != 1 or len(values) < 2 or not (np.diff(values) > 0).all():
            raise NftsimError(f"{name}: give two or more values, growing")
    first, second = (
        {same_path(path) for path in name.split(",") if path.strip()} for name in parameters
    )
    if both := first & second:
        raise NftsimError(f"{min(both)} is along x and y; give two different parameters")
    # what the paths may be
    rows = Family(model, parameters[1], float(up[0]), float(up[-1]))
    shape = len(up), len(across)
    found, stable, lowest = (np.zeros(shape, dtype=np.intp) for _ in range(3))
    complete = np.zeros(shape, dtype=bool)
    unknown = ""
    for j, row in enumerate(up):
        with quiet("nftsim.theory"):
            base = changed(model, rows.changes(float(row)))
            family = Family(base, parameters[0], float(across[0]), float(across[-1]))
            spread = Spread(family)
            for i, value in enumerate(across):
                progress((j * len(across) + i) / found.size)
                cell = _judged(family, spread, float(value))
                found[j, i], stable[j, i], lowest[j, i], complete[j, i] = cell
        unknown = unknown or spread.unknown
    own = Family(model, parameters[0], float(across[0]), float(across[-1])).present, rows.present
    if unknown:
        log.warning("the stability on the map is not known: %s", unknown)
    return StabilityMap(parameters, own, across, up, found, stable, lowest, complete)


def _judged(family: Family, spread: Spread, value: float) -> tuple[int, int, int, bool]:
    try:
        found = all_roots(family.equations(value))
    except np.linalg.LinAlgError:  # no fixed point, or a line of them
        return 0, 0, -1, False
    roots = sorted(found.roots, key=lambda r: tuple(np.round(r.rates, 9)))
    counts = [spread.counts(value, r.voltages) for r in roots]
    verdicts = [-1 if c is None else int(not c.any()) for c in counts]
    stable = -1 if -1 in verdicts else sum(verdicts)
    return len(roots), stable, verdicts[0] if verdicts else -1, found.complete
