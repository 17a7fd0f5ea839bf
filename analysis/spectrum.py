"""A measured spectrum, and its file."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from analysis.files import atomic
from analysis.modes import Array
from nftsim.errors import NftsimError
from nftsim.io.durable import summed
from nftsim.origin import KEY, to_text

FORMAT = "nftsim-spectrum"
#: Last part of a trace's name → unit of its power spectral density.
UNITS = {"q": "s-2 Hz-1", "phi": "s-2 Hz-1", "v": "V2 Hz-1"}


def density_unit(trace: str) -> str:
    """Return the unit of a trace's power spectral density; ``unknown`` of other traces."""
    return UNITS.get(trace.rpartition(".")[2], "unknown")


@dataclass(frozen=True)
class Spectrum:
    """A measured one-sided power spectral density.

    Attributes
    ----------
    frequency
        Shape (n_freq,) [Hz].
    power
        Mean over all segments of all runs, shape (n_freq,) [`density_unit` of the trace].
    lower, upper
        Ends of the 95% confidence interval of `power`, chi-square with `dof`.
    dof
        Effective degrees of freedom at each frequency: 2 × effective number of modes
        × effective number of segments.
    blocks
        Mean of each block of consecutive segments, shape (n_blocks, n_freq).
    segments
        Number of segments in each block, shape (n_blocks,).
    interval
        Sampling interval [s].
    segment
        Length of a segment [s].
    meta
        Trace, k0, runs, `events` (what acts besides steady means and noise), and `warnings`, a list
        of sentences.
    """

    frequency: Array
    power: Array
    lower: Array
    upper: Array
    dof: Array
    blocks: Array
    segments: Array
    interval: float
    segment: float
    meta: dict[str, Any] = field(default_factory=dict)


def write_spectrum(
    path: str | Path, spectrum: Spectrum, made: Mapping[str, Any] | None = None
) -> None:
    """Write a spectrum to HDF5, atomically; ``xarray.open_dataset(path, engine="h5netcdf")`` works.

    Parameters
    ----------
    path
        File to write.
    spectrum
        What to write.
    made
        Where it comes from (see `analysis.provenance.made`).

    Raises
    ------
    NftsimError
        If the file cannot be written.
    """
    density = density_unit(str(spectrum.meta.get("trace", "")))
    series = {
        "power": (density, "power spectral density", spectrum.power),
        "lower": (density, "lower end of the 95% confidence interval", spectrum.lower),
        "upper": (density, "upper end of the 95% confidence interval", spectrum.upper),
        "dof": ("1", "effective degrees of freedom", spectrum.dof),
    }
    with atomic(path) as part, h5py.File(part, "w") as file:
        file.attrs.update(
            format=FORMAT,
            format_version=1,
            interval=spectrum.interval,
            segment=spectrum.segment,
            meta=json.dumps(spectrum.meta),
        )
        if made is not None:
            file.attrs[KEY] = to_text(made)
        scales = {"frequency": spectrum.frequency, "block": np.arange(len(spectrum.blocks))}
        for name, values in scales.items():
            file.create_dataset(name, data=values, **summed(values)).make_scale(name)
        file["frequency"].attrs["units"] = "Hz"
        for name, (units, long_name, values) in series.items():
            dataset = file.create_dataset(name, data=values, **summed(values))
            dataset.dims[0].attach_scale(file["frequency"])
            dataset.attrs.update(units=units, long_name=long_name)
        blocks = file.create_dataset("blocks", data=spectrum.blocks, **summed(spectrum.blocks))
        blocks.dims[0].attach_scale(file["block"])
        blocks.dims[1].attach_scale(file["frequency"])
        blocks.attrs.update(units=density, long_name="mean of each block of segments")
        segments = file.create_dataset(
            "segments", data=spectrum.segments, **summed(spectrum.segments)
        )
        segments.dims[0].attach_scale(file["block"])
        segments.attrs.update(units="1", long_name="segments in each block")


def read_spectrum(path: str | Path) -> Spectrum:
    """Read what `write_spectrum` wrote.

    Parameters
    ----------
    path
        File to read.

    Returns
    -------
    Spectrum

    Raises
    ------
    NftsimError
        If the file is absent, or is not a spectrum.
    """
    names = ("frequency", "power", "lower", "upper", "dof", "blocks", "segments")
    try:
        with h5py.File(path, "r") as file:
            if file.attrs.get("format") != FORMAT:
                raise NftsimError(f"{path}: not a spectrum file. Make it with write_spectrum.")
            arrays = {name: file[name][...] for name in names}
            return Spectrum(
                **arrays,
                interval=float(file.attrs["interval"]),
                segment=float(file.attrs["segment"]),
                meta=json.loads(file.attrs["meta"]),
            )
    except (OSError, RuntimeError, KeyError, ValueError, TypeError) as error:
        raise NftsimError(
            f"{path}: cannot be read as a spectrum ({error}); delete it and make it again."
        ) from error
