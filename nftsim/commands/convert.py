"""``nftsim convert``: runs between HDF5 and NFTsim's text, and models as plain ``.conf`` files."""

from __future__ import annotations

import argparse
from pathlib import Path

from nftsim.commands import load
from nftsim.errors import NftsimError
from nftsim.io.convert import HDF5, TEXT, read_run
from nftsim.io.part import Part
from nftsim.io.place import require_place
from nftsim.io.recognise import RUN_OR_MODEL, Kind, kind_of, means_model, no_run
from nftsim.model import to_conf
from nftsim.notices import wrote


def convert(options: argparse.Namespace) -> None:
    """Write a run or a model in the format that the target's extension names."""
    source, target = Path(options.source), _target(options)
    form = target.suffix.lower()
    if form not in (*TEXT, *HDF5, ".conf"):
        what = f"unknown format '{form}'" if form else "its name does not say the format"
        raise NftsimError(f"{target}: {what}; end it in .h5 or .hdf5, .output or .txt, or .conf")
    if target.exists() and source.exists() and target.samefile(source):
        raise NftsimError(f"{target}: is the source itself; name another file")
    kind = kind_of(source)
    if means_model(options.source, kind):
        _model(options, target, form)
        wrote(options, target)
        return
    if kind not in (Kind.RUN, Kind.TEXT):
        raise no_run(source, RUN_OR_MODEL)
    if options.set:
        raise NftsimError(
            f"--set {options.set[0]}: {source} is a run, and what was run cannot be changed; leave "
            "--set out"
        )
    if form != ".conf":
        read_run(source).save(target)
    else:
        _write(target, to_conf(read_run(source).model))
    wrote(options, target)


def _target(options: argparse.Namespace) -> Path:
    """Return the file to write: the second name, or that of ``-o``."""
    if (options.target is None) == (options.output is None):
        said = "twice" if options.target else "nowhere"
        raise NftsimError(
            f"nftsim convert: the file to write is named {said}; give it after {options.source}, "
            "or by -o"
        )
    return Path(options.target or options.output)


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
