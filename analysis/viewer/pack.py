"""What a page of the viewer holds of a trace: samples and spectra, small enough for one file.

A page has a size. Samples are kept as 16-bit numbers between the least and the greatest value, of
every n-th row of the run, and where that would leave too few rows, of every n-th node along each
axis. Where all nodes drift together, they are counted from the mean of each row, or small waves
would be lost between two numbers. Spectra are of all rows of the run, so that leaving rows out
folds nothing into them.
"""

from __future__ import annotations

import base64
import math
from dataclasses import dataclass
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray
from scipy import signal

from analysis.viewer.shown import Window, axes_of
from nftsim.errors import NftsimError
from nftsim.io.contained import readable
from nftsim.io.hdf5 import RunFile

Array = NDArray[np.float64]

#: Largest 16-bit number, for the greatest value.
TOP = 65535
#: Where there are more rows than fit, nodes are left out before fewer rows than this are kept.
FEWEST_ROWS = 200
#: Part of the size that spectra may take, and most frequencies of one.
SPECTRA, MOST_FREQUENCIES = 0.25, 513
#: Rows that a spectrum needs.
SPECTRUM_ROWS = 32
#: Numbers read at a time.
BLOCK = 1 << 22
#: Where deviations from the means of the rows take no more than this share of the range of the
#: values, they are what is kept.
NARROW = 0.5
#: Bytes of the mean of a row.
MEAN = 8


@dataclass(frozen=True)
class Thinning:
    """Every `rows`-th row is kept, and every `nodes`-th node along each axis."""

    rows: int
    nodes: int


