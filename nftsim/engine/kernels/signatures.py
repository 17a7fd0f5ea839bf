"""What goes into the kernels that are called from outside, and comes back."""

from __future__ import annotations

from dataclasses import dataclass

#: Numbers of a gate (see `nftsim.engine.kernels.gate`).
GATE = 3
#: Words of the state of a generator of NFTsim's (see `nftsim.engine.kernels.mersenne`).
WORDS = 315


@dataclass(frozen=True)
class Argument:
    """A whole number, or an array (in C order) of so many dimensions.

    `dtype` is numpy's; of numbers ``i8`` or ``u8``.
    """

    name: str
    dtype: str = "i8"
    dimensions: int = 0


@dataclass(frozen=True)
class Signature:
    """Arguments in order, and how many whole numbers are returned."""

    arguments: tuple[Argument, ...]
    results: int = 0


SIGNATURES = {
    "advance": Signature(
        (
            Argument("ops", "i8", 2),
            Argument("coefs", "f8", 2),
            Argument("rings", "i8", 2),
            Argument("fields", "f8", 2),
            Argument("params", "f8", 2),
            Argument("delays", "i8", 2),
            Argument("grid", "i8", 1),
            Argument("block"),
            Argument("clock"),
            Argument("steps"),
            Argument("waveforms", "f8", 2),
            Argument("tables", "f8", 3),
            Argument("keys", "u8", 1),
            Argument("numbers", "u8", 1),
            Argument("traces", "i8", 2),
            Argument("nodes", "i8", 1),
            Argument("until_row"),
            Argument("interval"),
            Argument("out", "f8", 3),
            Argument("thread"),
            Argument("threads"),
            Argument("gate", "i8", 1),
            Argument("sums", "f8", 2),
        ),
        results=3,
    ),
    "seed": Signature((Argument("state", "u8", 1), Argument("value", "u8"))),
    "fill": Signature(
        (Argument("state", "u8", 1), Argument("active", "b1", 1), Argument("table", "f8", 2))
    ),
}
