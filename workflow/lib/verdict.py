"""The verdict of a comparison in one line."""

from __future__ import annotations

from analysis.agreement import Comparison

#: Bands named in the line.
NAMED = 3


def in_short(comparison: Comparison) -> str:
    """Return the verdict with the first bands that have it, e.g. ``agree (2-5 Hz 1.01 ± 0.02)``."""
    bands = [band for band in comparison.bands if band.verdict == comparison.verdict]
    texts = [f"{band.band} {band.ratio:.3g} ± {band.sem:.2g}" for band in bands[:NAMED]]
    texts += ["…"] if len(bands) > NAMED else []
    return f"{comparison.verdict} ({', '.join(texts)})" if texts else comparison.verdict
