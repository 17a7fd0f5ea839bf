"""Mutilated text: what a careless editor, a broken disk or a hostile mind makes of a file."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence

#: Numbers that are none, too large, too small, or not what they seem.
NUMBERS = [
    *(
        "0",
        "-0",
        "-1",
        "1",
        "2",
        "7",
        "1.5",
        "1e-320",
        "1e308",
        "-1e308",
        "1e999",
        "1e300",
        "1e-300",
    ),
    *(
        "1000000000000",
        "99999999999999999999",
        "9" * 240,
        "9" * 5000,
        "0." + "3" * 4999,
        "1e" + "9" * 90,
    ),
    *(
        "nan",
        "inf",
        "-inf",
        "NaN",
        "Infinity",
        "1,5",
        "0x10",
        "1_000",
        "1e",
        "e5",
        "+",
        "+-3",
        "1.2.3",
    ),
    *("٣", "²", "Ⅷ", "½", "−1", "–5", "1 ms", "5 Hz", "1 2 3 4 5 6 7 8 9", "1 " * 400, "nan nan"),
]
#: Words of the format in places where they do not belong, and what is no text at all.
WORDS = [
    *(
        "",
        "-",
        "--",
        ":",
        "::",
        '"',
        '""',
        '"a b',
        "#",
        "//",
        "%",
        "=",
        "\\",
        "..",
        "../../etc/passwd",
    ),
    *(
        "/dev/zero",
        "/dev/stdin",
        "/",
        "~",
        "~root",
        "*",
        "$HOME",
        "\x00",
        "\x1b[2J",
        "\u2028",
        "\u202e",
    ),
    *(
        "\ufeff",
        "\r",
        "\r\n",
        "\x0b",
        "\x0c",
        "\x85",
        "\xa0",
        "\U0001f9e0",
        "\ud800",
        "x" * 249,
        "y" * 9000,
    ),
    *(
        "all",
        "All",
        "Steady",
        "5.phi",
        "1.q.2",
        "1.",
        "1..phi",
        "99",
        "1.nu.999999999",
        "1.phi.\x00",
    ),
    *("Time: 1e300", "Time: 1e-300", "Deltat: 1e-300", "Deltat: 1e300", "Nodes: 1000000000000"),
    *("Nodes: 100000000", "Nodes: 0", "Longside nodes: 7", "Longside nodes: 0", "Topology: Sphere"),
    *("Connection matrix:", "From: 1 2 3", "To 2:", "To 999999999: 1", "To 0:", "Population 1:"),
    *(
        "Population 0:",
        "Population 999999999: x",
        "Population:",
        "Dendrite 3:",
        "Coupling 1:",
        "Firing:",
    ),
    *("Propagator", "Propagator 1: Wave - Tau: 1e6 Range: 1e-9 gamma: 1e300", "Function: Sigmoid"),
    *(
        "Function:",
        "Sigmoid",
        "Linear",
        "Quadratic",
        "Cubic",
        "Bursting",
        "GlutamateResponse",
        "Stimulus:",
    ),
    *(
        "Superimpose: 3",
        "Superimpose: 1e9",
        "White",
        "WhiteCoherent",
        "PAS",
        "Burst",
        "Data",
        "Const -",
    ),
    *(
        "PulseSine",
        "PulseRect - Pulses: 1e12",
        "Pulses: 1000000000000",
        "Frequency: 0",
        "Ranseed: -1",
    ),
    *(
        "File: /dev/zero",
        "File: .",
        "Dataset: ..",
        "Interval: 1e-300",
        "Interval: 1e300",
        "Start: 1e300",
    ),
    *(
        "Map",
        "Wave",
        "WaveLegacy",
        "Harmonic",
        "Matrix",
        "Ramp -",
        "BCM",
        "CaDP",
        "CaDP-Spatial",
        "DiffArctan",
    ),
    *(
        "Tau: 1e300",
        "Tau: 1e9",
        "Tau: 0",
        "Tau: " + "0.01 " * 300,
        "nu: " + "1e-4 " * 300,
        "Length: 1e-300",
    ),
    *("Q: 1e300", "Qmax: 0", "Sigma: 0", "gamma: 0", "Range: 0", "velocity: 1e300", "N20 width: 1"),
    *(
        "Output:",
        "Output: Node: 0",
        "Node: 999999999",
        "Node: " + "1 " * 500,
        "Interval: 0",
        "Coupling: 1",
    ),
]
#: Bytes that text rarely has.
BYTES = [
    b"\x00",
    b"\xff",
    b"\xfe\xff",
    b"\xc3",
    b"\xed\xa0\x80",
    b"\xef\xbb\xbf",
    b"\x80" * 9,
    b"\x1a",
    b"\r",
]
_WORD = re.compile(rb"\S+")
_NUMBER = re.compile(rb"[-+]?[0-9.]+(e[-+]?[0-9]+)?\Z", re.IGNORECASE)


def mutant(content: bytes, others: Sequence[bytes], rng: random.Random) -> bytes:
    """Return content with one to a dozen bytes, words or lines changed.

    Parameters
    ----------
    content
        A file.
    others
        Files from which words and lines may be taken.
    rng
        What draws.
    """
    for _ in range(rng.choice((1, 1, 1, 1, 2, 2, 3, 5, 12))):
        kind = rng.choice((_bytes, _words, _words, _words, _lines))
        content = kind(content, others, rng)
    return content


def _bytes(content: bytes, others: Sequence[bytes], rng: random.Random) -> bytes:
    """Change single bytes and stretches of them."""
    at = rng.randrange(len(content) + 1)
    stop = min(len(content), at + rng.choice((1, 1, 2, 8, 80, 800)))
    piece = content[at:stop]
    put = rng.choice(
        (
            b"",
            piece * 2,
            piece[::-1],
            rng.randbytes(len(piece)),
            rng.choice(BYTES),
            bytes(b ^ 1 << rng.randrange(8) for b in piece[:1]) + piece[1:],
            piece.swapcase(),
        )
    )
    if rng.random() < 0.03:
        return content[:at]
    return content[:at] + put + content[stop:]


def _words(content: bytes, others: Sequence[bytes], rng: random.Random) -> bytes:
    """Change a word: for another one, or a number a little or a lot."""
    found = [*_WORD.finditer(content)]
    if not found:
        return content
    match = rng.choice(found)
    word = match.group()
    strange = rng.choice(rng.choice((NUMBERS, WORDS))).encode("utf-8", "surrogatepass")
    elsewhere = rng.choice(_WORD.findall(rng.choice(others)))
    put = rng.choice((b"", word + b" " + word, strange, strange, word + b" " + strange, elsewhere))
    if _NUMBER.match(word) and rng.random() < 0.5:
        put = rng.choice(
            (
                word + b"e%d" % rng.randrange(-330, 330),
                b"-" + word,
                word + rng.randbytes(1).hex().encode(),
                word.replace(b".", rng.choice((b",", b"", b". ", b".."))),
                b"%d" % rng.randrange(10 ** rng.randrange(1, 20)),
                b"%.17g" % (rng.random() * 10.0 ** rng.randrange(-12, 12)),
            )
        )
    start, stop = match.span()
    if rng.random() < 0.1:  # glue it to the next
        stop += len(content[stop:]) - len(content[stop:].lstrip())
    return content[:start] + put + content[stop:]


def _lines(content: bytes, others: Sequence[bytes], rng: random.Random) -> bytes:
    """Drop, repeat, move, join or borrow lines."""
    lines = content.split(b"\n")
    at, to = rng.randrange(len(lines)), rng.randrange(len(lines))
    kind = rng.randrange(6)
    if kind == 0:
        del lines[at : at + rng.choice((1, 1, 2, 9))]
    elif kind == 1:
        lines[to:to] = lines[at : at + rng.choice((1, 1, 2, 9))]
    elif kind == 2:
        lines[at], lines[to] = lines[to], lines[at]
    elif kind == 3:
        lines[at : at + 2] = [b" ".join(lines[at : at + 2])]
    elif kind == 4:
        lines[at] = rng.choice(rng.choice(others).split(b"\n"))
    else:
        lines.insert(to, rng.choice(rng.choice(others).split(b"\n")))
    return b"\n".join(lines)