def thinning(rows: int, shape: tuple[int, ...], budget: float) -> Thinning:
    """Return what must be left out for samples of 2 bytes to fit.

    Parameters
    ----------
    rows
        Rows of the run.
    shape
        Of one row: (y, x), (node,) or ().
    budget
        Size that the samples may take [bytes].

    Returns
    -------
    Thinning
    """
    apart = 1
    while True:
        nodes = math.prod(-(-count // apart) for count in shape)
        fitting = max(1, int(budget // (2 * nodes)))
        few = fitting < min(rows, FEWEST_ROWS)
        if not few or len(shape) < 2 or nodes == 1:
            return Thinning(max(1, math.ceil(rows / fitting)), apart)
        apart += 1


def quantised(values: NDArray[Any]) -> dict[str, Any]:
    """Return finite numbers as 16-bit ones in base64.

    A value is ``low`` + (``high`` − ``low``) × number / 65535.

    Parameters
    ----------
    values
        Numbers, of any shape.

    Returns
    -------
    dict
        ``low``, ``high`` and ``data``, with the last axis running fastest.
    """
    low, high = (float(values.min()), float(values.max())) if values.size else (0.0, 0.0)
    whole = np.round((values - low) * (TOP / ((high - low) or 1.0))).astype("<u2")
    return {"low": low, "high": high, "data": base64.b64encode(whole.tobytes()).decode("ascii")}


def pack(run: RunFile, name: str, window: Window, budget: float) -> dict[str, Any]:
    """Return what the page holds of a trace, ready for JSON.

    Parameters
    ----------
    run
        An open run.
    name
        Name of the trace.
    window
        Its rows that are shown.
    budget
        Size that samples and spectra may take before they are put into text [bytes].

    Returns
    -------
    dict
        See ``template.html``, which reads it.

    Raises
    ------
    NftsimError
        If there is no such trace, it has a value for every pair of nodes, or values that are not
        finite.
    """
    dataset = run.dataset(name)
    axes = axes_of(dataset)
    if "from" in axes:
        raise NftsimError(
            f"{run.path}: {name} has a value for every pair of nodes, which the viewer cannot show"
        )
    thin = thinning(window.rows, dataset.shape[1:], (1 - SPECTRA) * budget)
    nodes = math.prod(-(-count // thin.nodes) for count in dataset.shape[1:])
    segment = _segment(window.rows, SPECTRA * budget / (2 * nodes))
    left = budget - 2 * nodes * (segment // 2)
    thin = Thinning(math.ceil(window.rows / max(1, left // (2 * nodes + MEAN))), thin.nodes)
    with readable(run.path):
        samples = _samples(dataset, window, thin)
    if not np.isfinite(samples).all():
        raise NftsimError(f"{run.path}: {name} has values that are not finite; run it again")
    attrs = dataset.attrs
    ly, lx = run.extent(name)
    ny, nx = run.model.shape
    return {
        "name": name,
        "text": str(attrs["long_name"]),
        "unit": str(attrs["units"]),
        "kind": {3: "sheet", 2: "nodes", 1: "shared"}[len(axes)],
        "grid": [ny, nx],
        "size": [ly, lx],
        "numbers": list(run.model.output.nodes or []) if axes[-1] == "node" else None,
        "apart": thin.nodes,
        "every": thin.rows,
        "start": float(run.time[window.start]),
        "interval": run.interval * thin.rows,
        "rows": len(samples),
        **_kept(samples),
        "spectra": _spectra(dataset, window, thin.nodes, run.interval, segment),
    }


def _kept(samples: NDArray[Any]) -> dict[str, Any]:
    """Return the range of samples, the numbers that stand for them, and what is added to a row."""
    values = samples.reshape(len(samples), -1).astype(float)
    means = values.mean(axis=1, keepdims=True)
    drifts = np.ptp(values - means) <= NARROW * np.ptp(values)
    if not drifts or values.shape[1] == 1:
        means = np.zeros((len(values), 1))
    text = base64.b64encode(means.astype("<f8").tobytes()).decode("ascii")
    return {
        "range": {"low": float(values.min()), "high": float(values.max())},
        "samples": quantised(values - means),
        "means": text if means.any() else None,
    }


def _samples(dataset: h5py.Dataset, window: Window, thin: Thinning) -> NDArray[Any]:
    """Return the samples that are kept, shape (row, …); read in parts, as they are stored."""
    per_part = thin.rows * max(1, BLOCK // max(1, thin.rows * math.prod(dataset.shape[1:])))
    parts = []
    for start in range(window.start, window.stop, per_part):
        stop = min(start + per_part, window.stop)
        rows = dataset[start:stop][:: thin.rows]  # HDF5 itself is slow at leaving rows out
        parts.append(rows[:, :: thin.nodes, :: thin.nodes] if rows.ndim == 3 else rows)
    return np.concatenate(parts)


def _segment(rows: int, most: float) -> int:
    """Return the rows of a segment, for at most so many frequencies; 0 where there is no spectrum.

    About seven segments, half overlapping, if the size allows them to be so long.
    """
    longest = 2 * min(MOST_FREQUENCIES - 1, int(most))
    segment = min(longest, max(SPECTRUM_ROWS // 2, rows // 4)) // 2 * 2
    return segment if rows >= SPECTRUM_ROWS and segment >= 8 else 0


def _spectra(
    dataset: h5py.Dataset, window: Window, apart: int, interval: float, segment: int
) -> dict[str, Any] | None:
    """Return one-sided Welch spectra of the nodes, as decadic logarithms, without f = 0."""
    if not segment:
        return None
    found = []
    lines, across = (*dataset.shape[1:], 1, 1)[:2]
    step = apart * max(1, BLOCK // (window.rows * across * apart))
    rows = slice(window.start, window.stop)
    for line in range(0, lines, step):
        part = slice(line, line + step, apart)
        values = dataset[rows, part] if dataset.ndim > 1 else dataset[rows]
        values = values[..., ::apart] if dataset.ndim == 3 else values
        series = values.reshape(window.rows, -1).T.astype(float)
        frequency, power = signal.welch(series, 1 / interval, nperseg=segment, detrend="constant")
        found.append(power[:, 1:])
    power = np.concatenate(found)
    # what does not vary has no logarithm: it is put below all else, and within the scale
    least = max(power.max() * 1e-16, 1e-300)
    return {
        "first": float(frequency[1]),
        "spacing": float(frequency[1]),
        "count": power.shape[1],
        "nothing": 1.001 * least,
        "segment": segment * interval,
        "segments": 2 * window.rows // segment - 1,
        "power": quantised(np.log10(np.maximum(power, least))),
    }
