"""What can be wrong with the options of `nftsim plot`, told before what draws is imported."""

from __future__ import annotations

import argparse
import math
from collections.abc import Collection, Sequence

from analysis.field import require_field
from nftsim.errors import NftsimError
from nftsim.io.hdf5 import open_run


def require_options(
    options: argparse.Namespace, kind: str, takes: Sequence[str], known: Collection[str]
) -> None:
    """Refuse options that the kind does not take, and numbers that nothing can be drawn with.

    Parameters
    ----------
    options
        As given.
    kind
        Name of the kind of picture.
    takes
        Options of that kind.
    known
        Options of any kind.

    Raises
    ------
    NftsimError
        In one line.
    """
    for name in sorted(known):
        if getattr(options, name) is not None and name not in takes:
            listed = " ".join(f"--{n}" for n in takes) or "none of this sort"
            raise NftsimError(
                f"nftsim plot: --{name} is not for --kind {kind}, which takes {listed}"
            )
    for name in ("start", "stop", "segment", "rate", "frames"):
        value = getattr(options, name)
        if value is not None and (
            not math.isfinite(value) or (name in ("segment", "rate", "frames") and value <= 0)
        ):
            raise NftsimError(f"nftsim plot: --{name} {value:g} is no number to draw with")
    if kind != "series" and len(options.trace or ()) > 1:
        raise NftsimError(
            f"nftsim plot: --kind {kind} shows one trace and {len(options.trace)} are named; only "
            "--kind series takes several"
        )
    if kind == "spectrogram" and len(numbers(options.node, "node", int)) > 1:
        raise NftsimError("nftsim plot: --kind spectrogram is of one node; name one by --node")
    if options.times and (options.start is not None or options.stop is not None):
        raise NftsimError("nftsim plot: --times says which frames; leave out --start and --stop")
    band(options)
    cutoff(options)


def require_run(options: argparse.Namespace) -> None:
    """Refuse a file that is no run, and traces, nodes and times that it does not have.

    Raises
    ------
    NftsimError
        In one line.
    """
    nodes = [int(n) for n in numbers(options.node, "node", int)]
    times = numbers(options.times, "times", float)
    for trace in options.trace or [None]:
        require_field(
            options.run, trace, start=options.start, stop=options.stop, nodes=nodes or None
        )
    with open_run(options.run) as run:
        for time in times:
            if not run.time[0] - run.interval <= time <= run.time[-1] + run.interval:
                raise NftsimError(
                    f"{options.run}: no frame at {time:g} s. Its times are {run.time[0]:g} to "
                    f"{run.time[-1]:g} s."
                )


def numbers(text: str | None, option: str, kind: type[int] | type[float]) -> list[float]:
    """Return the numbers of an option, with commas between.

    Raises
    ------
    NftsimError
        If they are not.
    """
    try:
        return [kind(word) for word in text.split(",")] if text else []
    except ValueError:
        what = "whole numbers from 1" if kind is int else "numbers"
        raise NftsimError(f"nftsim plot: --{option} {text}: {what} with commas between") from None


def band(options: argparse.Namespace) -> tuple[float, float] | None:
    """Return the lowest and the highest frequency of ``--band`` [Hz].

    Raises
    ------
    NftsimError
        If they are not two in that order.
    """
    if options.band is None:
        return None
    ends = numbers(options.band, "band", float)
    if len(ends) != 2 or not 0 <= ends[0] < ends[1]:
        raise NftsimError(
            f"nftsim plot: --band {options.band}; give the lowest and the highest frequency [Hz], "
            "such as 1,45"
        )
    return ends[0], ends[1]


def cutoff(options: argparse.Namespace) -> float | None:
    """Return the cut-off of ``--k0`` [m⁻¹]: 10 unless given, None for ``none``.

    Raises
    ------
    NftsimError
        If it is not above 0.
    """
    if options.k0 == "none":
        return None
    (k0,) = numbers(options.k0, "k0", float)[:1] or [10.0]
    if not k0 > 0:
        raise NftsimError(f"nftsim plot: --k0 {k0:g}; it is above 0, or 'none'")
    return k0
