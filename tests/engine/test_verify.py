"""Running runs again: the same bits, and what has been changed is found and named."""

from __future__ import annotations

import json
import math
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from nftsim.cli import main
from nftsim.engine import native
from nftsim.engine.advance import chunk_steps
from nftsim.engine.compile import compile_plan
from nftsim.engine.simulate import file_sink, run_members, run_to_file
from nftsim.errors import NftsimError
from nftsim.io.contained import WORDS
from nftsim.model import Model, load_model
from nftsim.provenance import state_digest
from nftsim.verify import verify_run
from nftsim.verify.verdict import MAKERS, TOLERANCE

PHI = "propagator.1.phi"


@pytest.fixture(scope="module")
def model() -> Model:
    return load_model("eirs-wake", {"nodes": 144, "time": 0.3, "output.start": 0.05})


@pytest.fixture(scope="module")
def made(model: Model, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path: Path = tmp_path_factory.mktemp("made") / "run.h5"
    run_to_file(model, path, seed=5)
    return path


@pytest.fixture
def run(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(made, tmp_path / "run.h5"))


def changed(path: Path, **attributes: str) -> None:
    """Change attributes of a finished run, as if another machine had made it."""
    with h5py.File(path, "a") as file:
        file.attrs.update(attributes)
        del file.attrs[WORDS]


@pytest.mark.parametrize(
    "how",
    [
        {"rng": "counter", "seed": 2**64 - 1},
        {"rng": "nftsim"},
        {"compat": True},
        {"warmup": True, "seed": 3},
        {"merge": False},
        {"single": True},
        {"compress": "gzip"},
    ],
    ids=str,
)
def test_a_run_agrees_bit_for_bit(model: Model, tmp_path: Path, how: dict[str, Any]) -> None:
    run_to_file(model, tmp_path / "run.h5", **how)
    found = verify_run(tmp_path / "run.h5", threads=2)
    assert (found.agrees, found.identical, found.exact, found.whole) == (True, True, True, True)
    assert found.tolerance == 0
    assert found.rows == 50
    assert found.values > 50 * 144
    assert found.start == (-0.3 if "warmup" in how else 0)


def test_members_of_an_ensemble_agree_alone(tmp_path: Path) -> None:
    files = [tmp_path / f"{seed}.h5" for seed in (1, 2, 3)]
    short = {"nodes": 1, "time": 0.2, "output.start": 0}
    strong = load_model("eirs-wake", {**short, "coupling.9.nu": 1e-3})
    model = load_model("eirs-wake", short)
    members = [
        {"model": m, "seed": int(p.stem), "target": p}
        for m, p in zip((model, strong, model), files, strict=True)
    ]
    run_members(members, [file_sink(p) for p in files])
    assert [verify_run(p).identical for p in files] == [True] * 3


def test_only_the_wanted_stretch_is_run(model: Model, run: Path) -> None:
    found = verify_run(run, seconds=0.1)
    assert found.identical
    assert not found.whole
    assert found.rows == 20
    assert [found.first, found.last] == pytest.approx([0.055, 0.15])
    assert verify_run(run, seconds=1e-6).rows == 1


@pytest.mark.parametrize("seconds", [1.0, math.inf])
def test_output_may_start_after_a_stretch_without_rows(tmp_path: Path, seconds: float) -> None:
    path = tmp_path / "late.h5"
    late = load_model("eirs-wake", {"nodes": 144, "time": 5, "output.start": 3})
    assert chunk_steps(compile_plan(late)) * late.deltat < 3
    run_to_file(late, path)
    found = verify_run(path, seconds=seconds)
    assert (found.identical, found.whole) == (True, seconds == math.inf)
    assert [found.first, found.last] == pytest.approx([3.005, 4 if seconds == 1 else 5])
    with h5py.File(path, "a") as file:
        file[PHI][0] += 1e-9
    assert not verify_run(path, seconds=seconds).agrees


def test_a_damaged_run_is_named(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with h5py.File(run) as file:
        part = file[PHI].id.get_chunk_info(0)
    with run.open("r+b") as bytes_:
        bytes_.seek(part.byte_offset + 100)
        bytes_.write(b"damaged")
    for how in ([], ["--whole"]):
        assert main(["verify", str(run), *how]) == 2
        assert capsys.readouterr().err.startswith(f"{run}: is damaged or not whole: ")


def test_it_says_what_was_compared_and_what_not(
    run: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["verify", str(run), "--seconds", "0.1"]) == 0
    said = capsys.readouterr().out
    assert f"compared the first 20 of 50 rows, t = 0.055 s to 0.15 s, of {PHI}: 2880" in said
    assert "not compared: the rest and the end state, which --whole compares" in said
    assert main(["verify", str(run), "--whole"]) == 0
    said = capsys.readouterr().out
    assert f"compared all 50 rows, t = 0.055 s to 0.3 s, of {PHI}, the end state: " in said
    assert "not compared" not in said


@pytest.mark.parametrize(
    ("where", "node", "time"),
    [((20, 3, 4), 41, 0.155), ((0, 0, 0), 1, 0.055), ((49, 11, 11), 144, 0.3)],
)
def test_one_changed_value_is_named(
    run: Path, where: tuple[int, int, int], node: int, time: float
) -> None:
    with h5py.File(run, "a") as file:
        value = float(file[PHI][where])
        file[PHI][where] = np.nextafter(value, np.inf)
    found = verify_run(run)
    assert not found.agrees
    assert found.differing == 1
    assert found.earliest == found.largest
    assert found.earliest is not None
    assert (found.earliest.trace, found.earliest.node) == (PHI, node)
    assert found.earliest.time == pytest.approx(time)
    assert found.earliest.rerun == value
    assert f"{PHI} at node {node} at t = {time:g} s" in str(found.earliest)


def test_a_changed_end_state_or_time_is_found(run: Path) -> None:
    with h5py.File(run, "a") as file:
        file["time"][3] += 1e-9
        name = next(n for n in file["state"] if n.startswith("pop."))
        file["state"][name][0, 7] *= 1 + 1e-15
    found = verify_run(run)
    assert found.differing == 2
    assert found.earliest is not None
    assert found.earliest.trace == "time"
    # what lies beyond the stretch is not seen, and not said to be
    assert verify_run(run, seconds=0.01).agrees


@pytest.mark.parametrize("maker", MAKERS)
def test_another_maker_allows_rounding_and_no_more(run: Path, maker: str) -> None:
    changed(run, **{maker: "another"})
    found = verify_run(run)
    assert (found.agrees, found.identical, found.exact) == (True, True, False)
    assert found.changed[maker][0] == "another"
    with h5py.File(run, "a") as file:
        largest = float(np.abs(file[PHI][...]).max())
        file[PHI][5, 2, 2] += 0.1 * TOLERANCE * largest
    found = verify_run(run)
    assert (found.agrees, found.identical) == (True, False)
    assert found.traces[PHI] == pytest.approx(0.1 * TOLERANCE, rel=1e-3)
    with h5py.File(run, "a") as file:
        file[PHI][6, 2, 2] += 10 * TOLERANCE * largest
    found = verify_run(run)
    assert not found.agrees
    assert found.largest is not None
    assert found.largest.relative == pytest.approx(10 * TOLERANCE, rel=1e-3)


@pytest.mark.skipif(native.interpreted(), reason="the compiler is off")
def test_other_machine_code_rounds_within_the_bound(tmp_path: Path, root: Path) -> None:
    """Without the compiler nothing is fused, as on a CPU that cannot: other bits, same numbers."""
    path = tmp_path / "run.h5"
    code = (
        "from nftsim.engine.simulate import run_to_file\n"
        "from nftsim.model import load_model\n"
        "model = load_model('eirs-wake', {'nodes': 1, 'time': 0.2, 'output.start': 0})\n"
        f"run_to_file(model, {str(path)!r})\n"
    )
    environment = {**os.environ, "NUMBA_DISABLE_JIT": "1", "PYTHONWARNINGS": "ignore"}
    subprocess.run([sys.executable, "-c", code], check=True, cwd=root, env=environment)
    found = verify_run(path)
    assert found.agrees
    assert list(found.changed) == ["kernels"]
    assert found.changed["kernels"][0] == "interpreted"
    assert 0 < max(found.traces.values()) < TOLERANCE / 100


def test_the_initial_run_is_found_or_asked_for(model: Model, made: Path, tmp_path: Path) -> None:
    folder = tmp_path / "results" / "1"
    folder.mkdir(parents=True)
    first, second = folder / "first.h5", folder / "second.h5"
    shutil.copy(made, first)
    run_to_file(model, second, initial=first, duration=0.1)
    assert verify_run(second).identical
    # moved as a whole, it is found beside the run
    moved = tmp_path / "elsewhere"
    shutil.move(folder, moved)
    assert verify_run(moved / "second.h5").identical
    (moved / "first.h5").rename(tmp_path / "kept.h5")
    with pytest.raises(NftsimError, match=r"first\.h5, which is not there.*--initial"):
        verify_run(moved / "second.h5")
    assert verify_run(moved / "second.h5", initial=tmp_path / "kept.h5").identical
    run_to_file(model, tmp_path / "other.h5", seed=6, duration=0.1)
    with pytest.raises(NftsimError, match=r"other\.h5 ends in another"):
        verify_run(moved / "second.h5", initial=tmp_path / "other.h5")
    with pytest.raises(NftsimError, match="from the rates of its model"):
        verify_run(tmp_path / "other.h5", initial=tmp_path / "kept.h5")


def test_the_digest_of_a_state_is_of_its_numbers() -> None:
    rates = {"pop.1.q": np.arange(6.0).reshape(2, 3), "axon.1.phi": np.zeros((0, 3))}
    none = np.zeros((0, 315), dtype=np.uint64)
    digest = state_digest((rates, 7, none))
    assert digest == state_digest((dict(reversed(rates.items())), 7, none))
    other = {**rates, "pop.1.q": np.nextafter(rates["pop.1.q"], 9)}
    assert digest != state_digest((other, 7, none))
    assert digest != state_digest((rates, 8, none))
    assert digest != state_digest((rates, 7, np.zeros((1, 315), dtype=np.uint64)))
    assert digest != state_digest(({**rates, "pop.1.q": rates["pop.1.q"].T}, 7, none))


def test_changed_data_are_refused(tmp_path: Path) -> None:
    text = (
        "Time: 0.1 Deltat: 1e-3 Nodes: 1\n"
        "Connection matrix: From: 1 2 To 1: 0 1 To 2: 0 0\n"
        "Population 1: a Length: 1 Q: 0 Firing: Function: Linear a: 1 b: 0\n"
        "Dendrite 1: alpha: 10 beta: 20\n"
        "Population 2: b Length: 1 Stimulus: Data - File: rate.npy Interval: 0.01\n"
        "Propagator 1: Map - Tau: 0 Coupling 1: Map - nu: 1\n"
        "Output: Node: All Population: 1.q\n"
    )
    (tmp_path / "m.conf").write_text(text)
    np.save(tmp_path / "rate.npy", np.arange(20.0))
    run_to_file(load_model(tmp_path / "m.conf"), tmp_path / "run.h5")
    assert verify_run(tmp_path / "run.h5").identical
    np.save(tmp_path / "rate.npy", np.arange(20.0) + 1e-9)
    with pytest.raises(NftsimError, match=r"rate\.npy, which has other contents now"):
        verify_run(tmp_path / "run.h5")
    (tmp_path / "rate.npy").unlink()
    with pytest.raises(NftsimError, match=r"rate\.npy: no such file"):
        verify_run(tmp_path / "run.h5")


def test_text_has_nothing_to_verify(model: Model, tmp_path: Path) -> None:
    run_to_file(model, tmp_path / "run.output")
    with pytest.raises(NftsimError, match="NFTsim's text.*in HDF5 can be verified"):
        verify_run(tmp_path / "run.output")
    assert main(["convert", str(tmp_path / "run.output"), str(tmp_path / "made.h5")]) == 0
    with pytest.raises(NftsimError, match="made from text"):
        verify_run(tmp_path / "made.h5")


def test_the_command_says_it_by_its_exit_code(
    run: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["verify", str(run), "--whole", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["agrees"]
    assert found["identical"]
    assert found["traces"] == {PHI: 0.0}
    assert main(["verify", str(run)]) == 0
    said = capsys.readouterr().out
    assert "agrees, bit for bit" in said
    assert "t = 0.055 s to 0.3 s" in said
    with h5py.File(run, "a") as file:
        file[PHI][1, 0, 0] = math.nan
    with pytest.raises(SystemExit) as ended:
        main(["verify", str(run)])
    assert ended.value.code == 1
    assert "differs\n  run again from t = 0 s" in (said := capsys.readouterr().out)
    assert f"{PHI} at node 1 at t = 0.06 s is nan in the file" in said
    assert main(["verify", str(run.with_name("absent.h5"))]) == 2
    assert main(["verify", str(run), "--seconds", "-1"]) == 2
