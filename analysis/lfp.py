"""What electrodes on or in the cortex record: the mean of a field over their discs.

An electrode of a local field potential or an electrocorticogram lies on the tissue itself, so that
no volume conductor filters what it sees (for the scalp see `analysis.scalp`); what it averages is
the area it touches.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike

from analysis.field import Array, Field, Source, as_field
from nftsim.errors import NftsimError

#: Sites by name: (y, x) on the sheet [m].
Sites = Mapping[str, tuple[float, float]]


def lfp(field: Source, sites: Sites | ArrayLike, *, radius: float = 0.0) -> Field:
    """Return the mean of a field over the disc of each electrode.

    Parameters
    ----------
    field
        A field of all nodes; or a run or its file, whose first field is taken.
    sites
        Middle (y, x) of each electrode [m]: a mapping from names, or shape (site, 2).
    radius
        Of the discs [m]. Nodes whose middle lies within count, each alike; distances go round the
        torus. With 0 an electrode records the node that it lies in.

    Returns
    -------
    Field
        Values (time, site), in the unit of the field.

    Raises
    ------
    NftsimError
        If a site is off the sheet, or a disc has no node in it.
    """
    field = as_field(field, "lfp")
    values, places = field.grid(), site_places(field, sites)
    weights = disc_weights(field, places, radius)
    return replace(
        field,
        values=field.series() @ weights.T if values.size else np.empty((0, len(places))),
        nodes=np.zeros(len(places), np.int64),
        places=places,
        sites=tuple(
            map(str, sites)
            if isinstance(sites, Mapping)
            else (f"site {i + 1}" for i in range(len(places)))
        ),
        long_name=f"{field.long_name}, mean over discs of {radius:g} m",
    )


def disc_weights(field: Field, places: Array, radius: float) -> Array:
    """Return what each node counts at each electrode, shape (site, node); rows sum to 1.

    Parameters
    ----------
    field
        All nodes of a sheet.
    places
        Middle (y, x) of each electrode [m], shape (site, 2).
    radius
        Of the discs [m]; 0: the node that an electrode lies in.

    Returns
    -------
    ndarray

    Raises
    ------
    NftsimError
        If the radius is not a number ≥ 0, or a disc has no node in it.
    """
    if not (math.isfinite(radius) and radius >= 0):
        raise NftsimError(f"LFP: radius = {radius} m is out of bounds; give a number >= 0")
    if field.topology != "Torus":
        raise NftsimError(
            f"{field.source}: the topology is {field.topology}; discs need a Torus, on which "
            "distances are those of a plane"
        )
    apart = np.abs(places[:, None] - field.places[None])
    apart = np.minimum(apart, np.array(field.extent) - apart)
    distance = np.hypot(apart[..., 0], apart[..., 1])
    if radius == 0:
        inside = np.arange(distance.shape[1]) == distance.argmin(axis=1)[:, None]
    else:
        inside = distance <= radius * (1 + 1e-12)
    count = inside.sum(axis=1)
    if not count.all():
        first = int(np.argmin(count))
        y, x = places[first]
        raise NftsimError(
            f"LFP: a disc of radius {radius:g} m around ({y:g}, {x:g}) m has no node in it; give "
            f"at least {distance[first].min():.3g} m, or 0 for the nearest node"
        )
    return np.asarray(inside / count[:, None])


def site_places(field: Field, sites: Sites | ArrayLike) -> Array:
    """Return the positions (y, x) of sites [m], shape (site, 2).

    Raises
    ------
    NftsimError
        If there is none, or one is off the sheet.
    """
    named = sites if isinstance(sites, Mapping) else None
    try:
        places = np.array(list(named.values()) if named is not None else sites, float)
    except (TypeError, ValueError) as error:
        raise NftsimError(f"sites: {error}; give (y, x) in metres for each") from None
    if places.ndim != 2 or places.shape[1] != 2 or not len(places):
        raise NftsimError(
            f"sites: shape {places.shape}; give at least one, (y, x) in metres for each"
        )
    high = np.array(field.extent)
    off = ~((places >= 0) & (places <= high)).all(axis=1)
    if off.any():
        first = int(np.argmax(off))
        name = f"'{list(named)[first]}'" if named is not None else str(first + 1)
        y, x = places[first]
        raise NftsimError(
            f"sites: site {name} at ({y:g}, {x:g}) m is off the sheet; y is 0 to {high[0]:g} m, "
            f"x is 0 to {high[1]:g} m"
        )
    return places
