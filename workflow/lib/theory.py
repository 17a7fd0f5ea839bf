"""Files of analytic spectra: frequency, continuous, grid, scheme, modes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import h5py

from analysis.files import atomic
from analysis.predicted import Prediction
from analysis.spectrum import density_unit
from nftsim.io.contained import numbers, readable
from nftsim.io.durable import summed
from nftsim.origin import KEY, to_text


def write_theory(
    path: str | Path, prediction: Prediction, trace: str, made: Mapping[str, Any] | None = None
) -> None:
    """Write analytic spectra to HDF5, whole or not at all.

    Parameters
    ----------
    path
        File to write.
    prediction
        Spectra in all treatments, and the effective number of modes.
    trace
        What they are the spectra of.
    made
        Where they come from (see `analysis.provenance.made`).
    """
    unit = density_unit(trace)
    with atomic(path) as part, h5py.File(part, "w") as file:
        file.attrs["format"] = "nftsim-theory"
        file.attrs["trace"] = trace
        if prediction.reason:
            file.attrs["no_comparison"] = prediction.reason
        if made is not None:
            file.attrs[KEY] = to_text(made)
        frequency = prediction.frequency
        file.create_dataset("frequency", data=frequency, **summed(frequency))
        file["frequency"].attrs["units"] = "Hz"
        file["frequency"].make_scale("frequency")
        for name, values in {**prediction.curves, "modes": prediction.modes}.items():
            dataset = file.create_dataset(name, data=values, **summed(values))
            dataset.dims[0].attach_scale(file["frequency"])
            what = f"one-sided power spectral density of {trace}, {name}"
            dataset.attrs["long_name"] = what
            dataset.attrs["units"] = unit
        file["modes"].attrs["long_name"] = "effective number of independent modes"
        file["modes"].attrs["units"] = "1"


def read_theory(path: str | Path) -> Prediction:
    """Return what `write_theory` wrote.

    Raises
    ------
    NftsimError
        If the file is not there, damaged or of another kind.
    """
    with readable(path, "delete it and make it again"), h5py.File(path, "r") as file:
        found = {name: numbers(file, name) for name in file}
        reason = str(file.attrs.get("no_comparison", ""))
        return Prediction(
            found.pop("frequency"), modes=found.pop("modes"), curves=found, reason=reason
        )
