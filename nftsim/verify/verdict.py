"""The verdict on a run that was run again, and what it may differ by."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from nftsim.engine.job import Job
from nftsim.io.hdf5 import RunFile
from nftsim.verify.differences import Compared, Difference, Place

#: Largest difference, relative to the largest magnitude of a trace, that rounding may make in a
#: second on another CPU or with other packages; with samples in single precision, that of these.
TOLERANCE, SINGLE = 1e-9, 2.0**-23
#: What makes the bits: attribute → what it is, in words.
MAKERS = {
    "source_digest": "sources of nftsim",
    "kernels": "machine code (its sources, its compiler, the CPU)",
    "packages": "packages",
    "python": "Python",
}


@dataclass(frozen=True)
class Verdict:
    """What came of running a run again.

    Attributes
    ----------
    file
        The run.
    agrees
        Whether it is as it should be: `exact`, or within `tolerance`.
    identical
        Whether it is the same, bit for bit.
    exact
        Whether it has to be: the same sources, packages and machine code made it.
    tolerance
        Largest relative difference that is allowed; 0 where it has to be exact.
    changed
        What is not as it was: name → as recorded, and now.
    first, last
        Times of the first and the last row that was compared [s].
    start
        Time that the run started at [s].
    rows, values
        How many were compared; with `whole` also the numbers of the end state.
    rows_filed
        How many rows the file has.
    whole
        Whether all of the run was compared, with its end state.
    traces
        What was compared: name → largest relative difference.
    differing
        How many values differ.
    earliest, largest
        The first difference in time, and the largest relative to its trace; None without any.
    """

    file: str
    agrees: bool
    identical: bool
    exact: bool
    tolerance: float
    changed: dict[str, tuple[str, str]]
    start: float
    first: float
    last: float
    rows: int
    rows_filed: int
    values: int
    whole: bool
    traces: dict[str, float]
    differing: int
    earliest: Difference | None = None
    largest: Difference | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return plain data, for JSON."""
        return asdict(self)

    def lines(self) -> Iterator[str]:
        """Yield the verdict in words."""
        if self.identical:
            word = "agrees, bit for bit"
        elif self.agrees:
            word = f"agrees within rounding, to {max(self.traces.values()):.2g} (bound "
            word += f"{self.tolerance:g} of a trace's largest magnitude)"
        else:
            word = "differs"
        yield f"{self.file}: {word}"
        every = self.rows == self.rows_filed
        rows = "all" if every else f"the first {self.rows} of"
        what = [*self.traces, *(["the end state"] if self.whole else [])] or ["times alone"]
        yield (
            f"  run again from t = {self.start:g} s; compared {rows} {self.rows_filed} rows, "
            f"t = {self.first:g} s to {self.last:g} s, of {', '.join(what)}: "
            f"{self.values} values"
        )
        if not self.whole:
            rest = "the end state" if every else "the rest and the end state"
            yield f"  not compared: {rest}, which --whole compares, too"
        for name, (then, now) in self.changed.items():
            yield f"  {MAKERS[name]}: {then or 'not recorded'} then, {now} now"
        if self.changed:
            yield f"  so values may differ in rounding, by up to {self.tolerance:g}"
        else:
            yield "  sources, packages and machine code are those that made it: same bits expected"
        if self.earliest is not None and not self.agrees:
            yield f"  {self.differing} values differ; the first: {self.earliest}"
            if self.largest != self.earliest:
                yield f"  the largest: {self.largest}"


def verdict(
    file: RunFile,
    job: Job,
    changed: dict[str, tuple[str, str]],
    traces: list[Compared],
    compared: list[Compared],
    *,
    whole: bool,
) -> Verdict:
    """Return the verdict on what was compared: the times first, then `traces`, then the rest."""
    single = any(file.dataset(c.name).dtype.itemsize == 4 for c in traces[1:])
    tolerance = 0.0 if not changed else SINGLE if single else TOLERANCE
    differing = sum(c.differing for c in compared)
    agrees = not differing or bool(changed and all(c.relative <= tolerance for c in compared))
    differ = [c for c in compared if c.earliest is not None and c.largest is not None]
    firsts = sorted(differ, key=lambda c: _when(c.earliest))
    tops = sorted(differ, key=lambda c: -c.relative)
    rows = traces[0].values
    return Verdict(
        str(file.path),
        agrees,
        not differing,
        not changed,
        tolerance,
        changed,
        job.origin,
        float(file.time[0]),
        float(file.time[rows - 1]),
        rows,
        len(file.time),
        sum(c.values for c in compared[1:]),
        whole,
        {c.name: c.relative for c in traces[1:]},
        differing,
        firsts[0].difference(firsts[0].earliest) if firsts and firsts[0].earliest else None,
        tops[0].difference(tops[0].largest) if tops and tops[0].largest else None,
    )


def _when(found: Place | None) -> float:
    return math.inf if found is None or found[0] is None else found[0]
