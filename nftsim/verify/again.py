"""From a run file to a job that gives the same run, if all that it needs is there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from nftsim.engine.job import Job, kernels, prepare
from nftsim.errors import NftsimError
from nftsim.io.hdf5 import RunFile, open_run
from nftsim.model import Model
from nftsim.provenance import making, state_digest
from nftsim.verify.verdict import MAKERS


def job_again(file: RunFile, initial: str | Path | None) -> Job:
    """Return the job of a run, ready to go."""
    attrs = file.attrs
    if "converted_from" in attrs or "rng" not in attrs:
        raise NftsimError(
            f"{file.path}: does not say how it was run, as it was made from text; only a run that "
            "nftsim wrote as HDF5 can be verified"
        )
    model = file.model
    _require_traces(file, model)
    rng = str(attrs["rng"])
    job = prepare(
        model,
        seed=int(attrs["seed"]) if rng == "counter" else None,
        initial=_initial(file, initial),
        rng=rng,
        compat=bool(attrs.get("compat", 0)),
        warmup=bool(attrs.get("warmup", 0)),
        merge=bool(attrs.get("merged", 1)),
    )
    for then, now in zip(_data(attrs), _data(job.about), strict=False):
        if then != now:
            raise NftsimError(
                f"{file.path}: its stimulus was read from {now[0]}, which has other contents now "
                f"(sha256 {now[1]}, then {then[1]}); put back what it held"
            )
    return job


def _data(about: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return the files of data that a run has read, and their digests."""
    pieces = str(about.get("data", "")).split(" sha256=")
    names = [pieces[0], *(p.partition(" ")[2] for p in pieces[1:])]
    names = [name.rstrip(":") for name in names]
    return list(zip(names, [p.partition(" ")[0] for p in pieces[1:]], strict=False))


def _require_traces(file: RunFile, model: Model) -> None:
    missing = [str(t) for t in model.output.traces if str(t) not in file.traces]
    if missing:
        raise NftsimError(
            f"{file.path}: its model writes {', '.join(missing)}, which it does not hold; it was "
            "changed by something else, run it again"
        )


def _initial(file: RunFile, given: str | Path | None) -> str | Path | None:
    """Return the run that a run started from, wherever it is now; None: it started by itself."""
    recorded, digest = str(file.attrs.get("initial", "")), file.attrs.get("initial_state")
    if not recorded and digest is None:
        if given is not None:
            raise NftsimError(
                f"{file.path}: started from the rates of its model, not from a run; leave out "
                "--initial"
            )
        return None
    name = recorded or "a run in memory"
    found = [Path(given)] if given is not None else list(_places(file.path, recorded))
    for place in found:
        if digest is None or _state_of(place) == digest:
            return place
    if not found:
        raise NftsimError(
            f"{file.path}: started from the end state of {name}, which is not there; name that run "
            "with --initial"
        )
    raise NftsimError(
        f"{file.path}: started from the end state of {name} (digest {digest}); {found[0]} ends in "
        "another; name the right run with --initial"
    )


def _places(path: Path, recorded: str) -> Iterator[Path]:
    """Yield the files that a recorded name may mean: from here, beside the run, or above it."""
    if not recorded:
        return
    folder = path.resolve().parent
    candidates = [Path(recorded), folder / Path(recorded).name]
    candidates += [above / recorded for above in folder.parents]
    for candidate in dict.fromkeys(candidates):
        if candidate.is_file() and candidate.resolve() != path.resolve():
            yield candidate


def _state_of(path: Path) -> str:
    with open_run(path) as run:
        return state_digest(run.state())


def changed(attrs: Mapping[str, Any]) -> dict[str, tuple[str, str]]:
    """Return what makes the bits and is not what it was: name → as recorded, and now."""
    now = {**making(), "kernels": kernels()}
    return {
        name: (str(attrs.get(name, "")), now[name])
        for name in MAKERS
        if str(attrs.get(name, "")) != now[name]
    }
