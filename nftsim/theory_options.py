"""Options of the commands of linear theory: ``spectrum``, ``respond`` and ``waves``."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import Any


class Once(argparse.Action):
    """Stores a value that may be given once."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: str | Sequence[Any] | None,
        option_string: str | None = None,
    ) -> None:
        """Store the value; refuse a second one."""
        del parser, option_string
        if getattr(namespace, self.dest) is not None:
            raise argparse.ArgumentError(self, "given twice; give one, or two commands")
        setattr(namespace, self.dest, values)


def spectrum(verb: argparse.ArgumentParser) -> None:
    """Add options of what a spectrum is of, where, and how it is treated."""
    verb.add_argument(
        "--trace",
        required=True,
        action=Once,
        metavar="T",
        help="of what, e.g. propagator.1.phi or pop.1.q",
    )
    verb.add_argument(
        "--frequencies", metavar="F,F,…", help="where [Hz]; or evenly spaced by the next three"
    )
    for name, default, text in (
        ("--fmin", 1.0, "first frequency [Hz]"),
        ("--fmax", 50.0, "last frequency [Hz]"),
        ("--df", 0.5, "distance of frequencies [Hz]"),
    ):
        verb.add_argument(name, type=float, metavar="F", help=f"{text} (default: {default:g})")
    verb.add_argument(
        "--k0",
        default="10",
        metavar="K",
        help="cut-off of the low pass by volume conduction exp(-k^2/k0^2) [1/m], or 'none' "
        "(default: 10)",
    )
    _treatment(verb, ["grid", "continuous", "scheme"])
    verb.add_argument(
        "--interval",
        type=float,
        metavar="S",
        help="time between samples, for the aliases of scheme [s] (default: the model's Interval)",
    )
    verb.add_argument(
        "--with",
        dest="other",
        action=Once,
        metavar="T",
        help="the cross-spectrum and coherence of both traces, in place of the power",
    )
    verb.add_argument(
        "--from",
        dest="source",
        action=Once,
        metavar="T",
        help="the transfer function from a deviation of this trace, in place of the power",
    )
    verb.add_argument(
        "--k", type=float, metavar="K", help="wavenumber of a transfer function [1/m] (default: 0)"
    )
    _form(verb)


def respond(verb: argparse.ArgumentParser) -> None:
    """Add options of a response in time."""
    verb.add_argument(
        "--trace",
        required=True,
        action=Once,
        metavar="T",
        help="of what, e.g. propagator.1.phi or pop.1.q",
    )
    verb.add_argument(
        "--impulse",
        action=Once,
        metavar="T",
        help="to an impulse of one unit times a second added to this trace, e.g. pop.5.q; times "
        "count from the impulse, at 0 (default: to the model's own stimuli, but for noise, at the "
        "times of a run)",
    )
    verb.add_argument(
        "--push", type=int, metavar="N", help="node that the impulse is at (default: all nodes)"
    )
    verb.add_argument(
        "--node", default="1", metavar="N,N,…", help="nodes where it is read (default: 1)"
    )
    verb.add_argument(
        "--duration", type=float, metavar="S", help="how long [s] (default: the model's Time)"
    )
    verb.add_argument(
        "--interval", type=float, metavar="S", help="between values [s] (default: every step)"
    )
    _treatment(verb, ["grid", "continuous", "scheme"])
    _form(verb)


def waves(verb: argparse.ArgumentParser) -> None:
    """Add options of a dispersion relation."""
    for name, default, text in (
        ("--kmin", 0.0, "first wavenumber"),
        ("--kmax", 60.0, "last wavenumber"),
        ("--dk", 5.0, "distance of wavenumbers"),
    ):
        verb.add_argument(
            name,
            type=float,
            default=default,
            metavar="K",
            help=f"{text} [1/m] (default: {default:g})",
        )
    verb.add_argument(
        "--branches", type=int, default=3, metavar="N", help="how many, slowest first (default: 3)"
    )
    _treatment(verb, ["continuous", "grid"])
    _form(verb)


def _treatment(verb: argparse.ArgumentParser, choices: list[str]) -> None:
    texts = {
        "grid": "the equations with the Laplacian of the simulation's grid",
        "continuous": "the equations",
        "scheme": "the simulation's steps themselves",
    }
    verb.add_argument(
        "--wavenumbers",
        choices=choices,
        default=choices[0],
        help="; ".join(f"{name}: {texts[name]}" for name in choices) + f" (default: {choices[0]})",
    )
    verb.add_argument(
        "--at",
        type=int,
        metavar="ROOT",
        help="around which fixed point, by its number in 'nftsim steady' (default: the lowest "
        "stable one)",
    )


def _form(verb: argparse.ArgumentParser) -> None:
    form = verb.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="print JSON instead of a table")
    form.add_argument("--csv", action="store_true", help="print CSV instead of a table")
