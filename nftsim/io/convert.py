"""Between runs in memory, HDF5 files and NFTsim's text."""

from __future__ import annotations

import math
from os import PathLike
from pathlib import Path
from typing import Any

from nftsim.errors import NftsimError, require_kind
from nftsim.io.contained import readable
from nftsim.io.hdf5 import open_run
from nftsim.io.layout import dimensions, sizes
from nftsim.io.place import require_place
from nftsim.io.recognise import Kind, kind_of, no_run
from nftsim.io.recording import read_text
from nftsim.io.run import Run
from nftsim.io.text import TextWriter
from nftsim.io.writer import RunWriter
from nftsim.model.checks import require_sound
from nftsim.model.steps import interval_steps, output_rows

#: Extensions of text output, and of HDF5.
TEXT, HDF5 = (".output", ".txt"), (".h5", ".hdf5")


def is_text(path: str | Path) -> bool:
    """Tell whether a name is that of text output, by its extension."""
    return Path(path).suffix.lower() in TEXT


def read_run(path: str | Path) -> Run:
    """Read a run into memory.

    Parameters
    ----------
    path
        A run file (HDF5), or NFTsim's text output, whose header holds the model.

    Returns
    -------
    Run
        From text without an end state, seed and provenance.

    Raises
    ------
    NftsimError
        If there is no such file, or it is not a whole run.
    """
    require_kind(path, (str, PathLike), "the path of a run")
    path = Path(path)
    kind = kind_of(path)
    if kind is Kind.RUN:
        return _from_hdf5(path)
    if kind is Kind.TEXT:
        return _from_text(path)
    raise no_run(path, "a run, in HDF5 or NFTsim's text")


def _from_hdf5(path: Path) -> Run:
    with open_run(path) as file:
        try:
            end = file.state()
        except NftsimError:  # made from text
            end = None
        model, kept = file.model, {name: file.trace(name) for name in file.traces}
        order = [str(t) for t in model.output.traces]
        traces = {name: kept[name] for name in (*order, *kept) if name in kept}
        return Run(model, file.time, traces, file.attrs, end)


def _from_text(path: Path) -> Run:
    found = read_text(path)
    model = found.model
    with readable(path):
        require_sound(model)
        rows = output_rows(model)
        if len(found.time) != rows:
            raise ValueError(f"it has {len(found.time)} rows, and its model asks for {rows}")
        lengths, columns = sizes(model), found.traces(model)
    traces = {}
    for trace, (values, nodes) in columns.items():
        shape = [lengths[d] for d in dimensions(model, trace)[1:]]
        try:
            traces[str(trace)] = values.reshape(rows, *shape)
        except ValueError:
            raise NftsimError(
                f"{path}: {trace} has {len(nodes)} columns, and its model asks for "
                f"{math.prod(shape)}; it is not whole, or its header is that of another run"
            ) from None
    about: dict[str, Any] = {
        "model": found.text,
        "dt": model.deltat,
        "steps": model.steps,
        "interval": interval_steps(model) * model.deltat,
        "converted_from": str(path),
    }
    return Run(model, found.time, traces, about)


def save(run: Run, path: Path) -> None:
    """Write a run to a file (see `nftsim.io.run.Run.save`)."""
    require_place(path)
    header = str(run.attrs["model"])
    writer = (
        TextWriter(path, run.model, header)
        if is_text(path)
        else RunWriter(path, run.model, len(run.time), run.attrs)
    )
    with writer:
        writer.write(run.time, [run[str(t)] for t in run.model.output.traces])
        writer.finish(run.end)
