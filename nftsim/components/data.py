"""Stimuli from data: a waveform, or a field of waveforms, from a file."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import ClassVar

import h5py
import numpy as np

from nftsim.components.base import Array, Setting, parameter
from nftsim.components.stimuli import Stimulus
from nftsim.errors import NftsimError


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
        if len(found) == 0 or not np.isfinite(found).all():
            return [("file", f"{self.file} holds no samples, or some that are not finite numbers")]
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
        raise NftsimError(f"{file}: no such file")
    return _loaded(str(path.resolve()), dataset, path.stat().st_mtime_ns)


@lru_cache(maxsize=16)
def _loaded(file: str, dataset: str, changed: int) -> Array:
    del changed  # part of the key only: a file that was rewritten is read again
    try:
        if file.endswith(".npy"):
            found = np.load(file, allow_pickle=False)
        else:
            with h5py.File(file, "r") as source:
                if not isinstance(source.get(dataset or "/"), h5py.Dataset):
                    names: list[str] = []
                    source.visititems(
                        lambda n, item: names.append(n) if isinstance(item, h5py.Dataset) else None
                    )
                    raise NftsimError(
                        f"{file}: no dataset '{dataset}'. It has: {', '.join(names[:20]) or 'none'}"
                    )
                found = source[dataset][...]
        values = np.array(found, dtype=float)
    except (OSError, ValueError, TypeError, EOFError) as error:
        raise NftsimError(f"{file}: cannot be read as numbers: {error}") from error
    values.flags.writeable = False
    return values
