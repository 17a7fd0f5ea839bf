"""Numbers that sum a run up: level, variance, power in bands, and the peak of the spectrum."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from analysis.bands import band_power
from analysis.field import read_field
from analysis.measure_names import PEAK, measure_units
from analysis.modes import Array
from analysis.peaks import peaks
from analysis.spectra import field_spectrum
from nftsim.errors import NftsimError
from nftsim.io.run import Run
from nftsim.model import Model
from nftsim.theory.linear import linear_spectrum
from nftsim.theory.states import FixedPoint

#: Prominence of a peak [dB]: the least, in standard deviations of the estimate, and in theory.
LEAST, SCATTER, DISTINCT = 3.0, 4.0, 0.1


def measures(
    run: Run | str | Path,
    trace: str,
    wanted: Sequence[str],
    *,
    bands: Mapping[str, Sequence[float]],
    peak: Sequence[float],
    segment: float = 2.0,
    k0: float | None = None,
) -> dict[str, float]:
    """Measure a trace of a run.

    Parameters
    ----------
    run
        A run in memory, or its file.
    trace
        Name of the trace.
    wanted, bands
        As of `measure_units`.
    peak
        Range in which to look for a peak [Hz].
    segment, k0
        Length of a segment of Welch's method [s], and spatial filter [m⁻¹], None for none (see
        `analysis.spectra.field_spectrum`). Without a filter the spectrum is the mean of those of
        the nodes.

    Returns
    -------
    dict
        Name → number. ``mean``, ``minimum`` and ``maximum`` are over time and nodes, ``variance``
        over time, of each node by itself, and then their mean. ``peak_frequency`` [Hz] and
        ``peak_power`` are of the most prominent peak; not a number if none stands out from chance,
        by four standard deviations of the estimate or 3 dB, whichever is more.

    Raises
    ------
    NftsimError
        If the run lacks the trace, or its samples are too few for a band.
    """
    field = read_field(run, trace)
    series = field.series()
    found = {
        "mean": float(series.mean()),
        "variance": float(series.var(axis=0).mean()),
        "minimum": float(series.min()),
        "maximum": float(series.max()),
    }
    if "bands" in wanted or "peak" in wanted:
        # without a filter, nodes of which some are missing, or which share a value, will do
        values = series[:, None, :] if k0 is None else field.grid()
        spectrum = field_spectrum(values, field.interval, field.extent, segment=segment, k0=k0)
        chance = 10 / np.log(10) * np.sqrt(2 / np.median(spectrum.dof))
        least = max(LEAST, SCATTER * float(chance))
        found |= _spectral(spectrum.frequency, spectrum.power, wanted, bands, peak, least)
    return {name: found[name] for name in measure_units(wanted, bands) if name in found}


def expected(
    model: Model,
    point: FixedPoint,
    trace: str,
    wanted: Sequence[str],
    *,
    bands: Mapping[str, Sequence[float]],
    peak: Sequence[float],
    segment: float = 2.0,
    k0: float | None = None,
    compat: bool = False,
) -> dict[str, float]:
    """Return what linear theory says of the bands and the peak of a trace.

    Parameters
    ----------
    model
        A model whose output has the interval of the samples.
    point
        Its fixed point.
    trace, wanted, bands, peak, segment, k0
        As of `measures`; of a segment only the resolution counts.
    compat
        With NFTsim's habits.

    Returns
    -------
    dict
        Name, such as ``theory_alpha`` → number: of the exact theory of the simulation's steps.
        Empty where the model has none.
    """
    interval = model.output.interval or model.deltat
    frequency = np.arange(0.0, 0.5 / interval, 0.25 / segment)
    frequency = np.append(frequency, 0.5 / interval)
    try:
        theory = linear_spectrum(
            model,
            trace,
            frequency,
            k0=k0,
            wavenumbers="scheme",
            fixed_point=point,
            interval=interval,
            compat=compat,
        )
    except NftsimError:
        return {}
    found = _spectral(frequency, theory.power, wanted, bands, peak, DISTINCT)
    return {f"theory_{name}": value for name, value in found.items()}


def _spectral(
    frequency: Array,
    power: Array,
    wanted: Sequence[str],
    bands: Mapping[str, Sequence[float]],
    peak: Sequence[float],
    least: float,
) -> dict[str, float]:
    """Return the measures of a spectrum; peaks are at least so prominent [dB]."""
    found: dict[str, float] = {}
    if "bands" in wanted:
        table = band_power(frequency, power, bands)
        found |= {row.band: float(row.power) for row in table.itertuples()}
    if "peak" in wanted:
        inside = (frequency >= peak[0]) & (frequency <= peak[1])
        some = []
        if (power[inside] > 0).all():  # not so, if a trace never varies
            some = peaks(frequency, power, low=peak[0], high=peak[1], prominence=least)
        top = (some[0].frequency, some[0].power) if some else (np.nan, np.nan)
        found |= dict(zip(PEAK, top, strict=True))
    return found
