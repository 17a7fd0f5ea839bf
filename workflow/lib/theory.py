"""Files of analytic spectra: frequency, continuous, grid."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import h5py
import numpy as np
from numpy.typing import NDArray

from analysis.files import atomic

Curve = NDArray[np.float64]

#: Last part of a trace's name → unit of its power spectral density.
UNITS = {"q": "s-2 Hz-1", "phi": "s-2 Hz-1", "v": "V2 Hz-1"}


def frequencies(resolution: float, interval: float) -> Curve:
    """Return the multiples of `resolution` up to the Nyquist frequency [Hz].

    Parameters
    ----------
    resolution
        Spacing, and the lowest frequency [Hz].
    interval
        Between samples of the simulation [s].
    """
    count = int(0.5 / interval / resolution * (1 + 1e-12))
    return resolution * np.arange(1, count + 1, dtype=np.float64)


def write_theory(
    path: str | Path, frequency: Curve, curves: Mapping[str, Curve], trace: str
) -> None:
    """Write analytic spectra to HDF5, whole or not at all.

    Parameters
    ----------
    path
        File to write.
    frequency
        Shape (n,) [Hz].
    curves
        Name → one-sided power spectral density, shape (n,) [unit of the trace squared per Hz].
    trace
        What they are the spectra of.
    """
    with atomic(path) as part, h5py.File(part, "w") as file:
        file.attrs["format"] = "nftsim-theory"
        file.attrs["trace"] = trace
        file["frequency"] = frequency
        file["frequency"].attrs["units"] = "Hz"
        file["frequency"].make_scale("frequency")
        for name, values in curves.items():
            dataset = file.create_dataset(name, data=values)
            dataset.dims[0].attach_scale(file["frequency"])
            dataset.attrs["long_name"] = f"one-sided power spectral density of {trace}, {name}"
            dataset.attrs["units"] = UNITS.get(trace.rpartition(".")[2], "unknown")


def read_theory(path: str | Path) -> tuple[Curve, dict[str, Curve]]:
    """Return the frequencies [Hz] and the spectra, by name, that `write_theory` wrote."""
    with h5py.File(path, "r") as file:
        curves = {name: file[name][:] for name in file if name != "frequency"}
        return file["frequency"][:], curves
