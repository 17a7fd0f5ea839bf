"""Power spectrum of a run, beside linear theory where there is one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from analysis.__main__ import compare_runs
from analysis.density import Density
from analysis.drive import events, noisy
from analysis.field import Field
from analysis.figures import agreement
from analysis.figures.quantities import quantity
from analysis.figures.shown import Drawn, Part
from analysis.figures.style import (
    COLOURS,
    COLUMN,
    figure,
    legend_above,
    log_frequencies,
    styled,
    with_unit,
)
from analysis.multitaper import multitaper
from analysis.wording import conducted, without_events
from nftsim.errors import NftsimError
from nftsim.io.hdf5 import open_run
from nftsim.model import Model
from nftsim.theory.fixed_points import steady_states
from nftsim.theory.linear import spectrum

#: Range shown [Hz].
SHOWN = (0.5, 100.0)
#: Half width of what the multitaper method averages over, in units of 1/record and at most [Hz].
HALF_WIDTH, WIDEST = 4.0, 1.0
#: Length of Welch's segments unless it is asked for [s].
SEGMENT = 4.0
#: Rows that a spectrum needs.
FEWEST = 8

Array = NDArray[np.float64]


def draw_run(part: Part, *, k0: float | None = 10.0, segment: float | None = None) -> Drawn:
    """Draw the spectrum of a run: with theory, ratios and scores if all that theory needs is there.

    Parameters
    ----------
    part
        What to draw, without `stop` and `band`.
    k0
        Volume conduction [m⁻¹]; None for none.
    segment
        Length of Welch's segments [s]; the default, `SEGMENT`, is shortened for a shorter record.

    Returns
    -------
    Drawn

    Raises
    ------
    NftsimError
        If the file is no run, lacks the trace, or is too short for any spectrum or for `segment`.
    """
    first = part.field()
    if len(first.time) < FEWEST:
        raise NftsimError(
            f"{part.path}: {len(first.time)} rows are too few for a spectrum, which needs "
            f"{FEWEST}; run for longer"
        )
    record = len(first.time) * first.interval
    if segment is not None and segment > record * (1 + 1e-9):
        raise NftsimError(
            f"{part.path}: the record has {record:g} s, and a segment of {segment:g} s is asked "
            "for; ask for a shorter --segment, or run for longer"
        )
    whole = first.values.ndim == 3 and first.topology == "Torus"
    why = "only some nodes are there: their mean spectrum, without volume conduction"
    if first.values.ndim == 3:
        why = f"no theory and no volume conduction, as the topology is {first.topology}"
    if whole:
        try:
            result, measured, theory = compare_runs(
                [part.path], first.name, k0=k0, segment=segment or SEGMENT, start=part.start or 0.0
            )
        except NftsimError as error:
            why = f"no theory beside the spectrum: {error}"
        else:
            if len(measured.blocks):
                drawn = agreement.draw(measured, result, theory)
                return Drawn(drawn, tuple(measured.meta["warnings"]))
    return _alone(part, first, k0 if whole else None, why)


def _alone(part: Part, field: Field, k0: float | None, why: str) -> Drawn:
    """Draw the spectrum of a field by itself, beside theory if that is of single nodes."""
    record = len(field.time) * field.interval
    found = multitaper(
        field,
        k0=k0,
        bandwidth=min(WIDEST, HALF_WIDTH / record) if record > HALF_WIDTH else HALF_WIDTH / record,
    )
    notes, heading = [why], [quantity(field.name)]
    heading[0] += f", {conducted(k0)}" if field.values.ndim == 3 else ", mean of the nodes saved"
    with open_run(part.path) as run:
        curve = None if field.values.ndim == 3 else _theory(run.model, field, found.frequency)
        acting = events(run.model, float(field.time[0]), float(field.time[-1]))
        if not noisy(run.model):
            notes.append("no interval, since no noise acts in the run: it leaves nothing to chance")
            heading.append("no interval: no noise acts")
            found = replace(found, lower=None, upper=None)
    if curve is not None and acting:
        notes.append(without_events(acting))
        heading.append(f"theory of the noise alone, without {' and '.join(acting)}")
    figure_ = draw(found, quantity(field.name), curve, heading="\n".join(heading))
    return Drawn(figure_, tuple(note for note in notes if note))


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
def draw(found: Density, what: str, theory: Array | None = None, heading: str = "") -> Figure:
    """Draw a spectrum with its confidence interval.

    Parameters
    ----------
    found
        The spectrum.
    what
        Of what.
    theory
        Of it, at the same frequencies.
    heading
        What stands above.

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
    fig = figure(COLUMN, 8.6)
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
    axes.set_yscale("log")
    log_frequencies(axes.xaxis, low, high)
    axes.set_ylabel(with_unit("Power density", found.units))
    legend_above(axes, heading or what)
    return fig
