"""The kinds of operations, and which of them does the step that a component declares."""

from __future__ import annotations

from dataclasses import dataclass

DENDRITE = 0
DENDRITE_INTEGRAL = 1
DENDRITE_TIMED = 2
WAVE = 3
SIGMOID = 4
COPY = 5
DRAW = 6
ADD_NOISE = 7
CLEAR = 8
ADD = 9
HARMONIC = 10
HARMONIC_INTEGRAL = 11
POLYNOMIAL = 12
BURSTING = 13
ACCUMULATE = 14
GLUTAMATE = 15
SCALE = 16
MATRIX = 17
PLASTIC = 18
PLASTIC_MATRIX = 19
GATHER = 20
ADD_FIELD = 21
TAKE = 22
DRAW_COHERENT = 23
SOMA = 24
WEIGH = 25
NOISY = 26

LAST_DENDRITE = DENDRITE_TIMED

#: What here is a size, and no operation.
SIZES = frozenset({"LAST_DENDRITE", "WIDTH", "CONSTANTS", "INPUTS", "ROWS"})
#: Integers of an operation, and the most constants that one has.
WIDTH = 12
CONSTANTS = 15
#: How many fields an operation weighs and adds up at once.
INPUTS = 3
#: Where the first row of constants that vary over the nodes is named.
ROWS = WIDTH - 1


@dataclass(frozen=True)
class Ring:
    """One quantity of a step's state: its name, how many values are kept, one per pair or node."""

    name: str
    length: int = 1
    pairs: bool = False


@dataclass(frozen=True)
class Step:
    """How a component's `step` is done: the operation, the rings of its state, its memory.

    Attributes
    ----------
    kind
        The operation.
    rings
        Its state; the first holds the result.
    reach
        How many steps behind its (delayed) input it still reads it.
    """

    kind: int
    rings: tuple[Ring, ...] = ()
    reach: int = 0


_PLASTIC = ("nu", "nutilde", "speed", "ca", "b", "h", "gnmda")

#: Steps by the name that a component declares. What other nodes read is kept for two steps; a wave,
#: which reads two of its own, for three: a loop that writes where it reads does not vectorise.
STEPS = {
    "dendrite": Step(DENDRITE, (Ring("v"), Ring("w"))),
    "dendrite integral": Step(DENDRITE_INTEGRAL, (Ring("v"), Ring("w"), Ring("input"))),
    "dendrite timed": Step(DENDRITE_TIMED, (Ring("v"), Ring("w"), Ring("beta"))),
    "sigmoid": Step(SIGMOID),
    "polynomial": Step(POLYNOMIAL),
    "bursting": Step(
        BURSTING, (Ring("xtilde"), Ring("htilde"), Ring("modtheta"), Ring("gx"), Ring("gh"))
    ),
    "glutamate": Step(GLUTAMATE, (Ring("glu", 2),)),
    "timed strength": Step(SCALE, (Ring("nu"),)),
    "matrix": Step(MATRIX, (Ring("nu", pairs=True),)),
    "plastic": Step(PLASTIC, tuple(Ring(name) for name in _PLASTIC)),
    "plastic matrix": Step(PLASTIC_MATRIX, tuple(Ring(name, pairs=True) for name in _PLASTIC)),
    "wave": Step(WAVE, (Ring("phi", 3),), reach=2),
    "wave legacy": Step(WAVE, (Ring("phi", 3),), reach=2),
    "harmonic": Step(HARMONIC, (Ring("phi", 2), Ring("slope"))),
    "harmonic integral": Step(HARMONIC_INTEGRAL, (Ring("phi", 2), Ring("slope"), Ring("input"))),
}
