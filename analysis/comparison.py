"""The outcome of a comparison of measured and expected power, and its files."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from analysis.files import atomic
from nftsim.errors import NftsimError
from nftsim.origin import KEY

if TYPE_CHECKING:
    import pandas as pd

#: Below this the hypothesis that only chance is at work is given up.
LEVEL = 1e-3
#: ``none``: theory has nothing to compare with.
Verdict = Literal["agree", "disagree", "insufficient", "none"]


@dataclass(frozen=True)
class BandResult:
    """Agreement in one band.

    Attributes
    ----------
    band
        Name, such as ``2-5 Hz``.
    f_lo, f_hi
        Bins with f_lo ≤ f < f_hi belong to it [Hz].
    ratio, sem
        Measured over expected power, and its standard error; nan if unknown.
    n_eff
        Effective number of independent blocks behind `sem`.
    verdict
        By the rule of `analysis.agreement`.
    scheme
        What the steps of the simulation do to power: scheme-exact theory over that of the
        equations, −1; nan if there is no such theory.
    grid
        The part of it that the grid leaves to time: scheme-exact theory over that on the grid, −1.
    excess
        What is left, ratio − 1: nonlinearity, and chance.
    chance
        Standard deviation of the excess if only chance is at work, by the known distribution of the
        estimate; nan if unknown.
    """

    band: str
    f_lo: float
    f_hi: float
    ratio: float
    sem: float
    n_eff: float
    verdict: Verdict
    scheme: float = math.nan
    grid: float = math.nan
    excess: float = math.nan
    chance: float = math.nan


@dataclass(frozen=True)
class Scores:
    """Deviation of a spectrum from theory in units of chance (see `analysis.significance`).

    Attributes
    ----------
    frequency, z
        Frequencies [Hz], and a score with variance 1 at each.
    correlation
        Of neighbouring scores, 0, 1, … bins apart.
    chi2, p
        Of all scores, decorrelated, and the probability that chance makes a larger one.
    chi2_groups, groups, p_groups
        The same of averages over neighbouring frequencies, and their number.
    consistent
        Whether chance may explain the deviation: neither p is below `LEVEL`.
    """

    frequency: tuple[float, ...]
    z: tuple[float, ...]
    correlation: tuple[float, ...]
    chi2: float
    p: float
    chi2_groups: float
    groups: int
    p_groups: float
    consistent: bool


@dataclass(frozen=True)
class Comparison:
    """Agreement of a spectrum with theory.

    Attributes
    ----------
    bands
        One result per band.
    verdict
        The overall verdict.
    rmse
        Root-mean-square difference over 0.1–45 Hz, in the unit of the spectrum.
    rmse_relative
        The same of measured/expected − 1.
    meta
        Tolerance, limits, amount of data, warnings.
    scores
        Whether chance may explain the deviation; None if its distribution is not known.
    reason
        Why there is nothing to compare with, if the verdict is ``none``.
    """

    bands: tuple[BandResult, ...]
    verdict: Verdict
    rmse: float
    rmse_relative: float
    meta: dict[str, Any] = field(default_factory=dict)
    scores: Scores | None = None
    reason: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Return plain types for JSON; unknown numbers are None."""
        return _plain(asdict(self))

    def to_frame(self) -> pd.DataFrame:
        """Return the bands as a table, with the attributes of `BandResult` as columns."""
        import pandas as pd

        return pd.DataFrame([asdict(band) for band in self.bands])


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def write_comparison(
    comparison: Comparison,
    json_path: str | Path,
    csv_path: str | Path,
    made: Mapping[str, Any] | None = None,
) -> None:
    """Write a comparison as JSON and its bands as CSV, each atomically.

    Parameters
    ----------
    comparison
        What to write.
    json_path, csv_path
        Files to write.
    made
        Where it comes from (see `analysis.provenance.made`), which the JSON says.
    """
    content = comparison.to_dict() | ({} if made is None else {KEY: made})
    with atomic(json_path) as part:
        part.write_text(json.dumps(content, indent=2, allow_nan=False) + "\n")
    with atomic(csv_path) as part:
        comparison.to_frame().to_csv(part, index=False)


def read_comparison(json_path: str | Path) -> Comparison:
    """Read the JSON that `write_comparison` wrote.

    Parameters
    ----------
    json_path
        File to read.

    Returns
    -------
    Comparison

    Raises
    ------
    NftsimError
        If the file is absent or is not a comparison.
    """
    try:
        stored = json.loads(Path(json_path).read_text())
        stored.pop(KEY, None)
        bands = tuple(BandResult(**_known(band)) for band in stored.pop("bands"))
        scores = stored.pop("scores")
        lists = {k: tuple(v) if isinstance(v, list) else v for k, v in (scores or {}).items()}
        known = Scores(**_known(lists)) if scores else None
        return Comparison(bands=bands, scores=known, **_known(stored))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise NftsimError(
            f"{json_path}: cannot be read as a comparison ({error}); delete it and make it again."
        ) from error


def _known(stored: dict[str, Any]) -> dict[str, Any]:
    """Undo `_plain` for numbers that were unknown."""
    return {key: math.nan if value is None else value for key, value in stored.items()}
