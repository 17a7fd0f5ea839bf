"""Run files from strangers: read without following them elsewhere, or refused in one line."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

import nftsim
from nftsim.errors import NftsimError
from nftsim.io.contained import WORDS

from .conftest import Refused

TRACE, DECOY = "propagator.1.phi", 4.2
#: What is done to a file, and what the refusal says.
Change = Callable[[h5py.File], Any]


def put(name: str, make: Callable[[h5py.File, str, dict[str, Any]], Any]) -> Change:
    """Return a change that puts something else in the place of a dataset, with its attributes."""

    def change(file: h5py.File) -> None:
        old = file[name]
        about = {
            k: v for k, v in old.attrs.items() if k in ("units", "long_name", "sheet", "Lx", "Ly")
        }
        shape, dtype = old.shape, old.dtype
        del file[name]
        made = make(file, name, {"shape": shape, "dtype": dtype})
        if made is not None:
            made.attrs.update(about)

    return change


def dataset(**how: Any) -> Callable[[h5py.File, str, dict[str, Any]], h5py.Dataset]:
    return lambda file, name, was: file.create_dataset(name, **{**was, **how})


def virtual(file: h5py.File, name: str, was: dict[str, Any]) -> h5py.Dataset:
    layout = h5py.VirtualLayout(**was)
    layout[...] = h5py.VirtualSource("decoy.h5", "values", shape=was["shape"])
    return file.create_virtual_dataset(name, layout)


def outside(file: h5py.File, name: str, was: dict[str, Any]) -> h5py.Dataset:
    size = 8 * int(np.prod(was["shape"]))
    return file.create_dataset(name, **was, external=[("decoy.raw", 0, size)])


def filtered(file: h5py.File, name: str, was: dict[str, Any]) -> h5py.Dataset:
    layout = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    layout.set_chunk(was["shape"])
    layout.set_filter(30999, h5py.h5z.FLAG_OPTIONAL)
    space = h5py.h5s.create_simple(was["shape"])
    made = h5py.h5d.create(file.id, name.encode(), h5py.h5t.NATIVE_DOUBLE, space, layout)
    return h5py.Dataset(made)


def link(kind: type[Any], *where: str) -> Callable[[h5py.File, str, dict[str, Any]], None]:
    def make(file: h5py.File, name: str, was: dict[str, Any]) -> None:
        file[name] = kind(*where)

    return make


def attribute(name: str, value: Any, owner: str = "/") -> Change:
    def change(file: h5py.File) -> None:
        file[owner].attrs[name] = value

    return change


def model(old: str, new: str) -> Change:
    def change(file: h5py.File) -> None:
        assert old in file.attrs["model"]
        file.attrs["model"] = file.attrs["model"].replace(old, new)

    return change


def dropped(name: str, owner: str = "/") -> Change:
    return lambda file: file[owner].attrs.pop(name)


COMMANDS = (
    ("convert", "run.h5", "run.output"),
    ("run", "small.conf", "-o", "next.h5", "--initial", "run.h5"),
    ("view", "run.h5", "-o", "page.html"),
    ("plot", "run.h5", "--kind", "series", "-o", "page.png"),
)
BOAST = {"shape": (10**14,), "chunks": (1000,)}
RECORDS = [("a", "f8"), ("b", "S9")]
UNREADABLE = {
    "time elsewhere": (
        put("time", link(h5py.ExternalLink, "decoy.h5", "values")),
        "is a link to else",
    ),
    "time by a soft link": (
        put("time", link(h5py.SoftLink, "/y")),
        "'time' is a link to elsewhere",
    ),
    "time by a link to itself": (
        put("time", link(h5py.SoftLink, "/time")),
        "is a link to elsewhere",
    ),
    "no time": (put("time", lambda *_: None), "it has no 'time'"),
    "time is a group": (
        put("time", lambda file, name, _: file.create_group(name)),
        "'time' is a group",
    ),
    "time is the root": (
        put("time", lambda file, name, _: file.__setitem__(name, file["/"])),
        "is a gr",
    ),
    "time outside": (put("time", outside), "'time' is made of other files"),
    "time virtual": (put("time", virtual), "'time' is made of other files"),
    "time of words": (
        put("time", dataset(dtype=h5py.string_dtype())),
        "'time' holds object, not num",
    ),
    "time of bytes": (put("time", dataset(dtype="S4")), "not numbers"),
    "time of records": (put("time", dataset(dtype=RECORDS)), "not numbers"),
    "time of references": (put("time", dataset(dtype=h5py.ref_dtype)), "not numbers"),
    "time of lists": (put("time", dataset(dtype=h5py.vlen_dtype("f8"))), "not numbers"),
    "time of complex": (put("time", dataset(dtype="c16")), "holds complex128, not numbers"),
    "time of nothing": (put("time", dataset(shape=None, data=h5py.Empty("f8"))), "not numbers"),
    "time as one number": (put("time", dataset(shape=())), "its times are no list of numbers"),
    "time as a table": (put("time", dataset(shape=(5, 5))), "its times are no list of numbers"),
    "time not a number": (
        put("time", dataset(fillvalue=np.nan)),
        "its times are no list of numbers",
    ),
    "time too long": (put("time", dataset(shape=(26,))), "has shape (25,), and its model (26,)"),
    "time boasts": (put("time", dataset(**BOAST)), "'time' has 800000000000000 bytes by its shape"),
    "time boasts, packed": (
        put("time", dataset(**BOAST, compression="gzip")),
        "bytes by its shape",
    ),
    "trace outside": (put(TRACE, outside), f"'{TRACE}' is made of other files"),
    "trace virtual": (put(TRACE, virtual), f"'{TRACE}' is made of other files"),
    "trace boasts": (
        put(TRACE, dataset(shape=(25, 10**7, 10**7), chunks=(1, 9, 9))),
        "by its shape",
    ),
    "trace of whole numbers": (put(TRACE, dataset(dtype="i8")), "holds int64, not numbers"),
    "trace of words": (put(TRACE, dataset(dtype=h5py.string_dtype())), "holds object, not numbers"),
    "trace of another shape": (
        put(TRACE, dataset(shape=(25, 4, 3))),
        "has shape (25, 4, 3), and its",
    ),
    "trace by a strange filter": (put(TRACE, filtered), "is packed by a filter that is not known"),
    "trace without a length": (dropped("Ly", TRACE), f"'{TRACE}' does not say its Ly"),
    "trace with a strange length": (
        attribute("Ly", "long", TRACE),
        f"'{TRACE}' does not say its Ly",
    ),
    "trace with strange units": (attribute("units", 3, TRACE), f"'{TRACE}' does not say its units"),
    "trace of nothing": (
        lambda f: f.move(TRACE, "propagator.9.phi"),
        "its model has no 'propagator.9.phi'",
    ),
    "no format": (dropped("format"), "not a run"),
    "strange format": (attribute("format", np.ones(3)), "not a run"),
    "no end": (dropped("complete"), "did not finish"),
    "unfinished": (attribute("complete", 0), "did not finish"),
    "half finished": (attribute("complete", "half"), "half"),
    "newer": (attribute("format_version", 2**60), "written by a newer version"),
    "strange version": (attribute("format_version", "two"), "two"),
    "no interval": (dropped("interval"), "interval"),
    "strange interval": (attribute("interval", "often"), "often"),
    "interval backwards": (attribute("interval", -1.0), "its rows are -1 s apart"),
    "interval not a number": (attribute("interval", np.nan), "its rows are nan s apart"),
    "no model": (dropped("model"), "model"),
    "model of numbers": (attribute("model", np.arange(9)), "model"),
    "model without a start": (attribute("model", "nothing"), "no line starts with 'Time:'"),
    "model of nothing": (attribute("model", ""), "no line starts with 'Time:'"),
    "model of many nodes": (model("Nodes: 12", "Nodes: 1000000000000"), "250000000000, 4)"),
    "model of another grid": (model("Longside nodes: 4", "Longside nodes: 5"), "does not divide"),
    "model of no nodes": (model("Nodes: 12", "Nodes: 0"), "out of bounds"),
    "model of other nodes": (model("Node: All", "Node: 1 2"), "and its model (25, 2)"),
    "model without connections": (
        model("To 1: 1 2", "To 1: 0 0"),
        "Propagator 1 is not in the con",
    ),
}


@contextmanager
def changing(path: Path) -> Iterator[h5py.File]:
    """Open a file to change it, without the checksum that would betray it: so would a stranger."""
    with h5py.File(path, "r+") as file:
        yield file
        file.attrs.pop(WORDS, None)


@pytest.fixture
def strange(folder: Path, whole: Path) -> Path:
    """A copy of a run to be changed, with decoys beside it that hold one number again and again."""
    shutil.copy(whole, folder / "run.h5")
    values = np.full((25, 3, 4), DECOY)
    (folder / "decoy.raw").write_bytes(values.tobytes())
    with h5py.File(folder / "decoy.h5", "w") as file:
        file["values"] = values
    return folder / "run.h5"


@pytest.mark.parametrize("what", UNREADABLE)
def test_a_strange_run_is_refused(strange: Path, refused: Refused, what: str) -> None:
    change, message = UNREADABLE[what]
    with changing(strange) as file:
        change(file)
    # every command opens runs by the same door: one other than info is tried each time
    other = COMMANDS[[*UNREADABLE].index(what) % len(COMMANDS)]
    for line in (refused("info", "run.h5"), refused(*other)):
        assert "run.h5:" in line
        assert message in line
    with pytest.raises(NftsimError):
        nftsim.read_run(strange)


def test_links_beside_the_traces_are_not_followed(strange: Path) -> None:
    with changing(strange) as file:
        file["elsewhere"] = h5py.ExternalLink("decoy.h5", "values")
        file["around"] = file["/"]
        file["soft"] = h5py.SoftLink("/around/around")
        file["nowhere"] = h5py.SoftLink("/nowhere")
        file["state/up"] = file["/"]
        file["state/elsewhere"] = h5py.ExternalLink("/dev/zero", "/")
    run = nftsim.read_run(strange)
    assert set(run) == {TRACE, "pop.1.q", "pop.1.v", "dendrite.1.beta"}
    assert not any((values == DECOY).any() for values in run.values())
    assert nftsim.simulate(run.model, initial=strange).time.size == run.time.size


@pytest.mark.parametrize(
    ("name", "make"),
    [
        ("pop.1.q", dataset(dtype=h5py.string_dtype())),
        ("pop.1.q", dataset(shape=(10**9, 12), chunks=(1000, 12))),
        ("pop.1.q", dataset(shape=(3,))),
        ("pop.1.q", dataset(shape=(0, 12))),
        ("pop.1.q", dataset(shape=(2, 12, 2))),
        ("pop.1.q", virtual),
        ("pop.1.q", outside),
        ("generators", dataset(dtype="f8")),
        ("generators", dataset(shape=(10**13,), chunks=(1000,))),
        ("generators", lambda *_: None),
    ],
)
def test_a_strange_end_state_is_refused(
    strange: Path, refused: Refused, name: str, make: Callable[..., Any]
) -> None:
    with changing(strange) as file:
        group = file["state"]
        was = {"shape": group[name].shape, "dtype": group[name].dtype}
        del group[name]
        make(group, name, was)
    line = refused("run", "small.conf", "-o", "next.h5", "--initial", "run.h5")
    assert line.startswith("run.h5: is damaged or not whole: ")
    assert nftsim.read_run(strange).end is None


@pytest.mark.parametrize("clock", [-1, 2**62, np.nan, "late", np.zeros(3)])
def test_a_strange_clock_is_refused(strange: Path, refused: Refused, clock: Any) -> None:
    with changing(strange) as file:
        file["state"].attrs["clock"] = clock
    line = refused("run", "small.conf", "-o", "next.h5", "--initial", "run.h5")
    assert line.startswith("run.h5: is damaged or not whole: ")


@pytest.mark.parametrize(("name", "value"), [("rng", "dice"), ("seed", -1), ("seed", "one")])
def test_strange_noise_of_the_run_before_is_refused(
    strange: Path, refused: Refused, name: str, value: Any
) -> None:
    with changing(strange) as file:
        file.attrs[name] = value
    assert str(value) in refused("run", "small.conf", "-o", "next.h5", "--initial", "run.h5")
