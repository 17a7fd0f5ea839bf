"""The model that something is of: a run, its file, or a name."""

from __future__ import annotations

from pathlib import Path

from nftsim.errors import NftsimError
from nftsim.io.hdf5 import open_run
from nftsim.io.recognise import RUN_OR_MODEL, Kind, kind_of, means_model, no_run
from nftsim.io.recording import read_text
from nftsim.io.run import Run
from nftsim.model import Model, load_model


def model_of(source: Model | Run | str | Path) -> Model:
    """Return a model: as it is, that of a run or its file, or that which a name means.

    Raises
    ------
    NftsimError
        If it is none of these.
    """
    if isinstance(source, Model):
        return source
    if isinstance(source, Run):
        return source.model
    if not isinstance(source, str | Path):
        raise NftsimError(f"a model, a run or its file is needed, not {type(source).__name__}")
    kind = kind_of(source)
    if kind is Kind.RUN:
        with open_run(source) as run:
            return run.model
    if kind is Kind.TEXT:
        return read_text(source).model
    if means_model(str(source), kind):
        return load_model(source)
    raise no_run(source, RUN_OR_MODEL)
