"""Power spectrum of a run, beside linear theory where there is one."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import NullFormatter, StrMethodFormatter
from numpy.typing import NDArray

from analysis.__main__ import compare_runs
from analysis.density import Density
from analysis.field import Field, read_field
from analysis.figures import agreement
from analysis.figures.quantities import quantity
from analysis.figures.style import COLOURS, COLUMN, figure, styled, with_unit
from analysis.multitaper import multitaper
from nftsim.errors import NftsimError
from nftsim.io.hdf5 import open_run
from nftsim.model import Model
from nftsim.theory.fixed_points import steady_states
from nftsim.theory.linear import spectrum

#: Range shown [Hz].
SHOWN = (0.5, 100.0)
#: Half width of what the multitaper method averages over, in units of 1/record and at most [Hz].
HALF_WIDTH, WIDEST = 4.0, 1.0
#: Rows that a spectrum needs.
FEWEST = 8

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Drawn:
    """A figure, and what its reader should know, a sentence each."""

    figure: Figure
    notes: tuple[str, ...] = ()


def draw_run(
    path: str | Path,
    trace: str | None = None,
    *,
    k0: float | None = 10.0,
    segment: float = 4.0,
    start: float | None = None,
) -> Drawn:
    """Draw the spectrum of a run: with theory, ratios and scores if all that theory needs is there.

    Parameters
    ----------
    path
        HDF5 run file.
    trace
        Name of the trace (default: the first field of a propagator, else the first trace).
    k0
        Volume conduction [m⁻¹]; None for none.
    segment
        Length of Welch's segments [s].
    start
        Leave out what is before [s].

    Returns
    -------
    Drawn

    Raises
    ------
    NftsimError
        If the file is no run, lacks the trace, or is too short for any spectrum.
    """
    first = read_field(path, trace, start=start)
    if len(first.time) < FEWEST:
        raise NftsimError(
            f"{path}: {len(first.time)} rows are too few for a spectrum, which needs {FEWEST}; run "
            "for longer"
        )
    if first.values.ndim == 3 and first.topology == "Torus":
        try:
            result, measured, theory = compare_runs(
                [path], first.name, k0=k0, segment=segment, start=start or 0.0
            )
        except NftsimError as error:
            why = f"no theory beside the spectrum: {error}"
        else:
            if len(measured.blocks):
                return Drawn(
                    agreement.draw(measured, result, theory), tuple(measured.meta["warnings"])
                )
            why = ""
    else:
        why = "only some nodes are there: their mean spectrum, without volume conduction"
    record = len(first.time) * first.interval
    whole = first.values.ndim == 3
    found = multitaper(
        first,
        k0=k0 if whole and first.topology == "Torus" else None,
        bandwidth=min(WIDEST, HALF_WIDTH / record) if record > HALF_WIDTH else HALF_WIDTH / record,
    )
    with open_run(path) as run:
        curve = None if whole else _theory(run.model, first, found.frequency)
    return Drawn(draw(found, quantity(first.name), curve), (why,) if why else ())


def _theory(model: Model, field: Field, frequency: Array) -> Array | None:
    """Return the spectrum of any node by the theory of the simulation's steps, if there is one."""
    inside = frequency > 0
    power = np.full(len(frequency), np.nan)
    try:
        power[inside] = spectrum(
            model,
            steady_states(model).chosen,
            field.name,
            frequency[inside],
            k0=None,
            wavenumbers="scheme",
            interval=field.interval,
        )
    except NftsimError:
        return None
    return power


@styled
def draw(found: Density, what: str, theory: Array | None = None) -> Figure:
    """Draw a spectrum with its confidence interval.

    Parameters
    ----------
    found
        The spectrum.
    what
        Of what.
    theory
        Of it, at the same frequencies.

    Returns
    -------
    Figure
    """
    low, high = max(SHOWN[0], float(found.frequency[1])), min(SHOWN[1], float(found.frequency[-1]))
    shown = (found.frequency >= low) & (found.frequency <= high)
    if shown.sum() < 2:
        raise NftsimError(f"{what}: too short a record for a spectrum; run for longer")
    at, power = found.frequency[shown], found.power[shown]
    if not power.max() > 0:
        raise NftsimError(f"{what} does not change in time, and has no spectrum")
    fig = figure(COLUMN, 8.0)
    axes = fig.subplots()
    if found.lower is not None and found.upper is not None:
        axes.fill_between(
            at, found.lower[shown], found.upper[shown],
            color=COLOURS["sky"], alpha=0.5, linewidth=0, label="95% interval",
        )  # fmt: skip
    axes.plot(at, power, color=COLOURS["blue"], label="simulated")
    if theory is not None:
        axes.plot(
            at, theory[shown], color=COLOURS["black"], linestyle=(0, (4, 2)), linewidth=0.9,
            label="theory: steps of the simulation",
        )  # fmt: skip
    axes.set(xscale="log", yscale="log", xlim=(low, high), xlabel="Frequency (Hz)")
    axes.set_xticks([f for f in (0.5, 1, 2, 5, 10, 20, 50, 100) if low <= f <= high])
    axes.xaxis.set_major_formatter(StrMethodFormatter("{x:g}"))
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.set_ylabel(with_unit(f"Power density of {what}", found.units))
    axes.legend(loc="lower left")
    return fig
