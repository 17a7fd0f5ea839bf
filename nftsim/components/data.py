"""Stimuli from data: a waveform, or a field of waveforms, from a file."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, ClassVar

import h5py
import numpy as np
from numpy.typing import NDArray

from nftsim.components.base import Array, Setting, parameter
from nftsim.components.stimuli import Stimulus
from nftsim.errors import NftsimError
from nftsim.io import contained


@dataclass(frozen=True, kw_only=True)
class Data(Stimulus):
    """A rate read from a file: one for all nodes (time,), or one for each of them (time, node)."""

    keyword: ClassVar[str] = "Data"
    equation: ClassVar[str] = (
        "Q(t) = A d(t/Δ), d between samples in a straight line (Interpolation: linear) or as the "
        "last one (hold); 0 before the first sample and after the last"
    )
    source: ClassVar[str] = "this package"

    file: str = parameter("File", "", "", "a .npy file, or an HDF5 file", form="file")
    dataset: str = parameter(
        "Dataset", "", "", "path within the HDF5 file", default="", form="word"
    )
    interval: float = parameter("Interval", "Δ", "s", "time between samples", low=0.0, strict=True)
    amplitude: float = parameter("Amplitude", "A", "s⁻¹", "rate per unit of the data", default=1.0)
    interpolation: str = parameter(
        "Interpolation", "", "", "linear, or hold", default="linear", form="word"
    )

    @property
    def samples(self) -> Array:
        """What the file holds, shape (sample,) or (sample, node)."""
        return load_array(self.file, self.dataset)

    @property
    def digest(self) -> str:
        """SHA-256 of the samples."""
        return hashlib.sha256(np.ascontiguousarray(self.samples).tobytes()).hexdigest()

    @property
    def spatial(self) -> bool:
        """Whether there is a waveform for each node."""
        return self.samples.ndim == 2

    def problems(self, setting: Setting) -> list[tuple[str, str]]:
        """Check that the file can be read, and fits the grid."""
        if self.interpolation not in ("linear", "hold"):
            return [("interpolation", f"'{self.interpolation}' is not known; write linear or hold")]
        for name in ("file", "dataset"):
            if '"' in getattr(self, name):
                return [(name, "a name with a double quote cannot be written; rename it")]
        try:
            found = self.samples
        except NftsimError as error:
            return [("file", str(error))]
        if found.ndim not in (1, 2) or (found.ndim == 2 and found.shape[1] != setting.nodes):
            shape = " x ".join(map(str, found.shape)) or "one number"
            return [
                (
                    "file",
                    f"{self.file} holds {shape}; give (time,) or (time, node) with "
                    f"{setting.nodes} nodes",
                )
            ]
        if found.size == 0:
            return [("file", f"{self.file} holds no samples; give at least one")]
        if not np.isfinite(found).all():
            first = int(np.argwhere(~np.isfinite(found))[0, 0]) + 1
            return [("file", f"{self.file}: sample {first} is not finite; give finite numbers")]
        if self.dataset and _is_npy(self.file):
            return [("dataset", f"{self.file} is one array, without a Dataset; leave that out")]
        return []

    def waveform(self, t: Array, step: float = 0.0) -> Array:
        """Return A times the samples, interpolated."""
        data = self.samples
        position = t.reshape(-1) / self.interval
        # a clock that adds up steps may fall short of a whole number by rounding
        near = np.rint(position)
        position = np.where(np.abs(position - near) < 1e-6, near, position)
        last = len(data) - 1
        before = np.clip(np.floor(position), 0, last).astype(int)
        share = (position - before) if self.interpolation == "linear" else np.zeros(position.size)
        share = share.reshape(-1, *[1] * (data.ndim - 1))
        after = np.minimum(before + 1, last)
        inside = (position >= 0) & (position <= last)
        inside = inside.reshape(share.shape)
        line = (1 - share) * data[before] + share * data[after]
        return np.where(inside, self.amplitude * line, 0.0)


def load_array(file: str, dataset: str = "") -> Array:
    """Return the numbers of a ``.npy`` file or an HDF5 dataset, float64, read-only.

    Raises
    ------
    NftsimError
        If there is no such file or dataset, or it does not hold numbers.
    """
    path = Path(file)
    if not path.is_file():
        what = "is no file" if path.exists() else "no such file"
        raise NftsimError(f"{file}: {what}; name a .npy or HDF5 file of numbers")
    return _loaded(str(path.resolve()), dataset, path.stat().st_mtime_ns)


@lru_cache(maxsize=16)
def _loaded(file: str, dataset: str, changed: int) -> Array:
    del changed  # part of the key only: a file that was rewritten is read again
    try:
        if _is_npy(file):
            with Path(file).open("rb") as source:
                found = np.lib.format.read_array(source, allow_pickle=False)
        else:
            found = _dataset(file, dataset)
        if found.dtype.kind not in "biuf":
            raise TypeError(f"it holds {found.dtype}")
        values = np.array(found, dtype=float)
    except (*contained.DAMAGE, EOFError) as error:
        cause = " ".join(str(error).split())
        raise NftsimError(
            f"{file}: cannot be read as numbers: {cause}; name a .npy or HDF5 file of numbers"
        ) from error
    values.flags.writeable = False
    return values


def _is_npy(file: str) -> bool:
    return Path(file).suffix.lower() == ".npy"


def _dataset(file: str, dataset: str) -> NDArray[Any]:
    """Return an HDF5 dataset as it is, if it lies in the file itself."""
    with h5py.File(file, "r") as source:
        try:
            there = dataset and isinstance(contained.member(source, dataset), h5py.Dataset)
        except KeyError:
            there = False
        if not there:
            names: list[str] = []
            source.visititems(
                lambda n, item: names.append(n) if isinstance(item, h5py.Dataset) else None
            )
            what = f"no dataset '{dataset}'" if dataset else "name one of its datasets"
            raise NftsimError(f"{file}: {what}. It has: {', '.join(names[:20]) or 'none'}")
        return contained.numbers(source, dataset, "biuf")
