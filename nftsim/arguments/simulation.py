"""Options of the commands that simulate: ``run``, ``check`` and ``verify``."""

from __future__ import annotations

import argparse

from nftsim.arguments.verb import Verb, add_json, add_model
from nftsim.notices import add_quiet


def _run(run: argparse.ArgumentParser) -> None:
    add_model(run)
    run.add_argument(
        "-o",
        "--output",
        required=True,
        metavar="RUN.h5",
        help="file to write: HDF5, or NFTsim's text if its name ends in .output or .txt",
    )
    run.add_argument(
        "--duration",
        type=float,
        metavar="S",
        help="length of the run [s] (default: the model's Time)",
    )
    run.add_argument(
        "--seed",
        type=int,
        help="seed of the noise (default: that of the --initial run, else 1)",
    )
    run.add_argument(
        "--initial", metavar="RUN.h5", help="start, at t = 0, from the end state of this run"
    )
    run.add_argument(
        "--steady",
        type=int,
        nargs="?",
        const=0,
        metavar="N",
        help="start at a fixed point, number N of 'nftsim steady --all'; without N the lowest "
        "stable one",
    )
    run.add_argument(
        "--rng",
        choices=["counter", "nftsim"],
        help="noise: 'counter', a function of seed, step and node, or 'nftsim', drawn as NFTsim "
        "draws it, with seeds from the model (Ranseed); default: that of the --initial run, else "
        "counter",
    )
    run.add_argument(
        "--threads",
        type=int,
        default=1,
        metavar="N",
        help="threads for one large sheet; no number depends on it (default 1)",
    )
    run.add_argument(
        "--no-merge",
        action="store_true",
        help="compute every connection on its own, even where several are the same",
    )
    run.add_argument(
        "--compress", choices=["gzip", "lzf"], help="compress HDF5 output (default: not at all)"
    )
    run.add_argument(
        "--single", action="store_true", help="keep HDF5 output in single precision (32 bits)"
    )
    run.add_argument(
        "--checkpoint",
        metavar="INTERVAL",
        help="keep the state every so many seconds (60s) or steps (5000); if the run is cut off, "
        "the same command goes on from there (default: 60s; 0: never)",
    )
    add_quiet(run)
    again = run.add_mutually_exclusive_group()
    again.add_argument(
        "--resume",
        action="store_true",
        help="go on from the last checkpoint, and warn if there is none (default: go on if there "
        "is one; one of another run is refused in either case)",
    )
    again.add_argument(
        "--fresh", action="store_true", help="start anew, and lose what was done before"
    )


def _check(check: argparse.ArgumentParser) -> None:
    add_model(check)
    check.add_argument(
        "--plan", action="store_true", help="say what is computed once, and what a step does"
    )


def _verify(verify: argparse.ArgumentParser) -> None:
    verify.add_argument("run", metavar="RUN.h5", help="a run in HDF5")
    verify.add_argument(
        "--seconds",
        type=float,
        default=1.0,
        metavar="S",
        help="how much of its output to compare [s], from its first row on; what comes before is "
        "run too (default: 1)",
    )
    verify.add_argument("--whole", action="store_true", help="compare all of it, and the end state")
    verify.add_argument(
        "--initial",
        metavar="RUN.h5",
        help="the run that it started from, if that is no longer where it was",
    )
    verify.add_argument(
        "--threads",
        type=int,
        default=1,
        metavar="N",
        help="threads for one large sheet; no number depends on it (default 1)",
    )
    add_json(verify, "text")


#: The commands by name.
VERBS = {
    "run": Verb(
        "simulate a model and write the run to a file",
        """
  nftsim run my-model.conf -o my-run.h5
  nftsim run eirs-wake -o wake.h5 --duration 2 --seed 7 --set nodes=400 --set output.start=0
  nftsim run eirs-wake -o next.h5 --initial wake.h5 --set nodes=400 --set output.start=0
  nftsim run eirs-wake -o high.h5 --steady 3 --duration 1 --set output.start=0
  nftsim run my-model.conf -o my-run.output --compat nftsim
""",
        _run,
    ),
    "check": Verb(
        "read a model, check it, and say what running it takes",
        """
  nftsim check my-model.conf
  nftsim check eirs-wake --set nodes=10000 --set deltat=5e-5
  nftsim check eirs-wake --plan
""",
        _check,
    ),
    "verify": Verb(
        "run the first second of a run again, and compare it bit for bit",
        """
  nftsim verify wake.h5
  nftsim verify wake.h5 --seconds 5 --json
  nftsim verify results/eirs-wake/1/main.h5 --initial results/eirs-wake/1/warmup.h5
  nftsim verify wake.h5 --whole
""",
        _verify,
    ),
}
