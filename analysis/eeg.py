"""From a run to MNE-Python: a field on the scalp as EEG, with a montage and events.

The sheet is laid over the upper half of the head and beyond: its middle is the vertex (Cz), +x is
right and +y front, and the middle of each edge is on the equator. On the way there distances from
the middle become angles, so that a map of the head seen from above is the sheet as it is. The
sheet closes on itself where the head does not: of sites near its edges only the middle of the head
knows how far apart they are.

The strength of a scalp potential is that of the field up to a factor which the theory leaves open
(Robinson et al. 2001): `gain` is a convention, not a measurement.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from analysis.field import Field, read_field
from analysis.lfp import Sites
from analysis.modes import Array
from analysis.scalp import scalp
from nftsim.errors import NftsimError, suggestion
from nftsim.io.convert import read_run
from nftsim.io.hdf5 import open_run
from nftsim.io.run import Run
from nftsim.model import Model

if TYPE_CHECKING:
    import mne

#: Radius of the head [m]: that of MNE-Python's template montages.
HEAD_RADIUS = 0.095
#: Volts for one unit of a trace, by its unit; of rates a convention, 1 s⁻¹ → 1 µV.
GAINS = {"V": 1.0, "s⁻¹": 1e-6}

#: Sites of the 10-20 system (Jasper 1958) on a sphere: angle from the vertex, and from the front to
#: the right [°]. Those on the ring are a tenth of its length apart, those on the midlines a fifth
#: of the way from ear to ear or from nasion to inion; the rest lie halfway between two others.
_ANGLES = {
    "Fp1": (72, -18),
    "Fp2": (72, 18),
    "F7": (72, -54),
    "Fz": (36, 0),
    "F8": (72, 54),
    "T7": (72, -90),
    "C3": (36, -90),
    "Cz": (0, 0),
    "C4": (36, 90),
    "T8": (72, 90),
    "P7": (72, -126),
    "Pz": (36, 180),
    "P8": (72, 126),
    "O1": (72, -162),
    "O2": (72, 162),
}
_HALFWAY = {"F3": ("F7", "Fz"), "F4": ("Fz", "F8"), "P3": ("P7", "Pz"), "P4": ("Pz", "P8")}


def to_mne(
    source: str | Path | Run | Field,
    trace: str | None = None,
    *,
    sites: Sites | tuple[int, int] | str = "10-20",
    k0: float | None = 10.0,
    gain: float | None = None,
    start: float | None = None,
    stop: float | None = None,
) -> mne.io.RawArray:
    """Return what electrodes on the scalp record of a run, as MNE-Python has it.

    Parameters
    ----------
    source
        A run, its file, or a field of all nodes; only of a run are the stimuli known.
    trace
        Name of the trace (default: the first field of a propagator).
    sites
        ``"10-20"`` for the 19 sites of that system; rows and columns of a regular grid; or (y, x)
        on the sheet [m] by name.
    k0
        Cut-off of volume conduction, exp(−k²/k0²) on power [m⁻¹] (see `analysis.scalp`); None for
        the field at the sites as it is.
    gain
        Volts for one unit of the trace (default: 1 of potentials, 1e-6 of rates).
    start, stop
        Times of the first and the last sample [s] (default: all).

    Returns
    -------
    mne.io.RawArray
        EEG channels in V at the frequency of the run's output, with a montage in head coordinates,
        and annotations at the onsets of stimuli, called ``population.K.stimulus.J`` as in
        overrides; time 0 is that of the first sample.

    Raises
    ------
    NftsimError
        If MNE-Python is not installed, a site is off the sheet, or nodes are missing.
    """
    mne = _mne()
    field, model = _read(source, trace, start, stop)
    named = _sites(field, sites)
    seen = scalp(field, k0=k0, sites=named)
    scale = _gain(field, gain)
    info = mne.create_info(list(named), 1 / field.interval, "eeg", verbose=False)
    raw = mne.io.RawArray(seen.series().T * scale, info, verbose=False)
    head = head_positions(seen.places, field.extent)
    positions = dict(zip(named, head, strict=True))
    raw.set_montage(mne.channels.make_dig_montage(positions, coord_frame="head"), verbose=False)
    filtered = f"k0 = {k0:g} m^-1" if k0 is not None else "without volume conduction"
    raw.info["description"] = (
        f"{field.name} of {model.name if model else field.source}, {filtered}; "
        f"{scale:g} V per {field.units.replace('s⁻¹', 's^-1')}"
    )
    if model is not None:
        events = stimulus_events(model, float(field.time[0]), float(field.time[-1]))
        times = [time - field.time[0] for time, _ in events]
        raw.set_annotations(
            mne.Annotations(times, [0.0] * len(times), [name for _, name in events])
        )
    return raw


def head_positions(places: ArrayLike, extent: tuple[float, float]) -> Array:
    """Return where on the head places of the sheet lie.

    Parameters
    ----------
    places
        (y, x) [m], shape (site, 2).
    extent
        Sheet (Ly, Lx) [m].

    Returns
    -------
    ndarray
        x (right), y (front), z (up) [m], shape (site, 3), on a sphere of `HEAD_RADIUS`.
    """
    half = np.array(extent) / 2
    front, right = ((np.asarray(places, float) - half) / half).T
    angle, azimuth = np.pi / 2 * np.hypot(front, right), np.arctan2(right, front)
    out = np.sin(angle)
    xyz = [out * np.sin(azimuth), out * np.cos(azimuth), np.cos(angle)]
    return np.asarray(HEAD_RADIUS * np.stack(xyz, axis=-1))


def sheet_places(head: ArrayLike, extent: tuple[float, float]) -> Array:
    """Return which places of the sheet lie at positions on the head: `head_positions` backwards.

    Parameters
    ----------
    head
        Directions x (right), y (front), z (up), shape (site, 3), of any length.
    extent
        Sheet (Ly, Lx) [m].

    Returns
    -------
    ndarray
        (y, x) [m], shape (site, 2).
    """
    x, y, z = np.asarray(head, float).T
    angle, azimuth = np.arctan2(np.hypot(x, y), z), np.arctan2(x, y)
    share = angle / (np.pi / 2) * np.stack([np.cos(azimuth), np.sin(azimuth)])
    return np.asarray((1 + share.T) * np.array(extent) / 2)


def sites_1020(extent: tuple[float, float]) -> dict[str, tuple[float, float]]:
    """Return the sites of the 10-20 system on a sheet (Ly, Lx) [m], as (y, x) [m] by name."""
    directions = {name: _direction(*degrees) for name, degrees in _ANGLES.items()}
    for name, (first, second) in _HALFWAY.items():
        directions[name] = directions[first] + directions[second]
    places = sheet_places(list(directions.values()), extent)
    return {name: (float(y), float(x)) for name, (y, x) in zip(directions, places, strict=True)}


def sites_grid(
    extent: tuple[float, float], rows: int, columns: int
) -> dict[str, tuple[float, float]]:
    """Return a regular grid of sites on a sheet (Ly, Lx) [m], as (y, x) [m] by name.

    ``Y1X2`` is in the first row and the second column; the outermost are half a spacing from the
    edges, so that the spacing goes round the sheet.
    """
    if rows < 1 or columns < 1:
        raise NftsimError(f"EEG: a grid of {rows} x {columns} has no sites; give whole numbers > 0")
    return {
        f"Y{i + 1}X{j + 1}": ((i + 0.5) * extent[0] / rows, (j + 0.5) * extent[1] / columns)
        for i in range(rows)
        for j in range(columns)
    }


def stimulus_events(model: Model, start: float, stop: float) -> list[tuple[float, str]]:
    """Return the onsets of stimuli from `start` to `stop` [s], in order.

    Returns
    -------
    list of (float, str)
        Time [s] and the stimulus, ``population.K.stimulus.J``.
    """
    slack = 1e-6 * model.deltat
    found = [
        (float(min(max(time, start), stop)), f"population.{k}.stimulus.{j}")
        for k, population in enumerate(model.populations, start=1)
        for j, stimulus in enumerate(population.stimuli, start=1)
        for time in stimulus.onsets(stop + slack)
        if start - slack <= time <= stop + slack
    ]
    return sorted(found)


def _direction(polar: float, azimuth: float) -> Array:
    p, a = math.radians(polar), math.radians(azimuth)
    return np.array([math.sin(p) * math.sin(a), math.sin(p) * math.cos(a), math.cos(p)])


def _mne() -> Any:
    try:
        import mne
    except ImportError as error:
        raise NftsimError("to_mne needs MNE-Python; run: pip install 'nftsim[eeg]'") from error
    return mne


def _read(
    source: str | Path | Run | Field, trace: str | None, start: float | None, stop: float | None
) -> tuple[Field, Model | None]:
    if isinstance(source, Field):
        return source, None
    if not isinstance(source, Run) and Path(source).suffix.lower() in (".h5", ".hdf5"):
        with open_run(source) as file:
            return read_field(source, trace, start=start, stop=stop), file.model
    run = source if isinstance(source, Run) else read_run(source)
    return read_field(run, trace, start=start, stop=stop), run.model


def _sites(field: Field, sites: Sites | tuple[int, int] | str) -> dict[str, tuple[float, float]]:
    if isinstance(sites, str):
        if sites != "10-20":
            raise NftsimError(
                f"EEG: unknown sites '{sites}'. Allowed: '10-20', (rows, columns), or (y, x) in "
                f"metres by name.{suggestion(sites, ['10-20'])}"
            )
        return sites_1020(field.extent)
    if isinstance(sites, Mapping):
        if not sites:
            raise NftsimError("EEG: no site given; give at least one, (y, x) in metres by name")
        return {str(name): (y, x) for name, (y, x) in sites.items()}
    rows, columns = sites
    return sites_grid(field.extent, rows, columns)


def _gain(field: Field, gain: float | None) -> float:
    if gain is None:
        if field.units not in GAINS:
            raise NftsimError(
                f"EEG: {field.name} is in {field.units or 'no unit'}; give 'gain', the volts for "
                "one unit"
            )
        return GAINS[field.units]
    if not (math.isfinite(gain) and gain != 0):
        raise NftsimError(f"EEG: gain = {gain} V is out of bounds; give a number that is not 0")
    return gain
