"""The verdict of a comparison in one line."""

from __future__ import annotations

from analysis.agreement import Comparison
from analysis.wording import probability

#: Bands named in the line.
NAMED = 3


def in_short(comparison: Comparison) -> str:
    """Return the verdict with the first bands that have it, and what chance makes of it all.

    For example ``agree (2-5 Hz 1.01 ± 0.02); chance may explain the rest, p = 0.3``.
    """
    if comparison.verdict == "none":
        return f"no verdict: {comparison.reason}"
    bands = [band for band in comparison.bands if band.verdict == comparison.verdict]
    texts = [f"{band.band} {band.ratio:.3g} ± {band.sem:.2g}" for band in bands[:NAMED]]
    texts += ["…"] if len(bands) > NAMED else []
    line = f"{comparison.verdict} ({', '.join(texts)})" if texts else comparison.verdict
    scores = comparison.scores
    if scores is None:
        return line
    outcome = "may explain the rest" if scores.consistent else "does not explain the rest"
    return f"{line}; chance {outcome}, {probability(min(scores.p, scores.p_groups))}"
