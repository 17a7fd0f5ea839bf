"""Options of the commands of theory: fixed points, branches, spectra, responses, waves."""

from __future__ import annotations

import argparse

from nftsim import theory_options
from nftsim.arguments.verb import Verb, add_forms, add_json, add_model


def _steady(steady: argparse.ArgumentParser) -> None:
    add_model(steady)
    add_json(steady, "text")
    steady.add_argument(
        "--all",
        action="store_true",
        help="show all fixed points (default: the lowest stable one, and how many others there "
        "are; JSON always has all)",
    )
    steady.add_argument(
        "--simulate",
        action="store_true",
        help="also say which states simulations from random rates reach",
    )
    steady.add_argument(
        "--starts", type=int, metavar="N", help="how many simulations (default: 32)"
    )


def _branches(branches: argparse.ArgumentParser) -> None:
    add_model(branches, compat=False)
    branches.add_argument(
        "--parameter",
        required=True,
        metavar="PATH",
        help="what varies, by dotted path; several with commas between take the same value",
    )
    for name, dest, text in (("--from", "low", "lowest"), ("--to", "high", "highest")):
        branches.add_argument(
            name, dest=dest, type=float, required=True, metavar="A", help=f"{text} value of it"
        )
    branches.add_argument(
        "--samples",
        type=int,
        default=9,
        metavar="N",
        help="at how many values all fixed points are sought, to find every branch (default: 9)",
    )
    branches.add_argument(
        "--no-stability",
        action="store_true",
        help="fixed points and folds alone, which is faster; so is --set nodes=1, where stability "
        "is judged against uniform changes (k = 0) alone",
    )
    add_forms(branches)


def _map(map_: argparse.ArgumentParser) -> None:
    add_model(map_, compat=False)
    for axis in ("--x", "--y"):
        map_.add_argument(
            axis,
            nargs=4,
            required=True,
            metavar=("PATH", "FROM", "TO", "N"),
            help=f"parameter along {axis[2:]}, its lowest and highest value, and how many",
        )
    add_forms(map_)


def _spectrum(spectrum: argparse.ArgumentParser) -> None:
    add_model(spectrum)
    theory_options.spectrum(spectrum)


def _respond(respond: argparse.ArgumentParser) -> None:
    add_model(respond)
    theory_options.respond(respond)


def _waves(waves: argparse.ArgumentParser) -> None:
    add_model(waves, compat=False)
    theory_options.waves(waves)


#: The commands by name.
VERBS = {
    "steady": Verb(
        "find the fixed points of a model, and whether they are stable",
        """
  nftsim steady eirs-wake
  nftsim steady eirs-wake --all
  nftsim steady eirs-wake --set coupling.1.nu=0.0015 --json
  nftsim steady eirs-wake --simulate --starts 16
""",
        _steady,
    ),
    "branches": Verb(
        "follow the fixed points of a model along a parameter",
        """
  nftsim branches eirs-wake --parameter coupling.9.nu --from 0 --to 0.006
  nftsim branches eirs-wake --parameter coupling.3.nu,coupling.6.nu --from 0 --to 2e-3 --csv
  nftsim branches eirs-wake --parameter coupling.9.nu --from 0 --to 0.006 --set nodes=1 --json
""",
        _branches,
    ),
    "map": Verb(
        "count the fixed points of a model over two parameters",
        """
  nftsim map eirs-wake --x coupling.9.nu 0 0.006 25 --y coupling.10.nu -0.003 0 13 --set nodes=1
  nftsim map my-model.conf --x coupling.1.nu 0 1e-3 9 --y population.1.firing.theta .01 .02 9 --csv
""",
        _map,
    ),
    "spectrum": Verb(
        "compute the power spectrum that linear theory gives a model",
        """
  nftsim spectrum eirs-wake --trace propagator.1.phi --frequencies 1,2,5,10
  nftsim spectrum eirs-wake --trace propagator.1.phi --fmin 1 --fmax 45 --df 0.25 --csv
  nftsim spectrum my-model.conf --trace pop.1.q --k0 none --wavenumbers scheme --json
  nftsim spectrum eirs-wake --trace propagator.1.phi --with pop.4.q
  nftsim spectrum eirs-wake --trace propagator.1.phi --from pop.5.q --k 20
""",
        _spectrum,
    ),
    "respond": Verb(
        "compute what small stimuli evoke in a model, by linear theory",
        """
  nftsim respond e-erps --trace propagator.1.phi --node 2000,2097 --csv
  nftsim respond eirs-wake --trace propagator.1.phi --impulse pop.5.q --duration 0.5
""",
        _respond,
    ),
    "waves": Verb(
        "compute frequency and damping of a model's own waves, along k",
        """
  nftsim waves eirs-wake
  nftsim waves eirs-spindle --kmax 30 --dk 1 --branches 2 --csv
""",
        _waves,
    ),
}
