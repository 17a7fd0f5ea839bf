"""``nftsim convert``: runs between HDF5 and NFTsim's text, and models as plain ``.conf`` files."""

from __future__ import annotations

import argparse
from pathlib import Path

import h5py

from nftsim.commands import load
from nftsim.errors import NftsimError
from nftsim.io.convert import HDF5, TEXT, read_run
from nftsim.io.part import Part
from nftsim.io.place import require_place
from nftsim.io.recording import is_text_run
from nftsim.model import to_conf


def convert(options: argparse.Namespace) -> None:
    """Write a run or a model in the format that the target's extension names."""
    source, target = Path(options.source), Path(options.target)
    form = target.suffix.lower()
    if form not in (*TEXT, *HDF5, ".conf"):
        raise NftsimError(
            f"{target}: unknown format '{form}'; use .h5 or .hdf5, .output or .txt, or .conf"
        )
    if target.exists() and source.exists() and target.samefile(source):
        raise NftsimError(f"{target}: is the source itself; name another file")
    if not (source.is_file() and (h5py.is_hdf5(source) or is_text_run(source))):
        _model(options, target, form)
        return
    if options.set:
        raise NftsimError(
            f"--set {options.set[0]}: {source} is a run, and what was run cannot be changed; leave "
            "--set out"
        )
    if form != ".conf":
        read_run(source).save(target)
    else:
        _write(target, to_conf(read_run(source).model))


def _model(options: argparse.Namespace, target: Path, form: str) -> None:
    options.model = options.source
    model = load(options)
    if form != ".conf":
        raise NftsimError(
            f"{target}: {options.source} is a model, not a run; run it: nftsim run "
            f"{options.source} -o {target}"
        )
    _write(target, to_conf(model))


def _write(target: Path, text: str) -> None:
    require_place(target, runs=False)
    part = Part(target)
    try:
        part.write(text.encode())
        part.finish()
    finally:
        part.discard()
