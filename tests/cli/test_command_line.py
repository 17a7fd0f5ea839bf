"""Options of the command line, good and bad, and what a run leaves."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from nftsim.io.hdf5 import open_run
from nftsim.model import library, load_model

from .conftest import Command


def run(nftsim: Command, *options: object, output: str = "run.h5") -> None:
    result = nftsim("run", "small.conf", "-o", output, *options)
    assert (result.code, result.out, result.err) == (0, "", [])
    assert result.files <= {output}


def phi(path: str) -> np.ndarray:
    with open_run(path) as file:
        return file.trace("propagator.1.phi")


def test_a_good_run_is_quiet_and_leaves_one_file(nftsim: Command, folder: Path) -> None:
    run(nftsim)
    with open_run("run.h5") as file:
        np.testing.assert_allclose(file.time, np.arange(1, 11) * 0.002)
        assert file.traces == ["pop.1.q", "pop.1.v", "propagator.1.phi"]
        assert file.trace("Propagator.1.PHI").shape == (10, 4, 4)
        assert file.model == load_model("small.conf")
    assert not list(folder.glob("*.part"))


def test_duration_seed_and_settings(nftsim: Command) -> None:
    run(nftsim, "--duration", 0.01, output="a.h5")
    run(nftsim, "--duration", 0.01, "--seed", 1, output="b.h5")
    run(nftsim, "--duration", 0.01, "--seed", 2, output="c.h5")
    assert phi("a.h5").shape == (5, 4, 4)
    np.testing.assert_array_equal(phi("a.h5"), phi("b.h5"))
    assert np.any(phi("a.h5") != phi("c.h5"))
    run(nftsim, "--set", "output.node=3 1", "--set", "output.traces=POP.2", output="d.h5")
    with open_run("d.h5") as file:
        assert file.traces == ["pop.2.q"]
        assert file.trace("pop.2.q").shape == (10, 2)


def test_a_run_goes_on_where_another_ended(nftsim: Command) -> None:
    run(nftsim, "--set", "time=0.04", output="whole.h5")
    run(nftsim, output="first.h5")
    run(nftsim, "--initial", "first.h5", output="second.h5")
    np.testing.assert_array_equal(
        phi("whole.h5"), np.concatenate([phi("first.h5"), phi("second.h5")])
    )


def test_noise_and_habits_of_nftsim(nftsim: Command) -> None:
    run(nftsim, output="ours.h5")
    run(nftsim, "--rng", "nftsim", output="theirs.h5")
    run(nftsim, "--compat", "nftsim", output="compat.h5")
    assert np.any(phi("ours.h5") != phi("theirs.h5"))
    # on a square, with whole delays, only the noise differs, and where the wave starts: (γΔt)⁴/240
    np.testing.assert_allclose(phi("theirs.h5"), phi("compat.h5"), rtol=1.1 * 0.03**4 / 240)
    run(nftsim, "--rng", "nftsim", "--set", "population.2.stimulus.ranseed=7", output="seven.h5")
    assert np.any(phi("theirs.h5") != phi("seven.h5"))


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (
            ["--set", "couplng.1.nu=1"],
            "small, override couplng.1.nu=1: 'couplng.1.nu' names nothing",
        ),
        (
            ["--set", "coupling.1.nu"],
            "--set coupling.1.nu: expected path=value, e.g. coupling.1.nu=",
        ),
        (["--set", "nodes=17"], "small, override nodes=17: Nodes: 17 is not a perfect square"),
        (["--set", "nodes=10000000000"], "Nodes: 10000000000 needs at least"),
        (["--duration", "nan"], "--duration nan: give a finite time > 0 in seconds"),
        (["--duration", "inf"], "--duration inf: give"),
        (["--duration", "0"], "--duration 0: give"),
        (["--duration", "-1"], "--duration -1: give"),
        (["--duration", "1e-5"], "--duration 1e-05: Time = 1e-05 s is shorter than one step"),
        (["--duration", "1e300"], r"--duration 1e\+300: Time = 1e\+300 s is 1e\+303 steps"),
        (["--duration", "long"], "nftsim run: argument --duration: invalid float value: 'long'"),
        (["--seed", "-1"], r"--seed -1: give a whole number from 0 to 2\^64 - 1"),
        (["--seed", str(2**64)], "--seed 18446744073709551616: give"),
        (["--seed", "1.5"], "argument --seed: invalid int value: '1.5' .see 'nftsim run --help'."),
        (["--rng", "dice"], "argument --rng: invalid choice: 'dice'"),
        (["--compat", "matlab"], "argument --compat: invalid choice: 'matlab'"),
        (["--initial", "no.h5"], "--initial no.h5: no such file; this takes a run, written by"),
        (["--initial", "."], "--initial .: is a folder, and this takes a run"),
        (["--initial", "small.conf"], "--initial small.conf: is a model, and this takes a run"),
        (["--compat", "nftsim", "--rng", "counter"], "--rng counter contradicts --compat nftsim"),
        (["--compat", "nftsim", "--seed", "2"], "--seed 2 has no effect with --compat nftsim; use"),
        (["--rng", "nftsim", "--seed", "2"], "--seed 2 has no effect with --rng nftsim; use Rans"),
        (["--duration", "0.001"], "small.conf:29: Output: no row would be written"),
        (["-o", ""], "--output: its name is empty; name a file, e.g. run.h5"),
        (["--speed", "9"], "unrecognized arguments: --speed 9"),
    ],
)
def test_bad_options(nftsim: Command, options: list[str], complaint: str) -> None:
    assert re.search(complaint, nftsim("run", "small.conf", "-o", "run.h5", *options).refused())


@pytest.mark.parametrize(
    ("output", "complaint"),
    [
        ("small.conf/run.h5", "small.conf"),
        ("missing/run.h5", "the folder missing does not exist; create it first"),
        (".", "is a directory; name a file"),
        ("/proc/run.h5", "/proc/run.h5: "),
        (f"{'a' * 300}.h5", "File name too long"),
    ],
)
def test_outputs_that_cannot_be_written(nftsim: Command, output: str, complaint: str) -> None:
    assert complaint in nftsim("run", "small.conf", "-o", output).refused()


def test_initial_states_that_do_not_fit(nftsim: Command, folder: Path) -> None:
    run(nftsim)

    def refusal(initial: str, *options: str) -> str:
        return nftsim("run", "small.conf", "-o", "x.h5", "--initial", initial, *options).refused()

    assert "on a grid of 4 x 4 nodes; the model has 2 on 5 x 5" in refusal(
        "run.h5", "--set", "nodes=25"
    )
    assert "use the same Deltat" in refusal("run.h5", "--set", "deltat=0.0005")
    whole = (folder / "run.h5").read_bytes()
    for size in (0, 100, len(whole) // 2, len(whole) - 1):
        (folder / "cut.h5").write_bytes(whole[:size])
        line = refusal("cut.h5")
        assert re.search("cut.h5: is (empty|truncated: it has .* bytes|HDF5 that is damaged)", line)
    with h5py.File(folder / "foreign.h5", "w") as file:
        file["data"] = np.zeros(3)
    assert "foreign.h5: is HDF5, but not a run" in refusal("foreign.h5")
    with h5py.File(folder / "run.h5", "r+") as file:
        file.attrs["complete"] = 0
    assert "run.h5: the run did not finish; run it again" in refusal("run.h5")


def test_a_refused_run_leaves_an_older_file_alone(nftsim: Command, folder: Path) -> None:
    run(nftsim)
    before = (folder / "run.h5").read_bytes()
    nftsim("run", "small.conf", "-o", "run.h5", "--set", "nodes=17").refused()
    assert (folder / "run.h5").read_bytes() == before


def test_a_run_that_diverges_ends_with_1_and_leaves_nothing(nftsim: Command) -> None:
    result = nftsim(
        *("run", "small.conf", "-o", "run.h5", "--set", "coupling.1.nu=1e308"),
        *("--set", "population.2.stimulus.mean=1e300"),
        *("--set", "coupling.2.nu=1e300"),
    )
    assert (result.code, result.out, result.files) == (1, "", set())
    assert re.search(
        r"diverged at t = .* population 1 \(Excitatory cells\) at node", result.err[-1]
    )


def test_check_says_what_running_takes(nftsim: Command) -> None:
    result = nftsim("check", "small.conf")
    assert (result.code, result.err, result.files) == (0, [], set())
    for line in (
        "small: 1 neural population, 1 input, 2 connections",
        "grid: 4 x 4 nodes; 20 steps of 0.001 s",
        "propagator 1: Courant number 0.072 (limit 0.707)",
        "output: pop.1.q, pop.1.v, propagator.1.phi; every 2 steps",
    ):
        assert line in result.out.splitlines()
    assert re.search(r"memory: about \d+ MiB", result.out)


@pytest.mark.parametrize("name", library())
def test_library_models_pass(nftsim: Command, name: str) -> None:
    result = nftsim("check", name)
    # two pulses on half a metre of cortex: the waves do come round within the run
    expected = ["waves come round the sheet"] if name == "e-erps" else []
    assert result.code == 0
    assert len(result.err) == len(expected)
    assert all(part in line for part, line in zip(expected, result.err, strict=True))


def test_steady_states_as_table_and_json(nftsim: Command) -> None:
    found = json.loads(nftsim("steady", "eirs-wake", "--json").out)
    assert found["populations"] == ["Excitatory", "Inhibitory", "Reticular", "Relay"]
    lowest = found["fixed_points"][0]
    np.testing.assert_allclose(
        lowest["Q"], [7.591590424, 7.591590424, 19.853079391, 5.055301962], atol=1e-8
    )
    assert lowest["residual"] < 1e-10
    assert "Reticular 19.85" in re.sub(" +", " ", nftsim("steady", "eirs-wake").out)


def process(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "nftsim.cli", *arguments],
        cwd=cwd, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip


def test_as_a_process(folder: Path, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(root))
    good = process("run", "small.conf", "-o", "run.h5", cwd=folder)
    assert (good.returncode, good.stdout) == (0, "")
    assert good.stderr == f"wrote run.h5 ({(folder / 'run.h5').stat().st_size / 1e3:.1f} kB)\n"
    bad = process("run", "small.conf", "-o", "bad.h5", "--set", "nodes=17", cwd=folder)
    assert (bad.returncode, bad.stdout) == (2, "")
    assert len(bad.stderr.splitlines()) == 1
    assert sorted(p.name for p in folder.iterdir()) == ["run.h5", "small.conf"]


def test_a_reader_that_leaves_early_is_no_error(
    folder: Path, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(root))
    command = f"set -o pipefail; {sys.executable} -m nftsim.cli list | head -n 1"
    found = subprocess.run(
        ["bash", "-c", command], cwd=folder, capture_output=True, text=True, check=False, timeout=60
    )
    assert (found.stdout, found.stderr, found.returncode) == ("models:\n", "", 0)


def test_a_terminated_run_leaves_nothing(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "nftsim", "run", "eirs-wake", "-o", "run.h5"]
    root = str(Path(__file__).parents[2])
    with subprocess.Popen(command, cwd=tmp_path, env={**os.environ, "PYTHONPATH": root}) as run:
        for _ in range(600):
            if (tmp_path / "run.h5.part").exists():
                break
            time.sleep(0.05)
        run.terminate()
        assert run.wait(30) == 143
    assert not list(tmp_path.iterdir())


def test_an_interrupted_run_goes_on(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "nftsim", "run", "eirs-wake", "-o", "run.h5"]
    command += ["--set", "nodes=144", "--set", "output.start=0", "--duration", "600"]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    how: dict[str, Any] = {"cwd": tmp_path, "env": environment, "stderr": subprocess.PIPE}
    with subprocess.Popen(command, text=True, **how) as run:
        for _ in range(600):
            if (tmp_path / "run.h5.part").exists():
                break
            time.sleep(0.05)
        time.sleep(2.5)  # shorter runs are not worth keeping
        run.send_signal(signal.SIGINT)
        _, said = run.communicate(timeout=30)
    assert run.returncode == 130
    assert said == "run.h5: interrupted; the same command goes on from there\n"
    assert (tmp_path / "run.h5.checkpoint").exists()
    for more in ((), ("--resume",)):
        other = subprocess.run([*command, "--seed", "2", *more], check=False, text=True, **how)
        assert other.returncode == 2
        assert "is of another run" in other.stderr
    rest = subprocess.run([*command, "--resume", "--quiet"], check=True, text=True, **how)
    assert rest.stderr == ""
    again = subprocess.run([*command, "--resume"], check=True, text=True, **how)
    assert "no checkpoint to go on from" in again.stderr
    assert [p.name for p in tmp_path.iterdir()] == ["run.h5"]


def test_duration_counts_when_settings_are_checked(nftsim: Command) -> None:
    run(nftsim, "--duration", 0.04, "--set", "output.start=0.03", output="long.h5")
    with open_run("long.h5") as file:  # the model's own time is 0.02 s
        np.testing.assert_allclose(file.time, 0.03 + np.arange(1, 6) * 0.002)
    said = nftsim("run", "small.conf", "-o", "x.h5", "--duration", 0.01, "--set", "Time=2")
    assert said.refused() == (
        "--duration 0.01 and --set Time=2 both say how long the run is; leave one of them out"
    )


@pytest.mark.parametrize("start", [0.006, 0.009, 0.01, 0.012, 0.03])
def test_output_that_would_start_too_late_starts_at_0(nftsim: Command, start: float) -> None:
    command = ["run", "small.conf", "-o", "run.h5", "--duration", 0.01]
    result = nftsim(*command, "--set", f"output.start={start}")
    assert result.code == 0
    late = start > 0.008  # rows are 0.002 s apart
    said = f"output would start at {start:g} s, its first row after the run; it starts at 0"
    assert result.err == ([f"warning: {said}"] if late else [])
    with open_run("run.h5") as file:
        assert len(file.time) == (5 if late else 2)
