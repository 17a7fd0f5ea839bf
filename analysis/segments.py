"""Pieces of a record: how many there are, where they begin, and whether there is enough of it."""

from __future__ import annotations

import math

from nftsim.errors import NftsimError


def segments(
    samples: int,
    count: int = 1,
    *,
    overlap: float = 0.0,
    even: bool = False,
    equal: bool = False,
) -> list[slice]:
    """Divide a record into pieces, as ``nf.partition`` does.

    A piece has ⌊samples / (1 + (count − 1)(1 − overlap))⌋ samples.

    Parameters
    ----------
    samples
        Samples of the record.
    count
        How many pieces.
    overlap
        Share of a piece that the next one has too, from 0 to below 1.
    even
        Whether pieces have an even number of samples.
    equal
        Whether all have as many; else the last one goes on to the end of the record.

    Returns
    -------
    list of slice
        `count` of them.

    Raises
    ------
    NftsimError
        If there are fewer samples than pieces need, or the overlap is not from 0 to below 1.
    """
    if not 0 <= overlap < 1:
        raise NftsimError(f"segments: overlap {overlap:g}; it is a share from 0 to below 1")
    if count < 1:
        raise NftsimError(f"segments: {count} of them asked for; there is at least one")
    step = 1 - overlap
    length = math.floor(samples / (1 + (count - 1) * step))
    if even:
        length = length // 2 * 2
    if length < 1:
        raise NftsimError(
            f"segments: {samples} samples are too few for {count} segments. "
            "Ask for fewer, or run for longer."
        )
    pieces = []
    for i in range(count):
        first = math.floor(i * length * step)
        pieces.append(slice(first, first + length))
    if not equal:
        pieces[-1] = slice(pieces[-1].start, samples)
    return pieces


def piece(samples: int, interval: float, length: float, what: str) -> int:
    """Return the samples of a piece of a length in seconds: an even number of 8 or more.

    Parameters
    ----------
    samples
        Samples that there are.
    interval
        Time between them [s].
    length
        Length of a piece [s]; the resolution in frequency is its inverse.
    what
        What is asked for, for the message.

    Returns
    -------
    int

    Raises
    ------
    NftsimError
        If the record is shorter than a piece, or a piece has fewer than 8 samples.
    """
    wanted = 2 * round(length / interval / 2)
    if wanted < 8:
        raise NftsimError(
            f"{what}: a segment of {length:g} s is {wanted} samples of {interval:g} s; "
            f"it needs 8 or more. Take {8 * interval:g} s or more."
        )
    if samples < wanted:
        shorter = f"Ask for segments of {samples // 2 * 2 * interval:g} s or less, or run"
        raise NftsimError(
            f"{what}: a resolution of {1 / length:.3g} Hz needs segments of {length:g} s, and the "
            f"record has {samples * interval:g} s. {shorter if samples >= 8 else 'Run'} for longer."
        )
    return wanted
