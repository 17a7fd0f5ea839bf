"""Does a measured spectrum agree with theory? Ratios per band, standard errors, a verdict.

The rule, for each band:

1. Each block of segments gives one ratio: the mean over the band's frequency bins of measured over
   expected power. `ratio` is their mean, weighted by segments; `sem` its standard error from the
   scatter of the blocks, s/√n, whatever the cause of the scatter. Blocks are few, and by chance may
   scatter too little: where the known distribution of the estimate gives more, `chance`, that
   counts in place of `sem` in what follows.
2. `n_eff` is the effective number of blocks, (Σw)²/Σw². With fewer than 8 the standard error is
   itself too uncertain (27% at 8), and the band is **insufficient**; so it is when `sem` exceeds
   the band's limit.
3. Otherwise it **disagrees** if abs(ratio − 1) > tolerance + 2 sem. A band that is right on the
   edge of the tolerance is then wrongly called with a probability of 4.3% at 8 blocks (Student's t,
   one side), 2.7% at 30 and 2.3% in the limit; one at ratio 1 practically never.
4. Otherwise it **agrees**.

There is **none** of these, but a reason, where theory has nothing to compare with: at a fixed point
that is saturated, or where it predicts less than rounding (`analysis.comparable`).

Overall: *disagree* if any band disagrees; else *insufficient* if any band within the required
range (2–45 Hz) is; else *agree*. The band 1–2 Hz is reported, but has few bins, and a limit of
its own.

The expected power is the theory seen through the same Welch estimator (`analysis.welch`). That of
the steps of the simulation, exactly, leaves nonlinearity and chance as causes of a deviation; other
treatments show beside it what the steps change (`BandResult.scheme`). Whether chance suffices is
said by scores at each frequency, and by a test of all of them (`analysis.significance`).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from analysis.comparison import (
    BandResult,
    Comparison,
    Scores,
    Verdict,
    read_comparison,
    write_comparison,
)
from analysis.significance import Significance, estimate_correlation, significance
from analysis.spectrum import Spectrum
from analysis.welch import expected_welch
from nftsim.errors import NftsimError

if TYPE_CHECKING:
    from analysis.predicted import Prediction

__all__ = [
    "BANDS",
    "BandResult",
    "Comparison",
    "compare",
    "judge",
    "read_comparison",
    "write_comparison",
]

#: Frequency bands [Hz].
BANDS = ((1, 2), (2, 5), (5, 8), (8, 12), (12, 20), (20, 30), (30, 45))
#: Largest standard error of a band's ratio, by the frequency [Hz] from which it holds.
MAX_SEM: Mapping[float, float] = {0: 0.06, 2: 0.03, 5: 0.015}
#: Fewer segments than this have no known distribution that is near normal.
MIN_SEGMENTS = 4
#: Range [Hz] of the root-mean-square error.
RMSE_RANGE = (0.1, 45.0)


def compare(
    spectrum: Spectrum,
    frequency: ArrayLike,
    theory: ArrayLike,
    *,
    others: Mapping[str, ArrayLike] | None = None,
    modes: ArrayLike | None = None,
    bands: Sequence[Sequence[float]] = BANDS,
    tolerance: float = 0.03,
    max_sem: Mapping[Any, float] = MAX_SEM,
    min_blocks: float = 8,
    required: tuple[float, float] = (2.0, 45.0),
) -> Comparison:
    """Compare a measured spectrum with theory by the rule of this module.

    Parameters
    ----------
    spectrum
        Measured, with its blocks.
    frequency
        Where the theory is given [Hz], strictly increasing, over the compared range at least; best
        finer than the spectrum's resolution.
    theory
        One-sided power spectral density there, positive, in the unit of the spectrum.
    others
        Other treatments at the same frequencies, ``continuous`` and ``grid``.
    modes
        Effective number of independent modes there (see `analysis.prediction.effective_modes`),
        without which there are no scores.
    bands
        Pairs (f_lo, f_hi) [Hz].
    tolerance
        Systematic deviation of the ratio from 1 that still counts as agreement.
    max_sem
        Largest standard error by the frequency [Hz] from which it holds; a band follows the
        highest such frequency that is not above its f_lo.
    min_blocks
        Fewest effective blocks for a standard error to be believed.
    required
        Range [Hz] whose bands must be sufficient for the overall verdict to be.

    Returns
    -------
    Comparison

    Raises
    ------
    NftsimError
        If the theory is not a positive spectrum, or does not cover the measured bins.
    """
    given, values = np.asarray(frequency, float), np.asarray(theory, float)
    limits = sorted((float(start), float(limit)) for start, limit in max_sem.items())
    top = max(RMSE_RANGE[1], *(hi for _, hi in bands))
    bins = (spectrum.frequency >= RMSE_RANGE[0]) & (spectrum.frequency < top)
    at = spectrum.frequency[bins]
    _check_theory(given, values, at)
    expected = expected_welch(
        at, given, values, segment=spectrum.segment, interval=spectrum.interval
    )
    relative = spectrum.blocks[:, bins] / expected
    changes = {
        name: expected
        / expected_welch(at, given, power, segment=spectrum.segment, interval=spectrum.interval)
        - 1
        for name, power in (others or {}).items()
    }
    found = _significance(spectrum, bins, expected, given, modes, bands)
    results = []
    for f_lo, f_hi in bands:
        inside = (at >= f_lo) & (at < f_hi)
        ratio, sem, n_eff = _mean_and_error(relative[:, inside], spectrum.segments)
        limit = next((value for start, value in reversed(limits) if start <= f_lo), math.inf)
        chance = found.excess(f_lo, f_hi)[1] if found else math.nan
        error = max(sem, chance) if math.isfinite(chance) else sem
        sufficient = n_eff >= min_blocks and error <= limit
        verdict: Verdict = "insufficient"
        if sufficient:
            verdict = "disagree" if abs(ratio - 1) > tolerance + 2 * error else "agree"
        name = f"{f_lo:g}-{f_hi:g} Hz"
        results.append(
            BandResult(
                name,
                float(f_lo),
                float(f_hi),
                ratio,
                sem,
                n_eff,
                verdict,
                scheme=_mean(changes.get("continuous"), inside),
                grid=_mean(changes.get("grid"), inside),
                excess=ratio - 1,
                chance=chance,
            )
        )

    near = at <= RMSE_RANGE[1]
    difference = (spectrum.power[bins] - expected)[near]
    enough = near.any() and len(spectrum.blocks) > 0
    return Comparison(
        bands=tuple(results),
        verdict=_overall(results, required),
        rmse=_root_mean_square(difference) if enough else math.nan,
        rmse_relative=_root_mean_square(difference / expected[near]) if enough else math.nan,
        meta={
            **spectrum.meta,
            "tolerance": tolerance,
            "max_sem": {f"{start:g}": limit for start, limit in limits},
            "min_blocks": min_blocks,
            "blocks": len(spectrum.blocks),
            "segments": int(spectrum.segments.sum()),
            "segment": spectrum.segment,
        },
        scores=_scores(found) if found else None,
    )


def judge(spectrum: Spectrum, prediction: Prediction, **criteria: Any) -> Comparison:
    """Compare a measured spectrum with all that theory predicts of it.

    Parameters
    ----------
    spectrum
        Measured.
    prediction
        From `analysis.prediction.predict`; the treatment ``scheme`` is what must agree.
    **criteria
        As of `compare`.
    """
    if prediction.reason:
        return _none(spectrum, prediction.reason, criteria.get("bands", BANDS))
    others = {k: v for k, v in prediction.curves.items() if k != "scheme"}
    return compare(
        spectrum,
        prediction.frequency,
        prediction.curves["scheme"],
        others=others,
        modes=prediction.modes,
        **criteria,
    )


def _none(spectrum: Spectrum, reason: str, bands: Sequence[Sequence[float]]) -> Comparison:
    """Return that there is nothing to compare with, and why."""
    nan = math.nan
    results = tuple(
        BandResult(f"{lo:g}-{hi:g} Hz", float(lo), float(hi), nan, nan, 0.0, "none")
        for lo, hi in bands
    )
    amount = {
        "blocks": len(spectrum.blocks),
        "segments": int(spectrum.segments.sum()),
        "segment": spectrum.segment,
    }
    return Comparison(results, "none", nan, nan, {**spectrum.meta, **amount}, reason=reason)


def _check_theory(frequency: NDArray[Any], theory: NDArray[Any], at: NDArray[Any]) -> None:
    if frequency.ndim != 1 or frequency.shape != theory.shape or frequency.size < 2:
        raise NftsimError(
            f"theory: {theory.shape} values at {frequency.shape} frequencies. "
            "Give two arrays of one length, at least 2."
        )
    if not (np.all(np.diff(frequency) > 0) and np.all(theory > 0) and np.all(np.isfinite(theory))):
        raise NftsimError(
            "theory: frequencies must increase strictly and power be positive and finite. "
            "Check that the fixed point is stable."
        )
    if at.size and (frequency[0] > at[0] or frequency[-1] < at[-1]):
        raise NftsimError(
            f"theory: given from {frequency[0]:g} to {frequency[-1]:g} Hz, but the measured "
            f"spectrum is compared from {at[0]:g} to {at[-1]:g} Hz. Compute it over that range."
        )


def _significance(
    spectrum: Spectrum,
    bins: NDArray[np.bool_],
    expected: NDArray[np.float64],
    frequency: NDArray[np.float64],
    modes: ArrayLike | None,
    bands: Sequence[Sequence[float]],
) -> Significance | None:
    """Return the scores over the range of the bands; None if their distribution is not known."""
    if modes is None or not np.all(np.isfinite(modes)) or spectrum.segments.sum() < MIN_SEGMENTS:
        return None
    mean = np.full(spectrum.frequency.size, np.nan)
    mean[bins] = expected
    independent = np.interp(spectrum.frequency, frequency, np.asarray(modes, float))
    lowest, highest = min(lo for lo, _ in bands), max(hi for _, hi in bands)
    return significance(spectrum, mean, independent, f_min=lowest, f_max=highest)


def _scores(found: Significance) -> Scores:
    return Scores(
        frequency=tuple(found.frequency.tolist()),
        z=tuple(found.z.tolist()),
        correlation=tuple(estimate_correlation()[1].tolist()),
        chi2=found.chi2,
        p=found.p,
        chi2_groups=found.chi2_groups,
        groups=found.groups,
        p_groups=found.p_groups,
        consistent=found.consistent,
    )


def _mean(values: NDArray[np.float64] | None, inside: NDArray[np.bool_]) -> float:
    return float(np.mean(values[inside])) if values is not None and inside.any() else math.nan


def _mean_and_error(
    relative: NDArray[np.float64], segments: NDArray[np.float64]
) -> tuple[float, float, float]:
    """Weighted mean over blocks of the mean over bins, its standard error, effective blocks."""
    if relative.size == 0:
        return math.nan, math.nan, 0.0
    weight = segments / segments.sum()
    ratios = relative.mean(axis=1)
    ratio = float(weight @ ratios)
    n_eff = float(1 / np.sum(weight**2))
    count = len(ratios)
    if count < 2:
        return ratio, math.nan, n_eff
    variance = count / (count - 1) * np.sum((weight * (ratios - ratio)) ** 2)
    return ratio, float(np.sqrt(variance)), n_eff


def _root_mean_square(values: NDArray[np.float64]) -> float:
    return float(np.sqrt(np.mean(values**2)))


def _overall(results: Sequence[BandResult], required: tuple[float, float]) -> Verdict:
    if any(band.verdict == "disagree" for band in results):
        return "disagree"
    within = [b for b in results if b.f_lo >= required[0] and b.f_hi <= required[1]]
    if not within or any(band.verdict == "insufficient" for band in within):
        return "insufficient"
    return "agree"
