"""The outcome of a comparison in words: what the steps, nonlinearity and chance did."""

from __future__ import annotations

import math
from collections.abc import Sequence

from analysis.comparison import LEVEL, BandResult, Comparison

#: Smallest probability that is told; rounding and the tails of the distribution make the rest.
LEAST_P = 1e-15
#: An excess of so many standard deviations of chance is worth a word.
NOTABLE = 3.0


def percent(value: float) -> str:
    """Return a share as a signed percentage with a true minus sign, ``+1.2%``."""
    return f"{100 * value:+.2g}%".replace("-", "\N{MINUS SIGN}")


def probability(p: float) -> str:
    """Return ``p = 0.41``, or ``p < 1e-15`` where it is hardly a number."""
    return f"p = {p:.2g}" if p >= LEAST_P else f"p < {LEAST_P:g}"


def conducted(k0: float | None) -> str:
    """Return what volume conduction a spectrum is seen through, in words."""
    return f"volume conduction with k0 = {k0:g} m⁻¹" if k0 else "no volume conduction"


def without_events(events: Sequence[str]) -> str:
    """Return a sentence on what theory leaves out; nothing if that is nothing."""
    if not events:
        return ""
    return f"theory is of the noise alone: {' and '.join(events)}, which the run has, is left out"


def significant(comparison: Comparison) -> list[BandResult]:
    """Return the bands whose excess chance does not explain, the largest first."""
    found = [b for b in comparison.bands if abs(b.excess) > NOTABLE * b.chance]
    return sorted(found, key=lambda b: -abs(b.excess) / b.chance)


def in_words(comparison: Comparison) -> str:
    """Return sentences on the three causes of a deviation, and the verdict.

    Parameters
    ----------
    comparison
        From `analysis.agreement.judge`.

    Returns
    -------
    str
    """
    if comparison.verdict == "none":
        return f"No verdict: {comparison.reason}."
    return f"{causes(comparison)} Verdict: {comparison.verdict}."


def causes(comparison: Comparison) -> str:
    """Return the sentences of `in_words` on the three causes."""
    return " ".join([_scheme(comparison), _nonlinearity(comparison), _statistics(comparison)])


def _scheme(comparison: Comparison) -> str:
    known = [b for b in comparison.bands if math.isfinite(b.scheme)]
    if not known:
        return "Scheme: unknown."
    worst = max(known, key=lambda b: abs(b.scheme))
    where, of_time = f"{worst.band}", percent(worst.grid)
    return (
        f"Scheme: the steps change power by up to {percent(worst.scheme)} ({where}) against the "
        f"equations, of which {of_time} are due to time and the rest to the grid."
    )


def _nonlinearity(comparison: Comparison) -> str:
    if comparison.scores is None:
        return "Nonlinearity: not told from chance."
    notable = significant(comparison)
    if not notable:
        known = [b.chance for b in comparison.bands if math.isfinite(b.chance)]
        best = f", to within {percent(2 * min(known)).lstrip('+')} at best" if known else ""
        return f"Nonlinearity: none is seen in any band{best}."
    parts = [f"{percent(b.excess)} ± {100 * b.chance:.2g}% ({b.band})" for b in notable[:3]]
    return f"Nonlinearity: power beyond chance of {', '.join(parts)}."


def _statistic(value: float) -> str:
    return f"{value:.0f}" if value >= 100 else f"{value:.3g}"


def _statistics(comparison: Comparison) -> str:
    scores = comparison.scores
    if scores is None:
        return (
            "Statistics: the scatter of this estimate is not known (too few segments, or noise "
            "that differs from node to node)."
        )
    outcome = "may explain" if scores.consistent else "does not explain"
    level = "neither p is" if scores.consistent else "a p is"
    return (
        f"Statistics: chance {outcome} the deviations (χ² = {_statistic(scores.chi2)} of "
        f"{len(scores.z)} frequencies, {probability(scores.p)}; {_statistic(scores.chi2_groups)} "
        f"of {scores.groups} groups of frequencies, {probability(scores.p_groups)}; {level} below "
        f"{LEVEL:g})."
    )
