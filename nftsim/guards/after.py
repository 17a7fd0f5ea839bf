"""What a run itself shows, once it is made: rates out of range, and a start that is still felt."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from nftsim.components.stimuli import Steady
from nftsim.guards.declare import Finding, all_of, guard
from nftsim.guards.watch import STRETCHES, Watch
from nftsim.model.model import Model, Trace
from nftsim.model.steps import start_steps

Array = NDArray[np.float64]
#: Largest rate of any neuron [s⁻¹]: after a spike it cannot fire for about a millisecond.
MOST = 1000.0
#: Rounding of a rate, relative to the largest one that the response can give.
ROUNDING = 1e-9
#: Share of the largest rate from which a whole sheet counts as saturated.
FULL = 0.9
#: Standard errors by which a start that is still felt differs from the rest.
LIMIT = 8.0
#: Least rows of a stretch.
ROWS = 4


def found_after(watch: Watch) -> list[Finding]:
    """Return what the guards find amiss with a run that has been made."""
    return all_of("after", watch)


@guard("rate", "all", "after")
def rate(watch: Watch) -> Iterator[tuple[str, str]]:
    """Find rates and fields that neurons cannot have, and sheets that fire as fast as they can.

    A sigmoid gives rates from 0 to Qmax, and so does a field of them, as waves spread without
    overshoot; polynomials have no bounds, and are held to `MOST`.
    """
    model = watch.model
    remedy = "use a smaller Deltat, or weaker couplings and stimuli"
    for trace in watch.traces:
        source = _source(model, trace)
        if source is None:
            continue
        low, high = _bounds(model, source)
        top, bottom = watch.high[str(trace)], watch.low[str(trace)]
        slack = ROUNDING * max(abs(high), 1.0)
        if top > high + slack:
            yield f"{trace} rises to {top:.4g} s⁻¹, above {_limit(model, source)}", remedy
        if bottom < low - slack:
            yield f"{trace} falls to {bottom:.4g} s⁻¹, below the least rate, {low:g} s⁻¹", remedy
    full = {}
    for source, (mean, largest) in watch.rates.items():
        low, high = _bounds(model, source)
        seen = Trace("pop", source + 1, "q") in watch.traces
        if largest > high * (1 + ROUNDING) and not seen:
            yield (
                f"Q of population {name_of(model, source)} is {largest:.4g} s⁻¹ at the end, above "
                f"{_limit(model, source)}",
                remedy,
            )
        elif high < MOST and mean > FULL * high and not _began_full(watch, source, high):
            full[name_of(model, source)] = mean / high
    if full:
        # of the start of a run that goes on, that run has spoken
        since = "" if watch.goes_on else ", although it did not start so"
        yield (
            f"in the end population {', '.join(full)} fires with {100 * min(full.values()):.3g}% "
            f"of its largest rate or more{since}: it is saturated, and hardly answers to anything",
            "start from a lower fixed point (nftsim steady --all; --steady N), or use weaker "
            "excitation",
        )


def _began_full(watch: Watch, source: int, high: float) -> bool:
    """Tell whether a population is started at saturation on purpose."""
    start = None if watch.goes_on else watch.model.populations[source].q
    return start is not None and float(np.mean(start)) > FULL * high


def _source(model: Model, trace: Trace) -> int | None:
    """Return the neural population whose rates a trace shows, from 0."""
    if trace.quantity == "v":
        return None
    source = trace.index - 1 if trace.kind == "pop" else model.connection(trace.index).pre
    return source if model.populations[source].neural else None


def _bounds(model: Model, source: int) -> tuple[float, float]:
    firing = model.populations[source].firing
    assert firing is not None
    low, high = firing.bounds
    return low, high if math.isfinite(high) else MOST


def _limit(model: Model, source: int) -> str:
    firing = model.populations[source].firing
    assert firing is not None
    high = firing.bounds[1]
    if math.isfinite(high):
        return f"the largest rate that its response can give, Qmax = {high:g} s⁻¹"
    return f"what neurons can do, about {MOST:g} s⁻¹: its response has no Qmax"


def name_of(model: Model, source: int) -> str:
    """Return number and name of a population, counted from 0 here and from 1 there."""
    name = model.populations[source].name
    return f"{source + 1} ({name})" if name else str(source + 1)


@guard("transient", "models with noise in which nothing changes on purpose", "after")
def transient(watch: Watch) -> Iterator[tuple[str, str]]:
    """Find a start that is still felt in the output, against the scatter of the rest.

    The output is cut into 64 stretches. The mean of the first one, and that of the first quarter,
    must be within 8 standard errors of the mean of the last half. These are from the scatter of the
    stretches of the last half, taken singly, by pairs and by fours, whichever is largest, as
    stretches that are shorter than the slowest rhythm are not independent.
    """
    if watch.rows < ROWS * STRETCHES or not _stationary(watch.model):
        return
    model, worst = watch.model, (LIMIT, "", 0.0, 0.0, 0.0)
    length = (model.time - start_steps(model) * model.deltat) / STRETCHES
    for trace in watch.traces:
        means = watch.means(str(trace))
        late = means[STRETCHES // 2 :]
        floor = ROUNDING * float(np.abs(means).max())
        for count in (1, STRETCHES // 4):
            off = float(means[:count].mean() - late.mean())
            error = max(_error(late, count), floor)
            if error > 0 and abs(off) / error > worst[0]:
                worst = (abs(off) / error, str(trace), count * length, off, float(late.mean()))
    size, name, early, off, mean = worst
    many = f"{size:.2g}" if size < 100 else "over 100"
    if name:
        yield (
            f"the start is still felt: the mean of {name} in the first {early:.3g} s of the output "
            f"is off by {off:.2g} from that of the last half, {mean:.4g}: by {many} "
            "standard errors",
            "start the output later (Start), at a fixed point (--steady), or from another run "
            "(--initial)",
        )


def _error(late: Array, count: int) -> float:
    """Return the standard error of mean(`count` stretches) − mean(late)."""
    error = 0.0
    for together in (1, 2, 4):
        groups = late.reshape(-1, together).mean(axis=1)
        share = max(1.0, count / together)
        variance = float(groups.var(ddof=1)) * (1 / share + 1 / groups.size)
        error = max(error, math.sqrt(variance))
    return error


def _stationary(model: Model) -> bool:
    """Tell whether only noise moves the model while it is written."""
    begins = start_steps(model) * model.deltat
    stimuli = [s for p in model.populations for s in p.stimuli]
    lasting = all(
        isinstance(s, Steady) and s.onset <= begins and math.isinf(s.duration) for s in stimuli
    )
    still = all(
        not c.coupling.glutamate and c.coupling.step != "timed strength" and c.dendrite.linear
        for c in model.connections
    )
    return any(s.noise for s in stimuli) and lasting and still
